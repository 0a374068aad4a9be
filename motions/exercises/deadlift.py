"""The deadlift from standing: the barbell goes down along the shins to the floor and up again.

Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.exercise import Exercise, Pose
from motions.limb_geometry import FOREARM_M, UPPER_ARM_M, hip_over_ankle_m
from motions.posing import PoseBuilder
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22
from motions.variation import Range, Style

STANDING_KNEE_RAD = np.deg2rad(4)
BOTTOM_KNEE_RAD = np.deg2rad(82)
STANDING_LEAN_RAD = np.deg2rad(2)
FULL_RANGE_RAD = np.deg2rad(128)
"""Of hip flexion, standing to bottom."""
SHIN_SHARE = 0.16
BAR_AHEAD_M = 0.145, 0.140
"""How far the wrists are ahead of the ankles, standing before the thighs and at the bottom."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    hip_m = abs(SMPL22.offsets_m[SMPL22.index("left_hip"), 0])
    ankle_out_m = style.trait("stance", 0.11, 0.15)
    toe_out_rad = np.deg2rad(style.trait("toe_out", 4, 14))
    arm_out_rad = np.deg2rad(style.trait("arms", 16, 18))
    # The hips lead and the knees follow once the bar is past them.
    knee = STANDING_KNEE_RAD + (BOTTOM_KNEE_RAD - STANDING_KNEE_RAD) * phase**1.25
    lean = STANDING_LEAN_RAD + np.deg2rad(style.trait("lean", 62, 66)) * phase
    hip_from_ankle = hip_over_ankle_m(knee, SHIN_SHARE * knee, ankle_out_m - hip_m)
    hips_below_pelvis = SMPL22.offsets_m[SMPL22.index("left_hip"), 2]
    root = np.zeros((len(phase), 3))
    root[:, 1] = hip_from_ankle[:, 0] + hips_below_pelvis * np.sin(lean)
    root[:, 2] = ANKLE_HEIGHT_M + hip_from_ankle[:, 1] - hips_below_pelvis * np.cos(lean)
    builder = PoseBuilder.upright(root)
    builder.lean(lean, spine_share=0.06)
    builder.look(
        np.deg2rad(6) + np.deg2rad(36) * phase + np.deg2rad(5) * style.trait("head", -1, 1)
    )
    for side, out in (("left", 1.0), ("right", -1.0)):
        ankle = np.array([out * ankle_out_m, 0.0, ANKLE_HEIGHT_M])
        builder.plant_foot(side, ankle, toe_out_rad, knee * (1 - SHIN_SHARE))
        # The bar goes straight up and down; straight arms are drawn back to it.
        wrist_y = -(BAR_AHEAD_M[0] + (BAR_AHEAD_M[1] - BAR_AHEAD_M[0]) * phase)
        ahead_m = builder.position(f"{side}_shoulder")[:, 1] - wrist_y
        forward = np.arcsin(ahead_m / ((UPPER_ARM_M + FOREARM_M) * np.cos(arm_out_rad)))
        builder.straight_arm(side, np.full(len(phase), arm_out_rad), forward)
        builder.bend_elbow(side, np.full(len(phase), np.deg2rad(3)))
        builder.hold(side, np.array([0, 0.1, -1.0]), np.array([0, 1.0, 0]))
    return Pose(builder.root_m, builder.world_wxyz)


DEADLIFT = Exercise(
    name="deadlift",
    title="Deadlift",
    phases=("lowering", "bottom", "pull", "lockout"),
    contacts=("left_foot", "right_foot"),
    props=("barbell",),
    habits={
        "stance": "stance width",
        "toe_out": "toes turned out",
        "lean": "trunk lean",
        "arms": "width of the grip",
        "head": "gaze",
    },
    driving="hip_flexion",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={"knee_flexion": Range(70, 125), "elbow_flexion": Range(0, 10)},
    out_s=Range(1.2, 1.8),
    back_s=Range(1.0, 1.5),
    pose=_pose,
    puts_down=True,
)
