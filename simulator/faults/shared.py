"""Which exercise has which of the faults that many share; those of its own are in its own file.

Tempo comes last, because everything else is timed by the repetition as it was.
"""

from collections.abc import Iterator
from typing import Literal

from simulator.faults.arm_readings import arm_elevation_rad
from simulator.faults.asymmetry import late_arm, lateral_shift, uneven_arms, uneven_legs
from simulator.faults.fatigue import fatigue_drift
from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.posture import head_craned, head_dropped, lateral_sway, trunk_rotation
from simulator.faults.readings import bend_rad
from simulator.faults.rhythm import bounce, pause
from simulator.faults.spec import FaultSpec
from simulator.faults.stance import stance_too_narrow, stance_too_wide
from simulator.faults.tempo import tempo_fast, tempo_slow, uncontrolled_eccentric
from simulator.faults.window import Window

LIFTED = Window(from_phase=0.1, to_phase=0.8, way="back", onset=0.5, release=0.5)
"""While a bar comes up, between the floor, which holds it level, and the end."""

POSTURE = (
    lateral_sway("squat"),
    trunk_rotation("squat"),
    head_dropped("squat", neutral=30.0, correct=40.0, mild=45.0, severe=70.0),
    uneven_legs("squat"),
    lateral_shift("squat"),
    stance_too_wide("squat"),
    stance_too_narrow("squat"),
    lateral_sway("deadlift", window=LIFTED),
    trunk_rotation("deadlift", window=LIFTED),
    uneven_legs("deadlift"),
    lateral_shift("deadlift"),
    stance_too_wide("deadlift", (0.8, 1.4, 1.7, 2.3)),
    trunk_rotation("lunge"),
    head_dropped("lunge", neutral=10.0, correct=20.0, mild=25.0, severe=45.0),
    lateral_sway("overhead_press", with_arms=True),
    trunk_rotation("overhead_press"),
    head_craned("overhead_press"),
    stance_too_narrow("overhead_press", (0.8, 0.6, 0.5, 0.25)),
    lateral_sway("biceps_curl", with_arms=True),
    trunk_rotation("biceps_curl"),
    head_dropped("biceps_curl"),
    uneven_arms("biceps_curl", bend_rad("hand")),
    late_arm("biceps_curl", bend_rad("hand")),
    lateral_sway("lateral_raise", with_arms=True),
    trunk_rotation("lateral_raise"),
    head_dropped("lateral_raise"),
    uneven_arms("lateral_raise", arm_elevation_rad),
    late_arm("lateral_raise", arm_elevation_rad),
    lateral_sway("front_raise", with_arms=True),
    trunk_rotation("front_raise"),
    head_dropped("front_raise"),
    uneven_arms("front_raise", arm_elevation_rad),
    late_arm("front_raise", arm_elevation_rad),
    lateral_sway("shoulder_shrug", with_arms=True),
    trunk_rotation("shoulder_shrug"),
    head_dropped("shoulder_shrug"),
    lateral_sway("barbell_row"),
    trunk_rotation("barbell_row"),
    lateral_sway("jumping_jack", with_arms=True),
    head_dropped("jumping_jack"),
    trunk_rotation("warrior_ii"),
    head_dropped("warrior_ii"),
    trunk_rotation("tree"),
    head_dropped("tree"),
)

SHORT = (
    incomplete_range(
        "push_up",
        sentence="The push-up is too shallow: the chest stays well above the floor.",
        cue="Lower until your upper arms are level with the floor.",
    ),
    incomplete_range(
        "barbell_row",
        sentence="The bar stops well short of the body.",
        cue="Pull until the bar touches your belly.",
    ),
)

LOWERED: dict[str, tuple[Literal["out", "back"], str, str]] = {
    "squat": ("out", "You drop into the squat.", "Sit down slowly and stay tight."),
    "deadlift": ("out", "The bar is dropped to the floor.", "Lower the bar under control."),
    "lunge": ("out", "You fall into the lunge.", "Step, then sink slowly."),
    "push_up": ("out", "The body drops to the floor.", "Lower yourself as slowly as you press."),
    "pull_up": ("back", "You drop from the bar.", "Let yourself down slowly, to a full hang."),
    "overhead_press": ("back", "The bar drops onto the chest.", "Bring the bar down slowly."),
    "biceps_curl": ("back", "The weights drop.", "Lower as slowly as you curl."),
    "lateral_raise": ("back", "The arms drop to the sides.", "Let the arms down slowly."),
    "front_raise": ("back", "The arms drop.", "Let the arms down slowly."),
    "shoulder_shrug": ("back", "The shoulders drop.", "Let the shoulders down slowly."),
    "barbell_row": ("back", "The bar drops.", "Let the bar down slowly."),
}
"""Of each exercise with a tempo: the way on which the weight is lowered, and what a coach says."""
BOUNCED = ("squat", "deadlift", "push_up", "lateral_raise", "front_raise", "biceps_curl")
RUSHED = {
    # Legs that went faster would leave the floor, and hands the bar.
    "squat": (1.4, 1.2, 1.0),
    "deadlift": (1.4, 1.2, 1.0),
    "lunge": (1.6, 1.4, 1.1),
    "pull_up": (1.9, 1.7, 1.2),
    "overhead_press": (1.4, 1.2, 0.9),
}
"""Correct, mild and severe of too fast, where they are not the usual ones."""
TIRED = tuple(name for name in LOWERED if name != "lunge")
"""Where less range leaves feet and hands where they are."""


def _timing() -> Iterator[FaultSpec]:
    for name, (way, sentence, cue) in LOWERED.items():
        yield uncontrolled_eccentric(name, way=way, sentence=sentence, cue=cue)
        yield pause(name, way="back" if way == "out" else "out")
        if name in BOUNCED:
            yield bounce(name)
        if name in TIRED:
            yield fatigue_drift(name)
        correct, mild, severe = RUSHED.get(name, (1.4, 1.2, 0.7))
        yield tempo_fast(name, correct=correct, mild=mild, severe=severe)
        yield tempo_slow(name)


SHARED_FAULTS = (*POSTURE, *SHORT, *_timing())
