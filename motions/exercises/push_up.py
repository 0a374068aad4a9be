"""The push-up: one straight line from heels to head, lowered and lifted by the arms.

Toes and palms carry the body. Some have their palms on a bench, which is easier. Correct ranges
and sources: docs/faults.md.
"""

import numpy as np

from motions.exercise import Exercise, Pose
from motions.floor import WRIST_HEIGHT_M
from motions.geometry import X_AXIS, Z_AXIS, about
from motions.limb_geometry import (
    BALL_M,
    FOREARM_M,
    UPPER_ARM_M,
    ankle_over_ball_m,
    corner_rad,
    limb_reach_m,
)
from motions.posing import PoseBuilder
from motions.variation import Range, Style

TOP_ELBOW_RAD, BOTTOM_ELBOW_RAD = np.deg2rad(13), np.deg2rad(120)
FULL_RANGE_RAD = BOTTOM_ELBOW_RAD - TOP_ELBOW_RAD
HEEL_RAD = np.deg2rad(72)
"""How far the heels are up, on tucked toes."""
LOWER_HEEL_RAD_M = np.deg2rad(40)
"""How much less for each metre that the hands are up: a steeper body has steeper shins."""
KNEE_RAD = np.deg2rad(7)
"""Knees are not locked, which leaves the legs some play."""
ANKLE_BEHIND_M = 0.85
"""How far the ankles are behind the origin, so that the pelvis begins above it."""
PALMS_AHEAD = 0.15
"""How much further ahead the palms are for each metre that they are up: there the body comes down
forwards too, and ends with its chest over the palms, not its belly."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    pike_rad = np.deg2rad(style.trait("lean", -2, 4))
    upright = _line(np.zeros(1), pike_rad)
    ankle, shoulder = (upright.position(f"left_{joint}")[0] for joint in ("ankle", "shoulder"))
    palm_out_m = style.trait("stance", 0.21, 0.27)
    elbow = TOP_ELBOW_RAD + FULL_RANGE_RAD * phase
    top_m, reach_m = (
        np.sqrt(limb_reach_m(UPPER_ARM_M, FOREARM_M, bend) ** 2 - (palm_out_m - shoulder[0]) ** 2)
        for bend in (TOP_ELBOW_RAD, elbow)
    )
    # Seen from the side, ankle, palm and shoulder are a triangle with two sides of fixed length.
    body_m = np.hypot(*(shoulder - ankle)[1:])
    heel_rad = HEEL_RAD - LOWER_HEEL_RAD_M * style.bench_m
    behind_m, over_m = ankle_over_ball_m(heel_rad)
    ankle_z = over_m + BALL_M[1]
    palm_z = style.bench_m + WRIST_HEIGHT_M
    rise_m = palm_z - ankle_z
    ahead_m = np.sqrt(body_m**2 - (rise_m + top_m) ** 2) - style.trait("arms", -0.01, 0.03)
    ahead_m += PALMS_AHEAD * style.bench_m
    steep = corner_rad(body_m, np.hypot(ahead_m, rise_m), reach_m) + np.arctan2(rise_m, ahead_m)
    pitch = np.pi / 2 - steep + np.arctan2(*(shoulder - ankle)[1:])
    builder = _line(pitch, pike_rad)
    builder.root_m = np.array([0.0, ANKLE_BEHIND_M, ankle_z]) - builder.position("left_ankle")
    builder.root_m[:, 0] = 0.0
    builder.look(pitch - np.deg2rad(14) + np.deg2rad(6) * style.trait("head", -1, 1))
    for side, out in (("left", 1.0), ("right", -1.0)):
        ball = [out * ankle[0], ANKLE_BEHIND_M - behind_m, BALL_M[1]]
        builder.stand_on_ball(
            side, np.tile(ball, (len(phase), 1)), 0.0, np.full(len(phase), heel_rad), -pitch
        )
        palm = [out * palm_out_m, ANKLE_BEHIND_M - ahead_m, palm_z]
        builder.aim_arm(side, -Z_AXIS, np.array([out * 0.7, 0.7, 0]))
        builder.bend_elbow(side, elbow)
        builder.reach(f"{side}_hand", np.tile(palm, (len(phase), 1)))
        builder.hold(side, np.array([-out * 0.1, -1.0, 0]), -Z_AXIS)
    return Pose(builder.root_m, builder.world_wxyz)


def _line(pitch: np.ndarray, pike_rad: float) -> PoseBuilder:
    """Return a straight body whose legs lean forward by pitch (T,) and the trunk by more."""
    builder = PoseBuilder.upright(np.zeros((len(pitch), 3)))
    builder.lean(pitch + pike_rad, spine_share=0.0)
    for side in ("left", "right"):
        builder.turn(f"{side}_hip", about(X_AXIS, pitch - KNEE_RAD / 2))
        builder.turn(f"{side}_knee", about(X_AXIS, pitch + KNEE_RAD / 2))
    return builder


PUSH_UP = Exercise(
    name="push_up",
    title="Push-up",
    phases=("lowering", "bottom", "press", "top"),
    contacts=("left_foot", "right_foot", "left_hand", "right_hand"),
    props=("mat", "bench"),
    habits={
        "stance": "width of the hands",
        "arms": "hands further ahead or back",
        "lean": "a little pike or sag",
        "head": "gaze",
    },
    driving="elbow_flexion",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={"elbow_flexion": Range(100, 130), "knee_flexion": Range(0, 17)},
    out_s=Range(1.0, 1.6),
    back_s=Range(0.8, 1.3),
    bench_m=Range(0.25, 0.4),
    pose=_pose,
)
