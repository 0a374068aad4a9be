"""Lengths of the canonical limbs, and the triangles that they make in the sagittal plane."""

import numpy as np

from motions.geometry import X_AXIS, about, rotate
from motions.motion import CONTACT_POINTS
from motions.skeleton import SMPL22

THIGH_M = SHIN_M = 0.40
LEG_M = THIGH_M + SHIN_M
UPPER_ARM_M, FOREARM_M = 0.27, 0.25
GRIP_M = 0.08
"""From the wrist to the middle of what the hand holds, on the canonical skeleton."""
BALL_M = (-0.13, 0.02)
"""Where the ball of a flat foot is, ahead of the ankle and above the floor: y and z."""


def limb_reach_m(upper_m: float, lower_m: float, flexion_rad: np.ndarray | float) -> np.ndarray:
    """Return the distance between a limb's ends at a bend of its middle joint (law of cosines)."""
    return np.sqrt(upper_m**2 + lower_m**2 + 2 * upper_m * lower_m * np.cos(flexion_rad))


def corner_rad(
    one_m: np.ndarray | float, other_m: np.ndarray | float, opposite_m: np.ndarray | float
) -> np.ndarray:
    """Return the angle between two sides of a triangle, given the third (law of cosines)."""
    return np.arccos((one_m**2 + other_m**2 - opposite_m**2) / (2 * one_m * other_m))


def ahead_and_up(elevation_rad: np.ndarray | float) -> np.ndarray:
    """Return the direction ahead and up by an elevation (...), as y and z. Shape (..., 2)."""
    return np.stack([-np.cos(elevation_rad), np.sin(elevation_rad)], axis=-1)


def ankle_over_ball_m(heel_rad: np.ndarray | float) -> np.ndarray:
    """Return how far the ankle is behind and above the ball of a foot with the heel up. (..., 2)"""
    foot = SMPL22.offsets_m[SMPL22.index("left_foot")]
    return -rotate(about(X_AXIS, heel_rad), foot)[..., 1:]


def hip_over_ankle_m(knee_rad: np.ndarray, shin_rad: np.ndarray, apart_m: float) -> np.ndarray:
    """Return the vector from ankle to hip of a bent leg, in the sagittal plane.

    Args:
        knee_rad: Knee flexion. Shape (T,).
        shin_rad: How far the shin leans forward. Shape (T,).
        apart_m: How far the ankle is to the side of the hip; the leg is that much oblique.

    Returns:
        Backward and upward distance. Shape (T, 2).
    """
    thigh = knee_rad - shin_rad
    back = THIGH_M * np.sin(thigh) - SHIN_M * np.sin(shin_rad)
    up = THIGH_M * np.cos(thigh) + SHIN_M * np.cos(shin_rad)
    flat = np.sqrt(back**2 + up**2)
    oblique = np.sqrt(limb_reach_m(THIGH_M, SHIN_M, knee_rad) ** 2 - apart_m**2)
    return np.stack([back, up], axis=-1) * (oblique / flat)[:, None]


def planted(n_frames: int, **points: np.ndarray | bool) -> np.ndarray:
    """Return contacts (T, 4) from those of named points; points not named do not carry."""
    contacts = np.zeros((n_frames, len(CONTACT_POINTS)), dtype=bool)
    for name, carries in points.items():
        contacts[:, CONTACT_POINTS.index(name)] = carries
    return contacts
