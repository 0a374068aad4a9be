"""What a config says about pixels: `render: true`, `render: false`, or what is wanted beside.

render:
  passes: [depth, parts]          # of simulator.rendering.passes.PASSES
  surroundings:                   # each set of clips is in one of them
    - {file: gym.hdr, licence: CC0-1.0}
  things: 2                       # before the person
  thing_files:                    # taken from these
    - {file: rack.glb, licence: CC-BY-4.0}
"""

from typing import Self

from pydantic import BaseModel, Field, model_validator

from simulator.fault_entries import STRICT
from simulator.rendering.mesh_file import mesh_of_file
from simulator.rendering.passes import check_passes
from simulator.rendering.scene import Surroundings
from simulator.rendering.surroundings import surroundings_rgb

MOST = 4
"""Of things and of other people."""


class FileEntry(BaseModel):
    """A file of the user's own that is to be seen."""

    model_config = STRICT

    file: str
    licence: str
    """An SPDX expression; it travels with every clip."""


class ThingEntry(FileEntry):
    """A mesh."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        mesh_of_file(self.file)
        return self


class SurroundingsEntry(FileEntry):
    """A picture."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        surroundings_rgb(self.file)
        return self

    @property
    def picked(self) -> Surroundings:
        """The same as plain data."""
        return Surroundings(self.file, self.licence)


class RenderEntry(BaseModel):
    """What is drawn."""

    model_config = STRICT

    passes: list[str] = []
    """Videos of truth for every pixel, beside the pictures."""
    things: int = Field(default=0, ge=0, le=MOST)
    """How many things stand before the person."""
    thing_files: list[ThingEntry] = []
    """Meshes that they are taken from; none for boxes, benches, posts and racks made in code."""
    others: int = Field(default=0, ge=0, le=MOST)
    """How many other people are there."""
    sensor: bool = False
    """Whether pictures look as cameras take them, and not as drawn."""
    surroundings: list[SurroundingsEntry] = []
    """Pictures that are the room, one drawn for each set of clips; none for rooms made in code."""
    rim: bool = False
    """Whether there is a light from behind."""
    patterns: bool = False
    """Whether the person's shirt has stripes, sleeves of another colour or a print."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.thing_files and not self.things:
            raise ValueError("thing_files: expected things, how many of them there are, as well")
        check_passes(self.passes)
        if len(set(self.passes)) < len(self.passes):
            raise ValueError(f"passes: expected each once, got {self.passes}")
        return self
