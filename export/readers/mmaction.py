"""MMAction2's skeleton pickles, 2D: one stretch for each sample, whose label names a fault."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from export.readers.found import Found, Hints
from export.readers.unpickle import read_pickle
from motions.conventions import COCO_17
from motions.errors import FormbenchError


def read_mmaction(path: Path, hints: Hints) -> Iterator[Found]:
    """Yield one stretch for each sample; names of labels are in classes.txt beside, or numbers."""
    if hints.fps is None:
        raise FormbenchError(f"{path}: says no frame rate: give --fps")
    stored = read_pickle(path)
    if not isinstance(stored, dict) or "annotations" not in stored:
        raise FormbenchError(f"{path}: expected MMAction2's dictionary with annotations")
    beside = path.with_name("classes.txt")
    names = beside.read_text(encoding="utf-8").splitlines() if beside.is_file() else []
    for sample in stored["annotations"]:
        name = str(sample["frame_dir"]).replace("/", "-")
        points = np.asarray(sample["keypoint"], dtype=float)
        if points.ndim != 4 or len(points) != 1 or points.shape[2:] != (17, 2):
            raise FormbenchError(
                f"{path}: {name}: expected one person's 17 points, (1, T, 17, 2), "
                f"got {points.shape}"
            )
        score = np.ones(points.shape[1:3])
        if "keypoint_score" in sample:
            score = np.clip(np.asarray(sample["keypoint_score"], dtype=float)[0], 0, 1)
        height, width = sample["img_shape"]
        label = int(sample["label"])
        yield Found(
            name=name,
            subject_id=name,
            camera="camera",
            fps=hints.fps,
            size_px=(int(width), int(height)),
            exercise=hints.exercise or "unknown",
            convention=COCO_17.name,
            points_px=np.where(score[..., None] > 0, points[0], np.nan),
            visibility=np.where(score > 0.5, 2, np.where(score > 0, 1, 0)).astype(np.uint8),
            confidence=score,
            source="estimator",
            faults=sample.get("faults", {names[label] if names else str(label): None}),
        )
