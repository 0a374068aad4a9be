"""What nobody can show is refused before a dataset is begun, not clip by clip.

A person who cannot show a fault has the clip set aside, and all others are made. Where none of
some people can, the config asks for what is impossible: a window in which the fault has no room, or
the one body that there is. Those asked are the first one, and of the first so many the tallest, the
shortest, the heaviest and the lightest: what one build cannot do, another often can.
"""

import numpy as np

from motions.errors import FormbenchError
from simulator.accept import ATTEMPTS
from simulator.bodies.library import sample_body
from simulator.conditions import Asked, conditions
from simulator.config import DatasetConfig
from simulator.fault_entries import EVERY_FAULT
from simulator.make import deliver_plan
from simulator.performance import Unperformable
from simulator.plan import BODY, count_clips, plan

PEOPLE = 200
"""Among how many the tallest and the heaviest are looked for."""
OF_EVERY = 12
"""How many faults of entries that mean every one are tried, evenly over all of them, so that the
wait stays short."""


def check_possible(config: DatasetConfig) -> None:
    """Raise where none of a config's people that are asked can show a fault.

    Each is tried at its largest size, in the clips that would be made of it.

    Raises:
        FormbenchError: What they show at most, and what to do.
    """
    a_person = count_clips(config) // config.subjects
    people = _people(config)
    for index in _largest(config):
        for subject in people:
            error = _refusal(config, index + subject * a_person)
            if error is None:
                break
        else:
            raise FormbenchError(f"no one of {len(people)} tried can show it: {error}")


def _people(config: DatasetConfig) -> list[int]:
    """Return the numbers of the people that are asked, the first one first."""
    drawn = [
        sample_body(config.body, np.random.default_rng([config.seed, BODY, subject]))
        for subject in range(min(PEOPLE, config.subjects))
    ]
    asked = [0]
    for name in ("stature_m", "weight"):
        values = [one.get(name, 0.0) for one in drawn]
        asked += [int(np.argmax(values)), int(np.argmin(values))]
    return list(dict.fromkeys(asked))


def _largest(config: DatasetConfig) -> list[int]:
    """Return the first person's clip of each fault at its largest size, of named ones all."""
    found: dict[tuple[str, int, str], tuple[float, int]] = {}
    first = 0
    for source in config.sources:
        each = conditions(config, source)
        for index, condition in enumerate(each, first):
            asked = condition.asked
            if asked is not None:
                key = source.name, asked.number, asked.spec.id
                found[key] = max(found.get(key, (_dose(asked), index)), (_dose(asked), index))
        first += len(each)
    named = [not config.faults[number].fault.endswith(EVERY_FAULT) for _, number, _ in found]
    of_every = np.flatnonzero(np.logical_not(named))
    tried = np.linspace(0, len(of_every) - 1, min(OF_EVERY, len(of_every))).round().astype(int)
    some = set(of_every[tried].tolist())
    return [
        index for place, (_, index) in enumerate(found.values()) if named[place] or place in some
    ]


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
