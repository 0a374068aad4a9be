"""Where a config's motions come from: exercises that are performed, and recordings."""

from collections.abc import Sequence
from dataclasses import dataclass

from motions.library import EXERCISES, exercise
from motions.recordings import recording, short_name


@dataclass(frozen=True)
class Source:
    """One exercise or one recording."""

    name: str
    """What it is called in ids."""
    exercise: str
    recording: str | None
    """The name in the config, None for an exercise that is performed."""
    n_reps: int

    @property
    def takes_faults(self) -> bool:
        """Whether faults can be put into it: a known exercise with repetitions."""
        return self.exercise in EXERCISES and self.n_reps > 0

    @property
    def reach_m(self) -> float:
        """How far a recording goes over the floor, on the canonical skeleton."""
        if self.recording is None:
            return 0.0
        ground = recording(self.recording).root_position_m[:, :2]
        return float((ground.max(axis=0) - ground.min(axis=0)).max())

    @property
    def middle_m(self) -> tuple[float, float]:
        """The middle of what it covers of the floor, on the canonical skeleton."""
        if self.recording is None:
            return 0.0, 0.0
        ground = recording(self.recording).root_position_m[:, :2]
        x, y = ((ground.max(axis=0) + ground.min(axis=0)) / 2).tolist()
        return x, y


def sources(
    exercise_names: Sequence[str], recording_names: Sequence[str], n_reps: int
) -> tuple[Source, ...]:
    """Return the sources of a config, or raise for a name that is none."""
    performed = [Source(exercise(name).name, name, None, n_reps) for name in exercise_names]
    recorded = [
        Source(short_name(name), motion.exercise, name, len(motion.reps))
        for name in recording_names
        for motion in [recording(name)]
    ]
    return (*performed, *recorded)
