"""SMPL, SMPL-H and SMPL-X as bodies, from model files that the user brings.

The models, and the `smplx` library whose tables of vertices are used, are for non-commercial
research only; the licence travels into every clip. The folder of model files is named by the
environment variable FORMBENCH_BODY_MODELS and laid out as the models' own downloads are:

    smpl/SMPL_NEUTRAL.npz    smplh/SMPLH_NEUTRAL.npz    smplx/SMPLX_NEUTRAL.npz

Only .npz files are read, and nothing in them is unpickled. Pose correctives are left out: the skin
is the linear blend of the shaped rest pose.

A model's own world is Y up, facing +Z, X the person's left; ours is Z up, facing -Y.
"""

import hashlib
import os
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
from smplx.vertex_ids import vertex_ids

from motions.conventions import OWN
from motions.errors import FormbenchError
from motions.skeleton import SMPL22
from simulator.bodies.alignment import Hand
from simulator.bodies.assembly import RestShape, assemble
from simulator.bodies.body import Body, BodyParams, Keypoints
from simulator.bodies.landmarks import back_landmarks, face_landmarks, gathered

FOLDER_VARIABLE = "FORMBENCH_BODY_MODELS"
LICENCE = "LicenseRef-SMPL-non-commercial"
N_BETAS = 10
_JOINT_COUNTS = {"smpl": 24, "smplh": 52, "smplx": 55}
_ARRAYS = ("v_template", "shapedirs", "J_regressor", "weights", "kintree_table", "f")
_VERTEX_POINTS = {
    "nose": "nose", "left_eye": "leye", "right_eye": "reye", "left_ear": "lear",
    "right_ear": "rear", "left_heel": "LHeel", "right_heel": "RHeel",
    "left_foot_index": "LBigToe", "right_foot_index": "RBigToe", "left_big_toe": "LBigToe",
    "right_big_toe": "RBigToe", "left_small_toe": "LSmallToe", "right_small_toe": "RSmallToe",
    "left_pinky": "lpinky",
    "right_pinky": "rpinky", "left_index": "lindex", "right_index": "rindex",
    "left_thumb": "lthumb", "right_thumb": "rthumb",
}  # fmt: skip
"""Keypoints that smplx names vertices for; of the hands these are the finger tips."""


def build_smplx(model: str, *, grip: bool = False, **betas: float) -> Body:
    """Build one person of average or given shape.

    Args:
        model: "smpl", "smplh" or "smplx".
        grip: Taken so that every body is built alike; these hands stay open.
        **betas: beta_0 to beta_9, coordinates in the model's shape space; 0 when not given.

    Raises:
        FormbenchError: No folder, no file, or a file that is not such a model.
    """
    unknown = set(betas) - {f"beta_{i}" for i in range(N_BETAS)}
    if unknown:
        raise FormbenchError(f"body {model}: expected beta_0 to beta_9, got {sorted(unknown)[0]}")
    path = model_path(model)
    arrays = _arrays(path, model)
    shape = np.array([betas.get(f"beta_{i}", 0.0) for i in range(N_BETAS)])
    shaped = arrays["v_template"] + arrays["shapedirs"][..., :N_BETAS] @ shape
    joints = arrays["J_regressor"] @ shaped
    to_world = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    vertices = shaped @ to_world.T
    rest_joints = joints[: len(SMPL22.joint_names)] @ to_world.T
    return _body(vertices, rest_joints, arrays, BodyParams(model, _sha256(path), betas, LICENCE))


def model_path(model: str) -> Path:
    """Return where a model's file is, or say what is missing."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder is None:
        raise FormbenchError(
            f"body {model}: set {FOLDER_VARIABLE} to the folder that holds your "
            f"{model}/{model.upper()}_NEUTRAL.npz"
        )
    path = Path(folder) / model / f"{model.upper()}_NEUTRAL.npz"
    if not path.exists():
        hint = ""
        if path.with_suffix(".pkl").exists():
            hint = "; there is a .pkl, which is never unpickled: save its arrays as .npz"
        raise FormbenchError(f"body {model}: expected {path}, got no such file{hint}")
    return path


@cache
def _arrays(path: Path, model: str) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in _ARRAYS}
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise FormbenchError(
            f"{path}: expected plain arrays {', '.join(_ARRAYS)}: {error}"
        ) from error
    arrays = {name: np.asarray(a, dtype=np.float64) for name, a in arrays.items()}
    n_vertices, n_joints = len(arrays["v_template"]), _JOINT_COUNTS[model]
    shapes = {"J_regressor": (n_joints, n_vertices), "weights": (n_vertices, n_joints)}
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise FormbenchError(
                f"{path}: {name}: expected shape {shape}, got {arrays[name].shape}"
            )
    needed = max(_ids(model).values())
    if n_vertices <= needed:
        raise FormbenchError(
            f"{path}: expected the {model} mesh with more than {needed} vertices, got {n_vertices}"
        )
    return arrays


@cache
def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _ids(model: str) -> dict[str, int]:
    """Vertices by our keypoint names; SMPL and SMPL-H share their mesh."""
    table = vertex_ids["smplx" if model == "smplx" else "smplh"]
    return {ours: table[theirs] for ours, theirs in _VERTEX_POINTS.items()}


def _body(
    vertices: np.ndarray, rest_joints: np.ndarray, arrays: dict[str, np.ndarray], params: BodyParams
) -> Body:
    ids = _ids(params.model)
    hands = {}
    for side in ("left", "right"):
        index, little = vertices[ids[f"{side}_index"]], vertices[ids[f"{side}_pinky"]]
        hands[side] = Hand((index + little) / 2, index, little)
    owner = _joint_of_bone(arrays)
    shape = RestShape(
        vertices_m=vertices,
        faces=arrays["f"].astype(np.int32),
        joints_m=rest_joints,
        weights=arrays["weights"],
        joint_of_bone=owner,
        hands=hands,
        is_eye=np.zeros(len(vertices), dtype=bool),
    )
    on_head = arrays["weights"][:, owner == SMPL22.index("head")].sum(axis=1) > 0.5
    return assemble(shape, params, _keypoints(vertices, np.flatnonzero(on_head), arrays, ids))


def _joint_of_bone(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Let fingers, jaw and eyes ride with the joint of the 22 above them. Shape (joints,)."""
    parents = arrays["kintree_table"][0].astype(np.int64)
    owner = list(range(len(SMPL22.joint_names)))
    for joint in range(len(owner), len(parents)):
        owner.append(owner[parents[joint]])
    return np.array(owner)


def _keypoints(
    vertices: np.ndarray, head: np.ndarray, arrays: dict[str, np.ndarray], ids: dict[str, int]
) -> dict[str, Keypoints]:
    eyes = {side: vertices[ids[f"{side}_eye"]] for side in ("left", "right")}
    neck_m, waist_m = (
        arrays["J_regressor"][SMPL22.index(name)] @ vertices for name in ("neck", "spine1")
    )
    back = back_landmarks(vertices, np.arange(len(vertices)), neck_m, waist_m)
    single = ids | face_landmarks(vertices, head, eyes) | back

    def row(name: str) -> np.ndarray:
        if name not in single:
            return arrays["J_regressor"][SMPL22.index(name)]
        weights = np.zeros(len(vertices))
        weights[single[name]] = 1.0
        return weights

    return {
        convention.name: gathered([row(name) for name in convention.keypoint_names])
        for convention in OWN
    }
