"""A neck bent against the upper back, forward or back, where the body is not upright."""

from typing import Literal

import numpy as np

from motions.geometry import signed_angle
from motions.measures import leftwards
from motions.motion import Motion
from simulator.bodies.body import Body
from simulator.faults.edits import HEAD, turn
from simulator.faults.limb_edits import bring
from simulator.faults.readings import at, from_rest, peak, reading_deg
from simulator.faults.spec import FaultSpec
from simulator.faults.window import FAR_END, Part, Window


def bent_neck(
    exercise: str,
    *,
    name: str,
    way: Literal["forward", "back"],
    title: str,
    sentence: str,
    cue: str,
    marks: tuple[float, float, float, float],
    evidence: str,
    window: Window = FAR_END,
) -> FaultSpec:
    """Describe a neck bent against the upper back.

    Args:
        exercise: Whose fault it is.
        name: The fault's name in it.
        way: Where it is bent to.
        title: In a few words.
        sentence: What a coach would say is wrong.
        cue: What a coach would say to mend it.
        marks: Neutral, correct, mild and severe, in degrees from the T-pose.
        evidence: One of `spec.EVIDENCE`.
        window: When it is there.
    """
    neutral, correct, mild, severe = marks
    curve = neck_forward_rad if way == "forward" else neck_back_rad
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
        joints=HEAD,
        edit=bring(_bend_forward if way == "forward" else _bend_back, curve),
        measure=reading_deg(curve, peak),
        window=window,
        excludes=("head",),
        evidence=evidence,
    )


def _neck_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    chest = at(joints, "neck") - at(joints, "spine3")
    return signed_angle(chest, at(joints, "head") - at(joints, "neck"), leftwards(joints))


neck_forward_rad = from_rest(_neck_rad)
"""Read how far the neck is bent forward against the upper back, from the T-pose."""


def neck_back_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the neck is bent back against the upper back, from the T-pose."""
    return -neck_forward_rad(joints, body, side)


def _bend_forward(motion: Motion, part: Part, angle_rad: float) -> Motion:
    return turn(motion, part, dict.fromkeys(HEAD, angle_rad))


def _bend_back(motion: Motion, part: Part, angle_rad: float) -> Motion:
    return _bend_forward(motion, part, -angle_rad)
