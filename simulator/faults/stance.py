"""Feet too wide or too narrow apart, throughout a set."""

import numpy as np

from motions.geometry import Z_AXIS
from motions.motion import Motion, Span
from simulator.faults.edits import move
from simulator.faults.readings import at
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part
from simulator.performance import Performance

LEGS = tuple(f"{side}_{name}" for side in ("left", "right") for name in ("hip", "knee", "ankle"))


def stance_too_wide(
    exercise: str,
    *,
    sentence: str = "The feet are too far apart.",
    cue: str = "Bring your feet in, to a little more than the width of your shoulders.",
    neutral: float = 1.2,
    correct: float = 1.7,
    mild: float = 2.0,
    severe: float = 2.6,
) -> FaultSpec:
    """Describe an exercise's too wide stance: ankles over shoulder joints.

    A label of EC3D and KIMORE; in UI-PRMD correct deep squats stand up to 2.3 wide, so what is
    correct is the exercise's own.
    """
    return FaultSpec(
        id=f"{exercise}.feet_too_wide",
        title="Feet too wide",
        sentence=sentence,
        cue=cue,
        unit="",
        neutral=neutral,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=LEGS,
        edit=set_stance,
        measure=measure_stance,
        whole_set=True,
        window=None,
        excludes=("stance",),
        evidence="D",
    )


def stance_too_narrow(
    exercise: str,
    *,
    sentence: str = "The feet are too close together.",
    cue: str = "Set your feet at least as wide as your hips.",
    neutral: float = 1.1,
    correct: float = 0.8,
    mild: float = 0.7,
    severe: float = 0.35,
) -> FaultSpec:
    """Describe an exercise's too narrow stance, as `stance_too_wide`."""
    return FaultSpec(
        id=f"{exercise}.feet_too_narrow",
        title="Feet too narrow",
        sentence=sentence,
        cue=cue,
        unit="",
        neutral=neutral,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=LEGS,
        edit=set_stance,
        measure=measure_stance,
        whole_set=True,
        window=None,
        excludes=("stance",),
        evidence="D",
    )


def set_stance(motion: Motion, part: Part, width: float) -> Motion:
    """Set the feet so many shoulder widths apart; the hips sink so that straight legs reach."""
    frames = part.frames(motion)
    joints = motion.joints_world_m[frames]
    more = (width * _shoulders_m(joints[:1])[0] - _ankles_m(joints[:1])[0]) / 2
    height = np.zeros(len(joints))
    sinking = 0.0
    for side, out in (("left", 1.0), ("right", -1.0)):
        leg = at(joints, f"{side}_hip") - at(joints, f"{side}_ankle")
        height += leg[:, 2] / 2
        wider = leg[0, 0] - out * more
        sinking += (np.sqrt(leg[0, 2] ** 2 + leg[0, 0] ** 2 - wider**2) - leg[0, 2]) / 2
    # Bent knees give way by bending less, straight ones not at all.
    sinking = sinking * (height / height[0]) ** 0.25
    down = sinking[:, None] * Z_AXIS
    return move(
        motion,
        part,
        {"pelvis": down, "left_foot": (more, 0, 0), "right_foot": (-more, 0, 0)},
    )


def measure_stance(performance: Performance, span: Span, side: str) -> float:
    """Return how far apart the ankles are in a repetition, over the shoulder joints' distance."""
    frames = span.frames(performance.fps, performance.n_frames)
    joints = performance.joints_world_m[frames]
    return float((_ankles_m(joints) / _shoulders_m(joints)).mean())


def _ankles_m(joints: np.ndarray) -> np.ndarray:
    return np.linalg.norm(at(joints, "left_ankle") - at(joints, "right_ankle"), axis=-1)


def _shoulders_m(joints: np.ndarray) -> np.ndarray:
    return np.linalg.norm(at(joints, "left_shoulder") - at(joints, "right_shoulder"), axis=-1)
