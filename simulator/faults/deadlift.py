"""The deadlift's faults. Ranges and evidence: faults reference, sections 2 and 3.2."""

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

DEADLIFT_FAULTS = (
    FaultSpec(
        id="deadlift.rounded_back",
        title="Rounded back",
        sentence="The back rounds while the bar is low.",
        cue="Brace, chest up, and push the floor away with a flat back.",
        unit="deg",
        neutral=0.0,
        correct=20.0,
        mild=25.0,
        severe=50.0,
        joints=ROUND_BACK_JOINTS,
        edit=partial(round_back, pelvis_share=0.6),
        measure=measure_rounded_back,
    ),
    FaultSpec(
        id="deadlift.incomplete_range",
        title="Incomplete range",
        sentence="The bar turns back well above the floor.",
        cue="Lower the bar all the way to the floor each time.",
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
        id="deadlift.jump",
        title="Jump",
        sentence="The feet leave the floor at the end of the way up.",
        cue="Finish tall with your feet flat on the floor.",
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
