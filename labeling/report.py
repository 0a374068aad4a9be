"""The page about a labelling campaign: one static HTML file without scripts, and it all as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from export.files import replacing, write_json
from labeling.agreement import Interval
from labeling.trust import Annotator, Trust

SCHEMA = "formbench.labeling.trust/1"
TITLE = "How far to trust these labels"
LONGEST_QUEUE = 50


@dataclass(frozen=True)
class _Html:
    """Text that is HTML already."""

    text: str


def write_trust(trust: Trust, folder: Path) -> Path:
    """Write `trust.html` and `trust.json` into a folder, and return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json({"schema": SCHEMA, **_plain(trust)}, folder / "trust.json")
    style = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    sections = [
        ("people", "Each annotator on known answers", _people(trust)),
        ("agreement", "Agreement between annotators", _agreement(trust)),
        ("queue", "Look at these again", _queue(trust)),
        ("effort", "What it cost", _effort(trust)),
        ("problems", "What could not be read", _problems(trust)),
    ]
    links = "".join(f'<a href="#{name}">{title}</a>' for name, title, _ in sections)
    body = "\n".join(f'<h2 id="{n}">{title}</h2>\n{text}' for n, title, text in sections)
    page = folder / "trust.html"
    with replacing(page) as temporary:
        temporary.write_text(
            "<!doctype html>\n"
            f'<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{TITLE}</title>\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<style>\n{style}</style>\n</head>\n<body>\n<header>\n<h1>{TITLE}</h1>\n"
            f"<nav>{links}</nav>\n</header>\n<main>\n{body}\n</main>\n</body>\n</html>\n",
            encoding="utf-8",
        )
    return page


def _people(trust: Trust) -> str:
    kinds = list(trust.agreements)
    parts = [
        '<p class="soft">Measured on tasks whose answer is known and that nobody can tell from the '
        "others. Below each value its 95 % confidence interval and the number of values.</p>",
        _table(
            ["Annotator", "Answered", "Skipped", *(f"Like others: {kind}" for kind in kinds)],
            (
                [p.name, p.n_annotations, p.n_skipped, *(p.agreement[k] for k in kinds)]
                for p in trust.annotators
            ),
        ),
    ]
    posing = [(p, p.poses) for p in trust.annotators if p.poses]
    if posing:
        rows = [[p.name, g.error_px, g.oks, g.visibility_accuracy] for p, g in posing]
        heads = ["Annotator", "Joint error, px", "OKS", "Visibility right"]
        parts += ["<h3>Poses</h3>", _table(heads, rows)]
    marking = [(p, p.repetitions) for p in trust.annotators if p.repetitions]
    if marking:
        marked = [
            [p.name, g.found, g.n_extra, g.boundary_error_s, g.boundary_bias_s] for p, g in marking
        ]
        heads = [
            "Annotator",
            "Found",
            "Invented",
            "Boundary error, s",
            "Early (&minus;) or late, s",
        ]
        parts += ["<h3>Repetitions</h3>", _table(heads, marked)]
    if any(p.faults for p in trust.annotators):
        heads = ["Annotator", "Fault", "Sensitivity", "Specificity", "Severity bias"]
        parts += ["<h3>Faults</h3>", _table(heads, _fault_rows(trust.annotators))]
    return "\n".join(parts)


def _fault_rows(people: Iterable[Annotator]) -> Iterable[list[Any]]:
    for person in people:
        for grade in person.faults:
            yield [
                person.name, grade.fault_id, grade.sensitivity, grade.specificity,
                grade.severity_bias,
            ]  # fmt: skip


def _agreement(trust: Trust) -> str:
    rows = (
        [kind, one.about, one.measure, one.value, one.value.n]
        for kind, of_kind in trust.agreements.items()
        for one in of_kind
        if one.value.n
    )
    return (
        '<p class="soft">Over tasks that several people answered. Alpha is Krippendorff\'s: 1 is '
        "agreement, 0 what chance would give.</p>\n"
        + _table(["Kind", "Fault", "Measure", "Value", "Compared"], rows)
    )


def _queue(trust: Trust) -> str:
    rows = (
        [
            d.kind,
            _link(d.link, d.uid),
            d.n_annotators,
            _Html(f'<span class="bar" style="width:{100 * d.doubt:.0f}px"></span> {d.doubt:.2f}'),
        ]
        for d in trust.queue[:LONGEST_QUEUE]
    )
    return (
        f'<p class="soft">The most doubtful first, {min(LONGEST_QUEUE, len(trust.queue))} of '
        f"{len(trust.queue)} tasks without a known answer.</p>\n"
        + _table(["Kind", "Task", "Annotators", "Doubt"], rows)
    )


def _effort(trust: Trust) -> str:
    rows = [
        [
            effort.kind,
            effort.started_from or "nothing",
            effort.n_annotations,
            effort.median_s,
            effort.corrected,
            effort.moved_px,
            trust.saved_s.get(effort.started_from) if effort.kind == "poses" else None,
        ]
        for effort in trust.efforts
    ]
    what = ["Kind", "Started from", "Answers", "Seconds a task"]
    return _table([*what, "Joints corrected", "Moved by, px", "Saves, s a task"], rows)


def _problems(trust: Trust) -> str:
    rows = ([_link(p.link, "task"), p.annotator, p.text] for p in trust.problems)
    return _table(["Where", "Annotator", "What"], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    if not body:
        return "<p>Nothing.</p>"
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    return (
        f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _cell(value: Any) -> str:
    match value:
        case None | Interval(value=None):
            return '<td class="number soft">&ndash;</td>'
        case Interval(low=None):
            return f'<td class="number">{value.value:.3g}</td>'
        case Interval():
            limits = f"{value.low:.3g} to {value.high:.3g}, n {value.n}"
            return f'<td class="number">{value.value:.3g}<small>{limits}</small></td>'
        case _Html():
            return f"<td>{value.text}</td>"
        case float():
            return f'<td class="number">{value:.3g}</td>'
        case int():
            return f'<td class="number">{value}</td>'
        case _:
            return f"<td>{escape(str(value))}</td>"


def _link(address: str, text: str) -> _Html:
    return _Html(f'<a href="{escape(address)}">{escape(text)}</a>')


def _plain(trust: Trust) -> dict[str, Any]:
    """Return everything as JSON: missing numbers are null."""
    plain: dict[str, Any] = _as_json(asdict(trust))
    return plain


def _as_json(value: Any) -> Any:
    match value:
        case Interval():
            return value._asdict()
        case dict():
            return {key: _as_json(item) for key, item in value.items()}
        case list() | tuple():
            return [_as_json(item) for item in value]
        case np.ndarray():
            return _as_json(value.tolist())
        case float() if np.isnan(value):
            return None
        case _:
            return value
