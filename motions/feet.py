"""Feet on the floor: what of a sole they stand on, and how they roll on it.

Ball and heel are spheres that stand on the floor when the foot is flat; the lower one is what the
foot turns about. They lie under the toes' joint and as far behind the ankle as HEEL_SHARE says.
"""

import numpy as np

from motions.geometry import rotate
from motions.skeleton import SMPL22, Skeleton

HEEL_SHARE = 0.4
"""How far the heel is behind the ankle, as a share of how far the ball is ahead."""


def sole_m(skeleton: Skeleton, side: str) -> np.ndarray:
    """Return ball and heel of a foot in the ankle's frame. Shape (2, 3)."""
    ball_m = skeleton.offsets_m[SMPL22.index(f"{side}_foot")]
    return np.array([ball_m, [0.0, -HEEL_SHARE * ball_m[1], ball_m[2]]])


def rolled_path(
    skeleton: Skeleton, ankle_height_m: float, foot_wxyz: np.ndarray, side: str
) -> np.ndarray:
    """Say how the ankle of a planted foot goes: its path, and its height.

    Args:
        skeleton: The body's.
        ankle_height_m: Of the ankle above the sole of a flat foot.
        foot_wxyz: World orientations of the foot. Shape (T, 4).
        side: "left" or "right".

    Returns:
        Shape (T, 3). Only differences of x and y mean anything, z is the height itself.
    """
    sole = sole_m(skeleton, side)
    spheres_m = rotate(foot_wxyz[:, None], sole)
    steps_m = spheres_m[:-1] - spheres_m[1:]
    lower = (spheres_m[:-1] + spheres_m[1:])[..., 2].argmin(axis=1)
    path_m = np.zeros((len(foot_wxyz), 3))
    path_m[1:] = np.cumsum(steps_m[np.arange(len(steps_m)), lower], axis=0)
    path_m[:, 2] = ankle_height_m + sole[0, 2] - spheres_m[..., 2].min(axis=1)
    return path_m
