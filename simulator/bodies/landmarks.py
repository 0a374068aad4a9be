"""Points of face and hands that a model names no bone for, found on its average person once.

Vertices keep their meaning from person to person, so what is found on one holds for all.
"""

from collections.abc import Mapping

import numpy as np

from simulator.bodies.body import Keypoints

RING = 8
"""So many vertices round a knuckle have its centre as their mean."""


def face_landmarks(
    vertices_m: np.ndarray, skin: np.ndarray, eyes_m: Mapping[str, np.ndarray]
) -> dict[str, int]:
    """Return the vertex of each corner of the eyes and of the mouth.

    Args:
        vertices_m: The average adult, facing -Y. Shape (V, 3).
        skin: Indices of the vertices to choose from. Shape (N,).
        eyes_m: The centre of the "left" and of the "right" eyeball, (3,) each.
    """
    found = {}
    for side, eye in eyes_m.items():
        out = 1.0 if side == "left" else -1.0
        wanted = {
            f"{side}_eye_inner": eye + np.array([-0.016 * out, -0.02, 0]),
            f"{side}_eye_outer": eye + np.array([0.018 * out, -0.008, 0]),
            f"mouth_{side}": np.array([0.025 * out, eye[1] - 0.012, eye[2] - 0.078]),
        }
        for name, point in wanted.items():
            found[name] = int(skin[np.linalg.norm(vertices_m[skin] - point, axis=1).argmin()])
    return found


def knuckle_rings(
    vertices_m: np.ndarray, knuckles_m: Mapping[str, np.ndarray]
) -> dict[str, tuple[int, ...]]:
    """Return the nearest RING vertices to each named knuckle, (3,) each."""
    rings = {}
    for name, knuckle in knuckles_m.items():
        order = np.argsort(np.linalg.norm(vertices_m - knuckle, axis=1), kind="stable")
        rings[name] = tuple(int(vertex) for vertex in order[:RING])
    return rings


def gathered(rows: list[np.ndarray]) -> Keypoints:
    """Keep of weights over all vertices, (V,) a keypoint, only the vertices in use."""
    weights = np.stack(rows)
    used = np.flatnonzero((weights != 0).any(axis=0))
    return Keypoints(used, weights[:, used] / weights[:, used].sum(axis=1, keepdims=True))
