"""Who stands where, in what light and clothes, beside which things: plain data, no graphics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from motions.arrays import frozen
from motions.errors import unknown_name
from simulator.bodies.body import BODY_PARTS
from simulator.performance import Performance
from simulator.rendering.patterns import Pattern, Rgb

__all__ = ["FLOORS", "Looks", "Person", "Prop", "Rgb", "Scene", "Surroundings"]

FLOORS = ("plain", "tiles", "planks", "rubber")
"""What the floor is made of."""


@dataclass(frozen=True)
class Surroundings:
    """A picture of the user's that is the room, see `simulator.rendering.surroundings`."""

    file: str
    licence: str
    """An SPDX expression."""


@dataclass(frozen=True)
class Looks:
    """The colours that a clip is drawn in."""

    part_rgb: Mapping[str, Rgb]
    """A colour for each of BODY_PARTS."""
    floor_rgb: Rgb
    wall_rgb: Rgb
    light_direction: tuple[float, float, float]
    """From the scene towards the key light, world frame; need not be a unit vector."""
    light_strength: float
    """Key light against fill light, 0 to 1."""
    floor: str = "plain"
    """One of FLOORS."""
    mat_rgb: Rgb | None = None
    """Colour of the mat under the person; None for no mat."""
    rim_strength: float = 0.0
    """Light from behind, opposite to the key light, against which it is measured."""
    pattern: Pattern | None = None
    """What is on the shirt; None for one colour."""
    surroundings: Surroundings | None = None
    """A picture in place of walls, and of the floor if it is a panorama; None for a plain room."""

    def __post_init__(self) -> None:
        if self.floor not in FLOORS:
            raise unknown_name("floor", self.floor, FLOORS)
        missing = set(BODY_PARTS) - set(self.part_rgb)
        if missing:
            raise KeyError(f"Looks.part_rgb lacks {sorted(missing)}")


@dataclass(frozen=True)
class Prop:
    """A rigid thing with one colour that moves over time."""

    name: str
    vertices_m: np.ndarray
    """In the prop's own frame. Shape (V, 3)."""
    faces: np.ndarray
    """Triangles, counter-clockwise seen from outside. Shape (F, 3)."""
    rgb: Rgb
    T_world_prop: np.ndarray
    """Where it is at each frame. Shape (T, 4, 4)."""

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {}
        for name, dims, dtype in (
            ("vertices_m", ("V", 3), np.float32),
            ("faces", ("F", 3), np.int32),
            ("T_world_prop", ("T", 4, 4), np.float64),
        ):
            value = frozen(f"Prop.{name}", getattr(self, name), dims, sizes, dtype=dtype)
            object.__setattr__(self, name, value)


class Person(NamedTuple):
    """Somebody in the scene."""

    performance: Performance
    part_rgb: Mapping[str, Rgb]
    """A colour for each of BODY_PARTS."""
    pattern: Pattern | None = None
    """What is on the shirt."""


@dataclass(frozen=True)
class Scene:
    """Everything a renderer needs besides cameras."""

    performance: Performance
    looks: Looks
    props: tuple[Prop, ...] = ()
    others: tuple[Person, ...] = ()
    """Who else is there, at the same frames."""

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody, the person that the scene is about first."""
        looks = self.looks
        return (Person(self.performance, looks.part_rgb, looks.pattern), *self.others)
