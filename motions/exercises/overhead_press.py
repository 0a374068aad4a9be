"""The standing overhead press: the barbell goes from the shoulders straight up until arms lock.

The bar passes close to the face and ends over the middle of the feet. Correct ranges and sources:
docs/faults.md.
"""

import numpy as np

from motions.easing import bump, minimum_jerk, settle
from motions.exercise import Exercise, Pose
from motions.geometry import Y_AXIS, Z_AXIS
from motions.limb_geometry import FOREARM_M, UPPER_ARM_M, corner_rad, limb_reach_m
from motions.posing import PoseBuilder
from motions.variation import Range, Style

KNEE_RAD = np.deg2rad(5)
TOP_ELBOW_RAD = np.deg2rad(8)
RACK_AHEAD_M, RACK_ABOVE_M = 0.155, 0.03
"""Where the wrists are at first, seen from the shoulders."""
TOP_AHEAD_M = 0.03
FULL_RANGE_RAD = np.deg2rad(132)
"""Of the upper arm's elevation, from the shoulders to lockout."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    level = np.ones(len(phase))
    lean = np.deg2rad(style.trait("lean", -3, 1) - 3 * bump(phase / 0.9))
    builder = PoseBuilder.standing(
        KNEE_RAD * level,
        lean,
        style.trait("stance", 0.11, 0.16),
        np.deg2rad(style.trait("toe_out", 5, 15)),
    )
    builder.look(np.deg2rad(-2 - 8 * bump(phase) + 4 * style.trait("head", -1, 1)) * level)
    builder.raise_shoulders(np.deg2rad(20) * phase)
    shoulder = builder.position("left_shoulder")
    grip_out_m = style.trait("arms", 0.22, 0.28)
    beside_m = grip_out_m - shoulder[:, 0]
    rack_m = np.sqrt(beside_m[0] ** 2 + RACK_AHEAD_M**2 + RACK_ABOVE_M**2)
    rack_elbow = np.pi - corner_rad(UPPER_ARM_M, FOREARM_M, rack_m)
    elbow = rack_elbow + (TOP_ELBOW_RAD - rack_elbow) * settle(phase)
    # Straight up until the bar has passed the forehead, then back over the feet.
    ahead_m = RACK_AHEAD_M - (RACK_AHEAD_M - TOP_AHEAD_M) * minimum_jerk((phase - 0.2) / 0.8)
    reach_m = limb_reach_m(UPPER_ARM_M, FOREARM_M, elbow)
    above_m = np.sqrt(reach_m**2 - beside_m**2 - ahead_m**2)
    for side, out in (("left", 1.0), ("right", -1.0)):
        wrist = np.stack(
            [out * grip_out_m * level, shoulder[:, 1] - ahead_m, shoulder[:, 2] + above_m], axis=-1
        )
        # Under the bar, so that the forearms stay upright as seen from ahead.
        under = np.array([0.0, 0.0, -1.0])
        outwards = np.array([out * 0.5, -0.85, -0.3])
        builder.bend_arm(side, wrist, under + (outwards - under) * phase[:, None])
        builder.hold(side, Z_AXIS, -Y_AXIS)
    return Pose(builder.root_m, builder.world_wxyz)


OVERHEAD_PRESS = Exercise(
    name="overhead_press",
    title="Overhead press",
    phases=("press", "lockout", "lowering", "rack"),
    contacts=("left_foot", "right_foot"),
    props=("barbell",),
    habits={
        "stance": "stance width",
        "toe_out": "toes turned out",
        "lean": "trunk lean",
        "arms": "width of the grip",
        "head": "gaze",
    },
    driving="arm_elevation",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={
        "arm_elevation": Range(155, 180),
        "elbow_flexion": Range(0, 20),
        "trunk_lean": Range(-10, 5),
        "knee_flexion": Range(0, 8),
    },
    out_s=Range(1.0, 1.5),
    back_s=Range(1.2, 1.8),
    pose=_pose,
)
