"""PERFECT or FIGHTING: one pose held against a target pose, and what to change.

The words, and the two scores behind them, are those of the account of a MediaPipe trainer
(docs/accounts/pose-follower.md). A pose is as alike as the lower of the two scores says: angles do
not tell which way a person faces, and coordinates hardly tell a bent elbow. The word changes at two
thresholds, so that it does not flicker between them.
"""

from dataclasses import dataclass

import numpy as np

from motions.conventions import Convention
from scoring.methods.angles import MAIN_ANGLES, main_angles_rad
from scoring.methods.pose_similarity import angle_scores, cosine_scores

PERFECT, FIGHTING = "PERFECT", "FIGHTING"
PERFECT_FROM, FIGHTING_BELOW = 75.0, 65.0
"""Angles that are off by 8 and by 12 degrees, root mean square."""
LEAST_ANGLES = 4
"""With fewer main angles seen in both poses there is nothing to say."""
LEAST_DEG = 8.0
"""What is off by less needs no word."""
BETTER = 10.0
"""So many points better must a pose fit the target turned round to be called turned round."""

_WAYS = {"elbow": ("bend", "straighten"), "knee": ("bend", "straighten"),
         "hip": ("bend", "straighten"), "shoulder": ("lower", "raise")}  # fmt: skip
_LIMBS = {
    f"{side} {limb}": (f"{side}_{first}", f"{side}_{last}")
    for side in ("left", "right")
    for limb, first, last in (
        ("upper arm", "shoulder", "elbow"), ("forearm", "elbow", "wrist"),
        ("thigh", "hip", "knee"), ("shin", "knee", "ankle"),
    )
}  # fmt: skip
_ACROSS = ("to the picture's left", "to the picture's right")
_DIRECTIONS = {2: (_ACROSS, ("up", "down")), 3: (_ACROSS, ("forward", "back"), ("down", "up"))}
"""By number of coordinates, for each the way of a negative and of a positive difference; forward is
towards the camera."""


@dataclass(frozen=True)
class Change:
    """What to do with one limb."""

    limb: str
    way: str
    by_deg: float

    @property
    def words(self) -> str:
        """The change as it is said."""
        if any(self.way in ways for ways in _WAYS.values()):
            return f"{self.way} the {self.limb} by {self.by_deg:.0f}°"
        return f"turn the {self.limb} {self.way} by {self.by_deg:.0f}°"


@dataclass(frozen=True)
class PoseMatch:
    """How alike a pose and its target are."""

    coordinates: float
    """0 to 100: centred coordinates."""
    angles: float
    """0 to 100: the main angles."""
    turned: str
    """What to do first for someone who faces another way; empty for one who does not."""
    changes: tuple[Change, ...]
    """The largest first."""

    @property
    def similarity(self) -> float:
        """The lower of both scores."""
        return min(self.coordinates, self.angles)

    @property
    def suggestions(self) -> tuple[str, ...]:
        """What to change, in words."""
        return (self.turned,) if self.turned else tuple(change.words for change in self.changes)


def match_pose(points: np.ndarray, target: np.ndarray, convention: Convention) -> PoseMatch | None:
    """Hold a pose against a target, both in pixels or both in metres with +Z up.

    Args:
        points: The pose, NaN where missing. Shape (K, 2) or (K, 3).
        target: Likewise, of the same shape.
        convention: The order of the K points.

    Returns:
        None where the hips or most of the main angles are missing in either.
    """
    pose, wanted = (_centred(p, convention) for p in (points, target))
    off_deg = np.rad2deg(main_angles_rad(wanted, convention) - main_angles_rad(pose, convention))
    if np.isfinite(off_deg).sum() < LEAST_ANGLES:
        return None
    coordinates = float(cosine_scores(pose, wanted, convention))
    changes = _bends(off_deg) or _turns(pose, wanted, convention)
    return PoseMatch(
        coordinates=coordinates,
        angles=float(angle_scores(pose, wanted, convention)),
        turned=_turned(pose, wanted, convention, coordinates + BETTER),
        changes=tuple(sorted(changes, key=lambda change: -change.by_deg)),
    )


def display_word(similarity: float, before: str = FIGHTING) -> str:
    """Return the word to show, given the one that is shown.

    >>> display_word(70.0), display_word(80.0), display_word(70.0, before="PERFECT")
    ('FIGHTING', 'PERFECT', 'PERFECT')
    """
    return PERFECT if similarity >= (
        FIGHTING_BELOW if before == PERFECT else PERFECT_FROM
    ) else FIGHTING  # fmt: skip


def _centred(points: np.ndarray, convention: Convention) -> np.ndarray:
    hips = [convention.keypoint_names.index(f"{side}_hip") for side in ("left", "right")]
    return np.asarray(points - points[hips].mean(axis=0))


def _turned(pose: np.ndarray, wanted: np.ndarray, convention: Convention, least: float) -> str:
    """Say so when the pose fits better turned half round or mirrored than as it is."""
    half_turn = np.array([-1.0, 1.0] if pose.shape[1] == 2 else [-1.0, -1.0, 1.0])
    mirror = np.array([-1.0, *[1.0] * (pose.shape[1] - 1)])
    others = {
        "face the other way": wanted * half_turn,
        "swap left and right": (wanted * mirror)[list(convention.mirror)],
    }
    scores = {
        words: float(cosine_scores(pose, other, convention)) for words, other in others.items()
    }
    best = max(scores, key=lambda words: scores[words])
    return best if scores[best] >= least else ""


def _bends(off_deg: np.ndarray) -> list[Change]:
    changes = []
    for name, by_deg in zip(MAIN_ANGLES, off_deg, strict=True):
        if abs(by_deg) >= LEAST_DEG:
            side, joint = name.split("_")
            limb = "arm" if joint == "shoulder" else joint
            way = _WAYS[joint][int(by_deg > 0)]
            changes.append(Change(f"{side} {limb}", way, float(abs(by_deg))))
    return changes


def _turns(pose: np.ndarray, wanted: np.ndarray, convention: Convention) -> list[Change]:
    """Return the limbs that point another way, for poses whose angles agree."""
    at = convention.keypoint_names.index
    changes = []
    for limb, (first, last) in _LIMBS.items():
        bones = [points[at(last)] - points[at(first)] for points in (pose, wanted)]
        lengths = [float(np.linalg.norm(bone)) for bone in bones]
        if np.isnan(lengths).any() or min(lengths) == 0:
            continue
        now, then = (bone / length for bone, length in zip(bones, lengths, strict=True))
        by_deg = float(np.rad2deg(2 * np.arcsin(min(1.0, float(np.linalg.norm(then - now)) / 2))))
        if by_deg >= LEAST_DEG:
            axis = int(np.abs(then - now).argmax())
            way = _DIRECTIONS[len(now)][axis][int((then - now)[axis] > 0)]
            changes.append(Change(limb, way, by_deg))
    return changes
