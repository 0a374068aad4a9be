"""Laws that every fault obeys, over the whole table."""

from functools import cache

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.library import EXERCISES
from motions.motion import mirror
from motions.perform import perform
from motions.skeleton import SMPL22
from simulator.bodies.anny import build_anny
from simulator.bodies.stick import build_stick
from simulator.deliver import allowed_off, deliver
from simulator.faults.injection import Injection, check_compatible, in_order, inject_all
from simulator.faults.library import FAULTS, faults_of
from simulator.faults.spec import EVIDENCE
from simulator.retarget import retarget

every_fault = pytest.mark.parametrize("spec", FAULTS.values(), ids=list(FAULTS))
every_exercise = pytest.mark.parametrize("name", sorted({f.exercise for f in FAULTS.values()}))
FPS = 30.0
TURN_DEG_S = 1200
"""No bone turns faster than a sprinter's shank."""


@cache
def people():
    """A stick figure, a tall man and a short woman."""
    shapes = ({"gender": 0.05, "stature_m": 1.90, "weight": 0.6, "proportions": 0.3},
              {"gender": 0.95, "stature_m": 1.56, "weight": 0.4, "proportions": 0.6})  # fmt: skip
    return (
        build_stick(stature_m=1.8),
        *(build_anny(age=0.7, muscle=0.5, grip=True, **shape) for shape in shapes),
    )


@cache
def motion_of(exercise_name, n_reps=2, seed=0):
    exercise = EXERCISES[exercise_name]
    return perform(exercise, exercise.style(n_reps, np.random.default_rng(seed)), FPS)


@cache
def clean_on(exercise_name, person, seed):
    return retarget(motion_of(exercise_name, 4, seed), people()[person], metrics=False)


def motion_for(spec):
    return motion_of(spec.exercise, max(2, spec.fewest_reps))


def asked(spec, size, side=None):
    """Ask for a fault in the second repetition, or in all where it cannot be otherwise."""
    side = side or ("left" if spec.one_sided else "both")
    reps = range(len(motion_for(spec).reps)) if spec.whole_set else [1]
    return [Injection(spec.id, rep, size, side) for rep in reps]


def injected(spec, size, side=None):
    put = in_order(asked(spec, size, side))
    return inject_all(motion_for(spec), put, [one.size for one in put])


def arrays(motion):
    return (motion.root_position_m, motion.joint_rotations_wxyz, motion.contacts, motion.phase)


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(arrays(a), arrays(b), strict=True))


@every_fault
def test_the_neutral_size_changes_nothing_to_the_bit(spec):
    assert same(injected(spec, spec.neutral), motion_for(spec))


@every_fault
def test_only_the_named_joints_move_and_only_inside_the_repetition(spec):
    motion, faulty = motion_for(spec), injected(spec, spec.severe)
    before, after = outside(motion, spec)
    assert all(np.array_equal(x[:before], y[:before])
               for x, y in zip(arrays(motion), arrays(faulty), strict=True))  # fmt: skip
    assert all(np.array_equal(x[len(x) - after :], y[len(y) - after :])
               for x, y in zip(arrays(motion), arrays(faulty), strict=True))  # fmt: skip
    if motion.n_frames == faulty.n_frames:
        moved = (faulty.joint_rotations_wxyz != motion.joint_rotations_wxyz).any(axis=(0, 2))
        assert {SMPL22.joint_names[j] for j in np.flatnonzero(moved)} <= set(spec.joints)
    assert not same(motion, faulty)


def outside(motion, spec):
    """Return how many frames at the start and at the end are none of the fault's."""
    if spec.whole_set:
        return 0, 0
    first = motion.reps[0].frames(FPS, motion.n_frames).stop
    rep = motion.reps[1].frames(FPS, motion.n_frames)
    if spec.window is not None and spec.window.rests:
        return first, 0
    return rep.start, motion.n_frames - rep.stop


@every_fault
def test_clean_repetitions_are_within_the_correct_range(spec):
    for person in range(3):
        for seed in range(2):
            performance = clean_on(spec.exercise, person, seed)
            for rep in performance.motion.reps:
                size, _ = spec.read(performance, rep)
                assert spec.is_correct(size), (person, seed, rep, size)


@every_fault
@pytest.mark.parametrize("mark", ["mild", "severe"])
def test_what_is_asked_for_is_delivered_on_three_people(spec, mark):
    size = getattr(spec, mark)
    for person in people():
        performance = deliver(motion_for(spec), person, asked(spec, size), metrics=False)
        measured, _ = spec.read(performance, performance.motion.reps[1])
        assert measured == pytest.approx(size, abs=allowed_off(spec, size))
        assert spec.is_present(measured)


@every_fault
def test_a_fault_leaves_the_repetition_before_as_it_measured(spec):
    if spec.whole_set or (spec.window is not None and spec.window.rests):
        return
    faulty = retarget(injected(spec, spec.severe), people()[0], metrics=False)
    clean = retarget(motion_for(spec), people()[0], metrics=False)
    measured, was = (spec.read(p, p.motion.reps[0])[0] for p in (faulty, clean))

    assert measured == pytest.approx(was, abs=0.05 * abs(spec.severe - spec.neutral))


@every_fault
def test_a_fault_of_one_side_shows_on_that_side(spec):
    if spec.sides == ("both",):
        assert not spec.one_sided
        return
    for side in spec.sides:
        put = asked(spec, spec.severe, side)
        performance = deliver(motion_for(spec), people()[0], put, metrics=False)
        assert spec.read(performance, performance.motion.reps[1])[1] == side


@every_fault
def test_a_mirrored_motion_measures_the_same_on_the_other_side(spec):
    faulty = injected(spec, spec.severe)
    here, there = (retarget(m, people()[0], metrics=False) for m in (faulty, mirror(faulty)))
    rep = faulty.reps[1]

    for side in spec.sides:
        other = {"left": "right", "right": "left", "both": "both"}[side]
        ours, theirs = spec.measure(here, rep, side), spec.measure(there, rep, other)
        assert theirs == pytest.approx(ours, abs=1e-6)


@every_fault
def test_contacts_are_kept_and_nothing_jerks(spec):
    performance = deliver(motion_for(spec), people()[1], asked(spec, spec.severe), metrics=True)
    rotations = performance.world_wxyz
    turned = 2 * np.arccos(np.clip(np.abs(np.sum(rotations[1:] * rotations[:-1], axis=-1)), 0, 1))

    assert performance.metrics["contacts_kept"] > 0.97
    assert np.rad2deg(turned.max()) * FPS < TURN_DEG_S


@every_fault
def test_the_scale_has_its_marks_in_order_and_the_words_are_there(spec):
    marks = [spec.neutral, spec.correct, spec.mild, spec.severe]

    assert marks == sorted(marks, reverse=spec.severe < spec.neutral)
    assert spec.correct != spec.mild
    assert spec.severity(spec.mild) == 0
    assert spec.severity(spec.severe) == 1
    assert spec.id == f"{spec.exercise}.{spec.name}"
    assert spec.sentence.endswith(".")
    assert spec.cue.endswith(".")
    assert spec.evidence in EVIDENCE
    assert set(spec.joints) <= set(SMPL22.joint_names)


@every_fault
def test_sizes_beyond_the_scale_and_sides_it_has_not_are_refused(spec):
    with pytest.raises(FormbenchError, match=f"{spec.id}: expected a size of"):
        spec.check_size(spec.severe + (spec.severe - spec.neutral))
    with pytest.raises(FormbenchError, match=f"{spec.id}: expected side"):
        spec.check_side("both" if spec.one_sided else "inside")


@every_exercise
def test_the_order_in_which_faults_are_asked_for_does_not_matter(name):
    motion = motion_of(name, 4)
    compatible = []
    for spec in faults_of(name):
        side = "left" if spec.one_sided else "both"
        more = [*compatible, Injection(spec.id, 1, spec.mild, side)]
        try:
            check_compatible(more)
        except FormbenchError:
            continue
        if not spec.whole_set:
            compatible = more[-3:]
    there, back = in_order(compatible), in_order(compatible[::-1])

    assert len(compatible) > 1
    assert there == back
    assert same(*(inject_all(motion, put, [i.size for i in put]) for put in (there, back)))


def test_no_two_faults_have_one_id():
    from simulator.faults import library

    tables = [value for name, value in vars(library).items() if name.endswith("_FAULTS")]
    assert sum(map(len, tables)) == len(FAULTS)
    assert len(FAULTS) >= 60
