"""Nothing but soles and palms touches the floor unasked: what would go through it is raised.

A foot in the air is turned about its ankle, toes or heel up, which none of the limbs' angles
depends on. What is left over (a knee, a back, an ankle that is too low) raises the whole body along
a smooth path: as far as needed where hands and feet are free, else only as far as bent limbs can
make up for. A body that lies deeper while it is known to stand on its feet or hands stays as it is:
raised, it would lose them. The skin is known by the vertices on the convex hull of each bone's part
of it: nothing of a part is lower than its hull.
"""

from functools import lru_cache

import numpy as np
from scipy.ndimage import distance_transform_edt, maximum_filter1d, uniform_filter1d
from scipy.spatial import ConvexHull

from motions.geometry import about, multiply
from motions.measures import SIDES
from motions.pinning import end_joints, pin_limbs
from motions.planting import FEET
from motions.skeleton import SMPL22
from simulator.bodies.body import Body

ALLOWED_M = 0.007
"""Flesh gives way so far; see `simulator.skin_fidelity`."""
GIVES_WAY_M = 0.015
"""Bent limbs make up for so much of a rise."""
RISES_M_S = 1.5
"""How fast a body may rise that has left its contacts."""
LOW_M = 0.35
"""A joint higher than this has no skin on the floor."""
SMOOTH_S = 0.1
"""Before and after what is raised, it takes so long to rise and fall."""
MOST_RAD = np.deg2rad(40.0)
"""A foot is turned no further."""
_ANGLES_RAD = np.linspace(0.0, MOST_RAD, 41)
_FOOT_JOINTS = [[SMPL22.index(f"{side}_{joint}") for joint in ("ankle", "foot")] for side in SIDES]


def cleared(
    body: Body,
    root_m: np.ndarray,
    world_wxyz: np.ndarray,
    contacts: np.ndarray,
    pinned: np.ndarray,
    fps: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Raise what is below the floor.

    Args:
        body: Whose skin.
        root_m: World position of the pelvis. Shape (T, 3).
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
        contacts: Which of CONTACT_POINTS are planted. Shape (T, 4).
        pinned: Which of them stay where they are, on the floor or on a bar. Shape (T, 4).
        fps: Frames per second.

    Returns:
        The root and the rotations; the very same where nothing is below.
    """
    hull = _hull_vertices(body)
    for foot, joints in zip(FEET, _FOOT_JOINTS, strict=True):
        own = np.concatenate([hull[joint] for joint in joints])
        free = ~contacts[:, foot]
        world_wxyz = _with_foot_up(body, root_m, world_wxyz, free, joints, own)
    depths_m = _depths_m(body, root_m, world_wxyz, hull)
    if not depths_m.any():
        return root_m, world_wxyz
    rise_m = _envelope(depths_m, fps)
    carried = np.logical_or.reduce(pinned, axis=1)
    lies = np.logical_and(carried, rise_m > GIVES_WAY_M)
    rise_m = np.minimum(rise_m, RISES_M_S * _away_s(lies, fps))
    rise_m = np.minimum(rise_m, GIVES_WAY_M + RISES_M_S * _away_s(carried, fps))
    targets_m = end_joints(body.skeleton, root_m, world_wxyz)
    root_m = root_m + rise_m[:, None] * np.array([0.0, 0.0, 1.0])
    return root_m, pin_limbs(body.skeleton, root_m, world_wxyz, targets_m, pinned)


def _with_foot_up(
    body: Body,
    root_m: np.ndarray,
    world_wxyz: np.ndarray,
    free: np.ndarray,
    joints: list[int],
    vertices: np.ndarray,
) -> np.ndarray:
    """Turn a foot that is in the air until its skin is above the floor, or as far as helps."""
    frames = np.flatnonzero(free)
    if not len(frames):
        return world_wxyz
    heights_m = body.skin_heights_m(root_m[frames], world_wxyz[frames], vertices)
    frames = frames[heights_m.min(axis=1) < -ALLOWED_M]
    if not len(frames):
        return world_wxyz
    points_m = body.skin_points_m(root_m[frames], world_wxyz[frames], vertices)
    ankle_m = body.skeleton.positions(root_m[frames], world_wxyz[frames])[:, joints[0]]
    arms_m = points_m - ankle_m[:, None]
    # About the level axis across the foot, the way that raises its lowest point.
    lowest = arms_m[np.arange(len(frames)), arms_m[..., 2].argmin(axis=1)]
    ahead = lowest * [1.0, 1.0, 0.0]
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    axis = np.cross(ahead, [0.0, 0.0, 1.0])
    out_m = np.einsum("nvc,nc->nv", arms_m, ahead)
    turned_m = (
        arms_m[:, None, :, 2] * np.cos(_ANGLES_RAD)[:, None]
        + out_m[:, None] * np.sin(_ANGLES_RAD)[:, None]
    )
    least_m = turned_m.min(axis=2) + ankle_m[:, 2:]
    clear = least_m >= -ALLOWED_M
    chosen = np.where(clear.any(axis=1), clear.argmax(axis=1), least_m.argmax(axis=1))
    turn = about(axis, _ANGLES_RAD[chosen])
    raised = world_wxyz.copy()
    for joint in joints:
        raised[frames, joint] = multiply(turn, world_wxyz[frames, joint])
    return raised


def _depths_m(
    body: Body, root_m: np.ndarray, world_wxyz: np.ndarray, hull: tuple[np.ndarray, ...]
) -> np.ndarray:
    """Return how much deeper than allowed the body is below the floor. Shape (T,)."""
    joints_m = body.skeleton.positions(root_m, world_wxyz)
    near = joints_m[..., 2].min(axis=0) < LOW_M
    vertices = np.concatenate([own for own, low in zip(hull, near, strict=True) if low])
    lowest_m = body.skin_heights_m(root_m, world_wxyz, vertices).min(axis=1)
    return np.maximum(0.0, -lowest_m.astype(np.float64) - ALLOWED_M)


def _away_s(frames: np.ndarray, fps: float) -> np.ndarray:
    """Return how far in time the nearest of some frames (T,) is from each. Shape (T,)."""
    if not frames.any():
        return np.full(len(frames), np.inf)
    return np.asarray(distance_transform_edt(~frames)) / fps


def _envelope(depths_m: np.ndarray, fps: float) -> np.ndarray:
    """Return a smooth curve that is nowhere below another. Shape (T,)."""
    size = 2 * max(1, round(SMOOTH_S * fps / 2)) + 1
    # The mean of a maximum over the same stretch is nowhere below what the maximum is of.
    highest = maximum_filter1d(depths_m, 2 * size - 1, mode="nearest")
    for _ in range(2):
        highest = uniform_filter1d(highest, size, mode="nearest")
    return np.asarray(highest)


@lru_cache(maxsize=64)
def _hull_vertices(body: Body) -> tuple[np.ndarray, ...]:
    """Return for each joint the vertices on the hull of the skin that it carries most."""
    owners = body.skin_weights.argmax(axis=1)
    found = []
    for joint in range(len(SMPL22.joint_names)):
        own = np.flatnonzero(owners == joint)
        rest_m = body.rest_vertices_m[own]
        flat = len(own) < 4 or np.linalg.matrix_rank(rest_m - rest_m[0]) < 3
        found.append(own if flat else own[ConvexHull(rest_m).vertices])
    return tuple(found)
