"""What nobody can show is refused before a dataset is begun, not clip by clip.

A person who cannot show a fault has the clip set aside, and all others are made. Where none of
some people can, the config asks for what is impossible: a window in which the fault has no room, or
the one body that there is.
"""

from motions.errors import FormbenchError
from simulator.accept import ATTEMPTS
from simulator.conditions import Asked, conditions
from simulator.config import DatasetConfig
from simulator.fault_entries import EVERY_FAULT
from simulator.make import deliver_plan
from simulator.performance import Unperformable
from simulator.plan import count_clips, plan

PEOPLE = 3
"""How many are asked before nobody is taken to be able to."""


def check_possible(config: DatasetConfig) -> None:
    """Raise where none of a config's first people can show a fault that it names.

    Each is tried at its largest size, in the clips that would be made of it. Entries that mean
    every fault of an exercise are not tried.

    Raises:
        FormbenchError: What they show at most, and what to do.
    """
    a_person = count_clips(config) // config.subjects
    for index in _largest(config):
        for subject in range(min(PEOPLE, config.subjects)):
            error = _refusal(config, index + subject * a_person)
            if error is None:
                break
        else:
            raise FormbenchError(f"no one of {subject + 1} tried can show it: {error}")


def _largest(config: DatasetConfig) -> list[int]:
    """Return the first person's clip of each named fault at its largest size."""
    found: dict[tuple[str, int], tuple[float, int]] = {}
    first = 0
    for source in config.sources:
        each = conditions(config, source)
        for index, condition in enumerate(each, first):
            asked = condition.asked
            if asked is not None and not asked.entry.fault.endswith(EVERY_FAULT):
                key = source.name, asked.number
                found[key] = max(found.get(key, (_dose(asked), index)), (_dose(asked), index))
        first += len(each)
    return [index for _, index in found.values()]


def _dose(asked: Asked) -> float:
    given = asked.given if isinstance(asked.given, list) else [asked.given]
    return max(asked.spec.dose(asked.entry.in_unit(asked.spec, value)) for value in given)


def _refusal(config: DatasetConfig, index: int) -> Unperformable | None:
    """Say why a person cannot show a clip's fault however often it is drawn, None if they can."""
    last = None
    for attempt in range(ATTEMPTS):
        planned = plan(config, index, attempt)
        try:
            deliver_plan(planned)
        except Unperformable as error:
            last = error
            if planned.style is None:
                break
        else:
            return None
    return last
