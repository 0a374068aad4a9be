"""Downward-facing dog: from all fours the hips rise until legs and arms are straight, and hold.

Palms and toes carry the body. Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.easing import settle
from motions.exercise import Exercise, Pose
from motions.floor import WRIST_HEIGHT_M
from motions.geometry import Y_AXIS, Z_AXIS
from motions.limb_geometry import (
    BALL_M,
    FOREARM_M,
    SHIN_M,
    THIGH_M,
    UPPER_ARM_M,
    ahead_and_up,
    ankle_over_ball_m,
    corner_rad,
    limb_reach_m,
)
from motions.posing import PoseBuilder
from motions.variation import Range, Style

HEEL_RAD = np.deg2rad([74, 26])
"""How far the heels are up, on all fours and in the pose; the same of what follows."""
SHIN_RAD = np.deg2rad([-11, 56])
"""How steeply the shins rise from the ankles."""
KNEE_RAD = np.deg2rad([100, 10])
ELBOW_RAD = np.deg2rad(15)
PALMS_AHEAD_M = 0.97
"""Of the balls of the feet."""
BALL_BEHIND_M = 0.45
"""How far those are behind the origin, so that the pelvis begins above it."""
FULL_RANGE_RAD = np.deg2rad(67)
"""Of the arms' elevation against the trunk."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    phase = settle(phase)  # the pose is the same each time
    heel, shin, knee = (at[0] + (at[1] - at[0]) * phase for at in (HEEL_RAD, SHIN_RAD, KNEE_RAD))
    ball = np.array([BALL_BEHIND_M, BALL_M[1]])
    ankle = ball + ankle_over_ball_m(heel)
    hip = ankle + SHIN_M * ahead_and_up(shin) + THIGH_M * ahead_and_up(shin + knee)
    palm = ball - [PALMS_AHEAD_M + style.trait("lean", -0.02, 0.02), BALL_M[1] - WRIST_HEIGHT_M]
    upright = PoseBuilder.upright(np.zeros((1, 3)))
    from_hip_m = (upright.position("left_shoulder") - upright.position("left_hip"))[0]
    palm_out_m = upright.position("left_shoulder")[0, 0] + style.trait("stance", 0.0, 0.04)
    # Seen from the side, shoulder, hip and palm are a triangle with two sides of fixed length.
    trunk_m = np.hypot(*from_hip_m[1:])
    arm_m = limb_reach_m(UPPER_ARM_M, FOREARM_M, ELBOW_RAD)
    to_palm = palm - hip
    away_m = np.hypot(*to_palm.T)
    slope = np.arctan2(to_palm[:, 1], -to_palm[:, 0]) + corner_rad(trunk_m, away_m, arm_m)
    builder = PoseBuilder.upright(np.zeros((len(phase), 3)))
    pitch = np.pi / 2 - slope + np.arctan2(*from_hip_m[1:])
    builder.lean(pitch, spine_share=0.0)
    builder.root_m[:, 1:] = hip - builder.position("left_hip")[:, 1:]
    builder.look(pitch - np.deg2rad(8) + np.deg2rad(5) * style.trait("head", -1, 1))
    level = np.ones((len(phase), 1))
    for side, out in (("left", 1.0), ("right", -1.0)):
        place = np.array([out * style.trait("toe_out", 0.09, 0.12), *ball])
        builder.stand_on_ball(side, place * level, 0.0, heel, shin + knee - np.pi / 2)
        builder.bend_arm(
            side, np.array([out * palm_out_m, *palm]) * level, np.array([out, 0.4, 0.0])
        )
        builder.hold(side, -Y_AXIS, -Z_AXIS)
    return Pose(builder.root_m, builder.world_wxyz)


DOWNWARD_DOG = Exercise(
    name="downward_dog",
    title="Downward-facing dog",
    phases=("rising", "pose", "lowering", "all fours"),
    contacts=("left_foot", "right_foot", "left_hand", "right_hand"),
    props=("mat",),
    habits={
        "stance": "width of the hands",
        "toe_out": "width of the feet",
        "lean": "hands further ahead or back",
        "head": "gaze",
    },
    driving="arm_elevation",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={
        "hip_flexion": Range(75, 110),
        "knee_flexion": Range(0, 20),
        "elbow_flexion": Range(0, 20),
        "arm_elevation": Range(120, 165),
    },
    out_s=Range(1.6, 2.4),
    back_s=Range(1.6, 2.4),
    hold_s=Range(1.5, 3.0),
    pose=_pose,
)
