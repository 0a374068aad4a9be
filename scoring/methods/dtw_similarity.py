"""Two scorers that compare a repetition with good ones by dynamic time warping.

`dtw-article` is the formula of Antonello Calamea, "Just Used Machine Learning in My Workout!"
(Towards Data Science, 2020): each joint's pixel height over time is matched on its own, the median
over the joints is the distance, and below 30 px the execution is good. Pixels depend on the camera,
its distance and the person's height; the article compared one person with himself.

`dtw` mends that: points are relative to the hips and in torso lengths, repetitions get the same
number of frames, all joints are warped alike, and the distance is a root mean square per joint and
step. Its line between good and faulty is inferred from the good repetitions.

Both take the nearest of the good repetitions of the same exercise, view and keypoint convention.
They abstain where there is none, and where more than half of the keypoints are missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from motions.errors import FormbenchError
from scoring.contract import Verdict, abstain
from scoring.methods.dtw import Bank, align, distances, pack, per_joint
from scoring.poses import PoseSequence, filled, normalised, resampled

ARTICLE_LINE_PX = 30.0
"""The article: "a median lower than 30 could be a starting threshold", from six comparisons."""
HALF_SCORE_TORSO = 0.15
"""The distance at which `dtw` gives a score of 50; only the scale of its scores hangs on it."""
FALSE_ALARM_RATE = 0.05
"""The share of good repetitions that `dtw` may call faulty."""
N_FRAMES = 100
RADIUS = 25
"""A quarter of the repetition: more than a person's tempo varies within it."""
TORSO = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
TOO_LITTLE = "more than half of the keypoints are missing"

Group = tuple[str, str, str]
"""Exercise, view and keypoint convention: what must agree before repetitions compare."""


@dataclass(frozen=True)
class DtwArticle:
    """The median over the joints of the distances between their heights in the image."""

    references: Mapping[Group, tuple[np.ndarray, ...]] = field(default_factory=dict, repr=False)
    """Heights of good repetitions in pixels, NaN where missing. Shape (S, K) each."""
    name: str = field(default="dtw-article", init=False)
    version: str = field(default="1", init=False)

    def fit(self, good: Sequence[PoseSequence]) -> "DtwArticle":
        """Remember good repetitions."""
        groups = by_group(good)
        return replace(
            self, references={g: tuple(map(heights_px, members)) for g, members in groups.items()}
        )

    def score(self, sequence: PoseSequence) -> Verdict:
        """Compare with the nearest good repetition."""
        references = self.references.get(group_of(sequence))
        if references is None:
            return abstain(no_reference(sequence))
        heights = heights_px(sequence)
        compared = [article_distances_px(heights, reference) for reference in references]
        medians = [_median_of_enough(joints) for joints in compared]
        nearest = int(np.argmin(medians))
        if np.isinf(medians[nearest]):
            return abstain(TOO_LITTLE)
        return Verdict(
            score=falling_score(medians[nearest], ARTICLE_LINE_PX),
            good=medians[nearest] < ARTICLE_LINE_PX,
            joint_distances=_by_name(sequence, compared[nearest]),
        )


@dataclass(frozen=True)
class References:
    """Good repetitions of one group, prepared for comparison."""

    points: np.ndarray
    """As `comparable` gives them. Shape (N, N_FRAMES, K, C)."""
    joints: np.ndarray
    """The keypoints that all of them show throughout. Shape (K,), bool."""
    bank: Bank
    """The same, of those keypoints."""
    line_torso: float | None
    """The distance above which a repetition is faulty, inferred from how far each of them is from
    the nearest of another person; None for too few references."""


@dataclass(frozen=True)
class Dtw:
    """The root mean square distance of the joints from where they should be."""

    references: Mapping[Group, References] = field(default_factory=dict, repr=False)
    name: str = field(default="dtw", init=False)
    version: str = field(default="1", init=False)

    def fit(self, good: Sequence[PoseSequence]) -> "Dtw":
        """Remember good repetitions, and infer from them what is too far."""
        groups = {group: _references(members) for group, members in by_group(good).items()}
        return replace(self, references={g: r for g, r in groups.items() if r is not None})

    def score(self, sequence: PoseSequence) -> Verdict:
        """Compare with the nearest good repetition."""
        references = self.references.get(group_of(sequence))
        if references is None:
            return abstain(no_reference(sequence))
        points = comparable(sequence)
        joints = references.joints & shown(points)
        if 2 * joints.sum() < len(joints):
            return abstain(TOO_LITTLE)
        bank = references.bank
        if (joints != references.joints).any():
            bank = pack([flat(one, joints) for one in references.points])
        found = distances(flat(points, joints), bank, RADIUS, per_step=True)
        nearest = int(np.argmin(found))
        distance = float(found[nearest] / joints.sum() ** 0.5)
        line = references.line_torso
        return Verdict(
            score=falling_score(distance, HALF_SCORE_TORSO),
            good=None if line is None else distance <= line,
            joint_distances=_by_name(
                sequence, _along_the_path(points, references.points[nearest], joints)
            ),
        )


def article_distances_px(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Match every joint's height on its own, as the article does.

    Args:
        x: Heights in pixels, NaN where missing. Shape (T, K).
        y: Likewise. Shape (S, K).

    Returns:
        Distances in tslearn's convention; NaN for a joint that either lacks. Shape (K,).
    """
    both = ~(np.isnan(x).any(axis=0) | np.isnan(y).any(axis=0))
    found = np.full(x.shape[1], np.nan)
    if both.any():
        found[both] = per_joint(x[:, both], y[:, both])
    return found


def article_distance_px(x: np.ndarray, y: np.ndarray) -> float:
    """Return the article's figure for two executions: the median over their joints."""
    return float(np.nanmedian(article_distances_px(x, y)))


def falling_score(distance: float, half: float) -> float:
    """Turn a distance from 0 up into a score from 100 down, 50 at `half`.

    >>> falling_score(0.0, 30.0), falling_score(30.0, 30.0), falling_score(60.0, 30.0)
    (100.0, 50.0, 25.0)
    """
    return float(100 * 0.5 ** (distance / half))


def conformal_line(
    distances: Sequence[float] | np.ndarray, false_alarm_rate: float
) -> float | None:
    """Return the distance that a further good repetition exceeds at most at the given rate.

    The ceil((n + 1)(1 - rate))-th smallest of n (split conformal prediction; Vovk, Gammerman and
    Shafer, "Algorithmic Learning in a Random World", 2005). It holds for a repetition drawn like
    the others, so the fewer people these come from, the less it holds for a stranger.

    Returns:
        None for so few distances that no line keeps the rate: under 19 at 5 %.
    """
    rank = int(np.ceil((len(distances) + 1) * (1 - false_alarm_rate) - 1e-9))
    return float(np.sort(distances)[rank - 1]) if rank <= len(distances) else None


def group_of(sequence: PoseSequence) -> Group:
    """Return what must agree before two sequences compare."""
    return sequence.exercise, sequence.view, sequence.convention_name


def by_group(sequences: Sequence[PoseSequence]) -> dict[Group, list[PoseSequence]]:
    """Sort sequences into groups, each in the order given."""
    groups: dict[Group, list[PoseSequence]] = {}
    for sequence in sequences:
        groups.setdefault(group_of(sequence), []).append(sequence)
    return groups


def no_reference(sequence: PoseSequence) -> str:
    """Say what reference is lacking."""
    exercise, view, convention_name = group_of(sequence)
    return f"no good repetition to compare with: {exercise} from {view} in {convention_name}"


def heights_px(sequence: PoseSequence) -> np.ndarray:
    """Return the vertical image coordinate of the keypoints, short gaps filled. Shape (T, K)."""
    if sequence.unit != "px":
        raise FormbenchError(f"dtw-article: expected keypoints in px, got {sequence.unit}")
    return filled(sequence).keypoints[..., 1]


def comparable(sequence: PoseSequence) -> np.ndarray:
    """Return points in torso lengths from the hips. Shape (N_FRAMES, K, C).

    All NaN for a sequence too short or too incomplete to be normalised.
    """
    whole = filled(sequence)
    needed = [whole.at(name) for name in TORSO]
    if sequence.n_frames < 2 or np.isnan(needed).any():
        return np.full((N_FRAMES, *sequence.keypoints.shape[1:]), np.nan)
    return resampled(normalised(whole), N_FRAMES).keypoints


def shown(points: np.ndarray) -> np.ndarray:
    """Return which keypoints of (T, K, C) are there in every frame. Shape (K,)."""
    return ~np.isnan(points).any(axis=(0, 2))


def flat(points: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """Return some keypoints of (T, K, C) as one series of (T, dimensions)."""
    return points[:, joints].reshape(len(points), -1)


def _references(members: Sequence[PoseSequence]) -> References | None:
    """Prepare good repetitions: those that show every keypoint that at least half of them show.

    Returns:
        None if that leaves no repetition, or less than half of the keypoints.
    """
    points = np.stack([comparable(member) for member in members])
    shows = np.stack([shown(one) for one in points])
    joints = shows.mean(axis=0) >= 0.5
    whole = shows[:, joints].all(axis=1)
    points = points[whole]
    if 2 * joints.sum() < len(joints) or not len(points):
        return None
    series = [flat(one, joints) for one in points]
    bank = pack(series)
    between = np.stack([distances(one, bank, RADIUS, per_step=True) for one in series])
    people = np.array([member.person or index for index, member in enumerate(members)], dtype=str)
    people = people[whole]
    between[people[:, None] == people] = np.inf
    to_nearest = between.min(axis=1) / joints.sum() ** 0.5
    to_nearest = to_nearest[np.isfinite(to_nearest)]
    return References(points, joints, bank, conformal_line(to_nearest, FALSE_ALARM_RATE))


def _along_the_path(x: np.ndarray, y: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """Return how far each joint is off, root mean square along the path that all share."""
    i, j = align(flat(x, joints), flat(y, joints), RADIUS).path.T
    off = np.sqrt(((x[i] - y[j]) ** 2).sum(axis=-1).mean(axis=0))
    return np.where(joints, off, np.nan)


def _median_of_enough(joint_distances: np.ndarray) -> float:
    """Return the median, infinite where more than half are missing."""
    if 2 * np.isnan(joint_distances).sum() > len(joint_distances):
        return float("inf")
    return float(np.nanmedian(joint_distances))


def _by_name(sequence: PoseSequence, joint_distances: np.ndarray) -> dict[str, float]:
    names = sequence.convention.keypoint_names
    return {n: float(d) for n, d in zip(names, joint_distances, strict=True) if not np.isnan(d)}
