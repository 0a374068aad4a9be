"""glTF 2.0 out: the canonical skeleton in motion, as one .glb file that any viewer plays.

A node for each joint with its rest offset, one animation with a rotation track for each and a
translation track for the pelvis, and a skin of one thin bone for each joint, because viewers show
meshes. Metres, +y up, the person facing +z, as glTF has it (Khronos, "glTF 2.0 Specification").
"""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from motions.formats.axes import upright_wxyz
from motions.geometry import X_AXIS, Y_AXIS, inverse, multiply, rotate, unit
from motions.motion import Motion
from motions.skeleton import SMPL22

_FLOAT, _USHORT, _UBYTE = 5126, 5123, 5121
_TYPES = {1: "SCALAR", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
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
        kinds = {_FLOAT: "<f4", _USHORT: "<u2", _UBYTE: "u1"}
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


def write_gltf(motion: Motion, path: Path) -> None:
    """Write a motion on the canonical skeleton; the file's name should end in .glb.

    Numbers are of single precision. What glTF has no place for is not written: contacts,
    repetitions and phase. Source and licence stand in `asset.extras`.
    """
    turn = inverse(upright_wxyz("+y"))
    offsets_m = rotate(turn, SMPL22.offsets_m)
    buffer = _Buffer()
    nodes: list[dict[str, Any]] = [
        {"name": name, "translation": offset.tolist()}
        for name, offset in zip(SMPL22.joint_names, offsets_m, strict=True)
    ]
    for joint, parent in enumerate(SMPL22.parents):
        if parent >= 0:
            nodes[parent].setdefault("children", []).append(joint)
    mesh_node = {"name": "bones", "mesh": 0, "skin": 0}
    document = {
        "asset": {
            "version": "2.0",
            "generator": "formbench",
            "extras": {"source": motion.source, "licence": motion.licence},
        },
        "scene": 0,
        "scenes": [{"nodes": [0, len(nodes)]}],
        "nodes": [*nodes, mesh_node],
        "meshes": [{"primitives": [_mesh(offsets_m, buffer)]}],
        "skins": [_skin(offsets_m, buffer)],
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


def _skin(offsets_m: np.ndarray, buffer: _Buffer) -> dict[str, Any]:
    matrices = np.tile(np.eye(4), (len(offsets_m), 1, 1))
    matrices[:, 3, :3] = -_rest_m(offsets_m)  # column by column, as glTF stores matrices
    joints = list(range(len(offsets_m)))
    inverse_bind = buffer.add(matrices.reshape(-1, 16), _FLOAT)
    return {"joints": joints, "skeleton": 0, "inverseBindMatrices": inverse_bind}


def _mesh(offsets_m: np.ndarray, buffer: _Buffer) -> dict[str, Any]:
    """Draw an octahedron from each joint to each that follows it."""
    rest_m = _rest_m(offsets_m)
    followed = set(SMPL22.parents)
    bones = [(p, rest_m[p], rest_m[j]) for j, p in enumerate(SMPL22.parents) if p >= 0]
    bones += [
        (joint, rest_m[joint], rest_m[joint] + _STUB_M * unit(offsets_m[joint]))
        for joint in range(1, len(rest_m))
        if joint not in followed
    ]
    points: list[Sequence[np.ndarray]] = []
    faces: list[np.ndarray] = []
    owners: list[int] = []
    for owner, start, end in bones:
        faces.append(_OCTAHEDRON + 6 * len(points))
        points.append(_octahedron(start, end))
        owners += [owner] * 6
    joints = np.zeros((len(owners), 4))
    joints[:, 0] = owners
    return {
        "attributes": {
            "POSITION": buffer.add(np.concatenate(points), _FLOAT, bounds=True),
            "JOINTS_0": buffer.add(joints, _UBYTE),
            "WEIGHTS_0": buffer.add(np.tile([1.0, 0, 0, 0], (len(owners), 1)), _FLOAT),
        },
        "indices": buffer.add(np.concatenate(faces).ravel()[:, None], _USHORT),
    }


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


def _rest_m(offsets_m: np.ndarray) -> np.ndarray:
    at_m = offsets_m.copy()
    for joint, parent in enumerate(SMPL22.parents):
        if parent >= 0:
            at_m[joint] += at_m[parent]
    return at_m
