import numpy as np
import pytest

from motions.conventions import COCO_17, COCO_23, MEDIAPIPE_33, SPINE_5
from motions.errors import FormbenchError
from motions.geometry import IDENTITY_WXYZ, Y_AXIS, about, multiply, rotate
from motions.skeleton import SMPL22, swap_side
from simulator.bodies.anny import build_anny
from simulator.bodies.body import BODY_PARTS
from simulator.bodies.library import FREE_MODELS, build_body, sample_body
from simulator.bodies.stick import build_stick

PERSON = {
    "gender": 0.9, "age": 0.7, "stature_m": 1.68, "weight": 0.4, "muscle": 0.6, "proportions": 0.3,
}  # fmt: skip
REST = np.tile(IDENTITY_WXYZ, (1, 22, 1))


@pytest.fixture(scope="module")
def person():
    return build_anny(**PERSON)


def standing(body):
    """Skin, joints and keypoints in the canonical T-pose on the floor."""
    root = np.array([[0, 0, body.standing_pelvis_m]])
    return body.skin(root, REST)[0][0], body.keypoints_world_m(root, REST)


every_model = pytest.mark.parametrize("model", FREE_MODELS)


@every_model
def test_a_person_stands_on_the_floor_facing_minus_y_with_the_left_at_plus_x(model):
    body = build_body(model, sample_body(model, np.random.default_rng(0)), grip=False)
    skin, points = standing(body)
    at = dict(zip(COCO_17.keypoint_names, points["coco17"][0], strict=True))

    assert skin[:, 2].min() == pytest.approx(0, abs=0.015)
    assert at["left_shoulder"][0] > 0.1 > -0.1 > at["right_shoulder"][0]
    assert at["nose"][1] < at["left_ear"][1] - 0.05
    feet = dict(zip(MEDIAPIPE_33.keypoint_names, points["mediapipe33"][0], strict=True))
    assert feet["left_foot_index"][1] < feet["left_heel"][1] - 0.15


@every_model
def test_every_sampled_person_can_be_built_and_has_the_stature_that_was_drawn(model):
    for seed in range(8):
        values = sample_body(model, np.random.default_rng(seed))
        body = build_body(model, values, grip=True)
        assert body.height_m == pytest.approx(values["stature_m"], abs=1e-4)


@every_model
def test_the_skeleton_stands_in_the_t_pose(model):
    skeleton = build_body(model, sample_body(model, np.random.default_rng(1)), grip=False).skeleton
    offset = dict(zip(SMPL22.joint_names, skeleton.offsets_m, strict=True))

    for side, out in (("left", 1.0), ("right", -1.0)):
        down, along = (0, 0, -1), (out, 0, 0)
        for joint, direction in (
            ("knee", down), ("ankle", down), ("elbow", along), ("wrist", along),
        ):  # fmt: skip
            bone = offset[f"{side}_{joint}"]
            assert bone / np.linalg.norm(bone) == pytest.approx(direction, abs=1e-9)


@every_model
def test_faces_look_outwards(model):
    body = build_body(model, sample_body(model, np.random.default_rng(2)), grip=False)
    a, b, c = np.moveaxis(body.rest_vertices_m[body.faces].astype(float), 1, 0)

    # The signed volume (divergence theorem) is positive, and near a person's at 1 kg a litre.
    volume_m3 = np.einsum("fi,fi->", a, np.cross(b, c)) / 6
    assert 0.02 < volume_m3 < 0.16


def test_anny_wears_every_part(person):
    counts = np.bincount(person.face_parts, minlength=len(BODY_PARTS))

    assert dict(zip(BODY_PARTS, counts > 100, strict=True)) == dict.fromkeys(BODY_PARTS, True)


def test_posing_matches_annys_own_forward_kinematics_and_skinning(person):
    """The same pose through Anny's own code, vertex by vertex: another path to the same skin."""
    import torch

    from simulator.bodies import anny as ours

    rng = np.random.default_rng(3)
    turns = rng.normal(size=(1, 22, 3)) * 0.4
    world = np.stack(
        [about(t / np.linalg.norm(t), np.linalg.norm(t)) for t in turns.reshape(-1, 3)]
    ).reshape(1, 22, 4)
    root = np.array([[0.3, -0.2, 1.1]])
    skin, _ = person.skin(root, world)
    transforms = person.bone_transforms(root, world)[0]
    model = ours._model()
    joint_of_bone = ours._joint_of_bone()
    phenotype = {**PERSON, "height": 0.0}
    del phenotype["stature_m"]
    low, high = (np.ptp(ours._rest({**phenotype, "height": h})[0][:, 2]) for h in (0.0, 1.0))
    phenotype["height"] = (PERSON["stature_m"] - low) / (high - low)
    rest = model.model(
        phenotype_kwargs={k: torch.tensor([v], dtype=torch.float64) for k, v in phenotype.items()}
    )
    poses = rest["rest_bone_poses"].clone()
    homogeneous = np.tile(np.eye(4), (len(joint_of_bone), 1, 1))
    homogeneous[:, :3] = transforms[joint_of_bone]
    poses = torch.from_numpy(homogeneous) @ poses[0]
    theirs = model.model(
        pose_parameters=poses[None],
        phenotype_kwargs={k: torch.tensor([v], dtype=torch.float64) for k, v in phenotype.items()},
        pose_parameterization="world",
    )
    theirs_m = theirs["vertices"][0].numpy()
    rest_m = person.rest_vertices_m[: len(theirs_m)]
    bare = np.linalg.norm(rest_m - rest["rest_vertices"][0].numpy(), axis=1) < 1e-5
    distance = np.linalg.norm(skin[0, : len(theirs_m)] - theirs_m, axis=-1)
    assert bare.mean() > 0.5  # clothes and hair are lifted on purpose
    assert distance[bare].max() < 1e-5


def test_annys_bones_are_the_ones_we_mean(person):
    joints = dict(zip(SMPL22.joint_names, person.rest_joints_m, strict=True))

    assert joints["spine1"][2] < joints["spine2"][2] < joints["spine3"][2] < joints["neck"][2]
    assert joints["left_collar"][0] < joints["left_shoulder"][0] < joints["left_elbow"][0]
    for name in SMPL22.joint_names:
        mirrored = joints[swap_side(name)] * [-1, 1, 1]
        assert joints[name] == pytest.approx(mirrored, abs=0.003)


def test_joint_centres_lie_inside_the_limbs(person):
    for name in ("left_knee", "left_elbow", "left_hip", "left_shoulder", "left_ankle"):
        joint = person.rest_joints_m[SMPL22.index(name)]
        away = person.rest_vertices_m - joint
        near = away[np.linalg.norm(away, axis=1) < 0.15]
        # Skin in all eight directions about it.
        octants = {tuple(row) for row in (near > 0).tolist()}
        assert len(octants) == 8, name


def test_coco_hips_of_annotators_are_not_the_joint_centres(person):
    _, points = standing(person)
    clicked = points["coco17"][0, COCO_17.keypoint_names.index("left_hip")]
    centre = points["smpl22"][0, SMPL22.index("left_hip")]

    assert 0.01 < np.linalg.norm(clicked - centre) < 0.12


def test_a_grip_closes_the_fingers_and_moves_nothing_else(person):
    gripping = build_anny(**PERSON, grip=True)
    moved = np.linalg.norm(gripping.rest_vertices_m - person.rest_vertices_m, axis=1) > 1e-6
    wrist_weight = person.skin_weights[:, [SMPL22.index(f"{s}_wrist") for s in ("left", "right")]]

    assert moved.sum() > 1000
    assert (wrist_weight[moved].sum(axis=1) > 0).all()
    palm = person.rest_joints_m[SMPL22.index("left_wrist")]
    tips = np.linalg.norm(person.rest_vertices_m - palm, axis=1) > 0.15
    tips &= person.skin_weights[:, SMPL22.index("left_wrist")] > 0.99
    reach = np.linalg.norm(gripping.rest_vertices_m[tips] - palm, axis=1)
    assert np.median(reach) < 0.13
    # In the T-pose the palms face down, and that is where the fingers go.
    turns = person.align_wxyz[[SMPL22.index("left_wrist")]]
    assert rotate(turns, gripping.rest_vertices_m[tips] - palm)[:, 2].max() < 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stature_m": 2.5}, "expected stature_m of 1.4 to 2.1, got 2.5"),
        ({"age": 0.1}, "expected age of 0.6 to 0.95, got 0.1"),
        ({"weight": -0.1}, "expected weight of 0 to 1, got -0.1"),
    ],
)
def test_people_outside_the_range_are_refused(changes, message):
    with pytest.raises(FormbenchError, match=message):
        build_anny(**{**PERSON, **changes})


def test_unknown_models_and_parameters_are_refused():
    with pytest.raises(FormbenchError, match="Did you mean 'anny'"):
        build_body("any", {}, grip=False)
    with pytest.raises(FormbenchError, match=r"body stick: .*waist"):
        build_body("stick", {"waist": 1.0}, grip=False)
    with pytest.raises(FormbenchError, match=r"expected stature_m of 1 to 2\.5, got 9"):
        build_stick(stature_m=9)


def test_skinning_is_rigid_where_one_joint_rules():
    body = build_stick()
    world = np.tile(about(Y_AXIS, 0.7), (1, 22, 1))
    skin, _ = body.skin(np.zeros((1, 3)), world)
    flat, _ = body.skin(np.zeros((1, 3)), REST)

    turned = np.array([multiply(about(Y_AXIS, 0.7), IDENTITY_WXYZ)])
    w, x, y, z = turned[0]
    R = np.array([[1 - 2 * y * y, 0, 2 * w * y], [0, 1, 0], [-2 * w * y, 0, 1 - 2 * y * y]])
    assert (x, z) == (0, 0)
    assert skin[0] == pytest.approx(flat[0] @ R.T, abs=1e-5)


@pytest.mark.anny
def test_points_of_the_spine_lie_on_the_skin_of_the_back_one_below_the_other(person):
    """Heights as shares of stature: C7 0.86 and L5 0.60 (cervicale and iliocristale of ANSUR)."""
    skin, points = standing(person)
    spine_m = dict(zip(SPINE_5.keypoint_names, points["spine5"][0], strict=True))
    heights = [point[2] / person.height_m for point in spine_m.values()]

    assert np.array_equal(heights, sorted(heights, reverse=True))
    assert heights[0] == pytest.approx(0.86, abs=0.02)
    assert heights[3] == pytest.approx(0.60, abs=0.02)
    for name, point in spine_m.items():
        assert abs(point[0]) < 0.013, name
        level = skin[np.abs(skin - point)[:, [0, 2]].max(axis=1) < 0.02]
        assert point[1] > level[:, 1].max() - 0.01, name
        assert np.linalg.norm(skin - point, axis=1).min() < 1e-4


def test_feet_have_a_big_toe_inside_a_small_one_and_a_heel_behind(person):
    _, points = standing(person)
    at = dict(zip(COCO_23.keypoint_names, points["coco23"][0], strict=True))

    assert at["left_small_toe"][0] > at["left_big_toe"][0] + 0.03
    assert at["right_small_toe"][0] < at["right_big_toe"][0] - 0.03
    for side in ("left", "right"):
        assert at[f"{side}_heel"][1] > at[f"{side}_big_toe"][1] + 0.15
        assert np.allclose(points["coco23"][0, :17], points["coco17"][0], atol=1e-12)
