from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.geometry import X_AXIS, about
from motions.library import EXERCISES
from motions.motion import (
    Motion,
    Span,
    at_frames,
    concatenate,
    crop,
    mirror,
    resample,
    turned_by,
)
from motions.perform import perform
from motions.skeleton import SMPL22
from motions.variation import sample_style


def still(n_frames=10, fps=10.0, **changes):
    """A person in the T-pose who moves along +X, 10 cm a frame."""
    given = {
        "exercise": "squat",
        "fps": fps,
        "root_position_m": np.arange(n_frames)[:, None] * [0.1, 0, 0],
        "joint_rotations_wxyz": np.tile([1.0, 0, 0, 0], (n_frames, 22, 1)),
        "contacts": np.zeros((n_frames, 4), dtype=bool),
    }
    return Motion(**{**given, **changes})


def squats(n_reps=2, seed=0):
    exercise = EXERCISES["squat"]
    style = sample_style(exercise.out_s, exercise.back_s, n_reps, np.random.default_rng(seed))
    return perform(exercise, style, 30.0)


def same(a, b):
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("root_position_m", "joint_rotations_wxyz", "contacts", "phase", "reps", "fps")
    )


def test_a_motion_is_read_only():
    with pytest.raises(ValueError, match="read-only"):
        still().root_position_m[0, 0] = 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fps": 0.0}, "Motion.fps: expected a positive number, got 0.0"),
        ({"root_position_m": np.zeros((0, 3))}, "expected at least one frame, got none"),
        ({"root_position_m": np.full((10, 3), np.nan)}, "expected finite numbers, got nan"),
        ({"contacts": np.zeros((9, 4), dtype=bool)}, r"expected shape \(T=10, P=4\), got \(9, 4\)"),
        ({"joint_rotations_wxyz": np.ones((10, 22, 4))}, "expected unit quaternions, got one of"),
        ({"reps": (Span(0.5, 1.5),)}, "expected spans within 1 s"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(changes, message):
    with pytest.raises(FormbenchError, match=message):
        still(**changes)


def test_a_span_is_half_open_and_knows_its_frames():
    assert Span(0.0, 1.0).frames(10.0, 100) == slice(0, 10)
    assert Span(0.05, 0.25).frames(10.0, 100) == slice(1, 3)
    assert Span(0.0, 5.0).frames(10.0, 20) == slice(0, 20)
    with pytest.raises(FormbenchError, match="expected 0 <= start_s < end_s"):
        Span(1.0, 1.0)


def test_neighbouring_spans_share_no_frame_and_miss_none():
    times = np.cumsum(np.random.default_rng(3).uniform(0.1, 0.9, 50))
    frames = [Span(a, b).frames(29.97, 10**6) for a, b in pairwise(times)]

    assert all(a.stop == b.start for a, b in pairwise(frames))


def test_resampling_keeps_positions_at_their_instants():
    faster = resample(still(), 40.0)

    assert faster.n_frames == 37
    assert faster.root_position_m[:, 0] == pytest.approx(np.arange(37) / 40)


def test_resampling_to_the_same_rate_is_the_same_motion():
    motion = squats()

    assert resample(motion, 30.0) is motion
    assert same(at_frames(motion, np.arange(motion.n_frames), 30.0), motion)


def test_resampling_up_and_down_returns_the_frames_it_kept():
    motion = squats()
    back = resample(resample(motion, 60.0), 30.0)

    assert back.joint_rotations_wxyz == pytest.approx(motion.joint_rotations_wxyz, abs=1e-12)


def test_cropping_shifts_what_is_inside_and_drops_what_is_cut():
    motion = replace(still(30), reps=(Span(0.0, 1.0), Span(1.0, 2.0), Span(2.0, 3.0)))
    cut = crop(motion, Span(0.9, 2.1))

    assert cut.n_frames == 12
    assert [(r.start_s, r.end_s) for r in cut.reps] == [pytest.approx((0.1, 1.1))]
    assert (cut.root_position_m == motion.root_position_m[9:21]).all()


def test_mirroring_reflects_every_joint_and_twice_is_nothing():
    motion = squats()
    reflected = mirror(motion).joints_world_m

    assert reflected[:, list(SMPL22.mirror)] * [-1, 1, 1] == pytest.approx(
        motion.joints_world_m, abs=1e-12
    )
    assert same(mirror(mirror(motion)), motion)


def test_concatenating_shifts_the_second_ones_repetitions():
    motion = replace(still(), reps=(Span(0.2, 0.8),))
    both = concatenate(motion, motion)

    assert both.n_frames == 20
    assert both.reps == (Span(0.2, 0.8), Span(1.2, 1.8))
    with pytest.raises(FormbenchError, match="expected squat at 10 fps, got squat at 20 fps"):
        concatenate(motion, still(fps=20.0))


def test_turning_a_joint_touches_no_other_and_no_untouched_frame():
    motion = squats()
    turns = np.tile([1.0, 0, 0, 0], (motion.n_frames, 1))
    turns[5:8] = about(X_AXIS, 0.3)
    turned = turned_by(motion, "neck", turns)
    moved = (turned.joint_rotations_wxyz != motion.joint_rotations_wxyz).any(axis=-1)

    assert set(map(tuple, np.argwhere(moved))) == {(f, SMPL22.index("neck")) for f in (5, 6, 7)}
