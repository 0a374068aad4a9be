"""Poses against true ones: how far points are off, in the units that people quote.

Conventions
-----------
``true`` and ``found`` are points over time, (T, K, C) with C of 2 or 3, in one unit; what is NaN
was not found, and a true point that is NaN counts for nothing. Distances are means over what was
found; shares count what was not found as wrong. With nothing to compare a metric is NaN.

Metrics
-------
* `mpjpe`: the mean distance, after both have been moved to have one point in common, if one is
  given (Ionescu and others, "Human3.6M", TPAMI 36, 2014).
* `pa_mpjpe`: the same after each frame was turned, scaled and moved to fit best (Procrustes).
* `pck`: the share of points within a part of a length. The length must be named with the figure:
  of the torso (`scoring.poses`) and of the box (`box_lengths`) it is another metric.
* `oks`: COCO's object keypoint similarity of each frame; `average_precision`: COCO's AP over its
  ten thresholds, for one person and one answer a frame.
* `acceleration_error`: the mean distance of second differences, per second squared.
* `angle_errors_rad`: the mean absolute error of each of the main angles.
"""

import numpy as np

from motions.conventions import Convention
from motions.errors import FormbenchError
from scoring.methods.angles import main_angles_rad

COCO_SIGMAS = np.array(
    [26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]
) / 1000  # fmt: skip
"""How far people who label differ, by keypoint of COCO-17, as in pycocotools."""
THRESHOLDS = np.linspace(0.5, 0.95, 10)
_RECALLS = np.linspace(0, 1, 101)


def validate(true: np.ndarray, found: np.ndarray) -> None:
    """Raise unless both are (T, K, 2 or 3)."""
    if true.shape != found.shape or true.ndim != 3 or true.shape[2] not in (2, 3):
        raise FormbenchError(
            "poses: expected points of one shape (T, K, 2 or 3), "
            f"got {true.shape} and {found.shape}"
        )


def distances(true: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return how far each point is off, NaN where it was not found. Shape (T, K)."""
    validate(true, found)
    off: np.ndarray = np.linalg.norm(true - found, axis=-1)
    return off


def mpjpe(true: np.ndarray, found: np.ndarray, root: int | None = None) -> float:
    """Return the mean distance, of points relative to `root` where one is given.

    >>> mpjpe(np.zeros((1, 2, 3)), np.array([[[0, 3, 4], [0, 0, 1]]]))
    3.0
    """
    if root is not None:
        true, found = (points - points[:, [root]] for points in (true, found))
    return _mean(distances(true, found))


def pa_mpjpe(true: np.ndarray, found: np.ndarray) -> float:
    """Return the mean distance after the best turn, scale and shift of each frame.

    Only frames with every point count. The turn is Kabsch's, without mirroring (Gower and
    Dijksterhuis, "Procrustes Problems", 2004, section 4.6).
    """
    validate(true, found)
    whole = ~np.isnan(true + found).any(axis=(1, 2))
    a, b = (points[whole] - points[whole].mean(axis=1, keepdims=True) for points in (true, found))
    u, singular, vt = np.linalg.svd(np.swapaxes(a, 1, 2) @ b)
    signs = np.ones_like(singular)
    signs[:, -1] = np.sign(np.linalg.det(u @ vt))
    turn = (u * signs[:, None]) @ vt
    scale = (singular * signs).sum(axis=1) / (b**2).sum(axis=(1, 2))
    return mpjpe(a, scale[:, None, None] * (b @ np.swapaxes(turn, 1, 2)))


def pck(true: np.ndarray, found: np.ndarray, lengths: np.ndarray, part: float) -> float:
    """Return the share of points within a part of a length.

    Args:
        true: Shape (T, K, C).
        found: Shape (T, K, C).
        lengths: Of the torso, the box, ... in each frame. Shape (T,).
        part: Such as 0.2.
    """
    known = ~np.isnan(true).any(axis=-1) & ~np.isnan(lengths)[:, None]
    near = distances(true, found) <= part * lengths[:, None]
    return float(near[known].mean()) if known.any() else float("nan")


def box_lengths(points: np.ndarray) -> np.ndarray:
    """Return the longer side of the box about the points of each frame (T, K, 2). Shape (T,)."""
    sides: np.ndarray = np.nanmax(points, axis=1) - np.nanmin(points, axis=1)
    longer: np.ndarray = sides.max(axis=-1)
    return longer


def oks(
    true: np.ndarray, found: np.ndarray, areas: np.ndarray, sigmas: np.ndarray = COCO_SIGMAS
) -> np.ndarray:
    """Return the object keypoint similarity of each frame, as pycocotools computes it. Shape (T,).

    Args:
        true: In pixels. Shape (T, K, 2).
        found: In pixels. Shape (T, K, 2).
        areas: The person's, in square pixels. Shape (T,).
        sigmas: Shape (K,).
    """
    squared = distances(true, found) ** 2 / (2 * sigmas) ** 2 / areas[:, None] / 2
    alike = np.where(np.isnan(squared), 0.0, np.exp(-squared))
    known = ~np.isnan(true).any(axis=-1)
    found_oks: np.ndarray = np.where(known, alike, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return found_oks


def average_precision(similarity: np.ndarray, confidence: np.ndarray) -> float:
    """Return COCO's AP for one person and one answer a frame.

    Args:
        similarity: OKS of each frame; NaN where there was no answer. Shape (T,).
        confidence: How sure each answer is; answers are counted from the surest. Shape (T,).
    """
    order = np.argsort(-confidence, kind="stable")
    answered = order[~np.isnan(similarity[order])]
    precisions = []
    for threshold in THRESHOLDS:
        right = np.cumsum(similarity[answered] >= threshold)
        precision = right / np.arange(1, len(right) + 1)
        # The best precision at this recall or beyond, read off at 101 recalls.
        best = np.maximum.accumulate(precision[::-1])[::-1]
        at = np.searchsorted(right / len(similarity), _RECALLS, side="left")
        precisions.append(np.append(best, 0.0)[np.minimum(at, len(best))].mean())
    return float(np.mean(precisions))


def acceleration_error(true: np.ndarray, found: np.ndarray, fps: float) -> float:
    """Return the mean distance of accelerations, in units per second squared."""
    validate(true, found)
    return _mean(np.linalg.norm(np.diff(true - found, n=2, axis=0), axis=-1)) * fps**2


def angle_errors_rad(true: np.ndarray, found: np.ndarray, convention: Convention) -> np.ndarray:
    """Return the mean absolute error of each of MAIN_ANGLES, NaN where it was never seen."""
    off = np.abs(main_angles_rad(found, convention) - main_angles_rad(true, convention))
    return np.array([_mean(column) for column in off.T])


def _mean(values: np.ndarray) -> float:
    told = values[~np.isnan(values)]
    return float(told.mean()) if told.size else float("nan")
