"""The squat's faults. Ranges and evidence: faults reference, sections 2 and 3.1."""

from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.jump import jump, jump_off_the_floor
from simulator.faults.rounded_back import rounded_back

SQUAT_FAULTS = (
    rounded_back(
        "squat",
        sentence="The lower back rounds and the pelvis tucks under at the bottom.",
        cue="Keep your chest up and stop where your back stays flat.",
        correct=15.0,
        mild=20.0,
        severe=45.0,
        pelvis_share=0.6,
    ),
    incomplete_range(
        "squat",
        sentence="The squat is too shallow: the hips stay above the knees.",
        cue="Sit lower, until your hips are below your knees.",
    ),
    jump(
        "squat",
        sentence="The feet leave the floor at the end of the way up.",
        cue="Stand up under control and keep your feet on the floor.",
        edit=jump_off_the_floor,
    ),
)
