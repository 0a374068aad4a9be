"""Limbs bent so that ankles and wrists lie where they should, on any skeleton, all frames at once.

Ends are in the order of CONTACT_POINTS: left and right ankle, left and right wrist.
"""

import numpy as np

from motions.geometry import two_bone_ik
from motions.motion import CONTACT_POINTS
from motions.skeleton import LIMBS, SMPL22, Skeleton

STRETCH = 0.9995
"""A limb may be this much of its length; the last bit would cost a jerk of the middle joint."""


def end_joints(skeleton: Skeleton, root_m: np.ndarray, world_wxyz: np.ndarray) -> np.ndarray:
    """Return the ankles and wrists, in the order of CONTACT_POINTS. Shape (T, 4, 3)."""
    joints = skeleton.positions(root_m, world_wxyz)
    return joints[:, [SMPL22.index(LIMBS[name].end) for name in CONTACT_POINTS]]


def lift_into_reach(
    skeleton: Skeleton,
    root_m: np.ndarray,
    world_wxyz: np.ndarray,
    targets_m: np.ndarray,
    pinned: np.ndarray,
) -> np.ndarray:
    """Raise the root where a pinned hand is too far above the shoulder to be reached.

    Args:
        skeleton: Whose limbs they are.
        root_m: Shape (T, 3).
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
        targets_m: Where pinned ends belong. Shape (T, 4, 3).
        pinned: Shape (T, 4).

    Returns:
        The raised root. Shape (T, 3).
    """
    joints_m = skeleton.positions(root_m, world_wxyz)
    lift_m: np.ndarray = np.zeros(len(root_m))
    for point, name in enumerate(CONTACT_POINTS):
        limb = LIMBS[name]
        bones = skeleton.offsets_m[[SMPL22.index(limb.middle), SMPL22.index(limb.end)]]
        reach_m = STRETCH * np.linalg.norm(bones, axis=-1).sum()
        away = targets_m[:, point] - joints_m[:, SMPL22.index(limb.root)]
        across_squared = np.sum(away[:, :2] ** 2, axis=-1)
        rise_m = np.sqrt(np.maximum(reach_m**2 - across_squared, 0))
        lift_m = np.where(pinned[:, point], np.maximum(lift_m, away[:, 2] - rise_m), lift_m)
    return root_m + lift_m[:, None] * np.array([0.0, 0.0, 1.0])


def pin_limbs(
    skeleton: Skeleton,
    root_m: np.ndarray,
    world_wxyz: np.ndarray,
    targets_m: np.ndarray,
    pinned: np.ndarray,
) -> np.ndarray:
    """Bend limbs so that planted ankles and wrists lie on their targets.

    Feet and hands keep their own world orientation.

    Args:
        skeleton: The body's skeleton.
        root_m: Shape (T, 3).
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
        targets_m: In the order of CONTACT_POINTS. Shape (T, 4, 3).
        pinned: Shape (T, 4).

    Returns:
        New joint-to-world rotations. Shape (T, 22, 4).
    """
    joints_m = skeleton.positions(root_m, world_wxyz)
    world = world_wxyz.copy()
    for point, name in enumerate(CONTACT_POINTS):
        frames = pinned[:, point]
        if not frames.any():
            continue
        limb = LIMBS[name]
        root, middle, end = (SMPL22.index(n) for n in (limb.root, limb.middle, limb.end))
        world[frames, root], world[frames, middle] = two_bone_ik(
            world[frames, root],
            world[frames, middle],
            skeleton.offsets_m[middle],
            skeleton.offsets_m[end],
            targets_m[frames, point] - joints_m[frames, root],
            np.array(limb.bend_axis),
        )
    return world
