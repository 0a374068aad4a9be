from dataclasses import replace

import numpy as np
import pytest

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from scoring.learning.examples import from_anywhere, seen_by, takes_of, truly
from scoring.learning.lifter import (
    FPS,
    RECEPTIVE_FRAMES,
    SPEC,
    Lifter,
    features,
    in_camera,
    measured_mm,
    mpjpe_mm,
    read_lifter,
    stature,
    train,
    unlabelled_inputs,
)
from scoring.learning.model_file import write_model
from scoring.learning.network import Network
from scoring.learning.reprojection import disagreement, mean_lengths
from scoring.poses import from_clip
from simulator.cameras.camera import Camera, look_at

AT = COCO_17.keypoint_names.index


def takes(make_clip, subjects):
    class Dataset:
        folder = "made up"

        def clips(self):
            return [make_clip(subject_id=name, n_reps=4) for name in subjects]

    return takes_of(Dataset())


@pytest.fixture(scope="module")
def model(make_clip):
    return train(takes(make_clip, "abcdefghij"), "ab" * 32, epochs=30)


@pytest.fixture(scope="module")
def lifter(model):
    return Lifter(model)


@pytest.fixture(scope="module")
def poses(make_clip):
    return takes(make_clip, "z")[0].poses


@pytest.fixture
def camera():
    return Camera("c", 640, 480, 500.0, look_at(np.array([0, -3.0, 0.9]), np.array([0, 0, 0.9])))


def test_it_learns_to_see_depth_from_cameras_that_it_never_saw(lifter, make_clip):
    rng = np.random.default_rng(9)
    unseen = takes(make_clip, "zyxw")
    flat = []
    for take in unseen:
        camera = from_anywhere(take.poses, truly, rng)[1]
        true = in_camera(take.poses, camera)
        # What a lifter without depth gives: the truth, but all points as far as the hips.
        flat.append(mpjpe_mm(replace(true, keypoints=true.keypoints * (1, 0, 1)), true))

    found_mm = measured_mm(lifter, unseen, truly, np.random.default_rng(9))

    assert found_mm < 0.8 * np.mean(flat)


def test_a_model_says_how_far_off_it_is(model):
    assert (model.kind, model.convention_name) == ("lifter", "coco17")
    assert 0 < model.metrics["mpjpe_truth_mm"] < 300
    # Without noise what is seen is the truth.
    assert model.metrics["mpjpe_seen_mm"] == pytest.approx(model.metrics["mpjpe_truth_mm"], rel=0.5)


def test_recordings_without_truth_change_what_is_learnt(make_clip):
    known, rng = takes(make_clip, "abc"), np.random.default_rng(4)
    strangers = [from_anywhere(take.poses, truly, rng)[0] for take in takes(make_clip, "cdef")]
    pieces = unlabelled_inputs(strangers, 640, 480)

    without, with_them, again = (
        train(known, "ab" * 32, unlabelled=given, epochs=40) for given in ((), pieces, pieces)
    )

    loss = disagreement(mean_lengths([take.poses.keypoints for take in known]))
    there = np.ones((1, len(pieces[0]), 1), dtype=bool)
    off = [
        float(
            loss(Network(SPEC, model.weights).predict(pieces[:1])[0][None], pieces[0][None], there)
        )
        for model in (without, with_them)
    ]
    assert off[1] < 0.9 * off[0]
    np.testing.assert_array_equal(with_them.weights["into.weight"], again.weights["into.weight"])


def test_recordings_are_cut_to_pieces_at_the_rate_of_the_network(poses, camera):
    seen = seen_by(camera, poses)
    long = replace(
        seen,
        keypoints=np.resize(seen.keypoints, (150, 17, 2)),
        confidence=np.ones((150, 17)),
        fps=FPS,
    )

    pieces = unlabelled_inputs([long, replace(long, fps=2 * FPS)], 640, 480)

    assert [len(piece) for piece in pieces] == [64, 64, 22, 64, 11]
    with pytest.raises(FormbenchError, match="expected image points in pixels, got 3"):
        unlabelled_inputs([poses], 640, 480)


def test_a_model_on_disk_lifts_the_same(model, lifter, poses, camera, tmp_path):
    write_model(model, tmp_path / "model")
    seen = seen_by(camera, poses)

    again = read_lifter(tmp_path / "model").lift(seen, 640, 480)

    np.testing.assert_array_equal(again.keypoints, lifter.lift(seen, 640, 480).keypoints)


def test_lengths_follow_a_stature_that_is_told(lifter, poses, camera):
    seen = seen_by(camera, poses)

    tall, short = (lifter.lift(seen, 640, 480, stature_m).keypoints for stature_m in (2.0, 1.5))

    assert stature(tall) == pytest.approx(2.0)
    np.testing.assert_allclose(tall, short * 2.0 / 1.5)


def test_a_higher_rate_is_lifted_frame_by_frame(lifter, poses, camera):
    seen = seen_by(camera, poses)
    thrice = replace(
        seen,
        keypoints=np.repeat(seen.keypoints, 3, axis=0),
        confidence=np.repeat(seen.confidence, 3, axis=0),
        fps=3 * FPS,
    )

    once = lifter.lift(seen, 640, 480).keypoints
    np.testing.assert_allclose(
        lifter.lift(thrice, 640, 480).keypoints, np.repeat(once, 3, axis=0), atol=1e-5
    )


def test_a_frame_follows_from_the_frames_around_it_and_no_others(lifter, poses, camera):
    assert RECEPTIVE_FRAMES >= 27
    given = features(seen_by(camera, poses), 640, 480)
    middle, reach = len(given) // 2, RECEPTIVE_FRAMES // 2
    changed = given.copy()
    changed[: middle - reach] = 0
    changed[middle + reach + 1 :] = 0
    nearer = given.copy()
    nearer[middle + reach] += np.random.default_rng(0).normal(0, 100, SPEC.n_inputs)
    nearer[middle - reach] = nearer[middle + reach]

    before, after, moved = lifter._network.predict([given, changed, nearer])

    # All that is left of the farthest frame's part is small, but more than rounding.
    np.testing.assert_allclose(before[middle], after[middle], atol=1e-6)
    assert np.abs(before[middle] - moved[middle]).max() > 1e-5


def test_points_that_were_not_seen_are_guessed_and_frames_of_nobody_are_missing(
    lifter, poses, camera
):
    seen = seen_by(camera, poses)
    points, confidence = seen.keypoints.copy(), seen.confidence.copy()
    points[:, AT("left_wrist")], confidence[:, AT("left_wrist")] = np.nan, 0
    points[7], confidence[7] = np.nan, 0

    found = lifter.lift(replace(seen, keypoints=points, confidence=confidence), 640, 480)

    assert np.flatnonzero(found.missing.any(axis=1)).tolist() == [7]
    assert found.missing[7].all()
    assert (found.confidence[:, AT("left_wrist")] == 0).all()
    assert (found.unit, found.source) == ("m", "lifted truth")


def test_features_tell_pose_place_and_size_apart(poses, camera):
    seen = seen_by(camera, poses)
    far = replace(seen, keypoints=(seen.keypoints - (320, 240)) / 2 + (320, 240))
    aside = replace(seen, keypoints=seen.keypoints + np.array([80, 0]))

    near, smaller, moved = (features(one, 640, 480) for one in (seen, far, aside))

    assert near.shape == (poses.n_frames, SPEC.n_inputs)
    np.testing.assert_allclose(smaller[:, :51], near[:, :51])
    np.testing.assert_allclose(smaller[:, 51:], near[:, 51:] / 2)
    np.testing.assert_allclose(moved[:, :51], near[:, :51])
    # 80 pixels of a diagonal of 800.
    np.testing.assert_allclose(moved[:, 51:], near[:, 51:] + (0.1, 0, 0))


def test_the_truth_along_a_level_cameras_axes(poses, camera):
    true = in_camera(poses, camera)

    # From in front the person's left is to the picture's right, and their nose is nearer.
    assert true.at("left_hip")[0, 0] == pytest.approx(0.09)
    assert true.at("nose")[0, 1] < -0.05
    assert true.at("nose")[0, 2] == pytest.approx(
        poses.at("nose")[0, 2] - poses.at("left_hip")[0, 2]
    )


def test_the_error_is_the_mean_distance_without_the_place(poses, camera):
    true = in_camera(poses, camera)
    off = true.keypoints + 5.0
    off[:, AT("nose"), 1] += 0.017

    assert mpjpe_mm(replace(true, keypoints=off), true) == pytest.approx(1.0)


def test_stature_is_what_shins_thighs_and_trunk_say(poses):
    # 0.40 + 0.40 and a trunk, over their share of a height.
    hips, shoulders = (poses.at(f"left_{name}")[0] for name in ("hip", "shoulder"))
    trunk_m = np.linalg.norm(shoulders - hips)

    assert stature(poses.keypoints[:1]) == pytest.approx((0.8 + trunk_m) / 0.742)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda clip, seen, poses: poses, "image points in pixels, got 3 coordinates in m"),
        (lambda clip, seen, poses: from_clip(clip, "front", "smpl22"), "smpl22 has no nose"),
        (
            lambda clip, seen, poses: replace(
                seen,
                keypoints=np.full_like(seen.keypoints, np.nan),
                confidence=np.zeros_like(seen.confidence),
            ),
            "a frame with both hips, found none",
        ),
    ],
)
def test_what_cannot_be_lifted_is_refused(lifter, make_clip, poses, camera, spoil, message):
    with pytest.raises(FormbenchError, match=message):
        lifter.lift(spoil(make_clip(), seen_by(camera, poses), poses), 640, 480)
