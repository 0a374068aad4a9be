"""From a body and a thing to what a graphics card draws: vertices with one colour and one id each.

Faces of different parts share no vertices, so that colours end sharply where clothes end. Ids say
what a pixel shows: 0 nothing that moves, 1 a thing, 2 the person, 3 and on the others. A segment is
what the index of a joint carries of a body, plus one; 0 is no body.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from motions.conventions import MEDIAPIPE_33
from simulator.bodies.body import BODY_PARTS, Body
from simulator.bodies.clothes import vertex_normals
from simulator.rendering.patterns import Pattern, share_of
from simulator.rendering.scene import Prop, Rgb

THING = 1
PERSON = 2

_IRIS_RGB = (0.22, 0.14, 0.09)
_IRIS_M = 0.007  # radius about the foremost point of an eye
_LIPS_RGB = np.array([0.90, 0.72, 0.70])  # by which the skin's colour is multiplied
_LIPS_M = (0.026, 0.008)  # half width and half height
_BROW_M = (0.020, 0.004)
_EYE_TO_BROW_M = np.array([0, 0, 0.019])


class Painted(NamedTuple):
    """A body's surface ready to be drawn: its V vertices and, after them, doubles of some."""

    doubled: np.ndarray
    """Which vertices have a double, one for each further part that they border on. Shape (D,)."""
    faces: np.ndarray
    """Indices into vertices and doubles. Shape (F, 3), int32."""
    paint: np.ndarray
    """sRGB and id. Shape (V + D, 4), uint8."""
    parts: np.ndarray
    """Index into BODY_PARTS. Shape (V + D,)."""
    segments: np.ndarray
    """Which joint carries most of it, plus one. Shape (V + D,), uint8."""

    def coarse(self, rest_vertices_m: np.ndarray, cell_m: float) -> np.ndarray:
        """Return fewer faces (G, 3), see `coarse_faces`; parts stay apart."""
        rest_m = np.concatenate([rest_vertices_m, rest_vertices_m[self.doubled]])
        apart = np.concatenate([rest_m, self.parts[:, None].astype(np.float32)], axis=1)
        return coarse_faces(apart, self.faces, cell_m)


def paint_person(
    body: Body,
    part_rgb: Mapping[str, Rgb],
    identity: int = PERSON,
    pattern: Pattern | None = None,
) -> Painted:
    """Give a body's skin and clothes their colours, and all of it one id."""
    n_vertices, n_parts = len(body.rest_vertices_m), len(BODY_PARTS)
    corners = body.faces.astype(np.int64) * n_parts + body.face_parts[:, None]
    keys, corner = np.unique(corners, return_inverse=True)
    vertex, part = keys // n_parts, keys % n_parts
    is_double = np.append(False, vertex[1:] == vertex[:-1])
    doubled = vertex[is_double]
    index = np.where(is_double, n_vertices + np.cumsum(is_double) - 1, vertex)
    colours = np.array([part_rgb[name] for name in BODY_PARTS])[part]
    if pattern:
        share = share_of(pattern, body)[vertex] * (part == BODY_PARTS.index("shirt"))
        colours += share[:, None] * (pattern.rgb - colours)
    _make_up(body, part_rgb, vertex, part, colours)
    paint = np.zeros((n_vertices + len(doubled), 4), dtype=np.uint8)
    paint[index, :3] = np.round(255 * colours)
    paint[index, 3] = identity
    parts = np.zeros(len(paint), dtype=np.uint8)
    parts[index] = part
    carrier = body.skin_weights.argmax(axis=1)
    segments = (1 + np.concatenate([carrier, carrier[doubled]])).astype(np.uint8)
    faces = index[corner].reshape(-1, 3).astype(np.int32)
    return Painted(doubled, faces, paint, parts, segments)


def _make_up(
    body: Body,
    part_rgb: Mapping[str, Rgb],
    vertex: np.ndarray,
    part: np.ndarray,
    colours: np.ndarray,
) -> None:
    """Paint irises, brows and lips into the colours (N, 3) of a body that has eyes."""
    rest_m = body.rest_vertices_m[vertex]
    eyes, skin = part == BODY_PARTS.index("eyes"), part == BODY_PARTS.index("skin")
    hair_rgb = np.array(part_rgb["hair"])
    for on_side in (rest_m[:, 0] > 0, rest_m[:, 0] <= 0):
        eye = np.flatnonzero(eyes & on_side)
        if not len(eye):
            return
        pupil_m = rest_m[eye[rest_m[eye, 1].argmin()]]
        colours[eye[np.linalg.norm(rest_m[eye] - pupil_m, axis=1) < _IRIS_M]] = _IRIS_RGB
        brow = _spot(rest_m, pupil_m + _EYE_TO_BROW_M, _BROW_M) * skin
        colours[:] += 0.7 * brow[:, None] * (hair_rgb - colours)
    corners = [MEDIAPIPE_33.keypoint_names.index(f"mouth_{side}") for side in ("left", "right")]
    points = body.keypoints[MEDIAPIPE_33.name]
    mouth_m = points.weights[corners].mean(axis=0) @ body.rest_vertices_m[points.vertices]
    lips = _spot(rest_m, mouth_m, _LIPS_M) * skin
    colours *= 1 + lips[:, None] * (_LIPS_RGB - 1)


def _spot(rest_m: np.ndarray, middle_m: np.ndarray, half_m: tuple[float, float]) -> np.ndarray:
    """Fade from 1 in the middle of an ellipse on the face to 0 a little outside it. Shape (N,)."""
    across, up = ((rest_m[:, axis] - middle_m[axis]) / half_m[i] for i, axis in enumerate((0, 2)))
    on_front = np.abs(rest_m[:, 1] - middle_m[1]) < 0.03
    return np.clip(1.5 - np.hypot(across, up), 0, 1) * on_front


def paint_thing(prop: Prop) -> tuple[np.ndarray, np.ndarray]:
    """Return a thing's unit normals (V, 3) and its paint (V, 4), uint8."""
    rgb = np.round(255 * np.array(prop.rgb))
    paint = np.tile([*rgb, THING], (len(prop.vertices_m), 1)).astype(np.uint8)
    return vertex_normals(prop.vertices_m, prop.faces), paint


def coarse_faces(vertices_m: np.ndarray, faces: np.ndarray, cell_m: float) -> np.ndarray:
    """Return fewer faces (G, 3) over the same vertices: all that lie in one cell become one.

    Vertex clustering (Rossignac and Borrel 1993): each cell of a grid keeps the vertex nearest to
    the mean of its vertices, and faces that shrink to a line or coincide go. Vertices may have
    further coordinates that keep apart what is not to be merged.
    """
    used = np.unique(faces)
    cell = np.unique(np.floor(vertices_m[used] / cell_m), axis=0, return_inverse=True)[1]
    count = np.bincount(cell)
    mean_m = np.stack([np.bincount(cell, axis) for axis in vertices_m[used].T], axis=1)
    off_m = np.linalg.norm(vertices_m[used] - (mean_m / count[:, None])[cell], axis=1)
    nearest_first = np.lexsort((off_m, cell))
    kept = used[nearest_first[np.append(0, np.cumsum(count)[:-1])]]
    merged = np.zeros(len(vertices_m), dtype=np.int32)
    merged[used] = kept[cell]
    coarse = merged[faces]
    coarse = coarse[(coarse != np.roll(coarse, 1, axis=1)).all(axis=1)]
    return coarse[np.sort(np.unique(np.sort(coarse, axis=1), axis=0, return_index=True)[1])]
