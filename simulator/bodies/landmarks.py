"""Points of face, hands and back that a model names no bone for, found on its average person once.

Vertices keep their meaning from person to person, so what is found on one holds for all.
"""

from collections.abc import Mapping

import numpy as np

from simulator.bodies.body import Keypoints

BELOW_NECK = {"c7": 0.0, "t8": 0.42, "l1": 0.65, "l5": 0.94, "sacrum": 1.08}
"""How far down from the neck's joint to the lowest of the spine, as vertebrae and discs of adults
are high: some 28 cm from C7 to T12 and 18 cm from L1 to L5 of a person of 1.75 m."""
_MIDLINE_M = 0.012

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


def back_landmarks(
    vertices_m: np.ndarray, skin: np.ndarray, neck_m: np.ndarray, waist_m: np.ndarray
) -> dict[str, int]:
    """Return the vertex of the back's midline over each of some vertebrae.

    Args:
        vertices_m: The average adult, upright, facing -Y. Shape (V, 3).
        skin: Indices of the vertices to choose from. Shape (N,).
        neck_m: The joint of the neck, as high as C7's spinous process. Shape (3,).
        waist_m: The lowest joint of the spine, between L5 and the sacrum. Shape (3,).
    """
    found = {}
    for name, share in BELOW_NECK.items():
        height_m = neck_m[2] + share * (waist_m[2] - neck_m[2])
        off_m = np.hypot(vertices_m[skin, 0], vertices_m[skin, 2] - height_m)
        near = skin[off_m < off_m.min() + _MIDLINE_M]
        found[name] = int(near[vertices_m[near, 1].argmax()])
    return found


def gathered(rows: list[np.ndarray]) -> Keypoints:
    """Keep of weights over all vertices, (V,) a keypoint, only the vertices in use."""
    weights = np.stack(rows)
    used = np.flatnonzero((weights != 0).any(axis=0))
    return Keypoints(used, weights[:, used] / weights[:, used].sum(axis=1, keepdims=True))
