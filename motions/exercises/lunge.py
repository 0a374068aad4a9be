"""The forward lunge: a long step ahead, down until both knees are bent square, and back again.

The legs take turns. Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.easing import bump, minimum_jerk
from motions.exercise import Exercise, Pose
from motions.geometry import X_AXIS, Z_AXIS, about, rotate
from motions.limb_geometry import BALL_M, SHIN_M, THIGH_M, limb_reach_m, planted
from motions.posing import PoseBuilder
from motions.skeleton import SMPL22
from motions.variation import Range, Style

TOUCH_DOWN = 0.57
"""The phase at which the stepping foot comes down."""
REAR_HEEL_RAD = np.deg2rad(56)
"""How far the rear heel is up at the bottom."""
STANDING_KNEE_RAD, REAR_KNEE_RAD = np.deg2rad(6), np.deg2rad(88)
"""How far the rear knee is bent, standing and at the bottom."""
REAR_LEG_RAD = np.deg2rad(54)
"""How far the line from the rear ankle to the hips leans forward at the bottom."""
FULL_RANGE_RAD = np.deg2rad(84)
"""Of the mean of both knees, standing to bottom."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    out_m = style.trait("stance", 0.09, 0.12)
    step_m = style.trait("arms", 0.90, 0.94)
    ball_m = np.array([out_m, *BALL_M]) + np.zeros((len(phase), 3))
    # The hips go round the rear ankle: first ahead with the step, then down between the feet.
    heel = REAR_HEEL_RAD * minimum_jerk((phase - 0.02) / 0.98)
    leaning = REAR_LEG_RAD * (1.8 * phase - 0.8 * phase**2)
    knee = STANDING_KNEE_RAD + (REAR_KNEE_RAD - STANDING_KNEE_RAD) * phase**2
    foot_m = -SMPL22.offsets_m[SMPL22.index("right_foot")]
    reach_m = limb_reach_m(THIGH_M, SHIN_M, knee)[:, None]
    hips = (
        ball_m
        + rotate(about(X_AXIS, heel), foot_m)
        + reach_m * rotate(about(X_AXIS, leaning), Z_AXIS)
    )
    lean = np.deg2rad(2) + np.deg2rad(style.trait("lean", 5, 12)) * phase
    hips_below_pelvis = SMPL22.offsets_m[SMPL22.index("left_hip"), 2]
    root = hips * np.array([0.0, 1.0, 1.0])
    root[:, 1] += hips_below_pelvis * np.sin(lean)
    root[:, 2] -= hips_below_pelvis * np.cos(lean)
    builder = PoseBuilder.upright(root)
    builder.lean(lean)
    builder.look(np.deg2rad(8) + np.deg2rad(4) * style.trait("head", -1, 1) * np.ones(len(phase)))
    swing = phase / TOUCH_DOWN
    step = np.stack([0 * swing, -step_m * minimum_jerk(swing), 0.09 * bump(swing)], axis=-1)
    off_heel = np.deg2rad(22) * bump(1.4 * swing)
    builder.stand_on_ball("left", ball_m + step, 0.0, off_heel, 0.3 + 1.2 * phase, off_heel)
    behind = ball_m * np.array([-1.0, 1.0, 1.0])
    builder.stand_on_ball("right", behind, np.deg2rad(3), heel, 0.1 - 0.4 * phase)
    for side in ("left", "right"):
        out_rad = np.deg2rad(style.trait("arms", 14, 20)) * np.ones(len(phase))
        builder.straight_arm(side, out_rad, np.deg2rad(2) - lean)
        builder.bend_elbow(side, np.deg2rad(22) * np.ones(len(phase)))
    return Pose(
        builder.root_m,
        builder.world_wxyz,
        planted(len(phase), left_foot=(swing <= 0) | (swing >= 1), right_foot=True),
    )


LUNGE = Exercise(
    name="lunge",
    title="Forward lunge",
    phases=("step and descent", "bottom", "push back", "standing"),
    contacts=("left_foot", "right_foot"),
    props=(),
    habits={
        "stance": "stance width",
        "lean": "trunk lean",
        "arms": "step length and how far the arms are out",
        "head": "gaze",
    },
    driving="knee_flexion",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={"front_knee_flexion": Range(90, 105), "trunk_lean": Range(3, 19)},
    out_s=Range(1.6, 2.1),
    back_s=Range(1.5, 2.0),
    sides="alternate",
    pose=_pose,
)
