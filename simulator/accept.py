"""Clips that no body could perform are planned anew, the same way whoever makes them.

Whether a clip is kept follows from its own figures alone (`simulator.physics.gate`), and attempt
number two draws from its own seed, so the result does not depend on workers or on other clips. A
recording is what it is: it cannot be drawn again, and is kept with its figures.
"""

from simulator.config import DatasetConfig
from simulator.make import performance_of
from simulator.performance import Performance
from simulator.physics.gate import failures
from simulator.plan import ClipPlan, plan

ATTEMPTS = 4
"""After so many, what comes out is kept; its figures say what is wrong, and the tables count it."""


def accepted(config: DatasetConfig, index: int) -> tuple[ClipPlan, Performance]:
    """Return the first plan of a clip whose performance keeps within the limits, and that."""
    for attempt in range(ATTEMPTS):
        planned = plan(config, index, attempt)
        performance = performance_of(planned)
        if planned.style is None or not failures(performance.metrics, planned.body_model):
            break
    return planned, performance
