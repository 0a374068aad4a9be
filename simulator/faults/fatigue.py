"""Repetitions that fall short more and more over a set."""

import numpy as np

from motions.errors import FormbenchError
from motions.motion import Motion, Span
from simulator.faults.incomplete_range import WHOLE_BODY, measure_range, shorten_range
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part
from simulator.performance import Performance

FEWEST_REPS = 4
"""Of fewer repetitions a slope says nothing."""
SHORTEST = 0.2
"""The share of the range that a last repetition keeps at least."""


def fatigue_drift(
    exercise: str,
    *,
    sentence: str = "Every repetition goes less far than the one before.",
    cue: str = "Take less weight, or stop the set while the repetitions are still full.",
) -> FaultSpec:
    """Describe an exercise's loss of range from repetition to repetition, share of the range."""
    return FaultSpec(
        id=f"{exercise}.fatigue_drift",
        title="Losing range over the set",
        sentence=sentence,
        cue=cue,
        unit="",
        neutral=0.0,
        correct=0.02,
        mild=0.03,
        severe=0.08,
        joints=WHOLE_BODY,
        edit=lose_range,
        measure=measure_drift,
        whole_set=True,
        window=None,
        fewest_reps=FEWEST_REPS,
        excludes=("range",),
    )


def lose_range(motion: Motion, part: Part, loss: float) -> Motion:
    """Let every repetition reach so much less of the full range than the one before."""
    n_reps = len(motion.reps)
    if n_reps < FEWEST_REPS or 1 - loss * (n_reps - 1) < SHORTEST:
        most = int((1 - SHORTEST) / max(loss, 1e-9)) + 1
        raise FormbenchError(
            f"{motion.exercise}: losing {loss:.3g} of the range with each repetition needs a set "
            f"of {FEWEST_REPS} to {most}, got {n_reps}"
        )
    for index, span in enumerate(motion.reps):
        motion = shorten_range(motion, Part(span), 1 - loss * index)
    return motion


def measure_drift(performance: Performance, span: Span, side: str) -> float:
    """Return how much range is lost from repetition to repetition, by least squares.

    It is one number for the whole set, and 0 for sets too short to tell.
    """
    reps = performance.motion.reps
    if len(reps) < FEWEST_REPS:
        return 0.0
    ranges = [measure_range(performance, rep, side) for rep in reps]
    return float(-np.polyfit(np.arange(len(reps)), ranges, 1)[0])
