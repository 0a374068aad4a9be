"""The bodyweight squat: down until the hips are below the knees, and up again.

Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.exercise import Exercise, Pose
from motions.limb_geometry import hip_over_ankle_m
from motions.posing import PoseBuilder
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22
from motions.variation import Range, Style

STANDING_KNEE_RAD = np.deg2rad(4)
FULL_RANGE_RAD = np.deg2rad(122)
SHIN_SHARE = 0.28
"""How much of the knee's bend is the shin leaning forward."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    hip_m = abs(SMPL22.offsets_m[SMPL22.index("left_hip"), 0])
    ankle_out_m = style.trait("stance", 0.17, 0.23)
    toe_out_rad = np.deg2rad(style.trait("toe_out", 10, 28))
    knee = STANDING_KNEE_RAD + FULL_RANGE_RAD * phase
    hip_from_ankle = hip_over_ankle_m(knee, SHIN_SHARE * knee, ankle_out_m - hip_m)
    lean = np.deg2rad(3) + np.deg2rad(style.trait("lean", 34, 39)) * phase
    hips_below_pelvis = SMPL22.offsets_m[SMPL22.index("left_hip"), 2]
    # The pelvis lies above the middle of the hips, tilted forward with the trunk.
    root = np.zeros((len(phase), 3))
    root[:, 1] = hip_from_ankle[:, 0] + hips_below_pelvis * np.sin(lean)
    root[:, 2] = ANKLE_HEIGHT_M + hip_from_ankle[:, 1] - hips_below_pelvis * np.cos(lean)
    builder = PoseBuilder.upright(root)
    builder.lean(lean)
    builder.look(
        np.deg2rad(4) + np.deg2rad(14) * phase + np.deg2rad(4) * style.trait("head", -1, 1)
    )
    thigh = knee * (1 - SHIN_SHARE)
    for side, out in (("left", 1.0), ("right", -1.0)):
        ankle = np.array([out * ankle_out_m, 0.0, ANKLE_HEIGHT_M])
        builder.plant_foot(side, ankle, toe_out_rad, thigh)
        raised = np.deg2rad(8) + np.deg2rad(style.trait("arms", 66, 82)) * phase**0.9
        builder.straight_arm(side, np.full(len(phase), np.deg2rad(8)), raised)
        builder.bend_elbow(side, np.full(len(phase), np.deg2rad(12)))
    return Pose(builder.root_m, builder.world_wxyz)


SQUAT = Exercise(
    name="squat",
    title="Bodyweight squat",
    phases=("descent", "bottom", "ascent", "standing"),
    contacts=("left_foot", "right_foot"),
    props=(),
    habits={
        "stance": "stance width",
        "toe_out": "toes turned out",
        "lean": "trunk lean",
        "arms": "how high the arms go",
        "head": "gaze",
    },
    driving="knee_flexion",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={"knee_flexion": Range(112, 140), "trunk_lean": Range(36, 48)},
    out_s=Range(1.0, 1.6),
    back_s=Range(0.9, 1.4),
    pose=_pose,
)
