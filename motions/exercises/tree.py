"""Tree pose: on one leg, the other foot against the inner thigh, knee out, arms up like branches.

The weight goes over the standing foot before the other one leaves the floor. The legs take turns.
Correct ranges and sources: docs/faults.md.
"""

import numpy as np
from scipy.spatial.transform import Rotation

from motions.easing import bump, minimum_jerk
from motions.exercise import Exercise, Pose
from motions.geometry import IDENTITY_WXYZ, slerp, to_wxyz
from motions.limb_geometry import LEG_M, planted
from motions.posing import PoseBuilder
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22
from motions.variation import Range, Style

LIFT_OFF = 0.15
"""The phase at which the foot leaves the floor."""
SHIFT_M = 0.09
"""How far the pelvis goes over to the standing foot."""
STANDING_M = 0.9995 * LEG_M
"""Of the standing leg, which is all but straight."""
TOES_AHEAD_RAD = np.deg2rad(35)
"""From straight down, with the sole against the thigh."""
OPEN_RAD = np.deg2rad(72)
"""How far the knee is turned out."""
# Toes down and a little ahead, the left sole to the right.
_DOWN, _AHEAD = np.cos(TOES_AHEAD_RAD), np.sin(TOES_AHEAD_RAD)
SOLE_INWARDS_WXYZ = to_wxyz(
    Rotation.from_matrix([[0, 0, 1], [_DOWN, _AHEAD, 0], [-_AHEAD, _DOWN, 0]])
)
FULL_RANGE_RAD = np.deg2rad(66)
"""Of the mean of both knees."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    level = np.ones(len(phase))
    hip_m = SMPL22.offsets_m[SMPL22.index("left_hip")]
    apart_m = style.trait("stance", 0.075, 0.09)
    shift_m = (SHIFT_M + apart_m - 0.08) * minimum_jerk(phase / 0.6)
    high_m = np.sqrt(STANDING_M**2 - (hip_m[0] + shift_m - apart_m) ** 2)
    root = np.stack([-shift_m, 0 * phase, ANKLE_HEIGHT_M + high_m - hip_m[2]], axis=-1)
    builder = PoseBuilder.upright(root)
    builder.lean(np.deg2rad(style.trait("lean", 0, 3)) * level)
    builder.look(np.deg2rad(2 + 4 * style.trait("head", -1, 1)) * level)
    builder.raise_shoulders(np.deg2rad(22) * phase)
    ahead = -np.array([0.0, 1.0, 0.0])
    standing = np.tile([-apart_m, 0.0, ANKLE_HEIGHT_M], (len(phase), 1))
    builder.bend_leg("right", standing, ahead)
    lifted = minimum_jerk((phase - LIFT_OFF) / (1 - LIFT_OFF))[:, None]
    # Up the inside of the standing leg, but in a bow that clears it.
    start = np.array([apart_m, 0.0, ANKLE_HEIGHT_M])
    end = np.array([0.012, -0.01, style.trait("arms", 0.59, 0.62)])
    bow = np.array([0.10, -0.07, 0.0]) * bump(lifted)
    opened = np.deg2rad(4) + OPEN_RAD * lifted
    knee_to = np.concatenate([np.sin(opened), -np.cos(opened), 0 * opened], axis=-1)
    builder.bend_leg("left", start + (end - start) * lifted + bow, knee_to)
    for joint in ("ankle", "foot"):
        builder.turn(f"left_{joint}", slerp(IDENTITY_WXYZ, SOLE_INWARDS_WXYZ, lifted[:, 0]))
    for side in ("left", "right"):
        raised = np.deg2rad(12) + np.deg2rad(152) * phase
        builder.raise_arm(side, raised, np.deg2rad(4) * level, np.deg2rad(80) * phase)
        builder.bend_elbow(side, np.deg2rad(8) * level)
    return Pose(
        builder.root_m,
        builder.world_wxyz,
        planted(len(phase), left_foot=phase <= LIFT_OFF, right_foot=True),
    )


TREE = Exercise(
    name="tree",
    title="Tree pose",
    phases=("rising", "pose", "lowering", "standing"),
    contacts=("left_foot", "right_foot"),
    props=("mat",),
    habits={
        "stance": "stance width",
        "lean": "trunk lean",
        "arms": "how high the foot is",
        "head": "gaze",
    },
    driving="knee_flexion",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={"bent_knee_flexion": Range(120, 150), "trunk_lean": Range(-6, 6)},
    out_s=Range(1.6, 2.4),
    back_s=Range(1.6, 2.4),
    hold_s=Range(1.5, 3.0),
    sides="alternate",
    pose=_pose,
)
