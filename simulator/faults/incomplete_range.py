"""A repetition that turns back before the exercise's full range."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.optimize import brentq

from motions.geometry import IDENTITY_WXYZ, inverse, multiply, slerp, unit
from motions.library import EXERCISES
from motions.measures import measure
from motions.motion import Motion, Span, at_frames
from motions.skeleton import SMPL22
from simulator.faults.limb_edits import Edit, read_on_canonical
from simulator.faults.readings import Curve
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part
from simulator.performance import Performance

WHOLE_BODY = SMPL22.joint_names
"""A repetition that goes only part of its way changes whatever moves along that way."""


def incomplete_range(exercise: str, *, sentence: str, cue: str) -> FaultSpec:
    """Describe an exercise's incomplete range: the share of the full range that is reached.

    Mild and severe after UI-PRMD's incorrect repetitions (medians 0.80 and 0.82 of the correct
    ones' range, tenth percentiles 0.55 and 0.61).
    """
    return FaultSpec(
        id=f"{exercise}.incomplete_range",
        title="Incomplete range",
        sentence=sentence,
        cue=cue,
        unit="",
        neutral=1.0,
        correct=0.9,
        mild=0.85,
        severe=0.4,
        joints=WHOLE_BODY,
        edit=shorten_range,
        measure=measure_range,
        window=None,
        excludes=("range",),
        evidence="M",
    )


def shorten_range(motion: Motion, part: Part, share: float) -> Motion:
    """Let a repetition reach only `share` of the exercise's full range.

    The posture goes along the motion's own way, only not as far: every frame shows the posture that
    the full repetition passes at the smaller phase, on the way out first and on the way back after.
    Nothing is clipped, so the turn stays smooth. A repetition that is shorter than asked already
    stays as it is.
    """
    exercise = EXERCISES[motion.exercise]

    def driving(joints_m: np.ndarray) -> np.ndarray:
        return measure(exercise.driving, joints_m)

    start_rad = float(driving(motion.joints_world_m[part.frames(motion)])[0])
    return turn_back(motion, part, driving, start_rad + share * exercise.full_range_rad)


def turn_back(
    motion: Motion, part: Part, curve: Callable[[np.ndarray], np.ndarray], wanted: float
) -> Motion:
    """Let a repetition turn back where a curve that grows on the way out has come to `wanted`."""
    frames = part.frames(motion)
    phase = motion.phase[frames]
    if wanted >= curve(motion.joints_world_m[frames]).max():
        return motion

    def shortened(ratio: float) -> Motion:
        return along_own_way(motion, frames, phase * ratio)

    def missing(ratio: float) -> float:
        return float(curve(shortened(ratio).joints_world_m[frames]).max() - wanted)

    return shortened(brentq(missing, 0.0, 1.0, xtol=1e-4))


def stop_short(
    motion: Motion, part: Part, curve: Callable[[np.ndarray], np.ndarray], wanted: float
) -> Motion:
    """Let a repetition start and end where a curve that grows on the way out is `wanted`.

    The posture goes towards that of the full repetition at a larger phase as the weight grows, in
    the rests beside it too where the part's window is one at rest.
    """
    frames, weights = part.weights(motion)
    rep, phase = part.frames(motion), motion.phase[frames]
    last = rep.stop - 1 - frames.start
    before = _own_way(motion, rep, frames, phase)

    def stopped(share: float) -> Motion:
        after = _own_way(motion, rep, frames, phase + share * (phase.max() - phase))
        turns = slerp(IDENTITY_WXYZ, multiply(inverse(before[0]), after[0]), weights[:, None])
        rotations, root = motion.joint_rotations_wxyz.copy(), motion.root_position_m.copy()
        rotations[frames] = unit(multiply(rotations[frames], turns))
        root[frames] += weights[:, None] * (after[1] - before[1])
        return replace(motion, joint_rotations_wxyz=rotations, root_position_m=root)

    def missing(share: float) -> float:
        return float(curve(stopped(share).joints_world_m[frames])[last] - wanted)

    return stopped(brentq(missing, 0.0, 1.0, xtol=1e-4)) if missing(0.0) < 0 else motion


def turn_back_at(curve: Curve, scale: float = np.pi / 180) -> Edit:
    """Make a fault's edit of `turn_back`; `scale` goes from the fault's unit to the curve's."""

    def edit(motion: Motion, part: Part, size: float) -> Motion:
        return turn_back(motion, part, read_on_canonical(curve, "both"), scale * size)

    return edit


def stop_short_at(curve: Curve, scale: float = np.pi / 180) -> Edit:
    """Make a fault's edit of `stop_short`; `scale` goes from the fault's unit to the curve's."""

    def edit(motion: Motion, part: Part, size: float) -> Motion:
        return stop_short(motion, part, read_on_canonical(curve, "both"), scale * size)

    return edit


def measure_range(performance: Performance, rep: Span, side: str) -> float:
    """Return how much of the exercise's full range a repetition reached, 1 for all."""
    exercise = EXERCISES[performance.motion.exercise]
    frames = rep.frames(performance.fps, performance.n_frames)
    driving = measure(exercise.driving, performance.joints_world_m[frames])
    return float((driving.max() - driving[0]) / exercise.full_range_rad)


def along_own_way(motion: Motion, frames: slice, wanted_phase: np.ndarray) -> Motion:
    """Show, at each frame of a repetition, the posture that the repetition has at another phase."""
    shown = _own_way(motion, frames, frames, wanted_phase)
    rotations = motion.joint_rotations_wxyz.copy()
    root, phase = motion.root_position_m.copy(), motion.phase.copy()
    changed = np.flatnonzero(wanted_phase != motion.phase[frames])
    at = frames.start + changed
    rotations[at], root[at], phase[at] = shown[0][changed], shown[1][changed], wanted_phase[changed]
    return replace(motion, joint_rotations_wxyz=rotations, root_position_m=root, phase=phase)


def _own_way(
    motion: Motion, rep: slice, frames: slice, phase: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return rotations (T, 22, 4) and root (T, 3) that a repetition has at phases (T,).

    Args:
        motion: Whose repetition it is.
        rep: The repetition's frames.
        frames: Those to show them at: on the way out first, on the way back after.
        phase: What is to be shown.
    """
    own = motion.phase[rep]
    first_top = int(own.argmax())
    last_top = len(own) - 1 - int(own[::-1].argmax())
    number = np.arange(len(own), dtype=np.float64)
    out = np.interp(phase, own[: first_top + 1], number[: first_top + 1])
    back = np.interp(-phase, -own[last_top:], number[last_top:])
    going = at_frames(motion, rep.start + out, motion.fps)
    coming = at_frames(motion, rep.start + back, motion.fps)
    # Both ways pass the same postures but for sway, so the change over at the top is soft.
    change = 0.8 * first_top, last_top + 0.2 * (number[-1] - last_top)
    at = np.arange(frames.start, frames.stop) - rep.start
    share = np.clip((at - change[0]) / (change[1] - change[0]), 0, 1)
    weight = share**2 * (3 - 2 * share)
    rotations = slerp(going.joint_rotations_wxyz, coming.joint_rotations_wxyz, weight[:, None])
    shift = coming.root_position_m - going.root_position_m
    return unit(rotations), going.root_position_m + weight[:, None] * shift
