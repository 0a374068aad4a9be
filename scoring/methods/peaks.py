"""A scorer that only looks for repetitions: without one the table of whole recordings is empty."""

from dataclasses import dataclass, field

from motions.errors import FormbenchError
from scoring.contract import Verdict
from scoring.methods.repetitions import find_repetitions
from scoring.poses import PoseSequence

WHY = "it looks for repetitions only"


@dataclass(frozen=True)
class Peaks:
    """Finds repetitions by the way that moves most, see `scoring.methods.repetitions`."""

    name: str = field(default="peaks", init=False)
    version: str = field(default="1", init=False)

    def score(self, sequence: PoseSequence) -> Verdict:
        """Return the repetitions, and no score."""
        try:
            found = find_repetitions(sequence)
        except FormbenchError as error:
            return Verdict(score=None, abstained=f"{WHY}: {error}")
        return Verdict(score=None, abstained=WHY, repetitions=found)
