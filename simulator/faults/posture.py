"""Faults of how the trunk and the head are held, wherever they may be seen: lean, twist, head."""

from functools import partial

import numpy as np

from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, signed_angle, unit
from motions.measures import leftwards
from motions.motion import Motion
from simulator.bodies.body import Body
from simulator.faults.edits import ARMS, HANDS, Amount, turn
from simulator.faults.limb_edits import bring
from simulator.faults.readings import ahead, at, from_rest, peak, reading_deg
from simulator.faults.spec import FaultSpec
from simulator.faults.window import FAR_END, Part, Window

TWIST = {"spine1": 0.4, "spine2": 0.7, "spine3": 1.0, "left_collar": 1.0, "right_collar": 1.0}
"""How much of a twist each bone has taken part in, from the pelvis up."""
LEAN = {"spine1": 1.1, "spine2": 1.2, "spine3": 1.25, "left_collar": 1.25, "right_collar": 1.25}
"""How far each bone leans for the line from pelvis to neck to lean by 1."""
SHOULDERS = ("left_shoulder", "right_shoulder")
_OUT = {"left": 1.0, "right": -1.0}


def lateral_sway(
    exercise: str,
    *,
    sentence: str = "The trunk leans over to one side.",
    cue: str = "Stay tall, with your weight on both feet.",
    with_arms: bool = False,
    window: Window = FAR_END,
) -> FaultSpec:
    """Describe an exercise's lean to one side, of the line from pelvis to neck.

    Mild after the 90th percentile of UI-PRMD's correct repetitions, 4 to 10 degrees; severe after
    that of incorrect ones, 26 to 30.

    Args:
        exercise: Its name.
        sentence: What a coach would say.
        cue: What a coach would say to mend it.
        with_arms: Whether raised arms lean with the trunk; hanging ones keep hanging.
        window: When in the repetition.
    """
    arms = (*ARMS, *HANDS) if with_arms else ()
    return FaultSpec(
        id=f"{exercise}.lateral_sway",
        title="Leaning to one side",
        sentence=sentence,
        cue=cue,
        unit="deg",
        neutral=0.0,
        correct=5.0,
        mild=8.0,
        severe=25.0,
        joints=(*LEAN, "neck", "head", *ARMS),
        edit=bring(partial(_lean_aside, arms=arms), lean_aside_rad),
        measure=reading_deg(lean_aside_rad, peak),
        sides=("left", "right"),
        one_sided=True,
        window=window,
        excludes=("lean to the side",),
        evidence="M",
    )


def trunk_rotation(
    exercise: str,
    *,
    sentence: str = "The shoulders turn to one side against the hips.",
    cue: str = "Keep chest and hips facing the same way.",
    window: Window = FAR_END,
) -> FaultSpec:
    """Describe an exercise's twist of the shoulders against the hips."""
    return FaultSpec(
        id=f"{exercise}.trunk_rotation",
        title="Twisted trunk",
        sentence=sentence,
        cue=cue,
        unit="deg",
        neutral=0.0,
        correct=5.0,
        mild=10.0,
        severe=25.0,
        joints=(*TWIST, "neck", *SHOULDERS),
        edit=bring(_twist, twist_rad),
        measure=reading_deg(twist_rad, peak),
        sides=("left", "right"),
        one_sided=True,
        window=window,
        excludes=("twist",),
    )


def head_dropped(
    exercise: str,
    *,
    neutral: float = 5.0,
    correct: float = 15.0,
    mild: float = 20.0,
    severe: float = 40.0,
) -> FaultSpec:
    """Describe an exercise's dropped head: how far neck and head tip forward from upright."""
    return FaultSpec(
        id=f"{exercise}.head_dropped",
        title="Head dropped",
        sentence="The head hangs forward and the eyes are on the floor.",
        cue="Look straight ahead, with a long neck.",
        unit="deg",
        neutral=neutral,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=("neck", "head"),
        edit=bring(_drop_head, head_pitch_rad),
        measure=reading_deg(head_pitch_rad, peak),
        excludes=("head",),
    )


def head_craned(
    exercise: str,
    *,
    neutral: float = 7.0,
    correct: float = 15.0,
    mild: float = 20.0,
    severe: float = 40.0,
) -> FaultSpec:
    """Describe an exercise's head thrown back: how far neck and head tip back from upright."""
    return FaultSpec(
        id=f"{exercise}.head_craned",
        title="Head thrown back",
        sentence="The head is thrown back and the eyes are on the ceiling.",
        cue="Look straight ahead and keep your chin in.",
        unit="deg",
        neutral=neutral,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=("neck", "head"),
        edit=bring(_raise_head, head_raise_rad),
        measure=reading_deg(head_raise_rad, peak),
        excludes=("head",),
    )


def _lean_aside(motion: Motion, part: Part, angle_rad: Amount, arms: tuple[str, ...]) -> Motion:
    lean = _OUT[part.side] * angle_rad
    turns = {bone: share * lean for bone, share in LEAN.items()}
    leant = turn(motion, part, {**turns, "neck": 0.6 * lean}, Y_AXIS)
    return turn(leant, part, dict.fromkeys(arms, lean), Y_AXIS, of="pelvis")


def _twist(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    turns = {bone: _OUT[part.side] * share * angle_rad for bone, share in TWIST.items()}
    return turn(motion, part, turns, Z_AXIS)


def _drop_head(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    return turn(motion, part, {"neck": angle_rad, "head": angle_rad}, X_AXIS)


def _raise_head(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    return _drop_head(motion, part, -angle_rad)


def lean_aside_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read the angle by which the line from pelvis to neck leaves the middle plane to a side."""
    trunk = unit(at(joints, "neck") - at(joints, "pelvis"))
    out = unit(leftwards(joints) * [1, 1, 0]) * _OUT[side]
    return np.arcsin(np.sum(trunk * out, axis=-1))


def twist_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the shoulders are turned to a side against the hips, about the trunk."""
    trunk = unit(at(joints, "neck") - at(joints, "pelvis"))
    shoulders = at(joints, "left_shoulder") - at(joints, "right_shoulder")
    return signed_angle(leftwards(joints), shoulders, trunk) * _OUT[side]


def _pitch_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    neck = at(joints, "head") - at(joints, "neck")
    return np.arctan2(np.sum(neck * ahead(joints), axis=-1), neck[..., 2])


head_pitch_rad = from_rest(_pitch_rad)
"""Read how far the line from neck to head has tipped forward since the T-pose, eyes level."""


def head_raise_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the line from neck to head has tipped back since the T-pose."""
    return -head_pitch_rad(joints, body, side)
