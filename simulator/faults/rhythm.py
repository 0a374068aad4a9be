"""Faults of rhythm within a repetition: a bounce out of the turn, and a pause on the way.

Both are edits of how far the repetition is when, and are read from the driving measure.
"""

from functools import partial
from typing import Literal

import numpy as np
from scipy.optimize import brentq

from motions.motion import Motion, Span
from motions.skeleton import SMPL22
from simulator.faults.incomplete_range import along_own_way
from simulator.faults.retiming import coming, progress, retimed, still_s
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part
from simulator.performance import Performance

WHOLE_BODY = SMPL22.joint_names
BOUNCE_S = 0.36
"""A rebound and the drop after it, 2 to 3 a second as seen in lifts with momentum."""
DEEPEST = 0.5
"""How far back it springs at most, in shares of its way."""
TURN = 0.75
"""The share of the way beyond which a repetition is turning."""
MINIMUM_JERK_PEAK = 10 / np.sqrt(3)
"""Peak acceleration of the smoothest way of length 1 in time 1 (Flash and Hogan 1985)."""
NEAR_TURN, MINIMUM_JERK_NEAR_S = (0.6, 0.95), 0.2570
"""Between which shares of its way it is timed, and how much of its time the smoothest way takes
there; below, a pause may be."""
SLOW_S = 2.0
"""Slower ways are held against the peak of this one: small waves are no bounce."""
PAUSE_AT = 0.45
"""Where on the way it stops."""


def bounce(
    exercise: str,
    *,
    sentence: str = "The repetition bounces out of the turn.",
    cue: str = "Stop for a moment before you turn.",
) -> FaultSpec:
    """Describe an exercise's bounce: peak acceleration at the turn over that of a smooth turn.

    Double bouncing fails a lift in the rules of the IPF.
    """
    return FaultSpec(
        id=f"{exercise}.bounce",
        title="Bounce",
        sentence=sentence,
        cue=cue,
        unit="",
        neutral=1.0,
        correct=1.4,
        mild=1.6,
        severe=2.6,
        joints=WHOLE_BODY,
        edit=add_bounce,
        measure=measure_bounce,
        window=None,
        excludes=("rhythm at the turn",),
    )


def pause(
    exercise: str,
    *,
    way: Literal["out", "back"],
    sentence: str = "The repetition gets stuck half way.",
    cue: str = "Take a weight that you can move in one go.",
) -> FaultSpec:
    """Describe an exercise's pause on the way in which the weight is lifted, seconds.

    A downward movement or a halt on the way up fails a lift in the rules of the IPF.
    """
    return FaultSpec(
        id=f"{exercise}.pause",
        title="Pause on the way",
        sentence=sentence,
        cue=cue,
        unit="s",
        neutral=0.0,
        correct=0.15,
        mild=0.3,
        severe=1.5,
        joints=WHOLE_BODY,
        edit=partial(add_pause, way=way),
        measure=partial(measure_pause, way=way),
        window=None,
        excludes=("rhythm",),
    )


def add_bounce(motion: Motion, part: Part, ratio: float) -> Motion:
    """Let a repetition spring back from its far end, drop again, and only then turn."""
    frames = part.frames(motion)
    phase = motion.phase[frames]
    first_top = int(phase.argmax())
    last_top = len(phase) - 1 - int(phase[::-1].argmax())
    since = (np.arange(len(phase)) - (first_top + last_top) / 2) / (BOUNCE_S * motion.fps)
    rebound = np.where(np.abs(since) < 0.5, np.cos(np.pi * since) ** 2, 0.0)

    def bounced(depth: float) -> Motion:
        return along_own_way(motion, frames, phase * (1 - depth * rebound))

    def missing(depth: float) -> float:
        return ratio - _bounce(progress(bounced(depth), part.span), motion.fps)

    if missing(0.0) <= 0:
        return motion
    return bounced(brentq(missing, 0.0, DEEPEST, xtol=1e-4) if missing(DEEPEST) < 0 else DEEPEST)


def measure_bounce(performance: Performance, span: Span, side: str) -> float:
    """Return the peak acceleration at the turn, over that of a smooth turn in the same time."""
    return _bounce(progress(performance, span), performance.fps)


def _bounce(share: np.ndarray, fps: float) -> float:
    top = int(share.argmax())
    out = np.interp(NEAR_TURN, np.maximum.accumulate(share[: top + 1]), np.arange(top + 1))
    near_s = min(np.diff(out)[0], np.diff(coming(share, NEAR_TURN[::-1]))[0]) / fps
    way_s = min(near_s / MINIMUM_JERK_NEAR_S, SLOW_S)
    acceleration = np.abs(np.diff(share, n=2)) * fps**2
    turning = share[1:-1] > TURN
    return float(acceleration[turning].max() * way_s**2 / MINIMUM_JERK_PEAK)


def add_pause(motion: Motion, part: Part, pause_s: float, way: Literal["out", "back"]) -> Motion:
    """Stop a repetition on one of its ways, and go on."""
    frames = part.frames(motion)
    share = progress(motion, part.span)
    top = int(share.argmax())
    numbers = np.arange(len(share), dtype=np.float64)
    if way == "out":
        stop = np.interp(PAUSE_AT, np.maximum.accumulate(share[: top + 1]), numbers[: top + 1])
    else:
        back = np.maximum.accumulate(share[top:][::-1])
        stop = np.interp(PAUSE_AT, back, numbers[top:][::-1])
    # It slows down and speeds up over as long as the pause, a quarter of a second at most.
    fade = min(pause_s, 0.25) * motion.fps
    held = pause_s * motion.fps
    n_frames = len(share) + int(np.ceil(held + fade))
    # Finely, the speed is 1, falls to 0, stays, and rises to 1; frame numbers are its sum.
    fine = np.arange(n_frames * 50) / 50
    begins = stop - fade / 2
    fall = np.clip((fine - begins) / fade, 0, 1)
    rise = np.clip((fine - begins - fade - held) / fade, 0, 1)
    speed = 1 - fall**2 * (3 - 2 * fall) + rise**2 * (3 - 2 * rise)
    at = np.concatenate([[0.0], np.cumsum(speed) / 50])[: n_frames * 50 : 50]
    return retimed(motion, part, frames.start + np.minimum(at, frames.stop - 1 - frames.start))


def measure_pause(
    performance: Performance, span: Span, side: str, way: Literal["out", "back"]
) -> float:
    """Return how long a repetition stands still on one of its ways, seconds."""
    return still_s(progress(performance, span), performance.fps, way)
