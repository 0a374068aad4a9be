"""One cue for one repetition: what to change first, how far off it is and how far it may be.

Of the faults that a scorer says are there, the one that it is surest of, or where it does not say
how sure it is the most severe. What a scorer leaves out, because the view does not show it, is
never advised on; where nothing is left there is no advice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from motions.errors import FormbenchError
from simulator.faults.library import FAULTS

UNITS = {
    "deg": (1.0, "{:.0f} degrees"), "m": (100.0, "{:.1f} cm"), "s": (1.0, "{:.1f} s"),
    "m/s": (1.0, "{:.1f} m/s"), "": (1.0, "{:.2f}"),
}  # fmt: skip
"""By a fault's unit: how sizes are printed, and by what they are multiplied before."""


@dataclass(frozen=True)
class Advice:
    """What one repetition needs most."""

    fault_id: str
    cue: str
    """What a coach would say."""
    measured: float
    """The fault's size in `unit`."""
    needed: float
    """The end of the correct range, which `measured` is beyond."""
    at_most: bool
    """Whether the correct range lies below `needed`, or above."""
    unit: str
    side: str = ""
    """"left", "right" or "both", the person's own; empty where that is not said."""
    confidence: float | None = None
    """The probability that the fault is there; None where that is not said."""

    def __post_init__(self) -> None:
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise FormbenchError(f"Advice.confidence: expected 0 to 1, got {self.confidence}")

    def __str__(self) -> str:
        """Return the advice as a line of text.

        >>> print(advise({"squat.tempo_fast": 1.0}, confidences={"squat.tempo_fast": 0.9}))
        Slow down: take about a second each way. (Too fast: 1.0 s, at least 1.4, 90 % sure)
        """
        factor, form = UNITS[self.unit]
        what = FAULTS[self.fault_id].title + (f", {self.side}" if self.side else "")
        bound = form.format(factor * self.needed).split(" ")[0]
        sure = "" if self.confidence is None else f", {100 * self.confidence:.0f} % sure"
        limit = "at most" if self.at_most else "at least"
        return f"{self.cue} ({what}: {form.format(factor * self.measured)}, {limit} {bound}{sure})"


def advise(
    severities: Mapping[str, float],
    sides: Mapping[str, str] | None = None,
    confidences: Mapping[str, float] | None = None,
) -> Advice | None:
    """Choose what to say about a repetition.

    Args:
        severities: By fault id, as `Verdict.fault_severities`; those below 0 are not there, unless
            a confidence says so.
        sides: By fault id, where known.
        confidences: By fault id the probability that it is there: from a half on it is, if its size
            is out of the correct range.

    Returns:
        None where no fault is there.
    """
    sure = confidences or {}

    def is_there(fault_id: str) -> bool:
        if fault_id not in sure:
            return severities[fault_id] >= 0
        # An estimate of size that is a little low does not speak against what is surely there.
        spec = FAULTS[fault_id]
        correct = spec.is_correct(spec.size_at_severity(severities[fault_id]))
        return sure[fault_id] >= 0.5 and not correct

    there = [fault_id for fault_id in severities if fault_id in FAULTS and is_there(fault_id)]
    if not there:
        return None
    chosen = max(there, key=lambda fault_id: (sure.get(fault_id, 0.0), severities[fault_id]))
    spec = FAULTS[chosen]
    return Advice(
        fault_id=spec.id,
        cue=spec.cue,
        measured=spec.size_at_severity(severities[chosen]),
        needed=spec.correct,
        at_most=spec.severe > spec.neutral,
        unit=spec.unit,
        side=(sides or {}).get(chosen, ""),
        confidence=sure.get(chosen),
    )
