"""Files that are whole when they are there: written beside their place, then renamed."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from motions.errors import FormbenchError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to, which takes the place of `path` if all goes well."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder to fill, which becomes `path` if all goes well.

    Raises:
        FormbenchError: There is something at `path` already, other than an empty folder.
    """
    check_new(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_new(path: Path) -> None:
    """Raise if there is something at `path` already, other than an empty folder."""
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise FormbenchError(f"{path}: expected a new or empty folder; remove it or name another")


def write_json(value: object, path: Path) -> None:
    """Write a value as JSON with sorted keys, one line a leaf."""
    with replacing(path) as temporary:
        text = json.dumps(value, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path, schema: str, keys: Iterable[str] = ()) -> dict[str, Any]:
    """Read a JSON object of a schema, with at least these keys, or say what it is instead."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FormbenchError(f"{path}: damaged JSON: {error}") from error
    found = value.get("schema") if isinstance(value, dict) else None
    if found != schema:
        raise FormbenchError(f"{path}: expected schema {schema}, got {found!r}")
    missing = sorted(set(keys) - value.keys())
    if missing:
        raise FormbenchError(f"{path}: expected the key {missing[0]!r}, got none")
    return value


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
