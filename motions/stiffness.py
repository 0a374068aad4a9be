"""How much a body's limbs resist being pulled at their ends, and where they agree to go."""

import numpy as np

from motions.geometry import rotate, unit
from motions.motion import CONTACT_POINTS
from motions.skeleton import LIMBS, SMPL22, Skeleton

STRAIGHT_SINE = 0.05
"""No limb counts as straighter than this; its bend would resist without bound."""


def stiffness_of(
    skeleton: Skeleton, root_m: np.ndarray, world_wxyz: np.ndarray, ends_m: np.ndarray
) -> np.ndarray:
    """Say how much the angles of each limb resist moving its end: their squared change a metre.

    With bones a and b, reach r and bend k, r^2 = a^2 + b^2 + 2 a b cos(k), so stretching bends the
    middle joint by -r / (a b sin(k)), which for a nearly straight limb is very much. The upper
    bone is at an angle to the line of reach that changes by (b^2 + a b cos(k)) / r^2 with k, and
    turns with that line besides, in the plane of the limb and out of it.

    Returns:
        One symmetric matrix an end. Shape (T, 4, 3, 3).
    """
    joints_m = skeleton.positions(root_m, world_wxyz)
    stiffness = np.zeros((*ends_m.shape, 3))
    for point, name in enumerate(CONTACT_POINTS):
        limb = LIMBS[name]
        root, middle, end = (SMPL22.index(n) for n in (limb.root, limb.middle, limb.end))
        a, b = np.linalg.norm(skeleton.offsets_m[[middle, end]], axis=-1)
        away = ends_m[:, point] - joints_m[:, root]
        reach = np.linalg.norm(away, axis=-1, keepdims=True)
        along = away / reach
        hinge = rotate(world_wxyz[:, root], np.array(limb.bend_axis))
        across = unit(np.cross(hinge, along))
        cosine = np.clip((reach**2 - a**2 - b**2) / (2 * a * b), -1, 1)
        sine = np.maximum(np.sqrt(1 - cosine**2), STRAIGHT_SINE)
        bend = -along * reach / (a * b * sine)
        upper = across / reach - bend * (b**2 + a * b * cosine) / reach**2
        angles = np.stack([bend, upper, np.cross(along, across) / reach], axis=1)
        stiffness[:, point] = np.swapaxes(angles, 1, 2) @ angles
    return stiffness


def agreed(off_m: np.ndarray, stiffness: np.ndarray) -> np.ndarray:
    """Return the shift (T, 3) that leaves the least for the limbs to do of offsets (T, P, 3)."""
    pull = np.einsum("tpij,tpj->ti", stiffness, off_m)
    return np.linalg.solve(stiffness.sum(axis=1), pull[..., None])[..., 0]
