"""From a recording to a judgement of each of its repetitions: cut, compare with good ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from motions.errors import FormbenchError
from motions.motion import Span
from scoring.contract import Scorer, Verdict, abstain, fit
from scoring.methods.repetitions import find_repetitions
from scoring.poses import PoseSequence, cut

CONFIDENT = 0.5
"""What an estimator is less sure of is not shown as seen."""
COMPARED_WITH = "the others are compared with it"
"""Why the first repetition has no score where nothing else says what is good."""
FASTEST_S = 0.4
"""Nobody repeats a movement of the library in less."""
Find = Callable[[PoseSequence], tuple[Span, ...]]
"""Gives the repetitions of a recording, in order."""


@runtime_checkable
class OwnLine(Scorer, Protocol):
    """A scorer that draws its line where a person's own good repetitions lie."""

    def for_person(self, first: Sequence[PoseSequence]) -> Scorer:
        """Return the scorer for the person whose first good repetitions these are."""


@dataclass(frozen=True)
class JudgedRepetition:
    """One repetition of a recording and what a scorer says of it."""

    number: int
    """From 1."""
    span: Span
    verdict: Verdict

    @property
    def worst_joint(self) -> str:
        """The keypoint that is farthest off; empty where none is, or the scorer does not say."""
        distances = self.verdict.joint_distances
        worst = max(distances, key=lambda joint: distances[joint], default="")
        return worst if distances.get(worst) else ""


def judge(
    recording: PoseSequence,
    scorer: Scorer,
    references: Sequence[PoseSequence] = (),
    find: Find = find_repetitions,
    n_own: int = 0,
) -> tuple[JudgedRepetition, ...]:
    """Find the repetitions of a recording and let a scorer judge each.

    Args:
        recording: One person doing one exercise.
        scorer: Fitted here, on every repetition of the references.
        references: Recordings of good repetitions, seen from the same side; without any, the first
            repetition of the recording is what the others are compared with, and has no score.
        find: How repetitions are found, `Boundaries.find` of a trained model for example.
        n_own: So many repetitions at the beginning are good, and the line is this person's own.

    Raises:
        FormbenchError: No repetition was found, or they are too fast, a reference is of another
            convention, or the scorer draws no line of somebody's own.
    """
    spans = _found(find, recording, "the recording")
    good = []
    for number, reference in enumerate(references):
        if reference.convention_name != recording.convention_name:
            raise FormbenchError(
                f"score: expected references in {recording.convention_name}, "
                f"got {reference.convention_name}"
            )
        # Scorers compare within an exercise and a view; here both are for the user to see to.
        same = replace(reference, exercise=recording.exercise, view=recording.view)
        where = f"reference {number + 1}"
        good += [replace(cut(same, s), person=where) for s in _found(find, reference, where)]
    fitted = fit(scorer, good or [cut(recording, spans[0])])
    if n_own:
        if not isinstance(fitted, OwnLine):
            raise FormbenchError(
                f"score: expected a scorer that draws a line of somebody's own, a model of "
                f"`workbench train faults`, got {fitted.name}"
            )
        fitted = fitted.for_person([cut(recording, span) for span in spans[:n_own]])
    judged = [
        JudgedRepetition(number, span, _judged(fitted, cut(recording, span)))
        for number, span in enumerate(spans, 1)
    ]
    if not good and hasattr(scorer, "fit"):  # like itself the first one is, however bad it is
        judged[0] = replace(judged[0], verdict=abstain(COMPARED_WITH))
    return tuple(judged)


def _judged(scorer: Scorer, repetition: PoseSequence) -> Verdict:
    """Return the verdict without joints that were guessed rather than seen most of the time."""
    verdict = scorer.score(repetition)
    names = repetition.convention.keypoint_names
    sure = dict(zip(names, np.median(repetition.confidence, axis=0) >= CONFIDENT, strict=True))
    kept = {joint: off for joint, off in verdict.joint_distances.items() if sure[joint]}
    return replace(verdict, joint_distances=kept)


def finder(boundaries: Path | None) -> Find:
    """Return what finds repetitions: a trained model in a folder, or what needs no training."""
    if boundaries is None:
        return find_repetitions
    # Only a model needs torch.
    from scoring.learning.boundaries import read_boundaries

    return read_boundaries(boundaries).find


def _found(find: Find, sequence: PoseSequence, where: str) -> tuple[Span, ...]:
    spans = find(sequence)
    if not spans:
        raise FormbenchError(f"score: expected repetitions in {where}, found none")
    typical_s = float(np.median([span.end_s - span.start_s for span in spans]))
    if typical_s < FASTEST_S:
        raise FormbenchError(
            f"score: repetitions of {typical_s:.2f} s in {where} are faster than people move; "
            f"are {sequence.fps:g} frames per second right?"
        )
    return spans
