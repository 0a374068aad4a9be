"""A config becomes a folder of clips: on any engine, resumable, the same bytes always.

    DIR/config.yaml            written first: says whose folder this is
    DIR/clips/clip_000007/     each whole, or not there
    DIR/failed/<key>.log       why clips were set aside by the last run

DIR is a folder or a URL, see `motions.storage`.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from motions.storage import (
    clear_unfinished,
    create,
    filling,
    folders_with,
    is_local,
    place,
    remove,
)
from simulator.clip import clip_id
from simulator.config import DatasetConfig, config_text, read_config
from simulator.engines.engine import (
    ONE_THREAD,
    Engine,
    Outcome,
    SetAside,
    Unit,
    keep_log,
    unit_key,
)
from simulator.engines.local import LocalEngine
from simulator.performance import Unperformable
from simulator.plan import count_clips
from simulator.rendering.renderer import Renderer
from simulator.shards import Shard

_DEVICE = "GLCONTEXT_DEVICE_INDEX"  # read by glcontext, which moderngl makes contexts with
_BATCH, _FILMED_BATCH = 16, 4
"""Most clips in a unit of work: some seconds' work."""
_BATCHES_A_WORKER = 8
"""At least, where there are clips enough: so workers end at about the same time."""


class ClipsSetAside(SetAside):
    """Some clips could not be made; all others are there."""

    def __init__(self, clips: int, made: int, logs: Path) -> None:
        super().__init__(f"{clips} clips", logs)
        self.clips, self.made = clips, made


def generate(
    config: DatasetConfig,
    folder: Path,
    workers: int | None = None,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
    shard: Shard | None = None,
    device: int | None = None,
    engine: Engine | None = None,
    on_set_aside: Callable[[int], None] = lambda clips: None,
) -> int:
    """Make all clips of a config, or of a shard of it, that are not there yet.

    Args:
        config: What to make.
        folder: An empty or missing place, or one that this config has begun, or this config with
            fewer subjects.
        workers: Processes of this machine, where there is no `engine`; as many as cores when not
            given.
        on_clip: Called with clips done and clips in all, at first and after each batch.
        shard: Which part of the clips; all when None.
        device: Which of EGL's graphics devices draws, from 0; its default when None.
        engine: Where the work runs.
        on_set_aside: Called with how many clips could not be made so far, when there are more.

    Returns:
        How many clips were made now.

    Raises:
        ClipsSetAside: Clips could not be made; the others are there, and the same call tries again.
        FormbenchError: Nobody can show what is asked for; nothing is written. Or the folder holds
            something else, another run is at work in it, or no clip can be made here; all whole
            clips stay, and the same call goes on from there.
    """
    engine = engine or LocalEngine(workers)
    environment = ONE_THREAD | ({} if device is None else {_DEVICE: str(device)})
    made = set_aside = 0
    with _claimed(config, folder) as clips:
        wanted = range(count_clips(config)) if shard is None else shard.indices(config)
        remove(folder / "failed")
        there = folders_with(clips, "clip.json")
        missing = [i for i in wanted if clip_id(i) not in there]
        done = len(wanted) - len(missing)
        on_clip(done, len(wanted))
        units = _batches(config, clips, missing, engine.workers)
        for outcome in engine.run(_make, units, environment):
            n_made = _n_made(outcome, clips)
            made, set_aside = made + n_made, set_aside + len(outcome.unit.given[2]) - n_made
            if log := outcome.log or "\n".join(outcome.result):
                keep_log(folder / "failed", outcome.unit, log)
                on_set_aside(set_aside)
            on_clip(done + made, len(wanted))
    if set_aside:
        raise ClipsSetAside(set_aside, made, folder / "failed")
    return made


@contextmanager
def _claimed(config: DatasetConfig, folder: Path) -> Iterator[Path]:
    """Make the place this config's, and in a file system this run's alone while at work."""
    from simulator.possible import check_possible

    path, clips, local = folder / "config.yaml", folder / "clips", is_local(folder)
    if not path.is_file():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FormbenchError(f"{folder}: expected an empty or new folder, got one with files")
        check_possible(config)
        if local:
            folder.mkdir(parents=True, exist_ok=True)
        create(path, config_text(config).encode())
    with ExitStack() as stack:
        if local:
            claim = stack.enter_context(path.open(encoding="utf-8"))
            try:
                fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FormbenchError(f"{folder}: another run is at work in it") from error
            clips.mkdir(exist_ok=True)
            clear_unfinished(clips)
            stack.callback(clear_unfinished, clips)
        begun = read_config(path)
        if config.model_copy(update={"subjects": begun.subjects}) != begun:
            raise FormbenchError(
                f"{folder}: holds another dataset (its config.yaml differs); choose another folder"
            )
        if config.subjects < begun.subjects:
            raise FormbenchError(
                f"{folder}: has {begun.subjects} subjects already, the config {config.subjects}; "
                "ask for as many or more, or choose another folder"
            )
        if config != begun:  # subjects vary slowest, so more of them leave all clips as they are
            path.write_text(config_text(config), encoding="utf-8")
        yield clips


def _batches(
    config: DatasetConfig, clips: Path, missing: list[int], workers: int
) -> Iterator[Unit]:
    """Part clips into units of work, each named by all that decides its bytes."""
    most = _FILMED_BATCH if config.render else _BATCH
    size = min(max(len(missing) // (_BATCHES_A_WORKER * workers), 1), most)
    text = config_text(config)
    for start in range(0, len(missing), size):
        indices = missing[start : start + size]
        name = f"{clip_id(indices[0])} to {clip_id(indices[-1])}"
        yield Unit(unit_key(text, indices), name, (config, str(clips), indices))


def _make(given: tuple[DatasetConfig, str, list[int]]) -> list[str]:
    """Make a batch of clips in a worker; return a line for each that no body can perform."""
    config, clips, refused = given[0], place(given[1]), []
    for index in given[2]:
        if not _is_there(clips, index):  # made before a worker was lost
            try:
                make_one(config, index, clips)
            except Unperformable as error:
                refused.append(str(error))
    return refused


def make_one(config: DatasetConfig, index: int, clips: Path) -> None:
    """Make one clip, whole or not at all."""
    from simulator.accept import accepted
    from simulator.make import make_clip

    renderer = _prepared(config.body, bool(config.render))
    planned, performance = accepted(config, index)
    with filling(clips / planned.clip_id, last="clip.json") as temporary:
        make_clip(planned, renderer, temporary, performance)


@cache
def _prepared(body: str, render: bool) -> Renderer | None:
    """Prepare a worker: what bodies are built of, and one renderer a process, with its context.

    One process of a node at a time, so that the first one fills the caches that the others read.
    """
    from simulator.bodies.library import build_body, sample_body

    with Path(tempfile.gettempdir(), f"formbench-{os.getuid()}.lock").open("w") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        build_body(body, sample_body(body, np.random.default_rng(0)), grip=False)
        if not render:
            return None
        from simulator.rendering.gl import GlRenderer

        return GlRenderer()


def _is_there(clips: Path, index: int) -> bool:
    return (clips / clip_id(index) / "clip.json").is_file()


def _n_made(outcome: Outcome, clips: Path) -> int:
    indices = outcome.unit.given[2]
    if outcome.log:
        return sum(_is_there(clips, index) for index in indices)
    return len(indices) - len(outcome.result)
