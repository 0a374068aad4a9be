"""The first faults' own yardsticks by hand; what holds for all of them is in test_fault_laws."""

from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.library import EXERCISES
from motions.measures import measure
from motions.perform import perform
from motions.skeleton import SMPL22
from motions.variation import sample_style
from simulator.bodies.anny import build_anny
from simulator.bodies.stick import build_stick
from simulator.faults.library import FAULTS, fault, faults_of
from simulator.faults.window import Part
from simulator.physics.report import plausibility
from simulator.retarget import retarget

STICK = build_stick(stature_m=1.8)


def motion_for(spec, seed=0, n_reps=2):
    exercise = EXERCISES[spec.exercise]
    style = sample_style(exercise.out_s, exercise.back_s, n_reps, np.random.default_rng(seed))
    return perform(exercise, style, 30.0)


def test_the_three_faults_are_in_the_first_three_exercises():
    for name in ("squat", "deadlift", "pull_up"):
        assert {"rounded_back", "incomplete_range", "jump"} <= {f.name for f in faults_of(name)}


_people = []


def two_people():
    if not _people:
        for gender, stature_m in ((0.0, 1.92), (1.0, 1.55)):
            _people.append(
                build_anny(gender=gender, age=0.7, stature_m=stature_m, weight=0.5, muscle=0.5,
                           proportions=0.4, grip=True)
            )  # fmt: skip
    return _people


def test_a_rounded_back_of_known_angles_measures_their_sum():
    from motions.geometry import X_AXIS, about
    from motions.motion import turned_by

    spec = FAULTS["squat.rounded_back"]
    motion = motion_for(spec)
    straight = replace(
        motion, joint_rotations_wxyz=np.tile([1.0, 0, 0, 0], (motion.n_frames, 22, 1))
    )
    for joint, degrees in (("spine1", 10), ("spine2", 12), ("spine3", 8)):
        turns = np.tile(about(X_AXIS, np.deg2rad(degrees)), (motion.n_frames, 1))
        straight = turned_by(straight, joint, turns)

    assert spec.read(retarget(straight, STICK), motion.reps[0])[0] == pytest.approx(30, abs=1e-6)


@pytest.mark.parametrize("exercise", ["squat", "deadlift"])
def test_a_jump_is_ballistic_and_the_feet_clear_the_floor(exercise):
    spec = FAULTS[f"{exercise}.jump"]
    motion = motion_for(spec)
    rep, speed = motion.reps[0], 2.0
    performance = retarget(spec.inject(motion, Part(rep), speed), two_people()[0])
    flying = ~performance.motion.contacts.any(axis=1)
    ankles = performance.joints_world_m[:, SMPL22.index("left_ankle"), 2]
    height = ankles[flying] - performance.body.ankle_height_m

    assert flying.sum() == pytest.approx(2 * speed / 9.81 * 30, abs=1)
    assert plausibility(performance)["flight_gravity_error"] < 0.02
    assert height.max() == pytest.approx(speed**2 / (2 * 9.81), abs=0.02)
    lowest = performance.skin(slice(*np.flatnonzero(flying)[[0, -1]]))[0][..., 2].min(axis=1)
    assert (lowest > 0).all()


def test_a_landing_is_absorbed_by_the_knees():
    spec = FAULTS["squat.jump"]
    motion = motion_for(spec)
    faulty = spec.inject(motion, Part(motion.reps[0]), 2.0)
    flying = np.flatnonzero(~faulty.contacts.any(axis=1))
    knees = np.rad2deg(measure("knee_flexion", faulty.joints_world_m))

    assert knees[flying[-1] : flying[-1] + 9].max() > knees[flying].max() + 20


def test_a_jump_needs_time():
    exercise = EXERCISES["squat"]
    style = sample_style(exercise.out_s, exercise.back_s, 1, np.random.default_rng(0))
    hurried = replace(style, reps=tuple(replace(r, out_s=0.4, back_s=0.4) for r in style.reps))
    motion = perform(exercise, hurried, 30.0)

    with pytest.raises(FormbenchError, match="squat: a jump at 2 m/s needs a repetition of"):
        FAULTS["squat.jump"].inject(motion, Part(motion.reps[0]), 2.0)


def test_a_fault_that_another_exercise_has_or_none_is_refused():
    with pytest.raises(FormbenchError, match="Did you mean 'rounded_back'"):
        fault("squat", "round_back")
    with pytest.raises(FormbenchError, match="Did you mean 'squat'"):
        faults_of("squad")


@pytest.mark.parametrize("spec", FAULTS.values(), ids=lambda spec: spec.id)
def test_the_ends_of_both_scales_are_exact_and_allowed(spec):
    assert [spec.size_at_severity(s) for s in (0, 1)] == [spec.mild, spec.severe]
    assert [spec.size_at_dose(d) for d in (0, 1)] == [spec.neutral, spec.severe]
    for size in (spec.size_at_severity(0), spec.size_at_severity(1), spec.size_at_dose(1)):
        spec.check_size(size)
