"""VideoPose3D's 2D archives: positions_2d by subject, action and camera, as COCO's 17 points."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from export.readers.found import Found, Hints
from export.readers.unpickle import read_object_npz
from motions.conventions import COCO_17
from motions.errors import FormbenchError

_H36M_NAMES = (
    "", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "", "",
    "nose", "", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow",
    "right_wrist",
)  # fmt: skip
"""Which COCO point each of Human3.6M's 17 is, where it is one."""


def read_videopose3d(path: Path, hints: Hints) -> Iterator[Found]:
    """Yield one stretch for each subject, action and camera."""
    if hints.fps is None or hints.size_px is None:
        raise FormbenchError(f"{path}: says neither rate nor size: give --fps and --size")
    stored = read_object_npz(path)
    if not isinstance(stored.get("positions_2d"), dict):
        raise FormbenchError(f"{path}: expected positions_2d, got {', '.join(stored)}")
    layout = (stored.get("metadata") or {}).get("layout_name", "h36m")
    for subject, actions in stored["positions_2d"].items():
        for action, cameras in actions.items():
            for number, points in enumerate(cameras):
                placed = _as_coco(path, np.asarray(points, dtype=float)[..., :2], layout)
                there = ~np.isnan(placed[..., 0])
                inside = there & ((placed >= 0) & (placed < hints.size_px)).all(axis=-1)
                yield Found(
                    name=f"{subject}-{action}-{number}",
                    subject_id=str(subject),
                    camera=f"camera{number}",
                    fps=hints.fps,
                    size_px=hints.size_px,
                    exercise=hints.exercise or "unknown",
                    convention=COCO_17.name,
                    points_px=placed,
                    visibility=np.where(inside, 2, 0).astype(np.uint8),
                    source="estimator",
                )


def _as_coco(path: Path, points: np.ndarray, layout: str) -> np.ndarray:
    if points.ndim != 3 or points.shape[1] != 17:
        raise FormbenchError(f"{path}: expected points (T, 17, 2), got {points.shape}")
    if layout == "coco":
        return points
    placed = np.full_like(points, np.nan)
    for index, name in enumerate(COCO_17.keypoint_names):
        if name in _H36M_NAMES:
            placed[:, index] = points[:, _H36M_NAMES.index(name)]
    return placed
