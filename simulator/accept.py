"""Clips that no body could perform, or not this one, are planned anew, the same way whoever makes
them.

Whether a clip is kept follows from its own figures alone (`simulator.physics.gate`), and attempt
number two draws from its own seed, so the result does not depend on workers or on other clips. A
recording is what it is: it cannot be drawn again, and is kept with its figures.
"""

from simulator.config import DatasetConfig
from simulator.make import performance_of
from simulator.performance import Performance, Unperformable
from simulator.physics.gate import failures
from simulator.plan import ClipPlan, plan

ATTEMPTS = 4
"""After so many, what comes out is kept, marked and counted, or set aside (`on_broken`)."""


def accepted(config: DatasetConfig, index: int) -> tuple[ClipPlan, Performance]:
    """Return the first plan of a clip whose performance keeps within the limits, and that.

    Raises:
        Unperformable: The last one asks for a fault that this person cannot show, or none keeps
            within the limits and the config says to drop such clips.
    """
    for attempt in range(ATTEMPTS):
        planned = plan(config, index, attempt)
        drawn = planned.style is not None
        try:
            performance = performance_of(planned)
        except Unperformable:
            if drawn and attempt < ATTEMPTS - 1:
                continue
            raise
        broken = failures(performance.metrics, planned.body_model) if drawn else ()
        if not broken:
            break
    if broken and config.on_broken == "drop":
        raise Unperformable(
            f"{planned.clip_id} of {planned.subject_id}: no plan keeps within the limits: "
            f"{'; '.join(broken)}; ask for less, or for another seed, or keep it (on_broken: keep)"
        )
    return planned, performance
