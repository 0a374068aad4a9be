"""The squat's faults. Ranges and evidence: faults reference, sections 2 and 3.1."""

from functools import partial

from simulator.faults.jump import JUMP_JOINTS, jump_off_the_floor, measure_jump
from simulator.faults.shared import (
    ROUND_BACK_JOINTS,
    WHOLE_BODY,
    measure_range,
    measure_rounded_back,
    round_back,
    shorten_range,
)
from simulator.faults.spec import FaultSpec

SQUAT_FAULTS = (
    FaultSpec(
        id="squat.rounded_back",
        title="Rounded back",
        sentence="The lower back rounds and the pelvis tucks under at the bottom.",
        cue="Keep your chest up and stop where your back stays flat.",
        unit="deg",
        neutral=0.0,
        correct=15.0,
        mild=20.0,
        severe=45.0,
        joints=ROUND_BACK_JOINTS,
        edit=partial(round_back, pelvis_share=0.6),
        measure=measure_rounded_back,
    ),
    FaultSpec(
        id="squat.incomplete_range",
        title="Incomplete range",
        sentence="The squat is too shallow: the hips stay above the knees.",
        cue="Sit lower, until your hips are below your knees.",
        unit="",
        neutral=1.0,
        correct=0.9,
        mild=0.85,
        severe=0.4,
        joints=WHOLE_BODY,
        edit=shorten_range,
        measure=measure_range,
    ),
    FaultSpec(
        id="squat.jump",
        title="Jump",
        sentence="The feet leave the floor at the end of the way up.",
        cue="Stand up under control and keep your feet on the floor.",
        unit="m/s",
        neutral=0.0,
        correct=0.1,
        mild=0.8,
        severe=2.0,
        joints=JUMP_JOINTS,
        edit=jump_off_the_floor,
        measure=measure_jump,
    ),
)
