"""The exercises there are."""

from motions.errors import unknown_name
from motions.exercise import Exercise
from motions.exercises.barbell_row import BARBELL_ROW
from motions.exercises.biceps_curl import BICEPS_CURL
from motions.exercises.dance import DANCE
from motions.exercises.deadlift import DEADLIFT
from motions.exercises.downward_dog import DOWNWARD_DOG
from motions.exercises.front_raise import FRONT_RAISE
from motions.exercises.jumping_jack import JUMPING_JACK
from motions.exercises.lateral_raise import LATERAL_RAISE
from motions.exercises.lunge import LUNGE
from motions.exercises.overhead_press import OVERHEAD_PRESS
from motions.exercises.plank import PLANK
from motions.exercises.pull_up import PULL_UP
from motions.exercises.push_up import PUSH_UP
from motions.exercises.shoulder_shrug import SHOULDER_SHRUG
from motions.exercises.squat import SQUAT
from motions.exercises.tree import TREE
from motions.exercises.warrior_ii import WARRIOR_II

EXERCISES: dict[str, Exercise] = {
    e.name: e
    for e in (
        SQUAT,
        DEADLIFT,
        LUNGE,
        PUSH_UP,
        PULL_UP,
        OVERHEAD_PRESS,
        BICEPS_CURL,
        LATERAL_RAISE,
        FRONT_RAISE,
        SHOULDER_SHRUG,
        BARBELL_ROW,
        JUMPING_JACK,
        PLANK,
        DOWNWARD_DOG,
        WARRIOR_II,
        TREE,
        DANCE,
    )
}


def exercise(name: str) -> Exercise:
    """Look an exercise up by name, or raise with the nearest one."""
    if name not in EXERCISES:
        raise unknown_name("exercise", name, EXERCISES)
    return EXERCISES[name]
