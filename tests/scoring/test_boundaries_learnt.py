from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.motion import Span
from scoring.learning.boundaries import (
    FPS,
    KIND,
    POINTS,
    SPECS,
    Boundaries,
    features,
    in_image,
    read_boundaries,
    targets,
    train,
)
from scoring.learning.decoding import decode
from scoring.learning.examples import in_convention, seen_by, takes_of
from scoring.learning.idling import surrounded
from scoring.learning.live_boundaries import DELAY_S, LiveBoundaries
from scoring.learning.model_file import write_model
from scoring.learning.network import fit
from scoring.poses import from_clip


def rested(take):
    """Put a rest of a second before, between and after a take's repetitions."""
    points, reps, pieces = take.poses.keypoints, [], []
    still = np.repeat(points[:1], 10, axis=0)
    for number, rep in enumerate(take.reps):
        pieces += [still, points[rep.frames(take.poses.fps, len(points))]]
        reps.append(Span(1.0 + 2 * number, 2.0 + 2 * number))
    found = np.concatenate([*pieces, still])
    poses = replace(take.poses, keypoints=found, confidence=np.ones(found.shape[:2]))
    return replace(take, poses=poses, reps=tuple(reps))


def takes(make_clip, subjects, n_reps=3):
    class Dataset:
        folder = "made up"

        def clips(self):
            return [make_clip(subject_id=name, n_reps=n_reps) for name in subjects]

    return [rested(take) for take in takes_of(Dataset())]


@pytest.fixture(scope="module")
def model(make_clip):
    return train(takes(make_clip, "abcdefghijklmnop"), "ab" * 32, seed=1, epochs=25)


@pytest.fixture(scope="module")
def unseen(make_clip):
    (take,) = takes(make_clip, "z", n_reps=5)
    return take


def near(found, reps, tolerance_s=0.2):
    return len(found) == len(reps) and all(
        abs(f.start_s - r.start_s) <= tolerance_s and abs(f.end_s - r.end_s) <= tolerance_s
        for f, r in zip(found, reps, strict=True)
    )


def test_repetitions_are_found_from_either_side_and_in_space(model, unseen, make_clip):
    finder = Boundaries(model)

    for view in make_clip().views:
        assert near(finder.find(seen_by(view.camera, unseen.poses)), unseen.reps)
    assert near(finder.find(unseen.poses), unseen.reps)


def test_where_somebody_only_stands_and_walks_about_no_repetition_is_found(
    model, unseen, make_clip
):
    camera = make_clip().views[0].camera
    finder, nothing = Boundaries(model), replace(unseen, reps=())
    seen = [
        seen_by(camera, surrounded(nothing, np.random.default_rng(seed)).poses)
        for seed in range(20)
    ]

    found = finder.find_all(seen)

    assert sum(map(len, found)) <= 2


def test_frames_come_at_another_rate_and_points_in_another_convention(model, unseen, make_clip):
    # A clip's own squats follow each other at once; the first and the last are told all the same.
    clip = make_clip(n_reps=5)
    finder = Boundaries(model)

    coco, whole = (from_clip(clip, "front", name) for name in ("coco17", "mediapipe33"))
    assert finder.find(whole) == finder.find(in_convention(whole, "coco17")) == finder.find(coco)

    seen = seen_by(clip.views[0].camera, unseen.poses)
    twice = replace(
        seen,
        keypoints=np.repeat(seen.keypoints, 2, axis=0),
        confidence=np.repeat(seen.confidence, 2, axis=0),
        fps=2 * seen.fps,
    )
    assert near(finder.find(twice), unseen.reps)


def test_a_model_on_disk_finds_the_same(model, unseen, tmp_path):
    write_model(model, tmp_path / "model")

    again = read_boundaries(tmp_path / "model")

    assert again.find(unseen.poses) == Boundaries(model).find(unseen.poses)


def test_a_model_says_what_it_learnt_from_and_how_well_it_did(model):
    assert (model.kind, model.data_sha256) == (KIND, "ab" * 32)
    assert model.metrics["boundary_f1_0.2_s"] > 0.7
    assert 0 <= model.metrics["exact_count"] <= 1


def test_finished_repetitions_are_given_live_once_and_in_time(model, unseen, make_clip):
    seen = seen_by(make_clip().views[0].camera, unseen.poses)
    live = LiveBoundaries(Boundaries(model).find, "coco17", seen.fps)

    given = []
    for frame, (points, confidence) in enumerate(zip(seen.keypoints, seen.confidence, strict=True)):
        for span in live.push(points, confidence):
            now_s = (frame + 1) / seen.fps
            assert now_s - span.end_s <= DELAY_S + 1 / seen.fps
            given.append(span)
    given += live.finish()

    assert near(given, unseen.reps)


def test_live_nothing_is_given_twice_or_before_it_is_settled(unseen):
    # Stands in for a network: sees every repetition at once when it has ended.
    seen = unseen.poses

    def find(sequence):
        return tuple(r for r in unseen.reps if r.end_s <= sequence.duration_s)

    live = LiveBoundaries(find, "coco17", seen.fps)
    when_s = {}
    for frame in range(seen.n_frames):
        for span in live.push(seen.keypoints[frame], seen.confidence[frame]):
            assert span not in when_s
            when_s[span] = (frame + 1) / seen.fps
    assert list(when_s) == list(unseen.reps)
    assert all(0.8 - 1e-9 <= now_s - span.end_s <= DELAY_S + 1e-9 for span, now_s in when_s.items())
    assert live.finish() == ()


def test_live_before_anybody_is_seen_nothing_is_given():
    live = LiveBoundaries(lambda sequence: 1 / 0, "coco17", 10.0)

    for _ in range(10):
        assert live.push(np.full((17, 2), np.nan), np.zeros(17)) == ()
    assert live.finish() == ()


def test_a_network_stays_small():
    for spec in SPECS.values():
        inputs, wanted = [np.zeros((4, spec.n_inputs))], [np.zeros((4, spec.n_outputs))]
        network = fit(spec, inputs, wanted, seed=0, epochs=1).network
        assert network.n_parameters < 60_000


def test_features_do_not_depend_on_place_size_or_distance(unseen, make_clip):
    seen = seen_by(make_clip().views[0].camera, unseen.poses)
    moved = replace(seen, keypoints=3 * seen.keypoints + (50, -20))

    np.testing.assert_allclose(features(moved), features(seen), atol=1e-9)
    assert features(seen).shape == (seen.n_frames, SPECS["conv"].n_inputs)


def test_features_of_a_missing_point_are_zero_and_say_so(unseen, make_clip):
    seen = seen_by(make_clip().views[0].camera, unseen.poses)
    points, confidence = seen.keypoints.copy(), seen.confidence.copy()
    wrist = seen.convention.keypoint_names.index("left_wrist")
    points[:, wrist], confidence[:, wrist] = np.nan, 0
    place = POINTS.index("left_wrist")

    found = features(replace(seen, keypoints=points, confidence=confidence))

    assert (found[:, 2 * place : 2 * place + 2] == 0).all()
    assert (found[:, 24 + place] == 0).all()
    assert (np.delete(found[:, 24:36], place, axis=1) == 1).all()


def test_points_in_space_are_seen_obliquely_from_the_front(unseen):
    seen = in_image(unseen.poses)

    # The left hip is to the picture's right, by the width of the hips at 45 degrees.
    hips = seen.at("left_hip") - seen.at("right_hip")
    true = unseen.poses.at("left_hip") - unseen.poses.at("right_hip")
    np.testing.assert_allclose(hips[0, 0], np.linalg.norm(true[0, :2]) * np.sqrt(0.5), rtol=0.05)
    np.testing.assert_allclose(hips[0, 1], 0, atol=1e-9)
    # What is in front of the person is to the picture's left.
    assert seen.at("nose")[0, 0] < (seen.at("left_hip") + seen.at("right_hip"))[0, 0] / 2


def test_targets_are_highest_where_a_repetition_begins_and_ends():
    wanted = targets(np.array([[1.0, 2.0], [-0.5, 0.24]]), 40)

    assert wanted[10].tolist() == pytest.approx([1, 0, 1], abs=1e-6)
    assert wanted[20].tolist() == pytest.approx([0, 1, 0], abs=1e-6)
    assert wanted[2, 1] == pytest.approx(np.exp(-((0.04 / 0.12) ** 2) / 2))
    assert np.flatnonzero(wanted[:, 2]).tolist() == [0, 1, 2, *range(10, 20)]


@pytest.mark.parametrize(
    "reps",
    [
        [],
        [Span(1.0, 2.0)],
        [Span(1.0, 2.0), Span(2.0, 3.03), Span(4.57, 5.21)],
        [Span(0.44, 1.3), Span(1.34, 2.2), Span(2.21, 3.0)],
    ],
)
def test_what_networks_learn_is_decoded_to_what_it_was_made_from(reps):
    curves = targets(np.array([(r.start_s, r.end_s) for r in reps]).reshape(-1, 2), 70)

    assert near(decode(np.clip(curves, 0.001, 0.999), FPS), reps, 0.02)


def test_weak_peaks_make_no_repetition():
    reps_s = np.array([[1.0, 2.0]])

    assert decode(0.15 * targets(reps_s, 40) + 0.01, FPS) == ()
    assert len(decode(0.9 * targets(reps_s, 40) + 0.01, FPS)) == 1


def test_a_repetition_that_is_too_short_is_none():
    assert decode(np.clip(targets(np.array([[1.0, 1.3]]), 40), 0.001, 0.999), FPS) == ()


def test_of_two_starts_the_one_that_repetition_is_under_way_after_counts():
    curves = targets(np.array([[2.0, 3.0]]), 50)
    curves[5, 0] = 1.0  # somebody nearly began, at 0.5 s

    assert near(decode(np.clip(curves, 0.01, 0.99), FPS), [Span(2.0, 3.0)], 0.02)


def test_another_kind_of_network_is_refused(unseen):
    with pytest.raises(FormbenchError, match="kind of network: no 'transformer'"):
        train([unseen], "00", kind="transformer")
