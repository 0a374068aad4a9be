"""The front raise: two dumbbells go up ahead, palms down, until the arms are level.

Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.dumbbells import stand, with_dumbbells
from motions.exercise import Pose
from motions.variation import Range, Style

HANG_RAD, TOP_RAD = np.deg2rad(17), np.deg2rad(94)
"""How far the arms are ahead: at first the dumbbells lie before the thighs."""
FULL_RANGE_RAD = np.deg2rad(75)
"""Of the arm's elevation against the trunk, which leans back a little."""
COLLAR_RAISE_RAD = np.deg2rad(6)


def _pose(phase: np.ndarray, style: Style) -> Pose:
    level = np.ones(len(phase))
    builder = stand(style, 8, style.trait("lean", 0, 3) - 1.5 * phase)
    builder.raise_shoulders(COLLAR_RAISE_RAD * phase)
    for side in ("left", "right"):
        builder.straight_arm(
            side,
            np.deg2rad(style.trait("arms", 3, 8)) * level,
            HANG_RAD + (TOP_RAD - HANG_RAD) * phase,
        )
        builder.bend_elbow(side, np.deg2rad(8) * level)
        builder.turn_palm(side, np.deg2rad(-80) * level)
    return Pose(builder.root_m, builder.world_wxyz)


FRONT_RAISE = with_dumbbells(
    "front_raise",
    "Front raise",
    ("raise", "top", "lowering", "hang"),
    _pose,
    driving="arm_elevation",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={
        "arm_elevation": Range(80, 100),
        "elbow_flexion": Range(0, 34),
        "trunk_lean": Range(-4, 4),
    },
)
