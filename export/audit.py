"""Do the labels hold? What was asked for against what the finished bodies show, over a dataset.

Only the tables are read, row by row: clips tell which counterfactual set they are of, and the rows
of faults what each repetition measured. So a dataset of any size takes little memory.

* delivery: of each fault, how far what was measured is from what was asked for;
* labels: clips whose label does not hold, with the reason;
* clean: of each fault, the largest size in clean clips and variations, against its correct range;
* leakage: how much larger a fault makes another's size than in the clean sibling of the same set,
  doses of the other for each dose of the one, and why (`simulator.faults.kinship`). A set's clips
  follow one another in the tables.
"""

from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from export.dataset import Dataset
from export.rows import ClipRow, FaultRow
from motions.errors import unknown_name
from simulator.deliver import allowed_off
from simulator.faults.kinship import WORTH_A_REASON, reason
from simulator.faults.library import FAULTS
from simulator.faults.spec import FaultSpec

LEAST_LEAK = 0.05
"""Leaks of less than this much of the other's way from neutral to severe are not listed."""
LEAST_DOSE = 0.1
"""Smaller doses are not counted, because a leak is in shares of the dose."""


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


@dataclass
class Leak:
    """What one fault does to the measure of another of the same repetition."""

    of: str
    onto: str
    repetitions: int = 0
    total: float = 0.0
    present: int = 0
    """Repetitions that show the other fault though nobody asked for it."""

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
    repetitions: int = 0
    clean_clips: int = 0
    grey: int = 0
    """Measurements that are neither correct nor the fault."""
    delivery: dict[str, Delivery] = field(default_factory=dict)
    clean: dict[str, Clean] = field(default_factory=dict)
    leaks: dict[tuple[str, str], Leak] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)

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


def audit_dataset(dataset: Dataset) -> Audit:
    """Audit a dataset from its tables.

    Raises:
        FormbenchError: The dataset has a fault that is not in the table FAULTS.
    """
    clips = {row.clip_id: row for row in dataset.rows}
    found = Audit(clips=len(clips), repetitions=sum(row.n_reps for row in clips.values()))
    by_clip = groupby(dataset.fault_rows(), key=lambda row: row.clip_id)
    each = ((clips[clip_id], list(rows)) for clip_id, rows in by_clip)
    for _, of_set in groupby(each, key=lambda one: one[0].group_id):
        _check_set(found, list(of_set))
    return found


def _check_set(found: Audit, of_set: list[tuple[ClipRow, list[FaultRow]]]) -> None:
    clean: dict[tuple[int, str], float] = {}
    for clip, rows in of_set:
        asked = {row.fault_id for row in rows if row.requested is not None}
        found.grey += sum(row.grey for row in rows)
        if clip.variation or not asked:
            found.clean_clips += 1
            _check_clean(found, rows)
        if asked:
            _check_delivery(found, rows)
        else:
            clean |= {(row.rep, row.fault_id): row.measured for row in rows}
    for clip, rows in of_set:
        if not clip.variation and len({r.fault_id for r in rows if r.requested is not None}) == 1:
            _add_leaks(found, rows, clean)


def _spec(row: FaultRow) -> FaultSpec:
    if row.fault_id not in FAULTS:
        raise unknown_name(f"clip {row.clip_id}: fault", row.fault_id, FAULTS)
    return FAULTS[row.fault_id]


def _check_delivery(found: Audit, rows: list[FaultRow]) -> None:
    for row in rows:
        if row.requested is None:
            continue
        spec = _spec(row)
        one = found.delivery.setdefault(row.fault_id, Delivery(row.fault_id, row.unit))
        off = abs(row.measured - row.requested)
        one.requests += 1
        one.total_off += off
        one.worst_off = max(one.worst_off, off)
        one.within += off <= allowed_off(spec, row.requested)
        if spec.is_present(row.requested):
            one.faulty += 1
            if not row.present:
                one.missed += 1
                found.broken.append(_broken(row, "asked for as a fault, measures less than mild"))
        elif row.present:
            found.broken.append(_broken(row, "asked for as less than mild, measures as the fault"))


def _check_clean(found: Audit, rows: list[FaultRow]) -> None:
    for row in rows:
        spec = _spec(row)
        one = found.clean.setdefault(row.fault_id, Clean(row.fault_id, row.unit))
        one.repetitions += 1
        one.beyond_correct += not spec.is_correct(row.measured)
        one.beyond_mild += row.present
        if one.worst is None or spec.severity(row.measured) > spec.severity(one.worst):
            one.worst = row.measured
        if row.present and row.requested is None:
            found.broken.append(_broken(row, "in a clean clip, measures as the fault"))


def _broken(row: FaultRow, why: str) -> Broken:
    asked = "" if row.requested is None else f", asked for {row.requested:.4g}"
    return Broken(row.clip_id, row.rep, row.fault_id, f"{why}: {row.measured:.4g}{asked}")


def _add_leaks(found: Audit, rows: list[FaultRow], siblings: dict[tuple[int, str], float]) -> None:
    requested = {row.rep: row for row in rows if row.requested is not None}
    for row in rows:
        cause = requested.get(row.rep)
        clean = siblings.get((row.rep, row.fault_id))
        if cause is None or cause.requested is None or clean is None or row.requested is not None:
            continue
        dose = _dose(_spec(cause), cause.requested)
        if dose < LEAST_DOSE:
            continue
        change = max(0.0, _dose(_spec(row), row.measured) - _dose(_spec(row), clean)) / dose
        key = (cause.fault_id, row.fault_id)
        leak = found.leaks.setdefault(key, Leak(*key))
        leak.repetitions += 1
        leak.total += change
        leak.present += row.present


def _dose(spec: FaultSpec, size: float) -> float:
    """Return 0 for no fault, 1 for severe; less than none is none."""
    return max(0.0, spec.dose(size))


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
