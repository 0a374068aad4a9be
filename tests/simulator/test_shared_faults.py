"""Windows, tempo, rhythm and delivery, against values worked out by hand."""

import numpy as np
import pytest

from motions.easing import minimum_jerk
from motions.errors import FormbenchError
from motions.library import EXERCISES
from motions.motion import Span
from motions.perform import perform
from simulator.bodies.stick import build_stick
from simulator.deliver import allowed_off, deliver
from simulator.faults.injection import Injection, check_compatible
from simulator.faults.library import FAULTS
from simulator.faults.retiming import retimed, times
from simulator.faults.rhythm import _bounce
from simulator.faults.window import FAR_END, THROUGHOUT, Part, Window
from simulator.variations import variations_of

STICK = build_stick(stature_m=1.7)
FPS = 100.0


def way(n_out, n_hold, n_back):
    """Go out, hold and come back with the least jerk; a frame is a hundredth of a second."""
    out = minimum_jerk(np.arange(n_out) / n_out)
    back = minimum_jerk(np.arange(n_back + 1) / n_back)
    return np.concatenate([out, np.ones(n_hold), 1 - back])


def squats(n_reps=3, seed=0):
    squat = EXERCISES["squat"]
    return perform(squat, squat.style(n_reps, np.random.default_rng(seed)), 30.0)


def test_windows_are_full_where_they_say_and_zero_at_the_ends():
    ramp = np.concatenate([np.linspace(0, 1, 101), np.linspace(1, 0, 101)[1:]])
    out = Window(from_phase=0.2, to_phase=0.8, way="out", onset=0.5, release=0.5).weights(ramp)
    both = Window(from_phase=0.2, to_phase=0.8, onset=0.5, release=0.5).weights(ramp)

    assert FAR_END.weights(ramp)[[0, 10, 100, 190, 200]].tolist() == [0, 0, 1, 0, 0]
    assert FAR_END.weights(ramp)[55] == pytest.approx(0.5)
    assert THROUGHOUT.weights(ramp)[[0, 30, 100, 170, 200]].tolist() == [0, 1, 1, 1, 0]
    assert out[[20, 50, 80, 150]].tolist() == [0, 1, 0, 0]
    assert out[35] == pytest.approx(0.5)
    assert both[[20, 50, 80, 100, 120, 150, 180]].tolist() == [0, 1, 0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"from_phase": 0.5, "to_phase": 0.5}, "expected 0 <= from < to <= 1"),
        ({"way": "in"}, "expected way both, out, back, got 'in'"),
        ({"onset": 0.0}, "expected onset and release above 0"),
        ({"way": "out", "onset": 0.6, "release": 0.6}, "of at most 1 together"),
    ],
)
def test_windows_that_cannot_be_are_refused(wrong, message):
    with pytest.raises(FormbenchError, match=message):
        Window(**wrong)


def test_times_are_those_of_the_smooth_way():
    read = times(way(100, 20, 200), FPS)

    # The smoothest way has gone 2 % at 0.13527 and 95 % at 0.81074 of its time.
    assert read.left_s == pytest.approx(0.13527, abs=1e-3)
    assert read.out_s == pytest.approx(0.67548, abs=1e-3)
    assert read.return_s == pytest.approx(2 * 0.67548, abs=1e-3)


def test_a_smooth_turn_has_no_bounce_and_a_rebound_has():
    smooth = way(120, 10, 120)
    assert _bounce(smooth, FPS) == pytest.approx(1.0, rel=0.02)

    # A rebound of 5 % in 0.36 s alone peaks at 0.05 * 2 (pi / 0.36)^2; where it begins the smooth
    # way's own slowing down adds to it, by less than its peak.
    since = (np.arange(len(smooth)) - 125) / 36
    rebound = np.where(np.abs(since) < 0.5, np.cos(np.pi * since) ** 2, 0)
    alone = 0.05 * 2 * (np.pi / 0.36) ** 2 * 1.2**2 / (10 / np.sqrt(3))
    assert alone < _bounce(smooth * (1 - 0.05 * rebound), FPS) < alone + 1


def test_a_stop_on_the_way_is_no_bounce():
    smooth = way(120, 10, 120)
    stop = 130 + int(np.argmax(smooth[130:] < 0.45))
    paused = np.concatenate([smooth[:stop], np.full(100, smooth[stop]), smooth[stop:]])

    assert _bounce(paused, FPS) == pytest.approx(_bounce(smooth, FPS), rel=1e-6)


def test_who_lands_and_bends_again_was_back_before():
    back_once = way(100, 20, 200)
    again = np.concatenate([back_once, 0.3 * way(50, 0, 50)])

    assert times(again, FPS) == times(back_once, FPS)


def test_what_follows_a_retimed_repetition_moves_by_whole_frames_and_keeps_its_bits():
    motion = squats()
    frames = motion.reps[1].frames(30, motion.n_frames)
    at = frames.start + np.arange(2 * (frames.stop - frames.start)) / 2
    slow = retimed(motion, Part(motion.reps[1]), at)
    by = slow.n_frames - motion.n_frames

    assert by == frames.stop - frames.start
    assert slow.reps[0] == motion.reps[0]
    assert slow.reps[1] == Span(motion.reps[1].start_s, motion.reps[1].end_s + by / 30)
    assert slow.reps[2].start_s == pytest.approx(motion.reps[2].start_s + by / 30)
    assert slow.reps[2].frames(30, slow.n_frames).start == by + (
        motion.reps[2].frames(30, motion.n_frames).start
    )
    for name in ("root_position_m", "joint_rotations_wxyz", "contacts", "phase"):
        ours, theirs = getattr(slow, name), getattr(motion, name)
        assert np.array_equal(ours[frames.stop + by :], theirs[frames.stop :])
        kept = ours[frames.start : frames.stop + by : 2]
        assert np.allclose(np.abs(kept), np.abs(theirs[frames]), atol=1e-9)


def test_compound_faults_are_delivered_together():
    wanted = {"squat.incomplete_range": 0.6, "squat.trunk_rotation": 20.0, "squat.tempo_slow": 9.0}
    put = [Injection(f, 1, size, "left" if "trunk" in f else "both") for f, size in wanted.items()]
    performance = deliver(squats(), STICK, put)
    rep = performance.motion.reps[1]

    for fault_id, size in wanted.items():
        assert FAULTS[fault_id].read(performance, rep)[0] == pytest.approx(size, rel=0.02)


def test_what_is_there_throughout_a_set_is_a_fault_in_each_of_its_repetitions():
    spec, plank = FAULTS["plank.shoulders_ahead"], EXERCISES["plank"]
    planks = perform(plank, plank.style(5, np.random.default_rng(1)), 30.0)
    put = [Injection(spec.id, rep, spec.mild) for rep in range(5)]
    performance = deliver(planks, STICK, put, metrics=False)
    sizes = [spec.read(performance, rep)[0] for rep in performance.motion.reps]

    assert all(spec.is_present(size) for size in sizes)
    assert sizes == pytest.approx([spec.mild] * 5, abs=allowed_off(spec, spec.mild))
    assert max(sizes) > min(sizes)


def test_what_goes_in_does_not_depend_on_the_order():
    put = [Injection("squat.incomplete_range", 0, 0.7), Injection("squat.tempo_fast", 0, 1.0)]
    one, other = deliver(squats(), STICK, put), deliver(squats(), STICK, put[::-1])

    assert np.array_equal(one.joints_world_m, other.joints_world_m)


def test_faults_that_change_the_same_cannot_be_in_one_repetition():
    fast, slow = Injection("squat.tempo_fast", 0, 1.0), Injection("squat.tempo_slow", 0, 9.0)

    check_compatible([fast, Injection("squat.tempo_slow", 1, 9.0)])
    with pytest.raises(
        FormbenchError, match=r"squat\.tempo_fast and tempo_slow: both change the tempo; expected"
    ):
        check_compatible([fast, slow])
    with pytest.raises(FormbenchError, match="expected once in repetition 0, got it twice"):
        check_compatible([fast, fast])


def test_a_fault_that_a_body_cannot_show_is_refused_with_the_reason():
    squat = EXERCISES["squat"]
    motion = perform(squat, squat.style(1, np.random.default_rng(0)), 30.0)

    with pytest.raises(FormbenchError, match=r"losing 0\.08 of the range with each repetition"):
        deliver(motion, STICK, [Injection("squat.fatigue_drift", 0, 0.08)])


@pytest.mark.parametrize("exercise", sorted({fault.exercise for fault in FAULTS.values()}))
def test_variations_look_odd_and_measure_correct(exercise):
    source = perform(
        EXERCISES[exercise], EXERCISES[exercise].style(1, np.random.default_rng(1)), 30
    )
    for variation in variations_of(exercise):
        put = variation.injections(exercise, 1, "left")
        performance = deliver(source, STICK, put, metrics=False)
        spec = FAULTS[put[0].fault_id]
        measured, _ = spec.read(performance, performance.motion.reps[0])

        assert spec.is_correct(measured), (variation.name, measured)
        assert measured == pytest.approx(put[0].size, rel=0.1, abs=1e-3)
