"""Poses in space from several cameras that see the same person, weighted by confidence."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from motions.errors import FormbenchError
from scoring.poses import PoseSequence
from simulator.cameras import triangulation
from simulator.cameras.camera import Camera


def triangulate(views: Sequence[tuple[Camera, PoseSequence]]) -> PoseSequence:
    """Put what several cameras see at the same time into the world.

    Args:
        views: At least two cameras with what each sees, in pixels: same points, frames and rate.

    Returns:
        Metres, +Z up. A point that fewer than two cameras see is missing; its confidence is the
        second highest of the cameras'.

    Raises:
        FormbenchError: There are fewer than two, or they do not see the same.
    """
    cameras, seen = [camera for camera, _ in views], [sequence for _, sequence in views]
    about = {(s.n_frames, s.fps, s.convention_name, s.unit, s.keypoints.shape[2]) for s in seen}
    if len(views) < 2 or len(about) != 1 or {one[3:] for one in about} != {("px", 2)}:
        raise FormbenchError(
            "triangulate: expected two or more cameras with the same number of frames, rate and "
            f"convention in pixels, got {len(views)} of {sorted(about)}"
        )
    weights = np.stack([np.where(s.missing, 0.0, s.confidence) for s in seen])  # (C, T, K)
    found = (weights > 0).sum(axis=0) >= 2
    points_px = np.stack([sequence.keypoints for sequence in seen])
    points_m = triangulation.triangulate(cameras, points_px, weights)
    confidence = np.sort(weights, axis=0)[-2]
    return replace(
        seen[0],
        keypoints=np.where(found[..., None], points_m, np.nan),
        confidence=np.where(found, confidence, 0.0),
        source=f"triangulated {seen[0].source}",
        unit="m",
        view="",
    )
