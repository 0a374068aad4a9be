"""The card of a dataset: one static HTML page of counts and distributions, without scripts.

What was measured stands beside the correct ranges: a histogram for each fault, whose sizes say how
far, how fast and how straight, and one of the length of repetitions for each exercise.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np

from export.balance import DOSES, Balance
from export.dataset import Dataset
from export.files import replacing
from export.rows import ClipRow
from motions.library import EXERCISES
from simulator.clip import read_about
from simulator.faults.library import FAULTS

N_BINS = 24
_WIDTH, _HEIGHT, _FOOT = 300, 110, 18
_ORIGINS = ("synthetic", "real")

_Values = dict[str, list[float]]
"""Of each of _ORIGINS."""


def write_card(
    dataset: Dataset, sides: Mapping[str, Sequence[ClipRow]], balance: Balance, path: Path
) -> None:
    """Write the card of a dataset whose clips are on these sides."""
    style = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    body = "\n".join(
        [
            f"<h1>{len(dataset.rows)} clips of "
            f"{len({row.subject_id for row in dataset.rows})} people</h1>",
            f'<p class="soft">Dataset {dataset.content_sha256}. Blue is simulated, orange real; '
            "the green ground is the correct range, the lines are mild and severe.</p>",
            "<h2>What is in it</h2>",
            _table(["", *sides], _counts(sides)),
            "<h2>Repetitions by fault and dose, from each camera</h2>",
            _table(["fault", "clean", *(f"dose {d:g}" for d in DOSES)], _doses(balance)),
            f'<p class="soft">{len(balance.missing)} kinds of repetition, by fault, dose, view '
            "and body, are missing: see balance.json, and fill/ for configs that make them.</p>",
            "<h2>Measured faults</h2>",
            f'<div class="charts">{"".join(_fault_charts(dataset))}</div>',
            "<h2>Tempo</h2>",
            f'<div class="charts">{"".join(_tempo_charts(dataset))}</div>',
        ]
    )
    with replacing(path) as temporary:
        temporary.write_text(
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            "<title>Dataset card</title>\n"
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<style>\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n",
            encoding="utf-8",
        )


def histogram(
    title: str,
    values: Mapping[str, Sequence[float]],
    correct: tuple[float, float],
    marks: Sequence[float] = (),
    unit: str = "",
) -> str:
    """Draw values of each origin over the correct range as a figure.

    Args:
        title: What is below the drawing.
        values: By origin; at least one value in all.
        correct: Where the correct range begins and ends; infinite where it is open.
        marks: Where dashed lines stand.
        unit: Of the values.
    """
    ends = [e for e in (*correct, *marks, *np.concatenate(list(values.values()))) if np.isfinite(e)]
    low, high = min(ends), max(ends)
    high = high if high > low else low + 1.0
    edges = np.linspace(low, high, N_BINS + 1)
    counts = {o: np.histogram(v, edges)[0] for o, v in values.items()}
    tallest = max(int(sum(counts.values()).max()), 1)  # type: ignore[union-attr]

    def x(value: float) -> float:
        return float(np.clip((value - low) / (high - low), 0, 1)) * _WIDTH

    parts = [
        f'<rect class="good" x="{x(correct[0]):.1f}" y="0" height="{_HEIGHT}" '
        f'width="{x(correct[1]) - x(correct[0]):.1f}"/>'
    ]
    base = np.zeros(N_BINS)
    for origin in _ORIGINS:
        heights = counts.get(origin, np.zeros(N_BINS)) * _HEIGHT / tallest
        for left, height, under in zip(edges[:-1], heights, base, strict=True):
            if height:
                parts.append(
                    f'<rect class="{origin}" x="{x(left):.1f}" '
                    f'y="{_HEIGHT - under - height:.1f}" width="{_WIDTH / N_BINS - 1:.1f}" '
                    f'height="{height:.1f}"/>'
                )
        base += heights
    parts += [
        f'<line class="mark" x1="{x(m):.1f}" x2="{x(m):.1f}" y1="0" y2="{_HEIGHT}"/>' for m in marks
    ]
    foot = _HEIGHT + _FOOT - 4
    parts += [
        f'<line class="axis" x1="0" x2="{_WIDTH}" y1="{_HEIGHT}" y2="{_HEIGHT}"/>',
        f'<text x="0" y="{foot}">{low:.3g}</text>',
        f'<text x="{_WIDTH}" y="{foot}" text-anchor="end">{high:.3g} {escape(unit)}</text>',
    ]
    n = sum(map(len, values.values()))
    return (
        f'<figure><svg width="{_WIDTH}" height="{_HEIGHT + _FOOT}">{"".join(parts)}</svg>'
        f"<figcaption>{escape(title)}, {n} repetitions</figcaption></figure>"
    )


def _fault_charts(dataset: Dataset) -> Iterator[str]:
    origins = {row.clip_id: row.origin for row in dataset.rows}
    measured: dict[str, _Values] = {}
    units: dict[str, str] = {}
    for fault in dataset.fault_rows():
        values = measured.setdefault(fault.fault_id, {o: [] for o in _ORIGINS})
        values[origins[fault.clip_id]].append(fault.measured)
        units[fault.fault_id] = fault.unit
    for fault_id, values in sorted(measured.items()):
        spec = FAULTS.get(fault_id)
        correct, marks = (np.inf, np.inf), ()
        if spec is not None:
            ends = (-np.inf, spec.correct) if spec.severe > spec.neutral else (spec.correct, np.inf)
            correct, marks = ends, (spec.mild, spec.severe)  # type: ignore[assignment]
        yield histogram(fault_id, values, correct, marks, units[fault_id])


def _tempo_charts(dataset: Dataset) -> Iterator[str]:
    lengths: dict[str, _Values] = {}
    for row in dataset.rows:
        values = lengths.setdefault(row.exercise, {o: [] for o in _ORIGINS})
        about = read_about(dataset.clip_folder(row.clip_id))
        values[row.origin] += [rep["end_s"] - rep["start_s"] for rep in about["reps"]]
    for name, values in sorted(lengths.items()):
        if not any(values.values()):
            continue
        correct = (np.inf, np.inf)
        if name in EXERCISES:
            what = EXERCISES[name]
            spans = (what.out_s, what.hold_s, what.back_s)
            correct = (sum(s.low for s in spans), sum(s.high for s in spans))
        yield histogram(f"{name}, length", values, correct, unit="s")


def _counts(sides: Mapping[str, Sequence[ClipRow]]) -> Iterator[list[object]]:
    columns = {
        "people": lambda rows: len({row.subject_id for row in rows}),
        "simulated clips": lambda rows: sum(row.origin == "synthetic" for row in rows),
        "real clips": lambda rows: sum(row.origin == "real" for row in rows),
        "repetitions": lambda rows: sum(row.n_reps for row in rows),
        "views": lambda rows: sum(len(row.cameras) for row in rows),
        "seconds": lambda rows: round(sum(row.n_frames / row.fps for row in rows)),
    }
    for title, count in columns.items():
        yield [title, *(count(rows) for rows in sides.values())]


def _doses(balance: Balance) -> Iterator[list[object]]:
    """Yield for each fault how many repetitions from all views, simulated and real."""
    cells = sorted({*balance.synthetic, *balance.real})
    for exercise, fault_id in sorted({(cell.exercise, cell.fault_id) for cell in cells}):
        texts = []
        for dose in (0.0, *DOSES):
            same = [
                c for c in cells if (c.exercise, c.fault_id, c.dose) == (exercise, fault_id, dose)
            ]
            made, seen = (
                sum(count[c] for c in same) for count in (balance.synthetic, balance.real)
            )
            texts.append(f"{made} + {seen} real" if seen else str(made or ""))
        yield [f"{exercise}, clean" if fault_id == "none" else fault_id, *texts]


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(h)}</th>" for h in heads)
    lines = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>\n" for row in rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{lines}</tbody></table></div>"
    )
