"""The exercise is found by people whom the library does not hold, seen from anywhere and badly."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from motions.conventions import MEDIAPIPE_33
from motions.errors import FormbenchError
from motions.library import exercise
from scoring.poses import PoseSequence
from scoring.recognition import GUESSED, features, good_sets, guesses
from scoring.sample import squat


def seen_badly(sequence: PoseSequence, rng: np.random.Generator) -> PoseSequence:
    """The same set by a child who faces anywhere, every point 4 cm off on its own."""
    turn = Rotation.from_euler("z", rng.uniform(0, 360), degrees=True).as_matrix()
    points = 0.6 * sequence.keypoints @ turn.T + [1.0, 2.0, 0.3]
    return replace(sequence, keypoints=points + rng.normal(0, 0.04, points.shape))


def test_every_exercise_is_found_whoever_does_it() -> None:
    rng = np.random.default_rng(0)
    sets = [one for name in GUESSED for one in good_sets(name, n_people=2, first=100)]
    found = [guesses(seen_badly(one, rng))[0].exercise for one in sets]
    right = [name == one.exercise for name, one in zip(found, sets, strict=True)]
    assert np.mean(right) >= 0.9, [
        (one.exercise, name) for name, one in zip(found, sets, strict=True)
    ]


def test_a_person_of_the_library_is_no_distance_from_themselves() -> None:
    found = guesses(good_sets("lunge", n_people=1)[0])
    assert found[0] == ("lunge", pytest.approx(0))
    assert [guess.distance for guess in found] == sorted(guess.distance for guess in found)
    assert {guess.exercise for guess in found} == set(GUESSED)


def test_where_the_person_stands_and_faces_and_how_tall_they_are_does_not_count() -> None:
    one = good_sets("deadlift", 1)[0]
    turn = Rotation.from_euler("z", 50, degrees=True).as_matrix()
    moved = replace(one, keypoints=1.3 * one.keypoints @ turn.T + [3.0, -1.0, 0.5])
    np.testing.assert_allclose(features(moved), features(one), atol=1e-9)


def test_sets_are_the_librarys_own() -> None:
    one, again, other = *good_sets("squat", 2), good_sets("squat", 1, first=1)[0]
    np.testing.assert_array_equal(again.keypoints, other.keypoints)
    assert one.exercise == "squat"
    deepest = np.rad2deg(np.pi - features(one)[3])
    knee = exercise("squat").good_deg["knee_flexion"]
    assert knee.low - 15 < deepest < knee.high + 15


def test_other_conventions_are_read_by_name() -> None:
    coco = good_sets("squat", 1)[0]
    points = np.full((coco.n_frames, 33, 3), np.nan)
    for k, name in enumerate(MEDIAPIPE_33.keypoint_names):
        if name in coco.convention.keypoint_names:
            points[:, k] = coco.at(name)
    seen = replace(
        coco, keypoints=points, confidence=~np.isnan(points[..., 0]), convention_name="mediapipe33"
    )
    assert guesses(seen) == guesses(coco)


def test_points_in_an_image_and_limbs_never_seen_are_refused() -> None:
    with pytest.raises(FormbenchError, match="expected points in space, got px"):
        guesses(squat())
    one = good_sets("squat", 1)[0]
    points = one.keypoints.copy()
    points[:, one.convention.keypoint_names.index("left_ankle")] = np.nan
    hidden = replace(one, keypoints=points, confidence=~np.isnan(points[..., 0]))
    with pytest.raises(FormbenchError, match="expected to see every limb at least once"):
        guesses(hidden)
