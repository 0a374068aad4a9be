"""OpenPose's JSON: a folder a video with a file a frame, BODY_25 or COCO-18, as COCO-17 points."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from export.formats.openpose import BODY_25_NAMES, COCO_18_NAMES
from export.readers.found import Found, Hints
from export.readers.text import field, read_object
from motions.conventions import COCO_17
from motions.errors import FormbenchError

_LAYOUTS = {len(names): names for names in (BODY_25_NAMES, COCO_18_NAMES)}
_PATTERN = "*_keypoints.json"


def read_openpose(path: Path, hints: Hints) -> Iterator[Found]:
    """Yield one stretch for each folder of frames below a folder."""
    if hints.fps is None or hints.size_px is None:
        raise FormbenchError(f"{path}: OpenPose says neither rate nor size: give --fps and --size")
    folders = sorted({file.parent for file in path.rglob(_PATTERN)})
    if not folders:
        raise FormbenchError(f"{path}: expected OpenPose's files, *_keypoints.json")
    for folder in folders:
        rows = np.stack([_row(file) for file in sorted(folder.glob(_PATTERN))])
        confidence = np.clip(rows[..., 2], 0, 1)
        yield Found(
            name=folder.name,
            subject_id=folder.name,
            camera="camera",
            fps=hints.fps,
            size_px=hints.size_px,
            exercise=hints.exercise or "unknown",
            convention=COCO_17.name,
            points_px=np.where(confidence[..., None] > 0, rows[..., :2], np.nan),
            visibility=np.where(confidence > 0, 2, 0).astype(np.uint8),
            confidence=confidence,
            source="estimator",
        )


def _row(path: Path) -> np.ndarray:
    """Return u, v and confidence of the 17 points, zeros where nobody is seen. Shape (17, 3)."""
    people = field(path, read_object(path), "people", list)
    if not people:
        return np.zeros((17, 3))
    if len(people) > 1:
        raise FormbenchError(f"{path}: expected one person, got {len(people)}: track one first")
    values = field(path, people[0], "pose_keypoints_2d", list)
    if len(values) // 3 not in _LAYOUTS or len(values) % 3:
        raise FormbenchError(
            f"{path}: expected {' or '.join(map(str, _LAYOUTS))} points, got {len(values) / 3:g}"
        )
    names = _LAYOUTS[len(values) // 3]
    triples = np.array(values, dtype=float).reshape(-1, 3)
    return triples[[names.index(name) for name in COCO_17.keypoint_names]]
