"""The one place where Label Studio's frames, percents and stars become seconds, pixels and sizes.

Label Studio counts frames from 1 and includes both ends of a range: its frames 5 to 20 are the
sixteen frames 4 to 19 here, the span [4 / fps, 20 / fps). Points are percents of the image's width
and height from its top-left corner. Both ways are exact: a span made of whole frames and a point
given to the millionth of a pixel come back to the bit.
"""

import numpy as np

from labeling.interface import MAX_RATING
from motions.errors import FormbenchError
from motions.motion import Span
from simulator.faults.spec import FaultSpan, FaultSpec

PX_DECIMALS = 6
"""Points are kept to this many decimals, far below what a hand can place."""


def to_range(span: Span, fps: float, n_frames: int) -> tuple[int, int]:
    """Return the first and the last frame of a span, counted from 1.

    >>> to_range(Span(0.4, 2.0), 10.0, 100)
    (5, 20)
    """
    frames = span.frames(fps, n_frames)
    if frames.start >= frames.stop:
        raise FormbenchError(
            f"{span}: expected at least one of the {n_frames} frames at {fps:g} fps in it, got none"
        )
    return frames.start + 1, frames.stop


def from_range(start: int, end: int, fps: float) -> Span:
    """Return the span of the frames `start` to `end`, counted from 1, both included.

    >>> from_range(5, 20, 10.0)
    Span(start_s=0.4, end_s=2.0)
    """
    return Span((start - 1) / fps, end / fps)


def whole_frames(span: Span, fps: float, n_frames: int) -> Span:
    """Return the span of the frames whose instants lie in a span."""
    return from_range(*to_range(span, fps, n_frames), fps)


def to_percent(points_px: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    """Express points (..., 2) as percents of an image, kept to the millionth of a pixel.

    >>> to_percent(np.array([320.0, 120.0]), 640, 480).tolist()
    [50.0, 25.0]
    """
    return np.round(points_px, PX_DECIMALS) * 100 / np.array([width_px, height_px])


def from_percent(percent: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    """Undo `to_percent`: points (..., 2) in pixels."""
    return np.round(np.asarray(percent) * np.array([width_px, height_px]) / 100, PX_DECIMALS)


def to_rating(severity: float) -> int:
    """Return the stars nearest to a severity; below mild is one star, beyond severe all of them.

    >>> to_rating(-0.2), to_rating(0.5), to_rating(1.0)
    (1, 3, 5)
    """
    return 1 + round(min(max(severity, 0.0), 1.0) * (MAX_RATING - 1))


def from_rating(rating: int) -> float:
    """Return the severity that a number of stars stands for, 0 for one star, 1 for all of them.

    >>> from_rating(1), from_rating(3)
    (0.0, 0.5)
    """
    return (rating - 1) / (MAX_RATING - 1)


def judged(spec: FaultSpec, rep: int, span: Span, rating: int | None, side: str) -> FaultSpan:
    """Return what a human says about one fault of one repetition.

    Args:
        spec: The fault.
        rep: Index of the repetition.
        span: The repetition.
        rating: How large, in stars; None where the fault was not seen, which is its neutral size.
        side: One of `SIDES`.
    """
    if rating is None:
        size = spec.neutral
    else:
        size = spec.mild + from_rating(rating) * (spec.severe - spec.mild)
    return FaultSpan(
        fault_id=spec.id,
        rep=rep,
        span=span,
        side=side,
        unit=spec.unit,
        requested=None,
        measured=size,
        severity=spec.severity(size) if rating is None else from_rating(rating),
        present=rating is not None,
        source="human",
    )
