"""The faults there are, by id: from this table come the docs, the command line and the labels."""

from motions.errors import FormbenchError, unknown_name
from motions.library import exercise
from simulator.faults.barbell_row import BARBELL_ROW_FAULTS
from simulator.faults.biceps_curl import BICEPS_CURL_FAULTS
from simulator.faults.dance import DANCE_FAULTS
from simulator.faults.deadlift import DEADLIFT_FAULTS
from simulator.faults.downward_dog import DOWNWARD_DOG_FAULTS
from simulator.faults.front_raise import FRONT_RAISE_FAULTS
from simulator.faults.jumping_jack import JUMPING_JACK_FAULTS
from simulator.faults.lateral_raise import LATERAL_RAISE_FAULTS
from simulator.faults.lunge import LUNGE_FAULTS
from simulator.faults.overhead_press import OVERHEAD_PRESS_FAULTS
from simulator.faults.plank import PLANK_FAULTS
from simulator.faults.pull_up import PULL_UP_FAULTS
from simulator.faults.push_up import PUSH_UP_FAULTS
from simulator.faults.shared import SHARED_FAULTS
from simulator.faults.shoulder_shrug import SHOULDER_SHRUG_FAULTS
from simulator.faults.spec import FaultSpec
from simulator.faults.squat import SQUAT_FAULTS
from simulator.faults.tree import TREE_FAULTS
from simulator.faults.warrior_ii import WARRIOR_II_FAULTS

FAULTS: dict[str, FaultSpec] = {
    fault.id: fault
    for fault in (
        *SQUAT_FAULTS,
        *DEADLIFT_FAULTS,
        *LUNGE_FAULTS,
        *PUSH_UP_FAULTS,
        *PLANK_FAULTS,
        *BARBELL_ROW_FAULTS,
        *PULL_UP_FAULTS,
        *OVERHEAD_PRESS_FAULTS,
        *BICEPS_CURL_FAULTS,
        *LATERAL_RAISE_FAULTS,
        *FRONT_RAISE_FAULTS,
        *SHOULDER_SHRUG_FAULTS,
        *JUMPING_JACK_FAULTS,
        *WARRIOR_II_FAULTS,
        *TREE_FAULTS,
        *DOWNWARD_DOG_FAULTS,
        *DANCE_FAULTS,
        *SHARED_FAULTS,
    )
}


def faults_of(exercise_name: str) -> tuple[FaultSpec, ...]:
    """Return the faults of one exercise, in the order of the table."""
    exercise(exercise_name)
    return tuple(fault for fault in FAULTS.values() if fault.exercise == exercise_name)


def fault(exercise_name: str, fault_name: str) -> FaultSpec:
    """Look up a fault of an exercise by its name, or raise with the nearest one."""
    names = {spec.name: spec for spec in faults_of(exercise_name)}
    if fault_name in names:
        return names[fault_name]
    if fault_name in {spec.name for spec in FAULTS.values()}:
        raise FormbenchError(
            f"{exercise_name}: has no fault {fault_name!r}; it has {', '.join(sorted(names))}"
        )
    raise unknown_name(f"fault of {exercise_name}", fault_name, names)
