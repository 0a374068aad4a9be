"""A rounded back, at the far end of a repetition: flexion of the lumbar and the thoracic spine."""

from dataclasses import replace
from functools import partial

import numpy as np

from motions.geometry import X_AXIS, about, inverse, multiply, unit
from motions.measures import lumbar_angle_rad, thoracic_angle_rad
from motions.motion import Motion, Span
from motions.skeleton import SMPL22
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part
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
    eyes_ahead: bool = True,
) -> FaultSpec:
    """Describe an exercise's rounded back: flexion of the whole spine, degrees from neutral.

    Args:
        exercise: Its name.
        sentence: What a coach would say.
        cue: What a coach would say to mend it.
        correct: As for `FaultSpec`.
        mild: As for `FaultSpec`.
        severe: As for `FaultSpec`.
        pelvis_share: As for `round_back`.
        eyes_ahead: As for `round_back`.
    """
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
        edit=partial(round_back, pelvis_share=pelvis_share, eyes_ahead=eyes_ahead),
        measure=measure_rounded_back,
        evidence="L",
    )


def round_back(
    motion: Motion, part: Part, flexion_deg: float, pelvis_share: float, eyes_ahead: bool = True
) -> Motion:
    """Round the back so that the spine's flexion peaks at `flexion_deg` where the window is full.

    The pelvis tucks under by `pelvis_share` of what is added and the chest sinks by the rest. Arms
    and legs keep their directions in the world, so that what hangs hangs straight.

    Args:
        motion: What to change.
        part: When; nothing outside it changes.
        flexion_deg: Wanted peak of lumbar and thoracic flexion together.
        pelvis_share: 0 to 1.
        eyes_ahead: Whether the head keeps its direction too; else the neck stays in line.
    """
    frames, window = part.weights(motion)
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
    keeps = [joint for joint in ROUND_BACK_KEEPS if eyes_ahead or joint != "neck"]
    for joint in keeps:
        index = SMPL22.index(joint)
        parent = SMPL22.parents[index]
        rotations[at, index] = multiply(inverse(after[:, parent]), before[:, index])
    moved = [SMPL22.index(joint) for joint in (*turns, *keeps)]
    rotations[np.ix_(at, moved)] = unit(rotations[np.ix_(at, moved)])
    return replace(motion, joint_rotations_wxyz=rotations)


ROUND_BACK_KEEPS = ("left_hip", "right_hip", "neck", "left_shoulder", "right_shoulder")
"""The joints whose bones keep their directions in the world."""
ROUND_BACK_JOINTS = ("pelvis", *SPINE_SHARES, *ROUND_BACK_KEEPS)


def measure_rounded_back(performance: Performance, rep: Span, side: str) -> float:
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
