"""The table of scorers: who is better than whom, and who is tied.

A scorer's figure is the mean of its AUROCs over exercises, faults and views (macro), each as much
as another. What it does not answer counts as chance: a pair of a faulty and a clean repetition of
which it leaves one out is half won. People are drawn with replacement, the same draws for every
scorer, so differences are paired.

From the best downwards a scorer is compared with those after it. The difference over its standard
deviation over the draws is taken as standard normal, and the p of all comparisons of a table are
corrected together (Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian
Journal of Statistics 6, 1979). Those that are not significantly worse than the first of their group
are tied with it; the first that is begins the next group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from scoring.evaluation.figures import by_task, counted
from scoring.evaluation.metrics.detection import auroc
from scoring.evaluation.results import Comparison, Judged, Standing
from scoring.evaluation.statistics import auroc_of_draws, draw_subjects, percentile_interval

SIGNIFICANT = 0.05
Task = tuple[str, str, str]
"""An exercise, a fault and a view."""


@dataclass(frozen=True)
class Macro:
    """A scorer's figure on one source of poses, and the same of every draw of people."""

    scorer: str
    poses: str
    value: float | None
    draws: np.ndarray
    """NaN where a draw tells nothing. Shape (R,)."""
    n_tasks: int


def macros_of(judged: Sequence[Judged], seed: int, n_resamples: int) -> tuple[Macro, ...]:
    """Return the figure of each scorer on each source of poses, all on the same draws of people.

    Who says nothing of any repetition has none.
    """
    people = sorted({j.truth.subject_id for j in judged})
    weights = draw_subjects(len(people), n_resamples, np.random.default_rng(seed))
    found: dict[tuple[str, str], list[tuple[float, np.ndarray]]] = {}
    for some in by_task(judged):
        per_task = found.setdefault((some[0].scorer, some[0].poses), [])
        faults = sorted({fault_id for j in some for fault_id in j.truth.present})
        for fault_id in faults:
            for view in sorted({j.view for j in some}):
                one = _task([j for j in some if j.view == view], fault_id, people, weights)
                if one is not None:
                    per_task.append(one)
    verdicts = [(j.scorer, j.poses, j.answer.verdict) for j in judged]
    spoke = {
        (scorer, poses)
        for scorer, poses, verdict in verdicts
        if verdict and (verdict.score is not None or verdict.fault_severities)
    }
    return tuple(
        _macro(*who, tasks if who in spoke else [], n_resamples)
        for who, tasks in sorted(found.items())
    )


def _task(
    some: Sequence[Judged], fault_id: str, people: Sequence[str], weights: np.ndarray
) -> tuple[float, np.ndarray] | None:
    """Return the AUROC of one fault in one view and of every draw; None where it is undefined."""
    kept, values, _ = counted(some, fault_id)
    present = np.array([not j.truth.clean for j in kept], dtype=bool)
    if not present.any() or present.all():
        return None
    evidence = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    subjects = np.array([people.index(j.truth.subject_id) for j in kept])
    return (
        auroc_with_gaps(present, evidence),
        draws_with_gaps(present, evidence, subjects, weights),
    )


def auroc_with_gaps(present: np.ndarray, evidence: np.ndarray) -> float:
    """Return the AUROC where pairs with missing evidence (NaN) are half won.

    >>> auroc_with_gaps(np.array([True, True, False]), np.array([3.0, np.nan, 1.0]))
    0.75
    """
    told = ~np.isnan(evidence)
    n_told = np.count_nonzero(told & present) * np.count_nonzero(told & ~present)
    covered = n_told / (np.count_nonzero(present) * np.count_nonzero(~present))
    won = auroc(present[told], evidence[told]) if covered else 0.5
    return float(covered * won + (1 - covered) / 2)


def draws_with_gaps(
    present: np.ndarray, evidence: np.ndarray, subjects: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the same of every draw of people; see `statistics.auroc_of_draws`. Shape (R,)."""
    told = ~np.isnan(evidence)

    def drawn(which: np.ndarray) -> np.ndarray:
        return weights @ np.bincount(subjects[which], minlength=weights.shape[1])

    pairs = drawn(present) * drawn(~present)
    told_pairs = drawn(present & told) * drawn(~present & told)
    won = auroc_of_draws(present[told], evidence[told], subjects[told], weights)
    gained = np.where(told_pairs > 0, told_pairs * np.nan_to_num(won - 0.5), 0.0)
    found = np.full(len(weights), np.nan)
    np.divide(gained, pairs, out=found, where=pairs > 0)
    return found + 0.5


def _macro(
    scorer: str, poses: str, tasks: Sequence[tuple[float, np.ndarray]], n_resamples: int
) -> Macro:
    if not tasks:
        return Macro(scorer, poses, None, np.full(n_resamples, np.nan), 0)
    draws = np.stack([draws for _, draws in tasks])
    told = ~np.isnan(draws)
    sums, counts = np.where(told, draws, 0).sum(axis=0), told.sum(axis=0)
    mean = np.divide(sums, counts, out=np.full(n_resamples, np.nan), where=counts > 0)
    return Macro(scorer, poses, float(np.mean([value for value, _ in tasks])), mean, len(tasks))


def standings_of(
    macros: Sequence[Macro], poses: str
) -> tuple[tuple[Standing, ...], tuple[Comparison, ...]]:
    """Return the table of the scorers on one source of poses, best first, and what was compared."""
    order = sorted(
        (m for m in macros if m.poses == poses and m.value is not None),
        key=lambda m: (-(m.value or 0), m.scorer),
    )
    pairs = [(a, b) for i, a in enumerate(order) for b in order[i + 1 :]]
    compared = compare_pairs(pairs)
    p_holm = {(c.scorer, c.other_scorer): c.p_holm for c in compared}
    standings, group, first = [], 0, ""
    for macro in order:
        if not first or p_holm[first, macro.scorer] < SIGNIFICANT:
            group, first = group + 1, macro.scorer
        low, high = _interval(macro.draws)
        standings.append(
            Standing(macro.scorer, poses, macro.value, low, high, macro.n_tasks, group)
        )
    silent = [m for m in macros if m.poses == poses and m.value is None]
    standings += [Standing(m.scorer, poses, None, None, None, 0, group + 1) for m in silent]
    return tuple(standings), compared


def attribution_of(macros: Sequence[Macro], poses: Sequence[str]) -> tuple[Comparison, ...]:
    """Compare each scorer on each further source of poses with itself on the first."""
    by_name: Mapping[tuple[str, str], Macro] = {(m.scorer, m.poses): m for m in macros}
    names = dict.fromkeys(m.scorer for m in macros if m.value is not None)
    pairs = [((name, other), (name, poses[0])) for name in names for other in poses[1:]]
    # Annotators looked at videos, whatever the poses.
    return compare_pairs([(by_name[a], by_name[b]) for a, b in pairs if a in by_name])


def compare_pairs(pairs: Sequence[tuple[Macro, Macro]]) -> tuple[Comparison, ...]:
    """Compare the first of each pair with the second; p is corrected over all of them."""
    gaps = [(a.value or 0) - (b.value or 0) for a, b in pairs]
    spreads = [a.draws - b.draws for a, b in pairs]
    p_holm = holm(np.array([_p(g, s[~np.isnan(s)]) for g, s in zip(gaps, spreads, strict=True)]))
    return tuple(
        Comparison(a.scorer, a.poses, b.scorer, b.poses, gap, *_interval(spread), float(p))
        for (a, b), gap, spread, p in zip(pairs, gaps, spreads, p_holm, strict=True)
    )


def holm(p: np.ndarray) -> np.ndarray:
    """Return p values (n,) corrected by Holm's step-down procedure.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty_like(p)
    found[order] = np.minimum(raised, 1.0)
    return found


def _p(gap: float, spread: np.ndarray) -> float:
    """Return the two-sided p of a difference by the spread of its draws."""
    deviation = float(spread.std()) if len(spread) else 0.0
    if deviation == 0:
        return 1.0 if gap == 0 else 0.0
    return float(2 * ndtr(-abs(gap) / deviation))


def _interval(draws: np.ndarray) -> tuple[float, float]:
    return percentile_interval(draws)
