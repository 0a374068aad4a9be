"""What a scorer costs: time and memory. Measured, so not the same twice, and in a file of its own.

    OUT/cost.json    by scorer: the median milliseconds of one repetition, the most megabytes

Of a scorer in this process the memory is what Python allocated while it judged; of a command it is
the most that its process ever held, its interpreter and what it learnt included.
"""

import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from scoring.evaluation.asking import AskedScorer
from scoring.poses import PoseSequence

SCHEMA = "formbench.cost/1"
N_TIMED, N_TRACED = 20, 3


@dataclass(frozen=True)
class Cost:
    """What one scorer costs on this machine."""

    scorer: str
    ms_per_repetition: float
    memory_mb: float


def cost_of(asked: AskedScorer, sequences: Sequence[PoseSequence]) -> Cost:
    """Let a scorer judge some sequences again, and measure.

    Args:
        asked: Whom.
        sequences: At least one; some of them are judged more than once.
    """
    asked.ask(sequences[0])  # whatever it does at first only, such as compiling
    times_s = []
    for sequence in sequences[:N_TIMED]:
        start_s = time.perf_counter()
        asked.ask(sequence)
        times_s.append(time.perf_counter() - start_s)
    memory_mb = asked.memory_mb
    if memory_mb is None:
        tracemalloc.start()
        for sequence in sequences[:N_TRACED]:
            asked.ask(sequence)
        memory_mb = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
    return Cost(asked.name, 1000 * median(times_s), memory_mb)
