"""A folder of OpenPose's JSON, a file a frame, as poses of one person.

Both names of the key are read, `pose_keypoints_2d` and `pose_keypoints` of old releases, with 18 or
25 points. A point of confidence 0 was not seen, wherever it lies. Of several people the one who is
largest in the first frame that shows anybody is followed: from frame to frame to whoever is
nearest, and never farther in a frame than their own height.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from motions.conventions import BODY_25, COCO_18
from motions.errors import FormbenchError
from motions.formats.reading import read_text
from scoring.poses import PoseSequence

PATTERN = "*_keypoints.json"
CONVENTIONS = {len(c.keypoint_names): c.name for c in (COCO_18, BODY_25)}
_KEYS = ("pose_keypoints_2d", "pose_keypoints")


def read_openpose(folder: Path, fps: float) -> PoseSequence:
    """Read the poses of the person who is followed, as many frames as there are files.

    Args:
        folder: Holds `NAME_000000000000_keypoints.json` and so on; sorted by name they are frames.
        fps: Frames per second, which the files do not say.

    Raises:
        FormbenchError: There is no such file, one is damaged, nobody is seen, or frames differ in
            their points.
    """
    paths = sorted(folder.glob(PATTERN))
    if not paths:
        raise FormbenchError(f"{folder}: expected files {PATTERN}, found none")
    frames = [_people(path) for path in paths]
    counts = {len(person) for people in frames for person in people}
    if len(counts) != 1:
        told = f"frames of {sorted(counts)} points" if counts else "nobody in any frame"
        raise FormbenchError(f"{folder}: expected one person's points throughout, found {told}")
    n_points = counts.pop()
    followed = _follow(frames, n_points)
    unseen = followed[..., 2] <= 0
    return PoseSequence(
        keypoints=np.where(unseen[..., None], np.nan, followed[..., :2]),
        confidence=np.clip(np.where(unseen, 0, followed[..., 2]), 0, 1),
        convention_name=CONVENTIONS[n_points],
        fps=fps,
        source="openpose",
    )


def _people(path: Path) -> list[np.ndarray]:
    """Return the people of a frame, each (K, 3): u, v, confidence."""
    try:
        frame = json.loads(read_text(path))
        return [_person(person) for person in frame["people"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormbenchError(f"{path}: expected a frame of OpenPose: {error}") from error


def _person(person: dict[str, Any]) -> np.ndarray:
    row = next((person[key] for key in _KEYS if key in person), None)
    points = np.array(row, dtype=np.float64)
    if points.ndim != 1 or points.size % 3 or points.size // 3 not in CONVENTIONS:
        raise ValueError(f"{_KEYS[0]}: {points.size} numbers, not 54 or 75")
    if not np.isfinite(points).all():
        raise ValueError(f"{_KEYS[0]}: numbers that are not finite")
    return points.reshape(-1, 3)


def _follow(frames: list[list[np.ndarray]], n_points: int) -> np.ndarray:
    """Return one person's points, confidence 0 where they are not found. Shape (T, K, 3)."""
    followed = np.zeros((len(frames), n_points, 3))
    last: np.ndarray | None = None
    for number, people in enumerate(frames):
        seen = [person for person in people if (person[:, 2] > 0).any()]
        if not seen:
            continue
        if last is None:
            last = max(seen, key=_height_px)
        apart_px = [_apart_px(person, last) for person in seen]
        nearest = int(np.argmin(apart_px))
        if apart_px[nearest] > _height_px(last):
            continue
        last = seen[nearest]
        followed[number] = last
    return followed


def _height_px(person: np.ndarray) -> float:
    return float(np.ptp(person[person[:, 2] > 0, 1]))


def _apart_px(a: np.ndarray, b: np.ndarray) -> float:
    """Return the mean distance of the points that both show, infinite for none."""
    both = (a[:, 2] > 0) & (b[:, 2] > 0)
    if not both.any():
        return float("inf")
    return float(np.linalg.norm(a[both, :2] - b[both, :2], axis=1).mean())
