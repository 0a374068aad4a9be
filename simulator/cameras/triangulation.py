"""From image points back to space: the rays on which they lie, and where rays of cameras meet."""

from collections.abc import Sequence

import numpy as np

from simulator.cameras.camera import Camera, distort

_STEPS = 30
"""Of taking distortion off; each is several times nearer for lenses as phones have them."""


def ray_directions(camera: Camera, points_px: np.ndarray) -> np.ndarray:
    """Return the directions in the world in which image points are seen.

    Args:
        camera: Who sees them.
        points_px: Shape (K, 2), or (T, K, 2); for a camera in a hand (T, K, 2).

    Returns:
        Of length 1. Shape (..., K, 3).
    """
    bent = (points_px - np.array(camera.principal_px)) / camera.focal_px
    plane = bent
    for _ in range(_STEPS):
        plane = plane + bent - distort(plane, camera.distortion)
    ahead = np.concatenate([plane, np.ones_like(plane[..., :1])], axis=-1)
    directions = ahead @ np.swapaxes(camera.R_world_cam, -1, -2)
    return directions / np.linalg.norm(directions, axis=-1, keepdims=True)


def triangulate(
    cameras: Sequence[Camera], points_px: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the points nearest to the rays of image points, by weighted least squares.

    The sum of squared distances to the rays' lines is least where three linear equations say: the
    mid-point method (Hartley and Sturm 1997, "Triangulation") for any number of rays.

    Args:
        cameras: C of them.
        points_px: Image points; those with weight 0 may be NaN. Shape (C, ..., K, 2).
        weights: How much each counts. Shape (C, ..., K).

    Returns:
        World points in metres. Shape (..., K, 3). Where all rays are parallel, the nearest to the
        world's origin.
    """
    normal = np.zeros((*points_px.shape[1:-1], 3, 3))
    right = np.zeros((*points_px.shape[1:-1], 3))
    for camera, points, weight in zip(cameras, points_px, weights, strict=True):
        rays = ray_directions(camera, np.where(weight[..., None] > 0, points, 0.0))
        across = weight[..., None, None] * (np.eye(3) - rays[..., :, None] * rays[..., None, :])
        normal += across
        right += across @ camera.position_m
    return np.einsum("...ij,...j->...i", np.linalg.pinv(normal, hermitian=True), right)
