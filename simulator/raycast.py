"""Triangles on rays, compiled: the first face before each of many points, from one eye."""

import numpy as np
from numba import njit


@njit(cache=True)
def first_hits(
    vertices: np.ndarray, faces: np.ndarray, points: np.ndarray, both_sides: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the first face before each point, on the ray to it from the origin.

    A ray pierces a face when the volumes that it spans with the three edges have one sign; they are
    the barycentric weights too, also where a face reaches behind the eye. Only points within a
    face's box on the image plane are tried.

    Args:
        vertices: In camera coordinates, +Z forward. Shape (V, 3), float64.
        faces: Counter-clockwise seen from outside. Shape (F, 3), int32.
        points: In camera coordinates; nothing is before a point that is not ahead. Shape (N, 3),
            float64.
        both_sides: Whether faces that are seen from inside count too.

    Returns:
        faces: The index of the face before each point, -1 where there is none. Shape (N,).
        weights: Of the face's corners at the place that is hit. Shape (N, 3).
        depths: Of that place along +Z, the point's own where there is none. Shape (N,).
    """
    hit_faces = np.full(len(points), -1)
    hit_weights = np.zeros((len(points), 3))
    nearest = points[:, 2].copy()
    ahead = np.flatnonzero(nearest > 0)
    order = ahead[np.argsort(points[ahead, 0] / nearest[ahead])]
    x = points[order, 0] / nearest[order]
    y = points[order, 1] / nearest[order]
    plane = np.zeros((len(vertices), 2))
    for i in range(len(vertices)):
        if vertices[i, 2] > 0:
            plane[i, 0] = vertices[i, 0] / vertices[i, 2]
            plane[i, 1] = vertices[i, 1] / vertices[i, 2]
    for face in range(len(faces)):
        a, b, c = faces[face]
        n_ahead = (vertices[a, 2] > 0) + (vertices[b, 2] > 0) + (vertices[c, 2] > 0)
        if n_ahead == 0:
            continue
        low_x, high_x, low_y, high_y = -np.inf, np.inf, -np.inf, np.inf
        if n_ahead == 3:
            ab_x, ab_y = plane[b, 0] - plane[a, 0], plane[b, 1] - plane[a, 1]
            ac_x, ac_y = plane[c, 0] - plane[a, 0], plane[c, 1] - plane[a, 1]
            if not both_sides and ab_x * ac_y - ac_x * ab_y >= 0:
                continue
            low_x = min(plane[a, 0], plane[b, 0], plane[c, 0])
            high_x = max(plane[a, 0], plane[b, 0], plane[c, 0])
            low_y = min(plane[a, 1], plane[b, 1], plane[c, 1])
            high_y = max(plane[a, 1], plane[b, 1], plane[c, 1])
        for i in range(np.searchsorted(x, low_x), len(x)):
            if x[i] > high_x:
                break
            if y[i] < low_y or y[i] > high_y:
                continue
            of_a = _volume(x[i], y[i], vertices, b, c)
            of_b = _volume(x[i], y[i], vertices, c, a)
            of_c = _volume(x[i], y[i], vertices, a, b)
            total = of_a + of_b + of_c
            outside = of_a <= 0 and of_b <= 0 and of_c <= 0
            inside = of_a >= 0 and of_b >= 0 and of_c >= 0
            if total == 0 or not (outside or (both_sides and inside)):
                continue
            depth = (of_a * vertices[a, 2] + of_b * vertices[b, 2] + of_c * vertices[c, 2]) / total
            point = order[i]
            if 0 < depth < nearest[point]:
                nearest[point] = depth
                hit_faces[point] = face
                hit_weights[point, 0] = of_a / total
                hit_weights[point, 1] = of_b / total
                hit_weights[point, 2] = of_c / total
    return hit_faces, hit_weights, nearest


@njit(cache=True)
def _volume(x: float, y: float, vertices: np.ndarray, p: int, q: int) -> float:
    """Return the volume that the ray (x, y, 1) spans with two vertices."""
    px, py, pz = vertices[p, 0], vertices[p, 1], vertices[p, 2]
    qx, qy, qz = vertices[q, 0], vertices[q, 1], vertices[q, 2]
    return x * (py * qz - pz * qy) + y * (pz * qx - px * qz) + (px * qy - py * qx)
