"""All the randomness there is: `plan(config, index)` describes clip `index` completely.

A plan is plain data that JSON can hold; making the clip draws nothing more. Clips come in sets:
one subject's take of one exercise, with one clip for each condition, clean or with a fault. All
clips of a set share person, style, looks and cameras, so they are counterfactuals of one another.

Every draw comes from `default_rng([seed, purpose, ...])`, so no clip depends on another's having
been planned. The generator's numbers stand for what they decide:

    [seed, BODY, subject]               the person, the same in every exercise and take
    [seed, SET, exercise, subject, take]  style, looks and cameras
    [seed, SIZE, index]                 fault sizes that are given as a range
"""

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from motions.errors import FormbenchError
from motions.library import exercise
from motions.variation import Style, sample_style
from simulator.bodies.library import sample_body
from simulator.cameras.camera import Camera
from simulator.cameras.rigs import make_rig
from simulator.config import DatasetConfig, FaultEntry, Numbers
from simulator.faults.spec import FaultSpec
from simulator.rendering.looks import sample_looks
from simulator.rendering.scene import Looks

BODY, SET, SIZE = 1, 2, 3
HANG_REACH = 1.42
STAND_REACH = 1.28
"""What must be in view, in statures: up to a bar, or up to a raised arm or a jump."""
TALLEST_M = 1.95
"""Room is left for so tall a person where a model's parameters do not say."""


@dataclass(frozen=True)
class Injection:
    """One fault put into one repetition."""

    fault_id: str
    rep: int
    size: float
    """In the fault's unit."""


@dataclass(frozen=True)
class ClipPlan:
    """Everything that decides a clip."""

    clip_id: str
    exercise: str
    subject_id: str
    group_id: str
    fps: float
    body_model: str
    body_values: Mapping[str, float]
    style: Style
    injections: tuple[Injection, ...]
    looks: Looks
    cameras: tuple[Camera, ...]
    render: bool

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain data; cameras are left to the clip, which has them anyway."""
        plain = asdict(self)
        del plain["cameras"]
        return plain


def count_clips(config: DatasetConfig) -> int:
    """Return how many clips a config makes."""
    return sum(
        config.subjects * config.takes * len(_conditions(config, e)) for e in config.exercises
    )


def plan(config: DatasetConfig, index: int) -> ClipPlan:
    """Describe clip `index` (from 0) of a dataset."""
    exercise_name, subject, take, condition = _locate(config, index)
    what = exercise(exercise_name)
    body_values = sample_body(config.body, np.random.default_rng([config.seed, BODY, subject]))
    # The exercise counts by its name, so that adding one to a config changes no other's clips.
    name_number = zlib.crc32(exercise_name.encode())
    rng = np.random.default_rng([config.seed, SET, name_number, subject, take])
    style = sample_style(what.out_s, what.back_s, config.reps, rng)
    looks = sample_looks(rng)
    stature_m = body_values.get("stature_m", TALLEST_M)
    reach_m = stature_m * (HANG_REACH if what.hangs else STAND_REACH)
    cameras = make_rig(
        config.cameras.named,
        config.cameras.sampled,
        config.cameras.width_px,
        config.cameras.height_px,
        np.array([0.0, 0.0, reach_m / 2]),
        reach_m,
        rng,
    )
    return ClipPlan(
        clip_id=f"clip_{index:06d}",
        exercise=exercise_name,
        subject_id=f"subject_{subject:04d}",
        group_id=f"{exercise_name}_{subject:04d}_{take:02d}",
        fps=config.fps,
        body_model=config.body,
        body_values=body_values,
        style=style,
        injections=_injections(config, index, condition),
        looks=looks,
        cameras=cameras,
        render=config.render,
    )


_Condition = tuple[FaultEntry, FaultSpec, Numbers] | None


def _conditions(config: DatasetConfig, exercise_name: str) -> list[_Condition]:
    conditions: list[_Condition] = [None] if config.clean else []
    for entry in config.faults:
        for spec in entry.of(exercise_name):
            conditions += [(entry, spec, size) for size in entry.sizes]
    return conditions


def _locate(config: DatasetConfig, index: int) -> tuple[str, int, int, _Condition]:
    """Find exercise, subject, take and condition of a clip; subjects vary slowest."""
    left = index
    per_take = sum(len(_conditions(config, name)) for name in config.exercises)
    turn, left = divmod(left, per_take)
    subject, take = divmod(turn, config.takes)
    if not 0 <= subject < config.subjects:
        raise FormbenchError(f"plan: expected a clip below {count_clips(config)}, got {index}")
    for name in config.exercises:
        conditions = _conditions(config, name)
        if left < len(conditions):
            return name, subject, take, conditions[left]
        left -= len(conditions)
    raise AssertionError("unreachable: left is below the sum of the conditions")


def _injections(config: DatasetConfig, index: int, condition: _Condition) -> tuple[Injection, ...]:
    if condition is None:
        return ()
    entry, spec, given = condition
    rng = np.random.default_rng([config.seed, SIZE, index])
    reps = range(config.reps) if entry.reps == "all" else sorted(set(entry.reps))
    sizes = (
        entry.in_unit(spec, rng.uniform(given[0], given[1]) if isinstance(given, list) else given)
        for _ in reps
    )
    return tuple(Injection(spec.id, rep, size) for rep, size in zip(reps, sizes, strict=True))
