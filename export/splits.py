"""Train, validation and test: every subject wholly on one side, and every counterfactual group too.

A split names subjects, so that a person met in training is never met in validation. Subjects whose
clips share a group go together, and so do those who share a value of one of WHOLE that was asked
for, such as a recording session. A value of one of CROSSING that was asked for, such as an
exercise, is met on one side only: clips whose person is on one side and whose exercise is on
another are on neither. A recording that several people perform is always parted so, because the
same motion on another body is the same motion.

Who goes where is chosen so that the share of clips comes close to the one asked for, overall and
for each exercise, fault, view and body shape; the seed decides between equals.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from export.dataset import Dataset
from export.draw import assigned, contents
from export.files import read_json, write_json
from export.rows import ClipRow
from motions.errors import FormbenchError, unknown_name

SCHEMA = "formbench.splits/2"
SIDES = ("train", "validation")
TEST = "test"
WHOLE = ("body_shape", "session")
"""What may be kept on one side besides people: columns of the clip table."""
CROSSING = {"exercise": "exercise", "fault": "faults", "background": "background",
            "motion": "motion", "view": "cameras"}  # fmt: skip
"""What may be met on one side only though everyone has it, with its column of the clip table."""


@dataclass(frozen=True)
class Split:
    """Which side each subject of a dataset is on."""

    dataset_sha256: str
    """`content_sha256` of the dataset that was split."""
    shares: Mapping[str, float]
    """By side, in order: the share of clips that was asked for."""
    seed: int
    subjects: Mapping[str, str]
    """By subject id: its side."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By key of CROSSING, by value: its side. What is not named may be anywhere."""
    left_out: tuple[str, ...] = ()
    """Clips that are on no side, for the balance of real and synthetic ones; sorted."""

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides there are."""
        return tuple(self.shares)

    def rows(self, dataset: Dataset, side: str) -> tuple[ClipRow, ...]:
        """Return the clips on one side, sorted by clip id, with the views that are on it."""
        left_out = set(self.left_out)
        found = (
            self._on(row, side)
            for row in dataset.rows
            if self.subjects[row.subject_id] == side and row.clip_id not in left_out
        )
        return tuple(row for row in found if row is not None)

    def _on(self, row: ClipRow, side: str) -> ClipRow | None:
        for key, places in self.values.items():
            there = [value for value in values_of(row, key) if places.get(value, side) == side]
            if key == "view":
                row = replace(row, cameras=tuple(there))
            elif len(there) < len(values_of(row, key)):
                return None
        return row if row.cameras else None


def split_by_subject(dataset: Dataset, validation_share: float, seed: int) -> Split:
    """Part a dataset's subjects into train and validation; see `split_dataset`."""
    return split_dataset(
        dataset, {"train": 1 - validation_share, "validation": validation_share}, seed
    )


def split_dataset(
    dataset: Dataset,
    shares: Mapping[str, float],
    seed: int,
    by: tuple[str, ...] = (),
    real: Mapping[str, float] | None = None,
    test_seed: int | None = None,
) -> Split:
    """Part a dataset.

    Args:
        dataset: What to split.
        shares: By side the share of clips, all above 0, their sum 1. The first side takes what is
            left over.
        seed: Decides who goes where, where several choices are equally good.
        by: Keys of WHOLE and CROSSING that are to be kept apart too.
        real: By side the share of real clips among its own; clips of which there are too many are
            left out. A side that is not named takes what comes.
        test_seed: Draws who is in the test set, instead of `seed`.

    Raises:
        FormbenchError: A share, key or seed is not as it should be, or there are fewer people, or
            groups of people that have to stay together, than sides.
    """
    _check_shares(shares, seed, real or {})
    for key in by:
        if key not in (*WHOLE, *CROSSING, "subject"):
            raise unknown_name("split by", key, ("subject", *WHOLE, *CROSSING))
    units = _units(dataset.rows, [key for key in by if key in WHOLE])
    if len(units) < len(shares):
        needed = "two people" if len(shares) == 2 else f"{len(shares)} people"
        raise FormbenchError(
            f"{dataset.folder}: a split needs {needed} who share no counterfactual group"
            f"{''.join(f' and no {key}' for key in by if key in WHOLE)}, "
            f"got {', '.join(units[0])}; generate clips of more subjects"
        )
    seeds = {TEST: seed if test_seed is None else test_seed}
    subjects: dict[str, str] = {}
    for origin in ("real", "synthetic"):
        rows = [row for row in dataset.rows if row.origin == origin]
        people = {row.subject_id for row in rows}
        of_origin = [unit for unit in units if unit[0] in people]
        refused = {"real": 0.0, "synthetic": 1.0}[origin]
        open_to = {side: s for side, s in shares.items() if (real or {}).get(side) != refused}
        if of_origin:
            placed = assigned(contents(rows, of_origin), open_to, seed, seeds)
            subjects |= {
                s: side for unit, side in zip(of_origin, placed, strict=True) for s in unit
            }
    values = {
        key: _places(dataset, key, shares, seed)
        for key in dict.fromkeys((*(k for k in by if k in CROSSING), "motion"))
    }
    split = Split(
        dataset_sha256=dataset.content_sha256,
        shares=dict(shares),
        seed=seed,
        subjects=dict(sorted(subjects.items())),
        values={key: places for key, places in values.items() if places},
    )
    return replace(split, left_out=_surplus(dataset, split, real or {}))


def values_of(row: ClipRow, key: str) -> tuple[str, ...]:
    """Return a clip's values of a key of CROSSING."""
    value = getattr(row, CROSSING[key])
    return (value,) if isinstance(value, str) else tuple(value)


def write_split(split: Split, path: Path) -> None:
    """Write a split, usually as splits.json."""
    # Keys are sorted in files; the sides' order is kept beside.
    write_json({"schema": SCHEMA, "sides": split.sides, **split.__dict__}, path)


def read_split(path: Path) -> Split:
    """Read a split that `write_split` wrote."""
    if not path.is_file():
        raise FormbenchError(f"{path}: expected a split, got no such file")
    names = Split.__dataclass_fields__
    about = read_json(path, SCHEMA, ("sides", *names))
    wrong = sorted({*about["subjects"].values(), *about["sides"]} - {*SIDES, TEST})
    if wrong:
        raise FormbenchError(f"{path}: expected sides {' and '.join(SIDES)}, got {wrong[0]!r}")
    shares = {side: about["shares"][side] for side in about["sides"]}
    return Split(
        **{
            **{name: about[name] for name in names},
            "shares": shares,
            "left_out": tuple(about["left_out"]),
        }
    )


def _check_shares(shares: Mapping[str, float], seed: int, real: Mapping[str, float]) -> None:
    for side, share in reversed(list(shares.items())):
        if side not in (*SIDES, TEST):
            raise unknown_name("split: side", side, (*SIDES, TEST))
        if not 0 < share < 1:
            raise FormbenchError(f"split: expected a share above 0 and below 1, got {share:g}")
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise FormbenchError(f"split: expected shares that sum to 1, got {sum(shares.values()):g}")
    if seed < 0:
        raise FormbenchError(f"split: expected a seed of 0 or more, got {seed}")
    for side, share in real.items():
        if side not in shares:
            raise unknown_name("split: share of real clips in", side, shares)
        if not 0 <= share <= 1:
            raise FormbenchError(
                f"split: expected a share of real clips from 0 to 1 in {side}, got {share:g}"
            )


def _places(dataset: Dataset, key: str, shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """Return by value of a key of CROSSING which side it is met on."""
    by_value: dict[str, set[str]] = {}
    clips: Counter[str] = Counter()
    for row in dataset.rows:
        for value in set(values_of(row, key)):
            by_value.setdefault(value, set()).add(row.subject_id)
            clips[value] += 1
    if key == "motion":
        # What only one person does goes with the person.
        by_value = {value: people for value, people in by_value.items() if len(people) > 1}
    if not by_value:
        return {}
    names = sorted(by_value)
    if key != "motion" and len(names) < len(shares):
        raise FormbenchError(
            f"{dataset.folder}: a split by {key} needs one for each of {', '.join(shares)}, "
            f"got {', '.join(names)}"
        )
    counts = np.array([[clips[name]] for name in names], float)
    return dict(zip(names, assigned(counts, shares, seed, {}), strict=True))


def _surplus(dataset: Dataset, split: Split, real: Mapping[str, float]) -> tuple[str, ...]:
    """Return the clips to leave out so that each side has its share of real ones."""
    left_out: list[str] = []
    for side, share in real.items():
        rows = split.rows(dataset, side)
        of = {o: [r for r in rows if r.origin == o] for o in ("real", "synthetic")}
        n_real, n_synthetic = len(of["real"]), len(of["synthetic"])
        origin, wanted = "synthetic", n_synthetic
        if share > 0:
            wanted = round(n_real * (1 - share) / share)
        if wanted > n_synthetic or share == 0:
            origin, wanted = "real", round(n_synthetic * share / (1 - share))
        groups: dict[str, list[str]] = {}
        for row in of[origin]:
            groups.setdefault(row.group_id, []).append(row.clip_id)
        drawn = np.random.default_rng([split.seed]).permutation(sorted(groups))
        n_left = len(of[origin])
        for group in drawn.tolist():
            if n_left > wanted:
                left_out += groups[group]
                n_left -= len(groups[group])
    return tuple(sorted(left_out))


def _units(rows: Sequence[ClipRow], keys: list[str]) -> list[tuple[str, ...]]:
    """Gather the subjects that share a counterfactual group, a body or a value of keys, sorted."""
    unit_of: dict[str, set[str]] = {}
    seen_in: dict[tuple[str, str], str] = {}
    for row in rows:
        for key in ("group_id", *(["body_id"] if row.body_id else []), *keys):
            unit = unit_of.setdefault(row.subject_id, {row.subject_id})
            other = unit_of[seen_in.setdefault((key, getattr(row, key)), row.subject_id)]
            if other is not unit:
                other |= unit
                unit_of.update({subject_id: other for subject_id in unit})
    return sorted({tuple(sorted(unit)) for unit in unit_of.values()})
