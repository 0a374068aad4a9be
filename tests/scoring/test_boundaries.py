"""Metrics of repetitions in time, worked by hand; and a detector without training."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.motion import Span
from scoring.evaluation.metrics import boundaries
from scoring.methods import repetitions
from scoring.methods.repetitions import find_repetitions
from scoring.poses import PoseSequence
from scoring.sample import missing_person, squat

TRUE = [Span(1, 3), Span(3, 5), Span(6, 8)]


def test_what_is_found_exactly_is_perfect() -> None:
    assert boundaries.evaluate(TRUE, TRUE, 10.0) == {
        "count_error": 0.0,
        "off_by_one": 1.0,
        "exact_count": 1.0,
        "boundary_f1_0.1_s": 1.0,
        "boundary_f1_0.2_s": 1.0,
        "boundary_f1_0.5_s": 1.0,
        "mean_tiou": 1.0,
        "phantoms_per_minute": 0.0,
    }


def test_by_hand() -> None:
    # The first a little off, the second missed, the third in two halves, one more in the rest.
    found = [Span(1.15, 3.4), Span(6, 7), Span(7, 8), Span(9, 9.5)]
    got = boundaries.evaluate(TRUE, found, 12.0)
    assert got["count_error"] == pytest.approx(1 / 3)
    assert (got["off_by_one"], got["exact_count"]) == (1.0, 0.0)
    # Of 6 + 8 ends: at 0.1 s the start and the end of the third; at 0.2 s the first start too; at
    # 0.5 s its end also. Each matched pair is two of the fourteen.
    assert got["boundary_f1_0.1_s"] == pytest.approx(2 * 2 / 14)
    assert got["boundary_f1_0.2_s"] == pytest.approx(2 * 3 / 14)
    assert got["boundary_f1_0.5_s"] == pytest.approx(2 * 4 / 14)
    assert got["mean_tiou"] == pytest.approx((1.85 / 2.4 + 0 + 0.5) / 3)
    assert got["phantoms_per_minute"] == pytest.approx(60 / 12)


def test_nothing_found_and_nothing_there() -> None:
    missed = boundaries.evaluate(TRUE, [], 10.0)
    assert (missed["count_error"], missed["boundary_f1_0.5_s"], missed["mean_tiou"]) == (1, 0, 0)
    still = boundaries.evaluate([], [], 10.0)
    assert (still["count_error"], still["boundary_f1_0.1_s"], still["mean_tiou"]) == (None, 1, None)
    assert boundaries.evaluate([], [Span(0, 1)], 60.0)["phantoms_per_minute"] == 1


def test_a_boundary_is_matched_once_and_as_many_as_possible_are() -> None:
    # 0.15 could take either; only the greedy choice would leave one of the two without.
    true, found = [Span(0, 0.2), Span(0.3, 9)], [Span(0.15, 0.21), Span(0.4, 9)]
    assert boundaries.boundary_f1(true, found, 0.2) == 1.0
    assert boundaries.boundary_f1(true[:1], [Span(0, 0.1), Span(0.1, 0.2)], 0.2) == 4 / 6


def best_tiou(true: Sequence[Span], found: Sequence[Span]) -> float:
    """The mean overlap over all assignments, tried one by one."""
    padded = [*found, *[None] * len(true)]
    sums = [
        sum(boundaries.mean_tiou([t], [f]) if f else 0.0 for t, f in zip(true, some, strict=True))
        for some in permutations(padded, len(true))
    ]
    return max(sums) / len(true)


def test_the_overlap_is_that_of_the_best_assignment() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        cuts = [np.sort(rng.uniform(0, 10, 2 * n)) for n in rng.integers(1, 4, 2)]
        true, found = ([Span(*pair) for pair in c.reshape(-1, 2)] for c in cuts)
        assert boundaries.mean_tiou(true, found) == pytest.approx(best_tiou(true, found))


def test_overlapping_spans_are_refused() -> None:
    with pytest.raises(FormbenchError, match="found: expected spans in order"):
        boundaries.evaluate(TRUE, [Span(0, 2), Span(1, 3)], 10.0)


def recording(n_reps: int, rest_s: float = 0.5) -> tuple[PoseSequence, list[Span]]:
    """Squats of 2 s each with rest between, and where they are."""
    one = squat()
    rest = round(rest_s * one.fps)
    standing = np.repeat(one.keypoints[:1], rest, axis=0)
    points = np.concatenate([standing, *[one.keypoints, standing] * n_reps])
    starts = [rest_s + i * (2 + rest_s) for i in range(n_reps)]
    about = (one.convention_name, one.fps, one.source)
    sequence = PoseSequence(points, np.ones(points.shape[:2]), *about)
    return sequence, [Span(s, s + 2) for s in starts]


@pytest.mark.parametrize("n_reps", [1, 4])
def test_squats_are_found_to_a_quarter_of_a_second(n_reps: int) -> None:
    sequence, true = recording(n_reps)
    found = find_repetitions(sequence)
    assert len(found) == n_reps
    assert boundaries.boundary_f1(true, found, 0.3) == 1.0


def test_two_repetitions_do_not_share_the_frame_in_which_one_ends(monkeypatch: Any) -> None:
    ends = [Span(0.5, 2.6 + 1 / 60), Span(2.6 - 1 / 60, 4.6)]  # of whole frames about 2.6 s
    monkeypatch.setattr(repetitions, "_trimmed", lambda curve, span, fps: span)
    monkeypatch.setattr(repetitions, "find_reps", lambda curve, fps, least: ends)
    first, second = find_repetitions(recording(2)[0])
    assert (first, second) == (ends[0], Span(ends[0].end_s, 4.6))


def test_shifting_about_at_rest_belongs_to_no_repetition() -> None:
    sequence, true = recording(2, rest_s=4.0)
    points = sequence.keypoints.copy()
    # From 0 to 3 s the arms sink a little, as no repetition does.
    points[:90, 5:11, 1] -= np.linspace(12, 0, 90)[:, None]
    found = find_repetitions(replace(sequence, keypoints=points))
    assert boundaries.boundary_f1(true, found, 0.3) == 1.0


def test_a_still_person_does_nothing() -> None:
    sequence, _ = recording(0, rest_s=3.0)
    assert find_repetitions(sequence) == ()


def test_nobody_is_an_error() -> None:
    with pytest.raises(FormbenchError, match="expected to see the left hip throughout"):
        find_repetitions(missing_person())
