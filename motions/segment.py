"""A long recording is cut to the repetitions of an exercise, by the curve of its driving measure.

A repetition leaves rest, goes most of the way out and comes back. The curve is smoothed, its range
taken from what the recording does, and two thresholds (hysteresis) tell going out from coming
back; each repetition begins and ends where the curve is nearest to rest around it.
"""

from dataclasses import replace

import numpy as np
from scipy.signal import butter, sosfiltfilt

from motions.errors import FormbenchError
from motions.exercise import Exercise
from motions.floor import hysteresis
from motions.measures import measure
from motions.motion import Motion, Span

LEAST_SHARE = 0.3
"""Of the full range of an exercise: what goes less far is no repetition."""
SMOOTH_HZ = 3.0
"""No one repeats an exercise this often a second."""
SHORTEST_S = 0.4
"""What is over sooner is no repetition."""
_OUT, _BACK, _REST = 0.6, 0.35, 0.05
"""Shares of the recording's range: a repetition is out above the first until below the second;
what is below the third is rest."""


def segment(motion: Motion, exercise: Exercise) -> Motion:
    """Mark the repetitions of an exercise in a recording of it, and the phase.

    The phase of each repetition goes from 0 through 1 at its furthest point to 0; between
    repetitions it is 0.

    Raises:
        FormbenchError: There is no repetition.
    """
    curve = measure(exercise.driving, motion.joints_world_m)
    reps = find_reps(curve, motion.fps, LEAST_SHARE * exercise.full_range_rad)
    if not reps:
        raise FormbenchError(
            f"{motion.source}: no repetition of {exercise.name}: {exercise.driving} goes from "
            f"{np.rad2deg(curve.min()):.0f} to {np.rad2deg(curve.max()):.0f} degrees, a full "
            f"repetition goes over {np.rad2deg(exercise.full_range_rad):.0f}"
        )
    return replace(motion, reps=reps, phase=_phase(curve, motion.fps, reps))


def find_reps(curve: np.ndarray, fps: float, least: float) -> tuple[Span, ...]:
    """Find the repetitions in a curve (T,) that is low at rest and high at the far end.

    Args:
        curve: What drives the exercise, such as knee flexion.
        fps: Frames per second.
        least: How far the curve must go, in its own unit.

    Returns:
        Spans that do not overlap; a movement that the recording cuts off is not among them.
    """
    smooth = _low_passed(curve, fps)
    low, high = np.percentile(smooth, [2, 98])
    if high - low < least:
        return ()
    share = (smooth - low) / (high - low)
    out = hysteresis(share > _OUT, share < _BACK)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], out.astype(np.int8), [0]])))
    peaks = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    reps = []
    for at, (first, last) in enumerate(peaks):
        before = peaks[at - 1][1] if at else 0
        after = peaks[at + 1][0] if at + 1 < len(peaks) else len(share)
        start, end = _rest_before(share, before, first), _rest_after(share, last, after)
        if start is None or end is None or (end - start) / fps < SHORTEST_S:
            continue
        if smooth[start:end].max() - max(smooth[start], smooth[end - 1]) >= least:
            reps.append(Span(start / fps, end / fps))
    return tuple(reps)


def _rest_before(share: np.ndarray, earliest: int, first: int) -> int | None:
    """Return the last frame of rest before `first`, or the lowest one; None where it is cut off."""
    stretch = share[earliest : first + 1]
    resting = np.flatnonzero(stretch < _REST)
    at = int(resting[-1]) if len(resting) else int(stretch.argmin())
    return earliest + at if stretch[at] < _BACK else None


def _rest_after(share: np.ndarray, last: int, latest: int) -> int | None:
    """Return one past the first frame of rest after `last`, or past the lowest one."""
    stretch = share[last:latest]
    if len(stretch) == 0:
        return None
    resting = np.flatnonzero(stretch < _REST)
    at = int(resting[0]) if len(resting) else int(stretch.argmin())
    return last + at + 1 if stretch[at] < _BACK else None


def _phase(curve: np.ndarray, fps: float, reps: tuple[Span, ...]) -> np.ndarray:
    phase = np.zeros(len(curve))
    for rep in reps:
        frames = rep.frames(fps, len(curve))
        part = curve[frames]
        rest = np.linspace(part[0], part[-1], len(part))
        phase[frames] = np.clip((part - rest) / (part - rest).max(), 0, 1)
    return phase


def _low_passed(curve: np.ndarray, fps: float) -> np.ndarray:
    if fps <= 2.5 * SMOOTH_HZ or len(curve) < 10:
        return curve
    sos = butter(2, SMOOTH_HZ, fs=fps, output="sos")
    return np.asarray(sosfiltfilt(sos, curve, padlen=min(len(curve) - 1, int(fps))))
