"""Repetitions with what is wrong with them, to learn faults from.

The truth is what was measured on the finished body, never what was asked for: a size for every
fault of the exercise, whether or not it is there. A model is given the features of a repetition
(`scoring.methods.features`); in the image they count anew with how wide the person looks and with
the way they face, so that one linear model serves all views.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from export.dataset import Dataset
from motions.conventions import SMPL_22
from motions.errors import FormbenchError
from scoring.evaluation.repetitions import Truth, truths_of
from scoring.learning.examples import See, from_anywhere
from scoring.methods.features import aspect, features
from scoring.poses import PoseSequence, cut
from simulator.clip import Clip
from simulator.faults.library import faults_of

SIDES = ("front", "front oblique", "side", "back oblique", "back")
"""From where a camera may look, the person's left and right alike."""
SPACE = "space"
WIDE, NOSE = np.array([0.8, 0.5]), 0.35
"""How wide shoulders and hips look from the front, and how far the nose is off from the side, in
torso lengths."""


@dataclass(frozen=True)
class Repetition:
    """One repetition in the world, and what is true of it."""

    poses: PoseSequence
    """In metres, +Z up; `person` is the subject."""
    truth: Truth


def repetitions_of(dataset: Dataset, convention_name: str) -> list[Repetition]:
    """Return every repetition of a dataset's simulated clips.

    Args:
        dataset: Cameras and videos are not looked at.
        convention_name: Which points: "smpl22" for joints, or one that clips have in the world.

    Raises:
        FormbenchError: No clip has these points in the world.
    """
    found = []
    for clip in dataset.clips():
        points_m = _world_m(clip, convention_name)
        if points_m is None:
            continue
        poses = PoseSequence(
            keypoints=points_m,
            confidence=np.ones(points_m.shape[:2]),
            convention_name=convention_name,
            fps=clip.fps,
            source="truth",
            unit="m",
            exercise=clip.exercise,
            person=clip.subject_id,
        )
        pairs = zip(truths_of(clip), clip.reps, strict=True)
        found += [Repetition(cut(poses, span), truth) for truth, span in pairs]
    if not found:
        raise FormbenchError(
            f"{dataset.folder}: expected simulated clips with {convention_name} points in space, "
            "got none"
        )
    return found


def fault_ids_of(repetitions: list[Repetition]) -> tuple[str, ...]:
    """Return the faults that were measured on every repetition of their exercise, in order."""
    found: list[str] = []
    for name in sorted({one.poses.exercise for one in repetitions}):
        own = [one.truth.severities for one in repetitions if one.poses.exercise == name]
        found += [s.id for s in faults_of(name) if all(s.id in measured for measured in own)]
    return tuple(found)


def views_of(
    repetition: Repetition, see: See, n_views: int, rng: np.random.Generator
) -> list[PoseSequence]:
    """Look at a repetition from virtual cameras all around; from none, in space."""
    if n_views == 0:
        return [repetition.poses]
    return [from_anywhere(repetition.poses, see, rng)[0] for _ in range(n_views)]


@dataclass(frozen=True)
class Material:
    """Repetitions as a model sees them, M views of each N faults."""

    numbers: np.ndarray
    """Shape (M, D)."""
    sides: np.ndarray
    """Which of SIDES each is seen from; 0 in space. Shape (M,), int."""
    doses: np.ndarray
    """Shape (M, N)."""
    turned: np.ndarray
    """The dose of what is on the left, less that of what is on the right. Shape (M, N)."""
    present: np.ndarray
    """Shape (M, N), bool."""
    clean: np.ndarray
    """Shape (M,), bool."""
    people: np.ndarray
    """Shape (M,), str."""

    def labels(self) -> np.ndarray:
        """Return 1 for a fault that is there, 0 in clean ones, else NaN. Shape (M, N)."""
        return np.where(self.present, 1.0, np.where(self.clean[:, None], 0.0, np.nan))


def numbers_of(sequence: PoseSequence) -> tuple[np.ndarray, list[str], int]:
    """Return what the model is given: numbers (D,), their names, and the side seen from.

    Raises:
        FormbenchError: Hips or shoulders are not seen throughout, or nothing moves.
    """
    named = features(sequence)
    names, values = list(named), np.array(list(named.values()))
    if sequence.keypoints.shape[2] == 3:
        return values, names, 0
    looks = aspect(sequence)
    wide = float(np.clip((looks[:2] / WIDE).mean(), -1, 1))
    faces = float(np.clip(looks[2] / NOSE, -1.5, 1.5))
    side = round(float(np.degrees(np.arccos(wide))) / 180 * (len(SIDES) - 1))
    about = [wide, faces, wide * faces, wide**2, faces**2]
    names += [f"{name} x {by}" for by in ("wide", "faces") for name in names]
    names += ["wide", "faces", "wide x faces", "wide x wide", "faces x faces"]
    return np.concatenate([values, values * wide, values * faces, about]), names, side


def material_of(
    repetitions: Sequence[Repetition],
    fault_ids: Sequence[str],
    see: See,
    n_views: int,
    seed: int,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> Material:
    """Look at repetitions from virtual cameras; views without hips or shoulders are left out.

    Args:
        repetitions: What is seen.
        fault_ids: The N faults.
        see: How a camera sees.
        n_views: Cameras for each repetition, 0 for none: in space.
        seed: Decides where the cameras stand, and what `see` draws.
        on_done: Is told how many repetitions of how many are done.
    """
    seen: list[tuple[np.ndarray, int, Repetition]] = []
    for index, repetition in enumerate(repetitions):
        rng = np.random.default_rng([seed, index])
        for view in views_of(repetition, see, n_views, rng):
            try:
                numbers, _, side = numbers_of(view)
            except FormbenchError:  # what a scorer would abstain from
                continue
            seen.append((numbers, side, repetition))
        on_done(index + 1, len(repetitions))
    if not seen:
        raise FormbenchError("train faults: hips and shoulders are seen in no repetition")
    truths = [repetition.truth for _, _, repetition in seen]
    doses = [[t.dose(i) for i in fault_ids] for t in truths]
    sign = {"left": 1.0, "right": -1.0}
    signs = [[sign.get(t.sides.get(i, ""), 0.0) for i in fault_ids] for t in truths]
    return Material(
        numbers=np.stack([numbers for numbers, _, _ in seen]),
        sides=np.array([side for _, side, _ in seen]),
        doses=np.array(doses),
        turned=np.array(signs) * np.clip(doses, 0, 1.5),
        present=np.array([[i in t.present for i in fault_ids] for t in truths]),
        clean=np.array([t.clean for t in truths]),
        people=np.array([t.subject_id for t in truths]),
    )


def _world_m(clip: Clip, convention_name: str) -> np.ndarray | None:
    if convention_name == SMPL_22.name:
        return clip.joints_world_m if clip.joints_world_m.shape[1] else None
    return clip.keypoints_world_m.get(convention_name)
