"""From judgements to figures: which repetitions count, and the metrics of each fault and view."""

from collections.abc import Iterable, Sequence

import numpy as np

from scoring.evaluation.metrics import detection
from scoring.evaluation.results import ALL_VIEWS, ANY_FAULT, Judged, Row
from scoring.evaluation.statistics import estimate_auroc
from scoring.evaluation.thresholds import Threshold, estimate_threshold
from simulator.faults.library import FAULTS


def rows_of(judged: Sequence[Judged], seed: int, n_resamples: int) -> tuple[Row, ...]:
    """Return a row for every scorer, exercise, fault and view, in this order."""
    rows = []
    for scorer in sorted({j.scorer for j in judged}):
        for exercise in sorted({j.truth.exercise for j in judged}):
            some = [j for j in judged if (j.scorer, j.truth.exercise) == (scorer, exercise)]
            faults = sorted({fault_id for j in some for fault_id in j.truth.severities})
            views = sorted({j.view for j in some})
            for fault_id in (ANY_FAULT, *faults):
                for view in (ALL_VIEWS, *views):
                    seen = [j for j in some if view in (ALL_VIEWS, j.view)]
                    rows.append(_row(seen, fault_id, view, seed, n_resamples))
    return tuple(rows)


def is_faulty(judged: Judged, fault_id: str) -> bool:
    """Whether a repetition has the fault, or any fault."""
    present = judged.truth.present
    return bool(present) if fault_id == ANY_FAULT else fault_id in present


def _row(some: Sequence[Judged], fault_id: str, view: str, seed: int, n_resamples: int) -> Row:
    counted = [j for j in some if j.truth.clean or is_faulty(j, fault_id)]
    by_severity = any(j.verdict and fault_id in j.verdict.fault_severities for j in counted)
    values = [_evidence(j, fault_id, by_severity) for j in counted]
    usable = [(j, value) for j, value in zip(counted, values, strict=True) if value is not None]
    present = np.array([not j.truth.clean for j, _ in usable], dtype=bool)
    evidence = np.array([value for _, value in usable], dtype=np.float64)
    subjects = np.array([j.truth.subject_id for j, _ in usable], dtype=str)
    metrics = detection.evaluate(present, evidence)
    # One seed for all rows: scorers that judged the same people are compared on the same draws.
    rng = np.random.default_rng(seed)
    return Row(
        scorer=some[0].scorer,
        exercise=some[0].truth.exercise,
        fault_id=fault_id,
        view=view,
        evidence="severity" if by_severity else "score",
        auroc=estimate_auroc(present, evidence, subjects, rng, n_resamples),
        average_precision=metrics["average_precision"],
        sensitivity_at_5_percent=metrics["sensitivity_at"],
        own_sensitivity=_called_faulty(j for j in counted if not j.truth.clean),
        own_false_alarm_rate=_called_faulty(j for j in counted if j.truth.clean),
        threshold=_threshold(some, fault_id, by_severity, np.random.default_rng(seed)),
        n_abstained=sum(j.verdict is not None for j in counted) - len(usable),
        n_failed=sum(j.verdict is None for j in counted),
    )


def _threshold(
    some: Sequence[Judged], fault_id: str, by_severity: bool, rng: np.random.Generator
) -> Threshold | None:
    """Return from which dose on a fault is seen where no other is present."""
    if fault_id == ANY_FAULT:
        return None
    spec = FAULTS[fault_id]
    alone = [j for j in some if set(j.truth.present) <= {fault_id}]
    told = [(j, value) for j in alone if (value := _evidence(j, fault_id, by_severity)) is not None]
    sizes = [spec.size_at_severity(j.truth.severities[fault_id]) for j, _ in told]
    return estimate_threshold(
        (np.array(sizes) - spec.neutral) / (spec.severe - spec.neutral),
        np.array([value for _, value in told]),
        np.array([j.truth.clean for j, _ in told], dtype=bool),
        np.array([j.truth.subject_id for j, _ in told], dtype=str),
        rng,
    )


def _evidence(judged: Judged, fault_id: str, by_severity: bool) -> float | None:
    """Return how much a scorer suspects the fault, None where it does not say."""
    if judged.verdict is None:
        return None
    if by_severity:
        return judged.verdict.fault_severities.get(fault_id)
    return None if judged.verdict.score is None else 100 - judged.verdict.score


def _called_faulty(some: Iterable[Judged]) -> float | None:
    """Return the share that a scorer calls not good, None where it draws no line."""
    calls = [not j.verdict.good for j in some if j.verdict and j.verdict.good is not None]
    return sum(calls) / len(calls) if calls else None
