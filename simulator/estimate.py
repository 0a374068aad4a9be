"""What a dataset will cost, from a few of its clips: processor time, disk, and money.

The clips of the sample are drawn from the whole config, and made in one process after one that
does not count, which builds what a worker builds once.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from simulator.config import DatasetConfig
from simulator.generate import make_in_turn
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
    # One of each stretch of equal length, so that every exercise has its share; drawn, since what
    # comes back every so many clips, such as a fault, would else be in all of them or in none.
    drawn = np.random.default_rng([config.seed, n_clips, sample]).random(sample)
    chosen = [int((i + at) * n_clips / sample) for i, at in enumerate(drawn)]
    seconds, sizes = [], []
    with tempfile.TemporaryDirectory() as folder:
        before = time.perf_counter()
        for number, clip in enumerate(make_in_turn(config, Path(folder), [chosen[0], *chosen])):
            now = time.perf_counter()
            seconds.append(now - before)
            before = now
            sizes.append(sum(path.stat().st_size for path in clip.iterdir()))
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
