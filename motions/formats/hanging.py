"""Humanoids that face x with y up and z to their right, and rest with hanging arms.

DeepMimic's is one and OpenSim's models are. At rest all their joint frames are aligned with the
world.
"""

from collections.abc import Mapping

import numpy as np
from scipy.spatial.transform import Rotation

from motions.geometry import IDENTITY_WXYZ, Y_AXIS, about, inverse, multiply, slerp, to_wxyz
from motions.skeleton import SMPL22

TO_CANONICAL_WXYZ = to_wxyz(Rotation.from_matrix(np.array([[0, 0, -1], [-1, 0, 0], [0, 1, 0]])))
"""Forward x to -Y, up y to +Z, right z to -X."""
_ARM_DOWN = {"left": about(Y_AXIS, np.pi / 2), "right": about(Y_AXIS, -np.pi / 2)}
"""From the T-pose to the humanoid's rest: the arm sinks sideways, its elbow still bends forward."""


def canonical_rotations(turns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Express rotations to the parent on the canonical skeleton.

    Args:
        turns: Rotations to the parent, in the humanoid's frame, (T, 4) each: root, chest, neck, and
            of both sides hip, knee, ankle, shoulder and elbow. The chest's is shared by the three
            joints of the spine, the neck's by neck and head.

    Returns:
        Joint to parent. Shape (T, 22, 4).
    """
    local = np.tile(IDENTITY_WXYZ, (len(turns["root"]), len(SMPL22.joint_names), 1))

    def turned(name: str) -> np.ndarray:
        return multiply(multiply(TO_CANONICAL_WXYZ, turns[name]), inverse(TO_CANONICAL_WXYZ))

    def put(joint: str, wxyz: np.ndarray) -> None:
        local[:, SMPL22.index(joint)] = wxyz

    put("pelvis", turned("root"))
    third = slerp(IDENTITY_WXYZ, turned("chest"), np.full(len(local), 1 / 3))
    for joint in ("spine1", "spine2", "spine3"):
        put(joint, third)
    half = slerp(IDENTITY_WXYZ, turned("neck"), np.full(len(local), 1 / 2))
    for joint in ("neck", "head"):
        put(joint, half)
    for side, down in _ARM_DOWN.items():
        for part in ("hip", "knee", "ankle"):
            put(f"{side}_{part}", turned(f"{side}_{part}"))
        put(f"{side}_shoulder", multiply(turned(f"{side}_shoulder"), down))
        elbow = turned(f"{side}_elbow")
        put(f"{side}_elbow", multiply(multiply(inverse(down), elbow), down))
    return local


def model_rotations(local_wxyz: np.ndarray) -> dict[str, np.ndarray]:
    """Undo `canonical_rotations`, as far as the humanoid can follow.

    Its chest turns as the three joints of the spine together, its neck as neck and head, its
    shoulder as collar and shoulder; hinges keep what is not about their axis.

    Args:
        local_wxyz: Joint to parent on the canonical skeleton. Shape (T, 22, 4).
    """

    def chained(*joints: str) -> np.ndarray:
        turned = local_wxyz[:, SMPL22.index(joints[0])]
        for joint in joints[1:]:
            turned = multiply(turned, local_wxyz[:, SMPL22.index(joint)])
        return turned

    def seen(wxyz: np.ndarray) -> np.ndarray:
        return multiply(multiply(inverse(TO_CANONICAL_WXYZ), wxyz), TO_CANONICAL_WXYZ)

    turns = {
        "root": seen(chained("pelvis")),
        "chest": seen(chained("spine1", "spine2", "spine3")),
        "neck": seen(chained("neck", "head")),
    }
    for side, down in _ARM_DOWN.items():
        for part in ("hip", "knee", "ankle"):
            turns[f"{side}_{part}"] = seen(chained(f"{side}_{part}"))
        arm = chained(f"{side}_collar", f"{side}_shoulder")
        turns[f"{side}_shoulder"] = seen(multiply(arm, inverse(down)))
        elbow = multiply(multiply(down, chained(f"{side}_elbow")), inverse(down))
        turns[f"{side}_elbow"] = seen(elbow)
    return turns
