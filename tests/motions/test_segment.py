"""Repetitions in curves drawn by hand, and in sets whose repetitions are known."""

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.library import EXERCISES
from motions.motion import Span
from motions.perform import perform
from motions.segment import find_reps, segment
from motions.variation import sample_style

FPS = 50.0


def bumps(*sizes: float, pause_s: float = 0.6, bump_s: float = 1.5) -> np.ndarray:
    """Rests at 0.1 with a squared sine of each size between them."""
    rest = np.full(int(pause_s * FPS), 0.1)
    swing = np.sin(np.pi * np.arange(int(bump_s * FPS)) / (bump_s * FPS)) ** 2
    parts = [rest]
    for size in sizes:
        parts += [0.1 + size * swing, rest]
    return np.concatenate(parts)


def test_each_bump_is_a_repetition_where_it_is():
    reps = find_reps(bumps(1.0, 0.9, 1.0), FPS, 0.3)

    assert len(reps) == 3
    for at, rep in enumerate(reps):
        middle_s = 0.6 + at * 2.1 + 0.75
        assert (rep.start_s + rep.end_s) / 2 == pytest.approx(middle_s, abs=0.06)
        assert 1.1 < rep.duration_s < 1.6


def test_bumps_that_touch_are_parted_at_the_lowest_point():
    reps = find_reps(bumps(1.0, 1.0, pause_s=0.0), FPS, 0.3)

    assert len(reps) == 2
    assert reps[0].end_s <= reps[1].start_s + 1 / FPS
    assert reps[0].end_s == pytest.approx(1.5, abs=0.2)


def test_a_small_bump_among_large_ones_is_no_repetition():
    assert len(find_reps(bumps(1.0, 0.25, 1.0), FPS, 0.2)) == 2


def test_a_wobble_at_the_top_does_not_part_a_repetition():
    curve = bumps(1.0, bump_s=4.0)
    times_s = np.arange(len(curve)) / FPS
    curve -= 0.55 * np.exp(-(((times_s - 2.6) / 0.3) ** 2))  # down to about half way

    assert curve[int(2.6 * FPS)] == pytest.approx(0.55, abs=0.01)
    assert len(find_reps(curve, FPS, 0.3)) == 1


def test_what_the_recording_cuts_off_is_not_counted():
    curve = bumps(1.0, 1.0, 1.0)[int(1.3 * FPS) : -int(1.3 * FPS)]

    reps = find_reps(curve, FPS, 0.3)

    assert len(reps) == 1


def test_noise_alone_has_no_repetitions():
    noise = 0.02 * np.random.default_rng(0).normal(size=500)

    assert find_reps(noise, FPS, 0.3) == ()
    assert find_reps(np.zeros(3), FPS, 0.3) == ()


@pytest.mark.parametrize("name", list(EXERCISES))
def test_the_repetitions_of_every_exercise_are_found(name):
    exercise = EXERCISES[name]
    style = sample_style(exercise.out_s, exercise.back_s, 5, np.random.default_rng(7))
    motion = perform(exercise, style, 30.0)

    found = segment(motion, exercise)

    assert len(found.reps) == len(motion.reps) == 5
    # Where poses are held, moving into one starts and ends slowly; a dancer's arms never rest.
    off_s = 0.8 if name in ("downward_dog", "tree", "dance") else 0.45
    for rep, wanted in zip(found.reps, motion.reps, strict=True):
        assert rep.start_s == pytest.approx(wanted.start_s, abs=off_s)
        assert rep.end_s == pytest.approx(wanted.end_s, abs=off_s)
        frames = rep.frames(found.fps, found.n_frames)
        assert found.phase[frames].max() == 1.0
        assert found.phase[frames][[0, -1]].tolist() == [0.0, 0.0]
    outside = np.ones(found.n_frames, dtype=bool)
    for rep in found.reps:
        outside[rep.frames(found.fps, found.n_frames)] = False
    assert not found.phase[outside].any()


def test_a_recording_without_a_repetition_is_refused_with_its_range():
    squat = EXERCISES["squat"]
    style = sample_style(squat.out_s, squat.back_s, 1, np.random.default_rng(0))
    motion = perform(squat, style, 30.0)

    with pytest.raises(FormbenchError, match=r"no repetition of pull_up: elbow_flexion goes from"):
        segment(motion, EXERCISES["pull_up"])
    assert segment(motion, squat).reps[0] > Span(0.0, 0.1)
