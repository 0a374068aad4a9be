"""A scorer that knows good repetitions only, and finds what is unlike all of them.

Good repetitions of one exercise, view and convention, each as one long vector of points in torso
lengths, span a few directions in which they differ, and hardly any others: principal components. A
new one is odd by how far it lies along the few, and by how far off them it lies, each in standard
deviations and each with the same say: Hotelling's T squared and the squared prediction error of
process control (Jackson and Mudholkar, "Control Procedures for Residuals Associated With Principal
Component Analysis", Technometrics 21, 1979). Where the line lies is inferred from how odd each good
repetition is to those of the other people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from scoring.contract import Verdict, abstain
from scoring.methods.limits import Distances, line_of
from scoring.methods.references import (
    TOO_LITTLE,
    Group,
    References,
    by_group,
    comparable,
    falling_score,
    group_of,
    no_reference,
    prepare,
    shown,
)
from scoring.poses import PoseSequence

EXPLAINED = 0.9
"""The directions kept hold this share of the variance."""
SMALLEST_TORSO = 0.02
"""No direction is known more surely than this, some 1 cm."""
HALF_SCORE = 3.0
"""Three times as odd as a usual good repetition scores 50."""


@dataclass(frozen=True)
class Usual:
    """Where good repetitions lie, and how they spread."""

    mean: np.ndarray
    """Shape (D,)."""
    directions: np.ndarray
    """Orthonormal. Shape (Q, D)."""
    spreads: np.ndarray
    """Standard deviation along each. Shape (Q,)."""
    rest: float
    """Standard deviation along every other."""

    def oddness(self, vectors: np.ndarray) -> np.ndarray:
        """Return how odd vectors (N, D) are, 1 for a usual one. Shape (N,)."""
        off = vectors - self.mean
        along = off @ self.directions.T
        # What is left over is no less than 0 but for rounding.
        across = np.maximum((off**2).sum(axis=1) - (along**2).sum(axis=1), 0)
        n_kept, n_dims = self.directions.shape
        squares = across / self.rest**2 / (n_dims - n_kept)
        if n_kept:
            squares = (squares + ((along / self.spreads) ** 2).mean(axis=1)) / 2
        found: np.ndarray = np.sqrt(squares)
        return found


def usual(vectors: np.ndarray) -> Usual:
    """Learn from vectors (N, D)."""
    mean = vectors.mean(axis=0)
    _, singular, directions = np.linalg.svd(vectors - mean, full_matrices=False)
    variances = singular**2 / max(len(vectors) - 1, 1)
    total = variances.sum()
    n_kept = int(np.searchsorted(np.cumsum(variances), EXPLAINED * total)) + 1 if total > 0 else 0
    # As many directions as repetitions would call every new one odd.
    n_kept = min(n_kept, len(vectors) // 2)
    left = variances[n_kept:].sum() / (vectors.shape[1] - n_kept)
    spreads = np.sqrt(np.maximum(variances[:n_kept], SMALLEST_TORSO**2))
    return Usual(mean, directions[:n_kept], spreads, max(float(left) ** 0.5, SMALLEST_TORSO))


@dataclass(frozen=True)
class Known:
    """Good repetitions of one group."""

    references: References

    @cached_property
    def usual(self) -> Usual:
        """What they are like."""
        return usual(self._vectors)

    @cached_property
    def line(self) -> float | None:
        """How odd a repetition is that is faulty; None for too few."""
        people = self.references.people
        found = np.zeros(len(people))
        for person in np.unique(people):
            own = people == person
            if own.all():
                return None
            found[own] = usual(self._vectors[~own]).oddness(self._vectors[own])
        return line_of(Distances(found, people))

    @property
    def _vectors(self) -> np.ndarray:
        points = self.references.points[:, :, self.references.joints]
        return points.reshape(len(points), -1)


@dataclass(frozen=True)
class Anomaly:
    """How unlike all good repetitions one is."""

    groups: Mapping[Group, Known] = field(default_factory=dict, repr=False)
    name: str = field(default="anomaly", init=False)
    version: str = field(default="1", init=False)

    def fit(self, good: Sequence[PoseSequence]) -> "Anomaly":
        """Learn what good repetitions are like."""
        prepared = {g: prepare(members, comparable) for g, members in by_group(good).items()}
        return replace(self, groups={g: Known(r) for g, r in prepared.items() if r})

    def score(self, sequence: PoseSequence) -> Verdict:
        """Score by how odd a repetition is."""
        known = self.groups.get(group_of(sequence))
        if known is None:
            return abstain(no_reference(sequence))
        points, joints = comparable(sequence), known.references.joints
        if not shown(points)[joints].all():
            return abstain(TOO_LITTLE)
        odd = float(known.usual.oddness(points[:, joints].reshape(1, -1))[0])
        return Verdict(
            score=falling_score(odd, HALF_SCORE),
            good=None if known.line is None else odd <= known.line,
        )
