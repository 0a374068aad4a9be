"""Two executions of one exercise compared joint by joint, as A. Calamea's article plots them.

    OUT/comparison.html    a plot of both heights over time for each joint, and the table
    OUT/comparison.json    the same figures

For each joint two distances: the article's, of heights in pixels, each joint warped on its own; and
ours, of places in torso lengths from the hips, root mean square along one path that all joints
share, so that a joint that comes late is seen as late.
"""

from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

import numpy as np

from export.files import new_folder, write_json
from motions.errors import FormbenchError
from scoring.evaluation.charts import lines
from scoring.methods.dtw import align
from scoring.methods.dtw_similarity import (
    ARTICLE_LINE_PX,
    RADIUS,
    article_distances_px,
    flat,
    heights_px,
)
from scoring.methods.references import TOO_LITTLE, comparable, shown
from scoring.poses import PoseSequence

SCHEMA = "formbench.comparison/1"


@dataclass(frozen=True)
class JointComparison:
    """How far one joint is off."""

    joint: str
    article_px: float | None
    """None where either recording does not show it throughout."""
    torso: float | None
    """Likewise."""


@dataclass(frozen=True)
class Comparison:
    """Two executions compared."""

    joints: tuple[JointComparison, ...]
    median_px: float
    """The article's figure: below 30 it calls the execution good."""
    torso: float
    """Ours, over all joints that both show."""
    tempo: float
    """How much longer the second takes than the first, 1 for as long."""


def compare(a: PoseSequence, b: PoseSequence) -> Comparison:
    """Compare two executions, each cut to what is compared.

    Raises:
        FormbenchError: Their keypoints are of different conventions, not in pixels, or less than
            half of them are seen throughout in both.
    """
    if a.convention_name != b.convention_name:
        raise FormbenchError(
            f"compare: expected two of one convention, got {a.convention_name} and "
            f"{b.convention_name}"
        )
    article_px = article_distances_px(heights_px(a), heights_px(b))
    ours = comparable(a), comparable(b)
    both = shown(ours[0]) & shown(ours[1])
    if 2 * both.sum() < len(both):
        raise FormbenchError(f"compare: {TOO_LITTLE}")
    i, j = align(flat(ours[0], both), flat(ours[1], both), RADIUS).path.T
    off = np.sqrt(((ours[0][i] - ours[1][j]) ** 2).sum(axis=-1).mean(axis=0))
    return Comparison(
        joints=tuple(
            JointComparison(name, _number(px), _number(d) if seen else None)
            for name, px, d, seen in zip(
                a.convention.keypoint_names, article_px, off, both, strict=True
            )
        ),
        median_px=float(np.nanmedian(article_px)),
        torso=float(np.sqrt((off[both] ** 2).mean())),
        tempo=b.duration_s / a.duration_s,
    )


def write_comparison(
    a: PoseSequence, b: PoseSequence, out: Path, names: tuple[str, str]
) -> Comparison:
    """Compare two executions and write the page and the figures into a new folder."""
    found = compare(a, b)
    with new_folder(out) as folder:
        write_json({"schema": SCHEMA, "names": list(names), **asdict(found)},
                   folder / "comparison.json")  # fmt: skip
        (folder / "comparison.html").write_text(_page(a, b, found, names), encoding="utf-8")
    return found


def _page(a: PoseSequence, b: PoseSequence, found: Comparison, names: tuple[str, str]) -> str:
    style = (Path(__file__).parent / "evaluation" / "report.css").read_text(encoding="utf-8")
    heights = [-comparable(s)[..., 1] for s in (a, b)]
    panels = "".join(
        f"<figure>{lines([h[:, k] for h in heights], 'torso lengths above the hips', joint.joint)}"
        f"<figcaption>{_title(joint.joint)}</figcaption></figure>"
        for k, joint in enumerate(found.joints)
        if joint.torso is not None
    )
    rows = "".join(
        f"<tr><th>{_title(joint.joint)}</th>{_cell(joint.article_px, 1)}"
        f"{_cell(joint.torso, 3)}</tr>"
        for joint in found.joints
    )
    first, second = (escape(name) for name in names)
    verdict = "good" if found.median_px < ARTICLE_LINE_PX else "not good"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{first} and {second}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<h1>{first} and {second}</h1>\n"
        f'<p class="lead">The joints are {found.torso:.3f} torso lengths apart along the way, '
        f"and the second takes {found.tempo:.2f} times as long. By the article's rule, a median "
        f"of {found.median_px:.1f} px against {ARTICLE_LINE_PX:g} px, it is {verdict}; pixels "
        "depend on the camera and on the person's height.</p>\n"
        f'<ul class="legend"><li><span class="name s0">{first}</span></li>'
        f'<li><span class="name s1">{second}</span></li></ul>\n'
        f'<h2>Height of each joint over the repetition</h2>\n<div class="panels">{panels}</div>\n'
        "<h2>Distances</h2>\n<table><thead><tr><th>Joint</th><th>Article, px</th>"
        f"<th>Ours, torso lengths</th></tr></thead><tbody>{rows}</tbody></table>\n"
        "</body>\n</html>\n"
    )


def _title(joint: str) -> str:
    return joint.replace("_", " ").capitalize()


def _cell(value: float | None, digits: int) -> str:
    return f'<td class="number">{"&ndash;" if value is None else f"{value:.{digits}f}"}</td>'


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
