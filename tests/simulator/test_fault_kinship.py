"""Reasons why one fault moves the measure of another."""

from itertools import pairwise

from simulator.faults.kinship import KINSHIPS, reason
from simulator.faults.library import FAULTS

NAMES = {spec.name for spec in FAULTS.values()}


def test_every_reason_is_about_faults_that_there_are():
    for kin in KINSHIPS:
        assert {*kin.causes, *kin.moved} <= NAMES, kin


def test_every_reason_joins_two_faults_of_one_exercise():
    exercises = {n: {s.exercise for s in FAULTS.values() if s.name == n} for n in NAMES}
    for kin in KINSHIPS:
        pairs = [(a, b) for a in kin.causes for b in kin.moved if a != b]
        assert any(exercises[a] & exercises[b] for a, b in pairs), kin


def test_a_shallow_and_an_incomplete_movement_are_one_and_a_rounded_back_is_no_bounce():
    shallow, short = FAULTS["push_up.partial_down"], FAULTS["push_up.incomplete_range"]

    assert reason(shallow, short) == reason(short, shallow) != ""
    assert reason(FAULTS["squat.rounded_back"], FAULTS["squat.bounce"]) == ""


def test_no_reason_is_given_twice():
    said = sorted(kin.because for kin in KINSHIPS)

    assert all(one != other for one, other in pairwise(said))
