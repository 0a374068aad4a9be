"""What a reader finds: one person seen by one camera, with what somebody says of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Hints:
    """What a file may not say."""

    fps: float | None = None
    size_px: tuple[int, int] | None = None
    """Width and height of the images."""
    exercise: str | None = None


@dataclass(frozen=True)
class Found:
    """One stretch of keypoints."""

    name: str
    """Becomes the clip's id."""
    subject_id: str
    camera: str
    fps: float
    size_px: tuple[int, int]
    exercise: str
    convention: str
    """One of `motions.conventions.CONVENTIONS`."""
    points_px: np.ndarray
    """NaN where missing. Shape (T, K, 2)."""
    visibility: np.ndarray
    """As in `simulator.clip.View`. Shape (T, K)."""
    source: str
    """Who says where the points are: "human" or "estimator"."""
    confidence: np.ndarray | None = None
    """An estimator's. Shape (T, K)."""
    labelled: np.ndarray | None = None
    """Whether anyone looked at each frame; None where all were. Shape (T,)."""
    box_px: np.ndarray | None = None
    """Left, top, right, bottom; None where only the points say it. Shape (T, 4)."""
    faults: Mapping[str, float | None] | None = None
    """By the file's own names the severities of what is there, None for one that is not said;
    None where nothing is said of faults at all."""
