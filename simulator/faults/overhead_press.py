"""The overhead press's faults. Ranges and evidence: faults reference, sections 2 and 3.6."""

import numpy as np

from motions.motion import Motion
from simulator.faults.arm_faults import ARM_JOINTS, LEFT_OR_RIGHT
from simulator.faults.arm_readings import (
    chest_back_rad,
    forearm_flare_rad,
    neck_travel_share,
    wrist_ahead_m,
)
from simulator.faults.edits import FEET, LEGS, WHOLE_BODY, move, turn
from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.limb_edits import (
    bend_knees,
    bend_spine,
    bring,
    draw_in_hands,
    in_deg,
    rock_trunk,
)
from simulator.faults.readings import (
    at_far_end,
    bend_rad,
    least,
    peak,
    reading,
    reading_deg,
    side_height_m,
    swing,
)
from simulator.faults.spec import FaultSpec
from simulator.faults.trunk_edits import flare_elbows
from simulator.faults.window import START, THROUGHOUT, Part

ARM_M = 0.52
"""Length of the canonical arm."""


def dip(motion: Motion, part: Part, more_rad: float) -> Motion:
    """Bend both knees over feet that stay."""
    return bend_knees(motion, part, dict.fromkeys(LEFT_OR_RIGHT, more_rad))


def rock(motion: Motion, part: Part, share: float) -> Motion:
    """Rock the trunk until the neck travels a share of its length."""
    return rock_trunk(motion, part, 2 * np.arcsin(share / 2))


def tip_arms_ahead(motion: Motion, part: Part, more_m: float) -> Motion:
    """Tip raised arms forward until the wrists are so much farther ahead; the hands stay level."""
    angle_rad = np.arcsin(np.clip(more_m / ARM_M, -1, 1))
    bones = [f"{side}_{name}" for side in LEFT_OR_RIGHT for name in ("shoulder", "elbow")]
    return turn(motion, part, dict.fromkeys(bones, angle_rad), of="spine3")


def lower_hand(motion: Motion, part: Part, drop_m: float) -> Motion:
    """Bring hands down, the elbows bending."""
    return move(motion, part, {f"{side}_hand": (0, 0, -drop_m) for side in part.sides}, keep=())


OVERHEAD_PRESS_FAULTS = (
    FaultSpec(
        id="overhead_press.lumbar_hyperextension",
        title="Arched lower back",
        sentence="The lower back arches and the chest leans back under the bar.",
        cue="Squeeze your glutes, ribs down, and press from a tall trunk.",
        unit="deg",
        neutral=5.0,
        correct=10.0,
        mild=15.0,
        severe=35.0,
        joints=WHOLE_BODY,
        edit=bring(lambda motion, part, more: bend_spine(motion, part, -more), chest_back_rad),
        measure=reading_deg(chest_back_rad, peak),
        evidence="L",
    ),
    FaultSpec(
        id="overhead_press.incomplete_lockout",
        title="No lockout",
        sentence="The elbows stay bent at the top.",
        cue="Push the bar up until your elbows lock.",
        unit="deg",
        neutral=8.0,
        correct=12.0,
        mild=20.0,
        severe=50.0,
        joints=ARM_JOINTS,
        edit=bring(draw_in_hands, bend_rad("hand")),
        measure=reading_deg(bend_rad("hand"), least),
        excludes=("range",),
        evidence="C",
    ),
    FaultSpec(
        id="overhead_press.elbow_flare",
        title="Flared elbow",
        sentence="The elbow points out to the side, so that the forearm is not under the bar.",
        cue="Keep your forearms upright, elbows under the bar.",
        unit="deg",
        neutral=12.0,
        correct=15.0,
        mild=20.0,
        severe=45.0,
        joints=ARM_JOINTS,
        edit=bring(flare_elbows, forearm_flare_rad),
        measure=reading_deg(forearm_flare_rad, peak),
        sides=LEFT_OR_RIGHT,
        window=THROUGHOUT,
        evidence="D",
    ),
    FaultSpec(
        id="overhead_press.knee_dip",
        title="Push from the knees",
        sentence="The knees dip and drive the bar off the shoulders.",
        cue="Lock your knees and let your shoulders do the work.",
        unit="deg",
        neutral=0.0,
        correct=5.0,
        mild=10.0,
        severe=35.0,
        joints=(*LEGS, *FEET),
        edit=in_deg(dip, 0.0),
        measure=reading_deg(bend_rad("foot"), swing),
        window=START,
        evidence="D",
    ),
    FaultSpec(
        id="overhead_press.torso_sway",
        title="Swaying trunk",
        sentence="The trunk sways back and forth under the bar.",
        cue="Stand still and brace before you press.",
        unit="",
        neutral=0.06,
        correct=0.16,
        mild=0.2,
        severe=0.5,
        joints=WHOLE_BODY,
        edit=rock,
        measure=reading(neck_travel_share, swing),
        window=THROUGHOUT,
        evidence="C",
    ),
    FaultSpec(
        id="overhead_press.bar_forward",
        title="Bar in front",
        sentence="The bar ends in front of the head instead of over the feet.",
        cue="Finish with the bar over the middle of your feet.",
        unit="m",
        neutral=0.03,
        correct=0.06,
        mild=0.10,
        severe=0.25,
        joints=ARM_JOINTS,
        edit=bring(tip_arms_ahead, wrist_ahead_m, scale=1.0),
        measure=reading(wrist_ahead_m, at_far_end),
    ),
    FaultSpec(
        id="overhead_press.uneven",
        title="Uneven bar",
        sentence="One hand stays behind and the bar tilts.",
        cue="Push evenly with both hands and keep the bar level.",
        unit="m",
        neutral=0.0,
        correct=0.03,
        mild=0.05,
        severe=0.15,
        joints=ARM_JOINTS,
        edit=bring(lower_hand, side_height_m("wrist"), scale=1.0),
        measure=reading(side_height_m("wrist"), peak),
        sides=LEFT_OR_RIGHT,
        one_sided=True,
    ),
    incomplete_range(
        "overhead_press",
        sentence="The bar turns back before the arms are overhead.",
        cue="Press all the way up until your arms are straight overhead.",
    ),
)
