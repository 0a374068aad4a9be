from dataclasses import replace

import numpy as np
import pytest

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from scoring.learning.examples import (
    at_rate,
    from_anywhere,
    in_convention,
    mirrored,
    seen_by,
    takes_of,
    truly,
    virtual_camera,
)
from scoring.poses import PoseSequence, from_clip


class Made:
    """A dataset of clips in memory."""

    folder = "made up"

    def __init__(self, *clips):
        self.clips = lambda: clips


def test_a_take_is_what_is_true_in_space(make_clip):
    clip = make_clip(n_reps=2)
    (take,) = takes_of(Made(clip))

    np.testing.assert_array_equal(take.poses.keypoints, clip.keypoints_world_m["coco17"])
    assert (take.reps, take.poses.unit) == (clip.reps, "m")
    assert (take.poses.person, take.poses.exercise) == (clip.subject_id, clip.exercise)


def test_clips_without_truth_in_space_give_no_take(make_clip):
    with pytest.raises(FormbenchError, match="made up: expected simulated clips"):
        takes_of(Made(replace(make_clip(), keypoints_world_m={})))


def test_a_camera_of_a_clip_sees_what_the_clip_says_it_sees(make_clip):
    clip = make_clip(distance_m=1.0)  # near enough that points lie outside
    (take,) = takes_of(Made(clip))

    for view in clip.views:
        seen, wanted = seen_by(view.camera, take.poses), from_clip(clip, view.camera.name, "coco17")
        np.testing.assert_allclose(seen.keypoints, wanted.keypoints, atol=1e-9)
        np.testing.assert_array_equal(seen.confidence, wanted.confidence)
        assert seen.missing.any()


def test_virtual_cameras_stand_all_around_and_look_at_the_person(make_clip):
    (take,) = takes_of(Made(make_clip()))
    rng = np.random.default_rng(0)
    cameras = [virtual_camera(take.poses.keypoints, rng) for _ in range(200)]

    middle_m = np.array([0, 0, take.poses.keypoints[..., 2].mean()])
    away_m = np.stack([camera.position_m - middle_m for camera in cameras])
    sides = np.floor(np.degrees(np.arctan2(away_m[:, 0], -away_m[:, 1])) / 45)
    seen = [~seen_by(camera, take.poses).missing for camera in cameras]

    assert set(sides) == set(range(-4, 4))
    assert np.linalg.norm(away_m, axis=1).min() > 1.5
    assert away_m[:, 2].min() < -0.1 and away_m[:, 2].max() > 1.5
    assert np.mean([one.mean() for one in seen]) > 0.85


def test_somebody_who_is_not_seen_is_told(make_clip):
    (take,) = takes_of(Made(make_clip()))

    def blind(camera, poses, rng):
        seen = truly(camera, poses, rng)
        hidden = np.zeros_like(seen.confidence)
        return replace(seen, keypoints=np.full_like(seen.keypoints, np.nan), confidence=hidden)

    with pytest.raises(FormbenchError, match="shoulders of ada half of the time"):
        from_anywhere(take.poses, blind, np.random.default_rng(0))


def line(fps=30.0, n_frames=31, missing=()):
    """Every point at u = 30 t, v = 0."""
    points = np.zeros((n_frames, 17, 2))
    points[..., 0] = 30 * np.arange(n_frames)[:, None] / fps
    points[list(missing)] = np.nan
    return PoseSequence(points, ~np.isnan(points[..., 0]), "coco17", fps, "made up")


@pytest.mark.parametrize("fps", [10.0, 7.0, 29.97, 60.0])
def test_another_rate_shows_the_same_movement(fps):
    found = at_rate(line(), fps)

    assert found.n_frames == int(fps) + 1
    np.testing.assert_allclose(found.keypoints, line(fps, found.n_frames).keypoints, atol=1e-9)


def test_the_same_rate_is_the_same_sequence():
    sequence = line()

    assert at_rate(sequence, 30.0) is sequence


def test_between_a_seen_and_a_missing_frame_a_point_is_missing():
    found = at_rate(line(fps=15.0, n_frames=16, missing=[4]), 10.0)

    # Frames 2 and 3 lie at 3.0 and 4.5; frame 3 mixes 4 and 5.
    assert found.missing[:, 0].tolist() == [False] * 3 + [True] + [False] * 7


def test_points_are_found_by_name(make_clip):
    clip = make_clip()
    whole, wanted = (from_clip(clip, "front", name) for name in ("mediapipe33", "coco17"))

    found = in_convention(whole, "coco17")

    np.testing.assert_array_equal(found.keypoints, wanted.keypoints)
    assert found.convention_name == "coco17"
    with pytest.raises(FormbenchError, match="smpl22 has no nose, left_eye"):
        in_convention(from_clip(clip, "front", "smpl22"), "coco17")


def test_a_mirror_exchanges_left_and_right():
    sequence = line()
    points = sequence.keypoints.copy()
    points[:, COCO_17.keypoint_names.index("left_wrist")] += (5, 7)
    sequence = replace(sequence, keypoints=points)

    found = mirrored(sequence)

    np.testing.assert_array_equal(found.at("right_wrist"), sequence.at("left_wrist") * (-1, 1))
    np.testing.assert_array_equal(mirrored(found).keypoints, sequence.keypoints)
