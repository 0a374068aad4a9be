"""A repetition that turns back before the exercise's full range."""

from dataclasses import replace

import numpy as np
from scipy.optimize import brentq

from motions.geometry import slerp, unit
from motions.library import EXERCISES
from motions.measures import measure
from motions.motion import Motion, Span, at_frames
from motions.skeleton import SMPL22
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
    frames = part.frames(motion)
    phase = motion.phase[frames]
    top = int(phase.argmax())
    exercise = EXERCISES[motion.exercise]
    driving = measure(exercise.driving, motion.joints_world_m[frames])
    wanted = driving[0] + share * exercise.full_range_rad
    if wanted >= driving[top]:
        return motion

    def shortened(ratio: float) -> Motion:
        return along_own_way(motion, frames, phase * ratio)

    def missing_rad(ratio: float) -> float:
        joints = shortened(ratio).joints_world_m[frames]
        return float(measure(exercise.driving, joints).max() - wanted)

    return shortened(brentq(missing_rad, 0.0, 1.0, xtol=1e-4))


def measure_range(performance: Performance, rep: Span, side: str) -> float:
    """Return how much of the exercise's full range a repetition reached, 1 for all."""
    exercise = EXERCISES[performance.motion.exercise]
    frames = rep.frames(performance.fps, performance.n_frames)
    driving = measure(exercise.driving, performance.joints_world_m[frames])
    return float((driving.max() - driving[0]) / exercise.full_range_rad)


def along_own_way(motion: Motion, frames: slice, wanted_phase: np.ndarray) -> Motion:
    """Show, at each frame of a repetition, the posture that the repetition has at another phase."""
    own = motion.phase[frames]
    first_top = int(own.argmax())
    last_top = len(own) - 1 - int(own[::-1].argmax())
    number = np.arange(len(own), dtype=np.float64)
    out = np.interp(wanted_phase, own[: first_top + 1], number[: first_top + 1])
    back = np.interp(-wanted_phase, -own[last_top:], number[last_top:])
    going = at_frames(motion, frames.start + out, motion.fps)
    coming = at_frames(motion, frames.start + back, motion.fps)
    # Both ways pass the same postures but for sway, so the change over at the top is soft.
    change = 0.8 * first_top, last_top + 0.2 * (number[-1] - last_top)
    share = np.clip((number - change[0]) / (change[1] - change[0]), 0, 1)
    weight = share**2 * (3 - 2 * share)
    rotations = motion.joint_rotations_wxyz.copy()
    root, phase = motion.root_position_m.copy(), motion.phase.copy()
    changed = np.flatnonzero(wanted_phase != own)
    at = frames.start + changed
    rotations[at] = unit(
        slerp(
            going.joint_rotations_wxyz[changed],
            coming.joint_rotations_wxyz[changed],
            weight[changed, None],
        )
    )
    mixed = going.root_position_m + weight[:, None] * (
        coming.root_position_m - going.root_position_m
    )
    root[at] = mixed[changed]
    phase[at] = wanted_phase[changed]
    return replace(motion, joint_rotations_wxyz=rotations, root_position_m=root, phase=phase)
