"""Laws that every fault obeys, over the whole table, and each fault's own yardstick by hand."""

from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.library import EXERCISES
from motions.measures import measure
from motions.motion import mirror
from motions.perform import perform
from motions.skeleton import SMPL22
from motions.variation import sample_style
from simulator.bodies.anny import build_anny
from simulator.bodies.stick import build_stick
from simulator.faults.library import FAULTS, fault, faults_of
from simulator.faults.window import Part
from simulator.retarget import retarget

every_fault = pytest.mark.parametrize("spec", FAULTS.values(), ids=list(FAULTS))
STICK = build_stick(stature_m=1.8)


def motion_for(spec, seed=0, n_reps=2):
    exercise = EXERCISES[spec.exercise]
    style = sample_style(exercise.out_s, exercise.back_s, n_reps, np.random.default_rng(seed))
    return perform(exercise, style, 30.0)


def same(a, b):
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("root_position_m", "joint_rotations_wxyz", "contacts", "phase")
    )


def test_the_three_faults_are_in_the_first_three_exercises():
    for name in ("squat", "deadlift", "pull_up"):
        assert {"rounded_back", "incomplete_range", "jump"} <= {f.name for f in faults_of(name)}


@every_fault
def test_no_dose_changes_nothing_to_the_bit(spec):
    motion = motion_for(spec)

    assert same(spec.inject(motion, Part(motion.reps[1]), spec.size_at_dose(0.0)), motion)


@every_fault
@pytest.mark.parametrize("dose", [0.4, 1.0])
def test_only_declared_joints_move_and_only_inside_the_repetition(spec, dose):
    motion = motion_for(spec)
    rep = motion.reps[1]
    faulty = spec.inject(motion, Part(rep), spec.size_at_dose(dose))
    moved = (faulty.joint_rotations_wxyz != motion.joint_rotations_wxyz).any(axis=-1)
    names = {SMPL22.joint_names[joint] for joint in np.flatnonzero(moved.any(axis=0))}
    inside = rep.frames(motion.fps, motion.n_frames)
    outside = np.ones(motion.n_frames, dtype=bool)
    outside[inside] = False

    assert names
    assert names <= set(spec.joints)
    assert not moved[outside].any()
    assert (faulty.root_position_m == motion.root_position_m)[outside].all()
    assert (faulty.contacts == motion.contacts)[outside].all()


@every_fault
@pytest.mark.parametrize("dose", [0.25, 0.5, 0.75, 1.0])
def test_what_is_measured_on_the_finished_body_is_what_was_asked_for(spec, dose):
    size = spec.size_at_dose(dose)
    tolerance = {"deg": 1.0, "m/s": 0.02, "": 0.02}[spec.unit]
    motion = motion_for(spec, seed=int(8 * dose))
    for body in (STICK, *two_people()):
        faulty = retarget(spec.inject(motion, Part(motion.reps[1]), size), body)
        measured = spec.read(faulty, motion.reps[1])[0]
        assert measured == pytest.approx(size, rel=0.1, abs=tolerance), body.params


_people = []


def two_people():
    if not _people:
        for gender, stature_m in ((0.0, 1.92), (1.0, 1.55)):
            _people.append(
                build_anny(gender=gender, age=0.7, stature_m=stature_m, weight=0.5, muscle=0.5,
                           proportions=0.4, grip=True)
            )  # fmt: skip
    return _people


@every_fault
def test_clean_repetitions_are_within_the_correct_range(spec):
    for seed in range(12):
        motion = motion_for(spec, seed, n_reps=3)
        performance = retarget(motion, STICK)
        for rep in motion.reps:
            size = spec.read(performance, rep)[0]
            assert spec.is_correct(size), (seed, size)
            assert not spec.is_present(size)


@every_fault
def test_a_fault_leaves_its_neighbour_repetitions_as_they_measured(spec):
    motion = motion_for(spec, n_reps=3)
    faulty = retarget(spec.inject(motion, Part(motion.reps[1]), spec.severe), STICK)
    clean = retarget(motion, STICK)

    for rep in (motion.reps[0], motion.reps[2]):
        assert spec.read(faulty, rep)[0] == pytest.approx(spec.read(clean, rep)[0], abs=0.02)


@every_fault
def test_a_mirrored_motion_measures_the_same(spec):
    motion = motion_for(spec)
    faulty = spec.inject(motion, Part(motion.reps[0]), spec.mild)
    here = spec.read(retarget(faulty, STICK), motion.reps[0])[0]
    there = spec.read(retarget(mirror(faulty), STICK), motion.reps[0])[0]

    assert there == pytest.approx(here, abs=1e-6)


@every_fault
def test_injected_motion_stays_smooth(spec):
    motion = motion_for(spec)
    faulty = retarget(spec.inject(motion, Part(motion.reps[1]), spec.severe), STICK)
    rotations = faulty.world_wxyz
    turned = 2 * np.arccos(np.clip(np.abs(np.sum(rotations[1:] * rotations[:-1], axis=-1)), 0, 1))

    # No bone turns faster than a sprinter's shank, about 1,200 degrees a second.
    assert np.rad2deg(turned.max()) * 30 < 1200


@every_fault
def test_injected_motion_keeps_contacts_and_stays_over_the_floor(spec):
    motion = motion_for(spec)
    for body in two_people():
        metrics = retarget(spec.inject(motion, Part(motion.reps[1]), spec.severe), body).metrics
        assert metrics["contact_slide_max_m_s"] < 0.01
        assert metrics["penetration_max_m"] < 0.01


@every_fault
def test_the_scale_has_its_marks_in_order(spec):
    marks = [spec.neutral, spec.correct, spec.mild, spec.severe]

    assert marks == sorted(marks, reverse=spec.severe < spec.neutral)
    assert spec.severity(spec.mild) == 0
    assert spec.severity(spec.severe) == 1
    assert spec.size_at_severity(spec.severity(spec.mild)) == spec.mild
    assert spec.id == f"{spec.exercise}.{spec.name}"
    assert spec.sentence.endswith(".")
    assert spec.cue.endswith(".")


@every_fault
def test_sizes_beyond_the_scale_are_refused(spec):
    beyond = spec.severe + (spec.severe - spec.neutral)

    with pytest.raises(FormbenchError, match=f"{spec.id}: expected a size of"):
        spec.check_size(beyond)


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
    falling = np.diff(height, n=2) * 30.0**2

    assert flying.sum() == pytest.approx(2 * speed / 9.81 * 30, abs=1)
    assert falling == pytest.approx(-9.81, rel=0.02)
    assert height.max() == pytest.approx(speed**2 / (2 * 9.81), abs=0.01)
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
