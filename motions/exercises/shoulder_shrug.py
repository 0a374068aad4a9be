"""The shoulder shrug: with two dumbbells hanging the shoulders rise towards the ears.

Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.dumbbells import stand, with_dumbbells
from motions.exercise import Pose
from motions.variation import Range, Style

FULL_RANGE_RAD = np.deg2rad(33)
"""How far the collars turn up: the shoulders rise by a tenth of the trunk."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    level = np.ones(len(phase))
    builder = stand(style, 7, style.trait("lean", 1, 4) * level)
    builder.raise_shoulders(np.deg2rad(-5) + FULL_RANGE_RAD * phase)
    for side in ("left", "right"):
        # As the shoulders come in, the arms stay clear of the hips.
        builder.straight_arm(
            side, np.deg2rad(style.trait("arms", 11, 15) + 2 * phase), np.deg2rad(2) * level
        )
        builder.bend_elbow(side, np.deg2rad(6) * level)
    return Pose(builder.root_m, builder.world_wxyz)


SHOULDER_SHRUG = with_dumbbells(
    "shoulder_shrug",
    "Shoulder shrug",
    ("shrug", "top", "lowering", "hang"),
    _pose,
    driving="collar_elevation",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={
        "collar_elevation": Range(35, 50),
        "elbow_flexion": Range(0, 30),
        "trunk_lean": Range(-2, 6),
    },
    out_s=Range(0.7, 1.0),
    back_s=Range(0.8, 1.2),
    hold_s=Range(0.2, 0.6),
)
