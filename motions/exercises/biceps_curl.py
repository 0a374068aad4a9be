"""The standing biceps curl: two dumbbells go up to the shoulders, the palms turning to face them.

The upper arms stay at the sides. Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.dumbbells import stand, with_dumbbells
from motions.easing import settle
from motions.exercise import Pose
from motions.variation import Range, Style

HANG_ELBOW_RAD, TOP_ELBOW_RAD = np.deg2rad(10), np.deg2rad(136)
FULL_RANGE_RAD = TOP_ELBOW_RAD - HANG_ELBOW_RAD


def _pose(phase: np.ndarray, style: Style) -> Pose:
    level = np.ones(len(phase))
    builder = stand(style, 7, style.trait("lean", 0, 3) - 2 * phase)
    for side in ("left", "right"):
        out_rad = np.deg2rad(style.trait("arms", 11, 15)) * level
        builder.straight_arm(side, out_rad, np.deg2rad(2 + 10 * phase**2))
        builder.bend_elbow(side, HANG_ELBOW_RAD + FULL_RANGE_RAD * phase)
        builder.turn_palm(side, np.deg2rad(15 + 65 * settle(phase)))
    return Pose(builder.root_m, builder.world_wxyz)


BICEPS_CURL = with_dumbbells(
    "biceps_curl",
    "Biceps curl",
    ("curl", "top", "lowering", "hang"),
    _pose,
    driving="elbow_flexion",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={
        "elbow_flexion": Range(120, 150),
        "arm_elevation": Range(0, 35),
        "trunk_lean": Range(-6, 6),
    },
)
