"""What the clips of a counterfactual set have that their siblings do not: nothing, a fault at one
of its sizes, or a variation that is correct.

What is drawn for an entry of the config is drawn once a set: which repetitions, which side, and
where in [low, high]. So the doses of a ladder differ in nothing else.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np

from simulator.config import DatasetConfig
from simulator.fault_entries import FaultEntry, FaultWish, Numbers
from simulator.faults.injection import Injection
from simulator.faults.library import fault
from simulator.faults.spec import FaultSpec
from simulator.sources import Source
from simulator.variations import Variation, variation, variations_of

SIZE = 3
EVERY_VARIATION = "every"


@dataclass(frozen=True)
class Asked:
    """One fault of one entry at one size."""

    number: int
    """Which entry of the config."""
    entry: FaultEntry
    spec: FaultSpec
    given: Numbers


@dataclass(frozen=True)
class Condition:
    """What one clip of a set has; clean if neither is there."""

    asked: Asked | None = None
    variation: Variation | None = None


def conditions(config: DatasetConfig, source: Source) -> list[Condition]:
    """Return the conditions of every set of a source, a clip each: clean, faults, variations."""
    clean = [Condition()] if config.clean or not source.takes_faults else []
    if not source.takes_faults:
        return clean
    asked = [
        Condition(Asked(number, entry, spec, given))
        for number, entry in enumerate(config.faults)
        for spec in entry.of(source.exercise, source.n_reps)
        for given in entry.sizes
    ]
    odd = [Condition(variation=v) for v in _variations(config, source.exercise)]
    return [*clean, *asked, *odd]


def _variations(config: DatasetConfig, exercise_name: str) -> Iterator[Variation]:
    if config.variations == EVERY_VARIATION:
        yield from variations_of(exercise_name)
    else:
        yield from (variation(exercise_name, name) for name in config.variations)


def injections(
    config: DatasetConfig,
    source: Source,
    subject: int,
    take: int,
    condition: Condition,
    attempt: int = 0,
) -> tuple[Injection, ...]:
    """Draw what a condition puts into the repetitions of one set, anew at each attempt."""
    asked = condition.asked
    what = [] if asked is None else [asked.number, zlib.crc32(asked.spec.name.encode())]
    of_set = [zlib.crc32(source.name.encode()), subject, take]
    again = [attempt] if attempt else []
    rng = np.random.default_rng([config.seed, SIZE, *of_set, *what, *again])
    side = "left" if rng.uniform() < 0.5 else "right"
    if condition.variation is not None:
        return condition.variation.injections(source.exercise, source.n_reps, side)
    if asked is None:
        return ()
    entry = asked.entry
    wishes: list[tuple[FaultWish, FaultSpec, Numbers, float]] = [
        (entry, asked.spec, asked.given, 1.0),
        *(
            (wish, fault(source.exercise, wish.fault), wish.sizes[0], wish.correlation)
            for wish in entry.also
        ),
    ]
    chances = rng.uniform(size=source.n_reps)
    drawn = rng.normal(size=(source.n_reps, len(wishes)))
    put = []
    for rep in range(source.n_reps):
        if (entry.reps != "all" and rep not in entry.reps) or chances[rep] > entry.probability:
            continue
        missing = 1 - rep / (source.n_reps - 1) if source.n_reps > 1 else 0.0
        for place, (wish, spec, given, correlation) in enumerate(wishes):
            first, own = drawn[0 if spec.whole_set else rep, [0, place]]
            # Uniform draws that go together as far as asked: a Gaussian copula.
            joint = correlation * first + sqrt(1 - correlation**2) * own if place else first
            value = _within(given, (1 + erf(joint / sqrt(2))) / 2)
            size = wish.in_unit(spec, value)
            size += entry.growth * missing * (spec.neutral - size)
            put.append(wish.injection(spec, rep, size, side))
    return tuple(put)


def _within(given: Numbers, share: float) -> float:
    return given[0] + share * (given[1] - given[0]) if isinstance(given, list) else given
