from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from motions.conventions import COCO_17, MEDIAPIPE_33, SMPL_22
from motions.geometry import angle_between
from scoring.contract import load_scorer
from scoring.methods.angles import MAIN_ANGLES, main_angles_rad
from scoring.methods.pose_similarity import (
    angle_scores,
    cosine_distance,
    cosine_scores,
    relative_angle_distance,
    seed_angle_scores,
    seed_cosine_scores,
    seed_score,
)
from scoring.poses import normalised
from scoring.sample import squat

NAMES = ("seed-cosine", "seed-angle", "cosine", "angle")
WHOLE = squat()
STANDING, DEEP = WHOLE.keypoints[0], WHOLE.keypoints[30]


def test_the_accounts_figure_is_reproduced():
    # Its figure 10, of two poses that face opposite ways: coordinates 0.58, angles 0.03.
    assert round(seed_score(0.58)) == 42
    assert round(seed_score(0.03)) == 97


def test_a_distance_of_coordinates_by_hand():
    # 60 degrees between the vectors: cos = 1/2, D = sqrt(2 (1 - 1/2)) = 1.
    f, g = np.array([1.0, 0.0]), np.array([0.5, 3**0.5 / 2])

    assert cosine_distance(f, g) == pytest.approx(1.0)
    assert cosine_distance(f, 7 * f) == 0.0


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_the_chord_is_the_accounts_formula(seed):
    f, g = np.random.default_rng(seed).normal(size=(2, 34))
    cosine = f @ g / np.linalg.norm(f) / np.linalg.norm(g)

    assert cosine_distance(f, g) == pytest.approx(np.sqrt(2 * (1 - cosine)), rel=1e-12)


def test_angles_that_are_off_in_opposite_directions_cancel():
    f, g = np.array([90.0, 100, 160, 170]), np.array([110.0, 80, 160, 170])

    assert relative_angle_distance(f, g) == pytest.approx((-0.2 + 2 / 9) / 4)
    assert round(seed_score(relative_angle_distance(f, g))) == 99
    assert relative_angle_distance(np.array([0.5]), np.array([-0.4])) == pytest.approx(18)


def test_a_pose_turned_round_has_its_angles_but_not_its_coordinates():
    # A person in profile, 0.4 torso lengths off the plane of symmetry of the mirror.
    pose = normalised(WHOLE).keypoints[30] + np.array([0.4, 0])
    mirrored = pose * [-1, 1]

    assert seed_angle_scores(pose, mirrored, COCO_17) == pytest.approx(100)
    assert angle_scores(pose, mirrored, COCO_17) == pytest.approx(100)
    assert seed_cosine_scores(pose, mirrored, COCO_17) < 42
    assert cosine_scores(pose, mirrored, COCO_17) < 80


def test_raw_coordinates_do_not_see_a_squat_and_centred_ones_do():
    hips = [COCO_17.keypoint_names.index(f"{side}_hip") for side in ("left", "right")]
    standing, deep = (pose - pose[hips].mean(axis=0) for pose in (STANDING, DEEP))

    assert seed_cosine_scores(STANDING, DEEP, COCO_17) > 80
    assert seed_cosine_scores(standing, deep, COCO_17) < 70


def test_opposite_coordinates_are_minus_hundred_or_zero():
    pose = normalised(WHOLE).keypoints[0]

    assert seed_cosine_scores(pose, -pose, COCO_17) == pytest.approx(-100)
    assert cosine_scores(pose, -pose, COCO_17) == pytest.approx(0)
    assert seed_cosine_scores(pose, pose, COCO_17) == cosine_scores(pose, pose, COCO_17) == 100


def test_angles_by_hand():
    # A left elbow bent at a right angle, a knee straight, a hip at 135 degrees.
    points = np.full((17, 2), np.nan)
    for name, place in {
        "left_shoulder": (0, 0), "left_elbow": (1, 0), "left_wrist": (1, 2),
        "left_hip": (0, 2), "left_knee": (1, 3), "left_ankle": (3, 5),
    }.items():  # fmt: skip
        points[COCO_17.keypoint_names.index(name)] = place
    found = dict(zip(MAIN_ANGLES, np.rad2deg(main_angles_rad(points, COCO_17)), strict=True))

    assert found["left_elbow"] == pytest.approx(90)
    assert found["left_shoulder"] == pytest.approx(90)
    assert found["left_hip"] == pytest.approx(135)
    assert found["left_knee"] == 180
    assert all(np.isnan(angle) for name, angle in found.items() if name.startswith("right"))


@pytest.mark.parametrize("convention", [COCO_17, MEDIAPIPE_33, SMPL_22])
def test_angles_in_space_agree_with_geometry_and_do_not_turn_with_the_person(convention):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(5, len(convention.keypoint_names), 3))
    at = convention.keypoint_names.index
    expected = [
        angle_between(points[:, at(a)] - points[:, at(b)], points[:, at(c)] - points[:, at(b)])
        for a, b, c in MAIN_ANGLES.values()
    ]
    turned = points @ Rotation.random(rng=rng).as_matrix().T * 3 + [1, 2, 3]

    np.testing.assert_allclose(main_angles_rad(points, convention), np.stack(expected, 1))
    np.testing.assert_allclose(main_angles_rad(turned, convention), np.stack(expected, 1))


def test_points_that_fall_together_have_no_angle():
    assert np.isnan(main_angles_rad(np.zeros((17, 2)), COCO_17)).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_reference_itself_gets_full_marks(name):
    good = [squat(), squat(depth=0.9)]

    assert load_scorer(name).fit(good).score(squat()).score == pytest.approx(100)


@pytest.mark.parametrize("name", NAMES)
def test_the_most_alike_counts(name):
    shallow, few = squat(depth=0.5), load_scorer(name).fit([squat(depth=0.5)])
    many = load_scorer(name).fit([squat(), shallow, squat(depth=0.8)])

    assert many.score(shallow).score == pytest.approx(100)
    assert many.score(squat(depth=0.55)) == few.score(squat(depth=0.55))


@pytest.mark.parametrize("name", NAMES)
def test_a_hidden_wrist_is_left_out_on_either_side(name):
    hidden = squat(hidden="left_wrist")

    assert load_scorer(name).fit([squat()]).score(hidden).score == pytest.approx(100)
    assert load_scorer(name).fit([hidden]).score(squat()).score == pytest.approx(100)


def test_scores_below_zero_become_zero():
    fitted = load_scorer("seed-cosine").fit([squat()])
    opposite = replace(squat(), keypoints=-squat().keypoints)

    assert fitted.score(opposite).score == 0


def test_only_seed_cosine_minds_where_the_person_stands():
    moved = replace(squat(depth=0.7), keypoints=squat(depth=0.7).keypoints + np.array([300, 0]))
    changes = {
        name: fitted.score(moved).score - fitted.score(squat(depth=0.7)).score
        for name in NAMES
        for fitted in [load_scorer(name).fit([squat()])]
    }

    assert abs(changes.pop("seed-cosine")) > 5
    assert all(abs(change) < 1e-9 for change in changes.values())
