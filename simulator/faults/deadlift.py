"""The deadlift's faults. Ranges and evidence: faults reference, sections 2 and 3.2."""

from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.jump import jump, jump_off_the_floor
from simulator.faults.rounded_back import rounded_back

DEADLIFT_FAULTS = (
    rounded_back(
        "deadlift",
        sentence="The back rounds while the bar is low.",
        cue="Brace, chest up, and push the floor away with a flat back.",
        correct=20.0,
        mild=25.0,
        severe=50.0,
        pelvis_share=0.6,
    ),
    incomplete_range(
        "deadlift",
        sentence="The bar turns back well above the floor.",
        cue="Lower the bar all the way to the floor each time.",
    ),
    jump(
        "deadlift",
        sentence="The feet leave the floor at the end of the way up.",
        cue="Finish tall with your feet flat on the floor.",
        edit=jump_off_the_floor,
    ),
)
