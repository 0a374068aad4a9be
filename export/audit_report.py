"""The audit of a dataset as one page of HTML that needs nothing else."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from export.audit_found import Audit, rows_by_fault
from export.files import replacing

MOST_BROKEN = 200
"""So many labels that do not hold are listed; the JSON has all."""

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Audit</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
th, td {{ padding: .2rem .6rem; text-align: right; border-bottom: 1px solid #ddd }}
th:first-child, td:first-child {{ text-align: left }}
.bad {{ background: #fdd }}
</style>
<h1>Do the labels hold?</h1>
<p>{verdict}</p>
<h2>Faults: asked for and measured, and in clean clips</h2>{faults}
<h2>Leakage</h2>
<p>How much larger a fault makes another's size than in the clean sibling of the same set: doses of
the other fault for each dose of the one.</p>
{leaks}
<h2>Labels that do not hold</h2>{broken}
</html>
"""


def write_audit(found: Audit, path: Path) -> None:
    """Write the page."""
    faults = rows_by_fault(found)
    leaks = [
        {
            "fault": leak.of,
            "measure of": leak.onto,
            "mean": leak.mean,
            "repetitions": leak.repetitions,
            "present": leak.present,
            "why": leak.reason or ("nothing forces it" if leak.unexplained else ""),
        }
        for leak in found.listed_leaks()
    ]
    broken = [
        {"clip": b.clip_id, "repetition": b.rep, "fault": b.fault_id, "why": b.why}
        for b in found.broken[:MOST_BROKEN]
    ]
    text = _PAGE.format(
        verdict=escape(verdict(found)),
        faults=_table(faults, lambda row: bool(row["missed"] or row["beyond_mild"])),
        leaks=_table(leaks, lambda row: row["why"] == "nothing forces it"),
        broken=_table(broken, lambda row: False),
    )
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def verdict(found: Audit) -> str:
    """Say in one line what was found."""
    asked = sum(one.requests for one in found.delivery.values())
    within = sum(one.within for one in found.delivery.values())
    return (
        f"{found.clips} clips, {found.repetitions} repetitions, {found.clean_clips} clips clean; "
        f"{within} of {asked} requests delivered; {found.grey} measurements in the grey zone; "
        f"{sum(leak.unexplained for leak in found.leaks.values())} leaks that nothing forces; "
        f"{len(found.broken)} labels do not hold"
    )


def _table(rows: Sequence[dict[str, Any]], is_bad: Callable[[dict[str, Any]], bool]) -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in rows[0])
    lines = []
    for row in rows:
        cells = "".join(f"<td>{escape(_cell(value))}</td>" for value in row.values())
        lines.append(f"<tr{' class=bad' if is_bad(row) else ''}>{cells}</tr>")
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
