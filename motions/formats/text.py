"""Numbers out of lines of text, with errors that name the file and the line."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from motions.errors import FormbenchError

LARGEST = 1e7
"""No position in millimetres and no angle in degrees is near this."""
MOST_FRAMES = 2_000_000
"""More than four hours at 120 frames a second."""


class Line(NamedTuple):
    """One line of a file that has something on it."""

    where: str
    """File and line number, for messages."""
    words: list[str]


def lines_of(path: Path, text: str, drop: str = "") -> Iterator[Line]:
    """Yield the lines of a text that are neither empty nor a comment that starts with #.

    Args:
        path: The file, for messages.
        text: What it holds.
        drop: Characters that count as blanks.
    """
    blanks = str.maketrans(drop, " " * len(drop))
    for at, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].translate(blanks).split()
        if words:
            yield Line(f"{path}:{at}", words)


def numbers(where: str, words: Sequence[str], count: int | None = None) -> list[float]:
    """Turn words into finite numbers.

    Args:
        where: File and line, for messages.
        words: What stands in the line.
        count: How many there must be, where that is known.

    Raises:
        FormbenchError: There are more or fewer words, or one is no finite number.
    """
    if count is not None and len(words) != count:
        raise FormbenchError(f"{where}: expected {count} numbers, got {len(words)}")
    return [number(where, word) for word in words]


def number(where: str, word: str) -> float:
    """Turn a word into a finite number; see `numbers`."""
    try:
        value = float(word)
    except ValueError:
        value = float("nan")
    # Python reads 1_000 as a thousand, and digits of other scripts; no file means that.
    if not abs(value) < LARGEST or "_" in word or not word.isascii():
        raise FormbenchError(f"{where}: expected a number of less than {LARGEST:g}, got {word!r}")
    return value


def whole_number(where: str, word: str, *, least: int, most: int) -> int:
    """Turn a word into a whole number from `least` to `most`."""
    value = number(where, word)
    if value != int(value) or not least <= value <= most:
        raise FormbenchError(f"{where}: expected a whole number from {least} to {most}, got {word}")
    return int(value)


def frame_rate(where: str, fps: float) -> float:
    """Return `fps` if it is one, from 1 to 10,000 frames a second."""
    if not 1 <= fps <= 10_000:
        raise FormbenchError(f"{where}: expected 1 to 10000 frames a second, got {fps:g}")
    return fps


def rate_of_period(where: str, word: str) -> float:
    """Return frames a second for a period in seconds, as round as the digits written allow.

    Periods are written with few digits: 0.033333 stands for 30 frames a second, 0.0333667 for
    29.97.

    >>> [rate_of_period("", word) for word in ("0.033333", "0.0333667", ".00833333", "1.6e-2")]
    [30.0, 29.97, 120.0, 62.5]
    """
    period_s = number(where, word)
    if not 1e-4 <= period_s <= 1:
        raise FormbenchError(f"{where}: expected a frame time of 0.0001 to 1 s, got {word}")
    if abs(1 / period_s - round(1 / period_s, 2)) < 1e-9:
        return round(1 / period_s, 2)
    half_digit = 0.5 * 10.0 ** int(Decimal(word).as_tuple().exponent)
    for places in range(6):
        fps = round(1 / period_s, places)
        if fps > 0 and abs(1 / fps - period_s) <= half_digit * 1.001:
            return fps
    return 1 / period_s
