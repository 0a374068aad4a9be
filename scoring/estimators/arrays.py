"""Keypoint arrays as poses: `.npz` that describe themselves, `.npy` that need to be described.

An `.npz` holds `keypoints` (T, K, 2 or 3), `fps` and `convention`, and may hold `confidence`
(T, K), `unit` and `source`. Where `unit` is missing, three numbers a point are pixels and a
confidence if the first two span more than any room has metres and the third stays from 0 to 1, else
metres. A point of confidence 0, and one that is not a number, was not seen.
"""

from pathlib import Path

import numpy as np

from export.files import replacing
from motions.conventions import convention
from motions.errors import FormbenchError
from motions.formats.npy import is_npy, read_npy, read_npz
from motions.formats.reading import read_bytes
from scoring.poses import PoseSequence

WIDEST_M = 30.0
MADE_FROM = "made_from"
"""What may be in a file besides: a hash of what it was made from and how."""
_NAMES = ("keypoints", "confidence", "fps", "convention", "unit", "source")


def read_poses(
    path: Path, *, fps: float | None = None, convention_name: str | None = None
) -> PoseSequence:
    """Read keypoints over time.

    Args:
        path: The file.
        fps: Where the file does not say.
        convention_name: Where the file does not say.

    Raises:
        FormbenchError: The file is damaged, lacks something, or says something else than was given.
    """
    data = read_bytes(path)
    held = {"keypoints": read_npy(str(path), data)} if is_npy(data) else read_npz(path, _NAMES)
    if "keypoints" not in held:
        raise FormbenchError(f"{path}: expected an array 'keypoints', found none")
    stored = {name: _plain(value) for name, value in held.items() if value.ndim == 0}
    name = str(_agreed(path, "convention", stored.get("convention"), convention_name))
    points = held["keypoints"]
    n_points = len(convention(name).keypoint_names)
    if points.dtype.kind not in "fiu" or points.ndim != 3 or points.shape[1] != n_points:
        raise FormbenchError(
            f"{path}: keypoints: expected numbers of shape (T, {n_points}, 2 or 3) for {name}, "
            f"got {points.dtype} {points.shape}"
        )
    points = points.astype(np.float64)
    confidence = held.get("confidence", np.ones(points.shape[:2]))
    unit = stored.get("unit", "px" if points.shape[2] == 2 or _is_flat(points) else "m")
    if points.shape[2] == 3 and unit == "px":
        points, confidence = points[..., :2], points[..., 2]
    if confidence.shape != points.shape[:2] or confidence.dtype.kind not in "fiub":
        raise FormbenchError(
            f"{path}: confidence: expected numbers of shape {points.shape[:2]}, "
            f"got {confidence.dtype} {confidence.shape}"
        )
    unseen = ~np.isfinite(points).all(axis=2) | ~(confidence > 0)
    return PoseSequence(
        keypoints=np.where(unseen[..., None], np.nan, points),
        confidence=np.where(unseen, 0, confidence.astype(np.float64)),
        convention_name=name,
        fps=float(_agreed(path, "fps", stored.get("fps"), fps)),
        source=str(stored.get("source", path.name)),
        unit=str(unit),
    )


def write_poses(sequence: PoseSequence, path: Path, made_from: str = "") -> None:
    """Write a sequence as an `.npz` that `read_poses` reads back, equal in every value."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            keypoints=sequence.keypoints,
            confidence=sequence.confidence,
            fps=np.float64(sequence.fps),
            convention=np.array(sequence.convention_name),
            unit=np.array(sequence.unit),
            source=np.array(sequence.source),
            **({MADE_FROM: np.array(made_from)} if made_from else {}),
        )


def _is_flat(points: np.ndarray) -> bool:
    """Whether points of three numbers are pixels with a confidence, not metres."""
    third = points[..., 2][np.isfinite(points[..., 2])]
    flat = points[..., :2][np.isfinite(points[..., :2])]
    if not len(third) or not len(flat):
        return False
    return bool(np.ptp(flat) > WIDEST_M and third.min() >= 0 and third.max() <= 1)


def _agreed(path: Path, name: str, stored: object, given: object) -> str | float:
    """Return what the file or the caller says; both may, but must agree."""
    if stored is None and given is None:
        raise FormbenchError(f"{path}: the file does not say its {name}: give --{name}")
    if stored is not None and given is not None and stored != given:
        raise FormbenchError(f"{path}: {name} is {stored!r} in the file, but {given!r} was given")
    agreed: str | float = given if stored is None else stored  # type: ignore[assignment]
    if name == "fps" and (isinstance(agreed, str) or not 0 < agreed < np.inf):
        raise FormbenchError(f"{path}: fps: expected a positive number, got {agreed!r}")
    return agreed


def _plain(value: np.ndarray) -> str | float:
    item = value.item()
    return item.decode("utf-8", "replace") if isinstance(item, bytes) else item
