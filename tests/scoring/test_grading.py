"""Size, side and time of faults, by hand."""

import numpy as np
import pytest

from motions.motion import Span
from scoring.evaluation.metrics.detection import balanced_accuracy
from scoring.evaluation.metrics.grading import (
    monotonicity,
    rank_correlation,
    side_accuracy,
    size_error,
    time_overlap,
)

NONE = np.array([])


def test_rank_correlation_by_hand() -> None:
    # Ranks 1 2 3 4 against 2 1 4 3: rho = 1 - 6 * 4 / (4 * 15); 4 of 6 pairs agree, 2 do not.
    found = rank_correlation(np.array([0.1, 0.2, 0.3, 0.4]), np.array([20, 10, 40, 30]))
    assert found == pytest.approx((1 - 24 / 60, (4 - 2) / 6))
    assert rank_correlation(np.arange(5), np.exp(np.arange(5))) == pytest.approx((1, 1))
    assert rank_correlation(np.arange(5), -np.arange(5)) == pytest.approx((-1, -1))


def test_tau_takes_ties_into_account() -> None:
    # Pairs: 1 tied in evidence, 4 that agree, 1 that does not: (4 - 1) / sqrt(6 * 5).
    found = rank_correlation(np.array([1, 2, 3, 4]), np.array([1, 1, 3, 2]))
    assert found is not None
    assert found[1] == pytest.approx(3 / np.sqrt(30))


@pytest.mark.parametrize(("size", "told"), [([1, 1, 1], [1, 2, 3]), ([1, 2], [1, 2]), ([], [])])
def test_what_does_not_vary_correlates_with_nothing(size: list[int], told: list[int]) -> None:
    assert rank_correlation(np.array(size), np.array(told)) is None


def test_monotonicity_compares_within_a_ladder_only() -> None:
    size = np.array([0.0, 0.5, 1.0, 0.0, 0.5, 1.0])
    ladder = np.array(["ada"] * 3 + ["ben"] * 3)
    # Ada: up, up. Ben, all above her: up, down.
    assert monotonicity(size, np.array([1, 2, 3, 11, 13, 12]), ladder) == 3 / 4
    assert monotonicity(size, np.zeros(6), ladder) == 0.5
    assert monotonicity(size[::-1], np.array([3, 2, 1, 3, 2, 1]), ladder) == 1
    assert monotonicity(np.zeros(2), np.arange(2), ladder[:2]) is None


def test_sizes_sides_and_times_by_hand() -> None:
    assert size_error(np.array([30.0, 40.0]), np.array([33.0, 35.0])) == 4
    assert side_accuracy(["left", "right", "both"], ["left", "left", "both"]) == 2 / 3
    told = [Span(0.5, 1.5), Span(3, 4)]
    assert time_overlap([Span(1, 2), Span(0, 1)], told) == (0.5 / 1.5 + 0) / 2
    assert (size_error(NONE, NONE), side_accuracy([], []), time_overlap([], [])) == (None,) * 3


def test_balanced_accuracy_by_hand() -> None:
    present = np.array([True, True, True, True, False])
    assert balanced_accuracy(present, np.array([True, True, True, False, False])) == (0.75 + 1) / 2
    assert balanced_accuracy(present, np.ones(5, dtype=bool)) == 0.5
