"""Tempo, judged apart from shape: time warping takes it out, so it is measured on its own.

Where a person is along the way they move most (`scoring.methods.repetitions`) gives the times out,
at the far end and back; of these ways one is eccentric, on which the weight is lowered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from scoring.contract import Verdict, abstain
from scoring.methods.limits import Distances, line_of
from scoring.methods.references import by_group, falling_score, group_of, no_reference
from scoring.methods.repetitions import moving_curve
from scoring.poses import PoseSequence, UnseenError
from simulator.faults.shared import LOWERED

AT_END = 0.1
"""Of the way: nearer than this to an end is being there."""
HALF_SCORE = float(np.log(2.0))
"""A way that takes twice or half as long as usual scores 50."""
LEAST_S = 0.2
"""Added to all times before they are compared, for the far end may take none at all."""


@dataclass(frozen=True)
class Tempo:
    """How long the parts of a repetition take."""

    out_s: float
    """From leaving rest to the far end."""
    hold_s: float
    """At the far end."""
    back_s: float
    """From the far end to rest."""

    @property
    def moving_s(self) -> float:
        """From leaving rest to being back."""
        return self.out_s + self.hold_s + self.back_s

    def eccentric_ratio(self, exercise: str) -> float | None:
        """Return the time of lowering over that of lifting, None where nothing is lowered."""
        if exercise not in LOWERED:
            return None
        lowered, lifted = self.out_s, self.back_s
        return lowered / lifted if LOWERED[exercise][0] == "out" else lifted / lowered


def tempo(sequence: PoseSequence) -> Tempo:
    """Measure one repetition.

    Raises:
        UnseenError: Hips or shoulders are not seen throughout, or nothing moves.
    """
    curve = moving_curve(sequence)
    low, high = np.percentile(curve, [1, 99])
    if high - low <= 0:
        raise UnseenError("tempo: expected a repetition, got a person who does not move")
    share = (curve - low) / (high - low)
    far, away = np.flatnonzero(share >= 1 - AT_END), np.flatnonzero(share >= AT_END)
    frames = away[0], far[0], far[-1] + 1, away[-1] + 1
    out_s, hold_s, back_s = np.diff(frames) / sequence.fps
    # A way between two frames takes no less than the time between them.
    return Tempo(max(out_s, 1 / sequence.fps), float(hold_s), max(back_s, 1 / sequence.fps))


@dataclass(frozen=True)
class Usual:
    """The tempos of good repetitions of one exercise."""

    times_s: np.ndarray
    """The median of each part. Shape (3,)."""
    line: float | None
    """How far from these a repetition is that is off; None for too few."""


@dataclass(frozen=True)
class TempoScorer:
    """How far the times of a repetition's parts are from those of good ones."""

    usual: Mapping[str, Usual] = field(default_factory=dict, repr=False)
    """By exercise: tempo does not depend on the view."""
    name: str = field(default="tempo", init=False)
    version: str = field(default="1", init=False)

    def fit(self, good: Sequence[PoseSequence]) -> "TempoScorer":
        """Learn the usual times of each exercise."""
        found: dict[str, list[tuple[np.ndarray, str]]] = {}
        for members in by_group(good).values():
            for number, member in enumerate(members):
                times_s = _times_s(member)
                if times_s is not None:
                    person = member.person or f"repetition {number}"
                    found.setdefault(member.exercise, []).append((times_s, person))
        return replace(self, usual={exercise: _usual(some) for exercise, some in found.items()})

    def score(self, sequence: PoseSequence) -> Verdict:
        """Score by the part that is farthest from usual."""
        usual = self.usual.get(sequence.exercise)
        if usual is None:
            return abstain(no_reference(sequence))
        times_s = _times_s(sequence)
        if times_s is None:
            return abstain(f"{group_of(sequence)[0]}: no movement that hips and shoulders show")
        off = _off(times_s, usual.times_s)
        return Verdict(
            score=falling_score(off, HALF_SCORE),
            good=None if usual.line is None else off <= usual.line,
        )


def _usual(found: Sequence[tuple[np.ndarray, str]]) -> Usual:
    times_s, people = np.stack([one for one, _ in found]), np.array([who for _, who in found])
    median_s = np.median(times_s, axis=0)
    off = np.array([_off(one, median_s) for one in times_s])
    return Usual(median_s, line_of(Distances(off, people)))


def _times_s(sequence: PoseSequence) -> np.ndarray | None:
    """Return the times of `Tempo`'s parts, None where they cannot be measured. Shape (3,)."""
    try:
        found = tempo(sequence)
    except UnseenError:
        return None
    return np.array([getattr(found, part.name) for part in fields(found)])


def _off(times_s: np.ndarray, usual_s: np.ndarray) -> float:
    """Return the largest logarithm of a ratio of times."""
    return float(np.abs(np.log((times_s + LEAST_S) / (usual_s + LEAST_S))).max())
