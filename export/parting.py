"""An export on an engine: each lot of clips is written as an export of its own, then all join.

    .parts/<key>/     in the export while it is made: what one lot gave, whole or not there

Lots that are there are not made again, so that the same command goes on after any stop. Joined they
are what one process would have written, byte for byte, however they were parted.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from export.dataset import Dataset, read_dataset
from export.formats.format import Format, Request
from export.rows import ClipRow
from export.seals import Seals
from motions.storage import filling, place
from simulator.engines.engine import Engine, SetAside, Unit, in_order, keep_log, unit_key

LOT = 64
_PARTS, _FAILED = ".parts", "failed"
Sides = Mapping[str, Sequence[ClipRow]]


def write_on(
    engine: Engine,
    format_: Format,
    request: Request,
    out: Path,
    on_clips: Callable[[int], None],
) -> None:
    """Write a format by an engine's workers, which have to see the same folders.

    Args:
        engine: Where lots are written.
        format_: How; one whose clips have no files of their own is one lot.
        request: What.
        out: The folder to fill.
        on_clips: Called with how many clips were finished since the last call.

    Raises:
        SetAside: Some lots could not be written; the same call tries them again.
    """
    failed, folders = 0, []
    shutil.rmtree(out / _FAILED, ignore_errors=True)
    for outcome in in_order(engine, _write, _units(format_, request, out / _PARTS)):
        n_clips = sum(map(len, outcome.unit.given[3].values()))
        if outcome.log:
            keep_log(out / _FAILED, outcome.unit, outcome.log)
            failed += n_clips
        else:
            request.journal.note(outcome.unit.key)
            folders.append(out / _PARTS / outcome.unit.key)
            on_clips(n_clips)
    if failed:
        raise SetAside(f"{failed} clips", out / _FAILED)
    format_.join(folders, out)
    shutil.rmtree(out / _PARTS)


def _units(format_: Format, request: Request, parts: Path) -> Iterator[Unit]:
    dataset, every, images = request.dataset, request.every, request.images
    for sides in _lots(request.sides) if format_.parted else [dict(request.sides)]:
        placed = {side: [(r.clip_id, r.cameras) for r in rows] for side, rows in sides.items()}
        key = unit_key(dataset.content_sha256, format_.name, every, images, placed)
        first = next((row.clip_id for rows in sides.values() for row in rows), "no clips")
        given = (str(dataset.folder), dataset.content_sha256, format_, sides, every, images)
        yield Unit(key, f"{format_.name} from {first}", (*given, str(parts / key)))


def _lots(sides: Sides) -> Iterator[Sides]:
    """Part the clips of each side, first those of the first; no clips are one lot."""
    empty: dict[str, Sequence[ClipRow]] = dict.fromkeys(sides, ())
    found = False
    for side, rows in sides.items():
        for start in range(0, len(rows), LOT):
            found = True
            yield {**empty, side: tuple(rows[start : start + LOT])}
    if not found:
        yield empty


@lru_cache(maxsize=1)
def _opened(folder: str, sha256: str) -> Dataset:
    """Open a dataset once a process; its hash tells it from another that stood there before."""
    return read_dataset(place(folder))


def _write(given: tuple[str, str, Format, Sides, int, bool, str]) -> None:
    """Write one lot, in whatever process."""
    folder, sha256, format_, sides, every, images, out = given
    if Path(out).exists():
        return
    dataset = _opened(folder, sha256)
    Path(out).parent.mkdir(exist_ok=True)
    with filling(Path(out), last="") as temporary:
        format_.write(Request(dataset, sides, Seals(dataset), every, images), temporary)
