"""A dataset, the unit that is handed on: a folder of clips, two tables and a manifest.

    DIR/
        config.yaml               what was asked for
        clips/<clip_id>/          one folder a clip, see `simulator.clip`
        clips.parquet/00000.parquet   one row a clip: `ClipRow`; a file for every thousand clips
        faults.parquet/00000.parquet  one row a measured fault: `FaultRow`; of the same clips
        manifest.json, manifest/  every other file with its SHA-256 and size; see `export.manifest`

DIR is a folder or a URL, see `motions.storage`. With manifest.json, which is written last, it is
whole; `verify_dataset` proves that it is still what was sealed. No clock and no machine enters: the
same files give the same manifest, byte for byte. Clips are sorted by id and read part by part, so
that memory does not grow with their number.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from export.manifest import (
    CLIPS_A_PART,
    MANIFEST,
    PARTS,
    Files,
    content_sha256,
    entry_of_file,
    part_name,
    read_part,
    read_root,
    write_part,
    write_root,
)
from export.parts import Table, part_of, write_table_part
from export.rows import ClipRow, FaultRow, check_names, clip_row, fault_rows
from motions.errors import FormbenchError
from motions.storage import file_names, folders_with, remove
from simulator.clip import Clip, read_about, read_clip

REMADE = ("splits.json", "balance.json", "datasheet.md", "card.html", "fill", "failed")
"""What is made from the rest, or of no worth to others, so not sealed with it."""
CLIPS, FAULTS = "clips.parquet", "faults.parquet"


@dataclass(frozen=True)
class Dataset:
    """A sealed dataset: what its manifest and its tables say."""

    folder: Path
    formbench: str
    """The version of formbench that sealed it."""
    packages: dict[str, str] = field(hash=False)
    """Versions of the packages that decide the bytes."""
    licences: tuple[str, ...]
    """SPDX identifiers of everything that the clips were made from, sorted."""
    content_sha256: str
    """One hash for the names and hashes of all files: the dataset's identity."""
    rows: Sequence[ClipRow] = field(hash=False)
    """One row a clip, sorted by clip id; read as they are asked for."""
    faults: Iterable[FaultRow] = field(default=(), hash=False)
    """One row a measured fault, in the order of clips, then as the clip lists them."""

    @property
    def clip_ids(self) -> tuple[str, ...]:
        """All clip ids, sorted."""
        return tuple(row.clip_id for row in self.rows)

    def clip(self, clip_id: str) -> Clip:
        """Read one clip, or raise with the clip ids there are."""
        folder = self.clip_folder(clip_id)
        if not (folder / "clip.json").is_file() and clip_id not in self.clip_ids:
            raise FormbenchError(
                f"{self.folder}: no clip {clip_id!r}; it has {len(self.rows)}, "
                f"{self.rows[0].clip_id} to {self.rows[-1].clip_id}"
            )
        return read_clip(folder)

    def clip_folder(self, clip_id: str) -> Path:
        """Where the files of a clip are."""
        return self.folder / "clips" / clip_id

    def clips(self) -> Iterator[Clip]:
        """Read all clips, one after another."""
        return (read_clip(self.clip_folder(row.clip_id)) for row in self.rows)

    def fault_rows(self, start: int = 0, stop: int | None = None) -> Iterator[FaultRow]:
        """Read the measured faults of clips `start` to `stop`, one after another."""
        some = range(len(self.rows))[start:stop]
        if not some:
            return
        first, last = (self.rows[i].clip_id for i in (some[0], some[-1]))
        parts: Iterable[Iterable[FaultRow]] = [self.faults]
        if isinstance(self.rows, Table) and isinstance(self.faults, Table):
            # Both have their parts by the same clips.
            numbers = range(self.rows.number(some[0]), self.rows.number(some[-1]) + 1)
            parts = map(self.faults.part, numbers)
        for rows in parts:
            yield from (row for row in rows if first <= row.clip_id <= last)


@dataclass(frozen=True)
class Verification:
    """How a folder differs from its manifest; names are relative to the folder, sorted."""

    n_files: int
    """How many files the manifest lists."""
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the files are exactly those of the manifest."""
        return not (self.missing or self.changed or self.extra)


def seal_dataset(
    folder: Path, on_clip: Callable[[int, int], None] = lambda done, total: None
) -> Dataset:
    """Write the tables and, last, the manifest of a folder whose clips are finished.

    Sealing again is allowed, after clips were added for example; until it is done the folder has no
    manifest and counts as unfinished.

    Args:
        folder: The dataset's folder.
        on_clip: Told how many clips of how many are hashed.

    Raises:
        FormbenchError: There is no clip, or something in `clips` is not a whole clip.
    """
    if not (folder / "clips").is_dir():
        raise FormbenchError(f"{folder}: not a dataset: it has no folder clips")
    names = sorted(folders_with(folder / "clips", "clip.json"))
    if not names:
        raise FormbenchError(f"{folder}: expected at least one clip in clips/, got none")
    for made in (MANIFEST, PARTS, CLIPS, FAULTS):
        remove(folder / made)
    files = {name: entry_of_file(folder / name) for name in _loose(folder)}
    parts: list[dict[str, Any]] = []
    licences: set[str] = set()
    for number, start in enumerate(range(0, len(names), CLIPS_A_PART)):
        rows: list[ClipRow] = []
        faults: list[FaultRow] = []
        listed: dict[str, Any] = {}
        for done, name in enumerate(names[start : start + CLIPS_A_PART], start):
            on_clip(done, len(names))
            about = read_about(folder / "clips" / name)
            rows.append(_checked_row(folder / "clips" / name, about))
            faults += fault_rows(about)
            for file_name in file_names(folder, f"clips/{name}"):
                listed[file_name] = entry_of_file(folder / file_name)
        for table, row_type, some in ((CLIPS, ClipRow, rows), (FAULTS, FaultRow, faults)):
            name = part_of(table, number)
            files[name] = write_table_part(row_type, some, folder, name)
        files[part_name(number)] = write_part(folder, number, listed)
        licences |= {licence for row in rows for licence in row.licences}
        parts.append({"n_clips": len(rows), "n_faults": len(faults), "n_files": len(listed)})
    write_root(folder, files, parts, licences)
    on_clip(len(names), len(names))
    return read_dataset(folder)


def read_dataset(folder: Path) -> Dataset:
    """Open a sealed dataset; its tables are read, and proved to be those sealed, when needed.

    Raises:
        FormbenchError: The folder is no dataset, is unfinished or has another schema.
    """
    root = read_root(folder)
    counts = {name: [part[name] for part in root["parts"]] for name in ("n_clips", "n_faults")}
    return Dataset(
        folder=folder,
        formbench=root["formbench"],
        packages=root["packages"],
        licences=tuple(root["licences"]),
        content_sha256=root["content_sha256"],
        rows=Table(ClipRow, folder, CLIPS, counts["n_clips"], root["files"], check_names),
        faults=Table(FaultRow, folder, FAULTS, counts["n_faults"], root["files"]),
    )


def verify_dataset(
    folder: Path, on_clip: Callable[[int, int], None] = lambda done, total: None
) -> Verification:
    """Compare every file with the manifest, part by part.

    Args:
        folder: The dataset's folder.
        on_clip: Told how many clips of how many are compared.

    Raises:
        FormbenchError: The folder is no dataset, is unfinished or has another schema.
    """
    root = read_root(folder)
    found: dict[str, list[str]] = {"missing": [], "changed": [], "extra": []}
    if content_sha256(root["files"]) != root["content_sha256"]:
        found["changed"].append(MANIFEST)
    _compare(folder, root["files"], _loose(folder), found)
    unlisted, done = folders_with(folder / "clips", "clip.json"), 0
    total = sum(part["n_clips"] for part in root["parts"])
    for number in range(len(root["parts"])):
        files = read_part(folder, number, root)
        if files is None:  # told as missing or changed already; which clips it lists is not known
            unlisted.clear()
            continue
        for name, listed in groupby(files.items(), key=lambda file: file[0].split("/")[1]):
            on_clip(done, total)
            done += 1
            _compare(folder, dict(listed), file_names(folder, f"clips/{name}"), found)
            unlisted.discard(name)
    for name in sorted(unlisted):
        found["extra"] += file_names(folder, f"clips/{name}")
    on_clip(total, total)
    return Verification(
        n_files=len(root["files"]) + sum(part["n_files"] for part in root["parts"]),
        **{state: tuple(sorted(names)) for state, names in found.items()},
    )


def _compare(folder: Path, listed: Files, there: list[str], found: dict[str, list[str]]) -> None:
    """Add what is not as listed to what was found so."""
    found["missing"] += listed.keys() - set(there)
    found["extra"] += set(there) - listed.keys()
    found["changed"] += (
        name for name in listed.keys() & set(there) if entry_of_file(folder / name) != listed[name]
    )


def _loose(folder: Path) -> list[str]:
    """Return the files that belong to no clip, but the manifest's root and what is made anew."""
    tops = (path.name for path in folder.iterdir())
    kept = (top for top in tops if top not in (MANIFEST, "clips", *REMADE))
    return sorted(name for top in kept for name in file_names(folder, top))


def _checked_row(folder: Path, about: dict[str, Any]) -> ClipRow:
    row = clip_row(about)
    check_names(row)
    if row.clip_id != folder.name:
        raise FormbenchError(
            f"{folder}: expected the folder's name as clip id, got {row.clip_id!r}"
        )
    return row
