"""How deep the skin of a performance goes through the floor, a bench and itself.

A limb goes through the body where one of its vertices is behind the nearest other skin, and that
skin faces away from it. What a limb hangs on is left out, for there skin folds.
"""

from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from motions.measures import SIDES
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.held import BENCH_M
from simulator.performance import Performance

SHALLOW_M = 0.01
"""What counts as through the floor is deeper (holosoma's evaluation); flesh gives way so far."""
STEP = 4
"""Skin is tested against itself at every fourth frame."""
_CHUNK = 256
"""So many frames of all vertices are in memory at once."""
_FACES_AWAY = 0.7
"""Cosine between the way to the nearest skin and its normal from which that faces away."""
_LIMBS = [
    ([f"{side}_{joint}" for joint in tested], [f"{side}_{joint}" for joint in hangs_on])
    for side in SIDES
    for tested, hangs_on in (
        (("elbow", "wrist"), ("shoulder", "collar")),
        (("knee", "ankle", "foot"), ("hip",)),
    )
]
"""The joints whose skin is tested, and those whose skin it is not tested against besides."""


def floor_figures(body: Body, root_m: np.ndarray, world_wxyz: np.ndarray) -> dict[str, float]:
    """Return the summary of `floor_depths_m`."""
    depths_m = floor_depths_m(body, root_m, world_wxyz)
    return {
        "penetration_max_m": float(depths_m.max()),
        "penetration_fraction": float((depths_m > SHALLOW_M).mean()),
    }


def bench_depth_m(performance: Performance) -> float:
    """Return how deep the skin is at most in the bench under the hands, 0 without one."""
    if "bench" not in performance.props:
        return 0.0
    T_world_bench = performance.props["bench"][0]
    half_m = np.array(BENCH_M) / 2
    deepest_m = 0.0
    for start in range(0, performance.n_frames, _CHUNK):
        vertices_m, _ = performance.skin(slice(start, start + _CHUNK))
        seen_m = (vertices_m - T_world_bench[:3, 3]) @ T_world_bench[:3, :3]
        inside_m = np.minimum((half_m - np.abs(seen_m[..., :2])).min(axis=-1), -seen_m[..., 2])
        deepest_m = max(deepest_m, float(inside_m.max()))
    return deepest_m


def self_figures(performance: Performance) -> dict[str, float]:
    """Return the summary of `self_depths_m`."""
    depths_m = self_depths_m(performance)
    return {
        "self_intersection_max_m": float(depths_m.max()),
        "self_intersection_fraction": float((depths_m > SHALLOW_M).mean()),
    }


def floor_depths_m(body: Body, root_m: np.ndarray, world_wxyz: np.ndarray) -> np.ndarray:
    """Return how deep the lowest skin is below the floor in each frame, 0 above.

    Args:
        body: Whose skin.
        root_m: Where the pelvis is. Shape (T, 3).
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).

    Returns:
        Shape (T,).
    """
    joints_m = body.skeleton.positions(root_m, world_wxyz)
    lowest_m = []
    for start in range(0, len(root_m), _CHUNK):
        some = slice(start, start + _CHUNK)
        near = (_reaches_m(body) > joints_m[some, :, 2].min(axis=0)).any(axis=1)
        heights_m = body.skin_heights_m(root_m[some], world_wxyz[some], np.flatnonzero(near))
        lowest_m.append(heights_m.min(axis=1, initial=np.inf))
    return np.maximum(0.0, -np.concatenate(lowest_m).astype(np.float64))


@lru_cache(maxsize=64)
def _reaches_m(body: Body) -> np.ndarray:
    """Return how far each vertex is from every joint that carries it. Shape (V, 22).

    Minus infinity where a joint does not. A blend of rigid motions lies between them, so that a
    vertex is in the floor only if one of these joints is nearer to it than that.
    """
    away_m = np.linalg.norm(body.rest_vertices_m[:, None] - body.rest_joints_m, axis=-1)
    return np.where(body.skin_weights > 0, away_m, -np.inf)


def self_depths_m(performance: Performance, step: int = STEP) -> np.ndarray:
    """Return how deep forearms, hands, shins and feet are inside the body, 0 outside. Shape (n,).

    Measured from each of their vertices to the nearest one of the rest, at every `step`th frame.
    """
    carried_by = performance.body.skin_weights.argmax(axis=1)
    limbs = []
    for tested, hangs_on in _LIMBS:
        own = np.isin(carried_by, [SMPL22.index(name) for name in tested])
        near = np.isin(carried_by, [SMPL22.index(name) for name in hangs_on])
        limbs.append((own, ~own & ~near))
    depths_m = []
    for frame in range(0, performance.n_frames, step):
        (vertices_m,), (normals,) = performance.skin(slice(frame, frame + 1))
        depths_m.append(
            max(_deepest_m(vertices_m[own], vertices_m[o], normals[o]) for own, o in limbs)
        )
    return np.array(depths_m)


def _deepest_m(points_m: np.ndarray, skin_m: np.ndarray, normals: np.ndarray) -> float:
    """Return how deep the deepest of points (N, 3) is behind the nearest vertex of skin (M, 3)."""
    away_m, nearest = cKDTree(skin_m).query(points_m)
    out = normals[nearest] / np.linalg.norm(normals[nearest], axis=-1, keepdims=True)
    depth_m = np.sum((skin_m[nearest] - points_m) * out, axis=-1)
    return float(np.max(depth_m, where=depth_m > _FACES_AWAY * away_m, initial=0.0))
