"""All the randomness there is: `plan(config, index)` describes clip `index` completely.

A plan is plain data that JSON can hold; making the clip draws nothing more. Clips come in sets:
one subject's take of one exercise or recording, with one clip for each condition, clean or with a
fault. All clips of a set share person, style, looks and cameras, so they are counterfactuals of one
another.

Every draw comes from `default_rng([seed, purpose, ...])`, so no clip depends on another's having
been planned. The generator's numbers stand for what they decide:

    [seed, BODY, subject]               the person, the same in every exercise and take
    [seed, SET, source, subject, take]  style, looks and cameras
    [seed, CLUTTER, source, subject, take]
                                        things, other people, sensors, rim light, the room's
                                        picture, hands, the shirt's pattern
    [seed, SIZE, source, subject, take, entry, fault]
                                        which repetitions, sides and sizes (`simulator.conditions`)

A clip that is planned anew (`simulator.accept`) has the number of the attempt at the end of both
lists.
"""

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from motions.errors import FormbenchError
from motions.library import exercise
from motions.variation import Style
from simulator.bodies.library import sample_body
from simulator.bodies.stick import CANONICAL_HEIGHT_M
from simulator.cameras.camera import Camera
from simulator.cameras.handheld import Shake, sample_shake
from simulator.cameras.rigs import make_rig
from simulator.clutter import OUR_THINGS, Other, Thing, sample_others, sample_things
from simulator.conditions import Condition, conditions, injections
from simulator.config import DatasetConfig
from simulator.faults.injection import Injection
from simulator.render_entry import RenderEntry
from simulator.rendering.looks import sample_looks
from simulator.rendering.patterns import sample_pattern
from simulator.rendering.scene import Looks
from simulator.rendering.sensor import Sensor, sample_sensor
from simulator.sources import Source

BODY, SET, CLUTTER = 1, 2, 4
RIM = (0.15, 0.5)
"""How strong a light from behind is, against the key light."""
HANG_REACH = 1.42
STAND_REACH = 1.28
"""What must be in view, in statures: up to a bar, or up to a raised arm or a jump."""
OVER_JOINTS_M = (0.3, 1.0)
"""At least so much over the highest joint is in view, for a barbell's plates; and at most so much,
or who lies on the floor would be small."""
SKIN_M = 0.15
"""How much farther than its joints a body goes: hands, toes, what it holds."""
TALLEST_M = 1.95
"""Room is left for so tall a person where a model's parameters do not say."""


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
    recording: str | None
    """The recording that is played, None for an exercise that is performed."""
    style: Style | None
    """How the exercise is performed, None for a recording."""
    injections: tuple[Injection, ...]
    variation: str
    """What looks odd and is correct, see `simulator.variations`; "" for none."""
    looks: Looks
    cameras: tuple[Camera, ...]
    render: bool
    attempt: int
    """How often the clip was planned before and given up, see `simulator.accept`."""
    balance: bool
    """Whether what is out of balance is put right, see `simulator.physics.balancing`."""
    settle: Literal["pd"] | Literal[False]
    """How it is settled in simulation, see `simulator.physics.tracking`."""
    passes: tuple[str, ...] = ()
    """Which of `simulator.rendering.passes.PASSES` are drawn beside the pictures."""
    things: tuple[Thing, ...] = ()
    others: tuple[Other, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    """One a camera; none for pictures as they are drawn."""
    shakes: tuple[Shake, ...] = ()
    """One a camera; none for cameras on tripods."""

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain data; cameras are left to the clip, which has them anyway."""
        plain = asdict(self)
        del plain["cameras"]
        return plain


def count_clips(config: DatasetConfig) -> int:
    """Return how many clips a config makes."""
    return config.subjects * config.takes * sum(len(conditions(config, s)) for s in config.sources)


def plan(config: DatasetConfig, index: int, attempt: int = 0) -> ClipPlan:
    """Describe clip `index` (from 0) of a dataset.

    Each `attempt` after the first has the same person and faults, all else drawn anew, and a group
    of its own: it is no counterfactual of the clips that it was planned with.
    """
    source, subject, take, condition = _locate(config, index)
    body_values = sample_body(config.body, np.random.default_rng([config.seed, BODY, subject]))
    # A source counts by its name, so that adding one to a config changes no other's clips.
    name_number = zlib.crc32(source.name.encode())
    seeds = [config.seed, SET, name_number, subject, take]
    rng = np.random.default_rng([*seeds, attempt] if attempt else seeds)
    hangs, style = False, None
    if source.recording is None:
        what = exercise(source.exercise)
        hangs, style = what.hangs, what.style(config.reps, rng)
    looks = sample_looks(rng)
    stature_m = body_values.get("stature_m", TALLEST_M)
    scale = stature_m / CANONICAL_HEIGHT_M
    least_m, most_m = (source.highest_m * scale + over_m for over_m in OVER_JOINTS_M)
    reach_m = stature_m * (HANG_REACH if hangs else STAND_REACH)
    reach_m = min(max(reach_m, least_m), most_m)
    rig = config.cameras
    cameras = make_rig(
        rig.named,
        rig.sampled,
        rig.width_px,
        rig.height_px,
        np.array([*source.middle_m, reach_m / 2]),
        reach_m,
        rng,
        [half_m * scale + SKIN_M for half_m in source.half_widths_m],
        rig.ring,
    ) if rig.count else ()  # fmt: skip
    wanted = config.render or RenderEntry()
    rng = np.random.default_rng([config.seed, CLUTTER, name_number, subject, take])
    files = {entry.file: entry.licence for entry in wanted.thing_files}
    things = sample_things(wanted.things, files or OUR_THINGS, cameras, rng)
    others = sample_others(wanted.others, config.body, cameras, rng)
    sensors = tuple(sample_sensor(rng) for _ in cameras) if wanted.sensor else ()
    if wanted.rim:
        looks = replace(looks, rim_strength=float(rng.uniform(*RIM)))
    if wanted.surroundings:
        entry = wanted.surroundings[rng.integers(len(wanted.surroundings))]
        looks = replace(looks, surroundings=entry.picked)
    shakes = tuple(sample_shake(rng) for _ in cameras) if rig.handheld else ()
    if wanted.patterns:
        looks = replace(looks, pattern=sample_pattern(rng, looks.part_rgb["shirt"]))
    return ClipPlan(
        clip_id=f"clip_{index:06d}",
        exercise=source.exercise,
        subject_id=f"subject_{subject:04d}",
        group_id=f"{source.name}_{subject:04d}_{take:02d}" + (f"_{attempt}" if attempt else ""),
        fps=config.fps,
        body_model=config.body,
        body_values=body_values,
        recording=source.recording,
        style=style,
        injections=injections(config, source, subject, take, condition, attempt),
        variation=condition.variation.name if condition.variation else "",
        looks=looks,
        cameras=cameras,
        render=bool(config.render),
        attempt=attempt,
        balance=config.balance,
        settle=config.settle,
        passes=tuple(wanted.passes),
        things=things,
        others=others,
        sensors=sensors,
        shakes=shakes,
    )


def _locate(config: DatasetConfig, index: int) -> tuple[Source, int, int, Condition]:
    """Find source, subject, take and condition of a clip; subjects vary slowest."""
    per_source = [(source, conditions(config, source)) for source in config.sources]
    turn, left = divmod(index, sum(len(each) for _, each in per_source))
    subject, take = divmod(turn, config.takes)
    if not 0 <= subject < config.subjects:
        raise FormbenchError(f"plan: expected a clip below {count_clips(config)}, got {index}")
    for source, each in per_source:
        if left < len(each):
            return source, subject, take, each[left]
        left -= len(each)
    raise AssertionError("unreachable: left is below the sum of the conditions")
