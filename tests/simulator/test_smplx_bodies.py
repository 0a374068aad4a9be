"""Licensed bodies on made-up model files in the real layout, checked by smplx's own code."""

import numpy as np
import pytest
import torch
from smplx.lbs import lbs

from motions.conventions import COCO_17, CONVENTIONS
from motions.errors import FormbenchError
from motions.library import EXERCISES
from motions.perform import perform
from motions.skeleton import SMPL22, STANDING_PELVIS_M
from motions.variation import sample_style
from simulator.bodies.library import build_body, sample_body
from simulator.bodies.smplx import FOLDER_VARIABLE, LICENCE
from simulator.retarget import retarget

COUNTS = {"smpl": (6890, 24), "smplh": (6890, 52), "smplx": (10475, 55)}
FROM_WORLD = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


def made_up(model):
    """A model of dots about the canonical joints: real names, shapes and axes, nobody's data."""
    n_vertices, n_joints = COUNTS[model]
    rng = np.random.default_rng(1)
    world = np.tile([1.0, 0, 0, 0], (22, 1))
    body = SMPL22.positions(np.array([0, 0, STANDING_PELVIS_M]), world)
    body[[SMPL22.index(f"{s}_wrist") for s in ("left", "right")], 1] -= 0.03  # elbows bent a little
    parents = [*SMPL22.parents, *([20] * (n_joints - 22))]
    joints = np.concatenate([body, np.tile(body[20], (n_joints - 22, 1))])
    joints[22:] += rng.normal(0, 0.03, (n_joints - 22, 3))
    owner = rng.integers(0, n_joints, n_vertices)
    owner[:n_joints] = np.arange(n_joints)
    vertices = joints[owner] + rng.uniform(-0.04, 0.04, (n_vertices, 3))
    regressor = np.zeros((n_joints, n_vertices))
    for joint in range(n_joints):
        regressor[joint, owner == joint] = 1 / (owner == joint).sum()
    weights = np.zeros((n_vertices, n_joints))
    weights[np.arange(n_vertices), owner] = 0.8
    weights[np.arange(n_vertices), np.maximum(np.array(parents)[owner], 0)] += 0.2
    order = np.argsort(owner, kind="stable")
    return {
        "v_template": vertices @ FROM_WORLD.T,
        "shapedirs": rng.normal(0, 0.0005, (n_vertices, 3, 16)),
        "J_regressor": regressor,
        "weights": weights,
        "kintree_table": np.array([parents, np.arange(n_joints)]),
        "f": np.stack([order[:-2], order[1:-1], order[2:]], axis=1),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    for model in COUNTS:
        (root / model).mkdir()
        np.savez(root / model / f"{model.upper()}_NEUTRAL.npz", **made_up(model))
    return root


@pytest.fixture(autouse=True)
def named(folder, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))


every_model = pytest.mark.parametrize("model", COUNTS)


@every_model
def test_skin_and_joints_are_those_of_smplx_itself(model):
    values = sample_body(model, np.random.default_rng(0))
    body = build_body(model, values, grip=False)
    arrays, (n_vertices, n_joints) = made_up(model), COUNTS[model]
    rng = np.random.default_rng(2)
    # Turns in the model's own frames; the canonical pose of each is what its alignment makes of it.
    vectors = np.zeros((1, n_joints, 3))
    vectors[0, :22] = rng.normal(0, 0.3, (22, 3))
    betas = torch.tensor([[values[f"beta_{i}"] for i in range(10)]])
    theirs_m, their_joints = lbs(
        betas.double(),
        torch.from_numpy(vectors.reshape(1, -1)),
        torch.from_numpy(arrays["v_template"]),
        torch.from_numpy(arrays["shapedirs"][..., :10]),
        torch.zeros((9 * (n_joints - 1), 3 * n_vertices), dtype=torch.float64),
        torch.from_numpy(arrays["J_regressor"]),
        torch.from_numpy(arrays["kintree_table"][0]),
        torch.from_numpy(arrays["weights"]),
    )
    from scipy.spatial.transform import Rotation

    local = Rotation.from_rotvec(vectors[0, :22] @ FROM_WORLD).as_quat(scalar_first=True)
    world = SMPL22.world_orientations(local)
    from motions.geometry import inverse, multiply

    canonical = multiply(world, inverse(body.align_wxyz))[None]
    root = body.rest_joints_m[:1]
    skin, _ = body.skin(root, canonical)
    joints = body.skeleton.positions(root, canonical)

    assert joints[0] == pytest.approx(their_joints[0, :22].numpy() @ FROM_WORLD, abs=1e-7)
    # Clothes are worn off the skin; what is bare must lie exactly where smplx puts it.
    bare = np.abs(body.rest_vertices_m[:n_vertices] - _rest(model, values)).max(axis=1) < 1e-6
    assert bare.sum() > 500
    wanted = theirs_m[0].numpy() @ FROM_WORLD
    assert skin[0, :n_vertices][bare] == pytest.approx(wanted[bare], abs=2e-5)


def _rest(model, values):
    arrays = made_up(model)
    betas = np.array([values[f"beta_{i}"] for i in range(10)])
    return (arrays["v_template"] + arrays["shapedirs"][..., :10] @ betas) @ FROM_WORLD


@every_model
def test_a_motion_goes_onto_it_and_its_licence_goes_along(model):
    exercise = EXERCISES["squat"]
    style = sample_style(exercise.out_s, exercise.back_s, 1, np.random.default_rng(0))
    body = build_body(model, sample_body(model, np.random.default_rng(1)), grip=True)
    performance = retarget(perform(exercise, style, 30.0), body)

    assert performance.metrics["limb_angle_error_mean_deg"] < 1
    # Dots drawn about joints make legs of unequal length, which cannot both be kept straight.
    assert performance.metrics["contact_slide_max_m_s"] < 0.03
    assert body.params.licence == LICENCE
    assert len(body.params.version) == 64  # of the very file
    assert body.convention_names == tuple(CONVENTIONS)
    points = body.keypoints_world_m(performance.root_m, performance.world_wxyz)["coco17"]
    left, right = (points[0, COCO_17.keypoint_names.index(f"{s}_hip")] for s in ("left", "right"))
    assert left[0] > right[0]


def test_no_folder_no_file_and_wrong_files_are_told_apart(folder, tmp_path, monkeypatch):
    monkeypatch.delenv(FOLDER_VARIABLE)
    with pytest.raises(FormbenchError, match="body smpl: set FORMBENCH_BODY_MODELS to the folder"):
        build_body("smpl", {}, grip=False)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(FormbenchError, match=r"expected .*SMPL_NEUTRAL\.npz, got no such file$"):
        build_body("smpl", {}, grip=False)
    (tmp_path / "smpl").mkdir()
    (tmp_path / "smpl" / "SMPL_NEUTRAL.pkl").write_bytes(b"x")
    with pytest.raises(FormbenchError, match=r"there is a \.pkl, which is never unpickled"):
        build_body("smpl", {}, grip=False)
    arrays = made_up("smpl")
    path = tmp_path / "smpl" / "SMPL_NEUTRAL.npz"
    np.savez(path, **{**arrays, "weights": arrays["weights"][:, :23]})
    with pytest.raises(FormbenchError, match=r"weights: expected shape \(6890, 24\)"):
        build_body("smpl", {}, grip=False)


def test_pickled_arrays_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "smplh").mkdir()
    arrays = {**made_up("smplh"), "weights": np.array([{"a": 1}], dtype=object)}
    np.savez(tmp_path / "smplh" / "SMPLH_NEUTRAL.npz", **arrays)

    with pytest.raises(FormbenchError, match="expected plain arrays"):
        build_body("smplh", {}, grip=False)


def test_an_unknown_shape_coordinate_is_refused():
    with pytest.raises(FormbenchError, match="expected beta_0 to beta_9, got beta_12"):
        build_body("smplx", {"beta_12": 1.0}, grip=False)
