"""The pull-up: from a dead hang until the chin is over the bar, and back under control.

The knees are bent so that the feet hang free of the floor under a low bar. Correct ranges and
sources: docs/faults.md.
"""

import numpy as np

from motions.exercise import Exercise, Pose
from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about, multiply
from motions.limb_geometry import FOREARM_M, UPPER_ARM_M, limb_reach_m
from motions.posing import PoseBuilder
from motions.skeleton import SMPL22, STANDING_PELVIS_M
from motions.variation import Range, Style

HANG_ELBOW_RAD = np.deg2rad(10)
TOP_ELBOW_RAD = np.deg2rad(144)
"""For a grip of middle width; a wider one needs less."""
FULL_RANGE_RAD = TOP_ELBOW_RAD - HANG_ELBOW_RAD
HANG_PELVIS_M = STANDING_PELVIS_M - 0.15
"""The bar is low enough to be held standing with bent elbows, so a jump can reach it."""
HANG_BEHIND_M, TOP_BEHIND_M = 0.03, 0.13
"""How far the shoulders are behind the bar."""
TOP_BELOW_M = 0.0
"""How far they are below the wrists at the top: level with them the chin clears the bar."""
COLLAR_RAISE_RAD = np.deg2rad(22)
"""How far the shoulder girdle is lifted in the hang; it comes down with the pull."""


def _pose(phase: np.ndarray, style: Style) -> Pose:
    grip_out_m = style.trait("stance", 0.24, 0.30)
    hang = _trunk(np.zeros(1), style).position("left_shoulder")[0]
    drop_m = _drop(HANG_ELBOW_RAD, grip_out_m - hang[0], HANG_BEHIND_M)
    # The bar is where the hands are in a dead hang.
    wrist_m = np.array([grip_out_m, hang[1] - HANG_BEHIND_M, hang[2] + drop_m])
    builder = _trunk(phase, style)
    shoulder = builder.position("left_shoulder")
    behind_m = HANG_BEHIND_M + (TOP_BEHIND_M - HANG_BEHIND_M) * phase
    below_m = drop_m + (TOP_BELOW_M - drop_m) * phase
    rise = np.stack([wrist_m[1] + behind_m, wrist_m[2] - below_m], axis=-1) - shoulder[:, 1:]
    builder.root_m = builder.root_m + np.pad(rise, ((0, 0), (1, 0)))
    for side, out in (("left", 1.0), ("right", -1.0)):
        target = np.broadcast_to(wrist_m * [out, 1, 1], (len(phase), 3))
        builder.aim_arm(side, Z_AXIS, np.array([out * 0.8, -0.6, 0]))
        builder.bend_elbow(side, HANG_ELBOW_RAD + FULL_RANGE_RAD * phase)
        builder.reach(f"{side}_hand", target)
        builder.hold(side, Z_AXIS, -Y_AXIS)
    return Pose(builder.root_m, builder.world_wxyz)


def _drop(elbow_rad: float, across_m: float, behind_m: float) -> float:
    """Return how far the shoulder hangs below the wrist at an elbow flexion."""
    reach_m = limb_reach_m(UPPER_ARM_M, FOREARM_M, elbow_rad)
    return float(np.sqrt(reach_m**2 - across_m**2 - behind_m**2))


def _trunk(phase: np.ndarray, style: Style) -> PoseBuilder:
    root = np.tile([0.0, 0.0, HANG_PELVIS_M], (len(phase), 1))
    builder = PoseBuilder.upright(root)
    lean = -np.deg2rad(style.trait("lean", 6, 12)) * phase
    builder.lean(lean, spine_share=0.2)
    builder.look(-np.deg2rad(6) - np.deg2rad(12) * phase)
    for side, out in (("left", 1.0), ("right", -1.0)):
        raised = about(Y_AXIS, -out * COLLAR_RAISE_RAD * (1 - 0.8 * phase))
        trunk = builder.world_wxyz[:, SMPL22.index("spine3")]
        builder.turn(f"{side}_collar", multiply(trunk, raised))
        thigh = about(
            X_AXIS, 0.7 * lean + np.deg2rad(6) + np.deg2rad(style.trait("toe_out", -4, 6))
        )
        shin = multiply(
            thigh, about(X_AXIS, np.deg2rad(style.trait("arms", 68, 88)) * np.ones(len(phase)))
        )
        builder.turn(f"{side}_hip", thigh)
        for joint in ("knee", "ankle", "foot"):
            builder.turn(f"{side}_{joint}", shin)
    return builder


PULL_UP = Exercise(
    name="pull_up",
    title="Pull-up",
    phases=("pull", "top", "lowering", "hang"),
    contacts=("left_hand", "right_hand"),
    props=("pullup_bar",),
    habits={
        "stance": "width of the grip",
        "lean": "how far the trunk leans back",
        "toe_out": "thighs further ahead or back",
        "arms": "bend of the knees",
    },
    driving="elbow_flexion",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={"elbow_flexion": Range(125, 155), "hip_flexion": Range(-25, 30)},
    out_s=Range(1.1, 1.6),
    back_s=Range(1.3, 1.9),
    pose=_pose,
)
