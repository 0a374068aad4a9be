"""glTF 2.0 out: a skeleton in motion and what it carries, as one .glb file that any viewer plays.

A node for each joint with its rest offset, one animation with a rotation track for each and a
translation track for the pelvis, and a skin, because viewers show meshes: a body's own, or one thin
bone for each joint. Metres, +y up, the person facing +z, as glTF has it (Khronos, "glTF 2.0
Specification").
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from motions.formats.axes import upright_wxyz
from motions.geometry import (
    IDENTITY_WXYZ,
    X_AXIS,
    Y_AXIS,
    inverse,
    multiply,
    rotate,
    rotation,
    unit,
)
from motions.motion import Motion
from motions.skeleton import SMPL22, Skeleton

_FLOAT, _UINT, _USHORT, _UBYTE = 5126, 5125, 5123, 5121
_TYPES = {1: "SCALAR", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_CARRIERS = 4
"""How many joints may carry a vertex, so that every viewer plays it."""
_BONE_SHARE = 0.12
"""Thickness of a bone that is drawn, over its length."""
_STUB_M = 0.06
"""Length of the bone drawn at a joint that none follows."""


class _Buffer:
    """The binary part of a file, and the accessors into it."""

    def __init__(self) -> None:
        self.data = b""
        self.views: list[dict[str, int]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, array: np.ndarray, component: int, *, bounds: bool = False) -> int:
        """Append an array with a row an element; return the number of its accessor."""
        kinds = {_FLOAT: "<f4", _UINT: "<u4", _USHORT: "<u2", _UBYTE: "u1"}
        stored = np.ascontiguousarray(array, kinds[component])
        width = int(np.prod(stored.shape[1:]))
        accessor: dict[str, Any] = {
            "bufferView": len(self.views),
            "componentType": component,
            "count": len(stored),
            "type": _TYPES[width],
        }
        if bounds:
            flat = stored.reshape(len(stored), -1)
            accessor |= {"min": flat.min(axis=0).tolist(), "max": flat.max(axis=0).tolist()}
        raw = stored.tobytes()
        self.views.append({"buffer": 0, "byteOffset": len(self.data), "byteLength": len(raw)})
        self.data += raw + b"\0" * (-len(raw) % 4)
        self.accessors.append(accessor)
        return len(self.accessors) - 1


@dataclass(frozen=True)
class Skin:
    """A mesh that the joints of a skeleton carry, in the world's axes (+z up), metres."""

    vertices_m: np.ndarray
    """At rest. Shape (V, 3)."""
    faces: np.ndarray
    """Triangles, counter-clockwise seen from outside. Shape (F, 3)."""
    weights: np.ndarray
    """How much each joint carries each vertex; rows sum to one. Shape (V, J)."""
    T_joint_rest: np.ndarray
    """Takes vertices at rest to the frame of each joint. Shape (J, 4, 4)."""


def write_gltf(
    motion: Motion, path: Path, skeleton: Skeleton = SMPL22, skin: Skin | None = None
) -> None:
    """Write a motion on a skeleton of the canonical joints; the file's name should end in .glb.

    Numbers are of single precision, and the four strongest joints carry a vertex. What glTF has no
    place for is not written: contacts, repetitions and phase. Source and licence stand in
    `asset.extras`.

    Args:
        motion: What is shown.
        path: The file.
        skeleton: The person's bones.
        skin: What is drawn; a thin bone for each joint when None.
    """
    turn = inverse(upright_wxyz("+y"))
    offsets_m = rotate(turn, skeleton.offsets_m)
    buffer = _Buffer()
    nodes: list[dict[str, Any]] = [
        {"name": name, "translation": offset.tolist()}
        for name, offset in zip(skeleton.joint_names, offsets_m, strict=True)
    ]
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            nodes[parent].setdefault("children", []).append(joint)
    drawn = skin or bones(skeleton)
    mesh_node = {"name": "body" if skin else "bones", "mesh": 0, "skin": 0}
    document = {
        "asset": {
            "version": "2.0",
            "generator": "formbench",
            "extras": {"source": motion.source, "licence": motion.licence},
        },
        "scene": 0,
        "scenes": [{"nodes": [0, len(nodes)]}],
        "nodes": [*nodes, mesh_node],
        "meshes": [{"primitives": [_mesh(drawn, turn, buffer)]}],
        "skins": [_joints(drawn, turn, buffer)],
        "animations": [_animation(motion, turn, buffer)],
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.data)}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    size = 12 + 8 + len(text) + 8 + len(buffer.data)
    path.write_bytes(
        struct.pack("<4sII", b"glTF", 2, size)
        + struct.pack("<I4s", len(text), b"JSON") + text
        + struct.pack("<I4s", len(buffer.data), b"BIN\0") + buffer.data
    )  # fmt: skip


def _animation(motion: Motion, turn_wxyz: np.ndarray, buffer: _Buffer) -> dict[str, Any]:
    times = buffer.add(np.arange(motion.n_frames) / motion.fps, _FLOAT, bounds=True)
    local = multiply(multiply(turn_wxyz, motion.joint_rotations_wxyz), inverse(turn_wxyz))
    root_m = rotate(turn_wxyz, motion.root_position_m)
    tracks = [("translation", 0, root_m)]
    tracks += [
        ("rotation", joint, _continuous(local[:, joint])[:, [1, 2, 3, 0]])
        for joint in range(local.shape[1])
    ]
    samplers = [{"input": times, "output": buffer.add(values, _FLOAT)} for _, _, values in tracks]
    channels = [
        {"sampler": at, "target": {"node": node, "path": path}}
        for at, (path, node, _) in enumerate(tracks)
    ]
    return {"name": motion.exercise, "samplers": samplers, "channels": channels}


def _continuous(wxyz: np.ndarray) -> np.ndarray:
    """Choose the signs of quaternions (T, 4) so that each goes the short way on to the next."""
    flips = np.where(np.sum(wxyz[1:] * wxyz[:-1], axis=-1) < 0, -1.0, 1.0)
    return wxyz * np.cumprod(np.concatenate([[1.0], flips]))[:, None]


def _joints(skin: Skin, turn_wxyz: np.ndarray, buffer: _Buffer) -> dict[str, Any]:
    axes = np.eye(4)
    axes[:3, :3] = rotation(turn_wxyz).as_matrix()
    matrices = axes @ skin.T_joint_rest @ axes.T
    # Column by column, as glTF stores matrices.
    inverse_bind = buffer.add(np.swapaxes(matrices, 1, 2).reshape(-1, 16), _FLOAT)
    joints = list(range(len(matrices)))
    return {"joints": joints, "skeleton": 0, "inverseBindMatrices": inverse_bind}


def _mesh(skin: Skin, turn_wxyz: np.ndarray, buffer: _Buffer) -> dict[str, Any]:
    strongest = np.argsort(-skin.weights, axis=1, kind="stable")[:, :_CARRIERS]
    weights = np.take_along_axis(skin.weights.astype(np.float64), strongest, axis=1)
    weights /= weights.sum(axis=1, keepdims=True)
    return {
        "attributes": {
            "POSITION": buffer.add(rotate(turn_wxyz, skin.vertices_m), _FLOAT, bounds=True),
            "JOINTS_0": buffer.add(np.where(weights > 0, strongest, 0), _UBYTE),
            "WEIGHTS_0": buffer.add(weights, _FLOAT),
        },
        "indices": buffer.add(
            skin.faces.ravel()[:, None], _USHORT if len(skin.vertices_m) < 2**16 else _UINT
        ),
    }


def bones(skeleton: Skeleton) -> Skin:
    """Draw an octahedron from each joint to each that follows it."""
    rest_m = skeleton.positions(np.zeros(3), np.tile(IDENTITY_WXYZ, (len(skeleton.parents), 1)))
    followed = set(skeleton.parents)
    pairs = [(p, rest_m[p], rest_m[j]) for j, p in enumerate(skeleton.parents) if p >= 0]
    pairs += [
        (joint, rest_m[joint], rest_m[joint] + _STUB_M * unit(skeleton.offsets_m[joint]))
        for joint in range(1, len(rest_m))
        if joint not in followed
    ]
    points = [_octahedron(start, end) for _, start, end in pairs]
    weights = np.zeros((6 * len(pairs), len(rest_m)))
    weights[np.arange(len(weights)), np.repeat([owner for owner, _, _ in pairs], 6)] = 1.0
    T_joint_rest = np.tile(np.eye(4), (len(rest_m), 1, 1))
    T_joint_rest[:, :3, 3] = -rest_m
    return Skin(
        vertices_m=np.concatenate(points),
        faces=np.concatenate([_OCTAHEDRON + 6 * at for at in range(len(pairs))]),
        weights=weights,
        T_joint_rest=T_joint_rest,
    )


_OCTAHEDRON = np.array(
    [[0, 2, 1], [0, 3, 2], [0, 4, 3], [0, 1, 4], [5, 1, 2], [5, 2, 3], [5, 3, 4], [5, 4, 1]]
)


def _octahedron(start_m: np.ndarray, end_m: np.ndarray) -> Sequence[np.ndarray]:
    along = end_m - start_m
    side = unit(np.cross(along, X_AXIS if abs(unit(along)[0]) < 0.9 else Y_AXIS))
    other = np.cross(unit(along), side)
    thick = _BONE_SHARE * np.linalg.norm(along)
    waist = [start_m + 0.2 * along + thick * d for d in (side, other, -side, -other)]
    return [start_m, *waist, end_m]
