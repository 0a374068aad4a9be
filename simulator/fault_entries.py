"""What a config says about faults: which, how large, where in a set, and what comes along with it.

    faults:
      - fault: knees_in
        severity: [0, 1]              # or dose, dose_ladder, size_deg, size_m, ...
        side: left                    # or right, both, either
        reps: [1, 2]                  # or all
        probability: 0.5              # of each of these repetitions
        growth: 1                     # from nothing to the whole size over the set
        window: {from: 0.3, to: 1, way: back, onset: 0.3, release: 0.3}
        also:
          - {fault: incomplete_range, severity: [0, 1], correlation: 0.8}

Everything is checked against the fault, the exercise and the set before any work starts.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from motions.errors import FormbenchError
from motions.library import exercise
from simulator.faults.injection import Injection, check_compatible
from simulator.faults.library import fault, faults_of
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Window

EVERY_FAULT = "every"
UNIT_KEYS = {
    "deg": "size_deg", "m/s": "size_m_s", "m": "size_m", "s": "size_s", "": "size_ratio",
}  # fmt: skip
"""The key that gives a fault's size, by the fault's unit."""
SIZE_KEYS = ("dose", "dose_ladder", "severity", *UNIT_KEYS.values())

Numbers = float | Annotated[list[float], Field(min_length=2, max_length=2)]
"""A number, or [low, high] to draw from."""

STRICT = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
"""Of every part of a config: unknown keys are errors."""


class WindowEntry(BaseModel):
    """When in a repetition a fault is there; see `simulator.faults.window`."""

    model_config = STRICT

    from_phase: float = Field(default=0.0, alias="from")
    to_phase: float = Field(default=1.0, alias="to")
    way: Literal["both", "out", "back"] = "both"
    onset: float = 0.3
    release: float = 0.3

    @model_validator(mode="after")
    def _possible(self) -> "WindowEntry":
        self.window()
        return self

    def window(self) -> Window:
        """Return what is asked for, or raise if there is no such window."""
        return Window(self.from_phase, self.to_phase, self.way, self.onset, self.release)


class FaultWish(BaseModel):
    """One fault at one size."""

    model_config = STRICT

    fault: str
    dose: Numbers | None = None
    severity: Numbers | None = None
    size_deg: Numbers | None = None
    size_m_s: Numbers | None = None
    size_m: Numbers | None = None
    size_s: Numbers | None = None
    size_ratio: Numbers | None = None
    side: Literal["both", "left", "right", "either"] | None = None
    """"either" draws one for each set; by default both, or either of a fault that is on one side
    only."""
    window: WindowEntry | None = None

    @model_validator(mode="after")
    def _one_size(self) -> "FaultWish":
        keys = [key for key in SIZE_KEYS if key in type(self).model_fields]
        given = [key for key in keys if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(
                f"fault {self.fault}: expected one of {', '.join(keys)}, "
                f"got {', '.join(given) or 'none'}"
            )
        return self

    @property
    def size_key(self) -> str:
        """Which of SIZE_KEYS was given."""
        return next(key for key in SIZE_KEYS if getattr(self, key, None) is not None)

    @property
    def sizes(self) -> list[Numbers]:
        """The sizes as given, one a clip."""
        value = getattr(self, self.size_key)
        return value if self.size_key == "dose_ladder" else [value]

    def side_for(self, spec: FaultSpec, drawn: str) -> str:
        """Return the side of a fault, where "left" or "right" was drawn for the set."""
        if self.side == "either" or (self.side is None and spec.one_sided):
            return drawn if len(spec.sides) > 1 else "both"
        return self.side or "both"

    def injection(self, spec: FaultSpec, rep: int, size: float, drawn: str) -> Injection:
        """Return what goes into a repetition."""
        window = self.window.window() if self.window else None
        return Injection(spec.id, rep, size, self.side_for(spec, drawn), window)

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

    def check(self, spec: FaultSpec) -> None:
        """Raise unless the fault can have these sizes, this side and this window."""
        for given in self.sizes:
            for value in given if isinstance(given, list) else [given]:
                self.in_unit(spec, value)
        spec.check_side(self.side_for(spec, "left"))
        if self.window and spec.window is None:
            raise FormbenchError(f"{spec.id}: expected no window: its time is not free")


class AlsoEntry(FaultWish):
    """A fault that comes along with another, in the same repetitions."""

    correlation: float = Field(default=1.0, ge=-1, le=1)
    """How its draws from [low, high] go with those of the other: 1 alike, 0 on their own."""


class FaultEntry(FaultWish):
    """A fault to inject, at one size or several; each size gives one more clip in every set."""

    dose_ladder: list[float] | None = None
    reps: Literal["all"] | list[Annotated[int, Field(ge=0)]] = "all"
    probability: float = Field(default=1.0, gt=0, le=1)
    """Of each of these repetitions to have the fault."""
    growth: float = Field(default=0.0, ge=0, le=1)
    """How much of the size is missing in the first repetition and comes by the last: fatigue."""
    also: list[AlsoEntry] = []

    @property
    def throughout(self) -> bool:
        """Whether all repetitions have it alike."""
        return self.reps == "all" and self.probability == 1 and self.growth == 0

    def of(self, exercise_name: str, n_reps: int) -> tuple[FaultSpec, ...]:
        """Return the faults of an exercise that this entry means.

        "every" means all that this many repetitions can have in this way; a fault named by its id,
        such as squat.knees_in, is of its own exercise only.
        """
        own, _, name = self.fault.rpartition(".")
        if own and exercise(own).name != exercise_name:
            return ()
        if name != EVERY_FAULT:
            return (fault(exercise_name, name),)
        return tuple(
            spec
            for spec in faults_of(exercise_name)
            if n_reps >= spec.fewest_reps and (self.throughout or not spec.whole_set)
        )

    def check_for(self, exercise_name: str, n_reps: int) -> None:
        """Raise unless sets of an exercise can have what this entry asks for."""
        if self.reps != "all" and max(self.reps, default=0) >= n_reps:
            raise ValueError(
                f"fault {self.fault}: expected repetitions below {n_reps}, got {self.reps}"
            )
        for spec in self.of(exercise_name, n_reps):
            self.check(spec)
            self._check_set(spec, n_reps)
            others = [(wish, fault(exercise_name, wish.fault)) for wish in self.also]
            for wish, other in others:
                wish.check(other)
                self._check_set(other, n_reps)
            check_compatible(
                [Injection(one.id, 0, one.mild) for one in (spec, *(o for _, o in others))]
            )

    def _check_set(self, spec: FaultSpec, n_reps: int) -> None:
        if n_reps < spec.fewest_reps:
            raise FormbenchError(
                f"{spec.id}: expected at least {spec.fewest_reps} repetitions, got {n_reps}"
            )
        if spec.whole_set and not self.throughout:
            raise FormbenchError(
                f"{spec.id}: is there throughout a set; expected all repetitions, without "
                "probability and growth"
            )
