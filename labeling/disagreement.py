"""How far the estimates of several cameras contradict each other: no point in space fits them all.

Each joint is put where the rays through its image points come nearest to each other, and projected
back; what is left between that and the estimates is no error of a lifter but of an estimator.
"""

from collections.abc import Sequence

import numpy as np

from labeling.estimates import Estimate, torso_px
from simulator.cameras.camera import Camera
from simulator.cameras.triangulation import triangulate


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
