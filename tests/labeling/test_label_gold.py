from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from export.dataset import FaultRow
from labeling.convert import from_rating, judged
from labeling.gold import (
    CLEAN,
    choose_known_answers,
    grade_faults,
    grade_poses,
    grade_repetitions,
    stratum,
)
from labeling.interface import faults_of_exercise
from labeling.labels import FaultLabels, Pose, PoseLabels, RepetitionLabels
from motions.errors import FormbenchError
from motions.motion import Span

STRATA = {
    f"{i:04d}": name
    for i, name in enumerate(
        [CLEAN] * 40 + ["squat.a large"] * 30 + ["squat.a small"] * 5 + ["squat.b large"] * 20
    )
}


def row(fault_id: str, severity: float) -> FaultRow:
    present = severity >= 0
    return FaultRow(
        "c", 0, fault_id, 0.0, 1.0, "both", "", 1.0, 1.0, severity, present, "simulator",
        grey=False, confidence=1.0,
    )  # fmt: skip


def test_a_clip_shows_its_worst_fault_and_how_large_it_is() -> None:
    assert stratum([]) == stratum([row("squat.a", -0.1)]) == CLEAN
    assert stratum([row("squat.a", 0.2), row("squat.b", 0.1)]) == "squat.a small"
    assert stratum([row("squat.a", 0.2), row("squat.b", 0.5)]) == "squat.b large"


def test_known_answers_are_balanced_over_faults_and_doses() -> None:
    chosen = choose_known_answers(STRATA, 20, clean_share=0.4)
    assert Counter(STRATA[key] for key in chosen) == {
        CLEAN: 8,
        "squat.a large": 4,
        "squat.a small": 4,
        "squat.b large": 4,
    }
    assert list(chosen) == sorted(chosen)
    assert choose_known_answers(STRATA, 20, clean_share=0.4) == chosen


def test_a_stratum_that_is_used_up_is_made_up_for_by_the_others() -> None:
    chosen = choose_known_answers(STRATA, 25, clean_share=0.0)
    assert Counter(STRATA[key] for key in chosen) == {
        "squat.a large": 10,
        "squat.a small": 5,
        "squat.b large": 10,
    }


def test_too_few_simulated_tasks_are_told() -> None:
    with pytest.raises(FormbenchError, match="at least 50 simulated tasks without a fault, got 40"):
        choose_known_answers(STRATA, 100, clean_share=0.5)
    with pytest.raises(FormbenchError, match="at least 70 simulated tasks with a fault, got 55"):
        choose_known_answers(STRATA, 70, clean_share=0.0)
    with pytest.raises(FormbenchError, match=r"clean share of 0 to 1, got 1\.5"):
        choose_known_answers(STRATA, 1, clean_share=1.5)


def pose(page: int, points: np.ndarray, hidden: int = 0) -> Pose:
    return Pose(page, points, np.r_[np.ones(hidden, int), np.full(17 - hidden, 2)])


def test_poses_are_graded_by_distance_similarity_and_visibility() -> None:
    points = np.random.default_rng(1).uniform(100, 300, (17, 2))
    true = PoseLabels((pose(0, points), pose(1, points)))
    same = grade_poses([(true, true)])
    assert (same.error_px.value, same.oks.value, same.visibility_accuracy.value) == (0, 1, 1)

    off = PoseLabels((pose(0, points + np.array([3.0, 4.0]), hidden=2),))
    grade = grade_poses([(off, true)])
    assert grade.error_px.value == pytest.approx(5.0)
    assert grade.visibility_accuracy[:1] == (15 / 17,)
    assert grade.oks.n == 2  # the page that was left out counts as 0
    alone = grade_poses([(off, PoseLabels(true.poses[:1]))])
    assert grade.oks.value == pytest.approx((alone.oks.value or 0) / 2)


def test_repetitions_are_graded_by_their_boundaries() -> None:
    true = RepetitionLabels((Span(0.0, 1.0), Span(1.0, 2.0), Span(2.0, 3.0)))
    said = RepetitionLabels((Span(0.1, 1.1), Span(0.9, 2.1), Span(5.0, 6.0)))
    grade = grade_repetitions([(said, true)])
    assert (grade.found.value, grade.found.n, grade.n_extra) == (2 / 3, 3, 1)
    # Off by +0.1, +0.1, -0.1 and +0.1 seconds.
    assert grade.boundary_error_s.value == pytest.approx(0.1)
    assert grade.boundary_bias_s.value == pytest.approx(0.05)


def fault_labels(stars: Mapping[tuple[int, str], int], spans: tuple[Span, ...]) -> FaultLabels:
    faults = [
        judged(spec, rep, span, stars.get((rep, spec.name)), "both")
        for rep, span in enumerate(spans)
        for spec in faults_of_exercise("squat")
    ]
    return FaultLabels(spans, tuple(faults), ("",) * len(spans))


def test_faults_are_graded_by_what_was_seen_and_how_large() -> None:
    spans = tuple(Span(float(i), i + 1.0) for i in range(4))
    true = fault_labels({(0, "jump"): 2, (1, "jump"): 4, (2, "rounded_back"): 3}, spans)
    # The first jump is missed, the second overrated by a star, a third one invented; the marked
    # spans are a little off, the last repetition is not marked at all.
    near = tuple(Span(s.start_s + 0.05, s.end_s) for s in spans[:3])
    said = fault_labels({(1, "jump"): 5, (2, "jump"): 1, (2, "rounded_back"): 3}, near)
    grades = {grade.fault_id: grade for grade in grade_faults([(said, true)])}
    jump = grades["squat.jump"]
    assert (jump.sensitivity.value, jump.sensitivity.n) == (1 / 2, 2)
    assert (jump.specificity.value, jump.specificity.n) == (0, 1)
    assert (jump.severity_bias.value, jump.severity_bias.n) == (from_rating(5) - from_rating(4), 1)
    back = grades["squat.rounded_back"]
    assert (back.sensitivity.value, back.specificity.value, back.severity_bias.value) == (1, 1, 0)
    assert set(grades) == {spec.id for spec in faults_of_exercise("squat")}


def test_nothing_answered_is_no_grade_and_no_error(make_clip: Callable) -> None:
    empty = RepetitionLabels(())
    assert grade_repetitions([]).found.value is None
    assert grade_repetitions([(empty, empty)]).boundary_error_s.value is None
    assert grade_poses([]).oks.value is None
    assert grade_faults([]) == ()
