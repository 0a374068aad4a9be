"""OpenPose JSON: a file a frame, as OpenPose writes for a video, with BODY_25 or COCO-18 points.

    <side>/<clip_id>_<camera>/<clip_id>_<camera>_<frame>_keypoints.json

The confidence of a point is 1 where it is visible, 0.5 where it is inside the image but hidden,
and 0 outside, where OpenPose writes (0, 0, 0). Its neck lies midway between the shoulders and its
mid-hip between the hips, by its own definition; its big toes are MediaPipe's. Layout: OpenPose,
"Output", version 1.3.
"""

import json
from functools import partial
from pathlib import Path

import numpy as np

from export.formats.format import Format, Request, has_person, shown_px, views
from motions.conventions import BODY_25, COCO_18, MEDIAPIPE_33
from simulator.clip import View

COCO_18_NAMES, BODY_25_NAMES = COCO_18.keypoint_names, BODY_25.keypoint_names

_MADE_OF = {
    "neck": ("left_shoulder", "right_shoulder"),
    "mid_hip": ("left_hip", "right_hip"),
    "left_big_toe": ("left_foot_index",),
    "right_big_toe": ("right_foot_index",),
    "left_small_toe": (),
    "right_small_toe": (),
}
"""The MediaPipe points whose mean each OpenPose point is, where the name alone does not say it."""

_EMPTY: dict[str, list[float]] = {
    name: []
    for name in (
        "face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d",
        "pose_keypoints_3d", "face_keypoints_3d", "hand_left_keypoints_3d",
        "hand_right_keypoints_3d",
    )
}  # fmt: skip


def write_openpose(names: tuple[str, ...], request: Request, out: Path) -> None:
    """Write one folder a view, one file a frame, with the points of `names`."""
    for side, row, clip in request.each_clip():
        for view in views(clip, row, MEDIAPIPE_33.name):
            video = f"{row.clip_id}_{view.camera.name}"
            folder = out / side / video
            folder.mkdir(parents=True, exist_ok=True)
            for frame in request.frames(row):
                people = []
                if has_person(view, frame):
                    points = [round(value, 3) for value in _points(view, frame, names)]
                    people = [{"person_id": [-1], "pose_keypoints_2d": points, **_EMPTY}]
                text = json.dumps({"version": 1.3, "people": people})
                path = folder / f"{video}_{frame:012d}_keypoints.json"
                path.write_text(text + "\n", encoding="utf-8")


def _points(view: View, frame: int, names: tuple[str, ...]) -> list[float]:
    """Return u, v and confidence of every point in a row."""
    points_px, visibility = shown_px(view, MEDIAPIPE_33.name, frame)
    row: list[float] = []
    for name in names:
        parts = [MEDIAPIPE_33.keypoint_names.index(part) for part in _MADE_OF.get(name, (name,))]
        seen = int(visibility[parts].min()) if parts else 0
        u, v = points_px[parts].mean(axis=0) if seen else np.zeros(2)
        row += [float(u), float(v), seen / 2]
    return row


OPENPOSE = Format(
    name="openpose",
    title="OpenPose JSON, BODY_25",
    kept=("25 points an image but the small toes", "visibility, as confidence 0, 0.5 and 1"),
    lost=(
        "boxes, masks, 3D, cameras, repetitions, faults, subjects and exercises",
        "places beyond a thousandth of a pixel",
    ),
    read_by="pose-format",
    write=partial(write_openpose, BODY_25_NAMES),
    parted=True,
    simulated_only=True,
)
OPENPOSE_18 = Format(
    name="openpose-coco18",
    title="OpenPose JSON, COCO-18",
    kept=("18 points an image", "visibility, as confidence 0, 0.5 and 1"),
    lost=OPENPOSE.lost,
    read_by="pose-format",
    write=partial(write_openpose, COCO_18_NAMES),
    parted=True,
    simulated_only=True,
)
