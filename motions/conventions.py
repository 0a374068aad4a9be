"""Other people's keypoint conventions: names in their order, and the bones that are drawn.

COCO-17: Lin et al. 2014, "Microsoft COCO: Common Objects in Context" (keypoint task, 2016).
MediaPipe-33: MediaPipe Pose (BlazePose GHUM) landmark list.
"""

from dataclasses import dataclass
from functools import cached_property

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

CONVENTIONS = {c.name: c for c in (SMPL_22, COCO_17, MEDIAPIPE_33)}


def convention(name: str) -> Convention:
    """Look a convention up by name, or raise with the nearest one."""
    if name not in CONVENTIONS:
        raise unknown_name("keypoint convention", name, CONVENTIONS)
    return CONVENTIONS[name]
