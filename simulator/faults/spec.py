"""What a fault is: how it is put into a motion, and how it is read off the finished body.

A fault's size has one scale with three marks on it. `neutral` is no fault at all, `mild` the least
that counts as the fault, `severe` the largest made. Two ways to name a size follow from them:

* dose: 0 at neutral, 1 at severe. Dose ladders (0, 1/4, 1/2, 3/4, 1) are in doses.
* severity: 0 at mild, 1 at severe, as faults are labelled. Below mild it is negative.

Between `correct`, the end of the correct range, and `mild` lies a grey zone that is neither.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from motions.errors import FormbenchError
from motions.motion import Motion, Span
from simulator.faults.window import FAR_END, Part, Window
from simulator.performance import Performance

EVIDENCE = {
    "M": "measured on real repetitions",
    "L": "a number from a paper",
    "R": "a competition or test standard",
    "C": "a threshold in public code",
    "D": "a label of a public dataset, without a number",
    "E": "a proposal",
}
"""Where the numbers of a fault come from, best first."""


@dataclass(frozen=True)
class FaultSpec:
    """One fault of one exercise."""

    id: str
    """`exercise.fault`, permanent; a changed meaning is a new id."""
    title: str
    sentence: str
    """What a coach would say is wrong."""
    cue: str
    """What a coach would say to mend it."""
    unit: str
    """Unit of the sizes below: "deg", "m/s", "m", "s", "" for a ratio."""
    neutral: float
    correct: float
    mild: float
    severe: float
    joints: tuple[str, ...]
    """The joints whose rotations `inject` may change."""
    edit: Callable[[Motion, Part, float], Motion]
    """Gives one repetition the fault; see `inject`. Grows with the size, close to it on the
    canonical skeleton; `simulator.deliver` sees to the rest."""
    measure: Callable[[Performance, Span, str], float]
    """Read the size in a repetition on a side off the finished body in the world, in `unit`."""
    sides: tuple[str, ...] = ("both",)
    """("left", "right") for what may be on either side, ("both",) for what has no side."""
    one_sided: bool = False
    """Whether it is left or right but never both at once, as a lean is."""
    whole_set: bool = False
    """Whether it is there all the time or not at all, as the width of a stance is: it is injected
    once, with a part from the first frame to the last."""
    window: Window | None = FAR_END
    """When in the repetition it is there if nothing else is asked for; None for a fault whose time
    is not free."""
    fewest_reps: int = 1
    """How many repetitions a set needs to show it."""
    excludes: tuple[str, ...] = ()
    """Channels such as "tempo": two faults on one channel cannot be in one repetition."""
    evidence: str = "E"
    """One of EVIDENCE: where correct, mild and severe come from."""

    @property
    def exercise(self) -> str:
        """The exercise whose fault this is."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The fault's name within its exercise."""
        return self.id.partition(".")[2]

    def inject(self, motion: Motion, part: Part, size: float) -> Motion:
        """Give a part of a motion the fault with a size in `unit`.

        Nothing outside the part's repetition changes, but that what follows is earlier or later
        where the fault is one of tempo; the neutral size changes nothing at all.

        Raises:
            FormbenchError: The fault has no such side or window, or the repetition cannot have it.
        """
        self.check_side(part.side)
        if part.window is not None and self.window is None:
            raise FormbenchError(f"{self.id}: expected no window, its time is not free")
        if size == self.neutral:
            return motion
        return self.edit(motion, replace(part, window=part.window or self.window), size)

    def read(self, performance: Performance, span: Span) -> tuple[float, str]:
        """Measure a repetition: the size on the worst side, and which side that is.

        The side is "both" where the fault has no sides, and where it is present on both.
        """
        sizes = {side: self.measure(performance, span, side) for side in self.sides}
        worst = max(sizes, key=lambda side: self.severity(sizes[side]))
        everywhere = all(self.is_present(size) for size in sizes.values())
        return sizes[worst], "both" if everywhere and len(sizes) > 1 else worst

    def size_at_dose(self, dose: float) -> float:
        """Return the size at a dose from 0 (no fault) to 1 (severe)."""
        return (1 - dose) * self.neutral + dose * self.severe

    def dose(self, size: float) -> float:
        """Return 0 for the neutral size, 1 for a severe one, linear in between and beyond."""
        return (size - self.neutral) / (self.severe - self.neutral)

    def size_at_severity(self, severity: float) -> float:
        """Return the size at a severity from 0 (mild) to 1 (severe)."""
        return (1 - severity) * self.mild + severity * self.severe

    def severity(self, size: float) -> float:
        """Return 0 for a mild size, 1 for a severe one, linear in between and beyond."""
        return (size - self.mild) / (self.severe - self.mild)

    def is_present(self, size: float) -> bool:
        """Whether a measured size counts as the fault."""
        return self.severity(size) >= 0

    def is_correct(self, size: float) -> bool:
        """Whether a measured size is within the correct range."""
        towards_severe = 1 if self.severe > self.neutral else -1
        return (size - self.correct) * towards_severe <= 0

    def is_grey(self, size: float) -> bool:
        """Whether a measured size is neither within the correct range nor the fault."""
        return not self.is_correct(size) and not self.is_present(size)

    def check_side(self, side: str) -> None:
        """Raise unless the fault can be on a side."""
        allowed = self.sides if self.one_sided else (*self.sides, "both")
        if side not in allowed:
            sides = " or ".join(dict.fromkeys(allowed))
            raise FormbenchError(f"{self.id}: expected side {sides}, got {side!r}")

    def check_size(self, size: float) -> None:
        """Raise unless the size lies from neutral to severe."""
        low, high = sorted((self.neutral, self.severe))
        if not low <= size <= high:
            unit = f" {self.unit}" if self.unit else ""
            raise FormbenchError(
                f"{self.id}: expected a size of {low:g} to {high:g}{unit}, got {size:g}"
            )


@dataclass(frozen=True)
class FaultSpan:
    """A fault that someone says is there, with how large and who says so."""

    fault_id: str
    rep: int
    """Index of the repetition in its clip."""
    span: Span
    side: str
    """One of SIDES, the person's own left and right: the worst side, "both" where both show it."""
    unit: str
    requested: float | None
    """What was injected; None where nobody injected anything."""
    measured: float
    """What the finished body shows, or what a human or scorer judged."""
    severity: float
    """`measured` on the scale from mild (0) to severe (1)."""
    present: bool
    """Decided by the measured size, never by the requested one."""
    source: str = "simulator"
    """Who says so: "simulator", "human" or "scorer"."""
    grey: bool = False
    """Whether the measured size is between correct and mild: neither right nor the fault."""
    requested_side: str = ""
    """Where it was injected, one of SIDES; empty where nobody injected anything."""
    confidence: float = 1.0
    """How sure the source is that `present` is right, 0.5 for a toss of a coin to 1."""
