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
from labeling.interface import JOINTS
from labeling.labels import FaultLabels, Labels, PoseLabels, RepetitionLabels
from simulator.faults.window import SIDES

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
    seen = _visibilities(answers)
    if seen.size:
        found.append(_alpha("", "alpha of visibility", seen, "nominal"))
    for fault_id, (presence, stars, sides) in sorted(_ratings(answers).items()):
        found += [
            _alpha(fault_id, "alpha of presence", presence, "nominal"),
            _alpha(fault_id, "alpha of severity", stars, "ordinal"),
            _alpha(fault_id, "alpha of side", sides, "nominal"),
        ]
    return tuple(found)


def _alpha(about: str, measure: str, ratings: np.ndarray, level: str) -> Agreement:
    n_units = int(((~np.isnan(ratings)).sum(axis=0) >= 2).sum())
    return Agreement(
        about, measure, Interval(krippendorff_alpha(ratings, level), None, None, n_units)
    )


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


def _visibilities(answers: Answers) -> np.ndarray:
    """Return what everyone said of the visibility of every joint of every page.

    Shape (annotators, joints), NaN where nothing was said; 0 joints for other kinds than poses.
    """
    names = sorted({name for of_task in answers.values() for name in of_task})
    columns = []
    for of_task in answers.values():
        said = {n: labels for n, labels in of_task.items() if isinstance(labels, PoseLabels)}
        for page in sorted({pose.page for labels in said.values() for pose in labels.poses}):
            of_page = np.full((len(names), len(JOINTS.keypoint_names)), np.nan)
            for name, labels in said.items():
                for pose in labels.poses:
                    if pose.page == page:
                        of_page[names.index(name)] = pose.visibility
            columns.append(of_page)
    return np.concatenate(columns, axis=1) if columns else np.zeros((len(names), 0))


def _ratings(answers: Answers) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return by fault what everyone said of every repetition.

    Presence; stars, 0 for absent; and the side as its index in SIDES, only of those who saw the
    fault. Each of shape (annotators, repetitions), NaN where nothing was said. Repetitions are
    those that at least half of the annotators of a task marked.
    """
    names = sorted({name for of_task in answers.values() for name in of_task})
    columns: dict[str, list[np.ndarray]] = defaultdict(list)
    for of_task in answers.values():
        said = {n: labels for n, labels in of_task.items() if isinstance(labels, FaultLabels)}
        reps = [rep.span for rep in agree_on_reps([(x.reps, Skill()) for x in said.values()])]
        # Stars and sides, by fault and repetition.
        rated: dict[tuple[str, int], np.ndarray] = defaultdict(
            lambda: np.full((2, len(names)), np.nan)
        )
        for name, labels in said.items():
            at = dict(match_spans(labels.reps, reps))
            for fault in labels.faults:
                if fault.rep in at:
                    of_rep = rated[fault.fault_id, at[fault.rep]]
                    of_rep[0, names.index(name)] = to_rating(fault.severity) if fault.present else 0
                    if fault.present:
                        of_rep[1, names.index(name)] = SIDES.index(fault.side)
        for (fault_id, _), of_rep in sorted(rated.items()):
            columns[fault_id].append(of_rep)
    found = {}
    for fault_id, of_fault in columns.items():
        stars, sides = np.array(of_fault).transpose(1, 2, 0)
        found[fault_id] = (np.where(np.isnan(stars), np.nan, stars > 0), stars, sides)
    return found


def _fault_ids(labels: FaultLabels) -> list[str]:
    return sorted({fault.fault_id for fault in labels.faults})
