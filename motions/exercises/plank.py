"""The forearm plank: from the knees up into one straight line, held, and down again.

Forearms and toes carry the body. Correct ranges and sources: docs/faults.md.
"""

import numpy as np

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
)
from motions.posing import PoseBuilder
from motions.variation import Range, Style

KNEELING_RAD, PLANK_RAD = np.deg2rad(46), np.deg2rad(4)
"""How far the knees are bent, just off the floor and in the plank."""
FULL_RANGE_RAD = KNEELING_RAD - PLANK_RAD
HEEL_RAD = np.deg2rad(72)
"""How far the heels are up, on tucked toes."""
KNEE_CLEAR_M = 0.085
"""Height of the knees when they are down."""
ANKLE_BEHIND_M = 0.72
"""How far the ankles are behind the origin, so that the pelvis begins above it."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    knee = KNEELING_RAD - FULL_RANGE_RAD * phase
    ankle_y, ankle_z = ankle_over_ball_m(HEEL_RAD)
    ball = np.array([0.09, ANKLE_BEHIND_M - ankle_y, BALL_M[1]])
    ankle = np.array([ANKLE_BEHIND_M, BALL_M[1] + ankle_z])
    upright = PoseBuilder.upright(np.zeros((1, 3)))
    shoulder_m = (upright.position("left_shoulder") - upright.position("left_hip"))[0]
    trunk_m = np.hypot(*shoulder_m[1:])
    # Shins rise from a little below level to the slope of the straight line.
    slope = np.arcsin((UPPER_ARM_M + WRIST_HEIGHT_M - ankle[1]) / (THIGH_M + SHIN_M + trunk_m))
    low = np.arcsin((KNEE_CLEAR_M - ankle[1]) / SHIN_M)
    shin = low + (slope - PLANK_RAD / 2 + np.deg2rad(style.trait("lean", -2.5, 0)) - low) * phase
    knee_m = ankle + SHIN_M * ahead_and_up(shin)
    hip = knee_m + THIGH_M * ahead_and_up(shin + knee)
    line = ankle + (THIGH_M + SHIN_M + trunk_m) * ahead_and_up(slope)
    elbow = np.array([line[0] - style.trait("arms", -0.03, 0.02), WRIST_HEIGHT_M])
    # Shoulder, hip and elbow are a triangle with two sides of fixed length.
    to_hip = hip - elbow
    distance_m = np.hypot(*to_hip.T)
    up = np.arctan2(to_hip[:, 1], to_hip[:, 0]) + corner_rad(UPPER_ARM_M, distance_m, trunk_m)
    shoulder = elbow + UPPER_ARM_M * np.stack([np.cos(up), np.sin(up)], axis=-1)
    pitch = np.arctan2(hip[:, 0] - shoulder[:, 0], shoulder[:, 1] - hip[:, 1])
    builder = PoseBuilder.upright(np.zeros((len(phase), 3)))
    builder.lean(pitch + np.arctan2(*shoulder_m[1:]), spine_share=0.0)
    builder.root_m[:, 1:] = hip - builder.position("left_hip")[:, 1:]
    builder.look(pitch - np.deg2rad(12) + np.deg2rad(6) * style.trait("head", -1, 1))
    for side, out in (("left", 1.0), ("right", -1.0)):
        heel = np.full(len(phase), HEEL_RAD)
        builder.stand_on_ball(side, ball * [out, 1, 1] + 0 * builder.root_m, 0.0, heel, -pitch)
        wrist = np.array([out * shoulder_m[0] + out * 0.09, elbow[0] - FOREARM_M, WRIST_HEIGHT_M])
        builder.bend_arm(side, np.tile(wrist, (len(phase), 1)), -Z_AXIS)
        builder.hold(side, -Y_AXIS, -Z_AXIS)
    return Pose(builder.root_m, builder.world_wxyz)


PLANK = Exercise(
    name="plank",
    title="Forearm plank",
    phases=("lifting", "plank", "lowering", "kneeling"),
    contacts=("left_foot", "right_foot", "left_hand", "right_hand"),
    props=("mat",),
    habits={
        "lean": "hips higher or lower",
        "arms": "elbows further ahead or back",
        "head": "gaze",
    },
    driving="knee_extension",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={"hip_flexion": Range(-10, 10), "knee_flexion": Range(0, 12)},
    out_s=Range(1.0, 1.5),
    back_s=Range(1.0, 1.5),
    hold_s=Range(2.0, 4.0),
    pose=_pose,
)
