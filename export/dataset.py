"""A dataset, the unit that is handed on: a folder of clips, two tables and a manifest.

    DIR/
        config.yaml           what was asked for
        clips/<clip_id>/      one folder a clip, see `simulator.clip`
        clips.parquet         one row a clip: `ClipRow`
        faults.parquet        one row a measured fault: `FaultRow`
        manifest.json         every other file with its SHA-256 and size; written last

A folder with a manifest is whole; `verify_dataset` proves that it is still what was sealed. No
clock and no machine enters: the same files give the same manifest, byte for byte.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from export.files import read_json, replacing, sha256_of, write_json
from export.rows import ClipRow, FaultRow, check_names, clip_row, fault_rows
from export.tables import read_rows, write_rows
from motions.errors import FormbenchError
from simulator.clip import Clip, read_about, read_clip

SCHEMA = "formbench.dataset/2"
MANIFEST = "manifest.json"
REMADE = ("splits.json", "balance.json", "datasheet.md", "card.html", "fill")
"""What `export.build` writes about a dataset: made from the rest, so not sealed with it."""
PACKAGES = (
    "anny", "av", "moderngl", "numba", "numpy", "pyarrow", "pybullet", "pycocotools", "scipy",
    "torch",
)  # fmt: skip
"""The packages whose version decides the bytes of a dataset."""

_KEYS = ("formbench", "packages", "licences", "clip_ids", "content_sha256", "files")


@dataclass(frozen=True)
class Dataset:
    """A sealed dataset: what its manifest and its clip table say."""

    folder: Path
    formbench: str
    """The version of formbench that sealed it."""
    packages: dict[str, str]
    """Versions of the packages that decide the bytes."""
    licences: tuple[str, ...]
    """SPDX identifiers of everything that the clips were made from, sorted."""
    content_sha256: str
    """One hash for the names and hashes of all files: the dataset's identity."""
    rows: tuple[ClipRow, ...]
    """One row a clip, sorted by clip id."""

    @property
    def clip_ids(self) -> tuple[str, ...]:
        """All clip ids, sorted."""
        return tuple(row.clip_id for row in self.rows)

    @cached_property
    def _by_id(self) -> dict[str, ClipRow]:
        return {row.clip_id: row for row in self.rows}

    def clip(self, clip_id: str) -> Clip:
        """Read one clip, or raise with the clip ids there are."""
        if clip_id not in self._by_id:
            ids = self.clip_ids
            raise FormbenchError(
                f"{self.folder}: no clip {clip_id!r}; it has {len(ids)}, {ids[0]} to {ids[-1]}"
            )
        return read_clip(self.clip_folder(clip_id))

    def clip_folder(self, clip_id: str) -> Path:
        """Where the files of a clip are."""
        return self.folder / "clips" / clip_id

    def clips(self) -> Iterator[Clip]:
        """Read all clips, one after another."""
        return (read_clip(self.clip_folder(row.clip_id)) for row in self.rows)

    def fault_rows(self) -> Iterator[FaultRow]:
        """Read all measured faults, in the order of clips, then as the clip lists them."""
        return read_rows(FaultRow, self.folder / "faults.parquet")


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
    folder: Path, on_file: Callable[[int, int], None] = lambda done, total: None
) -> Dataset:
    """Write the tables and, last, the manifest of a folder whose clips are finished.

    Sealing again is allowed, after clips were added for example; until it is done the folder has no
    manifest and counts as unfinished.

    Args:
        folder: The dataset's folder.
        on_file: Told how many files of how many are hashed.

    Raises:
        FormbenchError: There is no clip, or something in `clips` is not a whole clip.
    """
    names = sorted(path.name for path in _clips_folder(folder).iterdir())
    if not names:
        raise FormbenchError(f"{folder}: expected at least one clip in clips/, got none")
    rows = [_checked_row(folder / "clips" / name) for name in names]
    (folder / MANIFEST).unlink(missing_ok=True)
    with replacing(folder / "clips.parquet") as table:
        write_rows(ClipRow, rows, table)
    abouts = (read_about(folder / "clips" / name) for name in names)
    faults = (fault for about in abouts for fault in fault_rows(about))
    with replacing(folder / "faults.parquet") as table:
        write_rows(FaultRow, faults, table)
    files = {}
    file_names = _file_names(folder)
    for done, name in enumerate(file_names):
        on_file(done, len(file_names))
        path = folder / name
        files[name] = {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
    manifest = {
        "schema": SCHEMA,
        "formbench": version("formbench"),
        "packages": {name: version(name) for name in PACKAGES},
        "licences": sorted({licence for row in rows for licence in row.licences}),
        "clip_ids": names,
        "content_sha256": _content_sha256(files),
        "files": files,
    }
    write_json(manifest, folder / MANIFEST)
    on_file(len(file_names), len(file_names))
    return read_dataset(folder)


def read_dataset(folder: Path) -> Dataset:
    """Open a sealed dataset.

    Raises:
        FormbenchError: The folder is no dataset, is unfinished, has another schema, or its clip
            table is not that of its manifest.
    """
    manifest = _read_manifest(folder)
    table = "clips.parquet"
    if not (folder / table).is_file() or (
        sha256_of(folder / table) != manifest["files"].get(table, {}).get("sha256")
    ):
        raise FormbenchError(
            f"{folder}: {table} is not the file that was sealed; run workbench verify {folder}"
        )
    rows = tuple(read_rows(ClipRow, folder / table))
    for row in rows:
        check_names(row)
    return Dataset(
        folder=folder,
        formbench=manifest["formbench"],
        packages=manifest["packages"],
        licences=tuple(manifest["licences"]),
        content_sha256=manifest["content_sha256"],
        rows=rows,
    )


def verify_dataset(
    folder: Path, on_file: Callable[[int, int], None] = lambda done, total: None
) -> Verification:
    """Compare every file with the manifest; sizes first, then hashes, read piece by piece.

    Args:
        folder: The dataset's folder.
        on_file: Told how many files of how many are compared.

    Raises:
        FormbenchError: The folder is no dataset, is unfinished or has another schema.
    """
    manifest = _read_manifest(folder)
    files: dict[str, Any] = manifest["files"]
    there = set(_file_names(folder))
    changed = []
    for done, (name, entry) in enumerate(files.items()):
        on_file(done, len(files))
        if name in there and not _is(folder / name, entry):
            changed.append(name)
    on_file(len(files), len(files))
    if _content_sha256(files) != manifest["content_sha256"]:
        changed.append(MANIFEST)
    return Verification(
        n_files=len(files),
        missing=tuple(sorted(files.keys() - there)),
        changed=tuple(sorted(changed)),
        extra=tuple(sorted(there - files.keys())),
    )


def _clips_folder(folder: Path) -> Path:
    clips = folder / "clips"
    if not clips.is_dir():
        raise FormbenchError(f"{folder}: not a dataset: it has no folder clips")
    return clips


def _read_manifest(folder: Path) -> dict[str, Any]:
    _clips_folder(folder)
    if not (folder / MANIFEST).is_file():
        raise FormbenchError(
            f"{folder}: unfinished dataset: it has no {MANIFEST}; run workbench generate again"
        )
    manifest = read_json(folder / MANIFEST, SCHEMA, _KEYS)
    for name in manifest["files"]:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise FormbenchError(f"{folder}: {MANIFEST} names a file outside the folder: {name!r}")
    return manifest


def _checked_row(folder: Path) -> ClipRow:
    row = clip_row(read_about(folder))
    check_names(row)
    if row.clip_id != folder.name:
        raise FormbenchError(
            f"{folder}: expected the folder's name as clip id, got {row.clip_id!r}"
        )
    return row


def _file_names(folder: Path) -> list[str]:
    """Return all files but the manifest, relative and sorted."""
    names = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise FormbenchError(f"{folder}: expected files, got a link: {name}; copy its target")
        if path.is_file() and name.partition("/")[0] not in (MANIFEST, *REMADE):
            names.append(name)
    return sorted(names)


def _is(path: Path, entry: dict[str, Any]) -> bool:
    return path.stat().st_size == entry["bytes"] and sha256_of(path) == entry["sha256"]


def _content_sha256(files: dict[str, Any]) -> str:
    lines = (f"{entry['sha256']}  {name}\n" for name, entry in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()
