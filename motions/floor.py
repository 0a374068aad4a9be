"""Where the floor is in a recording, and when feet and hands rest on it.

A point rests on the floor while it is both low and slow. Each has two thresholds (hysteresis): a
contact starts when both are under the first and lasts until one is over the second, so that noise
at the border does not make it flicker. Lengths are metres on the canonical skeleton, +Z up.
"""

from dataclasses import dataclass

import numpy as np

from motions.motion import CONTACT_POINTS
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22

WRIST_HEIGHT_M = 0.06
"""Height of the wrist joint above the floor under a flat palm."""

_FOOT_HEIGHT_M = ANKLE_HEIGHT_M + float(SMPL22.offsets_m[SMPL22.index("left_foot"), 2])

RESTING_HEIGHTS_M = {
    "left_knee": 0.05,
    "right_knee": 0.05,
    "left_ankle": ANKLE_HEIGHT_M,
    "right_ankle": ANKLE_HEIGHT_M,
    "left_foot": _FOOT_HEIGHT_M,
    "right_foot": _FOOT_HEIGHT_M,
    "left_wrist": WRIST_HEIGHT_M,
    "right_wrist": WRIST_HEIGHT_M,
}
"""How high each joint is above the floor that it, or its foot or hand, rests on."""

CONTACT_JOINTS = {
    "left_foot": ("left_ankle", "left_foot"),
    "right_foot": ("right_ankle", "right_foot"),
    "left_hand": ("left_wrist",),
    "right_hand": ("right_wrist",),
}
"""The joints that each of CONTACT_POINTS may rest on: a foot on its heel or on its ball."""


@dataclass(frozen=True)
class ContactThresholds:
    """When a contact starts and when it ends."""

    start_height_m: float = 0.04
    end_height_m: float = 0.07
    start_speed_m_s: float = 0.25
    end_speed_m_s: float = 0.45
    shortest_s: float = 0.08
    """Contacts, and gaps in them, that are shorter are taken for noise."""


def clearances_m(joints_m: np.ndarray) -> np.ndarray:
    """Return how far the skin at each of RESTING_HEIGHTS_M is above z = 0.

    Args:
        joints_m: World positions of the canonical joints. Shape (T, 22, 3).

    Returns:
        Heights in metres, negative below the floor. Shape (T, 8).
    """
    joints = [SMPL22.index(name) for name in RESTING_HEIGHTS_M]
    return joints_m[:, joints, 2] - np.array(list(RESTING_HEIGHTS_M.values()))


def speeds_m_s(points_m: np.ndarray, fps: float) -> np.ndarray:
    """Return the speed of points (T, K, 3) by central differences, m/s. Shape (T, K)."""
    if len(points_m) < 2:
        return np.zeros(points_m.shape[:-1])
    return np.linalg.norm(np.gradient(points_m, 1 / fps, axis=0), axis=-1)


def floor_level_m(joints_m: np.ndarray, fps: float) -> float:
    """Estimate the height of the floor from where feet, hands and knees come to rest.

    Of all instants at which one of them is slow and near the lowest that anything ever is, the
    lowest twentieth gives a first guess and the median within 5 cm of it the level, so that one
    dip of a noisy foot does not lower the floor. Where nothing low is ever slow, as in running,
    the lowest is the floor.

    Args:
        joints_m: World positions of the canonical joints. Shape (T, 22, 3).
        fps: Frames per second.

    Returns:
        z of the floor in metres.
    """
    heights = clearances_m(joints_m)
    joints = [SMPL22.index(name) for name in RESTING_HEIGHTS_M]
    slow = speeds_m_s(joints_m[:, joints], fps) < ContactThresholds.end_speed_m_s
    lowest = np.percentile(heights.min(axis=1), 1)
    resting = heights[slow & (heights < lowest + 0.2)]
    if len(resting) == 0:
        return float(lowest)
    guess = np.percentile(resting, 5)
    return float(np.median(resting[np.abs(resting - guess) < 0.05]))


def contacts(
    joints_m: np.ndarray, fps: float, thresholds: ContactThresholds | None = None
) -> np.ndarray:
    """Say when each foot and hand rests on the floor at z = 0.

    Args:
        joints_m: World positions of the canonical joints. Shape (T, 22, 3).
        fps: Frames per second.
        thresholds: When a contact starts and ends; the defaults suit clean motion capture.

    Returns:
        Whether each of CONTACT_POINTS is planted. Shape (T, 4), bool.
    """
    limits = thresholds or ContactThresholds()
    heights = clearances_m(joints_m)
    names = list(RESTING_HEIGHTS_M)
    speeds = speeds_m_s(joints_m[:, [SMPL22.index(name) for name in names]], fps)
    starts = (heights < limits.start_height_m) & (speeds < limits.start_speed_m_s)
    ends = (heights > limits.end_height_m) | (speeds > limits.end_speed_m_s)
    resting = hysteresis(starts, ends)
    planted = np.stack(
        [
            resting[:, [names.index(joint) for joint in CONTACT_JOINTS[point]]].any(axis=1)
            for point in CONTACT_POINTS
        ],
        axis=1,
    )
    shortest = max(1, round(limits.shortest_s * fps))
    planted = ~without_short_runs(~planted, shortest, keep_at_ends=True)
    return without_short_runs(planted, shortest, keep_at_ends=True)


def grips(
    joints_m: np.ndarray, fps: float, thresholds: ContactThresholds | None = None
) -> np.ndarray:
    """Say when each hand holds something overhead that does not move.

    Only frames in which no foot is on the floor tell where that is: the median of the hands there.

    Args:
        joints_m: World positions of the canonical joints, the floor at z = 0. Shape (T, 22, 3).
        fps: Frames per second.
        thresholds: When a contact starts and ends; heights count as distances from the hold.

    Returns:
        Whether left and right hand hold. Shape (T, 2), bool.
    """
    limits = thresholds or ContactThresholds()
    feet = contacts(joints_m, fps, limits)[:, :2].any(axis=1)
    held = np.zeros((len(joints_m), 2), dtype=bool)
    for at, side in enumerate(("left", "right")):
        hand = joints_m[:, SMPL22.index(f"{side}_wrist")]
        above = hand[:, 2] > joints_m[:, SMPL22.index("neck"), 2]
        hangs = above & ~feet
        if not hangs.any():
            continue
        away = np.linalg.norm(hand - np.median(hand[hangs], axis=0), axis=-1)
        speed = speeds_m_s(hand[:, None], fps)[:, 0]
        starts = (away < limits.start_height_m) & (speed < limits.start_speed_m_s)
        ends = (away > limits.end_height_m) | (speed > limits.end_speed_m_s)
        held[:, at] = hysteresis(starts, ends)
    return held


def hysteresis(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return a state that `starts` turns on and `ends` turns off, along the first axis.

    Both are bool of one shape; where both hold, `ends` wins. The state is off before the first.

    >>> hysteresis(np.array([0, 1, 0, 0, 0], bool), np.array([0, 0, 0, 1, 0], bool)).tolist()
    [False, True, True, False, False]
    """
    decided = starts | ends
    frames = np.arange(len(starts)).reshape(-1, *[1] * (starts.ndim - 1))
    last = np.maximum.accumulate(np.where(decided, frames, -1), axis=0)
    # Before the first decision the state is that of frame 0, which is then undecided: off.
    return np.take_along_axis(starts & ~ends, np.maximum(last, 0), axis=0)


def without_short_runs(states: np.ndarray, shortest: int, *, keep_at_ends: bool) -> np.ndarray:
    """Turn off runs of True along the first axis of (T, K) that have fewer than `shortest` frames.

    With `keep_at_ends`, runs that touch the first or last frame stay: what was before is unknown.

    >>> without_short_runs(np.array([[1, 0, 1, 0, 1, 1]], bool).T, 2, keep_at_ends=True)[:, 0]
    array([ True, False, False, False,  True,  True])
    """
    kept = states.copy()
    for column in kept.T:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], column.astype(np.int8), [0]])))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            at_end = keep_at_ends and (first == 0 or end == len(column))
            if end - first < shortest and not at_end:
                column[first:end] = False
    return kept
