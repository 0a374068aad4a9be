"""Rotations and limbs, over scipy: unit quaternions are scalar first (`_wxyz`), angles radians.

Everything works on any leading axes, so that a whole motion is one call.
"""

import numpy as np
from scipy.spatial.transform import Rotation

IDENTITY_WXYZ = np.array([1.0, 0.0, 0.0, 0.0])
X_AXIS, Y_AXIS, Z_AXIS = np.eye(3)


def rotation(wxyz: np.ndarray) -> Rotation:
    """Return the scipy rotation of quaternions of shape (..., 4)."""
    return Rotation.from_quat(wxyz, scalar_first=True)


def to_wxyz(rotations: Rotation) -> np.ndarray:
    """Return unit quaternions of shape (..., 4), scalar first and non-negative."""
    return rotations.as_quat(canonical=True, scalar_first=True)


def about(axis: np.ndarray, angle_rad: np.ndarray | float) -> np.ndarray:
    """Return quaternions (..., 4) that turn by `angle_rad` (...) about unit axes (..., 3).

    Both are broadcast against one another, so one axis may serve all angles.
    """
    half = np.asarray(angle_rad, dtype=np.float64)[..., None] / 2
    xyz = np.sin(half) * axis
    return np.concatenate([np.broadcast_to(np.cos(half), (*xyz.shape[:-1], 1)), xyz], axis=-1)


def multiply(a_wxyz: np.ndarray, b_wxyz: np.ndarray) -> np.ndarray:
    """Return the quaternions of "first b, then a", broadcast over leading axes."""
    out = np.zeros(np.broadcast_shapes(np.shape(a_wxyz), np.shape(b_wxyz)))
    aw, ax, ay, az = (a_wxyz[..., i] for i in range(4))
    bw, bx, by, bz = (b_wxyz[..., i] for i in range(4))
    out[..., 0] = aw * bw - ax * bx - ay * by - az * bz
    out[..., 1] = aw * bx + ax * bw + ay * bz - az * by
    out[..., 2] = aw * by - ax * bz + ay * bw + az * bx
    out[..., 3] = aw * bz + ax * by - ay * bx + az * bw
    return out


def inverse(wxyz: np.ndarray) -> np.ndarray:
    """Return the inverse of unit quaternions (..., 4)."""
    return wxyz * np.array([1.0, -1.0, -1.0, -1.0])


def rotate(wxyz: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Turn `vectors` (..., 3) by unit quaternions (..., 4), broadcast over leading axes."""
    out = np.zeros(np.broadcast_shapes((*np.shape(wxyz)[:-1], 3), np.shape(vectors)))
    w, x, y, z = (wxyz[..., i] for i in range(4))
    vx, vy, vz = (vectors[..., i] for i in range(3))
    # v + w t + u x t, where u is the vector part and t = 2 u x v.
    tx, ty, tz = 2 * (y * vz - z * vy), 2 * (z * vx - x * vz), 2 * (x * vy - y * vx)
    out[..., 0] = vx + w * tx + (y * tz - z * ty)
    out[..., 1] = vy + w * ty + (z * tx - x * tz)
    out[..., 2] = vz + w * tz + (x * ty - y * tx)
    return out


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cross product of vectors (..., 3), a few times as fast as numpy's own."""
    out = np.zeros(np.broadcast_shapes(a.shape, b.shape))
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    out[..., 0] = ay * bz - az * by
    out[..., 1] = az * bx - ax * bz
    out[..., 2] = ax * by - ay * bx
    return out


def slerp(a_wxyz: np.ndarray, b_wxyz: np.ndarray, weight: np.ndarray | float) -> np.ndarray:
    """Go the fraction `weight` (...) of the shortest way from a to b, both (..., 4).

    Weight 0 gives `a` to the bit.
    """
    step = rotation(multiply(inverse(a_wxyz), b_wxyz)).as_rotvec()
    part = to_wxyz(Rotation.from_rotvec(step * np.asarray(weight)[..., None]))
    moved = multiply(a_wxyz, part)
    return np.where(np.asarray(weight)[..., None] == 0, a_wxyz, moved)


def between(from_vectors: np.ndarray, to_vectors: np.ndarray) -> np.ndarray:
    """Return the smallest rotation (..., 4) that takes one direction to another, both (..., 3).

    Opposite directions have no smallest rotation; half a turn about an arbitrary perpendicular
    axis is returned.
    """
    a = unit(from_vectors)
    b = unit(to_vectors)
    w = 1 + np.sum(a * b, axis=-1, keepdims=True)
    axis = cross(a, b)
    perpendicular = cross(a, np.where(np.abs(a[..., :1]) < 0.9, X_AXIS, Y_AXIS))
    opposite = w < 1e-9
    wxyz = np.concatenate([np.where(opposite, 0, w), np.where(opposite, perpendicular, axis)], -1)
    return unit(wxyz)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Scale vectors (..., n) to length one."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def angle_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the angle in radians, 0 to pi, between vectors a and b, both (..., 3).

    By the arctangent of cross and dot product, which stays exact near 0 and pi.
    """
    return np.arctan2(np.linalg.norm(cross(a, b), axis=-1), np.sum(a * b, axis=-1))


def signed_angle(a: np.ndarray, b: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Return the angle in radians, -pi to pi, from a to b about the unit `axis`, all (..., 3).

    Both vectors are first projected on the plane across the axis.
    """
    a = a - np.sum(a * axis, axis=-1, keepdims=True) * axis
    b = b - np.sum(b * axis, axis=-1, keepdims=True) * axis
    return np.arctan2(np.sum(cross(a, b) * axis, axis=-1), np.sum(a * b, axis=-1))


def two_bone_ik(
    upper_wxyz: np.ndarray,
    lower_wxyz: np.ndarray,
    upper_m: np.ndarray,
    lower_m: np.ndarray,
    reach_m: np.ndarray,
    bend_axis: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Turn a limb of two bones so that its end lies where it should, in closed form.

    The bend angle follows from the law of cosines about the limb's own hinge, then the whole limb
    is swung by the smallest rotation. A target out of reach gives the limb stretched towards it.

    Args:
        upper_wxyz: World orientation of the upper bone. Shape (..., 4).
        lower_wxyz: World orientation of the lower bone. Shape (..., 4).
        upper_m: The upper bone's vector in its own frame. Shape (3,).
        lower_m: The lower bone's vector in its own frame. Shape (3,).
        reach_m: World vector from the upper joint to the wanted end. Shape (..., 3).
        bend_axis: Hinge of the middle joint in the upper bone's frame; a positive turn of the
            lower bone about it bends the limb. Shape (3,).

    Returns:
        The new world orientations of the upper and of the lower bone, both (..., 4).
    """
    upper = rotate(upper_wxyz, upper_m)
    lower = rotate(lower_wxyz, lower_m)
    hinge = rotate(upper_wxyz, bend_axis)
    length_upper, length_lower = np.linalg.norm(upper_m), np.linalg.norm(lower_m)
    distance = np.linalg.norm(reach_m, axis=-1)
    # The hinge sees only what lies in its plane: solve there, so that the length comes out exact.
    off = np.sum(upper * hinge, axis=-1) + np.sum(lower * hinge, axis=-1)
    upper_in = np.sqrt(np.maximum(length_upper**2 - np.sum(upper * hinge, axis=-1) ** 2, 0))
    lower_in = np.sqrt(np.maximum(length_lower**2 - np.sum(lower * hinge, axis=-1) ** 2, 0))
    planar_squared = np.maximum(distance**2 - off**2, 0)
    cosine = (planar_squared - upper_in**2 - lower_in**2) / (2 * upper_in * lower_in)
    wanted = np.arccos(np.clip(cosine, -1, 1))
    now = signed_angle(upper, lower, hinge)
    turn = about(hinge, wanted - now)
    lower_wxyz = multiply(turn, lower_wxyz)
    end = upper + rotate(turn, lower)
    swing = between(end, reach_m)
    return multiply(swing, upper_wxyz), multiply(swing, lower_wxyz)
