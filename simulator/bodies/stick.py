"""A body of sausages: no model files, built in a millisecond, for tests and drawings.

Its skin is one hexagonal tube a bone, pointed at both ends so that joints lie inside, and rigid on
the joint above; its keypoints lie on joint centres or at stated offsets from them.
"""

import numpy as np

from motions.conventions import OWN
from motions.errors import FormbenchError
from motions.floor import WRIST_HEIGHT_M
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22, STANDING_PELVIS_M, Skeleton
from simulator.bodies.body import BODY_PARTS, Body, BodyParams, Keypoints
from simulator.bodies.clothes import vertex_normals

MODEL = "stick"
VERSION = "1"
LICENCE = "Apache-2.0"
CANONICAL_HEIGHT_M = 1.72

_RADIUS_M = {"hip": 0.07, "knee": 0.05, "shoulder": 0.045, "elbow": 0.035, "ankle": 0.02,
              "collar": 0.05}  # fmt: skip
_TRUNK_RADIUS_M = 0.10
_SIDES = 6

# Where points that are no joint lie, from the joint they ride on, on the canonical skeleton.
_FACE = {
    "nose": (0, -0.11, 0.05), "left_ear": (0.075, 0, 0.07),
    "left_eye_inner": (0.015, -0.09, 0.09), "left_eye": (0.03, -0.09, 0.09),
    "left_eye_outer": (0.045, -0.08, 0.09),
    "mouth_left": (0.025, -0.09, 0.0),
}  # fmt: skip
_HAND = {
    "left_pinky": (0.08, 0.03, 0),
    "left_index": (0.09, -0.03, 0),
    "left_thumb": (0.05, -0.05, 0),
}
_FOOT = {
    "left_heel": (0, 0.05, -0.06), "left_foot_index": (0, -0.19, -0.06),
    "left_big_toe": (0, -0.19, -0.06), "left_small_toe": (0.05, -0.16, -0.06),
}  # fmt: skip
_BACK = {
    # on the skin of the trunk's tubes: the joint that it rides on and where from it
    "c7": ("spine3", (0, 0.08, 0.12)), "t8": ("spine3", (0, _TRUNK_RADIUS_M, 0)),
    "l1": ("spine2", (0, _TRUNK_RADIUS_M, 0)), "l5": ("spine1", (0, _TRUNK_RADIUS_M, 0)),
    "sacrum": ("pelvis", (0, _TRUNK_RADIUS_M, 0)),
}  # fmt: skip


def build_stick(*, stature_m: float = CANONICAL_HEIGHT_M, grip: bool = False) -> Body:
    """Build a stick person, the canonical skeleton scaled to a standing height of 1 to 2.5 m.

    `grip` is taken so that every body is built alike; sausages have no fingers.
    """
    if not 1.0 <= stature_m <= 2.5:
        raise FormbenchError(f"body: expected stature_m of 1 to 2.5, got {stature_m:g}")
    scale = stature_m / CANONICAL_HEIGHT_M
    world = np.tile([1.0, 0, 0, 0], (len(SMPL22.joint_names), 1))
    joints = SMPL22.positions(np.array([0, 0, STANDING_PELVIS_M]), world)
    vertices, faces, carriers, parts = _tubes(joints)
    points = {name: _place(name, joints) for c in OWN for name in c.keypoint_names}
    names = sorted(points)
    first = len(vertices)
    vertices = np.concatenate([vertices, np.stack([points[n][0] for n in names])])
    carriers = np.concatenate([carriers, [points[n][1] for n in names]])
    weights = np.eye(len(SMPL22.joint_names), dtype=np.float32)[carriers]
    return Body(
        params=BodyParams(MODEL, VERSION, {"stature_m": stature_m}, LICENCE),
        skeleton=Skeleton(SMPL22.joint_names, SMPL22.parents, SMPL22.offsets_m * scale),
        rest_joints_m=joints * scale,
        align_wxyz=world,
        rest_vertices_m=vertices * scale,
        rest_normals=vertex_normals(vertices, faces),
        faces=faces,
        face_parts=parts,
        skin_weights=weights,
        keypoints={
            c.name: Keypoints(
                np.array([first + names.index(n) for n in c.keypoint_names]),
                np.eye(len(c.keypoint_names)),
            )
            for c in OWN
        },
        ankle_height_m=ANKLE_HEIGHT_M * scale,
        wrist_height_m=WRIST_HEIGHT_M * scale,
        height_m=stature_m,
    )


def _tubes(joints: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return vertices, faces, the joint that carries each vertex, and the part of each face."""
    vertices: list[np.ndarray] = []
    faces, carriers, parts = [], [], []
    head_top = (joints[SMPL22.index("head")] + [0, 0, 0.05], SMPL22.index("head"), "head")
    bones = [
        (joints[child], parent, SMPL22.joint_names[child])
        for child, parent in enumerate(SMPL22.parents)
        if parent >= 0
    ]
    for end, carrier, name in [*bones, head_top]:
        start = joints[carrier]
        radius = _RADIUS_M.get(SMPL22.joint_names[carrier].partition("_")[2], _TRUNK_RADIUS_M)
        if name == "head" and carrier == SMPL22.index("head"):
            radius = 0.09
        tube, tube_faces = _tube(start, end, radius)
        faces.append(tube_faces + sum(len(v) for v in vertices))
        vertices.append(tube)
        carriers.append(np.full(len(tube), carrier))
        parts.append(np.full(len(tube_faces), BODY_PARTS.index(_part(name)), dtype=np.uint8))
    return (np.concatenate(vertices), np.concatenate(faces).astype(np.int32),
            np.concatenate(carriers), np.concatenate(parts))  # fmt: skip


def _tube(start: np.ndarray, end: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    axis = (end - start) / np.linalg.norm(end - start)
    side = np.cross(axis, [0.0, 1.0, 0.0] if abs(axis[1]) < 0.9 else [1.0, 0.0, 0.0])
    side = side / np.linalg.norm(side)
    other = np.cross(axis, side)
    angle = np.arange(_SIDES) * 2 * np.pi / _SIDES
    ring = radius * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * other)
    tips = [start - radius * axis, end + radius * axis]
    vertices = np.concatenate([start + ring, end + ring, tips])
    a, b = np.arange(_SIDES), (np.arange(_SIDES) + 1) % _SIDES
    low, high = np.full(_SIDES, 2 * _SIDES), np.full(_SIDES, 2 * _SIDES + 1)
    faces = [
        (a, b, b + _SIDES),
        (a, b + _SIDES, a + _SIDES),
        (b, a, low),
        (a + _SIDES, b + _SIDES, high),
    ]
    return vertices, np.concatenate([np.stack(f, axis=1) for f in faces])


def _part(bone_end: str) -> str:
    if bone_end in ("head", "neck") or bone_end.endswith(("wrist", "elbow", "ankle")):
        return "skin"
    if bone_end.endswith("foot"):
        return "shoes"
    return "shorts" if bone_end.endswith(("hip", "knee")) else "shirt"


def _place(name: str, joints: np.ndarray) -> tuple[np.ndarray, int]:
    """Return where a keypoint is at rest and the joint that carries it."""
    is_right = name.startswith("right_") or name == "mouth_right"
    left_name = name.replace("right", "left") if is_right else name
    side = "right" if is_right else "left"
    flip = np.array([-1.0 if is_right else 1.0, 1.0, 1.0])
    for table, carrier in ((_FACE, "head"), (_HAND, f"{side}_wrist"), (_FOOT, f"{side}_ankle")):
        if left_name in table:
            index = SMPL22.index(carrier)
            return joints[index] + np.array(table[left_name]) * flip, index
    if name in _BACK:
        carrier, offset_m = _BACK[name]
        index = SMPL22.index(carrier)
        return joints[index] + np.array(offset_m), index
    index = SMPL22.index(name)
    return joints[index], index
