"""A recording's repetitions and verdicts as a page that needs no server.

    OUT/report.html      verdicts, angles over time with the repetitions shaded, the farthest joints
    OUT/score.json       the same figures
    OUT/annotated.mp4    the video with what was seen, where there is one
    OUT/poses.js         the person in space, where that is known, and
    OUT/viewer.js        what draws them

A page opened from a disk may load scripts but no other data, so the poses are a script.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path

import numpy as np

from export.files import new_folder, write_json
from scoring.annotate import seen_angles_deg, write_annotated
from scoring.evaluation.charts import lines
from scoring.methods.angles import MAIN_ANGLES
from scoring.pipeline import JudgedRepetition
from scoring.poses import PoseSequence
from scoring.sources import Recording

SCHEMA = "formbench.score/1"
FILES = ("report.html", "score.json", "annotated.mp4", "poses.js", "viewer.js")
N_FARTHEST = 8
"""So many joints are in the table of distances."""
VIEWER = Path(__file__).parent / "page" / "viewer.js"


def write_score_report(
    judged: Sequence[JudgedRepetition],
    recording: Recording,
    out: Path,
    title: str,
    compared_with: str,
    on_frame: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write the page and what it needs into a new folder.

    Args:
        judged: The repetitions in order.
        recording: What they are of.
        out: A new or empty folder.
        title: What is shown.
        compared_with: What the repetitions were held against, see `against`.
        on_frame: Is told how many frames of how many are annotated.

    Raises:
        FormbenchError: Something is in `out` already.
    """
    poses = recording.poses
    about = {"title": title, "exercise": poses.exercise, "against": compared_with}
    with new_folder(out) as folder:
        told = [{"number": r.number, **asdict(r.span), **asdict(r.verdict)} for r in judged]
        write_json({"schema": SCHEMA, **about, "repetitions": told}, folder / "score.json")
        if recording.video is not None:
            write_annotated(recording.video, poses, judged, folder / "annotated.mp4", on_frame)
        if recording.space is not None:
            (folder / "poses.js").write_text(_script(recording.space), encoding="utf-8")
            shutil.copyfile(VIEWER, folder / "viewer.js")
        page = _page(judged, recording, about)
        (folder / "report.html").write_text(page, encoding="utf-8")


def against(references: Sequence[Path]) -> str:
    """Say what repetitions are compared with."""
    return ", ".join(path.name for path in references) or "the first of them"


def farthest(rep: JudgedRepetition, n: int) -> list[str]:
    """Return the names of the n joints that are farthest off, the farthest first."""
    distances = rep.verdict.joint_distances
    return sorted((j for j in distances if distances[j] > 0), key=lambda j: -distances[j])[:n]


def _script(space: PoseSequence) -> str:
    frames = [
        [None if np.isnan(p[0]) else [round(float(c), 3) for c in p] for p in points]
        for points in space.keypoints
    ]
    told = {
        "fps": space.fps,
        "names": space.convention.keypoint_names,
        "bones": space.convention.bone_indices,
        "frames": frames,
    }
    return f"showPoses({json.dumps(told, separators=(',', ':'))});\n"


def _page(judged: Sequence[JudgedRepetition], recording: Recording, about: dict[str, str]) -> str:
    style = (Path(__file__).parent / "evaluation" / "report.css").read_text(encoding="utf-8")
    title = escape(about["title"])
    what = f"{_repetitions(len(judged))} of {_words(about['exercise'] or 'an exercise')}"
    poses, space = recording.poses, recording.space is not None
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}table {{ margin-bottom: 1rem }}\n</style>\n"
        f"</head>\n<body>\n<h1>{title}</h1>\n"
        f'<p class="lead">{escape(what)}, compared with {escape(about["against"])}.</p>\n'
        f"{_verdicts(judged, poses.fps)}"
        f'<div class="panels">{_VIDEO if recording.video else ""}{_SPACE if space else ""}</div>\n'
        f"{_curves(judged, poses)}{_distances(judged)}"
        f"{_SCRIPTS if space else ''}</body>\n</html>\n"
    )


_VIDEO = '<figure><video src="annotated.mp4" controls width="320"></video></figure>\n'
_SPACE = (
    '<figure><canvas id="space" width="320" height="420" role="img" '
    'aria-label="The person in space; arrow keys turn them"></canvas>\n'
    '<figcaption><button id="play" type="button">Play</button> '
    '<input id="frame" type="range" min="0" value="0" aria-label="Frame"> '
    '<output id="where"></output></figcaption></figure>\n'
)
_SCRIPTS = '<script src="viewer.js"></script>\n<script src="poses.js"></script>\n'


def _verdicts(judged: Sequence[JudgedRepetition], fps: float) -> str:
    rows = "".join(
        f'<tr><th><button type="button" data-start="{round(rep.span.start_s * fps)}">'
        f"Repetition {rep.number}</button></th>"
        f"{_number(rep.span.start_s, 2)}{_number(rep.span.end_s, 2)}{_score(rep)}"
        f"<td>{escape(', '.join(_words(joint) for joint in farthest(rep, 3)))}</td>"
        f"<td>{escape(str(rep.verdict.advice or ', '.join(_faults(rep))))}</td></tr>"
        for rep in judged
    )
    return (
        "<table><thead><tr><th>Repetition</th><th>From, s</th><th>To, s</th><th>Score</th>"
        "<th>Verdict</th><th>Farthest off</th><th>Advice</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>\n"
    )


def _score(rep: JudgedRepetition) -> str:
    verdict = rep.verdict
    if verdict.score is None:
        return f'<td></td><td class="soft">{escape(verdict.abstained)}</td>'
    word, style = {True: ("good", "good"), False: ("not good", "chance"), None: ("", "")}[
        verdict.good
    ]
    return f'{_number(verdict.score, 0)}<td class="{style}">{word}</td>'


def _faults(rep: JudgedRepetition) -> list[str]:
    severities = rep.verdict.fault_severities
    return [_words(f.partition(".")[2] or f) for f in severities if severities[f] >= 0]


def _curves(judged: Sequence[JudgedRepetition], recording: PoseSequence) -> str:
    angles_deg = seen_angles_deg(recording).round(1)  # "0.012" is no label for an axis
    spans = [
        (rep.span.start_s / recording.duration_s, rep.span.end_s / recording.duration_s)
        for rep in judged
    ]
    names = list(MAIN_ANGLES)
    panels = ""
    for joint in dict.fromkeys(name.partition("_")[2] for name in names):
        both = [angles_deg[:, names.index(f"{side}_{joint}")] for side in ("left", "right")]
        drawn = lines(
            both, f"degrees over {recording.duration_s:.1f} s", f"Angle of the {joint}s",
            marked=spans, width=700,
        )  # fmt: skip
        panels += f"<figure>{drawn}<figcaption>{joint.capitalize()}</figcaption></figure>\n"
    return (
        "<h2>Angles of the main joints</h2>\n"
        '<ul class="legend"><li><span class="name s0">left</span></li>'
        '<li><span class="name s1">right</span></li><li class="soft">repetitions shaded</li></ul>\n'
        f"{panels}"
    )


def _distances(judged: Sequence[JudgedRepetition]) -> str:
    """Tabulate the joints that are farthest off in any repetition."""
    worst: dict[str, float] = {}
    for rep in judged:
        for joint, distance in rep.verdict.joint_distances.items():
            worst[joint] = max(distance, worst.get(joint, 0.0))
    joints = sorted((j for j in worst if worst[j] > 0), key=lambda j: -worst[j])[:N_FARTHEST]
    if not joints:
        return ""
    heads = "".join(f"<th>{rep.number}</th>" for rep in judged)
    rows = "".join(
        f"<tr><th>{_words(joint).capitalize()}</th>"
        + "".join(_number(rep.verdict.joint_distances.get(joint), 3) for rep in judged)
        + "</tr>"
        for joint in joints
    )
    return (
        "<h2>How far the joints are off</h2>\n"
        '<div class="scroll"><table><caption>By repetition, in the unit of the scorer</caption>'
        f"<thead><tr><th>Joint</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>\n"
    )


def _number(value: float | None, digits: int) -> str:
    return f'<td class="number">{"" if value is None else f"{value:.{digits}f}"}</td>'


def _words(name: str) -> str:
    return name.replace("_", " ")


def _repetitions(n: int) -> str:
    return f"{n} repetition" + ("" if n == 1 else "s")
