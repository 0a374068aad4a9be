"""The pull-up's faults. Ranges and evidence: faults reference, sections 2 and 3.5."""

from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.jump import jump, jump_to_the_bar
from simulator.faults.rounded_back import rounded_back

PULL_UP_FAULTS = (
    rounded_back(
        "pull_up",
        sentence="The upper back rounds over the bar at the top.",
        cue="Lead with the chest and keep your back long.",
        correct=10.0,
        mild=15.0,
        severe=35.0,
        pelvis_share=0.8,
    ),
    incomplete_range(
        "pull_up",
        sentence="The pull stops before the chin is over the bar.",
        cue="Pull until your chin clears the bar.",
    ),
    jump(
        "pull_up",
        sentence="The pull starts with a jump off the floor.",
        cue="Start each pull from a still, full hang.",
        edit=jump_to_the_bar,
    ),
)
