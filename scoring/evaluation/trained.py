"""Baselines that are taught faults: models of each exercise, trained for the data at hand.

Other scorers learn from clean repetitions alone. These are also told which faults the people who
are learnt from have, as `workbench train faults` would be: truth in space, looked at from virtual
cameras all around. Whoever is judged they have never met.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from motions.errors import FormbenchError
from scoring.contract import Scorer, Verdict, abstain
from scoring.evaluation.material import Material
from scoring.learning.fault_examples import Repetition, repetitions_of
from scoring.learning.faults import train
from scoring.methods.feature_faults import FaultScorer
from scoring.poses import PoseSequence

TRAINED = {"features": "linear", "network": "network"}
"""By name, the kind of model, a key of `scoring.learning.fault_kinds.KINDS`: classical features,
and the deep model."""


@dataclass(frozen=True)
class ByExercise:
    """Several scorers as one: each judges its exercise."""

    name: str
    scorers: Mapping[str, Scorer]
    """By exercise."""
    untaught: Mapping[str, str]
    """Why there is none for an exercise, by exercise."""

    @property
    def version(self) -> str:
        """Changes with any of theirs."""
        text = " ".join(f"{name} {one.version}" for name, one in sorted(self.scorers.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def score(self, sequence: PoseSequence) -> Verdict:
        """Let the exercise's own judge one repetition."""
        own = self.scorers.get(sequence.exercise)
        if own is None:
            why = self.untaught.get(sequence.exercise, "nobody who was learnt from did it")
            return abstain(f"it learnt nothing of {sequence.exercise}: {why}")
        return own.score(sequence)


def trained(name: str, given: Material, seed: int) -> ByExercise:
    """Train one of TRAINED on the people who are learnt from.

    Args:
        name: Which.
        given: Who is learnt from.
        seed: Decides the virtual cameras, and who of them is held back to draw the line.

    Raises:
        FormbenchError: No exercise is done by enough of them, or their points in space are not
            known.
    """
    repetitions = repetitions_of(replace(given.dataset, rows=given.train), given.convention_name)
    by_exercise: dict[str, list[Repetition]] = {}
    for one in repetitions:
        by_exercise.setdefault(one.poses.exercise, []).append(one)
    data_sha256 = given.dataset.content_sha256
    scorers, untaught = {}, {}
    for exercise, own in sorted(by_exercise.items()):
        try:
            scorers[exercise] = FaultScorer(train(own, data_sha256, kind=TRAINED[name], seed=seed))
        except FormbenchError as error:
            untaught[exercise] = str(error)
    if not scorers:
        raise FormbenchError(
            next(iter(untaught.values()), "nobody who is learnt from did anything")
        )
    return ByExercise(name, scorers, untaught)
