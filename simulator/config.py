"""One YAML file describes one dataset: what is made, of whom, with which faults, seen from where.

Units are in the keys; unknown keys are errors; no file inherits from another.
"""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from motions.errors import FormbenchError, unknown_name
from simulator.bodies.library import BODY_MODELS
from simulator.cameras.rigs import FEWEST_CAMERAS, MOST_CAMERAS, STANDS
from simulator.fault_entries import STRICT, AlsoEntry, FaultEntry, WindowEntry
from simulator.render_entry import RenderEntry
from simulator.sources import Source, sources
from simulator.variations import variation


class Cameras(BaseModel):
    """Where the cameras stand."""

    model_config = STRICT

    named: list[str] = ["front", "side"]
    ring: int = Field(default=0, ge=0)
    sampled: int = Field(default=0, ge=0)
    width_px: int = Field(default=640, ge=64, le=1920, multiple_of=2)
    height_px: int = Field(default=480, ge=64, le=1920, multiple_of=2)
    handheld: bool = False
    """Whether they shake a little, as phones in hands do, or stand on tripods."""

    @model_validator(mode="after")
    def _known(self) -> "Cameras":
        for name in self.named:
            if name not in STANDS:
                raise unknown_name("camera", name, STANDS)
        if self.count and not FEWEST_CAMERAS <= self.count <= MOST_CAMERAS:
            raise ValueError(
                f"expected {FEWEST_CAMERAS} to {MOST_CAMERAS} cameras, got {self.count}"
            )
        return self

    @property
    def count(self) -> int:
        """How many there are; 0 for truth in the world alone."""
        return len(self.named) + self.ring + self.sampled


class DatasetConfig(BaseModel):
    """What a dataset is made of."""

    model_config = STRICT

    seed: int = Field(ge=0)
    exercises: list[str] = []
    recordings: list[str] = []
    """Files that `workbench motions import` wrote, or `pybullet:NAME`; faults are put into those
    whose exercise has any."""
    subjects: int = Field(default=1, ge=1)
    takes: int = Field(default=1, ge=1)
    """How many sets each subject does of each exercise; style, looks and cameras differ."""
    reps: int = Field(default=2, ge=1, le=100)
    fps: float = Field(default=30.0, ge=10, le=120)
    body: str = "anny"
    clean: bool = True
    """Whether every set has a clip without any fault."""
    faults: list[FaultEntry] = []
    variations: Literal["every"] | list[str] = []
    """What looks odd and is correct; each gives every set one more clip."""
    cameras: Cameras = Cameras()
    balance: bool = False
    """Whether motions that are out of balance are put right, see `simulator.physics.balancing`."""
    settle: Literal["pd"] | Literal[False] = False
    """How motions are settled in simulation after that: not, or by motors that follow them, see
    `simulator.physics.tracking`."""
    on_broken: Literal["keep", "drop"] = "keep"
    """What becomes of a clip of which no plan keeps within the limits of what can be: it is kept,
    with the limits it breaks in the tables, or set aside, with the reason in the log."""
    render: RenderEntry | Literal[False] = RenderEntry()
    """What is drawn, or `false` for no pixels; all other truth is the same without."""

    @field_validator("render", mode="before")
    @classmethod
    def _render(cls, given: Any) -> Any:
        if not isinstance(given, bool | dict | RenderEntry):
            raise ValueError(f"expected true, false or keys such as passes, got {given!r}")
        return RenderEntry() if given is True else given

    @model_validator(mode="after")
    def _consistent(self) -> "DatasetConfig":
        if self.body not in BODY_MODELS:
            raise unknown_name("body", self.body, BODY_MODELS)
        if not self.exercises and not self.recordings:
            raise ValueError("expected exercises, recordings or both, got neither")
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError(f"exercises and recordings: expected each once, got {names}")
        if self.render and not self.cameras.count:
            raise ValueError("expected cameras, or render: false")
        if not self.clean and not self.faults and not self.variations:
            raise ValueError("expected clean clips, faults or variations, got none")
        for entry in self.faults:
            own = entry.fault.rpartition(".")[0]
            if own and own not in [source.exercise for source in self.sources]:
                raise ValueError(f"fault {entry.fault}: expected the exercise {own} in the config")
        for source in self.sources:
            if source.takes_faults:
                for entry in self.faults:
                    entry.check_for(source.exercise, source.n_reps)
                for name in self.variations if self.variations != "every" else []:
                    variation(source.exercise, name)
        return self

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the motions come from."""
        return sources(self.exercises, self.recordings, self.reps)


def read_config(path: Path) -> DatasetConfig:
    """Read and check a config, or say in one line what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise FormbenchError(f"{path}: no such file") from error
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise FormbenchError(f"{path}: expected a YAML text file: {error}") from error
    try:
        given = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise FormbenchError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    return parse_config(given, str(path))


def parse_config(given: Any, where: str) -> DatasetConfig:
    """Check what a config file says; `where` names it in messages."""
    if not isinstance(given, dict):
        raise FormbenchError(f"{where}: expected keys and values, got {type(given).__name__}")
    try:
        return DatasetConfig.model_validate(given)
    except ValidationError as error:
        raise FormbenchError(f"{where}: {_first_problem(error)}") from error
    except FormbenchError as error:
        raise FormbenchError(f"{where}: {error}") from error


def config_text(config: DatasetConfig) -> str:
    """Write a config with every key, the same bytes for the same config."""
    plain = config.model_dump(mode="json", exclude_none=True, by_alias=True)
    return yaml.safe_dump(plain, sort_keys=False)


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    unnamed = ("list[", "function-after[", "literal[")  # branches of a union
    at = ".".join(str(part) for part in problem["loc"] if not str(part).startswith(unnamed))
    if problem["type"] == "extra_forbidden":
        known = _fields_at(problem["loc"])
        return str(unknown_name(f"{at}: key", str(problem["loc"][-1]), known))
    said = problem["msg"].removeprefix("Value error, ")
    got = "" if problem["type"] == "value_error" else f", got {problem['input']!r}"
    return f"{at}: {said}{got}" if at else f"{said}{got}"


def _fields_at(loc: tuple[int | str, ...]) -> list[str]:
    inner: dict[str, type[BaseModel]] = {
        "faults": FaultEntry, "cameras": Cameras, "also": AlsoEntry, "window": WindowEntry,
        "render": RenderEntry,
    }  # fmt: skip
    models = [inner[part] for part in loc[:-1] if isinstance(part, str) and part in inner]
    fields = (models[-1] if models else DatasetConfig).model_fields
    return sorted(field.alias or name for name, field in fields.items())
