"""Other people's keypoint conventions: names in their order, and the bones that are drawn.

COCO-17: Lin et al. 2014, "Microsoft COCO: Common Objects in Context" (keypoint task, 2016).
COCO-23: the same with the six points of the feet of COCO-WholeBody (Jin et al. 2020).
COCO-18, BODY_25: OpenPose, "Output", version 1.3; neck and mid-hip lie midway between two others.
MediaPipe-33: MediaPipe Pose (BlazePose GHUM) landmark list.
H36M-17: Human3.6M (Ionescu et al. 2014) as Martinez et al. 2017 and their followers cut it down.
Spine-5: points on the skin of the back over C7, T8, L1, L5 and the sacrum.

Hips, shoulders and the rest of SMPL-22 and H36M-17 are centres of joints; in COCO's, OpenPose's and
MediaPipe's they are where annotators click, on the surface. Both are given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from motions.errors import unknown_name
from motions.skeleton import SMPL22, swap_side


@dataclass(frozen=True)
class Convention:
    """Named keypoints in a fixed order."""

    name: str
    keypoint_names: tuple[str, ...]
    bones: tuple[tuple[str, str], ...]

    @cached_property
    def mirror(self) -> tuple[int, ...]:
        """For each keypoint the index of its counterpart on the other side."""
        return tuple(self.keypoint_names.index(_other(name)) for name in self.keypoint_names)

    @cached_property
    def bone_indices(self) -> tuple[tuple[int, int], ...]:
        """The bones as pairs of keypoint indices."""
        at = self.keypoint_names.index
        return tuple((at(a), at(b)) for a, b in self.bones)


def _other(name: str) -> str:
    if name.startswith("mouth_"):
        return {"mouth_left": "mouth_right", "mouth_right": "mouth_left"}[name]
    return swap_side(name)


def _both(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return pairs + tuple((_other(a), _other(b)) for a, b in pairs)


_LIMBS = (
    *_both(
        ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"), ("left_hip", "left_knee"),
        ("left_knee", "left_ankle"), ("left_shoulder", "left_hip"),
    ),
    ("left_shoulder", "right_shoulder"),
    ("left_hip", "right_hip"),
)  # fmt: skip

SMPL_22 = Convention(
    "smpl22",
    SMPL22.joint_names,
    tuple(
        (SMPL22.joint_names[parent], name)
        for name, parent in zip(SMPL22.joint_names, SMPL22.parents, strict=True)
        if parent >= 0
    ),
)

COCO_17 = Convention(
    "coco17",
    (
        "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder",
        "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip",
        "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    ),
    _LIMBS + _both(("nose", "left_eye"), ("left_eye", "left_ear"), ("left_ear", "left_shoulder")),
)  # fmt: skip

MEDIAPIPE_33 = Convention(
    "mediapipe33",
    (
        "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye",
        "right_eye_outer", "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder",
        "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_pinky",
        "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip",
        "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel",
        "right_heel", "left_foot_index", "right_foot_index",
    ),
    (
        *_LIMBS,
        ("mouth_left", "mouth_right"),
        *_both(
            ("nose", "left_eye_inner"), ("left_eye_inner", "left_eye"),
            ("left_eye", "left_eye_outer"), ("left_eye_outer", "left_ear"),
            ("left_wrist", "left_pinky"), ("left_wrist", "left_index"),
            ("left_wrist", "left_thumb"), ("left_pinky", "left_index"),
            ("left_ankle", "left_heel"), ("left_heel", "left_foot_index"),
            ("left_ankle", "left_foot_index"),
        ),
    ),
)  # fmt: skip

_FEET = _both(
    ("left_ankle", "left_heel"), ("left_ankle", "left_big_toe"), ("left_big_toe", "left_small_toe")
)

COCO_23 = Convention(
    "coco23",
    (
        *COCO_17.keypoint_names, "left_big_toe", "left_small_toe", "left_heel", "right_big_toe",
        "right_small_toe", "right_heel",
    ),
    COCO_17.bones + _FEET,
)  # fmt: skip

_OPENPOSE_ARMS = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
    "left_wrist",
)  # fmt: skip
_OPENPOSE_LEGS = (
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear",
)  # fmt: skip
_OPENPOSE_UPPER = (
    ("neck", "nose"),
    *_both(
        ("neck", "left_shoulder"), ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
        ("left_hip", "left_knee"), ("left_knee", "left_ankle"), ("nose", "left_eye"),
        ("left_eye", "left_ear"),
    ),
)  # fmt: skip

COCO_18 = Convention(
    "coco18",
    _OPENPOSE_ARMS + _OPENPOSE_LEGS,
    _OPENPOSE_UPPER + _both(("neck", "left_hip")),
)

BODY_25 = Convention(
    "body25",
    (
        *_OPENPOSE_ARMS, "mid_hip", *_OPENPOSE_LEGS, "left_big_toe", "left_small_toe", "left_heel",
        "right_big_toe", "right_small_toe", "right_heel",
    ),
    (*_OPENPOSE_UPPER, ("neck", "mid_hip"), *_both(("mid_hip", "left_hip")), *_FEET),
)  # fmt: skip

H36M_17 = Convention(
    "h36m17",
    (
        "pelvis", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "spine", "thorax", "nose", "head", "left_shoulder", "left_elbow", "left_wrist",
        "right_shoulder", "right_elbow", "right_wrist",
    ),
    (
        ("pelvis", "spine"), ("spine", "thorax"), ("thorax", "nose"), ("nose", "head"),
        *_both(
            ("pelvis", "left_hip"), ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
            ("thorax", "left_shoulder"), ("left_shoulder", "left_elbow"),
            ("left_elbow", "left_wrist"),
        ),
    ),
)  # fmt: skip

SPINE_5 = Convention(
    "spine5",
    ("c7", "t8", "l1", "l5", "sacrum"),
    (("c7", "t8"), ("t8", "l1"), ("l1", "l5"), ("l5", "sacrum")),
)

CONVENTIONS = {
    c.name: c for c in (SMPL_22, COCO_17, MEDIAPIPE_33, COCO_23, COCO_18, BODY_25, H36M_17, SPINE_5)
}
OWN = (COCO_17, MEDIAPIPE_33, COCO_23, SPINE_5)
"""The conventions that a body has points of its own for; MADE_OF says how others are made."""

_Made = tuple[str, tuple[str, ...]]
"""A convention, and its points whose mean is meant."""

_SHOULDERS, _HIPS = (("left_" + name, "right_" + name) for name in ("shoulder", "hip"))


def _out_of(source: str, target: Convention, others: dict[str, _Made]) -> tuple[_Made, ...]:
    return tuple(others.get(name, (source, (name,))) for name in target.keypoint_names)


MADE_OF: dict[str, tuple[_Made, ...]] = {
    "coco18": _out_of("coco23", COCO_18, {"neck": ("coco23", _SHOULDERS)}),
    "body25": _out_of(
        "coco23", BODY_25, {"neck": ("coco23", _SHOULDERS), "mid_hip": ("coco23", _HIPS)}
    ),
    "h36m17": _out_of(
        "smpl22",
        H36M_17,
        {
            "spine": ("smpl22", ("spine2",)), "thorax": ("smpl22", ("neck",)),
            "nose": ("coco23", ("nose",)), "head": ("coco23", ("left_ear", "right_ear")),
        },
    ),
}  # fmt: skip
"""By convention: for each point the other convention's points whose mean it is."""


def made_points(name: str, points: Mapping[str, np.ndarray]) -> np.ndarray:
    """Make the points of one of MADE_OF.

    Args:
        name: The convention.
        points: By convention, those that it is made of. Shapes (..., K, n).

    Returns:
        Shape (..., K, n).
    """
    return np.stack(
        [
            points[source][
                ..., [CONVENTIONS[source].keypoint_names.index(p) for p in parts], :
            ].mean(axis=-2)
            for source, parts in MADE_OF[name]
        ],
        axis=-2,
    )


def convention(name: str) -> Convention:
    """Look a convention up by name, or raise with the nearest one."""
    if name not in CONVENTIONS:
        raise unknown_name("keypoint convention", name, CONVENTIONS)
    return CONVENTIONS[name]
