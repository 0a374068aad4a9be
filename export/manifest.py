"""The manifest of a dataset: a tree of hashes, so that no list is as long as the dataset.

    manifest.json             the root: lists config.yaml, the tables' parts and the parts below
    manifest/00000.json       the files of the first CLIPS_A_PART clips, by clip id; and so on

A list says of each file its SHA-256 and size. The hash of the root's list is the dataset's
identity: it covers the parts' lists, which cover the clips.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from export.files import read_json
from motions.errors import FormbenchError
from motions.storage import write
from simulator.engines.engine import PACKAGES

SCHEMA = "formbench.dataset/3"
PART_SCHEMA = "formbench.dataset-part/1"
MANIFEST = "manifest.json"
PARTS = "manifest"
CLIPS_A_PART = 1000

Files = Mapping[str, Mapping[str, Any]]
"""By name relative to the dataset: `sha256` and `bytes`."""

_KEYS = ("formbench", "packages", "licences", "parts", "content_sha256", "files")


def entry_of(data: bytes) -> dict[str, Any]:
    """Return what a list says of a file with this content."""
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def entry_of_file(path: Path) -> dict[str, Any]:
    """Return what a list says of a file, read piece by piece."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
            size += len(piece)
    return {"bytes": size, "sha256": digest.hexdigest()}


def part_name(number: int) -> str:
    """Return the name of a part's list.

    >>> part_name(3)
    'manifest/00003.json'
    """
    return f"{PARTS}/{number:05d}.json"


def write_part(folder: Path, number: int, files: Files) -> dict[str, Any]:
    """Write the list of a part's files; return what the root says of it."""
    data = _text({"schema": PART_SCHEMA, "files": files})
    write(folder / part_name(number), data)
    return entry_of(data)


def read_part(folder: Path, number: int, root: Mapping[str, Any]) -> Files | None:
    """Read the list of a part; None where it is missing or is not the one that the root lists."""
    path = folder / part_name(number)
    if not path.is_file():
        return None
    data = path.read_bytes()
    if entry_of(data) != root["files"].get(part_name(number)):
        return None
    files: Files = json.loads(data)["files"]
    _check_inside(folder, files)
    return files


def write_root(folder: Path, files: Files, parts: list[dict[str, Any]], licences: set[str]) -> None:
    """Write the root, which makes the dataset whole.

    Args:
        folder: The dataset.
        files: All files that are in no part's list, the parts' own lists among them.
        parts: Of each part `n_clips`, `n_faults` and `n_files`.
        licences: SPDX identifiers of everything that the clips were made from.
    """
    root = {
        "schema": SCHEMA,
        "formbench": version("formbench"),
        "packages": {name: version(name) for name in PACKAGES},
        "licences": sorted(licences),
        "parts": parts,
        "content_sha256": content_sha256(files),
        "files": files,
    }
    write(folder / MANIFEST, _text(root))


def read_root(folder: Path) -> dict[str, Any]:
    """Read the root.

    Raises:
        FormbenchError: The folder is no dataset, is unfinished or has another schema.
    """
    path = folder / MANIFEST
    if not path.is_file():
        if not (folder / "clips").is_dir():
            raise FormbenchError(f"{folder}: not a dataset: it has no folder clips")
        raise FormbenchError(
            f"{folder}: unfinished dataset: it has no {MANIFEST}; run workbench generate again"
        )
    root = read_json(path, SCHEMA, _KEYS)
    _check_inside(folder, root["files"])
    return root


def content_sha256(files: Files) -> str:
    """Return the one hash for the names and hashes of a list."""
    lines = (f"{entry['sha256']}  {name}\n" for name, entry in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def _check_inside(folder: Path, files: Files) -> None:
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise FormbenchError(f"{folder}: {MANIFEST} names a file outside the folder: {name!r}")


def _text(value: object) -> bytes:
    text = json.dumps(value, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return (text + "\n").encode("utf-8")
