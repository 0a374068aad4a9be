"""How alike two poses are, by the direction of their coordinates or by their angles.

`seed-cosine` and `seed-angle` are the formulas of the account of a MediaPipe trainer from which
this product started (Nguyen Thi Phuong Hang, Advanced Project for AI Convergence). With F and G the
coordinates, or the angles, of the two poses:

    D = sqrt(2 (1 - cos(F, G)))     score 100 (1 - D): a distance of 0.58 scores 42
    D = (F - G) / ((F + G) / 2)     score 100 (1 - D): a distance of 0.03 scores 97

They are kept as they were, with their faults. Raw coordinates point away from the corner of the
image, so any two standing people are nearly parallel; D goes up to 2 and the score down to -100;
and angles that are off in opposite directions cancel. `cosine` and `angle` mend that: coordinates
from the hips and a score of 100 (1 - D / 2), and the root mean square difference of the angles.
Angles cannot tell a pose from its mirror image, coordinates can.

Each is a scorer: a repetition is stretched to the length of the good ones, compared with each frame
by frame, and gets the score of the most alike.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from motions.conventions import Convention
from scoring.contract import Verdict, abstain
from scoring.methods.angles import main_angles_rad
from scoring.methods.references import (
    TOO_LITTLE,
    Group,
    References,
    as_filmed,
    by_group,
    comparable,
    group_of,
    no_reference,
    prepare,
    shown,
)
from scoring.poses import PoseSequence

HALF_SCORE_DEG = 20.0
"""The difference at which `angle` gives a score of 50."""

FrameScores = Callable[[np.ndarray, np.ndarray, Convention], np.ndarray]
"""Scores poses (..., K, C) against poses of the same shape, NaN for missing points. Shape (...)."""


def cosine_distance(f: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return sqrt(2 (1 - cos)) of vectors (..., n): the chord between them, 0 to 2.

    >>> cosine_distance(np.array([1.0, 0.0]), np.array([-2.0, 0.0])).item()
    2.0
    """
    unit_f, unit_g = (v / np.linalg.norm(v, axis=-1, keepdims=True) for v in (f, g))
    return np.linalg.norm(unit_f - unit_g, axis=-1)


def relative_angle_distance(f: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return the mean of (F - G) / ((F + G) / 2) over the angles (..., A), signed; NaN left out."""
    return np.nanmean((f - g) / ((f + g) / 2), axis=-1)


def seed_score(distance: np.ndarray | float) -> np.ndarray | float:
    """Return 100 (1 - D), as the account does: unbounded below.

    >>> round(seed_score(0.58)), round(seed_score(0.03)), seed_score(2.0)
    (42, 97, -100.0)
    """
    return 100 * (1 - distance)


def seed_cosine_scores(f: np.ndarray, g: np.ndarray, _: Convention) -> np.ndarray:
    """Score poses by the account's distance of coordinates."""
    return np.asarray(seed_score(cosine_distance(*_vectors(f, g))))


def seed_angle_scores(f: np.ndarray, g: np.ndarray, convention: Convention) -> np.ndarray:
    """Score poses by the account's distance of angles, its sign dropped at the end."""
    angles = (main_angles_rad(points, convention) for points in (f, g))
    return np.asarray(seed_score(np.abs(relative_angle_distance(*angles))))


def cosine_scores(f: np.ndarray, g: np.ndarray, _: Convention) -> np.ndarray:
    """Score poses, centred before, from 0 for opposite to 100 for parallel coordinates."""
    return 100 * (1 - cosine_distance(*_vectors(f, g)) / 2)


def angle_scores(f: np.ndarray, g: np.ndarray, convention: Convention) -> np.ndarray:
    """Score poses by the root mean square difference of their angles."""
    off_rad = main_angles_rad(f, convention) - main_angles_rad(g, convention)
    off_deg = np.rad2deg(np.sqrt(np.nanmean(off_rad**2, axis=-1)))
    return 100 * 0.5 ** (off_deg / HALF_SCORE_DEG)


@dataclass(frozen=True)
class PoseSimilarity:
    """A scorer by any of the formulas above."""

    name: str
    frame_scores: FrameScores
    points_of: Callable[[PoseSequence], np.ndarray]
    references: Mapping[Group, References] = field(default_factory=dict, repr=False)
    version: str = field(default="1", init=False)

    def fit(self, good: Sequence[PoseSequence]) -> "PoseSimilarity":
        """Remember good repetitions."""
        prepared = {g: prepare(some, self.points_of) for g, some in by_group(good).items()}
        return replace(self, references={g: r for g, r in prepared.items() if r})

    def score(self, sequence: PoseSequence) -> Verdict:
        """Compare with every good repetition, frame by frame."""
        references = self.references.get(group_of(sequence))
        if references is None:
            return abstain(no_reference(sequence))
        points = self.points_of(sequence)
        joints = references.joints & shown(points)
        if 2 * joints.sum() < len(joints):
            return abstain(TOO_LITTLE)
        x, y = (np.where(joints[:, None], p, np.nan) for p in (points[None], references.points))
        scores = self.frame_scores(np.broadcast_to(x, y.shape), y, sequence.convention)
        best = float(scores.mean(axis=1).max())
        if np.isnan(best):
            return abstain("no main angle is there in every frame")
        return Verdict(score=min(max(best, 0.0), 100.0))


def seed_cosine() -> PoseSimilarity:
    """Make the account's scorer of coordinates; scores below 0 become 0."""
    return PoseSimilarity("seed-cosine", seed_cosine_scores, as_filmed)


def seed_angle() -> PoseSimilarity:
    """Make the account's scorer of angles; scores below 0 become 0."""
    return PoseSimilarity("seed-angle", seed_angle_scores, as_filmed)


def cosine() -> PoseSimilarity:
    """Make the scorer of centred coordinates."""
    return PoseSimilarity("cosine", cosine_scores, comparable)


def angle() -> PoseSimilarity:
    """Make the scorer of angles."""
    return PoseSimilarity("angle", angle_scores, as_filmed)


def _vectors(f: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lay the coordinates of poses (..., K, C) in a row each, what either lacks set to 0."""
    both = ~(np.isnan(f) | np.isnan(g))
    return tuple(np.where(both, v, 0).reshape(*v.shape[:-2], -1) for v in (f, g))  # type: ignore[return-value]
