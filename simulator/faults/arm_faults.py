"""Faults that arm exercises share: elbows, shoulders, the height of the arms, a swinging trunk."""

from functools import partial

import numpy as np

from motions.motion import Motion
from simulator.faults.arm_readings import arm_elevation_rad, shoulder_rise_m
from simulator.faults.edits import ARMS, HANDS, TRUNK, WHOLE_BODY
from simulator.faults.limb_edits import (
    bend_elbows,
    bring,
    draw_up_shoulders,
    in_deg,
    raise_to,
    rock_trunk,
)
from simulator.faults.readings import bend_rad, named, peak, reading, reading_deg, swing
from simulator.faults.spec import FaultSpec
from simulator.faults.window import THROUGHOUT, Part

LEFT_OR_RIGHT = ("left", "right")
ARM_JOINTS = (*ARMS, *HANDS)
COLLAR_M = 0.11
"""From collar to shoulder on the canonical skeleton, across the trunk."""

Marks = tuple[float, float, float, float]
"""Neutral, correct, mild and severe."""


def bent_elbows(exercise: str, marks: Marks, sentence: str, cue: str, evidence: str) -> FaultSpec:
    """Describe elbows that should be all but straight: how far each is bent at most."""
    neutral, correct, mild, severe = marks
    return FaultSpec(
        id=f"{exercise}.bent_elbows",
        title="Bent elbows",
        sentence=sentence,
        cue=cue,
        unit="deg",
        neutral=neutral,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=ARM_JOINTS,
        edit=bring(bend_elbows, bend_rad("hand")),
        measure=reading_deg(bend_rad("hand"), peak),
        sides=LEFT_OR_RIGHT,
        window=THROUGHOUT,
        evidence=evidence,
    )


def arms_low(exercise: str, marks: Marks, sentence: str, cue: str, evidence: str) -> FaultSpec:
    """Describe arms that are not raised high enough: the most that each is off the trunk."""
    return _arm_height("arms_low", "Arms too low", exercise, marks, sentence, cue, evidence)


def arms_high(exercise: str, marks: Marks, sentence: str, cue: str, evidence: str) -> FaultSpec:
    """Describe arms that are raised too high, as `arms_low`."""
    return _arm_height("arms_high", "Arms too high", exercise, marks, sentence, cue, evidence)


def _arm_height(
    name: str, title: str, exercise: str, marks: Marks, sentence: str, cue: str, evidence: str
) -> FaultSpec:
    neutral, correct, mild, severe = marks
    return FaultSpec(
        id=f"{exercise}.{name}",
        title=title,
        sentence=sentence,
        cue=cue,
        unit="deg",
        neutral=neutral,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=ARM_JOINTS,
        edit=raise_to,
        measure=reading_deg(arm_elevation_rad, peak),
        sides=LEFT_OR_RIGHT,
        window=THROUGHOUT,
        excludes=("arm height", "range"),
        evidence=evidence,
    )


def trunk_swing(exercise: str, marks: Marks, sentence: str, cue: str, evidence: str) -> FaultSpec:
    """Describe a trunk that swings the arms back and forth with it: how much its pitch changes."""
    neutral, correct, mild, severe = marks
    return FaultSpec(
        id=f"{exercise}.trunk_swing",
        title="Trunk swing",
        sentence=sentence,
        cue=cue,
        unit="deg",
        neutral=neutral,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=WHOLE_BODY,
        edit=in_deg(partial(rock_trunk, bones=(*TRUNK, *ARM_JOINTS)), 0.0),
        measure=reading_deg(named("trunk_lean"), swing),
        window=THROUGHOUT,
        evidence=evidence,
    )


def shrugging(exercise: str, marks: Marks, sentence: str, cue: str, evidence: str) -> FaultSpec:
    """Describe shoulders drawn up to the ears: how far each rises along the trunk, in metres."""
    neutral, correct, mild, severe = marks
    return FaultSpec(
        id=f"{exercise}.shrugging",
        title="Shrugging",
        sentence=sentence,
        cue=cue,
        unit="m",
        neutral=neutral,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=("left_collar", "right_collar", *ARM_JOINTS),
        edit=bring(_draw_up_by_m, shoulder_rise_m, scale=1.0),
        measure=reading(shoulder_rise_m, peak),
        sides=LEFT_OR_RIGHT,
        evidence=evidence,
    )


def _draw_up_by_m(motion: Motion, part: Part, rise_m: float) -> Motion:
    return draw_up_shoulders(motion, part, np.arcsin(np.clip(rise_m / COLLAR_M, -0.9, 0.9)))
