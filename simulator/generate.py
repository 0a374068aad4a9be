"""A config becomes a folder of clips: with a pool of processes, resumable, the same bytes always.

    DIR/config.yaml            written first: says whose folder this is
    DIR/clips/clip_000007/     each whole, or not there

One process a core, one thread a process: more threads cost more than they give, and results must
not depend on how a library splits its sums.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

from motions.errors import FormbenchError
from simulator.clip import clip_id, replace_folder
from simulator.config import DatasetConfig, config_text
from simulator.plan import count_clips
from simulator.rendering.renderer import Renderer
from simulator.shards import Shard

_ONE_THREAD = {
    name: "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LP_NUM_THREADS",
                 "NUMBA_NUM_THREADS")
}  # fmt: skip
_DEVICE = "GLCONTEXT_DEVICE_INDEX"  # read by glcontext, which moderngl makes contexts with


def generate(
    config: DatasetConfig,
    folder: Path,
    workers: int | None = None,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
    shard: Shard | None = None,
    device: int | None = None,
) -> int:
    """Make all clips of a config, or of a shard of it, that are not there yet.

    Args:
        config: What to make.
        folder: An empty or missing folder, or one that this config has begun.
        workers: Processes; as many as cores when not given.
        on_clip: Called with clips done and clips in all, at first and after each clip.
        shard: Which part of the clips; all when None.
        device: Which of EGL's graphics devices draws, from 0; its default when None.

    Returns:
        How many clips were made now.

    Raises:
        FormbenchError: The folder holds something else, another run is at work in it, or a worker
            died; all whole clips stay, and the same call goes on from there.
    """
    if workers is None:
        workers = os.cpu_count() or 1
    if workers < 1:
        raise FormbenchError(f"workers: expected at least 1, got {workers}")
    with _claimed(config, folder) as clips:
        wanted = range(count_clips(config)) if shard is None else shard.indices(config)
        total = len(wanted)
        missing = [i for i in wanted if not (clips / clip_id(i)).exists()]
        on_clip(total - len(missing), total)
        done = total - len(missing)
        for _ in _made(config, clips, missing, workers, device):
            done += 1
            on_clip(done, total)
    return len(missing)


def make_in_turn(config: DatasetConfig, clips: Path, indices: Iterable[int]) -> Iterator[Path]:
    """Make clips one after another in this process, and yield the folder of each; the next one may
    take its place."""
    for index in indices:
        yield clips / clip_id(_make_one(config, index, clips))


@contextmanager
def _claimed(config: DatasetConfig, folder: Path) -> Iterator[Path]:
    """Make the folder this config's alone while at work, and clear what a killed run left."""
    text = config_text(config)
    path = folder / "config.yaml"
    if not path.exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FormbenchError(f"{folder}: expected an empty or new folder, got one with files")
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / ".config.yaml"
        temporary.write_text(text, encoding="utf-8")
        temporary.rename(path)
    elif path.read_text(encoding="utf-8") != text:
        raise FormbenchError(
            f"{folder}: holds another dataset (its config.yaml differs); choose another folder"
        )
    with path.open(encoding="utf-8") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FormbenchError(f"{folder}: another run is at work in it") from error
        clips = folder / "clips"
        clips.mkdir(exist_ok=True)
        for left in sorted(clips.glob(".clip_*")):
            shutil.rmtree(left)
        yield clips


def _made(
    config: DatasetConfig, clips: Path, missing: list[int], workers: int, device: int | None
) -> Iterator[int]:
    """Make clips in a pool and yield each one's index when it is whole."""
    if not missing:
        return
    for_workers = dict(_ONE_THREAD)  # read by the libraries when the workers import them
    if device is not None:
        for_workers[_DEVICE] = str(device)
    before = {name: os.environ.get(name) for name in for_workers}
    os.environ.update(for_workers)
    pool = ProcessPoolExecutor(
        min(workers, len(missing)), mp_context=get_context("spawn"), initializer=_go_with_parent
    )
    try:
        waiting = iter(missing)
        running: set[Future[int]] = set()
        while True:
            # Few in advance: after an error, little is left to wait for.
            for index in waiting:
                running.add(pool.submit(_make_one, config, index, clips))
                if len(running) >= 2 * workers:
                    break
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    except BrokenProcessPool as error:
        raise FormbenchError(
            "a worker died (killed, or out of memory?); whole clips are kept: run the same "
            "command again to go on"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _go_with_parent() -> None:
    """End this worker when the process that started it is gone, however that ended."""

    def wait_for_parent() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
        os._exit(1)

    Thread(target=wait_for_parent, daemon=True).start()


def _make_one(config: DatasetConfig, index: int, clips: Path) -> int:
    """Make one clip under a temporary name and rename it. Runs in a worker."""
    from simulator.accept import accepted
    from simulator.make import make_clip

    planned, performance = accepted(config, index)
    temporary = clips / f".{planned.clip_id}"
    temporary.mkdir()
    try:
        make_clip(planned, _renderer() if planned.render else None, temporary, performance)
        replace_folder(temporary, clips / planned.clip_id)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return index


@cache
def _renderer() -> Renderer:
    """One renderer a process, with its context."""
    from simulator.rendering.gl import GlRenderer

    return GlRenderer()
