"""Motion formats, each read back by somebody else."""

import warnings

import c3d
import ezc3d
import numpy as np
import pygltflib
import pytest
from scipy.spatial.transform import Rotation

with warnings.catch_warnings():
    # bvhio 1.5.4 imports PyGLM by a name that PyGLM announces to drop.
    warnings.simplefilter("ignore")
    import bvhio

from export.dataset import read_dataset, seal_dataset
from export.formats.table import FORMATS, export_dataset
from motions.errors import FormbenchError
from motions.formats.amass import SMPL
from motions.formats.opensim import read_mot
from motions.formats.reading import About, Hints
from motions.geometry import rotation, to_wxyz, unit
from motions.skeleton import SMPL22
from simulator.clip import Clip, read_clip, write_clip
from simulator.config import parse_config
from simulator.generate import generate
from simulator.make import performance_of
from simulator.plan import plan

Y_UP = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
"""From our axes to those of glTF and BVH: +z up becomes +y, the person's front -y becomes +z."""


@pytest.fixture
def dataset(make_dataset, make_clip):
    return read_dataset(make_dataset([make_clip(clip_id="a"), make_clip(clip_id="b", n_reps=1)]))


@pytest.fixture
def exported(dataset, tmp_path):
    def export(name, **how):
        export_dataset(dataset, name, tmp_path / name, **how)
        return tmp_path / name / "all"

    return export


def test_bvhio_finds_the_joints_where_they_are(exported, dataset):
    clip = dataset.clip("a")
    root = bvhio.readAsHierarchy(str(exported("bvh") / "a.bvh"))

    for frame in (0, 5, 13):
        root.loadPose(frame, recursive=True)
        found = {j.Name: np.array(j.PositionWorld) for j, _, _ in root.layout()}
        expected = clip.joints_world_m[frame] @ Y_UP.T * 100
        for index, name in enumerate(SMPL22.joint_names):
            np.testing.assert_allclose(found[name], expected[index], atol=1e-4)


def test_amass_poses_turn_the_joints_of_smpl_as_the_person_s(exported, dataset):
    clip = dataset.clip("a")
    with np.load(exported("amass", every=2) / "a.npz") as stored:
        arrays = dict(stored)

    assert arrays["poses"].shape == (10, 156) and arrays["betas"].tolist() == [0.0] * 16
    assert (float(arrays["mocap_framerate"]), str(arrays["gender"])) == (5.0, "neutral")
    turns = Rotation.from_rotvec(arrays["poses"][:, :66].reshape(10, 22, 3))
    joints = SMPL.positions(arrays["trans"], SMPL.world_orientations(to_wxyz(turns)))

    def bends(points):
        hip, knee, ankle = (points[:, SMPL22.index(f"left_{j}")] for j in ("hip", "knee", "ankle"))
        upper, lower = hip - knee, ankle - knee
        cos = (
            (upper * lower).sum(-1)
            / np.linalg.norm(upper, axis=-1)
            / np.linalg.norm(lower, axis=-1)
        )
        cos = (unit(hip - knee) * unit(ankle - knee)).sum(axis=-1)
        return np.degrees(np.arccos(np.clip(cos, -1, 1)))

    # Limbs of SMPL's rest pose are not quite straight; they bend as the person's do.
    np.testing.assert_allclose(bends(joints), bends(clip.joints_world_m[::2]), atol=0.5)


@pytest.mark.filterwarnings("ignore:No analog data")
@pytest.mark.parametrize("frame", [0, 7])
def test_c3d_is_read_by_two_others(frame, exported, dataset):
    clip = dataset.clip("a")
    path = exported("c3d") / "a.c3d"
    expected_mm = 1000 * clip.joints_world_m[frame]

    theirs = ezc3d.c3d(str(path))
    assert theirs["parameters"]["POINT"]["LABELS"]["value"] == list(SMPL22.joint_names)
    assert theirs["parameters"]["POINT"]["RATE"]["value"][0] == 10.0
    assert theirs["parameters"]["POINT"]["UNITS"]["value"] == ["mm"]
    np.testing.assert_allclose(theirs["data"]["points"][:3, :, frame].T, expected_mm, atol=1e-3)
    with path.open("rb") as file:
        reader = c3d.Reader(file)
        points = [p for _, p, _ in reader.read_frames()]
        labels = [label.strip() for label in reader.point_labels]
    assert len(points) == clip.n_frames and labels == list(SMPL22.joint_names)
    np.testing.assert_allclose(points[frame][:, :3], expected_mm, atol=1e-3)


def _matrices(gltf):
    """Return the accessors of a .glb as arrays."""
    blob, kinds = gltf.binary_blob(), {5126: "<f4", 5125: "<u4", 5123: "<u2", 5121: "u1"}
    widths = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}
    arrays = []
    for accessor in gltf.accessors:
        view = gltf.bufferViews[accessor.bufferView]
        raw = blob[view.byteOffset : view.byteOffset + view.byteLength]
        dtype, width = kinds[accessor.componentType], widths[accessor.type]
        arrays.append(np.frombuffer(raw, dtype).reshape(accessor.count, width))
    return arrays


def _skinned(path, frame):
    """Play a .glb as a viewer does. Return vertices (V, 3) and joints (J, 3) at a frame."""
    gltf = pygltflib.GLTF2().load(str(path))
    arrays = _matrices(gltf)
    local = []
    for node in gltf.nodes:
        matrix = np.eye(4)
        matrix[:3, 3] = node.translation or [0, 0, 0]
        local.append(matrix)
    for channel in gltf.animations[0].channels:
        sampler = gltf.animations[0].samplers[channel.sampler]
        value = arrays[sampler.output][frame]
        if channel.target.path == "translation":
            local[channel.target.node][:3, 3] = value
        else:
            local[channel.target.node][:3, :3] = Rotation.from_quat(value).as_matrix()
    world = list(local)
    for index, node in enumerate(gltf.nodes):
        for child in node.children or []:
            world[child] = world[index] @ local[child]
    skin, primitive = gltf.skins[0], gltf.meshes[0].primitives[0]
    bind = np.swapaxes(arrays[skin.inverseBindMatrices].reshape(-1, 4, 4), 1, 2)
    carried = np.stack([world[j] for j in skin.joints]) @ bind
    points = arrays[primitive.attributes.POSITION]
    points = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    weights = arrays[primitive.attributes.WEIGHTS_0]
    matrices = np.einsum("vk,vkab->vab", weights, carried[arrays[primitive.attributes.JOINTS_0]])
    return np.einsum("vab,vb->va", matrices, points)[:, :3], np.stack(world)[:22, :3, 3]


def test_gltf_of_a_body_that_is_not_here_has_bones(exported, dataset):
    clip = dataset.clip("b")
    _, joints = _skinned(exported("gltf") / "b.glb", 4)

    np.testing.assert_allclose(joints, clip.joints_world_m[4] @ Y_UP.T, atol=1e-5)


def test_gltf_plays_the_body_s_own_skin(tmp_path):
    small = {"fps": 10, "body": "stick", "render": False}
    config = parse_config({"seed": 0, "exercises": ["squat"], **small}, "test")
    generate(config, tmp_path / "dataset", workers=1)
    dataset = seal_dataset(tmp_path / "dataset")
    export_dataset(dataset, "gltf", tmp_path / "out")
    vertices, joints = _skinned(tmp_path / "out" / "all" / "clip_000000.glb", 8)
    performance = performance_of(plan(config, 0))
    skin, _ = performance.skin(slice(8, 9))

    np.testing.assert_allclose(joints, performance.joints_world_m[8] @ Y_UP.T, atol=1e-5)
    np.testing.assert_allclose(vertices, skin[0] @ Y_UP.T, atol=1e-4)


def test_mot_has_the_angles_of_the_squat_and_is_read_back(exported, dataset):
    clip = dataset.clip("a")
    path = exported("mot") / "a.mot"
    lines = path.read_text().splitlines()
    names = lines[lines.index("endheader") + 1].split()
    table = np.array([line.split() for line in lines[lines.index("endheader") + 2 :]], dtype=float)
    column = dict(zip(names, table.T, strict=True))
    # See conftest: hips and ankles bend by a, knees by 2 a, one radian at the deepest.
    bend_deg = np.degrees(clip.phase)

    for letter in "lr":
        np.testing.assert_allclose(column[f"hip_flexion_{letter}"], bend_deg, atol=1e-6)
        np.testing.assert_allclose(column[f"knee_angle_{letter}"], 2 * bend_deg, atol=1e-6)
        np.testing.assert_allclose(column[f"ankle_angle_{letter}"], bend_deg, atol=1e-6)
        np.testing.assert_allclose(column[f"arm_add_{letter}"], -90, atol=1e-5)
    np.testing.assert_allclose(np.diff(column["time"]), 0.1)
    # Between the hips, 7 cm below and 6 cm behind the models' pelvis origin.
    hips_m = clip.joints_world_m[:, [1, 2]].mean(axis=1)
    np.testing.assert_allclose(column["pelvis_ty"], hips_m[:, 2] + 0.07, atol=1e-6)
    np.testing.assert_allclose(column["pelvis_tx"], 0.06, atol=1e-6)

    back = read_mot(path, About("squat", "test", "MIT"), Hints()).motion
    turned = rotation(back.world_orientations_wxyz).inv() * rotation(clip.world_wxyz)
    np.testing.assert_allclose(turned.magnitude(), 0, atol=1e-5)


NEED_THE_WORLD = [name for name, format_ in FORMATS.items() if format_.simulated_only]


@pytest.mark.parametrize("name", NEED_THE_WORLD)
def test_real_footage_is_refused_unless_lossy(name, make_clip, make_dataset, tmp_path):
    folder = make_dataset([make_clip(clip_id="a")])
    clip = read_clip(folder / "clips" / "a")
    n = clip.n_frames
    real = {"joints_world_m": np.zeros((n, 0, 3)), "world_wxyz": np.zeros((n, 0, 4))}
    real |= {"rest_offsets_m": np.zeros((0, 3)), "contacts": np.zeros((n, 0)), "body": {}}
    (folder / "clips" / "real").mkdir()
    shown = {**clip.__dict__, **real, "clip_id": "real", "footage": {"session": "s"}}
    write_clip(Clip(**{**shown, "keypoints_world_m": {}}), folder / "clips" / "real")
    dataset = seal_dataset(folder)
    with pytest.raises(FormbenchError, match=f"{name} cannot carry real footage, 1 of 2"):
        export_dataset(dataset, name, tmp_path / "no")
    assert not (tmp_path / "no").exists()
    export_dataset(dataset, name, tmp_path / "yes", lossy=True)

    assert "cannot carry real footage, 1 of 2" in (tmp_path / "yes" / "lost.md").read_text()
    assert not list((tmp_path / "yes").rglob("real*"))
