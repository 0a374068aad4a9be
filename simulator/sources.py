"""Where a config's motions come from: exercises that are performed, and recordings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from motions.library import EXERCISES, exercise
from motions.motion import mirror
from motions.perform import perform
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
    def middle_m(self) -> tuple[float, float]:
        """The middle of what it covers of the floor, on the canonical skeleton."""
        low, high = _covered_m(self.exercise, self.recording)
        x, y = ((low + high) / 2)[:2].tolist()
        return x, y

    @property
    def half_widths_m(self) -> tuple[float, float]:
        """How far it goes from there to either side, and ahead and back."""
        low, high = _covered_m(self.exercise, self.recording)
        x, y = ((high - low) / 2)[:2].tolist()
        return x, y

    @property
    def highest_m(self) -> float:
        """How high the highest joint gets, on the canonical skeleton."""
        return float(_covered_m(self.exercise, self.recording)[1][2])


@lru_cache(maxsize=64)
def _covered_m(exercise_name: str, recording_name: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and greatest x, y, z of all joints, in a style as good as any. (3,) each."""
    if recording_name is None:
        what = exercise(exercise_name)
        style = what.style(2, np.random.default_rng(0))
        benches_m = {0.0, what.bench_m.high} if what.bench_m else {0.0}
        motions = [perform(what, replace(style, bench_m=each_m), 10.0) for each_m in benches_m]
        # Either side may lead.
        joints_m = np.concatenate([side.joints_world_m for m in motions for side in (m, mirror(m))])
    else:
        joints_m = recording(recording_name).joints_world_m
    everywhere_m = joints_m.reshape(-1, 3)
    return everywhere_m.min(axis=0), everywhere_m.max(axis=0)


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
