from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import interp1d

from motions.conventions import CONVENTIONS
from motions.errors import FormbenchError
from motions.motion import Span
from scoring.poses import (
    PoseSequence,
    cut,
    filled,
    from_clip,
    mid_hip,
    normalised,
    resampled,
    torso_length,
)

COCO = CONVENTIONS["coco17"].keypoint_names
NOSE = COCO.index("nose")


def wave(n_frames=20, fps=10.0, n_coordinates=2):
    """A made-up person of 50 units of torso, whose points swing by 5."""
    t = np.arange(n_frames)[:, None, None] / fps
    points = 100 + 5 * np.sin(t + np.arange(17)[:, None] + np.arange(n_coordinates))
    points[:, [COCO.index("left_hip"), COCO.index("right_hip")], 1] = 150
    points[:, [COCO.index("left_shoulder"), COCO.index("right_shoulder")], 1] = 100
    for name, x in (("left_hip", 10), ("right_hip", -10)):
        points[:, COCO.index(name), 0] = 200 + x
        points[:, COCO.index(name.replace("hip", "shoulder")), 0] = 200 + x
    points[:, :, 2:] = 0
    return PoseSequence(points, np.ones((n_frames, 17)), "coco17", fps, "test")


def with_missing(sequence, frames, keypoint):
    points, confidence = sequence.keypoints.copy(), sequence.confidence.copy()
    points[frames, COCO.index(keypoint)] = np.nan
    confidence[frames, COCO.index(keypoint)] = 0
    return replace(sequence, keypoints=points, confidence=confidence)


def test_from_clip_takes_the_true_image_points(make_clip):
    clip = make_clip()
    sequence = from_clip(clip, "side", "coco17")

    assert np.array_equal(sequence.keypoints, clip.view("side").keypoints_px["coco17"])
    assert (sequence.confidence == 1).all()  # hidden by the body, but not unknown
    assert (sequence.exercise, sequence.view, sequence.fps) == ("squat", "side", 10.0)


def test_points_outside_the_image_are_missing(make_clip):
    clip = make_clip(distance_m=1.0)  # at 1 m the head is outside the image
    sequence = from_clip(clip, "front", "coco17")
    outside = clip.view("front").visibility["coco17"] == 0

    assert outside[0, NOSE]
    assert np.array_equal(sequence.missing, outside)
    assert np.array_equal(sequence.confidence == 0, outside)


def test_no_id_and_no_label_crosses(make_clip):
    clip = make_clip(clip_id="clip_000042", subject_id="zoe", faults={"rounded_back": 40.0})
    told = repr(vars(from_clip(clip, "front", "coco17")))

    assert not any(word in told for word in ("clip_000042", "zoe", "rounded_back"))


def test_an_unknown_convention_is_met_with_the_nearest(make_clip):
    with pytest.raises(FormbenchError, match=r"no 'coco_17'\. Did you mean 'coco17'\?"):
        from_clip(make_clip(), "front", "coco_17")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"keypoints": np.zeros((20, 16, 2))},
            r"expected shape \(T=20, K=17, C\), got \(20, 16, 2\)",
        ),
        ({"keypoints": np.zeros((20, 17, 4))}, "2 or 3 coordinates"),
        ({"keypoints": np.zeros((0, 17, 2)), "confidence": np.zeros((0, 17))}, "at least one"),
        ({"keypoints": np.full((20, 17, 2), np.inf)}, "expected finite numbers, got inf"),
        ({"keypoints": np.full((20, 17, 2), np.nan)}, "expected 0 where the keypoint is missing"),
        ({"confidence": np.full((20, 17), 1.5)}, "from 0 to 1, got 1.5 to 1.5"),
        ({"confidence": np.full((20, 17), np.nan)}, "expected finite numbers, got nan"),
        ({"fps": 0.0}, "fps: expected a positive number, got 0.0"),
        ({"unit": "cm"}, "no 'cm'"),
        ({"convention_name": "coco_17"}, "Did you mean 'coco17'"),
    ],
)
def test_bad_sequences_are_refused(change, message):
    with pytest.raises(FormbenchError, match=message):
        replace(wave(), **change)


def test_half_a_missing_point_is_refused():
    points = wave().keypoints.copy()
    points[3, 4, 1] = np.nan
    with pytest.raises(FormbenchError, match="all coordinates of a missing point"):
        replace(wave(), keypoints=points)


def test_cut_returns_the_frames_of_the_span():
    sequence = wave()
    part = cut(sequence, Span(0.5, 1.2))

    assert np.array_equal(part.keypoints, sequence.keypoints[5:12])
    with pytest.raises(FormbenchError, match=r"no frame from 2 to 3 s; the sequence lasts 2 s"):
        cut(sequence, Span(2.0, 3.0))


def test_a_short_gap_is_bridged_by_a_straight_line():
    sequence = with_missing(wave(), slice(5, 7), "nose")
    points = filled(sequence).keypoints[:, NOSE]
    step = (points[7] - points[4]) / 3

    np.testing.assert_allclose(points[5], points[4] + step, rtol=1e-14)
    np.testing.assert_allclose(points[6], points[4] + 2 * step, rtol=1e-14)
    assert np.array_equal(filled(sequence).confidence, sequence.confidence)


def test_short_gaps_at_the_ends_hold_the_nearest_point():
    points = filled(
        with_missing(with_missing(wave(), slice(0, 2), "nose"), slice(18, 20), "nose")
    ).keypoints[:, NOSE]

    assert (points[:2] == points[2]).all() and (points[18:] == points[17]).all()


def test_a_long_gap_stays_missing():
    sequence = with_missing(wave(), slice(5, 8), "nose")  # 3 frames at 10 fps are 0.3 s

    assert np.array_equal(filled(sequence).missing, sequence.missing)
    assert not filled(sequence, max_gap_s=0.3).missing.any()


def test_a_point_never_seen_stays_missing():
    sequence = with_missing(wave(), slice(None), "nose")

    assert filled(sequence, max_gap_s=10.0).missing[:, NOSE].all()


def test_normalised_puts_the_hips_at_the_origin_and_makes_the_torso_one():
    sequence = normalised(wave())

    assert np.abs(mid_hip(sequence)).max() == 0
    assert torso_length(sequence) == 1
    assert sequence.unit == "torso"
    # The left shoulder is 10 px beside and 50 px above the middle of the hips.
    assert sequence.at("left_shoulder")[0].tolist() == [0.2, -1.0]


@settings(deadline=None)
@given(
    scale=st.floats(0.2, 5),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_normalised_forgets_distance_and_place(scale, shift):
    sequence = wave()
    moved = replace(sequence, keypoints=sequence.keypoints * scale + np.array(shift))

    np.testing.assert_allclose(
        normalised(moved).keypoints, normalised(sequence).keypoints, atol=1e-11
    )


def test_normalised_forgets_how_far_the_camera_is(make_clip):
    near = normalised(from_clip(make_clip(distance_m=3.0), "front", "coco17"))
    far = normalised(from_clip(make_clip(distance_m=30.0), "front", "coco17"))

    # What is left is perspective, which 3 m shows and 30 m does not.
    assert np.abs(near.keypoints - far.keypoints).max() < 0.25


def test_normalised_keeps_the_range_of_motion(make_clip):
    def hip_travel(clip):
        sequence = normalised(from_clip(clip, "front", "coco17"))
        return np.ptp(sequence.at("left_ankle")[:, 1])

    full, shallow = make_clip(), make_clip(faults={"incomplete_range": 0.5})

    assert hip_travel(shallow) < 0.4 * hip_travel(full)


def test_one_short_frame_does_not_change_the_scale():
    points = wave().keypoints.copy()
    points[7] = points[7] * 0.1
    shrunk = replace(wave(), keypoints=points)

    assert torso_length(shrunk) == torso_length(wave()) == 50


def test_normalised_works_in_three_dimensions():
    sequence = normalised(replace(wave(n_coordinates=3), unit="m"))

    assert sequence.keypoints.shape == (20, 17, 3)
    assert torso_length(sequence) == 1


def test_without_hips_there_is_no_normalising():
    with pytest.raises(FormbenchError, match="both hips and both shoulders, found none"):
        normalised(with_missing(wave(), slice(None), "left_hip"))


def test_a_frame_without_hips_is_missing_after_normalising():
    sequence = normalised(with_missing(wave(), slice(4, 5), "left_hip"))

    assert sequence.missing[4].all() and not sequence.missing[3].any()


@pytest.mark.parametrize("n_frames", [2, 19, 20, 39, 100])
def test_resampled_agrees_with_scipy(n_frames):
    sequence = wave()
    expected = interp1d(np.arange(20), sequence.keypoints, axis=0)(np.linspace(0, 19, n_frames))
    result = resampled(sequence, n_frames)

    np.testing.assert_allclose(result.keypoints, expected, rtol=1e-13)
    assert np.array_equal(result.keypoints[[0, -1]], sequence.keypoints[[0, -1]])
    assert (n_frames - 1) / result.fps == pytest.approx(19 / 10.0)


def test_the_same_number_of_frames_is_the_same_sequence():
    sequence = with_missing(wave(), slice(5, 7), "nose")
    result = resampled(sequence, sequence.n_frames)

    assert np.array_equal(result.keypoints, sequence.keypoints, equal_nan=True)
    assert np.array_equal(result.confidence, sequence.confidence)


def test_between_a_seen_and_a_missing_frame_is_missing():
    result = resampled(with_missing(wave(), slice(5, 6), "nose"), 39)  # every half frame

    assert np.flatnonzero(result.missing[:, NOSE]).tolist() == [9, 10, 11]


def test_one_frame_cannot_be_resampled():
    with pytest.raises(FormbenchError, match="at least 2 frames, got 1 to become 100"):
        resampled(cut(wave(), Span(0.0, 0.1)), 100)
