"""Agreement between annotators who answered the same tasks, by kind of task and by fault."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from labeling.agreement import (
    Interval,
    boundary_f1,
    krippendorff_alpha,
    match_spans,
    mean_interval,
    oks,
    span_agreement,
)
from labeling.consensus import Skill, agree_on_reps
from labeling.convert import to_rating
from labeling.labels import FaultLabels, Labels, PoseLabels, RepetitionLabels

TOLERANCE_S = 0.2
"""Boundaries this near to each other count as the same."""

Answers = Mapping[str, Mapping[str, Labels]]
"""By the task's uid, by annotator: what was answered to tasks of one kind."""


@dataclass(frozen=True)
class Agreement:
    """How far all annotators agree on one thing."""

    about: str
    """A fault id; empty for all of a kind."""
    measure: str
    value: Interval
    """n counts pairs of answers, or repetitions for alpha, which has no limits."""


def agreements(answers: Answers) -> tuple[Agreement, ...]:
    """Return every measure of agreement for the answers to tasks of one kind."""
    pairs = [
        (a, b)
        for of_task in answers.values()
        for a, b in combinations([of_task[name] for name in sorted(of_task)], 2)
    ]
    found = [Agreement("", "agreement", mean_interval([likeness(a, b) for a, b in pairs]))]
    spans = [(a.reps, b.reps) for a, b in pairs if isinstance(a, RepetitionLabels | FaultLabels)
             and isinstance(b, RepetitionLabels | FaultLabels)]  # fmt: skip
    if spans:
        f1 = [boundary_f1(a, b, TOLERANCE_S) for a, b in spans]
        overlap = [span_agreement(a, b) for a, b in spans]
        found.append(Agreement("", f"boundary F1 at {TOLERANCE_S:g} s", mean_interval(f1)))
        found.append(Agreement("", "temporal IoU", mean_interval(overlap)))
    for fault_id, (presence, stars) in sorted(_ratings(answers).items()):
        for measure, ratings, level in (
            ("alpha of presence", presence, "nominal"),
            ("alpha of severity", stars, "ordinal"),
        ):
            n_units = int(((~np.isnan(ratings)).sum(axis=0) >= 2).sum())
            alpha = krippendorff_alpha(ratings, level)
            found.append(Agreement(fault_id, measure, Interval(alpha, None, None, n_units)))
    return tuple(found)


def agreement_of(name: str, answers: Answers) -> Interval:
    """Return how far one annotator agrees with each other on the same tasks of one kind."""
    return mean_interval(
        [
            likeness(of_task[name], of_task[other])
            for of_task in answers.values()
            if name in of_task
            for other in sorted(of_task)
            if other != name
        ]
    )


def likeness(a: Labels, b: Labels) -> float:
    """Return how alike two answers to one task are, 0 to 1.

    Poses: mean OKS over the pages of either, 0 for a page that only one labelled, each taken as the
    reference once. Repetitions: see `span_agreement`. Faults: the share of same decisions over
    faults and repetitions, 0 for repetitions that only one marked.
    """
    if isinstance(a, PoseLabels) and isinstance(b, PoseLabels):
        first, second = ({pose.page: pose for pose in labels.poses} for labels in (a, b))
        either = sorted({*first, *second})
        both = [page for page in either if page in first and page in second]
        alike = [(oks(first[p], second[p]) + oks(second[p], first[p])) / 2 for p in both]
        return sum(alike) / len(either) if either else 1.0
    if isinstance(a, RepetitionLabels) and isinstance(b, RepetitionLabels):
        return span_agreement(a.reps, b.reps)
    if isinstance(a, FaultLabels) and isinstance(b, FaultLabels):
        return _same_decisions(a, b)
    raise TypeError(f"answers to different kinds of task: {type(a)} and {type(b)}")


def _same_decisions(a: FaultLabels, b: FaultLabels) -> float:
    if not a.reps and not b.reps:
        return 1.0
    said_a, said_b = ({(f.rep, f.fault_id): f.present for f in x.faults} for x in (a, b))
    matched = match_spans(a.reps, b.reps)
    alike = [
        np.mean([said_a[i, fault_id] == said_b[j, fault_id] for fault_id in _fault_ids(a)])
        for i, j in matched
    ]
    return float(sum(alike)) / (len(a.reps) + len(b.reps) - len(matched))


def _ratings(answers: Answers) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return by fault what everyone said of every repetition: presence, and stars, 0 for absent.

    Both of shape (annotators, repetitions), NaN where nothing was said. Repetitions are those that
    at least half of the annotators of a task marked.
    """
    names = sorted({name for of_task in answers.values() for name in of_task})
    columns: dict[str, list[np.ndarray]] = defaultdict(list)
    for of_task in answers.values():
        said = {n: labels for n, labels in of_task.items() if isinstance(labels, FaultLabels)}
        reps = [rep.span for rep in agree_on_reps([(x.reps, Skill()) for x in said.values()])]
        stars: dict[tuple[str, int], np.ndarray] = defaultdict(lambda: np.full(len(names), np.nan))
        for name, labels in said.items():
            at = dict(match_spans(labels.reps, reps))
            for fault in labels.faults:
                if fault.rep in at:
                    value = to_rating(fault.severity) if fault.present else 0
                    stars[fault.fault_id, at[fault.rep]][names.index(name)] = value
        for (fault_id, _), column in sorted(stars.items()):
            columns[fault_id].append(column)
    found = {}
    for fault_id, of_fault in columns.items():
        table = np.array(of_fault).T
        found[fault_id] = (np.where(np.isnan(table), np.nan, table > 0), table)
    return found


def _fault_ids(labels: FaultLabels) -> list[str]:
    return sorted({fault.fault_id for fault in labels.faults})
