"""The seam between what is to be done and where: units of work go in, outcomes come back.

A unit is plain data and may be done twice: what it makes is whole or not there, and the same each
time. So an engine does a unit again, on another worker, when a worker, a node or a connection is
lost. What fails TRIES times comes back with its log, and the others go on. Only a `FormbenchError`
stops everything: it says what is wrong with a machine or a place, and would say so of each unit.
"""

import hashlib
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from motions.errors import FormbenchError, mendable
from motions.storage import is_local, refusal

TRIES = 3
PACKAGES = (
    "anny", "av", "moderngl", "numba", "numpy", "pyarrow", "pybullet", "pycocotools", "scipy",
    "torch",
)  # fmt: skip
"""The packages whose version decides the bytes of a dataset."""

ONE_THREAD = {
    name: "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LP_NUM_THREADS",
                 "NUMBA_NUM_THREADS")
}  # fmt: skip
"""What workers find in their environment: more threads a process cost more than they give, and
results must not depend on how a library splits its sums."""

Work = Callable[[Any], Any]
"""A function of a module that a worker can import, so that only its name is sent."""


@dataclass(frozen=True)
class Unit:
    """One piece of work."""

    key: str
    """The same for the same work and for no other: a hash of what decides its outcome."""
    name: str
    """What people read, on a dashboard for example."""
    given: Any
    """What the work is called with; travels to the worker."""


@dataclass(frozen=True)
class Outcome:
    """What became of a unit."""

    unit: Unit
    result: Any = None
    log: str = ""
    """Why it was set aside after TRIES tries; empty when all went well."""


class Engine(Protocol):
    """A place where work runs."""

    @property
    def workers(self) -> int:
        """About how many units run at once."""

    def run(
        self, work: Work, units: Iterable[Unit], environment: Mapping[str, str]
    ) -> Iterator[Outcome]:
        """Do all units and yield outcomes as they come, in any order.

        Args:
            work: What is done with the `given` of each unit.
            units: Taken as they are needed.
            environment: Variables that the workers' libraries are to find when they are imported.

        Raises:
            FormbenchError: A unit raised one, or there is no such place to run.
        """


class SetAside(FormbenchError):
    """Some of the work could not be done; all of the rest is."""

    def __init__(self, things: str, logs: Path) -> None:
        super().__init__(
            f"{things} were set aside; {logs} says why, and the same command tries them again"
        )


class UnitFailed(Exception):
    """A unit failed in a worker, and may succeed in another; the text is its traceback."""


def unit_key(*decides: object) -> str:
    """Return the key of a unit from all that decides its outcome."""
    text = "\n".join(map(str, decides))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def keep_log(folder: Path, unit: Unit, log: str) -> None:
    """Write why a unit, or a part of it, was set aside."""
    if is_local(folder):
        folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{unit.key}.log").write_text(f"{unit.name}\n{log}\n", encoding="utf-8")


def in_order(
    engine: Engine | None,
    work: Work,
    units: Iterable[Unit],
    environment: Mapping[str, str] = ONE_THREAD,
) -> Iterator[Outcome]:
    """Do units and yield what became of them in their order.

    Args:
        engine: Where they run; None for this very process, in which any error ends the run.
        work: What is done with the `given` of each unit.
        units: With keys of their own.
        environment: As for `Engine.run`.

    Raises:
        FormbenchError: As `Engine.run`.
    """
    if engine is None:
        yield from (Outcome(unit, work(unit.given)) for unit in units)
        return
    keys: deque[str] = deque()
    there: dict[str, Outcome] = {}

    def listed() -> Iterator[Unit]:
        for unit in units:
            keys.append(unit.key)
            yield unit

    for outcome in engine.run(work, listed(), environment):
        there[outcome.unit.key] = outcome
        while keys and keys[0] in there:
            yield there.pop(keys.popleft())


def versions() -> dict[str, str]:
    """Return the versions that decide the bytes of a dataset, formbench's own among them."""
    return {name: version(name) for name in ("formbench", *PACKAGES)}


def attempt(work: Work, given: Any, expected: Mapping[str, str]) -> Any:
    """Do a unit in a worker; raises nothing but what every engine can carry back.

    Raises:
        FormbenchError: The work raised one, the place that it writes to cannot take more, or this
            worker has other versions than the driver.
        UnitFailed: Anything else went wrong.
    """
    for name, found in versions().items():
        if found != expected[name]:
            raise FormbenchError(
                f"a worker has {name} {found}, the driver {expected[name]}; install the same "
                "versions on all nodes"
            )
    try:
        return work(given)
    except FormbenchError:
        raise
    except Exception as error:
        line = refusal(error) or (mendable(error) if isinstance(error, OSError) else None)
        if line is not None:
            raise FormbenchError(line) from None
        raise UnitFailed(traceback.format_exc()) from None
