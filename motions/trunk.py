"""The trunk as one line from the pelvis to the neck, alike on every skeleton.

Spines differ in how far the neck is ahead of the pelvis in the T-pose, so the line is turned back,
about the line of the hips, by what it leans there.
"""

import numpy as np

from motions.geometry import IDENTITY_WXYZ, about, between, multiply, rotate, unit
from motions.skeleton import SMPL22, Skeleton

SPINE = [SMPL22.index(name) for name in ("spine1", "spine2", "spine3")]
_NECK, _LEFT_HIP, _RIGHT_HIP = (SMPL22.index(name) for name in ("neck", "left_hip", "right_hip"))


def trunk_direction(joints_m: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """Return which way a trunk points that points straight up in the T-pose.

    Args:
        joints_m: World positions of the joints. Shape (T, 22, 3).
        skeleton: Whose they are.

    Returns:
        Unit vectors. Shape (T, 3).
    """
    line = joints_m[:, _NECK] - joints_m[:, 0]
    return unit(rotate(about(_leftwards(joints_m), -_lean_at_rest_rad(skeleton)), line))


def with_trunk_towards(
    skeleton: Skeleton, world_wxyz: np.ndarray, direction: np.ndarray
) -> np.ndarray:
    """Swing the spine on the pelvis, as one, until the trunk has a direction.

    Everything else keeps its world orientation.

    Args:
        skeleton: The body's.
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
        direction: As `trunk_direction` gives it. Shape (T, 3).

    Returns:
        New joint-to-world rotations. Shape (T, 22, 4).
    """
    joints_m = skeleton.positions(np.zeros((len(world_wxyz), 3)), world_wxyz)
    line = rotate(about(_leftwards(joints_m), _lean_at_rest_rad(skeleton)), direction)
    # The spine turns about its lowest joint: where its reach meets the line is where the neck goes.
    low_m = joints_m[:, SPINE[0]]
    spine_m = joints_m[:, _NECK] - low_m
    along_m = np.sum(low_m * line, axis=-1)
    rest = np.sum(spine_m**2, axis=-1) - np.sum(low_m**2, axis=-1)
    neck_m = (along_m + np.sqrt(along_m**2 + rest))[:, None] * line
    swung = world_wxyz.copy()
    swung[:, SPINE] = multiply(between(spine_m, neck_m - low_m)[:, None], world_wxyz[:, SPINE])
    return swung


def _leftwards(joints_m: np.ndarray) -> np.ndarray:
    return unit(joints_m[:, _LEFT_HIP] - joints_m[:, _RIGHT_HIP])


def _lean_at_rest_rad(skeleton: Skeleton) -> float:
    """Return the turn about +X that takes upright to the trunk's line in the T-pose."""
    rest = np.tile(IDENTITY_WXYZ, (len(skeleton.joint_names), 1))
    joints_m = skeleton.positions(np.zeros(3), rest)
    return float(np.arctan2(-joints_m[_NECK, 1], joints_m[_NECK, 2]))
