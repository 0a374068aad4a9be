"""The standing biceps curl: two dumbbells go up to the shoulders, the palms turning to face them.

The upper arms stay at the sides. Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.easing import settle
from motions.exercise import Exercise, Pose
from motions.posing import PoseBuilder
from motions.variation import Range, Style

HANG_ELBOW_RAD, TOP_ELBOW_RAD = np.deg2rad(10), np.deg2rad(136)
FULL_RANGE_RAD = TOP_ELBOW_RAD - HANG_ELBOW_RAD


def _pose(phase: np.ndarray, style: Style) -> Pose:
    level = np.ones(len(phase))
    builder = PoseBuilder.standing(
        np.deg2rad(7) * level,
        np.deg2rad(style.trait("lean", 0, 3) - 2 * phase),
        style.trait("stance", 0.11, 0.16),
        np.deg2rad(style.trait("toe_out", 5, 15)),
    )
    builder.look(np.deg2rad(4 + 4 * style.trait("head", -1, 1)) * level)
    for side in ("left", "right"):
        out_rad = np.deg2rad(style.trait("arms", 11, 15)) * level
        builder.straight_arm(side, out_rad, np.deg2rad(2 + 10 * phase**2))
        builder.bend_elbow(side, HANG_ELBOW_RAD + FULL_RANGE_RAD * phase)
        builder.turn_palm(side, np.deg2rad(15 + 65 * settle(phase)))
    return Pose(builder.root_m, builder.world_wxyz)


BICEPS_CURL = Exercise(
    name="biceps_curl",
    title="Biceps curl",
    phases=("curl", "top", "lowering", "hang"),
    contacts=("left_foot", "right_foot"),
    props=("left_dumbbell", "right_dumbbell"),
    habits={
        "stance": "stance width",
        "toe_out": "toes turned out",
        "lean": "trunk lean",
        "arms": "how far the arms are out",
        "head": "gaze",
    },
    driving="elbow_flexion",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={
        "elbow_flexion": Range(120, 150),
        "arm_elevation": Range(0, 35),
        "trunk_lean": Range(-6, 6),
    },
    out_s=Range(1.0, 1.6),
    back_s=Range(1.1, 1.8),
    pose=_pose,
)
