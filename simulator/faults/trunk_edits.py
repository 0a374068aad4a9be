"""Edits of trunk and shoulders, by amounts; see `edits`."""

import numpy as np

from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS
from motions.limb_geometry import FOREARM_M, UPPER_ARM_M
from motions.motion import Motion
from simulator.faults.edits import (
    ARMS,
    CHEST,
    FEET,
    HANDS,
    HEAD,
    LEGS,
    LUMBAR,
    TRUNK,
    WHOLE_BODY,
    Amount,
    move,
    put_back,
    swivel,
    turn,
)
from simulator.faults.lag import lag, way_back_s
from simulator.faults.limb_edits import read_on_canonical
from simulator.faults.readings import bar_drift_m
from simulator.faults.window import Part

PROTRACTION_SHARE = 0.4
"""How far the shoulders come forward for each radian that the upper back rounds."""
LOWER_BACK_SHARE = 0.4
"""How much of it is the lower back coming up, and not the chest going down."""
HIPS_AHEAD_M = 0.08
"""How far the hips go forward for each radian that the trunk leans back, for balance."""


_BOTH_HANDS = ("left_hand", "right_hand")


def lean_trunk(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Lean the trunk forward as one over the hips, which stay."""
    return turn(motion, part, dict.fromkeys(TRUNK, angle_rad), of="pelvis")


def raise_trunk(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Raise a leaning trunk as one over the hips, which stay; what the hands hold stays with it."""
    return turn(motion, part, dict.fromkeys((*TRUNK, *ARMS, *HANDS), -angle_rad), of="pelvis")


def round_upper_back(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Round the upper back, the head in line with it, and let the shoulders fall forward, about as
    high as they were."""
    turns = dict.fromkeys(("pelvis", *LUMBAR), -LOWER_BACK_SHARE * angle_rad)
    turns |= dict.fromkeys((*CHEST, *HEAD), (1 - LOWER_BACK_SHARE) * angle_rad)
    motion = turn(motion, part, turns, of="pelvis")
    forward = PROTRACTION_SHARE * angle_rad
    return turn(motion, part, {"left_collar": -forward, "right_collar": forward}, Z_AXIS)


def lean_back(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Arch the lower back and lean the chest back; hips and hands come forward."""
    turns = {"spine1": -angle_rad / 2, "spine2": -angle_rad, **dict.fromkeys(CHEST, -angle_rad)}
    turned = turn(motion, part, turns, of="pelvis")
    turned = put_back(turned, part, motion, ("left_foot", "right_foot"), _BOTH_HANDS)
    ahead_m = (0.0, -HIPS_AHEAD_M * angle_rad, 0.0)
    return move(turned, part, dict.fromkeys(("pelvis", *_BOTH_HANDS), ahead_m))


def reach_ahead(motion: Motion, part: Part, ahead_m: Amount) -> Motion:
    """Swing hanging arms so far ahead, about the line across the chest."""
    angle_rad = np.arcsin(np.clip(ahead_m / (UPPER_ARM_M + FOREARM_M), -1, 1))
    arms = dict.fromkeys((*ARMS, *HANDS), -angle_rad)
    return turn(motion, part, arms, X_AXIS, of="spine3")


def hold_bar(motion: Motion, part: Part, before: Motion) -> Motion:
    """Swing hanging arms so that the hands are as far ahead of the feet as they were before."""
    frames, bar = part.frames(motion), read_on_canonical(bar_drift_m, "both")
    ahead_m = bar(before.joints_world_m[frames]) - bar(motion.joints_world_m[frames])
    return reach_ahead(motion, Part(part.span), ahead_m)


def rise_hips_first(motion: Motion, part: Part, share: float) -> Motion:
    """Straighten the knees before the trunk comes up, by a share of the time that that takes; the
    arms keep the bar as near to the legs as it was."""
    legs = (*LEGS, *FEET)
    others = tuple(bone for bone in WHOLE_BODY if bone not in legs)
    lagging = lag(motion, part, share * way_back_s(motion, part.span), legs, others)
    return hold_bar(lagging, part, motion)


def flare_elbows(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Turn elbows that point back out to their sides, about the lines from shoulders to wrists."""
    return swivel(motion, part, "hand", angle_rad)


def roll_trunk(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    """Tip the trunk to the part's side, as one, so that the shoulder there is lower."""
    out = 1 if part.side == "left" else -1
    return turn(motion, part, dict.fromkeys(TRUNK, out * angle_rad), Y_AXIS, of="pelvis")
