"""glTF: read back by a decoder written here, and by trimesh."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh
from format_samples import make_motion
from scipy.spatial.transform import Rotation

from motions.formats.deepmimic import pybullet_clips, read_deepmimic
from motions.formats.gltf import write_gltf
from motions.formats.reading import About
from motions.skeleton import SMPL22

Z_UP = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])  # from y up


def decode(path: Path) -> tuple[dict, list[np.ndarray]]:
    """Return the JSON of a .glb and its accessors as arrays."""
    data = path.read_bytes()
    magic, version, size = struct.unpack_from("<4sII", data)
    assert (magic, version, size) == (b"glTF", 2, len(data))
    length, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    document = json.loads(data[20 : 20 + length])
    binary = data[20 + length + 8 :]
    arrays = []
    for accessor in document["accessors"]:
        view = document["bufferViews"][accessor["bufferView"]]
        assert view["byteOffset"] % 4 == 0
        dtype = {5126: "<f4", 5123: "<u2", 5121: "u1"}[accessor["componentType"]]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[accessor["type"]]
        raw = binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
        arrays.append(np.frombuffer(raw, dtype).reshape(accessor["count"], width))
    return document, arrays


def played(document: dict, arrays: list[np.ndarray], frame: int) -> np.ndarray:
    """World matrices of the nodes at a frame of the animation. Shape (nodes, 4, 4)."""
    local = []
    for node in document["nodes"]:
        matrix = np.eye(4)
        matrix[:3, 3] = node.get("translation", [0, 0, 0])
        local.append(matrix)
    animation = document["animations"][0]
    for channel in animation["channels"]:
        value = arrays[animation["samplers"][channel["sampler"]]["output"]][frame]
        matrix = local[channel["target"]["node"]]
        if channel["target"]["path"] == "translation":
            matrix[:3, 3] = value
        else:
            matrix[:3, :3] = Rotation.from_quat(value).as_matrix()
    world = [np.eye(4)] * len(local)

    def walk(node: int, above: np.ndarray) -> None:
        world[node] = above @ local[node]
        for child in document["nodes"][node].get("children", []):
            walk(child, world[node])

    for root in document["scenes"][0]["nodes"]:
        walk(root, np.eye(4))
    return np.stack(world)


@pytest.mark.parametrize("name", ["made up", "dance_a"])
def test_the_joints_are_where_the_motion_has_them(tmp_path, name):
    about = About("dance", "DeepMimic", "MIT")
    motion = (
        make_motion() if name == "made up" else read_deepmimic(pybullet_clips()[name], about).motion
    )
    write_gltf(motion, tmp_path / "motion.glb")

    document, arrays = decode(tmp_path / "motion.glb")

    names = tuple(node["name"] for node in document["nodes"][:22])
    assert names == SMPL22.joint_names
    for frame in (0, motion.n_frames // 2, motion.n_frames - 1):
        at_m = played(document, arrays, frame)[:22, :3, 3] @ Z_UP.T
        np.testing.assert_allclose(at_m, motion.joints_world_m[frame], atol=2e-6)
    times_s = arrays[document["animations"][0]["samplers"][0]["input"]][:, 0]
    np.testing.assert_allclose(times_s, np.arange(motion.n_frames) / motion.fps, rtol=1e-6)
    assert document["asset"]["extras"] == {"source": motion.source, "licence": motion.licence}


def test_rotations_never_jump_to_the_other_sign(tmp_path):
    motion = read_deepmimic(pybullet_clips()["cartwheel"], About("a", "b", "c")).motion
    write_gltf(motion, tmp_path / "motion.glb")

    document, arrays = decode(tmp_path / "motion.glb")

    for sampler in document["animations"][0]["samplers"][1:]:
        values = arrays[sampler["output"]].astype(float)
        assert np.sum(values[1:] * values[:-1], axis=-1).min() > 0.5


def test_bones_move_with_their_joints(tmp_path):
    motion = make_motion()
    write_gltf(motion, tmp_path / "motion.glb")
    document, arrays = decode(tmp_path / "motion.glb")
    skin, primitive = document["skins"][0], document["meshes"][0]["primitives"][0]
    attributes = primitive["attributes"]

    world = played(document, arrays, 7)[:22]
    bind = arrays[skin["inverseBindMatrices"]].reshape(-1, 4, 4).transpose(0, 2, 1)
    points = arrays[attributes["POSITION"]].astype(float)
    owners = arrays[attributes["JOINTS_0"]][:, 0]
    moved = np.einsum(
        "vab,vb->va", (world @ bind)[owners], np.column_stack([points, np.ones(len(points))])
    )[:, :3]

    # The first bone goes from the pelvis to the left hip: its tips are the joints.
    joints_m = motion.joints_world_m[7]
    np.testing.assert_allclose(moved[[0, 5]] @ Z_UP.T, joints_m[[0, 1]], atol=1e-6)
    tips = moved.reshape(-1, 6, 3)[:21, 5] @ Z_UP.T
    np.testing.assert_allclose(tips, joints_m[1:], atol=1e-6)


def test_trimesh_reads_closed_bones_and_the_rest_pose(tmp_path):
    write_gltf(make_motion(), tmp_path / "motion.glb")

    scene = trimesh.load(tmp_path / "motion.glb", process=False)

    (mesh,) = scene.geometry.values()
    assert mesh.is_watertight
    assert mesh.volume > 0  # faces outwards
    head = scene.graph.get("head")[0][:3, 3] @ Z_UP.T
    still = SMPL22.positions(np.zeros(3), np.tile([1.0, 0, 0, 0], (22, 1)))
    np.testing.assert_allclose(head, still[SMPL22.index("head")], atol=1e-6)


def test_the_same_motion_gives_the_same_bytes(tmp_path):
    for name in ("a.glb", "b.glb"):
        write_gltf(make_motion(), tmp_path / name)

    assert (tmp_path / "a.glb").read_bytes() == (tmp_path / "b.glb").read_bytes()
