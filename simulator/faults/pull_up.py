"""The pull-up's faults. Ranges and evidence: faults reference, sections 2 and 3.5."""

from functools import partial

from simulator.faults.jump import JUMP_JOINTS, jump_to_the_bar, measure_jump
from simulator.faults.shared import (
    ROUND_BACK_JOINTS,
    WHOLE_BODY,
    measure_range,
    measure_rounded_back,
    round_back,
    shorten_range,
)
from simulator.faults.spec import FaultSpec

PULL_UP_FAULTS = (
    FaultSpec(
        id="pull_up.rounded_back",
        title="Rounded back",
        sentence="The upper back rounds over the bar at the top.",
        cue="Lead with the chest and keep your back long.",
        unit="deg",
        neutral=0.0,
        correct=10.0,
        mild=15.0,
        severe=35.0,
        joints=ROUND_BACK_JOINTS,
        edit=partial(round_back, pelvis_share=0.8),
        measure=measure_rounded_back,
    ),
    FaultSpec(
        id="pull_up.incomplete_range",
        title="Incomplete range",
        sentence="The pull stops before the chin is over the bar.",
        cue="Pull until your chin clears the bar.",
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
        id="pull_up.jump",
        title="Jump",
        sentence="The pull starts with a jump off the floor.",
        cue="Start each pull from a still, full hang.",
        unit="m/s",
        neutral=0.0,
        correct=0.1,
        mild=0.8,
        severe=2.0,
        joints=JUMP_JOINTS,
        edit=jump_to_the_bar,
        measure=measure_jump,
    ),
)
