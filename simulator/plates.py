"""A barbell's plates are not in the floor: where it would bring them there, the body stays higher.

The legs are straightened for it; the arms and the trunk, which hold the bar, do as they did.
"""

import numpy as np

from motions.easing import minimum_jerk
from motions.geometry import Z_AXIS
from motions.pinning import end_joints, pin_limbs
from simulator.bodies.body import Body
from simulator.held import PLATES_OUT_M, TALL_PLATE_M, bar_in_hands

FROM_M = 0.3
"""Plates that are to stop on the floor are slowed from this height on."""


def plates_height_m(T_world_bar: np.ndarray, radius_m: float = TALL_PLATE_M) -> np.ndarray:
    """Return how high the lower edge of a barbell's lower plate is. Shape (T,)."""
    slope = T_world_bar[:, 2, 0]
    fall_m = PLATES_OUT_M * np.abs(slope) + radius_m * np.sqrt(1 - slope**2)
    return T_world_bar[:, 2, 3] - fall_m


def over_floor(
    body: Body,
    root_m: np.ndarray,
    world_wxyz: np.ndarray,
    contacts: np.ndarray,
    radius_m: float = TALL_PLATE_M,
) -> tuple[np.ndarray, np.ndarray]:
    """Raise a body that holds a barbell by as much as its plates are in the floor.

    Args:
        body: Who holds it.
        root_m: World position of the pelvis. Shape (T, 3).
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
        contacts: Which of CONTACT_POINTS are planted, and stay where they are. Shape (T, 4).
        radius_m: Of the plates.

    Returns:
        The root and the rotations; the very same where the plates are above the floor.
    """
    heights_m = plates_height_m(bar_in_hands(body, root_m, world_wxyz), radius_m)
    if heights_m.min() >= 0:
        return root_m, world_wxyz
    raised_m = root_m + _rise_m(heights_m)[:, None] * Z_AXIS
    ends_m = end_joints(body.skeleton, root_m, world_wxyz)
    return raised_m, pin_limbs(body.skeleton, raised_m, world_wxyz, ends_m, contacts)


def _rise_m(heights_m: np.ndarray) -> np.ndarray:
    """Return by how much to raise plates, smoothly, that none is below 0. Both have shape (T,)."""
    rise_m = np.zeros(len(heights_m))
    low = np.concatenate([[False], heights_m < FROM_M, [False]])
    for start, stop in np.flatnonzero(low[1:] != low[:-1]).reshape(-1, 2):
        lowest_m = heights_m[start:stop].min()
        if lowest_m < 0:
            share = (FROM_M - heights_m[start:stop]) / (FROM_M - lowest_m)
            rise_m[start:stop] = -lowest_m * minimum_jerk(share)
    return rise_m
