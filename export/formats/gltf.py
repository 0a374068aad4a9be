"""glTF animations with the person's skinned body, as any 3D viewer plays them: one .glb a clip.

    <side>/<clip_id>.glb

Metres, +y up, the person facing +z. The body is built anew from its parameters; four joints at most
carry a vertex, as viewers expect. A body whose model is not here is drawn as thin bones.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from export.formats.format import Format, Request, clip_files
from export.formats.moving import motion_of, skeleton_of
from motions.formats.gltf import Skin, write_gltf
from motions.geometry import rotation
from motions.library import EXERCISES
from simulator.bodies.library import BODY_MODELS, build_body
from simulator.clip import Clip


def write_gltfs(request: Request, out: Path) -> None:
    """Write one file a clip."""
    for _, clip, path in clip_files(request, out, ".glb"):
        write_gltf(motion_of(clip, request.every), path, skeleton_of(clip), _skin(clip))


def _skin(clip: Clip) -> Skin | None:
    model = clip.body["model"]
    if model not in BODY_MODELS:
        return None
    grip = clip.exercise in EXERCISES and EXERCISES[clip.exercise].grips
    return _built(model, tuple(sorted(clip.body["values"].items())), grip)


@lru_cache(maxsize=1)
def _built(model: str, values: tuple[tuple[str, float], ...], grip: bool) -> Skin:
    body = build_body(model, dict(values), grip=grip)
    T_joint_rest = np.tile(np.eye(4), (len(body.rest_joints_m), 1, 1))
    T_joint_rest[:, :3, :3] = rotation(body.align_wxyz).as_matrix()
    T_joint_rest[:, :3, 3] = -np.einsum("jab,jb->ja", T_joint_rest[:, :3, :3], body.rest_joints_m)
    return Skin(body.rest_vertices_m, body.faces, body.skin_weights, T_joint_rest)


GLTF = Format(
    name="gltf",
    title="glTF animation with skinned body",
    kept=("22 joints with the person's bone lengths", "rotations, times and the skin"),
    lost=(
        "what a fifth joint and more contribute to a vertex; colours, clothes, props and the room",
        "image points, cameras, boxes, masks, repetitions, faults, subjects and exercises",
        "single precision",
    ),
    read_by="pygltflib",
    write=write_gltfs,
    parted=True,
    simulated_only=True,
)
