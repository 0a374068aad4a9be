"""How far annotations can be trusted: grades, agreement, a consensus, and what to look at again.

Grades come from tasks with a known answer: simulated ones, and real ones for which someone marked
an answer as ground truth in Label Studio. What started from the truth is no test and counts for no
grade.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from labeling.agreement import Interval
from labeling.consensus import (
    ConsensusFault,
    ConsensusPose,
    ConsensusRep,
    Skill,
    agree_on_faults,
    agree_on_poses,
    agree_on_reps,
    skill,
)
from labeling.effort import Effort, efforts, saved_s
from labeling.folder import LabelFolder
from labeling.gold import (
    FaultGrade,
    PoseGrade,
    RepetitionGrade,
    grade_faults,
    grade_poses,
    grade_repetitions,
)
from labeling.labels import Annotation, FaultLabels, Labels, PoseLabels, RepetitionLabels
from labeling.pairs import Agreement, Answers, agreement_of, agreements, likeness
from labeling.predictions import TRUTH_MODEL
from labeling.pull import read_annotations
from motions.errors import FormbenchError


@dataclass(frozen=True)
class Annotator:
    """One person. Grades are None where no task with a known answer was answered."""

    name: str
    n_annotations: int
    n_skipped: int
    poses: PoseGrade | None
    repetitions: RepetitionGrade | None
    faults: tuple[FaultGrade, ...]
    agreement: Mapping[str, Interval]
    """By kind of task, how alike this one's answers and others' are, 0 to 1."""


@dataclass(frozen=True)
class Consensus:
    """What everyone's answers to one task come to; only what its kind asks for is there."""

    uid: str
    n_annotators: int
    poses: tuple[ConsensusPose, ...] = ()
    reps: tuple[ConsensusRep, ...] = ()
    faults: tuple[ConsensusFault, ...] = ()


@dataclass(frozen=True)
class Doubtful:
    """A task that is worth a second look."""

    kind: str
    uid: str
    link: str
    n_annotators: int
    doubt: float
    """From 0 to 1: for faults the mean doubt of the consensus, else one less the mean likeness."""


@dataclass(frozen=True)
class Problem:
    """An answer of which something could not be read."""

    link: str
    annotator: str
    text: str


@dataclass(frozen=True)
class Trust:
    """All that a labelling folder says about its annotations."""

    annotators: tuple[Annotator, ...]
    agreements: Mapping[str, tuple[Agreement, ...]]
    """By kind of task."""
    consensus: tuple[Consensus, ...]
    """For tasks without a known answer, by kind and uid."""
    queue: tuple[Doubtful, ...]
    """The most informative task first; those with a known answer are not in it."""
    efforts: tuple[Effort, ...]
    saved_s: Mapping[str, float]
    """By model, the seconds a pose task that starting from it saves."""
    problems: tuple[Problem, ...]


def assess(folder: LabelFolder) -> Trust:
    """Hold everything that was pulled into a folder against what is known and against each other.

    Raises:
        FormbenchError: Nothing was pulled yet.
    """
    annotations = read_annotations(folder)
    if not annotations:
        raise FormbenchError(f"{folder.folder}: holds no annotations; pull some first")
    counted = last_of_each(annotations)
    known: dict[str, Labels] = {a.uid: a.labels for a in counted if a.ground_truth}
    known |= folder.answers
    answers: dict[str, dict[str, dict[str, Labels]]] = {kind: {} for kind in folder.kinds}
    for a in counted:
        answers[a.kind].setdefault(a.uid, {})[a.annotator] = a.labels
    graded = [a for a in counted if a.uid in known and not is_no_test(a)]
    people = [
        _annotator(name, annotations, [a for a in graded if a.annotator == name], known, answers)
        for name in sorted({a.annotator for a in annotations})
    ]
    skills = {p.name: skill(p.poses, p.repetitions, p.faults) for p in people}
    consensus = [
        _consensus(uid, of_task, skills, _prior(answers[kind]))
        for kind in folder.kinds
        for uid, of_task in sorted(answers[kind].items())
        if uid not in known
    ]
    spent = efforts(folder, [a for a in annotations if not a.skipped])
    return Trust(
        annotators=tuple(people),
        agreements={kind: agreements(answers[kind]) for kind in folder.kinds},
        consensus=tuple(consensus),
        queue=_queue(consensus, counted, answers),
        efforts=spent,
        saved_s=saved_s(spent),
        problems=tuple(
            Problem(a.link, a.annotator, text) for a in annotations for text in a.problems
        ),
    )


def last_of_each(annotations: Sequence[Annotation]) -> list[Annotation]:
    """Return the last answer of each annotator to each task, skipped ones aside."""
    last = {(a.uid, a.annotator): a for a in annotations if not a.skipped}
    return list(last.values())


def is_no_test(annotation: Annotation) -> bool:
    """Whether an answer started from the truth or is taken for it."""
    return annotation.ground_truth or annotation.started_from == TRUTH_MODEL


Kind = TypeVar("Kind", PoseLabels, RepetitionLabels, FaultLabels)


def _pairs(
    graded: Sequence[Annotation], known: Mapping[str, Labels], kind: type[Kind]
) -> list[tuple[Kind, Kind]]:
    pairs = [(a.labels, known[a.uid]) for a in graded]
    return [(x, y) for x, y in pairs if isinstance(x, kind) and isinstance(y, kind)]


def _annotator(
    name: str,
    annotations: Sequence[Annotation],
    graded: Sequence[Annotation],
    known: Mapping[str, Labels],
    answers: Mapping[str, Answers],
) -> Annotator:
    own = [a for a in annotations if a.annotator == name]
    poses = _pairs(graded, known, PoseLabels)
    reps = _pairs(graded, known, RepetitionLabels)
    return Annotator(
        name=name,
        n_annotations=sum(not a.skipped for a in own),
        n_skipped=sum(a.skipped for a in own),
        poses=grade_poses(poses) if poses else None,
        repetitions=grade_repetitions(reps) if reps else None,
        faults=grade_faults(_pairs(graded, known, FaultLabels)),
        agreement={kind: agreement_of(name, of_kind) for kind, of_kind in answers.items()},
    )


def _prior(answers: Answers) -> dict[str, float]:
    """Return by fault how often it is said to be there, by Laplace's rule of succession."""
    said: dict[str, list[bool]] = defaultdict(list)
    for of_task in answers.values():
        for labels in of_task.values():
            for fault in labels.faults if isinstance(labels, FaultLabels) else ():
                said[fault.fault_id].append(fault.present)
    return {fault_id: (sum(x) + 1) / (len(x) + 2) for fault_id, x in said.items()}


def _consensus(
    uid: str,
    of_task: Mapping[str, Labels],
    skills: Mapping[str, Skill],
    prior: Mapping[str, float],
) -> Consensus:
    said = [(of_task[name], skills[name]) for name in sorted(of_task)]
    poses = [(x, who) for x, who in said if isinstance(x, PoseLabels)]
    faults = [(x, who) for x, who in said if isinstance(x, FaultLabels)]
    spans = [(x.reps, who) for x, who in said if isinstance(x, RepetitionLabels | FaultLabels)]
    return Consensus(
        uid=uid,
        n_annotators=len(said),
        poses=agree_on_poses(poses),
        reps=agree_on_reps(spans),
        faults=agree_on_faults(faults, prior),
    )


def _queue(
    consensus: Sequence[Consensus],
    counted: Sequence[Annotation],
    answers: Mapping[str, Answers],
) -> tuple[Doubtful, ...]:
    about = {a.uid: (a.kind, a.link) for a in counted}
    found = []
    for one in consensus:
        kind, link = about[one.uid]
        said = answers[kind][one.uid]
        if one.faults:
            doubt = float(np.mean([fault.doubt for fault in one.faults]))
        else:
            pairs = [
                likeness(said[a], said[b]) for a in sorted(said) for b in sorted(said) if a < b
            ]
            doubt = 1 - float(np.mean(pairs)) if pairs else 0.0
        found.append(Doubtful(kind, one.uid, link, one.n_annotators, doubt))
    return tuple(sorted(found, key=lambda d: (-d.doubt, d.kind, d.uid)))
