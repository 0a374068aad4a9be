"""What an evaluation shows scorers: clean repetitions of some people, and all of the others.

Sequences to judge come in an order that tells nothing: datasets often list clean and faulty ones in
turn.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from export.dataset import Dataset
from export.files import new_folder
from export.rows import ClipRow
from export.splits import SIDES, split_by_subject
from motions.conventions import convention
from motions.errors import FormbenchError
from scoring.evaluation.pose_sources import TRUTH, PoseSource, pose_source
from scoring.evaluation.repetitions import Truth, truths_of
from scoring.poses import PoseSequence, cut
from scoring.wire import request, to_line
from simulator.clip import Clip


class Seen(NamedTuple):
    """One repetition from one camera."""

    truth: Truth
    view: str
    """The camera's name."""
    sequence: PoseSequence
    """What a scorer may see of it."""


@dataclass(frozen=True)
class Filmed:
    """A clip from one camera."""

    clip: Clip
    view: str
    """The camera's name."""
    whole: PoseSequence
    """Of the whole clip."""

    def repetitions(self) -> Iterator[Seen]:
        """Yield its repetitions, cut where they truly begin and end."""
        for truth, span in zip(truths_of(self.clip), self.clip.reps, strict=True):
            yield Seen(truth, self.view, cut(self.whole, span))


def filmed(clip: Clip, folder: Path, poses: PoseSource, convention_name: str) -> Iterator[Filmed]:
    """Yield a clip from each of its cameras."""
    for view in clip.views:
        name = view.camera.name
        yield Filmed(clip, name, poses(clip, folder, name, convention_name))


@dataclass(frozen=True)
class Material:
    """A dataset parted into what is learnt from and what is judged."""

    dataset: Dataset
    train: tuple[ClipRow, ...]
    validation: tuple[ClipRow, ...]
    """In the order in which it is judged."""
    convention_name: str
    poses: PoseSource
    """Where the keypoints come from."""
    on_clip: Callable[[int, int], None]

    @property
    def train_subjects(self) -> tuple[str, ...]:
        """Who is learnt from, sorted."""
        return tuple(sorted({row.subject_id for row in self.train}))

    @property
    def validation_subjects(self) -> tuple[str, ...]:
        """Who is judged, sorted."""
        return tuple(sorted({row.subject_id for row in self.validation}))

    def good(self) -> tuple[list[PoseSequence], list[Truth]]:
        """Return the clean repetitions to learn from, and the truths of all that were looked at.

        Raises:
            FormbenchError: There is none.
        """
        good, truths = [], []
        for one in self._filmed(self.train, 0):
            for truth, _, sequence in one.repetitions():
                truths.append(truth)
                if truth.clean:
                    person = f"person_{self.train_subjects.index(truth.subject_id)}"
                    good.append(replace(sequence, person=person))
        if not good:
            raise FormbenchError(
                f"evaluate: expected clean repetitions of {', '.join(self.train_subjects)} to "
                "learn from, got none; generate clips without faults, or choose another seed"
            )
        return good, truths

    def to_judge(self) -> Iterator[Filmed]:
        """Yield every clip of the people who are judged, from every camera."""
        yield from self._filmed(self.validation, len(self.train))

    def _filmed(self, rows: tuple[ClipRow, ...], n_before: int) -> Iterator[Filmed]:
        n_clips = len(self.train) + len(self.validation)
        for done, row in enumerate(rows, n_before + 1):
            clip, folder = self.dataset.clip(row.clip_id), self.dataset.clip_folder(row.clip_id)
            yield from filmed(clip, folder, self.poses, self.convention_name)
            self.on_clip(done, n_clips)


def material(
    dataset: Dataset,
    *,
    seed: int = 0,
    validation_share: float = 0.3,
    convention_name: str = "coco17",
    poses: str = TRUTH,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> Material:
    """Part a dataset by people.

    Args:
        dataset: What to evaluate on.
        seed: Decides the split and the order of clips.
        validation_share: The share of clips to judge; people are kept whole.
        convention_name: Which keypoints scorers get.
        poses: Where they come from, a key of POSE_SOURCES.
        on_clip: Told how many clips of how many are done.

    Raises:
        FormbenchError: An unknown convention or source of poses, or too few people.
    """
    convention(convention_name)
    split = split_by_subject(dataset, validation_share, seed)
    train, validation = (split.rows(dataset, side) for side in SIDES)
    order = np.random.default_rng(seed).permutation(len(validation))
    shuffled = tuple(validation[index] for index in order)
    source = pose_source(poses)
    return Material(dataset, tuple(train), shuffled, convention_name, source, on_clip)


def write_requests(given: Material, out: Path) -> tuple[int, int]:
    """Write what scorers would be asked: OUT/good.jsonl to learn from, OUT/judge.jsonl to answer.

    Returns:
        The number of lines of each.
    """
    counts = []
    with new_folder(out) as folder:
        good = given.good()[0]
        judge = (seen.sequence for one in given.to_judge() for seen in one.repetitions())
        for name, sequences in (("good", good), ("judge", judge)):
            with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as lines:
                counts.append(sum(bool(lines.write(to_line(request(s)))) for s in sequences))
    return counts[0], counts[1]
