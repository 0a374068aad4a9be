"""An engine by its name."""

from motions.errors import FormbenchError, unknown_name
from simulator.engines.engine import Engine
from simulator.engines.local import LocalEngine

ENGINES = ("local", "ray")


def engine_if_asked(name: str | None, workers: int | None, address: str | None) -> Engine | None:
    """Return an engine, or None where nobody asked for one and work is done in this process."""
    if (name, workers, address) == (None, None, None):
        return None
    return engine_of(name or "local", workers, address)


def engine_of(
    name: str, workers: int | None = None, address: str | None = None, gpus: float = 0.0
) -> Engine:
    """Return an engine.

    Args:
        name: One of ENGINES.
        workers: Processes of this machine; as many as cores when not given.
        address: A Ray cluster, "auto" or HOST:PORT; None for a Ray of this machine alone.
        gpus: Which share of a graphics card each unit of work takes, on Ray.

    Raises:
        FormbenchError: There is no such engine, it takes no such option, or it is not installed.
    """
    if name not in ENGINES:
        raise unknown_name("engine", name, ENGINES)
    if name == "local":
        if address is not None or gpus:
            raise FormbenchError("engine local: an address and gpus are Ray's; add --engine ray")
        return LocalEngine(workers)
    try:
        from simulator.engines.ray import RayEngine
    except ImportError as error:
        raise FormbenchError("Ray is not installed: pip install 'formbench[ray]'") from error
    return RayEngine(address, workers, gpus)
