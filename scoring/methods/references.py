"""What all scorers share that compare a repetition with good ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.poses import PoseSequence, filled, normalised, resampled

N_FRAMES = 100
"""Every repetition is stretched or shrunk to this many."""
TORSO = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
TOO_LITTLE = "more than half of the keypoints are missing"

Group = tuple[str, str, str]
"""Exercise, view and keypoint convention: what must agree before repetitions compare."""


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


@dataclass(frozen=True)
class References:
    """Good repetitions of one group that show the same keypoints."""

    points: np.ndarray
    """All of one length. Shape (N, T, K, C)."""
    joints: np.ndarray
    """The keypoints that all of them show throughout. Shape (K,), bool."""
    people: np.ndarray
    """Whose each is: one name a person, or one a repetition where nobody said. Shape (N,), str."""


def prepare(
    members: Sequence[PoseSequence], points_of: Callable[[PoseSequence], np.ndarray]
) -> References | None:
    """Keep of a group the repetitions that show every keypoint that at least half of them show.

    Args:
        members: Sequences of one group.
        points_of: Gives the points (T, K, C) that are compared, NaN where missing.

    Returns:
        None if that leaves no repetition, or less than half of the keypoints.
    """
    points = np.stack([points_of(member) for member in members])
    shows = np.stack([shown(one) for one in points])
    joints = shows.mean(axis=0) >= 0.5
    whole = shows[:, joints].all(axis=1)
    if 2 * joints.sum() < len(joints) or not whole.any():
        return None
    people = [member.person or f"repetition {i}" for i, member in enumerate(members)]
    return References(points[whole], joints, np.array(people)[whole])


def comparable(sequence: PoseSequence) -> np.ndarray:
    """Return points in torso lengths from the hips. Shape (N_FRAMES, K, C).

    All NaN for a sequence too short or too incomplete to be normalised.
    """
    whole = filled(sequence)
    if sequence.n_frames < 2 or np.isnan([whole.at(name) for name in TORSO]).any():
        return _nothing(sequence)
    return resampled(normalised(whole), N_FRAMES).keypoints


def as_filmed(sequence: PoseSequence) -> np.ndarray:
    """Return points as they are. Shape (N_FRAMES, K, C); all NaN for a single frame."""
    if sequence.n_frames < 2:
        return _nothing(sequence)
    return resampled(filled(sequence), N_FRAMES).keypoints


def _nothing(sequence: PoseSequence) -> np.ndarray:
    return np.full((N_FRAMES, *sequence.keypoints.shape[1:]), np.nan)


def shown(points: np.ndarray) -> np.ndarray:
    """Return which keypoints of (T, K, C) are there in every frame. Shape (K,)."""
    return ~np.isnan(points).any(axis=(0, 2))


def falling_score(distance: float, half: float) -> float:
    """Turn a distance from 0 up into a score from 100 down, 50 at `half`.

    >>> falling_score(0.0, 30.0), falling_score(30.0, 30.0), falling_score(60.0, 30.0)
    (100.0, 50.0, 25.0)
    """
    return float(100 * 0.5 ** (distance / half))
