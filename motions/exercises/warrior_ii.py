"""Warrior II: from a wide stance the front knee bends square, arms level, gaze over the front hand.

The hips slide towards the front foot while the back leg stays straight. One side leads throughout.
Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.easing import settle
from motions.exercise import Exercise, Pose
from motions.geometry import X_AXIS, Z_AXIS, about
from motions.limb_geometry import SHIN_M, THIGH_M, limb_reach_m
from motions.posing import PoseBuilder
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22
from motions.variation import Range, Style

STRAIGHT_RAD, FRONT_KNEE_RAD = np.deg2rad(8), np.deg2rad(91)
FULL_RANGE_RAD = (FRONT_KNEE_RAD - STRAIGHT_RAD) / 2
"""Of the mean of both knees: the back one stays as it is."""
HANG_RAD = np.deg2rad(26)
"""How far the arms hang out at rest: clear of the thighs of legs that stand wide."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    phase = settle(phase)  # the pose is the same each time
    half_m = style.trait("stance", 0.61, 0.64)
    hip_m = SMPL22.offsets_m[SMPL22.index("left_hip")]
    straight_m = limb_reach_m(THIGH_M, SHIN_M, STRAIGHT_RAD)
    front_m = limb_reach_m(THIGH_M, SHIN_M, STRAIGHT_RAD + (FRONT_KNEE_RAD - STRAIGHT_RAD) * phase)
    # Both legs stand on the floor: their lengths say how far over and how high the hips are.
    wide_m = half_m - hip_m[0]
    over_m = (straight_m**2 - front_m**2) / (4 * wide_m)
    high_m = np.sqrt(straight_m**2 - (wide_m + over_m) ** 2)
    lean = np.deg2rad(style.trait("lean", -1, 3)) * np.ones(len(phase))
    root = np.stack([over_m, 0 * phase, ANKLE_HEIGHT_M + high_m - hip_m[2]], axis=-1)
    builder = PoseBuilder.upright(root)
    builder.lean(lean)
    builder.look(
        np.deg2rad(4 * style.trait("head", -1, 1)) * np.ones(len(phase)), np.deg2rad(72) * phase
    )
    builder.raise_shoulders(np.deg2rad(6) * phase)
    back_in = np.deg2rad(style.trait("toe_out", 5, 18))
    for side, out, yaw, knee_to in (
        ("left", 1.0, np.pi / 2, X_AXIS),
        ("right", -1.0, back_in, np.array([np.sin(back_in), -np.cos(back_in), 0.0])),
    ):
        ankle = np.array([out * half_m, 0.0, ANKLE_HEIGHT_M])
        builder.bend_leg(side, np.tile(ankle, (len(phase), 1)), knee_to)
        for joint in ("ankle", "foot"):
            builder.turn(f"{side}_{joint}", about(Z_AXIS, yaw))
        raised = HANG_RAD + (np.pi / 2 - HANG_RAD) * phase
        builder.raise_arm(side, raised, np.deg2rad(style.trait("arms", -2, 6)) * phase)
        builder.bend_elbow(side, np.deg2rad(6) * np.ones(len(phase)))
    return Pose(builder.root_m, builder.world_wxyz)


WARRIOR_II = Exercise(
    name="warrior_ii",
    title="Warrior II",
    phases=("bending", "pose", "rising", "wide stance"),
    contacts=("left_foot", "right_foot"),
    props=("mat",),
    habits={
        "stance": "stance width",
        "toe_out": "back foot turned in",
        "lean": "trunk lean",
        "arms": "arms further ahead or back",
        "head": "gaze",
    },
    driving="knee_flexion",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={
        "bent_knee_flexion": Range(75, 105),
        "arm_elevation": Range(75, 105),
        "trunk_lean": Range(-8, 8),
    },
    out_s=Range(1.6, 2.4),
    back_s=Range(1.5, 2.2),
    hold_s=Range(1.5, 3.0),
    sides="one",
    sideways=True,
    pose=_pose,
)
