"""The page's account of seeing: what cameras show, from which size on faults are seen, and whether
a score means what it says.
"""

from html import escape

import numpy as np

from scoring.evaluation.drawings import Curve, unit_square
from scoring.evaluation.report_table import name_of, table
from scoring.evaluation.results import ANY_FAULT, Results, Row, Shown
from scoring.evaluation.thresholds import HIT_RATE
from scoring.evaluation.wording import GOOD, counted, exercise_title, fault_title, view_title

_DOSES = np.linspace(0, 1, 21)


def cameras(results: Results) -> str:
    """Show for each fault and view whether the camera is blind, or the scorers are."""
    if not results.shown:
        return ""
    views = list(dict.fromkeys(s.view for s in results.shown))
    by_place = {(s.exercise, s.fault_id, s.view): s for s in results.shown}
    rows = [
        f'<tr><th scope="row">{escape(exercise_title(exercise))}</th>'
        f'<th scope="row">{escape(fault_title(fault_id))}</th>'
        + "".join(_seen_cell(results, by_place.get((exercise, fault_id, view))) for view in views)
        + "</tr>"
        for exercise, fault_id in dict.fromkeys((s.exercise, s.fault_id) for s in results.shown)
    ]
    head = ["Exercise", "Fault", *map(view_title, views)]
    return (
        '<section id="cameras"><h2>Camera blind, or scorer blind</h2><p>Where a severe fault moves '
        "no keypoint by 5&nbsp;% of the torso's length from where it is in the same person's clean "
        "repetition, the camera does not show it, to nobody. Elsewhere a scorer that does not see "
        "it is itself blind. Beneath stands how far the farthest keypoint moves, in per cent of "
        "the torso. Seen well: an AUROC of 0.9 or more, and better than guessing for sure.</p>"
        f"{table(head, rows)}</section>"
    )


def verdict_of(results: Results, shown: Shown) -> str:
    """Say who sees a fault in a view."""
    if shown.blind:
        return "camera blind"
    found = [
        row
        for scorer in results.names
        if (row := results.row(scorer, shown.fault_id, shown.view, shown.exercise))
    ]
    if all(row.auroc.low is None for row in found):
        return "too few people"
    if any(_sees(row, GOOD) for row in found):
        return "seen well"
    return "seen" if any(_sees(row, 0.5) for row in found) else "scorers blind"


def _sees(row: Row, least: float) -> bool:
    a = row.auroc
    return a.value is not None and a.value >= least and a.low is not None and a.low > 0.5


def _seen_cell(results: Results, shown: Shown | None) -> str:
    if shown is None:
        return '<td class="number">&ndash;</td>'
    said = verdict_of(results, shown)
    kind = {"camera blind": "grey", "too few people": "grey", "scorers blind": "chance",
            "seen": "some", "seen well": "good"}  # fmt: skip
    shift = f"<small>{100 * shown.shift:.0f}&nbsp;%</small>"
    return f'<td class="number {kind[said]}">{said}{shift}</td>'


def curves(results: Results, exercise: str) -> str:
    """Draw the share of hits over the dose of each fault, in the view that shows it best."""
    panels = []
    for fault_id in results.faults_to_tell(exercise):
        view = best_view(results, exercise, fault_id)
        drawn = []
        for index, scorer in enumerate(results.names):
            row = results.row(scorer, fault_id, view, exercise) if view else None
            if row is None or row.threshold is None or row.threshold.mean is None:
                continue
            rates = row.threshold.hit_rate(_DOSES)
            drawn.append(Curve(index, _DOSES.tolist(), rates.tolist(), scorer))
        if drawn:
            told = f"Share of {fault_id} that each scorer sees over its dose, {view}"
            chart = unit_square(drawn, ("dose", "hits"), told, level=HIT_RATE)
            caption = f"{fault_title(fault_id)}, {view_title(view).lower()}"
            panels.append(f"<figure>{chart}<figcaption>{escape(caption)}</figcaption></figure>")
    return (
        "<p>Share of repetitions that are called faulty while 5&nbsp;% of clean ones are, over the "
        "dose: 0 for no fault, 1 for a severe one. Each fault in the view that shows it best. The "
        f'dashed line is three in four.</p><div class="panels">{"".join(panels)}</div>'
    )


def best_view(results: Results, exercise: str, fault_id: str) -> str:
    """Return the view that shows a fault best, empty for ANY_FAULT and where nobody knows."""
    shown = [s for s in results.shown if (s.exercise, s.fault_id) == (exercise, fault_id)]
    if fault_id == ANY_FAULT or not shown:
        return ""
    return max(shown, key=lambda s: s.shift).view


def reliability(results: Results) -> str:
    """Draw for each scorer how many repetitions of a score are clean."""
    panels = []
    for summary in (s for s in results.scorers if s.poses == results.poses[0] and s.reliability):
        index = results.names.index(summary.name)
        xs = [b.probability for b in summary.reliability]
        ys = [b.share for b in summary.reliability]
        told = f"Reliability of {summary.name}"
        chart = unit_square(
            [Curve(index, xs, ys, summary.name)], ("score / 100", "clean"), told, diagonal=True
        )
        n = counted(sum(b.n for b in summary.reliability), "repetition")
        caption = f"{name_of(results, summary.name)}, {n}"
        panels.append(f"<figure>{chart}<figcaption>{caption}</figcaption></figure>")
    return (
        '<section id="reliability"><h2>Does a score of 80 mean 80 in 100?</h2><p>Of repetitions '
        "with about the same score, the share that is clean. On the dashed line a score is the "
        f'chance in per cent.</p><div class="panels">{"".join(panels)}</div></section>'
    )
