"""Units on a Ray cluster, or on a Ray of this machine alone that ends with the run.

Ray decides who does what, does a unit again when its worker or node is lost, and shows the units by
name on its dashboard. Each node needs the same formbench installed, and where data goes to object
storage, credentials in its own environment: none are sent.
"""

import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ray
import ray.exceptions as trouble

from motions.errors import FormbenchError
from simulator.engines.engine import TRIES, Outcome, Unit, UnitFailed, Work, attempt, versions

IN_FLIGHT = 256
"""So many units at least are with Ray at once, that an autoscaler sees what is wanted."""
_DEVICE = "GLCONTEXT_DEVICE_INDEX"
_KNOCK_S = 5.0


class RayEngine:
    """A Ray cluster; an `Engine`.

    Args:
        address: "auto" for the cluster that this machine is part of, or HOST:PORT; None for a Ray
            of this machine alone.
        workers: Processes, where there is no address; as many as cores when not given.
        gpus: Which share of a graphics card each unit takes; 0 to draw without, or not at all.
    """

    def __init__(
        self, address: str | None = None, workers: int | None = None, gpus: float = 0.0
    ) -> None:
        if address is not None and workers is not None:
            raise FormbenchError("workers: a cluster has as many as it has cores; leave them out")
        self._address, self._gpus = address, gpus
        self.workers = workers or os.cpu_count() or 1

    def run(
        self, work: Work, units: Iterable[Unit], environment: Mapping[str, str]
    ) -> Iterator[Outcome]:
        """Do all units; see `Engine.run`."""
        with self._connected():
            options = {
                "num_cpus": 1,
                "num_gpus": self._gpus,
                "max_retries": TRIES - 1,
                "retry_exceptions": [UnitFailed],
                "runtime_env": {"env_vars": dict(environment)},
            }
            task = ray.remote(_attempt)
            waiting, expected = iter(units), versions()
            running: dict[Any, Unit] = {}
            most = max(IN_FLIGHT, 2 * int(ray.cluster_resources().get("CPU", 0)))
            while True:
                while len(running) < most and (unit := next(waiting, None)) is not None:
                    named = task.options(**options, name=unit.name)
                    running[named.remote(work, unit.given, expected)] = unit
                if not running:
                    return
                for reference in ray.wait(list(running))[0]:
                    yield _outcome(running.pop(reference), reference)

    @contextmanager
    def _connected(self) -> Iterator[None]:
        quiet: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False}
        alone = {"num_cpus": self.workers, "num_gpus": int(self._gpus > 0)}
        alone["include_dashboard"] = False
        if self._address is not None and self._address != "auto":
            _knock(self._address)
        try:
            ray.init(address=self._address or "local", **({} if self._address else alone), **quiet)
        except (ConnectionError, RuntimeError, ValueError, trouble.RayError) as error:
            reason = " ".join(str(error).split())
            raise FormbenchError(f"no Ray at {self._address or 'this machine'}: {reason}") from None
        try:
            yield
        finally:
            ray.shutdown()


def _knock(address: str) -> None:
    """Raise at once where nobody listens; Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=_KNOCK_S).close()
    except (OSError, ValueError) as error:
        raise FormbenchError(f"no Ray at {address}: {error}") from None


def _attempt(work: Work, given: Any, expected: Mapping[str, str]) -> Any:
    devices = ray.get_gpu_ids()
    if devices:
        os.environ[_DEVICE] = str(devices[0])
    return attempt(work, given, expected)


def _outcome(unit: Unit, reference: Any) -> Outcome:
    try:
        return Outcome(unit, ray.get(reference))
    except trouble.RayTaskError as error:
        if isinstance(error.cause, FormbenchError):
            raise error.cause from None
        return Outcome(unit, log=str(error.cause))
    except trouble.RayError as error:  # its worker or node was lost too often
        return Outcome(unit, log=str(error))
