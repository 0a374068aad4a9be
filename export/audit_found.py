"""What an audit finds, and how the findings about some clips join those about others."""

from dataclasses import asdict, dataclass, field
from typing import Any

from simulator.faults.kinship import WORTH_A_REASON, reason
from simulator.faults.library import FAULTS

LEAST_LEAK = 0.05
"""Leaks of less than this much of the other's way from neutral to severe are not listed."""


@dataclass
class Delivery:
    """One fault: requests against measurements."""

    fault_id: str
    unit: str
    requests: int = 0
    within: int = 0
    """How many were delivered within 10 % or 1 degree, 1 cm, 0.05 s."""
    worst_off: float = 0.0
    """Largest difference, in `unit`."""
    total_off: float = 0.0
    faulty: int = 0
    """Requests of mild or more."""
    missed: int = 0
    """Those of them that measure less than mild."""

    def add(self, other: "Delivery") -> None:
        """Count other requests too."""
        for name in ("requests", "within", "total_off", "faulty", "missed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.worst_off = max(self.worst_off, other.worst_off)

    @property
    def mean_off(self) -> float:
        """Mean difference, in `unit`."""
        return self.total_off / self.requests if self.requests else 0.0


@dataclass
class Clean:
    """One fault in repetitions that nobody gave a fault."""

    fault_id: str
    unit: str
    repetitions: int = 0
    beyond_correct: int = 0
    beyond_mild: int = 0
    worst: float | None = None
    """The size nearest to severe, in `unit`."""

    def add(self, other: "Clean") -> None:
        """Count other repetitions too."""
        for name in ("repetitions", "beyond_correct", "beyond_mild"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.worst is not None:
            self.see(other.worst)

    def see(self, size: float) -> None:
        """Take in a size, which may be the worst."""
        severity = FAULTS[self.fault_id].severity
        if self.worst is None or severity(size) > severity(self.worst):
            self.worst = size


@dataclass
class Leak:
    """What one fault does to the measure of another of the same repetition."""

    of: str
    onto: str
    repetitions: int = 0
    total: float = 0.0
    present: int = 0
    """Repetitions that show the other fault though nobody asked for it."""

    def add(self, other: "Leak") -> None:
        """Count other repetitions too."""
        for name in ("repetitions", "total", "present"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def mean(self) -> float:
        """Mean growth, in doses of the other for each dose of the one."""
        return self.total / self.repetitions

    @property
    def plain(self) -> dict[str, Any]:
        """The leak as plain data."""
        return asdict(self) | {"mean": self.mean, "why": self.reason}

    @property
    def reason(self) -> str:
        """Why that must be; "" where nothing forces it."""
        return reason(FAULTS[self.of], FAULTS[self.onto])

    @property
    def unexplained(self) -> bool:
        """Whether it is large enough to need a reason, and has none."""
        return self.mean >= WORTH_A_REASON and not self.reason


@dataclass(frozen=True)
class Broken:
    """A label that does not hold."""

    clip_id: str
    rep: int
    fault_id: str
    why: str


@dataclass
class Audit:
    """Everything that was found."""

    clips: int = 0
    set_aside: int = 0
    """Clips that could not be audited, and are not counted in anything else."""
    repetitions: int = 0
    clean_clips: int = 0
    grey: int = 0
    """Measurements that are neither correct nor the fault."""
    delivery: dict[str, Delivery] = field(default_factory=dict)
    clean: dict[str, Clean] = field(default_factory=dict)
    leaks: dict[tuple[str, str], Leak] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)

    def add(self, other: "Audit") -> None:
        """Take in what was found in other clips."""
        for name in ("clips", "set_aside", "repetitions", "clean_clips", "grey", "broken"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("delivery", "clean", "leaks"):
            mine, theirs = getattr(self, name), getattr(other, name)
            for key, one in theirs.items():
                if key in mine:
                    mine[key].add(one)
                else:
                    mine[key] = one

    @property
    def holds(self) -> bool:
        """Whether every label holds."""
        return not self.broken

    def listed_leaks(self) -> list[Leak]:
        """Return the leaks worth a line, the largest first."""
        worth = [leak for leak in self.leaks.values() if leak.mean > LEAST_LEAK or leak.present]
        return sorted(worth, key=lambda leak: (-leak.mean, leak.of, leak.onto))

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "clips": self.clips,
            "set_aside": self.set_aside,
            "repetitions": self.repetitions,
            "clean_clips": self.clean_clips,
            "grey": self.grey,
            "holds": self.holds,
            "delivery": [asdict(d) | {"mean_off": d.mean_off} for d in self.delivery.values()],
            "clean": [asdict(c) for c in self.clean.values()],
            "leakage": [leak.plain for leak in self.listed_leaks()],
            "unexplained_leaks": sum(leak.unexplained for leak in self.leaks.values()),
            "broken": [asdict(b) for b in self.broken],
        }


def rows_by_fault(found: Audit) -> list[dict[str, Any]]:
    """Return one row a fault: requests and clean repetitions, as they are printed."""
    rows = []
    for fault_id in sorted({*found.delivery, *found.clean}):
        asked = found.delivery.get(fault_id, Delivery(fault_id, FAULTS[fault_id].unit))
        clean = found.clean.get(fault_id, Clean(fault_id, asked.unit))
        rows.append(
            {
                "fault": fault_id,
                "unit": asked.unit,
                "requests": asked.requests,
                "within": asked.within,
                "mean_off": asked.mean_off,
                "worst_off": asked.worst_off,
                "faulty": asked.faulty,
                "missed": asked.missed,
                "clean": clean.repetitions,
                "clean_worst": clean.worst,
                "beyond_correct": clean.beyond_correct,
                "beyond_mild": clean.beyond_mild,
            }
        )
    return rows
