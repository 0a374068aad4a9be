"""JSON of others, read with one line that says what is wrong."""

import json
from pathlib import Path
from typing import Any

from motions.errors import FormbenchError


def parse_object(where: str, text: str) -> dict[str, Any]:
    """Return the JSON object in a text."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormbenchError(f"{where}: damaged JSON: {error}") from error
    if not isinstance(value, dict):
        raise FormbenchError(f"{where}: expected a JSON object, got {type(value).__name__}")
    return value


def read_object(path: Path) -> dict[str, Any]:
    """Read a file with one JSON object."""
    return parse_object(str(path), path.read_text(encoding="utf-8"))


def field(where: Path | str, value: dict[str, Any], key: str, kind: type) -> Any:
    """Return a field of an object, checked to be there and of a kind."""
    if not isinstance(value.get(key), kind):
        raise FormbenchError(f"{where}: expected {key!r}, a {kind.__name__}")
    return value[key]
