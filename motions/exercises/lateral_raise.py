"""The lateral raise: two dumbbells go out to the sides until the arms are level, a little ahead.

Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.dumbbells import stand, with_dumbbells
from motions.exercise import Pose
from motions.variation import Range, Style

HANG_OUT_RAD, TOP_OUT_RAD = np.deg2rad(14), np.deg2rad(91)
FULL_RANGE_RAD = TOP_OUT_RAD - HANG_OUT_RAD
COLLAR_RAISE_RAD = np.deg2rad(6)


def _pose(phase: np.ndarray, style: Style) -> Pose:
    level = np.ones(len(phase))
    builder = stand(style, 8, style.trait("lean", 2, 5) * level)
    builder.raise_shoulders(COLLAR_RAISE_RAD * phase)
    for side in ("left", "right"):
        builder.raise_arm(
            side,
            HANG_OUT_RAD + FULL_RANGE_RAD * phase,
            np.deg2rad(style.trait("arms", 14, 30)) * level,
        )
        builder.bend_elbow(side, np.deg2rad(14) * level)
    return Pose(builder.root_m, builder.world_wxyz)


LATERAL_RAISE = with_dumbbells(
    "lateral_raise",
    "Lateral raise",
    ("raise", "top", "lowering", "hang"),
    _pose,
    arms="plane of the arms, ahead of the side",
    driving="arm_elevation",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={
        "arm_elevation": Range(80, 100),
        "elbow_flexion": Range(5, 34),
        "trunk_lean": Range(-2, 7),
    },
)
