"""Train and validation: every subject wholly on one side, and every counterfactual group too.

A split names subjects, never clips, so that a person met in training is never met in validation.
Subjects whose clips share a group go together. Who validates is chosen so that the share of clips
comes close to the one asked for, overall, for each exercise and for each fault; the seed decides
between equals.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from export.dataset import Dataset
from export.files import read_json, write_json
from export.rows import ClipRow
from motions.errors import FormbenchError
from simulator.clip import read_about

SCHEMA = "formbench.splits/1"
SIDES = ("train", "validation")


@dataclass(frozen=True)
class Split:
    """Which side each subject of a dataset is on."""

    dataset_sha256: str
    """`content_sha256` of the dataset that was split."""
    validation_share: float
    seed: int
    subjects: Mapping[str, str]
    """By subject id: one of SIDES."""

    def rows(self, dataset: Dataset, side: str) -> tuple[ClipRow, ...]:
        """Return the clips on one side, sorted by clip id."""
        return tuple(row for row in dataset.rows if self.subjects[row.subject_id] == side)


def split_by_subject(dataset: Dataset, validation_share: float, seed: int) -> Split:
    """Part a dataset's subjects into train and validation.

    Args:
        dataset: What to split.
        validation_share: The share of clips to validate on, above 0 and below 1.
        seed: Decides which subjects validate, where several choices are equally good.

    Raises:
        FormbenchError: The share or seed is out of range, or there are not two subjects, or groups
            of subjects that share counterfactual siblings, to part.
    """
    if not 0 < validation_share < 1:
        raise FormbenchError(f"split: expected a share above 0 and below 1, got {validation_share}")
    if seed < 0:
        raise FormbenchError(f"split: expected a seed of 0 or more, got {seed}")
    units = _units(dataset.rows)
    if len(units) < 2:
        raise FormbenchError(
            f"{dataset.folder}: a split needs two people who share no counterfactual group, "
            f"got {', '.join(units[0])}; generate clips of more subjects"
        )
    chosen = _chosen(_contents(dataset.rows, units), validation_share, seed)
    return Split(
        dataset_sha256=dataset.content_sha256,
        validation_share=validation_share,
        seed=seed,
        subjects={
            subject_id: SIDES[validates]
            for unit, validates in zip(units, chosen.tolist(), strict=True)
            for subject_id in unit
        },
    )


def check_leaks(dataset: Dataset, split: Split) -> None:
    """Prove that validation meets nobody from training, whatever wrote the split.

    Raises:
        FormbenchError: A subject is on no side, a side has no clip, a counterfactual group is on
            both, or a body in training returns in validation under another subject id.
    """
    present = {row.subject_id for row in dataset.rows}
    if unplaced := sorted(present - split.subjects.keys()):
        raise FormbenchError(
            f"split: subject {unplaced[0]!r} is on no side; the split was made for another dataset"
        )
    for side in SIDES:
        if not split.rows(dataset, side):
            raise FormbenchError(f"split: expected clips in {side}, got none")
    first_of: dict[str, ClipRow] = {}
    for row in dataset.rows:
        first = first_of.setdefault(row.group_id, row)
        _same_side(split, first, row, "counterfactual group")
    # A subject has one body, so one clip of each tells.
    first_with: dict[str, ClipRow] = {}
    for row in {row.subject_id: row for row in reversed(dataset.rows)}.values():
        body = read_about(dataset.clip_folder(row.clip_id))["body"]
        first = first_with.setdefault(repr(sorted(body.items())), row)
        _same_side(split, first, row, "body")


def write_split(split: Split, path: Path) -> None:
    """Write a split, usually as splits.json."""
    write_json({"schema": SCHEMA, **split.__dict__, "subjects": dict(split.subjects)}, path)


def read_split(path: Path) -> Split:
    """Read a split that `write_split` wrote."""
    if not path.is_file():
        raise FormbenchError(f"{path}: expected a split, got no such file")
    fields = Split.__dataclass_fields__
    about = read_json(path, SCHEMA, fields)
    wrong = sorted(set(about["subjects"].values()) - set(SIDES))
    if wrong:
        raise FormbenchError(f"{path}: expected sides {' and '.join(SIDES)}, got {wrong[0]!r}")
    return Split(**{name: about[name] for name in fields})


def _chosen(contents: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Choose the units to validate on: at least one, not all. (units,), bool.

    One after another the unit is taken that brings the shares of all kinds closest to the one
    asked for, by the sum of squares, until no further one does. The seed breaks ties.
    """
    shares = contents / contents.sum(axis=0)
    drawn = np.random.default_rng([seed]).permutation(len(contents))
    chosen = np.zeros(len(contents), dtype=bool)
    misfit = np.inf
    while chosen.sum() < len(contents) - 1:
        left = drawn[~chosen[drawn]]
        misfits = ((shares[chosen].sum(axis=0) + shares[left] - share) ** 2).sum(axis=1)
        best = misfits.argmin()
        if misfits[best] >= misfit:
            break
        misfit = misfits[best]
        chosen[left[best]] = True
    return chosen


def _contents(rows: Iterable[ClipRow], units: list[tuple[str, ...]]) -> np.ndarray:
    """Count the clips of each unit: all, by exercise and by fault. Shape (units, kinds)."""
    counts: list[Counter[str]] = [Counter() for _ in units]
    index = {subject_id: i for i, unit in enumerate(units) for subject_id in unit}
    for row in rows:
        counts[index[row.subject_id]].update(("all", f"exercise {row.exercise}", *row.faults))
    kinds = sorted(set().union(*counts))
    return np.array([[count[kind] for kind in kinds] for count in counts], dtype=np.float64)


def _units(rows: Iterable[ClipRow]) -> list[tuple[str, ...]]:
    """Gather the subjects that share a counterfactual group, sorted."""
    unit_of: dict[str, set[str]] = {}
    seen_in: dict[str, str] = {}
    for row in rows:
        unit = unit_of.setdefault(row.subject_id, {row.subject_id})
        other = unit_of[seen_in.setdefault(row.group_id, row.subject_id)]
        if other is not unit:
            other |= unit
            unit_of.update({subject_id: other for subject_id in unit})
    return sorted({tuple(sorted(unit)) for unit in unit_of.values()})


def _same_side(split: Split, one: ClipRow, other: ClipRow, kind: str) -> None:
    sides = [split.subjects[row.subject_id] for row in (one, other)]
    if sides[0] != sides[1]:
        raise FormbenchError(
            f"split: clip {one.clip_id} in {sides[0]} and clip {other.clip_id} in {sides[1]} are "
            f"of one {kind}; split by subject again"
        )
