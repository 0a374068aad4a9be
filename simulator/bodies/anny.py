"""Anny (NAVER, Apache-2.0 code, CC0 assets) as a body: the only file that imports it.

Only Anny's rest shape is used: the posing of design section 3 is the same for every body, so its
104 bones are gathered under the 22 canonical joints that drive them. Two rules keep that honest:

* Never ask Anny for an `smpl` or `smplx` topology: that downloads non-commercial files.
* Anny ignores a mistyped bone name in silence, so every name used here is looked up and must exist.

Anny's world is ours: +Z up, facing -Y, +X the person's left, metres.
"""

from dataclasses import dataclass
from functools import cache

import anny
import numpy as np
import torch
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from motions.conventions import OWN
from motions.errors import FormbenchError
from motions.skeleton import SMPL22, swap_side
from simulator.bodies.alignment import Hand
from simulator.bodies.assembly import RestShape, assemble
from simulator.bodies.body import Body, BodyParams, Keypoints
from simulator.bodies.grip import curl
from simulator.bodies.landmarks import (
    back_landmarks,
    face_landmarks,
    gathered,
    knuckle_rings,
)

MODEL = "anny"
LICENCE = "Apache-2.0 AND CC0-1.0"
ADULT_AGES = (0.6, 0.95)
"""Anny's age runs from 0 (baby) over 2/3 (young adult) to 1 (old)."""

_JOINT_BONES = {
    "pelvis": "root",
    "spine1": "spine04",
    "spine2": "spine02",
    "spine3": "spine01",
    "neck": "neck01",
    "head": "head",
    "left_hip": "upperleg01.L",
    "left_knee": "lowerleg01.L",
    "left_ankle": "foot.L",
    "left_foot": "toe2-1.L",
    "left_collar": "clavicle.L",
    "left_shoulder": "upperarm01.L",
    "left_elbow": "lowerarm01.L",
    "left_wrist": "wrist.L",
}
"""The bone whose head is each joint; the right side follows. Bones in between ride with the
nearest joint above: spine05 with the pelvis, spine03 with spine1, toes with the foot."""

_HAND = ("finger3-1", "finger2-1", "finger5-1")  # middle, index, little
_KNUCKLES = {"pinky": "finger5-1", "index": "finger2-1", "thumb": "finger1-2"}


@dataclass(frozen=True)
class _Model:
    """Anny's arrays that do not depend on the person."""

    model: anny.Anny
    bone_names: tuple[str, ...]
    bone_parents: tuple[int, ...]
    weights: np.ndarray  # (V, bones)
    faces: np.ndarray  # (F, 3)
    coco_names: tuple[str, ...]
    coco_weights: np.ndarray  # (K, V)


@cache
def _model() -> _Model:
    model = anny.Anny(rig="anny", topology="anny", skinning_method="lbs")
    indices = model.vertex_bone_indices.numpy()
    values = model.vertex_bone_weights.numpy()
    weights = np.zeros((len(indices), len(model.bone_labels)))
    np.add.at(weights, (np.arange(len(indices))[:, None], indices), values)
    regressor = anny.KeypointsRegressor.coco(model)
    return _Model(
        model=model,
        bone_names=tuple(model.bone_labels),
        bone_parents=tuple(int(parent) for parent in model.bone_parents),
        weights=weights,
        faces=model.faces.numpy().astype(np.int32),
        coco_names=tuple(regressor.labels),
        coco_weights=regressor.regression_weights.numpy(),
    )


def build_anny(
    *,
    gender: float,
    age: float,
    stature_m: float,
    weight: float,
    muscle: float,
    proportions: float,
    grip: bool = False,
) -> Body:
    """Build one person.

    Args:
        gender: 0 male to 1 female.
        age: Within ADULT_AGES.
        stature_m: Standing height in metres, 1.40 to 2.10; Anny's own height parameter is solved
            for it.
        weight: 0 light to 1 heavy.
        muscle: 0 to 1.
        proportions: 0 ideal to 1 uncommon.
        grip: Whether the fingers are closed, as round a bar.

    Raises:
        FormbenchError: A value lies outside its range.
    """
    values = {
        "gender": gender,
        "age": age,
        "muscle": muscle,
        "weight": weight,
        "proportions": proportions,
    }
    ranges = {name: (0.0, 1.0) for name in values} | {"age": ADULT_AGES}
    for name, (low, high) in (ranges | {"stature_m": (1.40, 2.10)}).items():
        value = stature_m if name == "stature_m" else values[name]
        if not low <= value <= high:
            raise FormbenchError(f"body: expected {name} of {low:g} to {high:g}, got {value:g}")
    # Stature is linear in the height parameter, so two shapes give it exactly.
    low_m, high_m = (_stature(_rest(values | {"height": h})[0]) for h in (0.0, 1.0))
    height = (stature_m - low_m) / (high_m - low_m)
    if not 0 <= height <= 1:
        raise FormbenchError(
            f"body: expected a stature of {low_m:.2f} to {high_m:.2f} m, got {stature_m:g}"
        )
    vertices, heads = _rest(values | {"height": height})
    return _body(vertices, heads, values | {"stature_m": stature_m}, grip)


def _rest(phenotype: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return rest vertices (V, 3) and bone heads (bones, 3)."""
    model = _model().model
    with torch.no_grad():
        given = {n: torch.tensor([v], dtype=model.dtype) for n, v in phenotype.items()}
        rest = model(phenotype_kwargs=given)
    return rest["rest_vertices"][0].numpy(), rest["rest_bone_heads"][0].numpy()


def _stature(vertices: np.ndarray) -> float:
    return float(np.ptp(vertices[:, 2]))


def _body(vertices: np.ndarray, heads: np.ndarray, values: dict[str, float], grip: bool) -> Body:
    model = _model()
    if grip:
        vertices = curl(vertices, heads, model.weights, model.bone_names, model.bone_parents)
    hands = {
        side: Hand(*(heads[_bone(bone + suffix)] for bone in _HAND))
        for side, suffix in (("left", ".L"), ("right", ".R"))
    }
    shape = RestShape(
        vertices_m=vertices,
        faces=_visible_faces(vertices),
        joints_m=np.stack([heads[_bone(_joint_bone(name))] for name in SMPL22.joint_names]),
        weights=model.weights,
        joint_of_bone=_joint_of_bone(),
        hands=hands,
        is_eye=model.weights[:, [_bone("eye.L"), _bone("eye.R")]].sum(axis=1) > 0.5,
    )
    return assemble(shape, BodyParams(MODEL, anny.__version__, values, LICENCE), _keypoints())


def _bone(name: str) -> int:
    names = _model().bone_names
    if name not in names:
        raise LookupError(f"Anny {anny.__version__} has no bone {name!r}")
    return names.index(name)


def _joint_bone(joint_name: str) -> str:
    if joint_name in _JOINT_BONES:
        return _JOINT_BONES[joint_name]
    return _JOINT_BONES[swap_side(joint_name)].removesuffix(".L") + ".R"


def _joint_of_bone() -> np.ndarray:
    """For every bone the joint it rides with. Shape (bones,)."""
    model = _model()
    owner = {_bone(_joint_bone(name)): j for j, name in enumerate(SMPL22.joint_names)}
    # The other toes bend with the ball of the foot.
    for side, joint in (("L", "left_foot"), ("R", "right_foot")):
        owner |= {_bone(f"toe{n}-1.{side}"): SMPL22.index(joint) for n in (1, 3, 4, 5)}
    joints: list[int] = []
    for bone, parent in enumerate(model.bone_parents):
        joints.append(owner[bone] if bone in owner else joints[parent])
    return np.array(joints)


def _visible_faces(vertices: np.ndarray) -> np.ndarray:
    """Leave out tongue and teeth: what hangs together with neither skin nor eyes."""
    model = _model()
    inside = model.weights[:, [_bone("head")]].sum(axis=1) > 0.999
    eyes = [_bone("eye.L"), _bone("eye.R")]
    labels = _components(model.faces, len(vertices))
    keep = np.zeros(labels.max() + 1, dtype=bool)
    for component in range(len(keep)):
        members = labels == component
        is_eye = model.weights[members][:, eyes].sum() > 0.5 * members.sum()
        keep[component] = is_eye or not inside[members].all()
    return model.faces[keep[labels[model.faces[:, 0]]]]


def _components(faces: np.ndarray, n_vertices: int) -> np.ndarray:
    a, b = faces.ravel(), np.roll(faces, 1, axis=1).ravel()
    graph = coo_matrix((np.ones(len(a)), (a, b)), shape=(n_vertices, n_vertices))
    return connected_components(graph, directed=False)[1]


def _keypoints() -> dict[str, Keypoints]:
    return {
        convention.name: gathered([_point_weights(name) for name in convention.keypoint_names])
        for convention in OWN
    }


@cache
def _landmarks() -> dict[str, tuple[int, ...]]:
    """For each point that the COCO regressor lacks, the vertices whose mean it is."""
    model = _model()
    vertices, heads = _rest(dict.fromkeys(model.model.phenotype_labels, 0.5) | {"age": 0.67})
    sides = (("left", ".L"), ("right", ".R"))
    eyes = {side: heads[_bone(f"eye{suffix}")] for side, suffix in sides}
    knuckles = {
        f"{side}_{name}": heads[_bone(bone + suffix)]
        for side, suffix in sides
        for name, bone in _KNUCKLES.items()
    }
    skin = np.unique(_visible_faces(vertices))
    single = face_landmarks(vertices, skin, eyes)
    neck_m, waist_m = (heads[_bone(_JOINT_BONES[name])] for name in ("neck", "spine1"))
    single |= back_landmarks(vertices, skin, neck_m, waist_m)
    return knuckle_rings(vertices, knuckles) | {name: (v,) for name, v in single.items()}


def _point_weights(name: str) -> np.ndarray:
    """Return the weight of every vertex in one keypoint. Shape (V,)."""
    model = _model()
    alias = name.replace("foot_index", "big_toe")
    if alias in model.coco_names:
        return model.coco_weights[model.coco_names.index(alias)]
    weights = np.zeros(len(model.weights))
    vertices = list(_landmarks()[name])
    weights[vertices] = 1 / len(vertices)
    return weights
