"""Faults of tempo: repetitions too fast or too slow, and weights that are let down too fast.

Sizes are read from the driving measure of the exercise: when it leaves its start and comes back.
Between 0.5 and 8 s the tempo of a repetition makes no difference to muscle growth (Schoenfeld 2015,
doi 10.1007/s40279-015-0304-0), so too fast or slow means other than asked for, not harmful.
"""

from functools import partial
from typing import Literal

import numpy as np

from motions.motion import Motion, Span
from motions.skeleton import SMPL22
from simulator.faults.retiming import progress, retimed, still_s, times
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part
from simulator.performance import Performance

WAYS = SMPL22.joint_names
"""Where it is when changes, and with it whatever moves."""


def tempo_fast(exercise: str, *, correct: float, mild: float, severe: float) -> FaultSpec:
    """Describe an exercise's hurried repetition, in seconds.

    Correct repetitions of five movements in UI-PRMD take 1.6 to 4.1 s (5th and 95th percentile).
    """
    return FaultSpec(
        id=f"{exercise}.tempo_fast",
        title="Too fast",
        sentence="The repetition is rushed.",
        cue="Slow down: take about a second each way.",
        unit="s",
        neutral=2.0,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=WAYS,
        edit=set_duration,
        measure=measure_duration,
        window=None,
        excludes=("tempo",),
        evidence="M",
    )


def tempo_slow(
    exercise: str, *, correct: float = 6.0, mild: float = 8.0, severe: float = 12.0
) -> FaultSpec:
    """Describe an exercise's dragging repetition, in seconds.

    Up to a count of 6/0/4/0 counts as regular; the correct range leaves room for the edit's grey
    zone below the 8 s from which repetitions count as slow.
    """
    return FaultSpec(
        id=f"{exercise}.tempo_slow",
        title="Too slow",
        sentence="The repetition drags on.",
        cue="Keep it moving: no more than three seconds each way.",
        unit="s",
        neutral=4.0,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=WAYS,
        edit=set_duration,
        measure=measure_duration,
        window=None,
        excludes=("tempo",),
        evidence="L",
    )


def uncontrolled_eccentric(
    exercise: str,
    *,
    way: Literal["out", "back"],
    sentence: str = "The weight is dropped instead of lowered.",
    cue: str = "Lower at least as slowly as you lift.",
) -> FaultSpec:
    """Describe an exercise's dropped weight: time of the eccentric way over the concentric's.

    Tempi such as 2/0/2/0 and 6/0/4/0 count as regular, ratios of 1 and more (PMC6006544). Clean
    repetitions come a little below that, as people are not metronomes.

    Args:
        exercise: Its name.
        way: Which way the muscles give way.
        sentence: What a coach would say.
        cue: What a coach would say to mend it.
    """
    return FaultSpec(
        id=f"{exercise}.uncontrolled_eccentric",
        title="Uncontrolled lowering",
        sentence=sentence,
        cue=cue,
        unit="",
        neutral=1.0,
        correct=0.7,
        mild=0.6,
        severe=0.25,
        joints=WAYS,
        edit=partial(set_eccentric_ratio, way=way),
        measure=partial(measure_eccentric_ratio, way=way),
        window=None,
        excludes=("rhythm",),
        evidence="L",
    )


def set_duration(motion: Motion, part: Part, duration_s: float) -> Motion:
    """Play a whole repetition faster or slower, so that it takes so long."""
    frames = part.frames(motion)
    stretch = duration_s / _duration_s(motion, part.span)
    n_frames = int(np.ceil((frames.stop - frames.start) * stretch))
    # What is left of the last frame is spent at the end, where the repetition is at rest.
    at = np.minimum(frames.start + np.arange(n_frames) / stretch, frames.stop - 1)
    return retimed(motion, part, at)


def set_eccentric_ratio(
    motion: Motion, part: Part, ratio: float, way: Literal["out", "back"]
) -> Motion:
    """Give the eccentric way another share of a repetition's time; its duration stays."""
    frames = part.frames(motion)
    phase = motion.phase[frames]
    first_top = frames.start + int(phase.argmax())
    last_top = frames.stop - 1 - int(phase[::-1].argmax())
    end = frames.stop - 1
    out, hold, back = first_top - frames.start, last_top - first_top, end - last_top
    now = _eccentric_ratio(motion, part.span, way)
    share = (out / back if way == "out" else back / out) * ratio / now
    eccentric = (out + back) * share / (1 + share)
    new_out = eccentric if way == "out" else out + back - eccentric
    numbers = np.arange(frames.stop - frames.start, dtype=np.float64)
    at = np.interp(
        numbers,
        [0, new_out, new_out + hold, end - frames.start],
        [frames.start, first_top, last_top, end],
    )
    return retimed(motion, part, at)


def measure_duration(performance: Performance, span: Span, side: str) -> float:
    """Return the time from leaving the start posture to being back in it, seconds."""
    return _duration_s(performance, span)


def measure_eccentric_ratio(
    performance: Performance, span: Span, side: str, way: Literal["out", "back"]
) -> float:
    """Return the time of the eccentric way over that of the other, holds and pauses apart."""
    return _eccentric_ratio(performance, span, way)


def _duration_s(moving: Motion | Performance, span: Span) -> float:
    read = times(progress(moving, span), moving.fps)
    return read.back_s - read.left_s


def _eccentric_ratio(
    moving: Motion | Performance, span: Span, way: Literal["out", "back"]
) -> float:
    share = progress(moving, span)
    read = times(share, moving.fps)
    # What stands still is a pause, not a slow way.
    out_s = read.out_s - still_s(share, moving.fps, "out")
    back_s = read.return_s - still_s(share, moving.fps, "back")
    return out_s / back_s if way == "out" else back_s / out_s
