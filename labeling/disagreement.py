"""How far the estimates of several cameras contradict each other: no point in space fits them all.

Each joint is put where the rays through its image points come nearest to each other, and projected
back; what is left between that and the estimates is no error of a lifter but of an estimator.
"""

from collections.abc import Sequence

import numpy as np

from labeling.estimates import Estimate, torso_px
from simulator.cameras.camera import Camera, distort

N_STEPS = 20
"""Of the fixed-point iteration that undoes a lens."""


def disagreement(cameras: Sequence[Camera], estimates: Sequence[Estimate]) -> float:
    """Return how far estimates of one instant are from any one pose, in torso lengths.

    The mean over joints, weighted by confidence, of the distance between what a camera's estimate
    says and the joint that all cameras together make.

    Args:
        cameras: Two or more, as they stand at that instant.
        estimates: What a model sees in the picture of each.
    """
    points_px = np.array([one.points_px for one in estimates])
    confidence = np.array([one.confidence for one in estimates])
    placed_m = triangulate(cameras, points_px, confidence)
    sizes_px = np.array([max(torso_px(one), 1.0) for one in estimates])
    again_px = np.array([camera.project(placed_m)[0] for camera in cameras])
    off = np.linalg.norm(again_px - points_px, axis=-1) / sizes_px[:, None]
    # A joint that comes to lie behind a camera has no place in its picture, and none that fits.
    off = np.where(np.isnan(off), 1.0, off)
    return float(np.average(off, weights=confidence + 1e-9))


def triangulate(
    cameras: Sequence[Camera], points_px: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the points nearest to the rays of image points, by weighted least squares.

    Args:
        cameras: C of them.
        points_px: Image points. Shape (C, K, 2).
        weights: How much each counts. Shape (C, K).

    Returns:
        World points in metres. Shape (K, 3). Where all rays are parallel, the nearest to the
        world's origin.
    """
    n_points = points_px.shape[1]
    normal, right = np.zeros((n_points, 3, 3)), np.zeros((n_points, 3))
    for camera, points, weight in zip(cameras, points_px, weights, strict=True):
        rays = ray_directions(camera, points)
        across = weight[:, None, None] * (np.eye(3) - rays[:, :, None] * rays[:, None, :])
        normal += across
        right += across @ camera.position_m
    return np.einsum("kij,kj->ki", np.linalg.pinv(normal, hermitian=True), right)


def ray_directions(camera: Camera, points_px: np.ndarray) -> np.ndarray:
    """Return the directions in the world, of length 1, in which image points (K, 2) are seen."""
    bent = (points_px - np.array(camera.principal_px)) / camera.focal_px
    plane = bent
    for _ in range(N_STEPS):
        plane = plane + bent - distort(plane, camera.distortion)
    directions = np.column_stack([plane, np.ones(len(plane))]) @ camera.T_world_cam[:3, :3].T
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)
