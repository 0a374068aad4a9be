"""Warrior II's faults. Ranges and evidence: faults reference, section 3.11."""

import numpy as np

from motions.easing import settle
from motions.geometry import Y_AXIS
from motions.motion import Motion
from simulator.faults.arm_faults import ARM_JOINTS, LEFT_OR_RIGHT
from simulator.faults.edits import FEET, LEGS, WHOLE_BODY, Amount
from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.leg_edits import cave_knees
from simulator.faults.limb_edits import bend_knees, bend_spine, bring, canonical, lift_arms
from simulator.faults.pose_readings import (
    OTHER,
    arm_drop_rad,
    knee_over_ankle_m,
    leading,
    of,
    stance_share,
    trailing,
)
from simulator.faults.readings import (
    at,
    at_far_end,
    bend_rad,
    knee_in,
    least,
    peak,
    reading,
    reading_deg,
    trunk_roll_rad,
)
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part, Window

LEG_JOINTS = (*LEGS, *FEET)
IN_STEP = Window(onset=0.5, release=0.5)
"""For faults that grow with the pose itself."""
STANCE = 1.57
"""How far apart the feet of a good warrior are, in lengths of the leg."""
KNEE_PER_STANCE = 0.56
"""By how much the knee goes past the ankle for each metre that the stance is too short."""


def bend_one_knee(motion: Motion, part: Part, more_rad: Amount) -> Motion:
    """Bend the knee of the part's side, the other staying as it is; the hips go along."""
    return bend_knees(motion, part, {part.side: more_rad, OTHER[part.side]: 0.0})


def bend_less(motion: Motion, part: Part, more_rad: float) -> Motion:
    """Bend the knee of the part's side by so much more in the pose."""
    return bend_one_knee(motion, part, more_rad * _share_of_pose(motion, part))


def drop_arms(motion: Motion, part: Part, more_rad: float) -> Motion:
    """Lift arms by so much less in the pose."""
    return lift_arms(motion, part, -more_rad * _share_of_pose(motion, part))


def _share_of_pose(motion: Motion, part: Part) -> np.ndarray:
    """Return how much of its way into the pose the body has gone. Shape (frames,)."""
    frames, _ = part.weights(motion)
    return settle(motion.phase[frames])


def shorten_stance(motion: Motion, part: Part, less_m: float) -> Motion:
    """Bring both feet closer by so much together, the knees bent as before."""
    frames, _ = part.weights(motion)
    joints = motion.joints_world_m[frames]
    apart = (at(joints, "left_ankle") - at(joints, "right_ankle")) * [1, 1, 0]
    step = apart * (less_m / 2 / np.linalg.norm(apart, axis=-1, keepdims=True))
    feet_m = {"left": -step, "right": step}
    return bend_knees(motion, part, dict.fromkeys(LEFT_OR_RIGHT, 0.0), feet_m)


def lean_to_front(motion: Motion, part: Part, more_rad: float) -> Motion:
    """Lean the trunk over the leading leg; head and arms keep their directions."""
    out = 1.0 if part.side == "left" else -1.0
    return bend_spine(motion, part, out * more_rad, Y_AXIS)


WARRIOR_II_FAULTS = (
    FaultSpec(
        id="warrior_ii.short_stance",
        title="Short stance",
        sentence="The feet are too close for the front knee to stay over the ankle.",
        cue="Step your feet wide apart.",
        unit="",
        neutral=STANCE,
        correct=1.4,
        mild=1.3,
        severe=1.0,
        joints=LEG_JOINTS,
        edit=lambda motion, part, share: shorten_stance(
            motion, part, (STANCE - share) * canonical().leg_m
        ),
        measure=reading(stance_share, peak),
        whole_set=True,
        window=None,
        excludes=("stance",),
    ),
    FaultSpec(
        id="warrior_ii.knee_past_ankle",
        title="Knee past the ankle",
        sentence="The front knee goes past the ankle, because the stance is short.",
        cue="Bend your knee until the shin is upright, and step wider if you need to.",
        unit="m",
        neutral=0.0,
        correct=0.05,
        mild=0.06,
        severe=0.2,
        joints=LEG_JOINTS,
        edit=lambda motion, part, past_m: shorten_stance(motion, part, past_m / KNEE_PER_STANCE),
        measure=reading(of(leading, knee_over_ankle_m), peak),
        whole_set=True,
        window=None,
        excludes=("stance",),
    ),
    FaultSpec(
        id="warrior_ii.too_shallow",
        title="Front knee not bent enough",
        sentence="The front knee is hardly bent, the hips stay high.",
        cue="Sink your hips until the front thigh is level.",
        unit="deg",
        neutral=90.0,
        correct=75.0,
        mild=65.0,
        severe=30.0,
        joints=LEG_JOINTS,
        edit=bring(bend_less, bend_rad("foot"), on=leading),
        measure=reading_deg(of(leading, bend_rad("foot")), peak),
        window=IN_STEP,
        excludes=("range",),
        evidence="C",
    ),
    FaultSpec(
        id="warrior_ii.knee_caving",
        title="Front knee falls in",
        sentence="The front knee falls inwards instead of pointing over the toes.",
        cue="Press your front knee out, over the little toe.",
        unit="",
        neutral=0.0,
        correct=0.04,
        mild=0.08,
        severe=0.25,
        joints=LEG_JOINTS,
        edit=bring(cave_knees, knee_in, on=leading, scale=1.0),
        measure=reading(of(leading, knee_in), peak),
        evidence="M",
    ),
    FaultSpec(
        id="warrior_ii.back_knee_bent",
        title="Back knee bent",
        sentence="The back leg is bent.",
        cue="Press the outer edge of your back foot down and straighten that leg.",
        unit="deg",
        neutral=8.0,
        correct=15.0,
        mild=25.0,
        severe=60.0,
        joints=LEG_JOINTS,
        edit=bring(bend_one_knee, bend_rad("foot"), on=trailing),
        measure=reading_deg(of(trailing, bend_rad("foot")), at_far_end),
    ),
    FaultSpec(
        id="warrior_ii.arm_dropped",
        title="Dropped arm",
        sentence="The arm hangs below shoulder height.",
        cue="Reach out through both hands, arms level.",
        unit="deg",
        neutral=0.0,
        correct=8.0,
        mild=15.0,
        severe=40.0,
        joints=ARM_JOINTS,
        edit=bring(drop_arms, arm_drop_rad),
        measure=reading_deg(arm_drop_rad, least),
        sides=LEFT_OR_RIGHT,
        window=IN_STEP,
        excludes=("arm height",),
        evidence="C",
    ),
    FaultSpec(
        id="warrior_ii.trunk_lean",
        title="Leaning over the front leg",
        sentence="The trunk leans over the front leg.",
        cue="Stack your shoulders over your hips.",
        unit="deg",
        neutral=0.0,
        correct=5.0,
        mild=10.0,
        severe=30.0,
        joints=WHOLE_BODY,
        edit=bring(lean_to_front, trunk_roll_rad, on=leading),
        measure=reading_deg(of(leading, trunk_roll_rad), peak),
        excludes=("lean to the side",),
    ),
    incomplete_range(
        "warrior_ii",
        sentence="The pose stops half way down.",
        cue="Go all the way into the pose before you hold it.",
    ),
)
