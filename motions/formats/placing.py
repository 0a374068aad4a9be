"""The last step of every reader: canonical orientations become a `Motion` in its canonical place.

The person is scaled to the canonical legs, turned to face -Y at frame 0 with the pelvis above the
origin, lowered or lifted so that the feet rest on z = 0, and the contacts are detected.
"""

from typing import NamedTuple

import numpy as np

from motions.floor import contacts, floor_level_m
from motions.formats.reading import About
from motions.geometry import Y_AXIS, Z_AXIS, about, between, multiply, rotate, signed_angle
from motions.motion import Motion
from motions.skeleton import SMPL22

MID_HIP_M = (
    SMPL22.offsets_m[SMPL22.index("left_hip")] + SMPL22.offsets_m[SMPL22.index("right_hip")]
) / 2
CANONICAL_LEG_M = float(
    -SMPL22.offsets_m[SMPL22.index("left_knee"), 2]
    - SMPL22.offsets_m[SMPL22.index("left_ankle"), 2]
)
"""Length of the canonical thigh and shin together."""


class Placed(NamedTuple):
    """A motion in its canonical place, and what that took."""

    motion: Motion
    scale: float
    """Canonical leg over the person's."""
    floor_height: float
    """Height of the floor before it was moved to z = 0, at the person's own scale."""


def place(
    described: About, *, fps: float, mid_hip_m: np.ndarray, leg_m: float, world_wxyz: np.ndarray
) -> Placed:
    """Build a motion from joint orientations and the path of the hips.

    Args:
        described: What the file does not say of itself.
        fps: Frames per second.
        mid_hip_m: Midpoint of the hip joints, +Z up, facing anywhere. Shape (T, 3).
        leg_m: Length of the person's thigh and shin together.
        world_wxyz: Canonical joint-to-world rotations. Shape (T, 22, 4).
    """
    scale = CANONICAL_LEG_M / leg_m
    turn = about(Z_AXIS, -heading_rad(world_wxyz[0, 0]))
    world_wxyz = multiply(turn, world_wxyz)
    root_m = rotate(turn, mid_hip_m * scale) - rotate(world_wxyz[:, 0], MID_HIP_M)
    root_m = root_m - root_m[0] * np.array([1.0, 1.0, 0.0])
    floor_m = floor_level_m(SMPL22.positions(root_m, world_wxyz), fps)
    root_m = root_m - np.array([0.0, 0.0, floor_m])
    motion = Motion(
        exercise=described.exercise,
        fps=fps,
        root_position_m=root_m,
        joint_rotations_wxyz=SMPL22.local_rotations(world_wxyz),
        contacts=contacts(SMPL22.positions(root_m, world_wxyz), fps),
        source=described.source,
        licence=described.licence,
    )
    return Placed(motion, scale, floor_m / scale)


def heading_rad(pelvis_wxyz: np.ndarray) -> float:
    """Return the angle about +Z from -Y to where a person faces, by the pelvis orientation (4,).

    Someone who lies is first stood up the shortest way, so that a prone person faces the way the
    head points and a supine one the way the feet do.

    >>> heading_rad(np.array([1.0, 0.0, 0.0, 0.0]))
    0.0
    """
    up = rotate(pelvis_wxyz, Z_AXIS)
    forward = rotate(between(up, Z_AXIS), rotate(pelvis_wxyz, -Y_AXIS))
    return float(signed_angle(-Y_AXIS, forward, Z_AXIS))
