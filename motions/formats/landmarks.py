"""Which keypoint of other people's conventions is which point of `orient`, in their order.

None is a keypoint of no use. H36M-17: as VideoPose3D orders Human3.6M. Kinect v1 and v2: JointType
of the Kinect SDKs 1.8 and 2.0, whose sides are the person's own. The others: `motions.conventions`.
"""

from dataclasses import dataclass

from motions.conventions import COCO_17, MEDIAPIPE_33, SMPL_22
from motions.errors import unknown_name


@dataclass(frozen=True)
class Landmarks:
    """A convention of 3D keypoints."""

    points: tuple[str | None, ...]
    """For each keypoint the point that it is."""
    up: str | None = None
    """The axis that points up by definition, where one does."""


_KINECT_LIMBS = (
    "left_shoulder", "left_elbow", "left_wrist", None,
    "right_shoulder", "right_elbow", "right_wrist", None,
    "left_hip", "left_knee", "left_ankle", "left_foot",
    "right_hip", "right_knee", "right_ankle", "right_foot",
)  # fmt: skip
_MEDIAPIPE_FEET = {"left_foot_index": "left_foot", "right_foot_index": "right_foot"}

_H36M = (
    "pelvis", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "spine2", "neck", "nose", "head_top", "left_shoulder", "left_elbow", "left_wrist",
    "right_shoulder", "right_elbow", "right_wrist",
)  # fmt: skip

LANDMARKS = {
    "smpl22": Landmarks(SMPL_22.keypoint_names),
    "coco17": Landmarks(COCO_17.keypoint_names),
    "mediapipe33": Landmarks(
        tuple(_MEDIAPIPE_FEET.get(name, name) for name in MEDIAPIPE_33.keypoint_names), up="-y"
    ),
    "h36m17": Landmarks(_H36M),
    "kinect1": Landmarks(("pelvis", "spine1", "neck", "head_top", *_KINECT_LIMBS), up="+y"),
    "kinect2": Landmarks(
        ("pelvis", "spine2", "neck", "head_top", *_KINECT_LIMBS, *5 * (None,)), up="+y"
    ),
}
"""By name."""


def landmarks(where: str, name: str) -> Landmarks:
    """Look a convention up by name, or raise with the file `where` and the nearest one."""
    if name not in LANDMARKS:
        raise unknown_name(f"{where}: keypoint convention", name, LANDMARKS)
    return LANDMARKS[name]
