"""Dressing a body from its own surface: which faces are skin, hair, shirt, shorts, shoes or eyes.

Works on any body whose skin is weighted to the 22 canonical joints.
"""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import ConvexHull

from motions.skeleton import SMPL22
from simulator.bodies.body import BODY_PARTS

LIFT_M = {"hair": 0.012, "shirt": 0.006, "shorts": 0.008, "shoes": 0.004}
"""How far off the skin each part is worn."""
EVENED = {"shirt": 6, "shorts": 4, "shoes": 2}
"""How often each part is smoothed, so that cloth does not show every muscle."""
FOREFOOT = 0.55
"""Share of a shoe's length, from the heel, where its toe box begins."""
SHORTS_END = 0.62
"""Share of the thigh that is covered."""


def dress(
    vertices_m: np.ndarray,
    faces: np.ndarray,
    weights: np.ndarray,
    joints_m: np.ndarray,
    is_eye: np.ndarray,
) -> np.ndarray:
    """Return an index into BODY_PARTS for each face.

    Args:
        vertices_m: Skin in a rest pose that stands upright and faces -Y. Shape (V, 3).
        faces: Triangles. Shape (F, 3).
        weights: How much each joint carries each vertex. Shape (V, 22).
        joints_m: The joints in the same pose. Shape (22, 3).
        is_eye: Whether a vertex belongs to an eyeball. Shape (V,).

    Returns:
        Shape (F,), uint8.
    """
    centre = vertices_m[faces].mean(axis=1)
    share = weights[faces].mean(axis=1)
    joint = dict(zip(SMPL22.joint_names, joints_m, strict=True))
    parts = np.full(len(faces), _part("skin"), dtype=np.uint8)

    def carried_by(*names: str) -> np.ndarray:
        return share[:, [SMPL22.index(name) for name in names]].sum(axis=1)

    def along(upper: str, lower: str) -> np.ndarray:
        """How far down a limb each face lies: 0 at its root, 1 at its middle joint."""
        a, b = joint[upper], joint[lower]
        return (centre - a) @ (b - a) / ((b - a) @ (b - a))

    waist_m = joint["pelvis"][2] + 0.85 * (joint["spine1"][2] - joint["pelvis"][2])
    trunk = carried_by(
        "pelvis", "spine1", "spine2", "spine3", "left_collar", "right_collar",
        "left_shoulder", "right_shoulder", "left_hip", "right_hip",
    ) > 0.5  # fmt: skip
    within = np.abs(centre[:, 0]) < np.abs(joint["left_shoulder"][0])
    for side in ("left", "right"):
        on_side = (centre[:, 0] > 0) == (side == "left")
        leg = carried_by(f"{side}_hip", f"{side}_knee") > 0.5
        parts[on_side & leg & (along(f"{side}_hip", f"{side}_knee") < SHORTS_END)] = _part("shorts")
        foot = carried_by(f"{side}_ankle", f"{side}_foot") > 0.5
        parts[on_side & foot & (centre[:, 2] < joint[f"{side}_ankle"][2])] = _part("shoes")
        arm = carried_by(f"{side}_shoulder", f"{side}_elbow", f"{side}_collar") > 0.4
        parts[on_side & arm & (along(f"{side}_shoulder", f"{side}_elbow") < 0.5)] = _part("shirt")
    parts[trunk & within & (centre[:, 2] >= waist_m)] = _part("shirt")
    above_knees = np.maximum(
        along("left_hip", "left_knee") * (centre[:, 0] > 0),
        along("right_hip", "right_knee") * (centre[:, 0] <= 0),
    )
    parts[trunk & (centre[:, 2] < waist_m) & (above_knees < SHORTS_END)] = _part("shorts")
    neckline_m = joint["neck"][2] - 0.03 + 0.25 * (centre[:, 1] - joint["neck"][1])
    parts[(centre[:, 2] > neckline_m) & (np.abs(centre[:, 0]) < 0.09)] = _part("skin")
    parts[_is_hair(vertices_m, weights, centre, carried_by("head") > 0.5, is_eye)] = _part("hair")
    parts[is_eye[faces].all(axis=1)] = _part("eyes")
    return parts


def hemmed(
    vertices_m: np.ndarray, faces: np.ndarray, parts: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cut faces where one part ends and the next begins, so that hems run smoothly.

    Each part's share of a vertex is the mean over the faces about it, evened out twice; a hem runs
    where two shares are equal, which along an edge is worked out by linear interpolation.

    Args:
        vertices_m: Shape (V, 3).
        faces: Shape (F, 3).
        parts: Index into BODY_PARTS of each face. Shape (F,).
        weights: Skinning weights. Shape (V, J).

    Returns:
        The same four, longer: new vertices come after the old ones, which stay as they are.
    """
    to_vertices = _mean_of_faces(len(vertices_m), faces)
    shares = to_vertices @ np.eye(len(BODY_PARTS))[parts]
    for _ in range(2):
        shares = to_vertices @ shares[faces].mean(axis=1)
    part = shares.argmax(axis=1)
    corners = part[faces]
    a, b, c = corners.T
    n_parts = 1 + (a != b).astype(int) + ((c != a) & (c != b))
    whole = np.where(n_parts == 1, a, parts)  # where three parts meet, as it was
    # Turn each face of two parts so that the corner which is alone comes first.
    alone = np.select([b == c, c == a], [0, 1], 2)
    cut = np.flatnonzero(n_parts == 2)
    first, second, third = (
        np.take_along_axis(faces[cut], (alone[cut, None] + i) % 3, axis=1)[:, 0] for i in range(3)
    )
    edges = np.sort(np.stack([first, second, first, third], axis=1).reshape(-1, 2), axis=1)
    edges, edge = np.unique(edges, axis=0, return_inverse=True)
    one, other = edges.T
    lead_one = shares[one, part[one]] - shares[one, part[other]]
    lead_other = shares[other, part[other]] - shares[other, part[one]]
    at = np.clip(lead_one / (lead_one + lead_other), 0.05, 0.95)[:, None]
    near, far = (len(vertices_m) + edge.reshape(-1, 2)).T
    new_faces = [(first, near, far), (near, second, third), (near, third, far)]
    new_parts = [part[first], part[second], part[second]]
    return (
        np.concatenate([vertices_m, vertices_m[one] * (1 - at) + vertices_m[other] * at]),
        np.concatenate(
            [faces[n_parts != 2], *(np.stack(face, axis=1) for face in new_faces)]
        ).astype(np.int32),
        np.concatenate([whole[n_parts != 2], *new_parts]).astype(np.uint8),
        np.concatenate([weights, weights[one] * (1 - at) + weights[other] * at]),
    )


def worn(vertices_m: np.ndarray, faces: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Even out clothes and hair and lift them off the skin. Shape (V, 3).

    Only vertices with one part all round move, and none below the soles.
    """
    to_vertices = _mean_of_faces(len(vertices_m), faces)
    covered = to_vertices @ np.eye(len(BODY_PARTS))[parts] > 0.999
    shape_m = vertices_m
    for name, times in EVENED.items():
        for _ in range(times):
            mean_m = to_vertices @ shape_m[faces].mean(axis=1)
            shape_m = np.where(covered[:, [_part(name)]], mean_m, shape_m)
    shape_m = _without_toes(shape_m, covered[:, _part("shoes")])
    normals = vertex_normals(shape_m, faces)
    for name, lift_m in LIFT_M.items():
        shape_m = shape_m + lift_m * covered[:, [_part(name)]] * normals
    shape_m[:, 2] = np.maximum(shape_m[:, 2], vertices_m[:, 2].min())
    return shape_m


def _without_toes(vertices_m: np.ndarray, is_shoe: np.ndarray) -> np.ndarray:
    """Blow each shoe's front up to its convex hull, away from a point within. Shape (V, 3)."""
    shape_m = vertices_m.copy()
    for on_side in (vertices_m[:, 0] > 0, vertices_m[:, 0] <= 0):
        shoe = np.flatnonzero(is_shoe & on_side)
        if not len(shoe):
            continue
        toes_m, heel_m = vertices_m[shoe, 1].min(), vertices_m[shoe, 1].max()
        forward = (heel_m - vertices_m[shoe, 1]) / (heel_m - toes_m)
        front = shoe[forward > FOREFOOT]
        planes = ConvexHull(vertices_m[front]).equations
        within_m = vertices_m[front].mean(axis=0)
        outwards = vertices_m[front] - within_m
        gap_m = -(planes[:, :3] @ within_m + planes[:, 3])
        speed = outwards @ planes[:, :3].T
        stretch = (gap_m / np.where(speed > 1e-9, speed, np.nan)).T
        hull_m = within_m + outwards * np.nanmin(stretch, axis=0)[:, None]
        share = np.clip((forward[forward > FOREFOOT] - FOREFOOT) / 0.1, 0, 1)[:, None]
        shape_m[front] += share * (hull_m - vertices_m[front])
    return shape_m


def _mean_of_faces(n_vertices: int, faces: np.ndarray) -> csr_matrix:
    """Return what takes values of faces to the mean at each vertex. Shape (V, F)."""
    count = np.bincount(faces.ravel(), minlength=n_vertices)
    share = 1 / count[faces.ravel()]
    at = (faces.ravel(), np.repeat(np.arange(len(faces)), 3))
    return csr_matrix((share, at), shape=(n_vertices, len(faces)))


def vertex_normals(vertices_m: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return area-weighted unit normals (V, 3); +Z for vertices that no face uses."""
    a, b, c = np.moveaxis(vertices_m[faces], 1, 0)
    normals = np.zeros_like(vertices_m)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], np.cross(b - a, c - a))
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 0, normals / np.where(length > 0, length, 1), [0.0, 0.0, 1.0])


def _is_hair(
    vertices_m: np.ndarray,
    weights: np.ndarray,
    centre: np.ndarray,
    on_head: np.ndarray,
    is_eye: np.ndarray,
) -> np.ndarray:
    """Faces above a hairline that runs from over the brow, round the ears, to the nape."""
    head = vertices_m[weights[:, SMPL22.index("head")] > 0.5]
    eye = vertices_m[is_eye].mean(axis=0) if is_eye.any() else head.mean(axis=0)
    top_m, back_m = head[:, 2].max(), head[:, 1].max()
    backwards = (centre[:, 1] - eye[1]) / (back_m - eye[1])
    rise = np.interp(backwards, [0.0, 0.40, 0.55, 1.0], [0.62, 0.40, -0.10, -0.80])
    return on_head & (centre[:, 2] > eye[2] + rise * (top_m - eye[2]))


def _part(name: str) -> int:
    return BODY_PARTS.index(name)
