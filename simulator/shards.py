"""A dataset in parts, made on machines that know nothing of each other, and put together again.

Shard 2 of 5 of a config makes clips 1, 6, 11 ... counted from 0; each clip is the same as in a run
of the whole. The parts have the config of the whole in them, which is how `merge` knows that they
belong together and when all are there.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from motions.errors import FormbenchError
from motions.storage import clear_unfinished, filling, folders_with, is_local, write
from simulator.clip import clip_id
from simulator.config import DatasetConfig, read_config
from simulator.plan import count_clips


@dataclass(frozen=True)
class Shard:
    """One part of several."""

    number: int
    """From 1."""
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise FormbenchError(
                f"shard: expected 1 to {self.of} of {self.of}, got {self.number}/{self.of}"
            )

    def indices(self, config: DatasetConfig) -> range:
        """Return which clips of a config it makes."""
        return range(self.number - 1, count_clips(config), self.of)


def parse_shard(text: str) -> Shard:
    """Read "2/5".

    Raises:
        FormbenchError: It is no such text.
    """
    number, _, of = text.partition("/")
    if not (number.isascii() and number.isdigit() and of.isascii() and of.isdigit()):
        raise FormbenchError(f"shard: expected NUMBER/OF, such as 2/5, got {text!r}")
    return Shard(int(number), int(of))


def merge(
    parts: Sequence[Path],
    folder: Path,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> DatasetConfig:
    """Put the clips of all parts into one folder, ready to be sealed.

    Files are linked where parts and folder are on one file system, else copied. What is there
    already stays, so a merge that was stopped goes on.

    Args:
        parts: Places that shards of one config were made in.
        folder: An empty or missing place, or one that a merge of this config has begun.
        on_clip: Called with clips done and clips in all.

    Raises:
        FormbenchError: Parts are of different configs, or clips are missing or there twice.
    """
    if not parts:
        raise FormbenchError("merge: expected the folders of all shards, got none")
    texts = {part: (part / "config.yaml").read_bytes() for part in parts}
    odd = [str(part) for part, text in texts.items() if text != texts[parts[0]]]
    if odd:
        raise FormbenchError(f"merge: expected shards of one config; {odd[0]} is of another")
    config = read_config(parts[0] / "config.yaml")
    wanted = [clip_id(index) for index in range(count_clips(config))]
    found: dict[str, Path] = {}
    for part in parts:
        for name in sorted(folders_with(part / "clips", "clip.json")):
            if name in found:
                raise FormbenchError(
                    f"merge: {name} is in {found[name]} and in {part}; name each shard once"
                )
            found[name] = part
    missing = [name for name in wanted if name not in found]
    if missing:
        raise FormbenchError(
            f"merge: {len(missing)} of {len(wanted)} clips are in no shard, {missing[0]} for one; "
            "run what is missing, and name all shards"
        )
    begun = folder / "config.yaml"
    if begun.is_file() and begun.read_bytes() != texts[parts[0]]:
        raise FormbenchError(f"{folder}: holds another dataset; choose another folder")
    if not begun.is_file() and folder.exists() and any(folder.iterdir()):
        raise FormbenchError(f"{folder}: expected an empty or new folder, got one with files")
    write(begun, texts[parts[0]])
    if is_local(folder):
        (folder / "clips").mkdir(exist_ok=True)
        clear_unfinished(folder / "clips")
    there = folders_with(folder / "clips", "clip.json")
    for done, name in enumerate(wanted, 1):
        if name not in there:
            with filling(folder / "clips" / name, last="clip.json") as temporary:
                for path in (found[name] / "clips" / name).iterdir():
                    _link(path, temporary / path.name)
        on_clip(done, len(wanted))
    return config


def _link(source: Path, target: Path) -> None:
    """Link a file where both are in one file system, else copy it."""
    if is_local(source):
        try:
            os.link(source, target)
            return
        except OSError:  # another file system, or one without links
            pass
    with source.open("rb") as there, target.open("wb") as here:
        shutil.copyfileobj(there, here)
