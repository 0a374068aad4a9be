"""A body as capsules, one a joint, and how deep they are in each other.

Each capsule lies along the longest extent of the skin that is mostly its joint's, and half of that
skin is outside it: flesh gives way where limbs are folded, what is within capsules does not.
Distances between their axes: Ericson 2005, "Real-Time Collision Detection", section 5.1.9.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from motions.geometry import rotate
from motions.skeleton import SMPL22
from simulator.physics.tpose import KEPT_BODIES, TPose

NEIGHBOURS = 2
"""Joints no more than so many bones apart do not collide: their skin is one."""


@dataclass(frozen=True, eq=False)
class Capsules:
    """Capsules in the frames of the joints that carry them; a joint without skin has radius 0."""

    ends_m: np.ndarray
    """Both ends of each axis, from the joint. Shape (22, 2, 3)."""
    radii_m: np.ndarray
    """Shape (22,)."""

    def placed(self, joints_m: np.ndarray, world_wxyz: np.ndarray) -> np.ndarray:
        """Return the ends in the world at joints (T, 22, 3), orientations (T, 22, 4).

        Returns:
            Shape (T, 22, 2, 3).
        """
        return joints_m[:, :, None] + rotate(world_wxyz[:, :, None], self.ends_m)


@lru_cache(maxsize=KEPT_BODIES)
def fit_capsules(pose: TPose) -> Capsules:
    """Fit a capsule to the skin of every joint."""
    n_joints = len(pose.joints_m)
    ends, radii = np.zeros((n_joints, 2, 3)), np.zeros(n_joints)
    order = np.argsort(pose.owners, kind="stable")
    order = order[pose.areas_m2[order] > 0]
    firsts = np.searchsorted(pose.owners[order], np.arange(n_joints + 1))
    for joint in range(n_joints):
        own = order[firsts[joint] : firsts[joint + 1]]
        if len(own):
            points_m = pose.skin_m[own] - pose.joints_m[joint]
            ends[joint], radii[joint] = _fit(points_m, pose.areas_m2[own])
    return Capsules(ends, radii)


def _fit(points_m: np.ndarray, areas_m2: np.ndarray) -> tuple[np.ndarray, float]:
    share = areas_m2 / areas_m2.sum()
    middle = share @ points_m
    off = points_m - middle
    axis = np.linalg.eigh((share * off.T) @ off)[1][:, -1]
    along = off @ axis
    across = np.linalg.norm(off - along[:, None] * axis, axis=1)
    outwards = np.argsort(across, kind="stable")
    half = np.searchsorted(np.cumsum(share[outwards]), 0.5)
    radius = float(across[outwards[half]])
    low, high = along.min() + radius, along.max() - radius
    if low > high:
        low = high = (low + high) / 2
    return middle + np.array([[low], [high]]) * axis, radius


def overlaps_m(capsules: Capsules, ends_m: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return how deep pairs (P, 2) of capsules are in each other; apart is negative.

    Args:
        capsules: The radii.
        ends_m: Where the axes end, as `Capsules.placed` gives it. Shape (T, 22, 2, 3).
        pairs: Joints. Shape (P, 2).

    Returns:
        Metres. Shape (T, P).
    """
    first, second = ends_m[:, pairs[:, 0]], ends_m[:, pairs[:, 1]]
    apart = _segment_distance(
        first[..., 0, :], first[..., 1, :], second[..., 0, :], second[..., 1, :]
    )
    return capsules.radii_m[pairs].sum(axis=1) - apart


@lru_cache(maxsize=KEPT_BODIES)
def far_pairs(pose: TPose, capsules: Capsules) -> np.ndarray:
    """Return the pairs of joints (P, 2) that may collide: no neighbours, and apart in the T-pose.

    Upper arms that hang rest against the ribs, so these two are no pair.
    """
    pairs = np.array([pair for pair in _PAIRS if capsules.radii_m[list(pair)].all()])
    ends = pose.joints_m[None, :, None] + capsules.ends_m[None]
    return pairs[overlaps_m(capsules, ends, pairs)[0] < 0]


def _bones_between(a: int, b: int) -> int:
    ways = []
    for joint in (a, b):
        way = [joint]
        while way[-1]:
            way.append(SMPL22.parents[way[-1]])
        ways.append(way)
    return min(ways[0].index(j) + ways[1].index(j) for j in ways[0] if j in ways[1])


def _segment_distance(
    start: np.ndarray, end: np.ndarray, other_start: np.ndarray, other_end: np.ndarray
) -> np.ndarray:
    """Return the smallest distance between segments, all (..., 3)."""
    d, e, r = end - start, other_end - other_start, start - other_start
    dd, ee, de = np.sum(d * d, -1), np.sum(e * e, -1), np.sum(d * e, -1)
    dr, er = np.sum(d * r, -1), np.sum(e * r, -1)
    tiny = 1e-12
    crossing = dd * ee - de**2
    s = np.clip((de * er - dr * ee) / np.maximum(crossing, tiny), 0, 1)
    t = np.clip((de * s + er) / np.maximum(ee, tiny), 0, 1)
    s = np.clip((de * t - dr) / np.maximum(dd, tiny), 0, 1)
    return np.linalg.norm(r + s[..., None] * d - t[..., None] * e, axis=-1)


_RESTS_AGAINST = {
    frozenset((SMPL22.index(f"{side}_shoulder"), SMPL22.index(ribs)))
    for side in ("left", "right")
    for ribs in ("spine1", "spine2", "spine3")
}
_PAIRS = [
    (a, b)
    for b in range(len(SMPL22.joint_names))
    for a in range(b)
    if _bones_between(a, b) > NEIGHBOURS and frozenset((a, b)) not in _RESTS_AGAINST
]
