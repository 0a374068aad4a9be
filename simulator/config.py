"""One YAML file describes one dataset: what is made, of whom, with which faults, seen from where.

Units are in the keys; unknown keys are errors; no file inherits from another.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from motions.errors import FormbenchError, unknown_name
from simulator.bodies.library import BODY_MODELS
from simulator.cameras.rigs import FEWEST_CAMERAS, MOST_CAMERAS, STANDS
from simulator.faults.library import fault, faults_of
from simulator.faults.spec import FaultSpec
from simulator.sources import Source, sources

EVERY_FAULT = "every"
UNIT_KEYS = {"deg": "size_deg", "m/s": "size_m_s", "": "size_ratio"}
"""The key that gives a fault's size, by the fault's unit."""

Numbers = float | Annotated[list[float], Field(min_length=2, max_length=2)]
"""A number, or [low, high] to draw from."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cameras(_Strict):
    """Where the cameras stand."""

    named: list[str] = ["front", "side"]
    sampled: int = Field(default=0, ge=0)
    width_px: int = Field(default=640, ge=64, le=1920, multiple_of=2)
    height_px: int = Field(default=480, ge=64, le=1920, multiple_of=2)

    @model_validator(mode="after")
    def _known(self) -> "Cameras":
        for name in self.named:
            if name not in STANDS:
                raise unknown_name("camera", name, STANDS)
        n_cameras = len(self.named) + self.sampled
        if not FEWEST_CAMERAS <= n_cameras <= MOST_CAMERAS:
            raise ValueError(
                f"expected {FEWEST_CAMERAS} to {MOST_CAMERAS} cameras, got {n_cameras}"
            )
        return self


class FaultEntry(_Strict):
    """A fault to inject, at one size or several; each size gives one more clip in every set."""

    fault: str
    dose: Numbers | None = None
    dose_ladder: list[float] | None = None
    severity: Numbers | None = None
    size_deg: Numbers | None = None
    size_m_s: Numbers | None = None
    size_ratio: Numbers | None = None
    reps: Literal["all"] | list[Annotated[int, Field(ge=0)]] = "all"

    @model_validator(mode="after")
    def _one_size(self) -> "FaultEntry":
        given = [key for key in SIZE_KEYS if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(
                f"fault {self.fault}: expected one of {', '.join(SIZE_KEYS)}, "
                f"got {', '.join(given) or 'none'}"
            )
        return self

    @property
    def size_key(self) -> str:
        """Which of SIZE_KEYS was given."""
        return next(key for key in SIZE_KEYS if getattr(self, key) is not None)

    @property
    def sizes(self) -> list[Numbers]:
        """The sizes as given, one a clip."""
        value = getattr(self, self.size_key)
        return value if self.size_key == "dose_ladder" else [value]

    def of(self, exercise_name: str) -> tuple[FaultSpec, ...]:
        """Return the faults of an exercise that this entry means."""
        if self.fault == EVERY_FAULT:
            return faults_of(exercise_name)
        return (fault(exercise_name, self.fault),)

    def in_unit(self, spec: FaultSpec, value: float) -> float:
        """Turn a given number into a size in the fault's unit, checked to be within its range."""
        if self.size_key.startswith("dose"):
            size = spec.size_at_dose(value)
        elif self.size_key == "severity":
            size = spec.size_at_severity(value)
        else:
            wanted = UNIT_KEYS[spec.unit]
            if self.size_key != wanted:
                raise FormbenchError(f"{spec.id}: expected {wanted}, got {self.size_key}")
            size = value
        spec.check_size(size)
        return size


SIZE_KEYS = ("dose", "dose_ladder", "severity", *UNIT_KEYS.values())


class DatasetConfig(_Strict):
    """What a dataset is made of."""

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
    cameras: Cameras = Cameras()
    render: bool = True
    """Whether pixels are made; all other truth is the same without."""

    @model_validator(mode="after")
    def _consistent(self) -> "DatasetConfig":
        if self.body not in BODY_MODELS:
            raise unknown_name("body", self.body, BODY_MODELS)
        if not self.exercises and not self.recordings:
            raise ValueError("expected exercises, recordings or both, got neither")
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError(f"exercises and recordings: expected each once, got {names}")
        if not self.clean and not self.faults:
            raise ValueError("expected clean clips, faults or both, got neither")
        for source in self.sources:
            for entry in self.faults if source.takes_faults else []:
                for spec in entry.of(source.exercise):
                    for given in entry.sizes:
                        for value in given if isinstance(given, list) else [given]:
                            entry.in_unit(spec, value)
                if entry.reps != "all" and max(entry.reps, default=0) >= source.n_reps:
                    raise ValueError(
                        f"fault {entry.fault}: expected repetitions below {source.n_reps}, "
                        f"got {entry.reps}"
                    )
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
    return yaml.safe_dump(config.model_dump(mode="json", exclude_none=True), sort_keys=False)


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    at = ".".join(str(part) for part in problem["loc"] if not str(part).startswith("list["))
    if problem["type"] == "extra_forbidden":
        known = _fields_at(problem["loc"])
        return str(unknown_name(f"{at}: key", str(problem["loc"][-1]), known))
    said = problem["msg"].removeprefix("Value error, ")
    got = "" if problem["type"] == "value_error" else f", got {problem['input']!r}"
    return f"{at}: {said}{got}" if at else f"{said}{got}"


def _fields_at(loc: tuple[int | str, ...]) -> list[str]:
    inner: dict[str, type[BaseModel]] = {"faults": FaultEntry, "cameras": Cameras}
    model = inner[str(loc[0])] if len(loc) > 1 else DatasetConfig
    return sorted(model.model_fields)
