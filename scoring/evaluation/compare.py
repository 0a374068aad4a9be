"""Two evaluations side by side: which figures fell, for a gate in continuous integration.

Only evaluations of the same dataset, the same people and the same settings compare: anything else
that differs could be why a figure does. A figure has fallen when it is lower by more than a given
drop and below the interval that it had, so that chance alone does not close the gate.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.files import read_json
from motions.errors import FormbenchError
from scoring.evaluation.results import SCHEMA

DROP = 0.02
_MUST_AGREE = ("dataset_sha256", "settings", "train_subjects", "validation_subjects")
_KEY = ("scorer", "poses", "exercise", "fault_id", "view")


@dataclass(frozen=True)
class Change:
    """One AUROC in two evaluations."""

    scorer: str
    poses: str
    exercise: str
    fault_id: str
    view: str
    before: float | None
    after: float | None
    fell: bool


def compare_results(
    before: Path, after: Path, *, drop: float = DROP, same_scorer: bool = True
) -> tuple[Change, ...]:
    """Compare the AUROCs of two results.json, in the order of the first.

    Args:
        before: The one to keep up with.
        after: The new one.
        drop: How much lower a figure may be.
        same_scorer: Whether rows are matched by the scorer's name too; else each evaluation is of
            one scorer, and these are compared with each other.

    Raises:
        FormbenchError: The two are not of the same dataset, people and settings, or a row of the
            first is missing in the second.
    """
    old, new = (read_json(path, SCHEMA, _MUST_AGREE) for path in (before, after))
    for name in _MUST_AGREE:
        if old[name] != new[name]:
            raise FormbenchError(
                f"{after}: expected the same {name.replace('_', ' ')} as {before}, got another; "
                "evaluate both on the same dataset with the same seed and share"
            )
    key = _KEY if same_scorer else _KEY[1:]
    found = {tuple(row[k] for k in key): row for row in new["rows"]}
    if not same_scorer and len(found) < len(new["rows"]):
        raise FormbenchError(f"{after}: expected one scorer, got several")
    changes = []
    for row in old["rows"]:
        at = tuple(row[k] for k in key)
        if at not in found:
            raise FormbenchError(f"{after}: has no figure for {', '.join(at)}, as {before} has")
        changes.append(_change(row, found[at], drop))
    return tuple(changes)


def to_markdown(changes: tuple[Change, ...]) -> str:
    """Return a table for a pull request, what fell first."""
    lines = ["| scorer | fault | view | before | after | |", "|---|---|---|---|---|---|"]
    for change in sorted(changes, key=lambda c: not c.fell):
        fault = f"{change.exercise}, any" if change.fault_id == "any" else change.fault_id
        values = ("" if v is None else f"{v:.3f}" for v in (change.before, change.after))
        fell = "fell" if change.fell else ""
        cells = " | ".join((change.scorer, fault, change.view, *values, fell))
        lines.append(f"| {cells} |")
    return "\n".join(lines) + "\n"


def _change(old: dict[str, Any], new: dict[str, Any], drop: float) -> Change:
    before, after, low = old["auroc"]["value"], new["auroc"]["value"], old["auroc"]["low"]
    if before is None or after is None:
        fell = before is not None
    else:
        fell = before - after > drop and (low is None or after < low)
    return Change(**{name: old[name] for name in _KEY}, before=before, after=after, fell=fell)
