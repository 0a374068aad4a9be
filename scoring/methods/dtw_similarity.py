"""Scorers that compare a repetition with good ones by dynamic time warping.

`dtw-article` is the formula of Antonello Calamea, "Just Used Machine Learning in My Workout!"
(Towards Data Science, 2020): each joint's pixel height over time is matched on its own, the median
over the joints is the distance, and below 30 px the execution is good. Pixels depend on the camera,
its distance and the person's height; the article compared one person with himself. That line was
read off six comparisons; `dtw-article-inferred` draws its own from the good repetitions.

`dtw` mends that: points are relative to the hips and in torso lengths, repetitions get the same
number of frames, all joints are warped alike, and the distance is a root mean square per joint and
step. Its line between good and faulty is inferred from the good repetitions. `dtw-barycentre` is
the same with one reference, the barycentre of the good repetitions: a hundred times less to
compare with, and no odd one among them that a faulty repetition may be near to.

The others take the nearest of the good repetitions of the same exercise, view and keypoint
convention. All abstain where there is none, and where more than half of the keypoints are missing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from motions.errors import FormbenchError
from scoring.contract import Verdict, abstain
from scoring.methods.dtw import Bank, align, distances, pack, per_joint
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
from scoring.methods.warping import barycentre
from scoring.poses import PoseSequence, filled

ARTICLE_LINE_PX = 30.0
"""The article: "a median lower than 30 could be a starting threshold", from six comparisons."""
HALF_SCORE_TORSO = 0.15
"""The distance at which `dtw` gives a score of 50; only the scale of its scores hangs on it."""
RADIUS = 25
"""A quarter of the repetition: more than a person's tempo varies within it."""


@dataclass(frozen=True)
class DtwArticle:
    """The median over the joints of the distances between their heights in the image."""

    references: Mapping[Group, tuple[np.ndarray, ...]] = field(default_factory=dict, repr=False)
    """Heights of good repetitions in pixels, NaN where missing. Shape (S, K) each."""
    name: str = "dtw-article"
    inferred: bool = False
    """Whether the line is inferred from how far each good repetition is from the nearest of another
    person; there is none for too few."""
    lines_px: Mapping[Group, float | None] = field(default_factory=dict)
    """The inferred lines."""
    version: str = field(default="1", init=False)

    def fit(self, good: Sequence[PoseSequence]) -> "DtwArticle":
        """Remember good repetitions, and infer the line from them where it is."""
        groups = by_group(good)
        heights = {g: tuple(map(heights_px, members)) for g, members in groups.items()}
        lines = {g: _line_px(groups[g], heights[g]) for g in groups} if self.inferred else {}
        return replace(self, references=heights, lines_px=lines)

    def score(self, sequence: PoseSequence) -> Verdict:
        """Compare with the nearest good repetition."""
        group = group_of(sequence)
        references = self.references.get(group)
        if references is None:
            return abstain(no_reference(sequence))
        heights = heights_px(sequence)
        compared = [article_distances_px(heights, reference) for reference in references]
        medians = [_median_of_enough(joints) for joints in compared]
        nearest = int(np.argmin(medians))
        if np.isinf(medians[nearest]):
            return abstain(TOO_LITTLE)
        median_px, line_px = medians[nearest], self.lines_px.get(group)
        if self.inferred:
            good = None if line_px is None else median_px <= line_px
        else:
            good = median_px < ARTICLE_LINE_PX
        return Verdict(
            score=falling_score(median_px, line_px or ARTICLE_LINE_PX),
            good=good,
            joint_distances=_by_name(sequence, compared[nearest]),
        )


@dataclass(frozen=True)
class Compared:
    """Good repetitions of one group, ready for `Dtw`."""

    references: References
    """As `comparable` gives them."""
    bank: Bank
    """The same, of the keypoints that all show."""
    line_torso: float | None
    """The distance above which a repetition is faulty, inferred from how far each good one is from
    the nearest of another person, or from the barycentre; None for too few."""


@dataclass(frozen=True)
class Dtw:
    """The root mean square distance of the joints from where they should be."""

    groups: Mapping[Group, Compared] = field(default_factory=dict, repr=False)
    name: str = "dtw"
    compared: Callable[[References], Compared] | None = None
    """Makes of good repetitions what others are compared with; `nearest_of` if None."""
    version: str = field(default="2", init=False)

    def fit(self, good: Sequence[PoseSequence]) -> "Dtw":
        """Remember good repetitions, and infer from them what is too far."""
        compared = self.compared or nearest_of
        prepared = {g: prepare(members, comparable) for g, members in by_group(good).items()}
        return replace(self, groups={g: compared(r) for g, r in prepared.items() if r})

    def score(self, sequence: PoseSequence) -> Verdict:
        """Compare with the nearest good repetition."""
        group = self.groups.get(group_of(sequence))
        if group is None:
            return abstain(no_reference(sequence))
        references, bank, line = group.references, group.bank, group.line_torso
        points = comparable(sequence)
        joints = references.joints & shown(points)
        if 2 * joints.sum() < len(joints):
            return abstain(TOO_LITTLE)
        if (joints != references.joints).any():
            bank = pack([flat(one, joints) for one in references.points])
        found = distances(flat(points, joints), bank, RADIUS, per_step=True)
        nearest = int(np.argmin(found))
        distance = float(found[nearest] / joints.sum() ** 0.5)
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


def heights_px(sequence: PoseSequence) -> np.ndarray:
    """Return the vertical image coordinate of the keypoints, short gaps filled. Shape (T, K)."""
    if sequence.unit != "px":
        raise FormbenchError(f"dtw-article: expected keypoints in px, got {sequence.unit}")
    return filled(sequence).keypoints[..., 1]


def flat(points: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """Return some keypoints of (T, K, C) as one series of (T, dimensions)."""
    return points[:, joints].reshape(len(points), -1)


def nearest_of(references: References) -> Compared:
    """Keep all good repetitions, the nearest of which will count."""
    series = [flat(one, references.joints) for one in references.points]
    bank = pack(series)
    between = np.stack([distances(one, bank, RADIUS, per_step=True) for one in series])
    between[references.people[:, None] == references.people] = np.inf
    to_nearest = between.min(axis=1) / references.joints.sum() ** 0.5
    found = np.isfinite(to_nearest)
    distances_torso = Distances(to_nearest[found], references.people[found])
    return Compared(references, bank, line_of(distances_torso))


def mean_of(references: References) -> Compared:
    """Keep the barycentre of the good repetitions."""
    joints = references.joints
    series = [flat(one, joints) for one in references.points]
    points = np.full((1, *references.points.shape[1:]), np.nan)
    points[0][:, joints] = barycentre(series).reshape(*points[0][:, joints].shape)
    bank = pack([flat(points[0], joints)])
    to_mean = np.array([distances(one, bank, RADIUS, per_step=True)[0] for one in series])
    line = line_of(Distances(to_mean / joints.sum() ** 0.5, references.people))
    return Compared(References(points, joints, np.array(["mean"])), bank, line)


def dtw_barycentre() -> Dtw:
    """Make the scorer that compares with the mean of the good repetitions."""
    return Dtw(name="dtw-barycentre", compared=mean_of)


def dtw_article_inferred() -> DtwArticle:
    """Make the article's scorer with a line of its own."""
    return DtwArticle(name="dtw-article-inferred", inferred=True)


def _line_px(members: Sequence[PoseSequence], heights: Sequence[np.ndarray]) -> float | None:
    """Return the line that good repetitions of one group draw, None for too few of them."""
    people = np.array([member.person or f"repetition {i}" for i, member in enumerate(members)])
    between = np.full((len(members), len(members)), np.inf)
    for i, j in combinations(range(len(members)), 2):
        if people[i] != people[j]:
            joints = article_distances_px(heights[i], heights[j])
            between[i, j] = between[j, i] = _median_of_enough(joints)
    to_nearest = between.min(axis=1)
    found = np.isfinite(to_nearest)
    return line_of(Distances(to_nearest[found], people[found]))


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
