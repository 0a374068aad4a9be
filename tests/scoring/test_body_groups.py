"""On whom: groups of bodies, what a scorer sees on each, and why there may be none."""

from types import SimpleNamespace
from typing import Any

import pytest

from scoring.contract import Verdict
from scoring.evaluation.asking import Answer
from scoring.evaluation.bodies import gaps_of, parted_bodies, rows_of_bodies
from scoring.evaluation.repetitions import Truth
from scoring.evaluation.results import Judged
from simulator.faults.library import FAULTS

FAULT = "squat.rounded_back"
DOSES = (0.25, 0.5, 0.75, 1.0)
PEOPLE = {"ada": (1.5, 0.9), "ben": (1.6, 0.1), "cleo": (1.7, 0.9), "dan": (1.9, 0.1)}
"""Stature and gender."""


def given(**values: Any) -> Any:
    """What is judged, of people with these bodies."""
    rows = tuple(SimpleNamespace(subject_id=name, clip_id=name) for name in PEOPLE)
    clips = {name: SimpleNamespace(body=values.get(name, {})) for name in PEOPLE}
    return SimpleNamespace(validation=rows, dataset=SimpleNamespace(clip=clips.__getitem__))


BODIES = {
    name: {"values": {"stature_m": stature_m, "gender": gender}}
    for name, (stature_m, gender) in PEOPLE.items()
}


def judged_of(person: str, dose: float, score: float, rep: int) -> Judged:
    spec = FAULTS[FAULT]
    severity = spec.severity(spec.size_at_dose(dose))
    present = (FAULT,) if severity >= 0 else ()
    truth = Truth("clip", rep, "squat", person, {FAULT: severity}, present, dose == 0)
    return Judged("s", "truth", "front", truth, Answer(Verdict(score=score)))


@pytest.fixture
def judged() -> list[Judged]:
    """A scorer that tells on the tall from half the dose on, and nothing on the short."""
    return [
        judged_of(person, dose, 20 if dose >= 0.5 and PEOPLE[person][0] > 1.65 else 80, rep)
        for person in PEOPLE
        for rep, dose in enumerate((0, 0, *DOSES, *DOSES))
    ]


def test_people_are_parted_at_the_median_and_men_from_women() -> None:
    parted, why_not = parted_bodies(given(**BODIES))
    groups = {one.attribute: dict(one.groups) for one in parted}

    assert groups["stature_m"] == {"short": {"ada", "ben"}, "tall": {"cleo", "dan"}}
    assert groups["gender"] == {"men": {"ben", "dan"}, "women": {"ada", "cleo"}}
    assert why_not == {"weight": "the dataset's bodies have no weight"}


def test_a_group_of_one_tells_nothing() -> None:
    women = {name: {"values": {"gender": 0.9}} for name in PEOPLE}
    _, why_not = parted_bodies(given(**women | {"dan": {"values": {"gender": 0.1}}}))
    assert why_not["gender"] == "expected 2 people a group, got 1 men, 3 women"


def test_each_group_has_thresholds_of_its_own(judged: list[Judged]) -> None:
    parted, _ = parted_bodies(given(**BODIES))
    rows = {(r.view, r.group): r for r in rows_of_bodies(judged, parted, 0)}
    tall, short = (rows["front", group].threshold for group in ("tall", "short"))

    assert {group for _, group in rows} == {"short", "tall", "men", "women"}
    assert tall.dose is not None and 0.25 < tall.dose <= 0.5
    assert short.dose is None and short.reason.startswith("not seen")
    assert rows["all", "men"].n_people == 2 and rows["all", "men"].threshold.n == 2 * 10


def test_the_worse_group_and_its_gap_are_named(judged: list[Judged]) -> None:
    parted, _ = parted_bodies(given(**BODIES))
    by_height, by_gender = gaps_of(judged, parted, 0, 100)

    # On the tall the faults of half the dose and more are told, and those that count as faults
    # below it are not; on the short all scores are alike.
    n_seen = sum(dose >= 0.5 for dose in DOSES)
    n_faulty = sum(bool(judged_of("ada", dose, 0, 0).truth.present) for dose in DOSES)
    told = (n_seen + (n_faulty - n_seen) / 2) / n_faulty
    assert (by_height.worse, by_height.better) == ("short", "tall")
    assert (by_height.auroc_worse, by_height.auroc_better) == (0.5, pytest.approx(told))
    assert by_height.low == by_height.high == by_height.gap == 0.5 - told
    assert by_gender.gap == 0 and by_gender.low <= 0 <= by_gender.high
