"""Repetitions with what is wrong with them, to learn faults from.

The truth is what was measured on the finished body, never what was asked for: a size for every
fault of the exercise, whether or not it is there. Virtual cameras look at each repetition, and a
kind of model (`scoring.learning.fault_kinds`) makes of each view what it is given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from export.dataset import Dataset
from motions.errors import FormbenchError
from scoring.evaluation.repetitions import Truth, truths_of
from scoring.learning.examples import See, from_anywhere, in_world, mirrored
from scoring.learning.fault_kinds import FaultKind, Material
from scoring.methods.features import side_of
from scoring.poses import PoseSequence, UnseenError, cut
from simulator.faults.library import faults_of


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
    for clip, poses in in_world(dataset, convention_name):
        pairs = zip(truths_of(clip), clip.reps, strict=True)
        found += [Repetition(cut(poses, span), truth) for truth, span in pairs]
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
class Looking:
    """How repetitions are looked at."""

    kind: FaultKind
    """What is to learn from it."""
    see: See
    """How a camera sees."""
    n_views: int
    """Cameras for each repetition, 0 for none: in space."""

    def at(
        self,
        repetitions: Sequence[Repetition],
        fault_ids: Sequence[str],
        seed: int,
        *,
        in_mirror: bool = False,
        on_done: Callable[[int, int], None] = lambda done, total: None,
    ) -> Material:
        """Look at repetitions; views that show too little are counted and left out.

        Args:
            repetitions: What is seen.
            fault_ids: The N faults.
            seed: Decides where the cameras stand, and what `see` draws.
            in_mirror: Whether each view is also shown in a mirror.
            on_done: Is told how many repetitions of how many are done.

        Raises:
            FormbenchError: No view shows hips and shoulders throughout.
        """
        inputs, sides, flips, reps = [], [], [], []
        n_unseen = 0
        for index, repetition in enumerate(repetitions):
            rng = np.random.default_rng([seed, index])
            for view in views_of(repetition, self.see, self.n_views, rng):
                try:
                    made = [self.kind.given(view)]
                except UnseenError:  # what a scorer would abstain from
                    n_unseen += 1
                    continue
                if in_mirror:
                    made.append(self.kind.given(mirrored(view)))
                inputs += made
                flips += [1.0, -1.0][: len(made)]
                sides += [side_of(view)] * len(made)
                reps += [index] * len(made)
            on_done(index + 1, len(repetitions))
        if not inputs:
            raise FormbenchError("train faults: hips and shoulders are seen in no repetition")
        truths = [repetitions[index].truth for index in reps]
        doses = np.array([[t.dose(i) for i in fault_ids] for t in truths])
        sign = {"left": 1.0, "right": -1.0}
        signs = np.array([[sign.get(t.sides.get(i, ""), 0.0) for i in fault_ids] for t in truths])
        spans = [_shares(repetitions[index], fault_ids) for index in reps]
        return Material(
            inputs=tuple(inputs),
            reps=np.array(reps),
            sides=np.array(sides),
            doses=doses,
            turned=signs * np.array(flips)[:, None] * np.clip(doses, 0, 1.5),
            present=np.array([[i in t.present for i in fault_ids] for t in truths]),
            clean=np.array([t.clean for t in truths]),
            spans=np.array(spans),
            people=np.array([t.subject_id for t in truths]),
            n_unseen=n_unseen,
        )


def _shares(repetition: Repetition, fault_ids: Sequence[str]) -> list[tuple[float, float]]:
    """Return when each fault begins and ends, over how long the repetition takes."""
    spans, whole_s = repetition.truth.spans, repetition.poses.duration_s
    return [
        (spans[i].start_s / whole_s, spans[i].end_s / whole_s) if i in spans else (np.nan, np.nan)
        for i in fault_ids
    ]
