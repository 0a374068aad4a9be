"""Which exercise a person does: the nearest of the library's good repetitions.

A set is described by how far each of a few measures goes, whatever its tempo, the person's size and
the way they face: low, middle and high value of limbs' angles, of the trunk's lean, and of where
hands and feet are. Measures are compared in units of how much they vary between people who do the
same exercise, and the nearest person's exercise is the answer: there always is one, and how much
farther the next is says how sure. A dance goes everywhere, so it is near everything and no answer.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from motions.library import EXERCISES, exercise
from motions.motion import Motion
from motions.perform import perform
from motions.skeleton import SMPL22
from scoring.learning.examples import in_convention
from scoring.methods.angles import main_angles_rad
from scoring.poses import PoseSequence, filled

N_PEOPLE, N_REPS, FPS = 8, 2, 15.0
"""Of each exercise in the library."""
LEAST_SPREAD = 0.25
"""In radians or torso lengths: how little a measure may be taken to vary. It is what MediaPipe's
angles are off by, seen from all sides: 15 degrees."""
GUESSED = tuple(name for name in EXERCISES if name != "dance")
_LIMBS = tuple(k for k, name in enumerate(COCO_17.keypoint_names) if name in SMPL22.joint_names)
_UP = np.array([0.0, 0.0, 1.0])


class Guess(NamedTuple):
    """An exercise and how far a person is from the nearest who does it, in spreads a measure."""

    exercise: str
    distance: float


@dataclass(frozen=True)
class Library:
    """People who do each of the exercises well."""

    names: tuple[str, ...]
    """The exercise of each. Length N."""
    features: np.ndarray
    """Shape (N, F)."""
    spread: np.ndarray
    """How much each feature varies within an exercise. Shape (F,)."""


def guesses(sequence: PoseSequence) -> tuple[Guess, ...]:
    """Return the exercises from the most likely down.

    Args:
        sequence: A set in space: metres with +Z up, from a level camera where one estimated it.

    Raises:
        FormbenchError: The points are not in space, or a limb is never seen.
    """
    library = _library()
    off = (np.abs(library.features - features(sequence)) / library.spread).mean(axis=1)
    nearest = {
        name: min(float(o) for o, own in zip(off, library.names, strict=True) if own == name)
        for name in GUESSED
    }
    return tuple(Guess(name, nearest[name]) for name in sorted(nearest, key=lambda n: nearest[n]))


def features(sequence: PoseSequence) -> np.ndarray:
    """Return low, middle and high value of each measure. Shape (F,)."""
    if sequence.unit != "m":
        raise FormbenchError(f"exercise: expected points in space, got {sequence.unit}")
    measures = _measures(in_convention(sequence, COCO_17.name))
    if np.isnan(measures).all(axis=0).any():
        raise FormbenchError("exercise: expected to see every limb at least once")
    return np.asarray(np.nanpercentile(measures, [5, 50, 95], axis=0).ravel())


def good_sets(name: str, n_people: int = N_PEOPLE, first: int = 0) -> tuple[PoseSequence, ...]:
    """Return sets of an exercise of the library as people do them well, in COCO-17 and metres.

    Args:
        name: Of the exercise.
        n_people: Each has a tempo and habits of their own.
        first: The first one's number; the same number is the same person.
    """
    wanted = exercise(name)
    return tuple(
        _as_poses(perform(wanted, wanted.style(N_REPS, np.random.default_rng([person])), FPS))
        for person in range(first, first + n_people)
    )


def _as_poses(motion: Motion) -> PoseSequence:
    joints_m = motion.joints_world_m
    points = np.full((len(joints_m), len(COCO_17.keypoint_names), 3), np.nan)
    for k in _LIMBS:
        points[:, k] = joints_m[:, SMPL22.index(COCO_17.keypoint_names[k])]
    return PoseSequence(
        keypoints=points,
        confidence=~np.isnan(points[..., 0]),
        convention_name=COCO_17.name,
        fps=motion.fps,
        source="library",
        unit="m",
        exercise=motion.exercise,
    )


@lru_cache(maxsize=1)
def _library() -> Library:
    named = [(name, features(one)) for name in GUESSED for one in good_sets(name)]
    values = np.stack([value for _, value in named]).reshape(len(GUESSED), N_PEOPLE, -1)
    spread = np.sqrt(values.var(axis=1).mean(axis=0))
    return Library(
        names=tuple(name for name, _ in named),
        features=values.reshape(len(named), -1),
        spread=np.maximum(spread, LEAST_SPREAD),
    )


def _measures(sequence: PoseSequence) -> np.ndarray:
    """Return measures over time, in radians and torso lengths. Shape (T, M)."""
    whole = filled(sequence)
    left_right = main_angles_rad(whole.keypoints, COCO_17).reshape(-1, 2, 4)
    hips, shoulders, wrists, ankles = (
        np.stack([whole.at(f"{side}_{joint}") for side in ("left", "right")], axis=1)
        for joint in ("hip", "shoulder", "wrist", "ankle")
    )
    trunk = shoulders.mean(axis=1) - hips.mean(axis=1)
    length = np.nanmedian(np.linalg.norm(trunk, axis=1))
    lean = np.arccos(np.clip(trunk @ _UP / np.linalg.norm(trunk, axis=1), -1, 1))
    lengths = [
        (wrists.mean(axis=1) - shoulders.mean(axis=1)) @ _UP,
        (ankles.mean(axis=1) - hips.mean(axis=1)) @ _UP,
        np.abs((ankles[:, 0] - ankles[:, 1]) @ _UP),
        np.linalg.norm(wrists[:, 0] - wrists[:, 1], axis=1),
        np.linalg.norm(ankles[:, 0] - ankles[:, 1], axis=1),
    ]
    return np.column_stack(
        [
            left_right.mean(axis=1),
            np.abs(left_right[:, 0] - left_right[:, 1]),
            lean,
            *(values / length for values in lengths),
        ]
    )
