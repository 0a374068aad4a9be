"""How far two sets of labels agree: measures for poses, spans and choices, and their uncertainty.

Krippendorff's alpha: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability". Object
keypoint similarity: the COCO keypoint evaluation, with its constants. Wilson's interval: Wilson
1927.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm, t

from labeling.labels import Pose
from motions.errors import FormbenchError, unknown_name
from motions.motion import Span

CONFIDENCE = 0.95
LEVELS = ("nominal", "ordinal", "interval")

# nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles
OKS_SIGMAS = np.array(
    [0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107,
     0.087, 0.087, 0.089, 0.089]
)  # fmt: skip
"""How far COCO's annotators differ at each joint, over the square root of the person's area."""


class Interval(NamedTuple):
    """An estimate from n values with its 95 % confidence interval; None where there is none."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def contains(self, value: float) -> bool:
        """Whether a value lies in the interval."""
        return self.low is not None and self.high is not None and self.low <= value <= self.high


def wilson(n_right: int, n: int) -> Interval:
    """Return a proportion with Wilson's interval.

    >>> [round(x, 4) for x in wilson(8, 10)[:3]]
    [0.8, 0.4902, 0.9433]
    """
    if n == 0:
        return Interval(None, None, None, 0)
    z = float(norm.ppf((1 + CONFIDENCE) / 2))
    p = n_right / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return Interval(p, max(0.0, middle - half), min(1.0, middle + half), n)


def mean_interval(values: Sequence[float]) -> Interval:
    """Return a mean with Student's interval; without limits for a single value."""
    n = len(values)
    if n == 0:
        return Interval(None, None, None, 0)
    mean = float(np.mean(values))
    if n == 1:
        return Interval(mean, None, None, 1)
    half = float(t.ppf((1 + CONFIDENCE) / 2, n - 1) * np.std(values, ddof=1) / n**0.5)
    return Interval(mean, mean - half, mean + half, n)


def krippendorff_alpha(ratings: np.ndarray, level: str) -> float | None:
    """Return Krippendorff's alpha: 1 for agreement, 0 for chance, below for worse than chance.

    Args:
        ratings: What each coder said of each unit, NaN where nothing. Shape (coders, units).
        level: "nominal" for names, "ordinal" for ranks, "interval" for measures.

    Returns:
        Alpha; None where no unit was rated twice, or where all said the same of everything, so that
        there is nothing to agree on.
    """
    if level not in LEVELS:
        raise unknown_name("level of measurement", level, LEVELS)
    if ratings.ndim != 2:
        raise FormbenchError(f"ratings: expected shape (coders, units), got {ratings.shape}")
    units = [unit[~np.isnan(unit)] for unit in ratings.T]
    units = [unit for unit in units if len(unit) >= 2]
    values = np.unique(np.concatenate(units)) if units else np.zeros(0)
    if len(values) < 2:
        return None
    coincidences = np.zeros((len(values), len(values)))
    for unit in units:
        counts = np.bincount(np.searchsorted(values, unit), minlength=len(values))
        pairs = np.outer(counts, counts) - np.diag(counts)
        coincidences += pairs / (len(unit) - 1)
    totals = coincidences.sum(axis=1)
    distances = _distances(values, totals, level)
    expected = (np.outer(totals, totals) * distances).sum() / (totals.sum() - 1)
    return float(1 - (coincidences * distances).sum() / expected)


def oks(said: Pose, reference: Pose) -> float:
    """Return the object keypoint similarity, 0 to 1, over the joints that both place.

    The person's area is that of the box around the reference's joints.
    """
    both = (said.visibility > 0) & (reference.visibility > 0)
    if not both.any():
        return 0.0
    placed = reference.keypoints_px[reference.visibility > 0]
    area = max(float(np.prod(np.ptp(placed, axis=0))), 1.0)
    squared = np.square(said.keypoints_px - reference.keypoints_px).sum(axis=1)[both]
    exponents = squared / (2 * area * np.square(2 * OKS_SIGMAS[both]))
    return float(np.exp(-exponents).mean())


def keypoint_errors_px(said: Pose, reference: Pose) -> np.ndarray:
    """Return the distance of each joint that both place. Shape (n,)."""
    distances = np.linalg.norm(said.keypoints_px - reference.keypoints_px, axis=1)
    return distances[~np.isnan(distances)]


def temporal_iou(a: Span, b: Span) -> float:
    """Return the length of what two spans share over the length of what they cover.

    >>> temporal_iou(Span(0.0, 2.0), Span(1.0, 3.0))
    0.3333333333333333
    """
    shared_s = max(0.0, min(a.end_s, b.end_s) - max(a.start_s, b.start_s))
    return shared_s / (a.duration_s + b.duration_s - shared_s)


def match_spans(a: Sequence[Span], b: Sequence[Span]) -> list[tuple[int, int]]:
    """Pair spans one to one so that the sum of their overlaps (IoU) is largest.

    Spans that share nothing are never paired.
    """
    if not a or not b:
        return []
    overlaps = np.array([[temporal_iou(x, y) for y in b] for x in a])
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if overlaps[i, j] > 0]


def span_agreement(a: Sequence[Span], b: Sequence[Span]) -> float:
    """Return the sum of matched overlaps over the number of spans in either: 1 if all are equal."""
    if not a and not b:
        return 1.0
    pairs = match_spans(a, b)
    return sum(temporal_iou(a[i], b[j]) for i, j in pairs) / (len(a) + len(b) - len(pairs))


def boundary_f1(a: Sequence[Span], b: Sequence[Span], tolerance_s: float) -> float:
    """Return the share of starts and ends that have a partner within a tolerance, as an F1 score.

    Starts are paired with starts and ends with ends, one to one and as many as can be.
    """
    if not a and not b:
        return 1.0
    found = 0
    for edge in ("start_s", "end_s"):
        times_a, times_b = (np.array([getattr(span, edge) for span in s]) for s in (a, b))
        if len(times_a) and len(times_b):
            # The difference of two decimals is not one: a millionth of a second is forgiven.
            near = np.abs(times_a[:, None] - times_b[None]) <= tolerance_s + 1e-6
            rows, columns = linear_sum_assignment(near, maximize=True)
            found += int(near[rows, columns].sum())
    return found / (len(a) + len(b))


def _distances(values: np.ndarray, totals: np.ndarray, level: str) -> np.ndarray:
    """Return the squared distance between each two values, as the level of measurement has it."""
    if level == "nominal":
        return 1 - np.eye(len(values))
    if level == "interval":
        return np.square(values[:, None] - values[None])
    # Ordinal: how many ratings lie between the two, the two themselves by half.
    ranks = np.cumsum(totals) - totals / 2
    return np.square(ranks[:, None] - ranks[None])
