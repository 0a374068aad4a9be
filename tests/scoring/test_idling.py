import numpy as np
import pytest

from motions.conventions import COCO_17
from scoring.learning.examples import takes_of
from scoring.learning.idling import surrounded


@pytest.fixture
def take(make_clip):
    class Dataset:
        folder = "made up"

        def clips(self):
            return [make_clip(n_reps=4)]

    return takes_of(Dataset())[0]


@pytest.fixture
def many(take):
    return [surrounded(take, np.random.default_rng(seed)) for seed in range(60)]


def test_the_same_seed_gives_the_same_take(take):
    first, again = (surrounded(take, np.random.default_rng(3)) for _ in range(2))

    np.testing.assert_array_equal(first.poses.keypoints, again.poses.keypoints)
    assert first.reps == again.reps


def test_every_repetition_is_one_of_the_take_to_the_bit(take, many):
    fps = take.poses.fps
    own = [take.poses.keypoints[s.frames(fps, take.poses.n_frames)] for s in take.reps]

    n_found = 0
    for one in many:
        for rep in one.reps:
            # Ends are shifted by whole frames, so nothing but rounding can be off.
            frames = slice(round(rep.start_s * fps), round(rep.end_s * fps))
            found = one.poses.keypoints[frames]
            assert any(found.shape == o.shape and (found == o).all() for o in own)
            n_found += 1
    assert n_found > 60


def test_there_are_recordings_of_none_of_some_and_of_all(many):
    counts = [len(one.reps) for one in many]

    assert {0, 1, 2, 3, 4} == set(counts)
    assert counts.count(4) > counts.count(0)


def test_repetitions_are_in_order_and_within_the_recording(many):
    for one in many:
        ends_s = [0.0, *(t for rep in one.reps for t in (rep.start_s, rep.end_s))]
        assert ends_s == sorted(ends_s)
        assert ends_s[-1] <= one.poses.duration_s + 1e-9


def test_what_is_around_is_not_still_and_bones_keep_their_length(take, many):
    at = COCO_17.keypoint_names.index
    thigh = [at("left_hip"), at("left_knee")]

    def lengths(poses):
        a, b = (poses.keypoints[:, k] for k in thigh)
        return np.linalg.norm(a - b, axis=1)

    true = lengths(take.poses)
    around = [one for one in many if one.poses.n_frames > take.poses.n_frames + 20]
    moved_m = []
    for one in around:
        found = lengths(one.poses)
        assert np.abs(found - np.median(true)).max() < 0.05 * np.median(true)
        inside = np.zeros(one.poses.n_frames, dtype=bool)
        for rep in one.reps:
            inside[rep.frames(one.poses.fps, len(inside))] = True
        moved_m.append(np.ptp(one.poses.keypoints[~inside], axis=0).max())
    assert len(moved_m) > 10
    assert np.median(moved_m) > 0.3


def test_nobody_jumps_from_one_frame_to_the_next(many):
    for one in many:
        steps_m = np.linalg.norm(np.diff(one.poses.keypoints, axis=0), axis=2)
        assert steps_m.max() < 1.0  # 10 m/s, at 10 frames/s
