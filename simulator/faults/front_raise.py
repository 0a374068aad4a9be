"""The front raise's faults. Ranges and evidence: faults reference, sections 2 and 3.8."""

from simulator.faults.arm_faults import (
    ARM_JOINTS,
    LEFT_OR_RIGHT,
    arms_high,
    arms_low,
    bent_elbows,
    shrugging,
    trunk_swing,
)
from simulator.faults.arm_readings import arm_plane_rad
from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.limb_edits import bring, turn_arms_ahead
from simulator.faults.readings import at_far_end, reading_deg
from simulator.faults.spec import FaultSpec

FRONT_RAISE_FAULTS = (
    arms_low(
        "front_raise",
        (94.0, 82.0, 75.0, 50.0),
        "The arm stops well below shoulder height.",
        "Raise your arms until they are level with your shoulders.",
        "M",
    ),
    arms_high(
        "front_raise",
        (94.0, 102.0, 110.0, 150.0),
        "The arm goes above shoulder height.",
        "Stop when your arms are level with your shoulders.",
        "L",
    ),
    trunk_swing(
        "front_raise",
        (2.0, 5.0, 7.0, 18.0),
        "The trunk swings to throw the weights up.",
        "Stand still and let your shoulders lift the weights.",
        "M",
    ),
    bent_elbows(
        "front_raise",
        (8.0, 34.0, 45.0, 80.0),
        "The elbow bends, which makes the raise easier.",
        "Keep your arms long, with only a soft bend in the elbows.",
        "M",
    ),
    FaultSpec(
        id="front_raise.wrong_plane",
        title="Arm too far out",
        sentence="The arm goes up to the side instead of straight ahead.",
        cue="Raise your arms straight in front of your shoulders.",
        unit="deg",
        neutral=85.0,
        correct=70.0,
        mild=60.0,
        severe=30.0,
        joints=ARM_JOINTS,
        edit=bring(turn_arms_ahead, arm_plane_rad),
        measure=reading_deg(arm_plane_rad, at_far_end),
        sides=LEFT_OR_RIGHT,
    ),
    shrugging(
        "front_raise",
        (0.02, 0.025, 0.03, 0.08),
        "The shoulder is pulled up to the ear.",
        "Keep your shoulders low while your arms go up.",
        "E",
    ),
    incomplete_range(
        "front_raise",
        sentence="The weights go only part of the way up.",
        cue="Raise the weights to shoulder height each time.",
    ),
)
