"""Points in space from several cameras that see them: closed form, weighted by confidence.

Each camera that sees a point gives two linear equations in its homogeneous coordinates; the
singular vector of the least singular value solves them best (direct linear transformation; Hartley
and Zisserman 2004, "Multiple View Geometry", 12.2). Lens distortion is taken off first.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from motions.errors import FormbenchError
from scoring.poses import PoseSequence
from simulator.cameras.camera import Camera, distort

_STEPS = 30
"""Of taking distortion off; each is several times nearer for lenses as phones have them."""


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
    rows = [_equations(c, s.keypoints) for c, s in zip(cameras, seen, strict=True)]
    equations = np.concatenate(
        [np.nan_to_num(r) * w[..., None, None] for r, w in zip(rows, weights, strict=True)], axis=2
    )  # (T, K, 2 C, 4)
    solution = np.linalg.svd(equations, full_matrices=False)[2][..., -1, :]
    found = (weights > 0).sum(axis=0) >= 2
    depth = np.where(found, solution[..., 3], 1.0)
    points_m = solution[..., :3] / depth[..., None]
    confidence = np.sort(weights, axis=0)[-2]
    return replace(
        seen[0],
        keypoints=np.where(found[..., None], points_m, np.nan),
        confidence=np.where(found, confidence, 0.0),
        source=f"triangulated {seen[0].source}",
        unit="m",
        view="",
    )


def _equations(camera: Camera, points_px: np.ndarray) -> np.ndarray:
    """Return two equations a point: (T, K, 2) to (T, K, 2, 4), of the order of 1."""
    plane = _undistorted(camera, points_px)
    frames = [camera.at(frame).T_world_cam for frame in range(len(points_px))]
    T_cam_world = np.linalg.inv(np.stack(frames))[:, None]  # (T, 1, 4, 4)
    ahead = T_cam_world[..., 2, :]
    return np.stack(
        [plane[..., axis, None] * ahead - T_cam_world[..., axis, :] for axis in (0, 1)], axis=2
    )


def _undistorted(camera: Camera, points_px: np.ndarray) -> np.ndarray:
    """Return ideal points in units of the focal length, by fixed-point iteration."""
    bent = (points_px - np.array(camera.principal_px)) / camera.focal_px
    plane = bent
    for _ in range(_STEPS):
        plane = plane + bent - distort(plane, camera.distortion)
    return plane
