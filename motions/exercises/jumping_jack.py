"""The jumping jack: from feet together a hop to feet apart, arms overhead, and a hop back.

Each phase ends in the dip that takes up the landing and starts the next hop, so one jack runs into
the other. In between the pelvis follows a parabola. Correct ranges and sources: docs/faults.md.
"""

import numpy as np

from motions.easing import bump, minimum_jerk
from motions.exercise import Exercise, Pose
from motions.limb_geometry import BALL_M, SHIN_M, THIGH_M, limb_reach_m, planted
from motions.posing import PoseBuilder
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22
from motions.variation import Range, Style

TAKE_OFF, TOUCH_DOWN = 0.2, 0.8
"""The phases between which the feet are off the floor."""
DIP_KNEE_RAD = np.deg2rad(34)
RISE_M = 0.075
"""From the dip to the top of the hop: in the time it takes about what gravity allows."""
CLEARANCE_M = 0.035
HEEL_RAD = np.deg2rad(16)
HANG_RAD, TOP_RAD = np.deg2rad(12), np.deg2rad(166)
FULL_RANGE_RAD = np.deg2rad(150)
"""Of the arms' elevation."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    level = np.ones(len(phase))
    hop = 4 * phase * (1 - phase)
    flight = (phase - TAKE_OFF) / (TOUCH_DOWN - TAKE_OFF)
    together_m, apart_m = 0.085, style.trait("stance", 0.29, 0.34)
    out_m = together_m + (apart_m - together_m) * minimum_jerk(flight)
    dips = [_dip_m(out) for out in (together_m, apart_m)]
    lean = np.deg2rad(style.trait("lean", 3, 6) - 2 * hop)
    hip_m = SMPL22.offsets_m[SMPL22.index("left_hip")]
    root = np.zeros((len(phase), 3))
    root[:, 1] = hip_m[2] * np.sin(lean) + 0.04
    root[:, 2] = dips[0] + (dips[1] - dips[0]) * phase + RISE_M * hop - hip_m[2] * np.cos(lean)
    builder = PoseBuilder.upright(root)
    builder.lean(lean)
    builder.look(np.deg2rad(4 + 3 * style.trait("head", -1, 1)) * level)
    heel = HEEL_RAD * minimum_jerk(hop / 0.7)
    raised = HANG_RAD + (TOP_RAD - HANG_RAD) * phase
    builder.raise_shoulders(np.deg2rad(22) * phase)
    for side, out in (("left", 1.0), ("right", -1.0)):
        ball = np.stack(
            [out * out_m, BALL_M[0] * level, BALL_M[1] + CLEARANCE_M * bump(flight)], -1
        )
        toes = heel * bump(flight)
        builder.stand_on_ball(side, ball, np.deg2rad(8), heel, 0.3 * level, toes)
        builder.raise_arm(side, raised, np.deg2rad(6) * level, np.deg2rad(75) * phase)
        builder.bend_elbow(side, np.deg2rad(style.trait("arms", 10, 18)) * level)
    standing = (phase <= TAKE_OFF) | (phase >= TOUCH_DOWN)
    return Pose(
        builder.root_m,
        builder.world_wxyz,
        planted(len(phase), left_foot=standing, right_foot=standing),
    )


def _dip_m(out_m: float) -> float:
    """Return how high the hips are in the dip with each ankle `out_m` from the middle."""
    reach_m = limb_reach_m(THIGH_M, SHIN_M, DIP_KNEE_RAD)
    across_m = out_m - SMPL22.offsets_m[SMPL22.index("left_hip"), 0]
    return ANKLE_HEIGHT_M + float(np.sqrt(reach_m**2 - across_m**2))


JUMPING_JACK = Exercise(
    name="jumping_jack",
    title="Jumping jack",
    phases=("hop apart", "apart", "hop together", "together"),
    contacts=("left_foot", "right_foot"),
    props=(),
    habits={
        "stance": "how wide the feet go",
        "lean": "trunk lean",
        "arms": "bend of the elbows",
        "head": "gaze",
    },
    driving="arm_elevation",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={"arm_elevation": Range(150, 180), "elbow_flexion": Range(0, 25)},
    out_s=Range(0.46, 0.54),
    back_s=Range(0.46, 0.54),
    hold_s=Range(0.01, 0.05),
    rest_s=Range(0.01, 0.06),
    pose=_pose,
)
