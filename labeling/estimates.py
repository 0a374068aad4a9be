"""Poses that a model guessed: to start annotators off, to choose frames by, and to hide faces.

Which model it is does not matter here: an `Estimator` is handed in by whoever runs the pipeline.
"""

from typing import Protocol

import numpy as np

from labeling.convert import from_percent, to_percent
from labeling.interface import JOINTS
from labeling.labels import Page, Pose

CONFIDENT = 0.5
"""From this confidence on a joint counts as visible."""
FACE = tuple(JOINTS.keypoint_names.index(n) for n in ("nose", "left_eye", "right_eye", "left_ear",
                                                      "right_ear"))  # fmt: skip
SHOULDERS = tuple(JOINTS.keypoint_names.index(f"{side}_shoulder") for side in ("left", "right"))
HIPS = tuple(JOINTS.keypoint_names.index(f"{side}_hip") for side in ("left", "right"))
FACE_PER_SHOULDERS = 0.45
"""Radius of a hidden face over the width of the shoulders, never less than over its own points."""
MOSAIC_TILES = 4
"""How many tiles a hidden face is wide."""


class Estimate(Protocol):
    """One person as a model sees them."""

    @property
    def points_px(self) -> np.ndarray:
        """In the order of COCO-17. Shape (17, 2)."""

    @property
    def confidence(self) -> np.ndarray:
        """From 0 to 1. Shape (17,)."""


class Estimator(Protocol):
    """A pose estimator."""

    model_version: str
    """What and which release it is; recorded with every prediction."""

    def __call__(self, rgb: np.ndarray) -> Estimate | None:
        """Find the person in a picture (height, width, 3), uint8; None when there is nobody."""
        ...


def estimated_pose(index: int, page: Page, estimate: Estimate) -> Pose:
    """Return an estimate as the labels of a page: unsure joints are said to be hidden."""
    size = (page.width_px, page.height_px)
    points = from_percent(to_percent(estimate.points_px, *size), *size)
    inside: np.ndarray = np.all((points >= 0) & (points <= size), axis=1)
    visibility = np.where(inside, np.where(estimate.confidence >= CONFIDENT, 2, 1), 0)
    return Pose(index, np.where(inside[:, None], points, np.nan), visibility)


def pose_features(estimate: Estimate) -> np.ndarray:
    """Return a pose whatever its place and size: from the hips' middle, in torso lengths. (34,)."""
    root = estimate.points_px[list(HIPS)].mean(axis=0)
    return ((estimate.points_px - root) / max(torso_px(estimate), 1.0)).ravel()


def torso_px(estimate: Estimate) -> float:
    """Return the distance between the middles of the shoulders and of the hips."""
    shoulders, hips = (estimate.points_px[list(two)].mean(axis=0) for two in (SHOULDERS, HIPS))
    return float(np.linalg.norm(shoulders - hips))


def hide_face(rgb: np.ndarray, estimate: Estimate) -> np.ndarray:
    """Return the picture with a mosaic over the face, as large as the head at least."""
    points = estimate.points_px[list(FACE)]
    centre = points.mean(axis=0)
    shoulders_px = np.linalg.norm(np.diff(estimate.points_px[list(SHOULDERS)], axis=0))
    spread_px = np.linalg.norm(points - centre, axis=1).max()
    radius_px = max(FACE_PER_SHOULDERS * shoulders_px, 1.5 * spread_px, 4.0)
    rows, columns = np.mgrid[: rgb.shape[0], : rgb.shape[1]] + 0.5
    distance_px = np.hypot(columns - centre[0], rows - centre[1])
    return np.where(
        distance_px[..., None] <= radius_px, mosaic(rgb, round(2 * radius_px / MOSAIC_TILES)), rgb
    )


def mosaic(rgb: np.ndarray, tile_px: int) -> np.ndarray:
    """Return a picture in square tiles of one colour each, the mean of what was there."""
    tile_px = max(tile_px, 2)
    starts = [np.arange(0, size, tile_px) for size in rgb.shape[:2]]
    sums = np.add.reduceat(np.add.reduceat(rgb.astype(np.int64), starts[0], 0), starts[1], 1)
    counts = np.outer(*(np.diff([*s, n]) for s, n in zip(starts, rgb.shape[:2], strict=True)))
    means = (sums // counts[..., None]).astype(np.uint8)
    rows, columns = (np.arange(size) // tile_px for size in rgb.shape[:2])
    return means[rows[:, None], columns]
