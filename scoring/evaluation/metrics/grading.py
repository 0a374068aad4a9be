"""Grading: how well the size, side and time of a fault are told, not only that it is there.

Conventions
-----------
``size`` (n,) is the true size of one fault in each repetition, ``told`` (n,) what a scorer says of
it: evidence of any scale for the first three metrics, higher for more, and the fault's own unit for
the fourth. ``ladder`` (n,) names the counterfactual set of each: one person with the fault at
several doses and all else alike. Where a metric is undefined the functions return None.

Metrics
-------
* `rank_correlation`: Spearman's rho and Kendall's tau-b of size and evidence over all repetitions;
  None for fewer than three or where one of them does not vary.
* `monotonicity`: of all pairs of neighbouring rungs of a ladder, the share in which the evidence
  grows with the size, ties counted as half; 0.5 is chance. Between people it does not compare.
* `size_error`: the mean absolute difference, in the unit.
* `side_accuracy`: how often the side that is told is the true one.
* `time_overlap`: the mean overlap over union of the time told with the true one.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.stats import kendalltau, spearmanr

from motions.motion import Span

FEWEST = 3


def rank_correlation(size: np.ndarray, told: np.ndarray) -> tuple[float, float] | None:
    """Return Spearman's rho and Kendall's tau-b.

    >>> np.round(rank_correlation(np.array([1, 2, 3]), np.array([1, 3, 2])), 3)
    array([0.5  , 0.333])
    """
    if len(size) < FEWEST or np.ptp(size) == 0 or np.ptp(told) == 0:
        return None
    return float(spearmanr(size, told).statistic), float(kendalltau(size, told).statistic)


def monotonicity(size: np.ndarray, told: np.ndarray, ladder: np.ndarray) -> float | None:
    """Return the share of neighbouring rungs between which the evidence grows.

    >>> monotonicity(np.array([0, 1, 2]), np.array([5, 6, 6]), np.array(["a", "a", "a"]))
    0.75
    """
    steps: list[float] = []
    for name in np.unique(ladder):
        own = np.flatnonzero(ladder == name)
        rungs = own[np.argsort(size[own], kind="stable")]
        for below, above in pairwise(rungs):
            if size[above] > size[below]:
                steps.append((np.sign(told[above] - told[below]) + 1) / 2)
    return float(np.mean(steps)) if steps else None


def size_error(size: np.ndarray, told: np.ndarray) -> float | None:
    """Return the mean absolute difference.

    >>> size_error(np.array([10.0, 20.0]), np.array([12.0, 16.0]))
    3.0
    """
    return float(np.abs(np.asarray(told) - size).mean()) if len(size) else None


def side_accuracy(true: Sequence[str], told: Sequence[str]) -> float | None:
    """Return the share of sides that are right.

    >>> side_accuracy(["left", "both"], ["left", "right"])
    0.5
    """
    right = [a == b for a, b in zip(true, told, strict=True)]
    return sum(right) / len(right) if right else None


def overlap(a: Span, b: Span) -> float:
    """Return the overlap of two spans over their union.

    >>> overlap(Span(0, 2), Span(1, 3))
    0.3333333333333333
    """
    union = max(a.end_s, b.end_s) - min(a.start_s, b.start_s)
    return shared_s(a, b) / union


def shared_s(a: Span, b: Span) -> float:
    """Return for how long two spans overlap."""
    return max(min(a.end_s, b.end_s) - max(a.start_s, b.start_s), 0.0)


def time_overlap(true: Sequence[Span], told: Sequence[Span]) -> float | None:
    """Return the mean overlap over union.

    >>> time_overlap([Span(0, 2), Span(0, 1)], [Span(0, 2), Span(1, 2)])
    0.5
    """
    found = [overlap(a, b) for a, b in zip(true, told, strict=True)]
    return sum(found) / len(found) if found else None
