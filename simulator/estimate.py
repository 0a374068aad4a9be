"""What a dataset will cost, from a few of its clips: processor time, disk, and money.

The clips of the sample are drawn from the whole config, and made by one worker after one that does
not count, which builds what a worker builds once. What counts is processor time, so that a machine
that is busy with other work says the same; a worker that waits for a graphics card takes longer.
"""

import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from simulator.clip import clip_id
from simulator.config import DatasetConfig
from simulator.engines.engine import ONE_THREAD, Unit
from simulator.engines.local import LocalEngine
from simulator.generate import make_one
from simulator.plan import count_clips

FEWEST = 3
_SECONDS = 3600.0


@dataclass(frozen=True)
class Cost:
    """What a sample says of the whole."""

    clips: int
    sampled: int
    core_hours: float
    core_hours_off: float
    """One standard error of that."""
    gigabytes: float
    warm_up_s: float
    """What each worker needs once, not in `core_hours`."""

    def wall_hours(self, cores: int) -> float:
        """Return how long it takes with one worker a core."""
        return self.core_hours / cores + self.warm_up_s / _SECONDS

    def price(self, per_core_hour: float) -> float:
        """Return what the core-hours cost, in the currency of the price."""
        return self.core_hours * per_core_hour


def estimate(
    config: DatasetConfig,
    sample: int = 8,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> Cost:
    """Make some clips of a config in a temporary folder and reckon from them.

    Args:
        config: What would be made.
        sample: How many clips to make; at most as many as there are.
        on_clip: Called with clips done and clips in all.

    Raises:
        FormbenchError: The sample is too small to say how sure it is.
    """
    n_clips = count_clips(config)
    sample = min(sample, n_clips)
    if sample < min(FEWEST, n_clips):
        raise FormbenchError(f"estimate: expected a sample of at least {FEWEST}, got {sample}")
    chosen = _spread(sample, config.subjects * config.takes, n_clips)
    seconds, sizes = [], []
    with tempfile.TemporaryDirectory() as folder:
        units = [Unit(str(i), clip_id(i), (config, folder, i)) for i in (chosen[0], *chosen)]
        for number, outcome in enumerate(LocalEngine(1).run(_make, units, ONE_THREAD)):
            if outcome.log:
                raise FormbenchError(f"estimate: {outcome.unit.name}: {outcome.log}")
            seconds.append(outcome.result[0])
            sizes.append(outcome.result[1])
            on_clip(number, sample)
    warm_up_s, *each_s = seconds
    mean_s = float(np.mean(each_s))
    off_s = float(np.std(each_s, ddof=1) / sample**0.5) if sample > 1 else mean_s
    return Cost(
        clips=n_clips,
        sampled=sample,
        core_hours=n_clips * mean_s / _SECONDS,
        core_hours_off=n_clips * off_s / _SECONDS,
        gigabytes=n_clips * float(np.mean(sizes[1:])) / 1e9,
        warm_up_s=max(warm_up_s - mean_s, 0.0),
    )


def _spread(sample: int, turns: int, n_clips: int) -> list[int]:
    """Choose clips as a lattice: evenly over people's turns, and evenly over what is in a turn.

    Exercises and faults come back every turn; at equal distances some would be in all of the sample
    and others in none.
    """
    if sample == n_clips:
        return list(range(n_clips))
    in_turn = n_clips // turns
    step = next(m for m in range(round(0.618 * sample), sample + 1) if math.gcd(m, sample) == 1)
    return [
        i * turns // sample * in_turn + int((i * step % sample + 0.5) * in_turn / sample)
        for i in range(sample)
    ]


def _make(given: tuple[DatasetConfig, str, int]) -> tuple[float, int]:
    """Make a clip in a worker; return its seconds of processor time and its bytes."""
    config, folder, index = given
    before_s = time.process_time()
    with tempfile.TemporaryDirectory(dir=folder) as clips:
        make_one(config, index, Path(clips))
        made = Path(clips) / clip_id(index)
        return time.process_time() - before_s, sum(p.stat().st_size for p in made.iterdir())
