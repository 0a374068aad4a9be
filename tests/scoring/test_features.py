"""Features: read off a squat that was made by hand, and what does not change them."""

from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from scoring.methods.features import aspect, features
from scoring.poses import PoseSequence, cut
from scoring.sample import missing_person, squat


def in_space(clip, convention_name="smpl22"):
    """The first repetition of a clip as points in the world."""
    points = clip.joints_world_m
    whole = PoseSequence(
        points, np.ones(points.shape[:2]), convention_name, clip.fps, "truth", unit="m",
        exercise="squat",
    )  # fmt: skip
    return cut(whole, clip.reps[0])


def turned(sequence, angle_rad, scale=1.0, shift=(0.0, 0.0, 0.0)):
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    turn = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    return replace(sequence, keypoints=scale * sequence.keypoints @ turn + shift)


def test_a_shallow_squat_bends_the_knees_less_and_sinks_less():
    deep, shallow = features(squat()), features(squat(depth=0.5))

    assert deep["left_knee_angle.least"] < shallow["left_knee_angle.least"] < np.pi
    # The hips sink by 98 px of a torso of 120 px, and by half of it.
    assert deep["mid_hip_moved_up.far"] == pytest.approx(-98 / 120, abs=0.06)
    assert shallow["mid_hip_moved_up.far"] == pytest.approx(-49 / 120, abs=0.03)
    assert deep["between_ankles_right.start"] == pytest.approx(64 / 120)


def test_the_knee_flexion_in_space_is_that_of_the_clip(make_clip):
    # The clip bends by 1 rad, its knees by two; between its frames at 10 fps the peak is smoothed.
    found = features(in_space(make_clip()))

    assert found["knee_flexion.greatest"] == pytest.approx(2.0, abs=0.1)
    assert found["left_knee_angle.least"] == pytest.approx(np.pi - 2.0, abs=0.1)
    assert found["between_ankles_left.start"] > 0
    assert found["between_ankles_back.start"] == pytest.approx(0, abs=1e-9)


def test_neither_place_nor_size_nor_facing_changes_them(make_clip):
    sequence = in_space(make_clip())
    before = features(sequence)
    after = features(turned(sequence, 2.0, scale=1.3, shift=(3.0, -1.0, 0.0)))

    assert list(after) == list(before)
    measures = [name for name in before if name.split(".")[0] + "_rad" != name]
    np.testing.assert_allclose(
        [after[name] for name in measures], [before[name] for name in measures], atol=1e-6
    )


def test_a_point_that_is_not_seen_leaves_its_curves_out_and_no_other():
    hidden = features(squat(hidden="left_wrist"))
    lost = {name.split(".")[0] for name, value in hidden.items() if np.isnan(value)}

    assert {"left_forearm_up", "left_elbow_angle", "between_wrists_up"} <= lost
    assert not {"left_thigh_up", "right_forearm_up", "trunk_up"} & lost
    assert list(hidden) == list(features(squat()))


def test_from_the_front_a_person_is_wide_and_from_the_back_the_other_way_round():
    front = squat()
    behind = replace(front, keypoints=front.keypoints * (-1, 1) + (640, 0))

    assert aspect(front)[0] == pytest.approx(90 / 120)
    assert aspect(behind)[0] == pytest.approx(-90 / 120)
    assert aspect(front)[2] == pytest.approx(0)


def test_a_pause_and_a_bounce_are_seen_in_the_way_that_is_gone():
    smooth = squat(duration_s=2.0)
    stopped = np.concatenate([np.arange(20), np.full(30, 20), np.arange(20, 60)])
    again = np.concatenate([np.arange(30), np.arange(30, 15, -1), np.arange(15, 60)])
    paused, bounced = (
        replace(smooth, keypoints=smooth.keypoints[at], confidence=smooth.confidence[at])
        for at in (stopped, again)
    )

    assert features(smooth)["still_s"] < 0.2
    assert features(paused)["still_s"] == pytest.approx(1.0, abs=0.2)
    assert features(smooth)["backwards_out"] < 0.01
    assert max(features(bounced)[f"backwards_{way}"] for way in ("out", "back")) > 0.4


def test_nobody_has_no_features():
    with pytest.raises(FormbenchError, match="expected to see the left hip throughout"):
        features(missing_person())
