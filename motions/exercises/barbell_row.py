"""The barbell row: bent over with a flat back, the bar is drawn from hanging arms to the belly.

Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.exercise import Exercise, Pose
from motions.geometry import Y_AXIS, Z_AXIS
from motions.limb_geometry import FOREARM_M, UPPER_ARM_M, limb_reach_m
from motions.posing import PoseBuilder
from motions.variation import Range, Style

HANG_ELBOW_RAD, TOP_ELBOW_RAD = np.deg2rad(8), np.deg2rad(104)
FULL_RANGE_RAD = TOP_ELBOW_RAD - HANG_ELBOW_RAD
DRAWN_BACK_RAD = np.deg2rad(26)
"""How far the hands come back from under the shoulders, seen from the side."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    level = np.ones(len(phase))
    lean = np.deg2rad(style.trait("lean", 48, 56) - 2 * phase)
    builder = PoseBuilder.standing(
        np.deg2rad(32) * level,
        lean,
        style.trait("stance", 0.11, 0.16),
        np.deg2rad(style.trait("toe_out", 5, 15)),
        shin_share=0.3,
    )
    builder.look(np.deg2rad(30 + 5 * style.trait("head", -1, 1)) * level)
    grip_out_m = style.trait("arms", 0.22, 0.27)
    shoulder = builder.position("left_shoulder")
    beside_m = grip_out_m - shoulder[:, 0]
    elbow = HANG_ELBOW_RAD + FULL_RANGE_RAD * phase
    reach_m = np.sqrt(limb_reach_m(UPPER_ARM_M, FOREARM_M, elbow) ** 2 - beside_m**2)
    back = DRAWN_BACK_RAD * phase
    for side, out in (("left", 1.0), ("right", -1.0)):
        wrist = np.stack(
            [
                out * grip_out_m * level,
                shoulder[:, 1] + reach_m * np.sin(back),
                shoulder[:, 2] - reach_m * np.cos(back),
            ],
            axis=-1,
        )
        builder.bend_arm(side, wrist, np.array([out * 0.6, 0.8, 0.4]))
        builder.hold(side, 0.15 * Y_AXIS - Z_AXIS, Y_AXIS)
    return Pose(builder.root_m, builder.world_wxyz)


BARBELL_ROW = Exercise(
    name="barbell_row",
    title="Barbell row",
    phases=("pull", "top", "lowering", "hang"),
    contacts=("left_foot", "right_foot"),
    props=("barbell",),
    habits={
        "stance": "stance width",
        "toe_out": "toes turned out",
        "lean": "trunk lean",
        "arms": "width of the grip",
        "head": "gaze",
    },
    driving="elbow_flexion",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={"elbow_flexion": Range(90, 115), "trunk_lean": Range(30, 70)},
    out_s=Range(0.9, 1.4),
    back_s=Range(1.0, 1.6),
    pose=_pose,
)
