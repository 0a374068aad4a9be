"""Known answers: which simulated tasks to mix in, and what they say about each annotator.

A task with a known answer looks like any other. It is chosen so that faults and doses are balanced,
and the truth grades whoever answers it: joints in pixels and OKS, boundaries in seconds, faults
by sensitivity and specificity, severities by their bias.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

import numpy as np

from export.dataset import FaultRow
from labeling.agreement import Interval, keypoint_errors_px, match_spans, mean_interval, oks, wilson
from labeling.labels import FaultLabels, PoseLabels, RepetitionLabels
from motions.errors import FormbenchError

CLEAN = "clean"


def stratum(faults: Iterable[FaultRow]) -> str:
    """Return what a clip with these faults shows: its worst one and whether that is large.

    A severity of 0.5, halfway from mild to severe, and above is large.
    """
    worst = max((f for f in faults if f.present), key=lambda f: f.severity, default=None)
    if worst is None:
        return CLEAN
    return f"{worst.fault_id} {'large' if worst.severity >= 0.5 else 'small'}"


def choose_known_answers(
    strata: Mapping[str, str], n_tasks: int, clean_share: float
) -> tuple[str, ...]:
    """Choose which of the tasks with a known answer are mixed in.

    Args:
        strata: What each clip shows, see `stratum`, by a hash that stands for the clip.
        n_tasks: How many to choose.
        clean_share: The share of tasks that show no fault, 0 to 1; the rest is balanced over
            faults and doses.

    Returns:
        Their hashes, sorted.

    Raises:
        FormbenchError: There are too few tasks with or without faults.
    """
    if not 0 <= clean_share <= 1:
        raise FormbenchError(f"known answers: expected a clean share of 0 to 1, got {clean_share}")
    of_stratum: dict[str, list[str]] = defaultdict(list)
    for key in sorted(strata):
        of_stratum[strata[key]].append(key)
    clean = of_stratum.pop(CLEAN, [])
    rounds = zip_longest(*(of_stratum[name] for name in sorted(of_stratum)))
    faulty = [key for one_of_each in rounds for key in one_of_each if key]
    n_clean = round(clean_share * n_tasks)
    for wanted, there, what in (
        (n_clean, clean, "without"),
        (n_tasks - n_clean, faulty, "with"),
    ):
        if wanted > len(there):
            raise FormbenchError(
                f"known answers: expected at least {wanted} simulated tasks {what} a fault, got "
                f"{len(there)}; generate more clips or lower the rate"
            )
    return tuple(sorted(clean[:n_clean] + faulty[: n_tasks - n_clean]))


@dataclass(frozen=True)
class PoseGrade:
    """How well an annotator places joints."""

    error_px: Interval
    """Mean distance from the truth of joints that both place, over pages."""
    oks: Interval
    """Mean object keypoint similarity, over pages."""
    visibility_accuracy: Interval
    """Share of joints whose visibility is right."""


@dataclass(frozen=True)
class RepetitionGrade:
    """How well an annotator marks repetitions."""

    found: Interval
    """Share of the true repetitions that were marked."""
    n_extra: int
    """Marked repetitions that are none."""
    boundary_error_s: Interval
    """Mean distance of a boundary from the truth, over tasks."""
    boundary_bias_s: Interval
    """Mean of marked minus true time, over tasks."""


@dataclass(frozen=True)
class FaultGrade:
    """How well an annotator sees one fault."""

    fault_id: str
    sensitivity: Interval
    """Share of the repetitions with the fault in which it was seen."""
    specificity: Interval
    """Share of the repetitions without the fault in which it was not seen."""
    severity_bias: Interval
    """Mean of said minus true severity where it is there and was seen."""


Graded = TypeVar("Graded", PoseLabels, RepetitionLabels, FaultLabels)
Pairs = Sequence[tuple[Graded, Graded]]
"""What was said and what is true, task by task."""


def grade_poses(pairs: Pairs[PoseLabels]) -> PoseGrade:
    """Grade poses; a page that was left out counts as similarity 0."""
    errors_px: list[float] = []
    similarities: list[float] = []
    right: list[bool] = []
    for said, true in pairs:
        by_page = {pose.page: pose for pose in said.poses}
        for pose in true.poses:
            found = by_page.get(pose.page)
            similarities.append(oks(found, pose) if found else 0.0)
            if found:
                off_px = keypoint_errors_px(found, pose)
                # A mean a page: the joints of one page are no independent witnesses.
                errors_px += [float(off_px.mean())] if len(off_px) else []
                right += (found.visibility == pose.visibility).tolist()
    return PoseGrade(
        mean_interval(errors_px), mean_interval(similarities), wilson(sum(right), len(right))
    )


def grade_repetitions(pairs: Pairs[RepetitionLabels]) -> RepetitionGrade:
    """Grade repetitions, each matched with the true one that it overlaps most."""
    errors_s: list[float] = []
    biases_s: list[float] = []
    n_true = n_found = n_extra = 0
    for said, true in pairs:
        matched = match_spans(said.reps, true.reps)
        off_s = [
            getattr(said.reps[i], edge) - getattr(true.reps[j], edge)
            for i, j in matched
            for edge in ("start_s", "end_s")
        ]
        if matched:
            errors_s.append(float(np.mean(np.abs(off_s))))
            biases_s.append(float(np.mean(off_s)))
        n_true += len(true.reps)
        n_found += len(matched)
        n_extra += len(said.reps) - len(matched)
    return RepetitionGrade(
        wilson(n_found, n_true),
        n_extra,
        mean_interval(errors_s),
        mean_interval(biases_s),
    )


def grade_faults(pairs: Pairs[FaultLabels]) -> tuple[FaultGrade, ...]:
    """Grade faults, by fault id; a true repetition that was not marked is not judged."""
    seen: dict[str, list[bool]] = defaultdict(list)
    unseen: dict[str, list[bool]] = defaultdict(list)
    bias: dict[str, list[float]] = defaultdict(list)
    for said, true in pairs:
        said_of = {(f.rep, f.fault_id): f for f in said.faults}
        true_of = {(f.rep, f.fault_id): f for f in true.faults}
        for i, j in match_spans(said.reps, true.reps):
            for fault_id in sorted({f.fault_id for f in true.faults}):
                judged, known = said_of[i, fault_id], true_of[j, fault_id]
                if known.present:
                    seen[fault_id].append(judged.present)
                    if judged.present:
                        bias[fault_id].append(judged.severity - known.severity)
                else:
                    unseen[fault_id].append(not judged.present)
    return tuple(
        FaultGrade(
            fault_id,
            wilson(sum(seen[fault_id]), len(seen[fault_id])),
            wilson(sum(unseen[fault_id]), len(unseen[fault_id])),
            mean_interval(bias[fault_id]),
        )
        for fault_id in sorted({*seen, *unseen})
    )
