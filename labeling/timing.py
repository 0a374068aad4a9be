"""Videos with any timing made into videos with a constant frame rate, frame by frame.

Label Studio finds frames by their number and the frame rate, so a phone's video, whose frames come
when they come, must be written again before anyone labels it. What each frame was in the source is
kept, so that a label leads back to the very frame that was filmed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np

from motions.arrays import frozen
from motions.errors import FormbenchError
from simulator.rendering.video import VideoWriter, frame_times_s, read_video

COMMON_RATES = tuple(
    Fraction(n, d)
    for n, d in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001),
                 (60, 1), (120, 1), (240, 1))
)  # fmt: skip
TIME_STEP_S = 1e-3
"""Some formats round the times of frames to this."""
RATE_TOLERANCE = 2e-4
"""How far from a common rate, relative to it, a rate still is that rate: 29.97 is not 30."""


@dataclass(frozen=True)
class Timing:
    """How a video with any timing becomes one with a constant frame rate."""

    fps: float
    source_frames: np.ndarray
    """Which frame of the source each frame shows. Shape (T,), int."""
    source_times_s: np.ndarray
    """When that frame was shown in the source. Shape (T,)."""
    n_source_frames: int

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {}
        for name, dtype in (("source_frames", np.int64), ("source_times_s", np.float64)):
            value = frozen(f"Timing.{name}", getattr(self, name), ("T",), sizes, dtype=dtype)
            object.__setattr__(self, name, value)

    @property
    def is_exact(self) -> bool:
        """Whether every frame is the source's of the same number."""
        return self.n_source_frames == len(self.source_frames) and bool(
            (self.source_frames == np.arange(self.n_source_frames)).all()
        )


def constant_rate(times_s: np.ndarray) -> Timing:
    """Choose a constant frame rate for frames shown at any times, and which frame is shown when.

    The rate is the mean over the ordinary distances, those near the median, or the common rate that
    this means. At each instant the frame nearest in time is shown.

    Args:
        times_s: When each source frame is shown, ascending from 0. Shape (T,).

    >>> constant_rate(np.array([0.0, 0.1, 0.2, 0.4])).source_frames.tolist()
    [0, 1, 2, 2, 3]
    """
    distances = np.diff(times_s)
    usual = np.median(distances) if len(distances) else 0.0
    if usual <= 0:
        raise FormbenchError(
            f"expected a video of at least two frames at different times, got {len(times_s)}"
        )
    ordinary = distances[np.abs(distances - usual) <= 0.05 * usual + TIME_STEP_S]
    fps = _named_rate(float(1 / ordinary.mean()))
    instants_s = np.arange(int(np.round(times_s[-1] * fps)) + 1) / fps
    # A frame is the nearest up to halfway to the next, and on the way itself too.
    halfway_s = (times_s[:-1] + times_s[1:]) / 2
    nearest = np.searchsorted(np.round(halfway_s, 9), np.round(instants_s, 9), side="left")
    return Timing(fps, nearest, times_s[nearest], len(times_s))


def transcode(
    path: Path, out: Path, edit: Callable[[np.ndarray], np.ndarray] = lambda rgb: rgb
) -> tuple[Timing, tuple[int, int]]:
    """Write a video again with a constant frame rate, upright and of even size.

    An odd last row or column is cut off, so that points keep their coordinates.

    Args:
        path: The source.
        out: The file to write.
        edit: Is given every picture, in order, and returns what is written instead.

    Returns:
        The timing, and width and height of what was written.

    Raises:
        FormbenchError: The file is no video, is broken, or has fewer than two frames.
    """
    times_s = frame_times_s(path)
    try:
        timing = constant_rate(times_s)
    except FormbenchError as error:
        raise FormbenchError(f"{path}: {error}") from error
    pictures = _picked(path, timing)
    first = next(pictures)
    height, width = (size - size % 2 for size in first.shape[:2])
    with VideoWriter(out, width, height, timing.fps) as video:
        for rgb in chain([first], pictures):
            video.write(edit(rgb)[:height, :width])
    return timing, (width, height)


def _picked(path: Path, timing: Timing) -> Iterator[np.ndarray]:
    """Yield the source's frame of each frame of the timing, in one pass."""
    repeats = np.bincount(timing.source_frames, minlength=timing.n_source_frames)
    n_read = 0
    for n_read, rgb in enumerate(read_video(path).frames, start=1):
        if n_read <= len(repeats):
            for _ in range(repeats[n_read - 1]):
                yield rgb
    if n_read != timing.n_source_frames:
        raise FormbenchError(
            f"{path}: the video is broken: it announces {timing.n_source_frames} frames and has "
            f"{n_read}"
        )


def _named_rate(fps: float) -> float:
    nearest = min(COMMON_RATES, key=lambda rate: abs(float(rate) - fps))
    if abs(float(nearest) - fps) <= RATE_TOLERANCE * float(nearest):
        return float(nearest)
    return float(Fraction(fps).limit_denominator(1001))
