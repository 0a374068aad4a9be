"""MediaPipe Pose landmarks: JSON lines, a file a video and a line a frame, as we write them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from export.readers.found import Found, Hints
from export.readers.text import field, parse_object
from motions.conventions import MEDIAPIPE_33
from motions.errors import FormbenchError

_N_POINTS = len(MEDIAPIPE_33.keypoint_names)


def read_mediapipe(path: Path, hints: Hints) -> Iterator[Found]:
    """Yield one stretch for each .jsonl file of a folder, or for a file."""
    if hints.size_px is None:
        raise FormbenchError(f"{path}: landmarks are shares of an image's size: give --size")
    files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise FormbenchError(f"{path}: expected files *.jsonl")
    for file in files:
        texts = file.read_text(encoding="utf-8").splitlines()
        lines = [parse_object(f"{file}:{n}", text) for n, text in enumerate(texts, 1)]
        rows = np.stack([_row(file, line) for line in lines])
        confidence = np.clip(np.nan_to_num(rows[..., 2]), 0, 1)
        points = rows[..., :2] * hints.size_px
        inside = ((points >= 0) & (points < hints.size_px)).all(axis=-1)
        yield Found(
            name=file.stem,
            subject_id=file.stem,
            camera="camera",
            fps=_fps(file, lines, hints),
            size_px=hints.size_px,
            exercise=hints.exercise or "unknown",
            convention=MEDIAPIPE_33.name,
            points_px=points,
            visibility=np.where(inside, np.where(confidence >= 0.5, 2, 1), 0).astype(np.uint8),
            confidence=confidence,
            source="estimator",
        )


def _row(file: Path, line: dict[str, Any]) -> np.ndarray:
    """Return x, y and visibility, NaN where there is nobody. Shape (33, 3)."""
    landmarks = field(file, line, "pose_landmarks", list)
    if not landmarks:
        return np.full((_N_POINTS, 3), np.nan)
    if len(landmarks) != _N_POINTS:
        raise FormbenchError(f"{file}: expected {_N_POINTS} landmarks, got {len(landmarks)}")
    keys = ("x", "y", "visibility")
    return np.array([[mark.get(key) for key in keys] for mark in landmarks], dtype=float)


def _fps(file: Path, lines: list[dict[str, Any]], hints: Hints) -> float:
    if hints.fps is not None:
        return hints.fps
    times_ms = [line["timestamp_ms"] for line in lines if "timestamp_ms" in line]
    if len(times_ms) < len(lines) or len(lines) < 2 or times_ms[-1] <= times_ms[0]:
        raise FormbenchError(f"{file}: says no times: give --fps")
    return round(float(1000 * (len(lines) - 1) / (times_ms[-1] - times_ms[0])), 3)
