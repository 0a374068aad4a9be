"""Frames from directions, and limbs from three points each: the geometry behind `orient`."""

from collections.abc import Mapping

import numpy as np
from scipy.linalg import solveh_banded
from scipy.spatial.transform import Rotation

from motions.errors import FormbenchError
from motions.geometry import (
    IDENTITY_WXYZ,
    X_AXIS,
    Y_AXIS,
    about,
    angle_between,
    between,
    multiply,
    rotate,
    signed_angle,
    to_wxyz,
    unit,
)
from motions.skeleton import LIMBS, SMPL22, Skeleton

BENT_RAD = np.deg2rad(25.0)
"""A limb that bends this much shows its bend plane; one that bends less, so much the less."""


def with_middles(points: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Add the points mid_hip and mid_shoulder."""
    middles = {
        "mid_hip": (points["left_hip"] + points["right_hip"]) / 2,
        "mid_shoulder": (points["left_shoulder"] + points["right_shoulder"]) / 2,
    }
    return dict(points) | middles


def rest_points(skeleton: Skeleton) -> dict[str, np.ndarray]:
    """Return where a skeleton of the 22 joints has its points in the T-pose, (3,) each."""
    still = np.tile(IDENTITY_WXYZ, (len(skeleton.joint_names), 1))
    at_m = skeleton.positions(np.zeros(3), still)
    return with_middles(dict(zip(skeleton.joint_names, at_m, strict=True)))


REST_M = rest_points(SMPL22)


def frame_match(
    canonical: tuple[np.ndarray, np.ndarray], seen: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Return the rotation that takes two canonical directions to two seen ones.

    The first is met exactly, the second as far as the angle between them allows.

    Args:
        canonical: Two directions in the canonical rest pose, (3,) each.
        seen: Where they point now, (..., 3) each.

    Returns:
        Rotations of shape (..., 4).
    """
    return to_wxyz(Rotation.from_matrix(_axes(*seen) @ np.swapaxes(_axes(*canonical), -1, -2)))


def swung(parent_wxyz: np.ndarray, rest: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Turn orientations (..., 4) the shortest way, so that `rest` (3,) points along `seen`."""
    return multiply(between(rotate(parent_wxyz, rest), seen), parent_wxyz)


def bone(points: Mapping[str, np.ndarray], start: str, end: str) -> np.ndarray:
    """Return the vectors from one point to another, or raise where they coincide."""
    vectors = points[end] - points[start]
    short = np.linalg.norm(vectors, axis=-1) < 1e-9
    if short.any():
        raise FormbenchError(f"frame {int(short.argmax()) + 1}: {start} and {end} coincide")
    return vectors


def limb_orientations(
    name: str,
    points: Mapping[str, np.ndarray],
    parent_wxyz: np.ndarray,
    fps: float,
    rest: Mapping[str, np.ndarray] = REST_M,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the world orientations, (T, 4) each, of a limb's upper and lower bone.

    Args:
        name: Which of LIMBS.
        points: Positions by name, the limb's three among them. Shape (T, 3) each.
        parent_wxyz: World orientation of the pelvis or chest that the limb hangs on. Shape (T, 4).
        fps: Frames per second.
        rest: Where the T-pose has the points.
    """
    limb = LIMBS[name]
    upper = bone(points, limb.root, limb.middle)
    lower = bone(points, limb.middle, limb.end)
    straight = swung(parent_wxyz, rest[limb.middle] - rest[limb.root], upper)
    hinge = rotate(straight, np.array(limb.bend_axis))
    bend = angle_between(upper, lower)
    normal = np.cross(upper, lower)
    twist = signed_angle(hinge, np.where(bend[:, None] > 1e-6, normal, hinge), unit(upper))
    weight = smooth_step(bend / BENT_RAD)
    if limb.root.endswith("hip"):
        # No thigh turns a quarter about itself: a knee that seems to bend there is overstretched.
        weight = weight * np.clip(np.cos(twist), 0, 1)
    upper_wxyz = multiply(about(unit(upper), _carried(twist, weight, fps)), straight)
    return upper_wxyz, swung(upper_wxyz, rest[limb.end] - rest[limb.middle], lower)


def _carried(twist: np.ndarray, weight: np.ndarray, fps: float) -> np.ndarray:
    """Carry twist angles (T,) over the frames whose weight (T,), 0 to 1, says they are not seen.

    Whittaker's smoother over the angles' unit vectors with these weights, a penalty on first
    differences and a slight pull towards no twist (Eilers 2003, "A Perfect Smoother"). First
    differences, because second ones overshoot where a long straight part begins.
    """
    seen = np.stack([np.cos(twist), np.sin(twist)], axis=-1)
    pull, stiffness = 1e-3, (0.1 * fps) ** 2
    diagonal = np.full(len(twist), 2.0)
    diagonal[[0, -1]] = 1.0 if len(twist) > 1 else 0.0
    bands = np.stack([np.full(len(twist), -stiffness), stiffness * diagonal + weight + pull])
    smooth = solveh_banded(bands, weight[:, None] * seen + pull * np.array([1.0, 0.0]))
    mixed = weight[:, None] * seen + (1 - weight[:, None]) * smooth
    return np.arctan2(mixed[:, 1], mixed[:, 0])


def smooth_step(x: np.ndarray) -> np.ndarray:
    """Go smoothly from 0 at and below 0 to 1 at and above 1."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def _axes(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return right-handed orthonormal axes (..., 3, 3) as columns, the first along `first`."""
    x = unit(first)
    across = np.cross(x, second)
    parallel = np.linalg.norm(across, axis=-1, keepdims=True) < 1e-9
    anyhow = np.cross(x, np.where(np.abs(x[..., :1]) < 0.9, X_AXIS, Y_AXIS))
    z = unit(np.where(parallel, anyhow, across))
    return np.stack([x, np.cross(z, x), z], axis=-1)
