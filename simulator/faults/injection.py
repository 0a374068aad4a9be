"""What is asked for: faults of some sizes in some repetitions of one motion, and how they go in.

The order in which they are asked for does not matter: they go in in the order of the table FAULTS.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from motions.errors import FormbenchError
from motions.motion import Motion, Span
from simulator.faults.library import FAULTS
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part, Window


@dataclass(frozen=True)
class Injection:
    """One fault put into one repetition."""

    fault_id: str
    rep: int
    size: float
    """In the fault's unit."""
    side: str = "both"
    window: Window | None = None
    """When in the repetition; None for the fault's own window."""

    @property
    def spec(self) -> FaultSpec:
        """The fault."""
        return FAULTS[self.fault_id]


def in_order(injections: Sequence[Injection]) -> tuple[Injection, ...]:
    """Return injections in the order in which they go in: by the table, then by repetition."""
    place = {fault_id: number for number, fault_id in enumerate(FAULTS)}
    return tuple(sorted(injections, key=lambda i: (place[i.fault_id], i.rep)))


def inject_all(motion: Motion, ordered: Sequence[Injection], sizes: Sequence[float]) -> Motion:
    """Put faults into a motion, as `in_order` gives them, with these sizes instead of their own."""
    done = set()
    for injection, size in zip(ordered, sizes, strict=True):
        spec = injection.spec
        if not spec.whole_set:
            span = motion.reps[injection.rep]
        elif spec.id in done:
            continue
        else:
            span = Span(0.0, motion.duration_s)
        done.add(spec.id)
        motion = spec.inject(motion, Part(span, injection.side, injection.window), size)
    return motion


def check_compatible(injections: Sequence[Injection]) -> None:
    """Raise where two faults of one repetition would undo each other."""
    by_rep: dict[int, list[FaultSpec]] = {}
    for injection in injections:
        by_rep.setdefault(injection.rep, []).append(injection.spec)
    for rep, specs in by_rep.items():
        for one, other in combinations(specs, 2):
            if one is other:
                raise FormbenchError(f"{one.id}: expected once in repetition {rep}, got it twice")
            shared = [channel for channel in one.excludes if channel in other.excludes]
            if shared:
                raise FormbenchError(
                    f"{one.id} and {other.name}: both change the {shared[0].replace('_', ' ')}; "
                    f"expected one of them in repetition {rep}"
                )
