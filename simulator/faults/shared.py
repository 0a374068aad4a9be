"""Faults that many exercises share, each written once: an injection and a measure that do not know
of each other. The injection edits the reference motion; the measure reads finished joints.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from scipy.optimize import brentq

from motions.errors import FormbenchError
from motions.geometry import X_AXIS, about, inverse, multiply, slerp, unit
from motions.library import EXERCISES
from motions.measures import lumbar_angle_rad, measure, thoracic_angle_rad
from motions.motion import Motion, Span, at_frames
from motions.skeleton import SMPL22
from simulator.faults.spec import FaultSpec
from simulator.performance import Performance

SPINE_SHARES = {"spine1": 0.35, "spine2": 0.35, "spine3": 0.30}
"""How a rounded back is spread: the lumbar spine takes the larger part."""


def rounded_back(
    exercise: str,
    *,
    sentence: str,
    cue: str,
    correct: float,
    mild: float,
    severe: float,
    pelvis_share: float,
) -> FaultSpec:
    """Describe an exercise's rounded back: flexion of the whole spine, degrees from neutral."""
    return FaultSpec(
        id=f"{exercise}.rounded_back",
        title="Rounded back",
        sentence=sentence,
        cue=cue,
        unit="deg",
        neutral=0.0,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=ROUND_BACK_JOINTS,
        edit=partial(round_back, pelvis_share=pelvis_share),
        measure=measure_rounded_back,
    )


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
    )


def round_back(motion: Motion, rep: Span, flexion_deg: float, pelvis_share: float) -> Motion:
    """Round the back so that the spine's flexion peaks at `flexion_deg` at the far end of a rep.

    The pelvis tucks under by `pelvis_share` of what is added and the chest sinks by the rest. Head,
    arms and legs keep their directions in the world, so that the eyes stay ahead and what hangs
    hangs straight.

    Args:
        motion: What to change.
        rep: When; nothing outside it changes.
        flexion_deg: Wanted peak of lumbar and thoracic flexion together.
        pelvis_share: 0 to 1.
    """
    frames = rep.frames(motion.fps, motion.n_frames)
    window = far_end_window(motion, frames)
    peak = frames.start + int(window.argmax())
    now_rad = _spine_flexion_rad(motion.joints_world_m[peak], SMPL22.offsets_m)
    added = window * (np.deg2rad(flexion_deg) - now_rad)
    active = np.flatnonzero(window > 0)
    at, added = frames.start + active, added[active]
    before = SMPL22.world_orientations(motion.joint_rotations_wxyz[at])
    rotations = motion.joint_rotations_wxyz.copy()
    turns = {"pelvis": -pelvis_share, **SPINE_SHARES}
    for joint, share in turns.items():
        index = SMPL22.index(joint)
        rotations[at, index] = multiply(rotations[at, index], about(X_AXIS, share * added))
    after = SMPL22.world_orientations(rotations[at])
    for joint in ROUND_BACK_KEEPS:
        index = SMPL22.index(joint)
        parent = SMPL22.parents[index]
        rotations[at, index] = multiply(inverse(after[:, parent]), before[:, index])
    moved = [SMPL22.index(joint) for joint in (*turns, *ROUND_BACK_KEEPS)]
    rotations[np.ix_(at, moved)] = unit(rotations[np.ix_(at, moved)])
    return replace(motion, joint_rotations_wxyz=rotations)


ROUND_BACK_KEEPS = ("left_hip", "right_hip", "neck", "left_shoulder", "right_shoulder")
"""The joints whose bones keep their directions in the world."""
WHOLE_BODY = SMPL22.joint_names
"""A repetition that goes only part of its way changes whatever moves along that way."""
ROUND_BACK_JOINTS = ("pelvis", *SPINE_SHARES, *ROUND_BACK_KEEPS)


def measure_rounded_back(performance: Performance, rep: Span) -> float:
    """Return the peak flexion of the whole spine in a repetition, degrees from the rest pose."""
    frames = rep.frames(performance.fps, performance.n_frames)
    joints = performance.joints_world_m[frames]
    flexion = _spine_flexion_rad(joints, performance.body.skeleton.offsets_m)
    return float(np.rad2deg(flexion.max()))


def _spine_flexion_rad(joints_m: np.ndarray, rest_offsets_m: np.ndarray) -> np.ndarray:
    rest = np.zeros_like(rest_offsets_m)
    for joint, parent in enumerate(SMPL22.parents):
        rest[joint] = rest_offsets_m[joint] + (rest[parent] if parent >= 0 else 0)
    bent = lumbar_angle_rad(joints_m) + thoracic_angle_rad(joints_m)
    return bent - lumbar_angle_rad(rest) - thoracic_angle_rad(rest)


def shorten_range(motion: Motion, rep: Span, share: float) -> Motion:
    """Let a repetition reach only `share` of the exercise's full range.

    The posture goes along the motion's own way, only not as far: every frame shows the posture that
    the full repetition passes at the smaller phase, on the way out first and on the way back after.
    Nothing is clipped, so the turn stays smooth. A repetition that is shorter than asked already
    stays as it is.
    """
    frames = rep.frames(motion.fps, motion.n_frames)
    phase = motion.phase[frames]
    top = int(phase.argmax())
    far_end_window(motion, frames)
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


def measure_range(performance: Performance, rep: Span) -> float:
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


def far_end_window(motion: Motion, frames: slice) -> np.ndarray:
    """Return weights from 0 at the ends of a repetition to 1 at its far end. Shape (frames,)."""
    phase = motion.phase[frames]
    if len(phase) < 3 or phase.max() <= 0:
        raise FormbenchError(
            f"{motion.exercise}: expected a repetition with a phase that leaves 0, got none "
            f"between {frames.start / motion.fps:g} and {frames.stop / motion.fps:g} s"
        )
    share = np.clip(phase / phase.max(), 0, 1)
    return share**2 * (3 - 2 * share)
