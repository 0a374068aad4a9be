"""The last step of every reader: canonical orientations become a `Motion` in its canonical place.

The person is scaled to the canonical legs, turned to face -Y at frame 0 with the pelvis above the
origin, lowered or lifted so that the feet rest on z = 0, and the contacts are detected.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from motions.floor import contacts, floor_level_m
from motions.formats.limbs import smooth_step
from motions.formats.reading import About
from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about, between, multiply, rotate, signed_angle
from motions.limb_geometry import BALL_M
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
    described: About,
    *,
    fps: float,
    mid_hip_m: np.ndarray,
    leg_m: float,
    world_wxyz: np.ndarray,
    unseen_feet: Collection[str] = (),
) -> Placed:
    """Build a motion from joint orientations and the path of the hips.

    Args:
        described: What the file does not say of itself.
        fps: Frames per second.
        mid_hip_m: Midpoint of the hip joints, +Z up, facing anywhere. Shape (T, 3).
        leg_m: Length of the person's thigh and shin together.
        world_wxyz: Canonical joint-to-world rotations. Shape (T, 22, 4).
        unseen_feet: Ankles whose feet were taken to be level, for want of anything better.
    """
    scale = CANONICAL_LEG_M / leg_m
    turn = about(Z_AXIS, -heading_rad(world_wxyz[0, 0]))
    world_wxyz = multiply(turn, world_wxyz)
    root_m = rotate(turn, mid_hip_m * scale) - rotate(world_wxyz[:, 0], MID_HIP_M)
    root_m = root_m - root_m[0] * np.array([1.0, 1.0, 0.0])
    floor_m = floor_level_m(SMPL22.positions(root_m, world_wxyz), fps)
    root_m = root_m - np.array([0.0, 0.0, floor_m])
    for ankle in unseen_feet:
        world_wxyz = _on_ball(root_m, world_wxyz, ankle)
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


def _on_ball(root_m: np.ndarray, world_wxyz: np.ndarray, ankle: str) -> np.ndarray:
    """Lift the heel of a level foot while its ball can stay on the floor under the ankle.

    A heel that rises without it would take a foot that pushes off for one in the air.
    """
    joint, toes = SMPL22.index(ankle), SMPL22.index(ankle.replace("ankle", "foot"))
    height_m = SMPL22.positions(root_m, world_wxyz)[:, joint, 2] - BALL_M[1]
    ball_m = SMPL22.offsets_m[toes]
    steep = height_m / np.linalg.norm(ball_m)
    heel_rad = np.arcsin(np.clip(steep, 0.0, 1.0)) - np.arctan2(-ball_m[2], -ball_m[1])
    # What is higher than on tiptoe is in the air, and comes to be level again.
    heel_rad = np.maximum(heel_rad, 0.0) * (1 - smooth_step(steep - 1))
    lifted = world_wxyz.copy()
    across = rotate(world_wxyz[:, joint], X_AXIS)
    lifted[:, [joint, toes]] = multiply(about(across, heel_rad)[:, None], lifted[:, [joint, toes]])
    return lifted


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
