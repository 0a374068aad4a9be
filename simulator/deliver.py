"""Faults of the sizes that were asked for, on the body that is to show them.

An edit acts on the canonical skeleton; on another body, with other lengths, contacts solved again
and other faults beside it, it may show more or less. So each fault is measured on the finished
body, and what is injected is corrected by secant steps, or by halving where these overshoot, all
faults of the motion together. The label stays what is measured in the end.
"""

from collections.abc import Sequence

import numpy as np

from motions.errors import FormbenchError
from motions.motion import Motion
from simulator.bodies.body import Body
from simulator.faults.injection import Injection, in_order, inject_all
from simulator.faults.spec import FaultSpec
from simulator.performance import Performance
from simulator.retarget import retarget

OFF_SHARE = 0.10
OFF = {"deg": 1.0, "m": 0.01, "s": 0.05, "m/s": 0.1, "": 0.02}
"""A fault is delivered when it measures within this share or this much, by unit, of its request."""
AIM = 0.1
"""Corrections go on while a fault is off by more than this share of what is allowed."""
MOST_CORRECTIONS = 8
STEEPEST, FLATTEST = 4.0, 0.25
"""How fast what is measured may be taken to grow with what is injected."""
BEYOND = 1.0
"""How far beyond its scale, in scales, an injected amount may go to show what is asked for."""


def allowed_off(spec: FaultSpec, size: float) -> float:
    """Return how far from a requested size a measured one may be, in the fault's unit."""
    return max(OFF_SHARE * abs(size), OFF[spec.unit])


def deliver(
    motion: Motion, body: Body, injections: Sequence[Injection], *, metrics: bool = True
) -> Performance:
    """Put faults into a motion, and the motion on a body, so that it shows what was asked for.

    Args:
        motion: Without faults.
        body: Who shows them.
        injections: What is asked for.
        metrics: As for `retarget`.

    Raises:
        FormbenchError: A fault that was asked for at mild or more does not show on this body.
    """
    if not injections:
        return retarget(motion, body, metrics=metrics)
    ordered = in_order(injections)
    allowed = np.array([allowed_off(i.spec, i.size) for i in ordered])
    wanted = np.array([_goal(i, off) for i, off in zip(ordered, allowed, strict=True)])
    scales = [(i.spec.neutral, i.spec.severe - i.spec.neutral) for i in ordered]
    limits = np.sort([[start - BEYOND * way, start + (1 + BEYOND) * way] for start, way in scales])
    ways = np.array([way for _, way in scales])
    sizes, slopes = wanted.copy(), np.ones(len(wanted))
    # The injected amounts, along the scale, between which each fault's goal has been seen to lie.
    too_little: np.ndarray = np.full(len(wanted), -np.inf)
    too_much: np.ndarray = np.full(len(wanted), np.inf)
    best_sizes, best_off, best = sizes, np.inf, wanted
    before: tuple[np.ndarray, np.ndarray] | None = None
    for _ in range(1 + MOST_CORRECTIONS):
        shown = _shown(inject_all(motion, ordered, sizes.tolist()), body, ordered)
        off = float(np.abs((shown - wanted) / allowed).max())
        if off < best_off:
            best_sizes, best_off, best = sizes, off, shown
        if off <= AIM:
            break
        if before is not None:
            steps, changes = sizes - before[0], shown - before[1]
            moved = np.abs(steps) > 1e-9
            slopes[moved] = np.clip(changes[moved] / steps[moved], FLATTEST, STEEPEST)
        before = sizes, shown
        along, short = sizes / ways, (wanted - shown) / ways > 0
        too_little = np.where(short, np.maximum(too_little, along), too_little)
        too_much = np.where(short, too_much, np.minimum(too_much, along))
        corrected = np.clip(sizes - (shown - wanted) / slopes, *limits.T) / ways
        crossed = (corrected <= too_little) | (corrected >= too_much)
        known = np.isfinite(too_little) & np.isfinite(too_much) & (too_little < too_much)
        middle = (np.where(known, too_little, 0) + np.where(known, too_much, 0)) / 2
        corrected = np.where(crossed & known, middle, corrected) * ways
        # Nothing is injected where nothing was asked for.
        neutral = wanted == [start for start, _ in scales]
        sizes = np.where(neutral, wanted, corrected)
    for injection, size in zip(ordered, best, strict=True):
        spec = injection.spec
        if spec.is_present(injection.size) and not spec.is_present(size):
            unit = f" {spec.unit}" if spec.unit else ""
            raise FormbenchError(
                f"{spec.id}: asked for {injection.size:.3g}{unit} in repetition "
                f"{injection.rep}, but this body shows {size:.3g} at most here, which is not the "
                f"fault (from {spec.mild:g}); ask for less, or for another body or style"
            )
    return retarget(inject_all(motion, ordered, best_sizes.tolist()), body, metrics=metrics)


def _goal(injection: Injection, allowed: float) -> float:
    """Return the size to aim at: the request, or so far past mild that hitting it is the fault."""
    spec = injection.spec
    if not spec.is_present(injection.size):
        return injection.size
    least = spec.mild + np.copysign(3 * AIM * allowed, spec.severe - spec.mild)
    return least if spec.severity(least) > spec.severity(injection.size) else injection.size


def _shown(motion: Motion, body: Body, ordered: Sequence[Injection]) -> np.ndarray:
    """Measure each injected fault where it was put.

    What is there throughout a set is injected once: of its repetitions the one counts that would
    make the label false first, the least of a fault and the most of what is to be none.
    """
    performance = retarget(motion, body, metrics=False)
    shown: dict[tuple[str, int], float] = {}
    for injection in ordered:
        spec, rep = injection.spec, injection.rep
        if not spec.whole_set:
            shown[spec.id, rep] = _size(performance, injection, rep)
        elif (spec.id, rep) not in shown:
            every = [_size(performance, injection, n) for n in range(len(motion.reps))]
            first = min if spec.is_present(injection.size) else max
            size = first(every, key=spec.severity)
            shown |= {(spec.id, n): size for n in range(len(motion.reps))}
    return np.array([shown[injection.spec.id, injection.rep] for injection in ordered])


def _size(performance: Performance, injection: Injection, rep: int) -> float:
    span = performance.motion.reps[rep]
    if injection.side in injection.spec.sides:
        return injection.spec.measure(performance, span, injection.side)
    return injection.spec.read(performance, span)[0]
