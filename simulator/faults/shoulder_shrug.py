"""The shoulder shrug's faults. Ranges and evidence: faults reference, sections 2 and 3.8."""

from motions.exercises.shoulder_shrug import FULL_RANGE_RAD
from motions.motion import Motion
from simulator.faults.arm_faults import (
    ARM_JOINTS,
    LEFT_OR_RIGHT,
    bent_elbows,
    trunk_swing,
)
from simulator.faults.arm_readings import shoulder_rise_share
from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.limb_edits import draw_up_shoulders
from simulator.faults.readings import reading, swing
from simulator.faults.spec import FaultSpec
from simulator.faults.window import THROUGHOUT, Part

NEUTRAL_SHARE = 0.14


def shrug_less(motion: Motion, part: Part, share: float) -> Motion:
    """Leave out as much of the shoulders' way as a share of the trunk is below the usual one."""
    frames, _ = part.weights(motion)
    way_rad = FULL_RANGE_RAD * motion.phase[frames]
    return draw_up_shoulders(motion, part, (share / NEUTRAL_SHARE - 1) * way_rad)


SHOULDER_SHRUG_FAULTS = (
    FaultSpec(
        id="shoulder_shrug.low_shrug",
        title="Low shrug",
        sentence="The shoulder hardly rises.",
        cue="Pull your shoulders up to your ears, as high as they go.",
        unit="",
        neutral=NEUTRAL_SHARE,
        correct=0.10,
        mild=0.08,
        severe=0.03,
        joints=("left_collar", "right_collar", *ARM_JOINTS),
        edit=shrug_less,
        measure=reading(shoulder_rise_share, swing),
        sides=LEFT_OR_RIGHT,
        window=THROUGHOUT,
        excludes=("range",),
        evidence="C",
    ),
    bent_elbows(
        "shoulder_shrug",
        (6.0, 30.0, 45.0, 80.0),
        "The elbow bends and the arm helps to pull.",
        "Let your arms hang straight, like ropes.",
        "C",
    ),
    trunk_swing(
        "shoulder_shrug",
        (1.5, 4.0, 7.0, 18.0),
        "The trunk swings to throw the weights up.",
        "Stand tall and still, and move only your shoulders.",
        "E",
    ),
    incomplete_range(
        "shoulder_shrug",
        sentence="The shoulders go only part of the way up.",
        cue="Shrug to the top and come all the way down each time.",
    ),
)
