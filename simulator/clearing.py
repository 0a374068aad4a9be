"""Nothing goes through the floor: what is below it is turned, raised or tilted until it lies on it.

A foot in the air is turned about its ankle, and a hand about its wrist, towards lying flat, which
none of the limbs' angles depends on: recordings often do not know their hands, and have them go
straight on from the forearm. What is left over (a knee, a back, an ankle that is too low) raises
and tilts the whole body as if it lay on springs: the floor pushes whatever is below it, and planted
feet and hands hold on as firmly as their limbs resist (`motions.stiffness`). Then the limbs are
pinned again. The skin is known by the vertices on the convex hull of each bone's part of it, and by
those that bend.
"""

from functools import lru_cache

import numpy as np
from scipy.spatial import ConvexHull

from motions.geometry import (
    IDENTITY_WXYZ,
    Z_AXIS,
    about,
    between,
    multiply,
    rotate,
    rotation,
    slerp,
)
from motions.measures import SIDES
from motions.pinning import end_joints, pin_limbs
from motions.settling import SMOOTH_STIFFNESS, smooth_path
from motions.skeleton import SMPL22
from motions.stiffness import Limbs
from simulator.bodies.body import Body
from simulator.lying import LOOSE

ALLOWED_M = 0.007
"""Flesh gives way so far; see `simulator.skin_fidelity`."""
ENOUGH_M = 0.002
"""What is less far below that is left there."""
FLOOR_STIFFNESS = 3e4
"""How firmly the floor pushes, a thousand times a limb: squared radians a square metre."""
TILT_STIFFNESS = 1.0
"""A body is tilted as readily as a joint is bent, and raised freely where nothing holds it."""
ROUNDS = 6
"""Each takes the lowest skin of what the rounds before found."""
PUSHES = 12
"""Within a round, what is pushed is settled in so many steps or fewer."""
NEAR_M = 0.05
"""Skin that is higher never comes to be pushed within a round."""
FOOT_RAD = np.deg2rad(40.0)
"""A foot is turned no further."""
BACK_DOWN = -0.5
"""A hand or foot whose back points down by more than this comes to lie on it."""
SHARED = 0.75
"""A vertex that no joint carries more of than this bends with its joints, out of any hull."""
FAR_M = 1e3
"""Skin that is nowhere near the floor counts as so high."""
_SHARES = np.linspace(0.0, 1.0, 11)
_ENDS = [
    [SMPL22.index(f"{side}_{joint}") for joint in joints]
    for joints in (("ankle", "foot"), ("wrist",))
    for side in SIDES
]
"""The joints of each of CONTACT_POINTS."""
_MOST_RAD = (FOOT_RAD, FOOT_RAD, np.pi, np.pi)


def cleared(
    body: Body,
    root_m: np.ndarray,
    world_wxyz: np.ndarray,
    contacts: np.ndarray,
    pinned: np.ndarray,
    lying: np.ndarray,
    fps: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Bring what is below the floor above it.

    Args:
        body: Whose skin.
        root_m: World position of the pelvis. Shape (T, 3).
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
        contacts: Which of CONTACT_POINTS are planted. Shape (T, 4).
        pinned: Which of them stay where they are, on the floor or on a bar. Shape (T, 4).
        lying: Where it lies on the floor already (`simulator.lying`). Shape (T,).
        fps: Frames per second.

    Returns:
        The root and the rotations; the very same where nothing is below.
    """
    heights_m, lowest = _lowest(body, root_m, world_wxyz)
    low_m, as_it_was = _too_low_m(heights_m), world_wxyz
    for end, joints in enumerate(_ENDS):
        # A planted foot stands as it should; the hands of a recording may be anyhow.
        frames = np.flatnonzero((low_m[:, end] > 0) & (~contacts[:, end] | (len(joints) == 1)))
        if len(frames):
            world_wxyz = _turned_flat(body, root_m, world_wxyz, frames, end)
    if world_wxyz is not as_it_was:
        heights_m, lowest = _lowest(body, root_m, world_wxyz)
        low_m = _too_low_m(heights_m)
    raised_m = np.where(contacts, low_m, 0.0)
    depths_m = _depths_m(heights_m, pinned)
    if depths_m.max() < ENOUGH_M and not raised_m.any():
        return root_m, world_wxyz
    ends_m = end_joints(body.skeleton, root_m, world_wxyz)
    off_m = raised_m[..., None] * Z_AXIS
    holds = Limbs.of(body.skeleton, root_m, world_wxyz).stiffness(off_m)[..., 2, 2]
    held = _rows(root_m, ends_m), raised_m, np.where(pinned, holds, 0.0)
    own = np.diag([0.0, TILT_STIFFNESS, TILT_STIFFNESS]) + np.zeros((len(root_m), 1, 1))
    own[:, 0, 0] = np.where(lying, SMOOTH_STIFFNESS, LOOSE)
    moved = np.zeros((len(root_m), 3))
    rows: list[np.ndarray] = []
    wanted_m: list[np.ndarray] = []
    new_root_m, new_wxyz = root_m, world_wxyz
    for _ in range(ROUNDS):
        near = (depths_m > -NEAR_M).any(axis=0)
        lowest_m = _points_m(body, new_root_m, new_wxyz, lowest[:, near])
        rows.append(_rows(root_m, lowest_m))
        wanted_m.append(depths_m[:, near] + _rises_m(rows[-1], moved))
        floor = np.concatenate(rows, axis=1), np.concatenate(wanted_m, axis=1)
        moved = _settled(moved, own, floor, held, fps)
        new_root_m, new_wxyz = _moved(root_m, world_wxyz, moved)
        for end, joints in enumerate(_ENDS):
            for joint in joints:
                new_wxyz[pinned[:, end], joint] = world_wxyz[pinned[:, end], joint]
        new_wxyz = pin_limbs(body.skeleton, new_root_m, new_wxyz, ends_m + off_m, pinned)
        heights_m, lowest = _lowest(body, new_root_m, new_wxyz)
        depths_m = _depths_m(heights_m, pinned)
        if depths_m.max() < ENOUGH_M:
            break
    return new_root_m, new_wxyz


def _turned_flat(
    body: Body, root_m: np.ndarray, world_wxyz: np.ndarray, frames: np.ndarray, end: int
) -> np.ndarray:
    """Turn a hand or foot towards lying flat until it is above the floor, or as far as helps.

    Args:
        body: Whose it is.
        root_m: World position of the pelvis. Shape (T, 3).
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
        frames: Where it may be turned. Shape (n,).
        end: Which of CONTACT_POINTS.

    Returns:
        New joint-to-world rotations. Shape (T, 22, 4).
    """
    joints, vertices = _ENDS[end], np.concatenate([_outermost(body)[joint] for joint in _ENDS[end]])
    at_m, wxyz = root_m[frames], world_wxyz[frames]
    joint_m = body.skeleton.positions(at_m, wxyz)[:, joints[0]]
    arms_m = body.skin_points_m(at_m, wxyz, vertices) - joint_m[:, None].astype(np.float32)
    back = rotate(wxyz[:, joints[0]], Z_AXIS)
    flat = between(back, np.where(back[:, 2:] < BACK_DOWN, -Z_AXIS, Z_AXIS))
    most = _MOST_RAD[end] / np.maximum(2 * np.arccos(np.clip(flat[:, 0], -1, 1)), 1e-9)
    shares = _SHARES * np.minimum(most, 1.0)[:, None]
    turns = slerp(np.broadcast_to(IDENTITY_WXYZ, (*shares.shape, 4)), flat[:, None], shares)
    upwards = rotation(turns).as_matrix()[..., 2, :].astype(np.float32)
    lowest_m = (upwards @ np.swapaxes(arms_m, 1, 2)).min(axis=2) + joint_m[:, 2:]
    clear = lowest_m >= -ALLOWED_M
    chosen = np.where(clear.any(axis=1), clear.argmax(axis=1), lowest_m.argmax(axis=1))
    turned = world_wxyz.copy()
    turn = turns[np.arange(len(frames)), chosen]
    for joint in joints:
        turned[frames, joint] = multiply(turn, wxyz[:, joint])
    return turned


def _lowest(
    body: Body, root_m: np.ndarray, world_wxyz: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how high the lowest skin of each joint is, and its vertex. Both (T, 22).

    Skin that cannot be near the floor counts as FAR_M high.
    """
    joints_m = body.skeleton.positions(root_m, world_wxyz)
    heights_m, lowest = np.full(joints_m.shape[:2], FAR_M), np.zeros(joints_m.shape[:2], dtype=int)
    near = np.flatnonzero(joints_m[..., 2].min(axis=0) < _reaches_m(body) + NEAR_M)
    if not len(near):
        return heights_m, lowest
    parts = [_outermost(body)[joint] for joint in near]
    vertices_m = body.skin_heights_m(root_m, world_wxyz, np.concatenate(parts))
    starts = np.cumsum([0, *map(len, parts)])
    for joint, own, start, end in zip(near, parts, starts, starts[1:], strict=False):
        which = vertices_m[:, start:end].argmin(axis=1)
        heights_m[:, joint] = vertices_m[np.arange(len(which)), start + which]
        lowest[:, joint] = own[which]
    return heights_m, lowest


def _too_low_m(heights_m: np.ndarray) -> np.ndarray:
    """Return how much deeper than allowed each of CONTACT_POINTS is. Shape (T, 4)."""
    lowest_m = [heights_m[:, joints].min(axis=1) for joints in _ENDS]
    return np.maximum(0.0, -ALLOWED_M - np.stack(lowest_m, axis=1))


def _depths_m(heights_m: np.ndarray, pinned: np.ndarray) -> np.ndarray:
    """Return how much deeper than allowed each joint's skin is, pinned ends apart. (T, 22)."""
    depths_m = -ALLOWED_M - heights_m
    for end, joints in enumerate(_ENDS):
        depths_m[np.ix_(np.flatnonzero(pinned[:, end]), np.array(joints))] = -FAR_M
    return depths_m


def _points_m(
    body: Body, root_m: np.ndarray, world_wxyz: np.ndarray, lowest: np.ndarray
) -> np.ndarray:
    """Return where each frame's own vertices (T, P) are. Shape (T, P, 3)."""
    vertices, which = np.unique(lowest, return_inverse=True)
    points_m = body.skin_points_m(root_m, world_wxyz, vertices)
    return points_m[np.arange(len(lowest))[:, None], which.reshape(lowest.shape)]


def _rows(root_m: np.ndarray, points_m: np.ndarray) -> np.ndarray:
    """Return how points (T, P, 3) rise when a body is raised, and tilted about X and Y. (T, P, 3).

    It is tilted about what is below its root on the floor, so that feet there do not glide.
    """
    away_m = points_m - root_m[:, None]
    return np.stack([np.ones(away_m.shape[:2]), away_m[..., 1], -away_m[..., 0]], axis=-1)


def _rises_m(rows: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Return how far points rise, as `_rows` says, when the body is moved (T, 3). Shape (T, P)."""
    return np.asarray((rows @ moved[..., None])[..., 0])


def _settled(
    moved: np.ndarray,
    own: np.ndarray,
    floor: tuple[np.ndarray, np.ndarray],
    held: tuple[np.ndarray, np.ndarray, np.ndarray],
    fps: float,
) -> np.ndarray:
    """Find the smooth way of a body between the floor that pushes and the contacts that hold.

    Args:
        moved: Where to begin: rise and tilts. Shape (T, 3).
        own: How firmly each frame stays as it is. Shape (T, 3, 3).
        floor: Of what the floor may push, how it rises, and how far at least. (T, P, 3), (T, P).
        held: Of the contacts, the same, and how firmly they hold. (T, 4, 3), (T, 4), (T, 4).
        fps: Frames per second.

    Returns:
        Rise and tilts. Shape (T, 3).
    """
    rows, least_m = (np.concatenate([a, b], axis=1) for a, b in zip(held[:2], floor, strict=True))
    firm = np.zeros(least_m.shape)
    firm[:, : held[2].shape[1]] = held[2]
    for _ in range(PUSHES):
        pushed = least_m > _rises_m(rows, moved)
        firm[:, held[2].shape[1] :] = FLOOR_STIFFNESS * pushed[:, held[2].shape[1] :]
        pulls = np.swapaxes(rows * firm[..., None], 1, 2)
        stiffness = own + pulls @ rows
        wanted = np.linalg.solve(stiffness, pulls @ least_m[..., None])[..., 0]
        before, moved = moved, smooth_path(wanted, stiffness, np.zeros_like(moved), fps)
        if np.abs(moved - before).max() < ENOUGH_M / 10:
            break
    return moved


def _moved(
    root_m: np.ndarray, world_wxyz: np.ndarray, moved: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Raise and tilt a body by `moved` (T, 3), see `_rows`; return its root and rotations."""
    tilt = np.concatenate([moved[:, 1:], np.zeros((len(moved), 1))], axis=1)
    angle_rad = np.linalg.norm(tilt, axis=1)
    turn = about(tilt / np.maximum(angle_rad, 1e-12)[:, None], angle_rad)
    below_m = root_m * [1.0, 1.0, 0.0]
    new_root_m = below_m + rotate(turn, root_m - below_m) + moved[:, :1] * Z_AXIS
    return new_root_m, multiply(turn[:, None], world_wxyz)


@lru_cache(maxsize=64)
def _outermost(body: Body) -> tuple[np.ndarray, ...]:
    """Return for each joint those on the hull of the skin that it carries most, and the shared."""
    owners, shared = body.skin_weights.argmax(axis=1), body.skin_weights.max(axis=1) < SHARED
    found = []
    for joint in range(len(SMPL22.joint_names)):
        own = np.flatnonzero(owners == joint)
        rest_m = body.rest_vertices_m[own]
        flat = len(own) < 4 or np.linalg.matrix_rank(rest_m - rest_m[0]) < 3
        on_hull = np.arange(len(own)) if flat else ConvexHull(rest_m).vertices
        found.append(np.union1d(own[on_hull], own[shared[own]]))
    return tuple(found)


@lru_cache(maxsize=64)
def _reaches_m(body: Body) -> np.ndarray:
    """Return how far from each joint the skin reaches that it carries most. Shape (22,)."""
    from_joint_m = [
        body.rest_vertices_m[own] - at_m
        for own, at_m in zip(_outermost(body), body.rest_joints_m, strict=True)
    ]
    return np.array([np.linalg.norm(m, axis=1).max(initial=-np.inf) for m in from_joint_m])
