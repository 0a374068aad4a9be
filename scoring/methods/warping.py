"""Time warping with open ends, and the mean of series that are warped alike.

The conventions are those of `scoring.methods.dtw`. `align_begun` matches a movement that is still
going on with the beginning of a whole one; `align_within` finds a movement in a long recording.

A barycentre is the series with the least sum of squared distances to all others, found by DTW
barycentre averaging (Petitjean, Ketterlin and Gancarski, "A global averaging method for dynamic
time warping", Pattern Recognition 44, 2011): each of its frames becomes the mean of the frames that
are matched with it, and again, until the sum falls no more. The plain mean of repetitions is
blurred where their tempos differ; this one is not.
"""

from collections.abc import Sequence

import numpy as np

from motions.errors import FormbenchError
from scoring.methods.dtw import Alignment, align, checked_pair, distance_matrix
from scoring.methods.dtw_compiled import backtrack, cumulative

MOST_ROUNDS = 30
LEAST_GAIN = 1e-5
"""A round that lowers the sum of squares by a smaller share is the last."""


def align_begun(x: np.ndarray, y: np.ndarray) -> Alignment:
    """Match a series with the beginning of another: as much of it as fits best.

    Of beginnings that fit equally well the shortest counts.

    Args:
        x: What has been seen so far. Shape (T, D).
        y: A whole one. Shape (S, D).

    Returns:
        The path goes from (0, 0) to (T - 1, j); (j + 1) / S of the whole has been done.
    """
    sums = _sums(x, y)
    end = int(sums[-1].argmin())
    return Alignment(float(np.sqrt(sums[-1, end])), backtrack(sums[:, : end + 1]))


def align_within(x: np.ndarray, y: np.ndarray) -> Alignment:
    """Match a series with the part of another, anywhere in it, that fits best.

    Args:
        x: What is looked for. Shape (T, D).
        y: Where it is looked for. Shape (S, D).

    Returns:
        The path goes from (0, j) to (T - 1, k).
    """
    sums = _sums(x, y, any_start=True)
    end = int(sums[-1].argmin())
    path = backtrack(sums[:, : end + 1])
    # What is matched with the first frame beyond its last match only adds to the sum.
    first = int(np.flatnonzero(path[:, 0] == 0)[-1])
    return Alignment(float(np.sqrt(sums[-1, end])), path[first:])


def barycentre(series: Sequence[np.ndarray], first: np.ndarray | None = None) -> np.ndarray:
    """Return the mean of series that are warped alike.

    Args:
        series: Shape (T_i, D) each.
        first: What to begin with, (T, D); the series that is nearest to all others if None.

    Returns:
        Shape (T, D).
    """
    if not len(series):
        raise FormbenchError("barycentre: expected at least one series, got none")
    if first is None:
        first = series[int((distance_matrix(series) ** 2).sum(axis=1).argmin())]
    mean, before = np.array(first, dtype=np.float64), np.inf
    for _ in range(MOST_ROUNDS):
        total, counts, cost = np.zeros_like(mean), np.zeros(len(mean)), 0.0
        for one in series:
            matched = align(mean, one)
            i, j = matched.path.T
            np.add.at(total, i, np.asarray(one)[j])
            np.add.at(counts, i, 1)
            cost += matched.distance**2
        if cost >= before * (1 - LEAST_GAIN):
            break
        mean, before = total / counts[:, None], cost
    return mean


def _sums(x: np.ndarray, y: np.ndarray, any_start: bool = False) -> np.ndarray:
    return cumulative(*checked_pair(x, y), len(x) + len(y), any_start)
