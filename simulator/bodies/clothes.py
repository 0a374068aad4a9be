"""Dressing a body from its own surface: which faces are skin, hair, shirt, shorts, shoes or eyes.

Works on any body whose skin is weighted to the 22 canonical joints.
"""

import numpy as np

from motions.skeleton import SMPL22
from simulator.bodies.body import BODY_PARTS

HAIR_LIFT_M = 0.012


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
        parts[on_side & leg & (along(f"{side}_hip", f"{side}_knee") < 0.62)] = _part("shorts")
        foot = carried_by(f"{side}_ankle", f"{side}_foot") > 0.5
        parts[on_side & foot & (centre[:, 2] < joint[f"{side}_ankle"][2])] = _part("shoes")
        arm = carried_by(f"{side}_shoulder", f"{side}_elbow", f"{side}_collar") > 0.4
        parts[on_side & arm & (along(f"{side}_shoulder", f"{side}_elbow") < 0.5)] = _part("shirt")
    parts[trunk & within & (centre[:, 2] >= waist_m)] = _part("shirt")
    parts[trunk & within & (centre[:, 2] < waist_m) & (parts == _part("skin"))] = _part("shorts")
    neckline_m = joint["neck"][2] - 0.03 + 0.25 * (centre[:, 1] - joint["neck"][1])
    parts[(centre[:, 2] > neckline_m) & (np.abs(centre[:, 0]) < 0.09)] = _part("skin")
    parts[_is_hair(vertices_m, weights, centre, carried_by("head") > 0.5, is_eye)] = _part("hair")
    parts[is_eye[faces].all(axis=1)] = _part("eyes")
    return parts


def with_hair_volume(vertices_m: np.ndarray, faces: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Lift the scalp where hair covers it on all sides. Shape (V, 3)."""
    is_hair = parts == _part("hair")
    covered = np.zeros(len(vertices_m), dtype=bool)
    covered[faces[is_hair]] = True
    covered[faces[~is_hair]] = False
    return vertices_m + HAIR_LIFT_M * covered[:, None] * vertex_normals(vertices_m, faces)


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
