"""One part of the body moves later than another on the way back: an edit and a measure."""

import numpy as np

from motions.motion import Motion, Span
from simulator.faults.edits import delay
from simulator.faults.readings import Curve, Measure
from simulator.faults.window import Part
from simulator.performance import Performance


def way_back_s(motion: Motion, span: Span) -> float:
    """Return how long a repetition takes from its last farthest frame to its end."""
    phase = motion.phase[span.frames(motion.fps, motion.n_frames)]
    return float(phase[::-1].argmax()) / motion.fps


def lag(
    motion: Motion, part: Part, lag_s: float, first: tuple[str, ...], last: tuple[str, ...]
) -> Motion:
    """Let some bones go ahead of their time and others behind theirs, half of the lag each."""
    motion = delay(motion, part, first, -lag_s / 2)
    return delay(motion, part, last, lag_s / 2)


def measure_lag(first: Curve, last: Curve) -> Measure:
    """Make a measure of how much later a second curve is half way back than a first one, as a
    share of the way back's time.

    Back is where the repetition began, so that how it ends does not matter.

    Args:
        first: What comes first when the measure is positive.
        last: What comes later.
    """

    def measure(performance: Performance, rep: Span, side: str) -> float:
        frames = rep.frames(performance.fps, performance.n_frames)
        start = len(performance.motion.phase[frames]) - 1
        start -= int(performance.motion.phase[frames][::-1].argmax())
        joints = performance.joints_world_m[frames]
        curves = (curve(joints, performance.body, side) for curve in (first, last))
        times = [_halfway(values[start:], values[0]) for values in curves]
        lag_s = (times[1] - times[0]) / performance.fps
        return lag_s / way_back_s(performance.motion, rep)

    return measure


def _halfway(values: np.ndarray, home: float) -> float:
    """Return the frame, between frames, at which a curve has gone half its way home.

    >>> _halfway(np.array([4.0, 4.0, 3.0, 1.0, 0.0]), 0.0)
    2.5
    """
    gone = np.maximum.accumulate((values - values[0]) / (home - values[0]))
    return float(np.interp(0.5, gone, np.arange(len(values))))
