"""Tree pose's faults. Ranges and evidence: faults reference, section 3.12."""

import numpy as np

from motions.geometry import Y_AXIS
from motions.motion import Motion
from simulator.faults.edits import FEET, LEGS, WHOLE_BODY, move, swivel, turn
from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.limb_edits import bend_knees, bring
from simulator.faults.pose_readings import (
    foot_over_knee,
    half_swing_held,
    hip_drop_rad,
    hips_aside_m,
    knee_open_rad,
    of,
    raised,
    standing,
)
from simulator.faults.posture import lateral_sway
from simulator.faults.readings import at_far_end, bend_rad, peak, reading, reading_deg
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part, Window

THIGH_M = 0.40
HIP_HEIGHT_M = 0.88
"""Of the pelvis over the ankle."""
HELD = Window(from_phase=0.8, onset=1.0, release=1.0)
SWAY_HZ = 0.7
"""People in balance trouble sway at 0.3 to 1 Hz."""


def lower_foot(motion: Motion, part: Part, more: float) -> Motion:
    """Put the raised foot higher up the other leg, by a share of the thigh; lower if negative."""
    return move(motion, part, {f"{part.side}_foot": (0, 0, more * THIGH_M)}, keep=())


def drop_hip(motion: Motion, part: Part, more_rad: float) -> Motion:
    """Tip the pelvis down to a side under a trunk that stays upright."""
    out = 1.0 if part.side == "left" else -1.0
    return turn(motion, part, {"pelvis": out * more_rad}, Y_AXIS)


def bend_standing_knee(motion: Motion, part: Part, more_rad: float) -> Motion:
    """Bend the standing leg; the body sinks as it is."""
    return bend_knees(motion, part, {part.side: more_rad})


def sway(motion: Motion, part: Part, size_m: float) -> Motion:
    """Sway as one piece from side to side over the standing foot, which stays flat."""
    frames, weights = part.weights(motion)
    foot = standing(motion.joints_world_m[frames])
    times_s = (np.arange(len(weights)) - weights.argmax()) / motion.fps
    roll_rad = np.arcsin(size_m / HIP_HEIGHT_M) * np.sin(2 * np.pi * SWAY_HZ * times_s)
    flat = (f"{foot}_ankle", f"{foot}_foot")
    bones = [bone for bone in WHOLE_BODY if bone not in flat]
    return turn(motion, part, dict.fromkeys(bones, roll_rad), Y_AXIS, of="pelvis")


TREE_FAULTS = (
    FaultSpec(
        id="tree.foot_on_knee",
        title="Foot on the knee",
        sentence="The foot presses against the side of the standing knee.",
        cue="Put your foot above the knee, on the thigh, or below it, on the calf.",
        unit="",
        neutral=0.26,
        correct=0.13,
        mild=0.08,
        severe=-0.12,
        joints=(*LEGS, *FEET),
        edit=bring(lower_foot, foot_over_knee, on=raised, scale=1.0),
        measure=reading(of(raised, foot_over_knee), at_far_end),
        excludes=("range",),
    ),
    FaultSpec(
        id="tree.hip_drop",
        title="Dropped hip",
        sentence="The hip of the lifted leg drops.",
        cue="Lift that hip until both are level, and press the standing foot down.",
        unit="deg",
        neutral=0.0,
        correct=3.0,
        mild=5.0,
        severe=20.0,
        joints=WHOLE_BODY,
        edit=bring(drop_hip, hip_drop_rad, on=raised),
        measure=reading_deg(of(raised, hip_drop_rad), peak),
    ),
    FaultSpec(
        id="tree.standing_knee_bent",
        title="Standing knee bent",
        sentence="The standing leg is bent.",
        cue="Grow tall through the standing leg.",
        unit="deg",
        neutral=4.0,
        correct=6.0,
        mild=10.0,
        severe=30.0,
        joints=(*LEGS, *FEET),
        edit=bring(bend_standing_knee, bend_rad("foot"), on=standing),
        measure=reading_deg(of(standing, bend_rad("foot")), at_far_end),
    ),
    FaultSpec(
        id="tree.sway",
        title="Swaying",
        sentence="The body sways over the standing foot.",
        cue="Fix your gaze on one point and spread your toes.",
        unit="m",
        neutral=0.0,
        correct=0.005,
        mild=0.01,
        severe=0.06,
        joints=WHOLE_BODY,
        edit=sway,
        measure=reading(of(standing, hips_aside_m), half_swing_held),
        window=HELD,
    ),
    FaultSpec(
        id="tree.knee_forward",
        title="Knee not opened",
        sentence="The lifted knee points forward instead of out to the side.",
        cue="Open your knee out to the side from the hip.",
        unit="deg",
        neutral=75.0,
        correct=68.0,
        mild=60.0,
        severe=40.0,
        joints=(*LEGS, *FEET),
        edit=bring(
            lambda motion, part, more: swivel(motion, part, "foot", -more), knee_open_rad, on=raised
        ),
        measure=reading_deg(of(raised, knee_open_rad), at_far_end),
    ),
    lateral_sway("tree", cue="Stay long and upright over the standing leg.", with_arms=True),
    incomplete_range(
        "tree",
        sentence="The foot only hovers beside the standing leg.",
        cue="Bring your foot all the way up to the inner thigh.",
    ),
)
