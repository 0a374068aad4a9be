"""Units on the cores of this machine: one process a worker, each in a pool of its own.

A pool of one says which unit a process died of, and only that unit is done again. Workers are
spawned, so that they import their libraries with the environment they are to have.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from threading import Thread

from motions.errors import FormbenchError
from simulator.engines.engine import TRIES, Outcome, Unit, UnitFailed, Work, attempt, versions

_DIED = "the worker died: killed, or out of memory?"


class LocalEngine:
    """Processes of this machine; an `Engine`.

    Args:
        workers: How many; as many as cores when not given.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = (os.cpu_count() or 1) if workers is None else workers
        if self.workers < 1:
            raise FormbenchError(f"workers: expected at least 1, got {workers}")

    def run(
        self, work: Work, units: Iterable[Unit], environment: Mapping[str, str]
    ) -> Iterator[Outcome]:
        """Do all units; see `Engine.run`."""
        remaining = iter(units)
        first = list(islice(remaining, self.workers))
        waiting = ((unit, 1) for unit in chain(first, remaining))
        again: deque[tuple[Unit, int]] = deque()
        expected = versions()
        with _environment(environment):
            idle = [_pool() for _ in first]
            running: dict[Future[object], tuple[ProcessPoolExecutor, Unit, int]] = {}
            try:
                while True:
                    while idle and (taken := again.popleft() if again else next(waiting, None)):
                        unit, tries = taken
                        pool = idle.pop()
                        future = pool.submit(attempt, work, unit.given, expected)
                        running[future] = pool, unit, tries
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        pool, unit, tries = running.pop(future)
                        log = ""
                        try:
                            result = future.result()
                        except UnitFailed as error:
                            log = str(error)
                        except BrokenProcessPool:
                            pool.shutdown()
                            pool, log = _pool(), _DIED
                        idle.append(pool)
                        if not log:
                            yield Outcome(unit, result)
                        elif tries < TRIES:
                            again.append((unit, tries + 1))
                        else:
                            yield Outcome(unit, log=log)
            finally:
                for pool in (*idle, *(pool for pool, _, _ in running.values())):
                    pool.shutdown(cancel_futures=True)


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=go_with_parent)


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Have these variables in the environment, which spawned processes inherit, for a while."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def go_with_parent() -> None:
    """End this worker when the process that started it is gone, however that ended."""

    def wait_for_parent() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
        os._exit(1)

    Thread(target=wait_for_parent, daemon=True).start()
