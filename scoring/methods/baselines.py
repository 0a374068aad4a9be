"""Scorers that know next to nothing: whoever does not beat them has learnt nothing either.

`always-correct` and `random` show what chance looks like in every metric. `duration` looks at how
long a repetition takes and at nothing else: where it does well, the dataset gives the fault away.
`range` is the classical rule: how far the driving joint went, against good repetitions.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from motions.library import EXERCISES
from scoring.contract import Verdict, abstain
from scoring.methods.angles import MAIN_ANGLES, main_angles_rad
from scoring.methods.references import Group, by_group, falling_score, group_of, no_reference
from scoring.poses import PoseSequence, filled
from simulator.faults.library import FAULTS

NOBODY = "every keypoint is missing"
HALF_SCORE_DURATION = 2.0
"""Twice, or half, the usual duration scores 50."""
DRIVING_ANGLES = {
    "knee_flexion": "knee",
    "knee_extension": "knee",
    "hip_flexion": "hip",
    "elbow_flexion": "elbow",
    "arm_elevation": "shoulder",
}
"""By the measure that drives an exercise: which of the main angles shows it. None shows a shrug."""


@dataclass(frozen=True)
class AlwaysCorrect:
    """Finds nothing wrong."""

    name: str = field(default="always-correct", init=False)
    version: str = field(default="1", init=False)

    def score(self, sequence: PoseSequence) -> Verdict:
        """Give full marks to anybody."""
        return abstain(NOBODY) if sequence.missing.all() else Verdict(score=100, good=True)


@dataclass(frozen=True)
class Random:
    """Draws a score, the same one for the same keypoints."""

    seed: int = 0
    name: str = field(default="random", init=False)
    version: str = field(default="1", init=False)

    def score(self, sequence: PoseSequence) -> Verdict:
        """Draw from 0 to 100."""
        if sequence.missing.all():
            return abstain(NOBODY)
        digest = hashlib.sha256(np.ascontiguousarray(sequence.keypoints).tobytes()).digest()
        rng = np.random.default_rng([self.seed, int.from_bytes(digest[:8], "big")])
        return Verdict(score=rng.uniform(0, 100))


@dataclass(frozen=True)
class Duration:
    """Compares how long repetitions take."""

    usual_s: Mapping[str, float] = field(default_factory=dict)
    """By exercise: the median of good repetitions."""
    name: str = field(default="duration", init=False)
    version: str = field(default="1", init=False)

    def fit(self, good: Sequence[PoseSequence]) -> "Duration":
        """Learn the usual duration of each exercise."""
        usual_s = {
            exercise: float(np.median([s.duration_s for s in good if s.exercise == exercise]))
            for exercise in sorted({s.exercise for s in good})
        }
        return replace(self, usual_s=usual_s)

    def score(self, sequence: PoseSequence) -> Verdict:
        """Score by the ratio to the usual duration."""
        if sequence.missing.all():
            return abstain(NOBODY)
        if sequence.exercise not in self.usual_s:
            return abstain(no_reference(sequence))
        ratio = sequence.duration_s / self.usual_s[sequence.exercise]
        return Verdict(score=falling_score(abs(np.log(ratio)), np.log(HALF_SCORE_DURATION)))


@dataclass(frozen=True)
class Range:
    """Compares how far the driving joint goes, as far as the camera shows it."""

    usual_rad: Mapping[Group, float] = field(default_factory=dict)
    """The median range of good repetitions."""
    name: str = field(default="range", init=False)
    version: str = field(default="1", init=False)

    def fit(self, good: Sequence[PoseSequence]) -> "Range":
        """Learn the usual range of each exercise and view."""
        ranges = {g: [driving_range_rad(s) for s in some] for g, some in by_group(good).items()}
        seen = {g: [r for r in some if r is not None] for g, some in ranges.items()}
        return replace(self, usual_rad={g: float(np.median(r)) for g, r in seen.items() if r})

    def score(self, sequence: PoseSequence) -> Verdict:
        """Score by the share of the usual range, and judge it as an incomplete range."""
        range_rad = driving_range_rad(sequence)
        if range_rad is None:
            return abstain(f"the driving joint of {sequence.exercise} is not seen throughout")
        usual_rad = self.usual_rad.get(group_of(sequence))
        if not usual_rad:
            return abstain(no_reference(sequence))
        share = range_rad / usual_rad
        fault = FAULTS.get(f"{sequence.exercise}.incomplete_range")
        return Verdict(
            score=100 * min(share, 1.0),
            good=None if fault is None else not fault.is_present(share),
            fault_severities={} if fault is None else {fault.id: fault.severity(share)},
        )


def driving_range_rad(sequence: PoseSequence) -> float | None:
    """Return by how much the joint that drives the exercise bends, in the image.

    The mean of left and right, or the side that is seen throughout; None for neither, and for an
    exercise that none of the main angles shows.
    """
    exercise = EXERCISES.get(sequence.exercise)
    joint = DRIVING_ANGLES.get(exercise.driving) if exercise else None
    angles_rad = main_angles_rad(filled(sequence).keypoints, sequence.convention)
    sides = [i for i, name in enumerate(MAIN_ANGLES) if name.partition("_")[2] == joint]
    ranges_rad = np.ptp(angles_rad[:, sides], axis=0)
    seen_rad = ranges_rad[~np.isnan(ranges_rad)]
    return float(seen_rad.mean()) if len(seen_rad) else None
