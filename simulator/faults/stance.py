"""Feet too wide or too narrow apart, throughout a set."""

import numpy as np

from motions.geometry import Z_AXIS
from motions.motion import Motion, Span
from simulator.faults.edits import move
from simulator.faults.readings import at
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part
from simulator.performance import Performance

Marks = tuple[float, float, float, float]

LEGS = tuple(f"{side}_{name}" for side in ("left", "right") for name in ("hip", "knee", "ankle"))


def stance_too_wide(exercise: str, marks: Marks = (1.2, 1.7, 2.0, 2.6)) -> FaultSpec:
    """Describe an exercise's too wide stance: ankles over shoulder joints.

    A label of EC3D and KIMORE; in UI-PRMD correct deep squats stand up to 2.3 wide, so what is
    correct is the exercise's own.

    Args:
        exercise: Its name.
        marks: Neutral, correct, mild and severe.
    """
    return _stance(
        f"{exercise}.feet_too_wide",
        "Feet too wide",
        "The feet are too far apart.",
        "Bring your feet in, to a little more than the width of your shoulders.",
        marks,
    )


def stance_too_narrow(exercise: str, marks: Marks = (1.1, 0.8, 0.7, 0.35)) -> FaultSpec:
    """Describe an exercise's too narrow stance, as `stance_too_wide`."""
    return _stance(
        f"{exercise}.feet_too_narrow",
        "Feet too narrow",
        "The feet are too close together.",
        "Set your feet at least as wide as your hips.",
        marks,
    )


def _stance(id_: str, title: str, sentence: str, cue: str, marks: Marks) -> FaultSpec:
    neutral, correct, mild, severe = marks
    return FaultSpec(
        id=id_,
        title=title,
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
