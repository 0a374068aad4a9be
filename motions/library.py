"""The exercises there are."""

from motions.errors import unknown_name
from motions.exercise import Exercise
from motions.exercises.deadlift import DEADLIFT
from motions.exercises.lunge import LUNGE
from motions.exercises.overhead_press import OVERHEAD_PRESS
from motions.exercises.pull_up import PULL_UP
from motions.exercises.push_up import PUSH_UP
from motions.exercises.squat import SQUAT

EXERCISES: dict[str, Exercise] = {
    e.name: e for e in (SQUAT, DEADLIFT, LUNGE, PUSH_UP, PULL_UP, OVERHEAD_PRESS)
}


def exercise(name: str) -> Exercise:
    """Look an exercise up by name, or raise with the nearest one."""
    if name not in EXERCISES:
        raise unknown_name("exercise", name, EXERCISES)
    return EXERCISES[name]
