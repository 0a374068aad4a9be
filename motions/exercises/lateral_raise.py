"""The lateral raise: two dumbbells go out to the sides until the arms are level, a little ahead.

Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.exercise import Exercise, Pose
from motions.posing import PoseBuilder
from motions.variation import Range, Style

HANG_OUT_RAD, TOP_OUT_RAD = np.deg2rad(14), np.deg2rad(91)
FULL_RANGE_RAD = TOP_OUT_RAD - HANG_OUT_RAD
COLLAR_RAISE_RAD = np.deg2rad(6)


def _pose(phase: np.ndarray, style: Style) -> Pose:
    level = np.ones(len(phase))
    builder = PoseBuilder.standing(
        np.deg2rad(8) * level,
        np.deg2rad(style.trait("lean", 2, 5)) * level,
        style.trait("stance", 0.11, 0.16),
        np.deg2rad(style.trait("toe_out", 5, 15)),
    )
    builder.look(np.deg2rad(4 + 4 * style.trait("head", -1, 1)) * level)
    builder.raise_shoulders(COLLAR_RAISE_RAD * phase)
    for side in ("left", "right"):
        builder.raise_arm(
            side,
            HANG_OUT_RAD + FULL_RANGE_RAD * phase,
            np.deg2rad(style.trait("arms", 14, 30)) * level,
        )
        builder.bend_elbow(side, np.deg2rad(14) * level)
    return Pose(builder.root_m, builder.world_wxyz)


LATERAL_RAISE = Exercise(
    name="lateral_raise",
    title="Lateral raise",
    phases=("raise", "top", "lowering", "hang"),
    contacts=("left_foot", "right_foot"),
    props=("left_dumbbell", "right_dumbbell"),
    habits={
        "stance": "stance width",
        "toe_out": "toes turned out",
        "lean": "trunk lean",
        "arms": "plane of the arms, ahead of the side",
        "head": "gaze",
    },
    driving="arm_elevation",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={
        "arm_elevation": Range(80, 100),
        "elbow_flexion": Range(5, 34),
        "trunk_lean": Range(-2, 7),
    },
    out_s=Range(1.0, 1.6),
    back_s=Range(1.1, 1.8),
    pose=_pose,
)
