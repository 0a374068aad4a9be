"""Points that are missing for a while are filled in; points from video are smoothed.

Missing is NaN. Inside a gap a point moves on a monotone cubic through what is seen on both sides;
before the first and after the last sight it stays where it is.
"""

from collections.abc import Collection, Mapping

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.signal import butter, sosfiltfilt

from motions.errors import FormbenchError

LONGEST_GAP_S = 1.0
"""Longer gaps hold movement that nobody can guess."""
SMOOTH_HZ = 6.0
"""Cut-off for points from video; voluntary movement lies below (Winter 2009, "Biomechanics and
Motor Control of Human Movement", chapter 3)."""


def fill_gaps(
    where: str, points: Mapping[str, np.ndarray], fps: float, needed: Collection[str]
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Fill short gaps; leave out points with a long one, unless the motion needs them.

    Args:
        where: The file, for messages.
        points: Positions by name, NaN where missing. Shape (T, 3) each.
        fps: Frames per second.
        needed: Names of those that may not be left out.

    Returns:
        points: Those that are whole now.
        filled: The fraction of frames that was filled, of each point that had gaps.

    Raises:
        FormbenchError: A needed point is missing for longer than LONGEST_GAP_S.
    """
    whole: dict[str, np.ndarray] = {}
    filled: dict[str, float] = {}
    for name, values in points.items():
        missing = np.isnan(values).any(axis=-1)
        if not missing.any():
            whole[name] = values
            continue
        start, end = _longest_run(missing)
        if (end - start) / fps <= LONGEST_GAP_S and not missing.all():
            whole[name] = _filled(values, missing)
            filled[name] = float(missing.mean())
        elif name in needed:
            raise FormbenchError(
                f"{where}: {name} is missing from {start / fps:.2f} s to {end / fps:.2f} s, "
                f"and gaps of over {LONGEST_GAP_S:g} s are not filled: cut the recording there"
            )
    return whole, filled


def smooth(points: Mapping[str, np.ndarray], fps: float) -> dict[str, np.ndarray]:
    """Low-pass points (T, 3) at SMOOTH_HZ without delay, by a Butterworth filter run both ways.

    Recordings too short or too slow for the filter are left as they are.
    """
    n_frames = len(next(iter(points.values())))
    if fps <= 2.5 * SMOOTH_HZ or n_frames < 10:
        return dict(points)
    sos = butter(2, SMOOTH_HZ, fs=fps, output="sos")
    padding = min(n_frames - 1, int(fps))
    return {
        name: sosfiltfilt(sos, values, axis=0, padlen=padding) for name, values in points.items()
    }


def _filled(values: np.ndarray, missing: np.ndarray) -> np.ndarray:
    seen = np.flatnonzero(~missing)
    if len(seen) == 1:
        return np.tile(values[seen[0]], (len(values), 1))
    frames = np.clip(np.arange(len(values)), seen[0], seen[-1])
    filled = np.asarray(PchipInterpolator(seen, values[seen], axis=0)(frames))
    return np.where(missing[:, None], filled, values)


def _longest_run(flags: np.ndarray) -> tuple[int, int]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    longest = int((ends - starts).argmax())
    return int(starts[longest]), int(ends[longest])
