"""How figures and names are written on the page of an evaluation."""

from collections.abc import Mapping
from html import escape

from motions.library import EXERCISES
from scoring.evaluation.results import ALL_VIEWS, ANY_FAULT, Row
from scoring.evaluation.thresholds import Threshold
from simulator.faults.library import FAULTS

GOOD = 0.9
"""The AUROC from which on a figure is marked as good, if its interval excludes guessing."""


def cell(row: Row | None) -> str:
    """Return a table cell, HTML, with the AUROC, its interval and the numbers of repetitions."""
    if row is None:
        return '<td class="number">&ndash;<small>not filmed</small></td>'
    a = row.auroc
    if a.value is None:
        return f'<td class="number">&ndash;<small class="why">{escape(a.reason)}</small></td>'
    if a.low is None or a.high is None:
        return f'<td class="number">{a.value:.2f}<small class="why">{escape(a.reason)}</small></td>'
    kind = "chance" if a.low <= 0.5 else "good" if a.value >= GOOD else "some"
    return (
        f'<td class="number {kind}">{a.value:.2f}<small>{a.low:.2f}&ndash;{a.high:.2f}</small>'
        f"<small>{a.n_positive} / {a.n_negative}</small></td>"
    )


def threshold_cell(fault_id: str, t: Threshold | None) -> str:
    """Return a table cell, HTML, with the size that is seen three times in four, in its unit."""
    if t is None:
        return '<td class="number">&ndash;</td>'
    spec = FAULTS[fault_id]
    bounds = [None if dose is None else spec.size_at_dose(dose) for dose in (t.low, t.high)]
    if t.dose is None:
        return f'<td class="number">&ndash;<small class="why">{escape(t.reason)}</small></td>'
    interval = " to ".join("beyond" if b is None else f"{b:.3g}" for b in bounds)
    told = f"{spec.size_at_dose(t.dose):.3g} {spec.unit}"
    return f'<td class="number">{escape(told)}<small>{interval}</small></td>'


def share_cell(value: float | None) -> str:
    """Return a table cell, HTML, with a share in per cent."""
    return f'<td class="number">{"&ndash;" if value is None else f"{100 * value:.0f}&nbsp;%"}</td>'


def number_cell(value: float | None, beneath: str = "", *, sign: bool = False) -> str:
    """Return a table cell, HTML, with a number to two places, and what stands beneath it."""
    told = "&ndash;" if value is None else f"{value:+.2f}" if sign else f"{value:.2f}"
    return f'<td class="number">{told}{beneath and f"<small>{beneath}</small>"}</td>'


def figure(row: Row) -> str:
    """Return an AUROC in words."""
    a = row.auroc
    if a.value is None:
        return a.reason
    interval = a.reason if a.low is None else f"{a.low:.2f} to {a.high:.2f}"
    return f"{a.value:.2f} ({interval}), {a.n_positive} faulty, {a.n_negative} clean"


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "person", "people"), counted(2, "person", "people"), counted(0, "scorer")
    ('1 person', '2 people', '0 scorers')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def kinds(counts: Mapping[str, int]) -> str:
    """Return how many of each kind there are.

    >>> kinds({"died": 2, "hung": 1})
    '2 died, 1 hung'
    """
    return ", ".join(f"{n} {kind}" for kind, n in counts.items() if n)


def exercise_title(name: str) -> str:
    """Return an exercise's title."""
    return EXERCISES[name].title if name in EXERCISES else name


def fault_title(fault_id: str) -> str:
    """Return a fault's title."""
    return "Any fault" if fault_id == ANY_FAULT else FAULTS[fault_id].title


def view_title(view: str) -> str:
    """Return a camera's name as a title."""
    return "All views" if view == ALL_VIEWS else view.replace("_", " ").capitalize()
