"""More charts as SVG: curves in the unit square, and a skeleton that moves without a script."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from scoring.evaluation.charts import N_COLOURS, svg, text
from scoring.poses import PoseSequence

_FRAME_PX = 130.0
_MARGIN_PX = 8.0
_FRAMES_SHOWN = 24


class Curve(NamedTuple):
    """A line through points of the unit square."""

    series: int
    xs: Sequence[float]
    ys: Sequence[float]
    told: str
    """What a pointer on it is told."""


def unit_square(
    curves: Sequence[Curve], axes: tuple[str, str], told: str, *, level: float | None = None,
    diagonal: bool = False,
) -> str:  # fmt: skip
    """Draw curves over 0 to 1, values from 0 to 1.

    Args:
        curves: What to draw.
        axes: What is across and what is upwards.
        told: What the chart is, for those who hear the page.
        level: Where a dashed line goes across.
        diagonal: Whether one goes from corner to corner.
    """
    left, top, width, height = 34, 14, 190, 120
    drawn = [f'<rect class="frame" x="{left}" y="{top}" width="{width}" height="{height}"/>']
    if level is not None:
        drawn.append(f'<path class="chance" d="M{left} {top + height * (1 - level):g}h{width}"/>')
    if diagonal:
        drawn.append(f'<path class="chance" d="M{left} {top + height}l{width} {-height}"/>')
    for value in (0, 1):
        drawn.append(text(left - 5, top + height * (1 - value), f"{value}", "side"))
        drawn.append(text(left + width * value, top + height + 12, f"{value}", "tick"))
    drawn.append(text(left + width / 2, top + height + 12, axes[0], "tick"))
    drawn.append(text(left + width / 2, 6, axes[1], "tick"))
    for curve in curves:
        at = zip(curve.xs, curve.ys, strict=True)
        points = " ".join(f"{left + width * x:.1f},{top + height * (1 - y):.1f}" for x, y in at)
        drawn.append(
            f'<g class="s{curve.series % N_COLOURS}"><title>{escape(curve.told)}</title>'
            f'<polyline class="curve" points="{points}"/></g>'
        )
    return svg(left + width + 14, top + height + 20, told, drawn)


def replay(sequence: PoseSequence, told: str) -> str:
    """Draw a skeleton that does what was seen, over and over, at its own pace.

    A bone with a point that is missing in some frame is not drawn in that frame.
    """
    points = sequence.keypoints[..., :2]
    shown = ~np.isnan(points[..., 0])
    if not shown.any():
        return svg(_FRAME_PX, _FRAME_PX, told, [text(20, 60, "nobody is seen", "label")])
    low, high = points[shown].min(axis=0), points[shown].max(axis=0)
    scale = (_FRAME_PX - 2 * _MARGIN_PX) / max(float((high - low).max()), 1e-9)
    placed = _MARGIN_PX + (points - low) * scale
    frames = np.unique(np.linspace(0, len(points) - 1, _FRAMES_SHOWN).round().astype(int))
    paths = [_bones(placed[frame], sequence) for frame in frames]
    drawn = (
        f'<path class="bones" d="{paths[0]}"><animate attributeName="d" calcMode="discrete" '
        f'dur="{sequence.duration_s:.2f}s" repeatCount="indefinite" values="{";".join(paths)}"/>'
        "</path>"
    )
    return svg(_FRAME_PX, _FRAME_PX, told, [drawn])


def _bones(points: np.ndarray, sequence: PoseSequence) -> str:
    """Return the bones of one frame as a path; a point of no length where none is seen."""
    parts = [
        f"M{points[a, 0]:.0f} {points[a, 1]:.0f}L{points[b, 0]:.0f} {points[b, 1]:.0f}"
        for a, b in sequence.convention.bone_indices
        if not np.isnan(points[[a, b]]).any()
    ]
    return "".join(parts) or "M0 0"
