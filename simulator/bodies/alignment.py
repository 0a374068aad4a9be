"""From a model's own rest pose to the canonical T-pose, one turn a bone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from motions.geometry import IDENTITY_WXYZ, about, between, multiply, rotate, unit
from motions.skeleton import SMPL22

DOWN = np.array([0.0, 0.0, -1.0])


@dataclass(frozen=True)
class Hand:
    """Where the knuckles of a hand are in the rest pose, each of shape (3,)."""

    middle: np.ndarray
    index: np.ndarray
    little: np.ndarray


def align_to_t_pose(rest_joints_m: np.ndarray, hands: Mapping[str, Hand]) -> np.ndarray:
    """Return what turns each bone from the rest pose to the canonical T-pose. Shape (22, 4).

    Trunk, head, collars and feet are canonical as they are. Legs are straightened along -Z, arms
    along X with the elbow's own hinge upright and the palm down.

    Args:
        rest_joints_m: The joints of a rest pose that stands upright and faces -Y, elbows bent at
            least a little. Shape (22, 3).
        hands: Of the sides "left" and "right".
    """
    joint = dict(zip(SMPL22.joint_names, rest_joints_m, strict=True))
    align = np.tile(IDENTITY_WXYZ, (len(SMPL22.joint_names), 1))
    for side, out in (("left", 1.0), ("right", -1.0)):
        hip, knee, ankle, shoulder, elbow, wrist = (
            joint[f"{side}_{name}"]
            for name in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
        )
        hinge = np.cross(elbow - shoulder, wrist - elbow)
        hand = hands[side]
        fingers = hand.middle - wrist
        palm = np.cross(hand.little - hand.index, fingers) * out
        along, upright = np.array([out, 0, 0]), np.array([0, 0, -out])
        turns = {
            "hip": between(knee - hip, DOWN),
            "knee": between(ankle - knee, DOWN),
            "shoulder": _frame_turn(elbow - shoulder, hinge, along, upright),
            "elbow": _frame_turn(wrist - elbow, hinge, along, upright),
            "wrist": _frame_turn(fingers, palm, along, DOWN),
        }
        for name, turn in turns.items():
            align[SMPL22.index(f"{side}_{name}")] = turn
    return align


def t_pose_offsets(rest_joints_m: np.ndarray, align_wxyz: np.ndarray) -> np.ndarray:
    """Return each joint's offset from its parent in the T-pose, metres. Shape (22, 3)."""
    offsets = np.zeros_like(rest_joints_m)
    for joint, parent in enumerate(SMPL22.parents):
        if parent >= 0:
            bone = rest_joints_m[joint] - rest_joints_m[parent]
            offsets[joint] = rotate(align_wxyz[parent], bone)
    return offsets


def palm_depth_m(
    vertices_m: np.ndarray, rest_joints_m: np.ndarray, align_wxyz: np.ndarray, weights: np.ndarray
) -> float:
    """Return how far below the wrist a hand's skin reaches in the T-pose, palm down.

    Args:
        vertices_m: Skin in the rest pose. Shape (V, 3).
        rest_joints_m: Joints in the same pose. Shape (22, 3).
        align_wxyz: What turns each bone to the T-pose. Shape (22, 4).
        weights: How much each joint carries each vertex. Shape (V, 22).
    """
    wrist = SMPL22.index("left_wrist")
    hand = vertices_m[weights[:, wrist] > 0.5] - rest_joints_m[wrist]
    return -float(rotate(align_wxyz[wrist], hand)[:, 2].min())


def _frame_turn(
    from_first: np.ndarray, from_second: np.ndarray, to_first: np.ndarray, to_second: np.ndarray
) -> np.ndarray:
    """Take one direction exactly to another, and a second as nearly as it goes. Shape (4,)."""
    swing = between(from_first, to_first)
    axis = unit(to_first)
    second = rotate(swing, from_second)
    second = second - (second @ axis) * axis
    wanted = to_second - (to_second @ axis) * axis
    angle = np.arctan2(np.cross(second, wanted) @ axis, second @ wanted)
    return multiply(about(axis, angle), swing)
