"""Clips of several sources become one dataset with one schema, parted without leaks.

    OUT/                      a dataset, see `export.dataset`; its config.yaml is the spec
        splits.json           who trains, validates and tests
        balance.json          what there is of each fault, dose, view and body, and what is missing
        fill/<exercise>.yaml  configs that make what is missing
        datasheet.md          licences and how it was made
        card.html             the statistics to look at
    OUT-private-test/         the private test set, where one was asked for: a dataset of its own

Clip ids begin with the source's name, so do the groups and people of simulated clips; real people
keep their ids, and are one person in all sources. Nothing is there until all of it is.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from export.balance import balance_of, write_balance
from export.card import write_card
from export.dataset import Dataset, read_dataset, seal_dataset, verify_dataset
from export.datasheet import datasheet
from export.files import new_folder
from export.leaks import check_duplicate_frames, check_leaks
from export.licences import check_use
from export.spec import BuildSpec, SourceEntry, spec_text
from export.splits import SIDES, TEST, Split, split_dataset, write_split
from motions.errors import FormbenchError
from simulator.clip import read_about

OpenLabels = Callable[[Path, str], Iterable[Path]]
"""Turns a folder of pulled annotations and the footage's licence into folders of clips, one after
another; each may be gone when the next is asked for."""


def build_dataset(
    spec: BuildSpec,
    out: Path,
    open_labels: OpenLabels,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> Dataset:
    """Build a dataset into a new folder.

    Args:
        spec: What from, and how it is parted.
        out: The folder.
        open_labels: Opens the sources that are pulled annotations.
        on_clip: Told how many clips of how many are compared for leaks.

    Raises:
        FormbenchError: A source was changed after it was sealed or has another schema, two clips
            have one id, a licence does not allow the use asked for, the split leaks or has an empty
            side, or there is something at `out`.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(new_folder(out))
        (folder / "clips").mkdir()
        for source in spec.sources:
            for clip_folder in _clip_folders(source, open_labels):
                _take(clip_folder, source.name, folder / "clips")
        (folder / "config.yaml").write_text(spec_text(spec), encoding="utf-8")
        dataset = seal_dataset(folder)
        if spec.licence is not None:
            check_use(dataset, spec.licence)
        split = _split(spec, dataset)
        check_leaks(dataset, split)
        check_duplicate_frames(dataset, split, on_clip)
        if spec.private_test is not None:
            private = stack.enter_context(new_folder(out.with_name(f"{out.name}-private-test")))
            dataset, split = _set_apart(dataset, split, private)
        _describe(dataset, split)
    return read_dataset(out)


def _clip_folders(source: SourceEntry, open_labels: OpenLabels) -> Iterator[Path]:
    if source.labels is not None:
        yield from open_labels(source.labels, source.licence or "")
        return
    dataset = read_dataset(source.dataset or Path())
    found = verify_dataset(dataset.folder)
    if not found.ok:
        first = (*found.changed, *found.missing, *found.extra)[0]
        raise FormbenchError(
            f"{dataset.folder}: {first} is not as it was sealed; run workbench verify "
            f"{dataset.folder}"
        )
    yield from (dataset.clip_folder(clip_id) for clip_id in dataset.clip_ids)


def _take(clip_folder: Path, source_name: str, clips: Path) -> None:
    """Copy a clip under its name in the dataset; all but clip.json stays byte for byte."""
    about = read_about(clip_folder)
    names = {"clip_id": f"{source_name}-{about['clip_id']}",
             "group_id": f"{source_name}-{about['group_id']}"}  # fmt: skip
    if about["footage"] is None:
        names["subject_id"] = f"{source_name}-{about['subject_id']}"
    there = clips / names["clip_id"]
    if there.exists():
        raise FormbenchError(f"source {source_name}: two clips are called {about['clip_id']!r}")
    there.mkdir()
    for path in sorted(clip_folder.iterdir()):
        if path.name != "clip.json":
            shutil.copyfile(path, there / path.name)
    text = json.dumps({**about, **names}, indent=1, sort_keys=True, allow_nan=False)
    (there / "clip.json").write_text(text + "\n", encoding="utf-8")


def _split(spec: BuildSpec, dataset: Dataset) -> Split:
    given = spec.splits.shares
    shares, test_seed = {side: given[side] for side in (*SIDES, TEST) if side in given}, None
    if spec.private_test is not None:
        public = 1 - spec.private_test.share
        shares = {side: share * public for side, share in shares.items()}
        shares[TEST] = spec.private_test.share
        test_seed = spec.private_test.seed
    return split_dataset(dataset, shares, spec.seed, spec.splits.by, spec.splits.real, test_seed)


def _set_apart(dataset: Dataset, split: Split, private: Path) -> tuple[Dataset, Split]:
    """Move the test set's clips into a dataset of their own; return what is left and its split."""
    (private / "clips").mkdir()
    kept = {
        row.clip_id for side in split.sides if side != TEST for row in split.rows(dataset, side)
    }
    tested = {row.clip_id for row in split.rows(dataset, TEST)}
    for row in dataset.rows:
        if row.clip_id in tested:
            dataset.clip_folder(row.clip_id).rename(private / "clips" / row.clip_id)
        elif row.clip_id not in kept:
            # On no side, so of a person who may be in the private test.
            shutil.rmtree(dataset.clip_folder(row.clip_id))
    shutil.copyfile(dataset.folder / "config.yaml", private / "config.yaml")
    seal_dataset(private)
    public = seal_dataset(dataset.folder)
    there = {row.subject_id for row in public.rows}
    shares = {side: share for side, share in split.shares.items() if side != TEST}
    return public, replace(
        split,
        dataset_sha256=public.content_sha256,
        shares={side: share / sum(shares.values()) for side, share in shares.items()},
        subjects={s: side for s, side in split.subjects.items() if s in there},
        values={
            key: {value: side for value, side in places.items() if side != TEST}
            for key, places in split.values.items()
        },
        left_out=(),
    )


def _describe(dataset: Dataset, split: Split) -> None:
    sides: dict[str, Any] = {side: split.rows(dataset, side) for side in split.sides}
    balance = balance_of(dataset)
    write_split(split, dataset.folder / "splits.json")
    write_balance(balance, dataset.folder)
    (dataset.folder / "datasheet.md").write_text(datasheet(dataset, sides), encoding="utf-8")
    write_card(dataset, sides, balance, dataset.folder / "card.html")
