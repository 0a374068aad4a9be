"""Advice: the cue, the bound and the words, worked by hand."""

import pytest

from motions.errors import FormbenchError
from scoring.advice import UNITS, Advice, advise
from scoring.contract import Verdict
from simulator.faults.library import FAULTS


def test_the_surest_fault_is_mended_first_and_the_largest_where_nobody_is_sure():
    severities = {"squat.rounded_back": 0.9, "squat.tempo_fast": 0.1, "squat.jump": -0.7}

    assert advise(severities).fault_id == "squat.rounded_back"
    sure = {"squat.rounded_back": 0.6, "squat.tempo_fast": 0.95, "squat.jump": 0.99}
    assert advise(severities, confidences=sure).fault_id == "squat.tempo_fast"


def test_nothing_is_said_where_nothing_is_wrong_or_nobody_knows():
    assert advise({}) is None
    assert advise({"squat.jump": -0.1}) is None
    assert advise({"squat.jump": 0.3}, confidences={"squat.jump": 0.4}) is None
    assert advise({"somebody.elses": 2.0}) is None


def test_who_is_sure_is_believed_as_long_as_the_size_is_not_correct():
    # Of knees in, mild is 0.08 and correct up to 0.05; 0.06 lies between, 0.04 is correct.
    sure = {"squat.knees_in": 0.8}

    assert advise({"squat.knees_in": -0.2}, confidences=sure).measured == pytest.approx(0.06)
    assert advise({"squat.knees_in": -0.4}, confidences=sure) is None
    assert advise({"squat.knees_in": -0.2}) is None


def test_the_size_is_in_the_faults_unit_and_the_bound_is_the_correct_range():
    said = advise({"squat.knees_in": 0.5}, {"squat.knees_in": "left"}, {"squat.knees_in": 0.9})

    assert said.measured == pytest.approx(0.13)  # halfway from 0.08 to 0.18
    assert (said.needed, said.at_most, said.side) == (0.05, True, "left")
    assert str(said) == (
        "Push your knees out over your toes. (Knees in, left: 0.13, at most 0.05, 90 % sure)"
    )
    assert advise({"squat.incomplete_range": 0.5}).at_most is False


def test_every_unit_of_every_fault_can_be_printed():
    assert FAULTS
    for spec in FAULTS.values():
        line = str(advise({spec.id: 0.5}))
        assert line.startswith(spec.cue) and spec.title in line
    assert {spec.unit for spec in FAULTS.values()} <= set(UNITS)


def test_a_verdict_that_passes_has_no_advice():
    faulty = {"squat.jump": 0.2}

    assert Verdict(score=80, good=True, fault_severities=faulty).advice is None
    assert Verdict(score=80, good=False, fault_severities=faulty).advice == advise(faulty)
    assert Verdict(score=80, fault_severities=faulty).advice == advise(faulty)


def test_a_confidence_is_a_probability():
    with pytest.raises(FormbenchError, match="confidence: expected 0 to 1, got 2"):
        Advice("squat.jump", "", 1.0, 0.0, True, "m/s", confidence=2)
    with pytest.raises(FormbenchError, match=r"fault_confidences of .* 0 to 1, got 2"):
        Verdict(score=1, fault_confidences={"squat.jump": 2})
