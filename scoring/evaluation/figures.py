"""From judgements to figures: which repetitions count, and the metrics of each fault and view."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np

from scoring.evaluation.metrics import detection, grading
from scoring.evaluation.results import ALL_VIEWS, ANY_FAULT, Grading, Judged, Row
from scoring.evaluation.statistics import estimate_auroc
from scoring.evaluation.thresholds import Threshold, estimate_threshold
from simulator.faults.library import FAULTS


def rows_of(judged: Sequence[Judged], seed: int, n_resamples: int) -> tuple[Row, ...]:
    """Return a row for every scorer, source of poses, exercise, fault and view, in this order."""
    rows = []
    for some in by_task(judged):
        faults = sorted({fault_id for j in some for fault_id in j.truth.severities})
        views = sorted({j.view for j in some})
        for fault_id in (ANY_FAULT, *faults):
            for view in (ALL_VIEWS, *views):
                seen = [j for j in some if view in (ALL_VIEWS, j.view)]
                rows.append(_row(seen, fault_id, view, seed, n_resamples))
    return tuple(rows)


def by_task(judged: Sequence[Judged]) -> Iterator[list[Judged]]:
    """Yield the judgements of each scorer, source of poses and exercise, in this order."""

    def task(j: Judged) -> tuple[str, str, str]:
        return j.scorer, j.poses, j.truth.exercise

    for _, some in groupby(sorted(judged, key=task), key=task):
        yield list(some)


def is_faulty(judged: Judged, fault_id: str) -> bool:
    """Whether a repetition has the fault, or any fault."""
    present = judged.truth.present
    return bool(present) if fault_id == ANY_FAULT else fault_id in present


def counted(some: Sequence[Judged], fault_id: str) -> tuple[list[Judged], list[float | None], bool]:
    """Return the clean repetitions and those with a fault, the evidence for it that a scorer gives
    in each, and whether that is its severity."""
    kept = [j for j in some if j.truth.clean or is_faulty(j, fault_id)]
    by_severity = any(
        j.answer.verdict and fault_id in j.answer.verdict.fault_severities for j in kept
    )
    return kept, [j.evidence(fault_id, by_severity) for j in kept], by_severity


def threshold_in(some: Sequence[Judged], fault_id: str, seed: int) -> Threshold:
    """Return from which size on a fault is seen in judgements of one scorer and exercise."""
    by_severity = counted(some, fault_id)[2]
    return _threshold(_alone(some, fault_id, by_severity), np.random.default_rng(seed))


def _row(some: Sequence[Judged], fault_id: str, view: str, seed: int, n_resamples: int) -> Row:
    kept, values, by_severity = counted(some, fault_id)
    usable = [(j, value) for j, value in zip(kept, values, strict=True) if value is not None]
    present = np.array([not j.truth.clean for j, _ in usable], dtype=bool)
    evidence = np.array([value for _, value in usable], dtype=np.float64)
    subjects = np.array([j.truth.subject_id for j, _ in usable], dtype=str)
    metrics = detection.evaluate(present, evidence)
    sensitivity = _called_faulty(j for j in kept if not j.truth.clean)
    false_alarms = _called_faulty(j for j in kept if j.truth.clean)
    calls = [
        (not j.truth.clean, not v.good)
        for j in kept
        if (v := j.answer.verdict) and v.good is not None
    ]
    truly, called = np.array(calls, dtype=bool).reshape(-1, 2).T
    # One seed for all rows: scorers that judged the same people are compared on the same draws.
    rng = np.random.default_rng(seed)
    # A fault that nobody shows has no size to tell.
    told = fault_id != ANY_FAULT and any(is_faulty(j, fault_id) for j in some)
    alone = _alone(some, fault_id, by_severity) if told else []
    return Row(
        scorer=some[0].scorer,
        poses=some[0].poses,
        exercise=some[0].truth.exercise,
        fault_id=fault_id,
        view=view,
        evidence="severity" if by_severity else "score",
        auroc=estimate_auroc(present, evidence, subjects, rng, n_resamples),
        average_precision=metrics["average_precision"],
        sensitivity_at_5_percent=metrics["sensitivity_at"],
        own_sensitivity=sensitivity,
        own_false_alarm_rate=false_alarms,
        balanced_accuracy=(
            None if detection.why_undefined(truly) else detection.balanced_accuracy(truly, called)
        ),
        threshold=_threshold(alone, np.random.default_rng(seed)) if told else None,
        grading=_grading(alone, fault_id, by_severity) if told else None,
        n_abstained=sum(j.answer.verdict is not None for j in kept) - len(usable),
        n_failed=sum(j.answer.verdict is None for j in kept),
    )


def _alone(
    some: Sequence[Judged], fault_id: str, by_severity: bool
) -> list[tuple[Judged, float, float]]:
    """Return judgement, dose and evidence of repetitions in which no other fault is present."""
    return [
        (j, j.truth.dose(fault_id), value)
        for j in some
        if set(j.truth.present) <= {fault_id}
        and (value := j.evidence(fault_id, by_severity)) is not None
    ]


def _threshold(alone: Sequence[tuple[Judged, float, float]], rng: np.random.Generator) -> Threshold:
    return estimate_threshold(
        np.array([dose for _, dose, _ in alone]),
        np.array([value for _, _, value in alone]),
        np.array([j.truth.clean for j, _, _ in alone], dtype=bool),
        np.array([j.truth.subject_id for j, _, _ in alone], dtype=str),
        rng,
    )


def _grading(
    alone: Sequence[tuple[Judged, float, float]], fault_id: str, by_severity: bool
) -> Grading:
    spec = FAULTS[fault_id]
    doses = np.array([dose for _, dose, _ in alone])
    told = np.array([value for _, _, value in alone])
    ladders = np.array([f"{j.truth.ladder}/{j.view}" for j, _, _ in alone])
    correlations = grading.rank_correlation(doses, told)
    faulty = [(j.truth, j.answer.verdict) for j, _, _ in alone if fault_id in j.truth.present]
    sides = [
        (truth.sides[fault_id], verdict.fault_sides[fault_id])
        for truth, verdict in faulty
        if verdict and fault_id in truth.sides and fault_id in verdict.fault_sides
    ]
    times = [
        (truth.spans[fault_id], verdict.fault_spans[fault_id])
        for truth, verdict in faulty
        if verdict and fault_id in truth.spans and fault_id in verdict.fault_spans
    ]
    per_severity = abs(spec.severe - spec.mild)
    severities = np.array([j.truth.severities[fault_id] for j, _, _ in alone])
    error = grading.size_error(severities * per_severity, told * per_severity)
    return Grading(
        spearman=correlations[0] if correlations else None,
        kendall=correlations[1] if correlations else None,
        monotonicity=grading.monotonicity(doses, told, ladders),
        n=len(alone),
        size_error=error if by_severity else None,
        side_accuracy=grading.side_accuracy(*zip(*sides, strict=True)) if sides else None,
        n_sides=len(sides),
        time_overlap=grading.time_overlap(*zip(*times, strict=True)) if times else None,
        n_times=len(times),
    )


def _called_faulty(some: Iterable[Judged]) -> float | None:
    """Return the share that a scorer calls not good, None where it draws no line."""
    verdicts = [j.answer.verdict for j in some]
    calls = [not v.good for v in verdicts if v and v.good is not None]
    return sum(calls) / len(calls) if calls else None
