"""How sure a figure is: the bootstrap over people.

Repetitions of one person resemble each other, so people are drawn with replacement, each with all
their repetitions (the cluster bootstrap; Davison and Hinkley, "Bootstrap Methods and their
Application", 1997, section 3.8), and the interval is between percentiles of the figure over the
draws. Scorers compared on the same draws are paired.

It is too narrow for fewer than about ten people, and of no width where every draw separates
perfectly; then it says that the data hold no counterexample, not that there is none.
"""

from dataclasses import dataclass

import numpy as np

from motions.errors import FormbenchError
from scoring.evaluation.metrics.detection import auroc, ranks_among, validate, why_undefined

N_RESAMPLES = 2000
LEVEL = 0.95
_AT_ONCE = 100
"""Resamples worked on together; so many fit into the processor's cache."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval, or the reason why there is none."""

    value: float | None
    low: float | None
    high: float | None
    n_positive: int
    n_negative: int
    n_subjects: int
    reason: str = ""
    """Why `value`, or else the interval, is undefined."""


def estimate_auroc(
    present: np.ndarray,
    evidence: np.ndarray,
    subject_ids: np.ndarray,
    rng: np.random.Generator,
    n_resamples: int = N_RESAMPLES,
) -> Estimate:
    """Return the AUROC of evidence for a fault with its 95 % interval over people.

    Args:
        present: Whether each repetition has the fault. Shape (n,), bool.
        evidence: Higher for more of the fault. Shape (n,).
        subject_ids: Whose each repetition is. Shape (n,).
        rng: Draws the people.
        n_resamples: How many times.
    """
    validate(present, evidence)
    if np.shape(subject_ids) != np.shape(present):
        raise FormbenchError(
            f"estimate_auroc: expected a subject for each of {len(present)} repetitions, "
            f"got {np.shape(subject_ids)}"
        )
    present, evidence = np.asarray(present), np.asarray(evidence, dtype=np.float64)
    names, subjects = np.unique(np.asarray(subject_ids), return_inverse=True)
    counts = (int(present.sum()), int((~present).sum()), len(names))
    reason = why_undefined(present)
    if reason:
        return Estimate(None, None, None, *counts, reason)
    value = auroc(present, evidence)
    for word, members in (("faulty", subjects[present]), ("clean", subjects[~present])):
        if len(np.unique(members)) < 2:
            return Estimate(
                value, None, None, *counts, f"no interval: one person has all {word} repetitions"
            )
    weights = draw_subjects(len(names), n_resamples, rng)
    low, high = percentile_interval(auroc_of_draws(present, evidence, subjects, weights))
    return Estimate(value, low, high, *counts)


def estimate_mean(
    values: np.ndarray,
    subject_ids: np.ndarray,
    rng: np.random.Generator,
    n_resamples: int = N_RESAMPLES,
) -> tuple[float, float | None, float | None]:
    """Return the mean of values (n,) with its 95 % interval over people; none for one person."""
    names, subjects = np.unique(np.asarray(subject_ids), return_inverse=True)
    value = float(np.mean(values))
    if len(names) < 2:
        return value, None, None
    weights = draw_subjects(len(names), n_resamples, rng)
    sums = weights @ np.bincount(subjects, values)
    return value, *percentile_interval(sums / (weights @ np.bincount(subjects)))


def draw_subjects(n_subjects: int, n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Draw people with replacement, as many as there are, many times.

    Returns:
        How often each was drawn. Shape (n_resamples, n_subjects).
    """
    drawn = rng.integers(n_subjects, size=(n_resamples, n_subjects))
    drawn += np.arange(n_resamples)[:, None] * n_subjects
    counts = np.bincount(drawn.ravel(), minlength=n_resamples * n_subjects)
    return counts.reshape(n_resamples, n_subjects)


def auroc_of_draws(
    present: np.ndarray, evidence: np.ndarray, subjects: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the AUROC of every draw of people, exact.

    Counting a repetition w times is giving it the weight w: a faulty one beats the weight of the
    clean ones below it, a running sum over the sorted clean ones.

    Args:
        present: Shape (n,), bool.
        evidence: Shape (n,).
        subjects: Index of each repetition's person. Shape (n,).
        weights: As `draw_subjects` gives them. Shape (R, S).

    Returns:
        Shape (R,); NaN for a draw without a faulty or a clean repetition.
    """
    faulty, faulty_subjects = evidence[present], subjects[present]
    order = np.argsort(evidence[~present], kind="stable")
    clean, clean_subjects = evidence[~present][order], subjects[~present][order]
    below, up_to = ranks_among(clean, faulty)
    found = np.full(len(weights), np.nan)
    for start in range(0, len(weights), _AT_ONCE):
        some = weights[start : start + _AT_ONCE].astype(np.float64)
        lighter = np.zeros((len(some), len(clean) + 1))
        np.cumsum(some[:, clean_subjects], axis=1, out=lighter[:, 1:])
        of_faulty = some[:, faulty_subjects]
        beaten = (of_faulty * (lighter[:, below] + lighter[:, up_to])).sum(axis=1) / 2
        pairs = of_faulty.sum(axis=1) * lighter[:, -1]
        np.divide(beaten, pairs, out=found[start : start + _AT_ONCE], where=pairs > 0)
    return found


def percentile_interval(draws: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """Return the bounds between which the middle `level` of the defined draws lies."""
    defined = draws[~np.isnan(draws)]
    if not len(defined):
        raise FormbenchError(f"percentile_interval: none of {len(draws)} draws is defined")
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)
