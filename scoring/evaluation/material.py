"""What an evaluation shows scorers: clean repetitions of some people, and all of the others.

Sequences to judge come in an order that tells nothing: datasets often list clean and faulty ones in
turn.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from export.dataset import Dataset
from export.files import new_folder
from export.rows import ClipRow
from export.splits import SIDES, split_by_subject
from motions.conventions import convention
from motions.errors import FormbenchError
from motions.storage import place
from scoring.evaluation.pose_sources import TRUTH, PoseSource, pose_source
from scoring.evaluation.repetitions import Truth, truths_of
from scoring.poses import PoseSequence, cut
from scoring.wire import request, to_line
from simulator.clip import Clip, read_clip
from simulator.engines.engine import Engine, Outcome, Unit, in_order, unit_key


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
class Looking:
    """Where it is looked at what cameras see, which takes longest where an estimator looks."""

    engine: Engine | None = None
    """This process when None. Scorers are asked in this one, as what they say may depend on what
    they were asked before."""
    set_aside: list[Outcome] = field(default_factory=list)
    """Clips that the engine's workers failed on, and that are left out."""


@dataclass(frozen=True)
class Material:
    """A dataset parted into what is learnt from and what is judged."""

    dataset: Dataset
    train: tuple[ClipRow, ...]
    validation: tuple[ClipRow, ...]
    """In the order in which it is judged."""
    convention_name: str
    poses: str
    """Where the keypoints come from, a name of `pose_sources`."""
    on_clip: Callable[[int, int], None]
    looking: Looking

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
        sha256, where = self.dataset.content_sha256, str(self.dataset.folder / "clips")
        units = (
            Unit(
                unit_key(sha256, row.clip_id, self.poses, self.convention_name),
                row.clip_id,
                (where, row.clip_id, self.poses, self.convention_name),
            )
            for row in rows
        )
        looked = in_order(self.looking.engine, _look, units)
        for done, outcome in enumerate(looked, n_before + 1):
            if outcome.log:
                self.looking.set_aside.append(outcome)
            else:
                yield from outcome.result
            self.on_clip(done, n_clips)


_source = lru_cache(maxsize=1)(pose_source)


def _look(given: tuple[str, str, str, str]) -> tuple[Filmed, ...]:
    """Look at a clip from all cameras, in whatever process."""
    clips, clip_id, poses, convention_name = given
    folder = place(clips) / clip_id
    return tuple(filmed(read_clip(folder), folder, _source(poses), convention_name))


def material(
    dataset: Dataset,
    *,
    seed: int = 0,
    validation_share: float = 0.3,
    convention_name: str = "coco17",
    poses: str = TRUTH,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
    looking: Looking | None = None,
) -> Material:
    """Part a dataset by people.

    Args:
        dataset: What to evaluate on.
        seed: Decides the split and the order of clips.
        validation_share: The share of clips to judge; people are kept whole.
        convention_name: Which keypoints scorers get.
        poses: Where they come from, a key of POSE_SOURCES.
        on_clip: Told how many clips of how many are done.
        looking: Where it is looked at what cameras see; this process when None.

    Raises:
        FormbenchError: An unknown convention or source of poses, or too few people.
    """
    convention(convention_name)
    split = split_by_subject(dataset, validation_share, seed)
    train, validation = (split.rows(dataset, side) for side in SIDES)
    order = np.random.default_rng(seed).permutation(len(validation))
    shuffled = tuple(validation[index] for index in order)
    pose_source(poses)
    return Material(
        dataset, tuple(train), shuffled, convention_name, poses, on_clip, looking or Looking()
    )


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
