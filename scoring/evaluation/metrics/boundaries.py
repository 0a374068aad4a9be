"""Repetitions in time: how many were found, and how near their ends are.

Conventions
-----------
``true`` and ``found`` are spans of one recording, in seconds, each in order and not overlapping.
Matches are one to one and as many as possible (maximum bipartite matching, as mir_eval's
``match_events`` does), or as good as possible where they have a value.

Metrics
-------
* `count_error`: the difference of the counts over the true count (MAE of the counting literature).
* `off_by_one`: whether the counts differ by at most one; `exact_count`: whether they do not differ.
* `boundary_f1`: starts are matched with starts and ends with ends, within a tolerance; the harmonic
  mean of the share of found ones that match and the share of true ones that do.
* `mean_tiou`: the overlap over the union of each true repetition with the one that was found for
  it, 0 where none was, matched so that the sum is largest.
* `phantoms_per_minute`: found repetitions whose middle lies in no true one, per minute of
  recording: what a counter counts during set-up and rest.

Without a true repetition the first and the fourth are undefined: the functions raise, and
`evaluate` gives None.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from motions.errors import FormbenchError
from motions.motion import Span
from scoring.evaluation.metrics.grading import overlap

TOLERANCES_S = (0.1, 0.2, 0.5)
METRICS = {
    "count_error": "count error",
    "off_by_one": "off by one at most",
    "exact_count": "exact count",
    "boundary_f1_0.1_s": "F1 at 0.1 s",
    "boundary_f1_0.2_s": "F1 at 0.2 s",
    "boundary_f1_0.5_s": "F1 at 0.5 s",
    "mean_tiou": "mean overlap",
    "phantoms_per_minute": "phantoms a minute",
}
"""What `evaluate` gives, with titles."""


def validate(true: Sequence[Span], found: Sequence[Span]) -> None:
    """Raise unless spans are in order and do not overlap."""
    for name, spans in (("true", true), ("found", found)):
        for before, after in pairwise(spans):
            if after.start_s < before.end_s - 1e-9:
                raise FormbenchError(
                    f"boundaries: {name}: expected spans in order that do not overlap, got one "
                    f"from {after.start_s:g} s after one to {before.end_s:g} s"
                )


def count_error(true: Sequence[Span], found: Sequence[Span]) -> float:
    """Return the difference of the counts over the true count.

    >>> count_error([Span(0, 1), Span(1, 2)], [Span(0, 2)])
    0.5
    """
    _need_one(true)
    return abs(len(true) - len(found)) / len(true)


def off_by_one(true: Sequence[Span], found: Sequence[Span]) -> bool:
    """Return whether the counts differ by at most one."""
    return abs(len(true) - len(found)) <= 1


def exact_count(true: Sequence[Span], found: Sequence[Span]) -> bool:
    """Return whether the counts are equal."""
    return len(true) == len(found)


def boundary_f1(true: Sequence[Span], found: Sequence[Span], tolerance_s: float) -> float:
    """Return the F1 of starts and ends within a tolerance; 1 where there is nothing to find.

    >>> boundary_f1([Span(0, 1), Span(1, 2)], [Span(0.05, 1.3)], 0.2)
    0.3333333333333333
    """
    validate(true, found)
    if not true and not found:
        return 1.0
    n_hits = sum(
        _n_matched(
            np.array([getattr(span, end) for span in true]),
            np.array([getattr(span, end) for span in found]),
            tolerance_s,
        )
        for end in ("start_s", "end_s")
    )
    # 2 P R / (P + R) with P = hits / 2 found and R = hits / 2 true.
    return n_hits / (len(true) + len(found))


def mean_tiou(true: Sequence[Span], found: Sequence[Span]) -> float:
    """Return the mean overlap over union of the true repetitions.

    >>> mean_tiou([Span(0, 2), Span(2, 4)], [Span(0, 1)])
    0.25
    """
    validate(true, found)
    _need_one(true)
    overlaps = np.array([[overlap(a, b) for b in found] for a in true]).reshape(
        len(true), len(found)
    )
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    return float(overlaps[rows, columns].sum() / len(true))


def phantoms_per_minute(true: Sequence[Span], found: Sequence[Span], duration_s: float) -> float:
    """Return how many repetitions a minute were found where there is none.

    >>> phantoms_per_minute([Span(0, 2)], [Span(0, 2), Span(5, 6)], 30.0)
    2.0
    """
    middles = [(span.start_s + span.end_s) / 2 for span in found]
    n_phantoms = sum(not any(t.start_s <= m < t.end_s for t in true) for m in middles)
    return n_phantoms * 60 / duration_s


def evaluate(
    true: Sequence[Span], found: Sequence[Span], duration_s: float
) -> dict[str, float | None]:
    """Return all metrics by name, None where undefined."""
    validate(true, found)
    return {
        "count_error": count_error(true, found) if true else None,
        "off_by_one": float(off_by_one(true, found)),
        "exact_count": float(exact_count(true, found)),
        **{f"boundary_f1_{t:g}_s": boundary_f1(true, found, t) for t in TOLERANCES_S},
        "mean_tiou": mean_tiou(true, found) if true else None,
        "phantoms_per_minute": phantoms_per_minute(true, found, duration_s),
    }


def _n_matched(true_s: np.ndarray, found_s: np.ndarray, tolerance_s: float) -> int:
    if not len(true_s) or not len(found_s):
        return 0
    near = np.abs(true_s[:, None] - found_s) <= tolerance_s + 1e-9
    return int((maximum_bipartite_matching(csr_array(near)) >= 0).sum())


def _need_one(true: Sequence[Span]) -> None:
    if not true:
        raise FormbenchError("boundaries: undefined: no true repetition")
