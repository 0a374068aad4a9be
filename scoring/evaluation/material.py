"""What an evaluation shows scorers: clean repetitions of some people, and all of the others.

Sequences to judge come in an order that tells nothing: datasets often list clean and faulty ones in
turn.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from export.dataset import Dataset
from export.files import new_folder
from export.rows import ClipRow
from export.splits import SIDES, split_by_subject
from motions.conventions import convention
from motions.errors import FormbenchError
from scoring.evaluation.repetitions import Truth, views_of
from scoring.poses import PoseSequence
from scoring.wire import request, to_line

Seen = tuple[Truth, str, PoseSequence]
"""One repetition from one camera: what is true, the view, and what a scorer may see of it."""


@dataclass(frozen=True)
class Material:
    """A dataset parted into what is learnt from and what is judged."""

    dataset: Dataset
    train: tuple[ClipRow, ...]
    validation: tuple[ClipRow, ...]
    """In the order in which it is judged."""
    convention_name: str
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
        for truth, _, sequence in self._seen(self.train, 0):
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

    def to_judge(self) -> Iterator[Seen]:
        """Yield every repetition of the people who are judged, from every camera."""
        yield from self._seen(self.validation, len(self.train))

    def _seen(self, rows: tuple[ClipRow, ...], n_before: int) -> Iterator[Seen]:
        n_clips = len(self.train) + len(self.validation)
        for done, row in enumerate(rows, n_before + 1):
            yield from views_of(self.dataset.clip(row.clip_id), self.convention_name)
            self.on_clip(done, n_clips)


def material(
    dataset: Dataset,
    *,
    seed: int = 0,
    validation_share: float = 0.3,
    convention_name: str = "coco17",
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> Material:
    """Part a dataset by people.

    Args:
        dataset: What to evaluate on.
        seed: Decides the split and the order of clips.
        validation_share: The share of clips to judge; people are kept whole.
        convention_name: Which keypoints scorers get.
        on_clip: Told how many clips of how many are done.

    Raises:
        FormbenchError: An unknown convention, or too few people.
    """
    convention(convention_name)
    split = split_by_subject(dataset, validation_share, seed)
    train, validation = (split.rows(dataset, side) for side in SIDES)
    order = np.random.default_rng(seed).permutation(len(validation))
    shuffled = tuple(validation[index] for index in order)
    return Material(dataset, tuple(train), shuffled, convention_name, on_clip)


def write_requests(given: Material, out: Path) -> tuple[int, int]:
    """Write what scorers would be asked: OUT/good.jsonl to learn from, OUT/judge.jsonl to answer.

    Returns:
        The number of lines of each.
    """
    counts = []
    with new_folder(out) as folder:
        good = given.good()[0]
        judge = (sequence for _, _, sequence in given.to_judge())
        for name, sequences in (("good", good), ("judge", judge)):
            with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as lines:
                counts.append(sum(bool(lines.write(to_line(request(s)))) for s in sequences))
    return counts[0], counts[1]
