"""The page's account of people: on whom scorers see less, and from which size on."""

from html import escape

from scoring.evaluation.bodies import PARTS
from scoring.evaluation.groups import GroupGap
from scoring.evaluation.report_table import name_of, table
from scoring.evaluation.results import ALL_VIEWS, Results
from scoring.evaluation.wording import (
    exercise_title,
    fault_title,
    number_cell,
    threshold_cell,
    view_title,
)


def bodies(results: Results) -> str:
    """Show the worst group of each scorer, and the best scorer's thresholds by group."""
    gaps = [gap for gap in results.gaps if gap.poses == results.poses[0]]
    if not gaps:
        return ""
    rows = []
    for name in results.names:
        own = [gap for gap in gaps if gap.scorer == name]
        worst = min(own, key=lambda gap: gap.gap, default=None)
        rows += [_gap(results, gap, gap is worst) for gap in own]
    head = ["Scorer", "Sees less on", "Macro AUROC", "Sees more on", "Macro AUROC", "Gap"]
    told = (
        "The people who were judged, parted in two by height, by weight and by gender. Beneath the "
        "gap stands its 95&nbsp;% interval over people; one that holds 0 is no gap that these "
        "people prove."
    )
    return (
        '<section id="people"><h2>On whom</h2>'
        f"{table(head, rows, told)}{_thresholds(results)}</section>"
    )


def _gap(results: Results, gap: GroupGap, worst: bool) -> str:
    mark = " <strong>worst</strong>" if worst else ""
    interval = f"{gap.low:+.2f} to {gap.high:+.2f}"
    return (
        f'<tr><th scope="row">{name_of(results, gap.scorer)}</th>'
        f"<td>{escape(gap.worse)}{mark}</td>{number_cell(gap.auroc_worse)}"
        f"<td>{escape(gap.better)}</td>{number_cell(gap.auroc_better)}"
        f"{number_cell(gap.gap, interval, sign=True)}</tr>"
    )


def _thresholds(results: Results) -> str:
    """Show the thresholds of the scorer that stands first; results.json has everybody's."""
    first = next((s.scorer for s in results.standings if s.poses == results.poses[0]), "")
    own = [r for r in results.bodies if (r.scorer, r.poses) == (first, results.poses[0])]
    by_place = {(r.exercise, r.fault_id, r.view, r.group): r for r in own}
    groups = [g for names in PARTS.values() for g in names if any(r.group == g for r in own)]
    rows = [
        f'<tr><th scope="row">{escape(exercise_title(exercise))}</th>'
        f'<th scope="row">{escape(fault_title(fault_id))}</th><td>{escape(view_title(view))}</td>'
        + "".join(
            threshold_cell(fault_id, by_place[exercise, fault_id, view, group].threshold)
            for group in groups
        )
        + "</tr>"
        for exercise, fault_id, view in dict.fromkeys((r.exercise, r.fault_id, r.view) for r in own)
        if view != ALL_VIEWS
    ]
    told = (
        f"The size that {name_of(results, first)}, who stands first, sees three times in four, by "
        "group. results.json has all scorers."
    )
    return table(["Exercise", "Fault", "View", *map(str.capitalize, groups)], rows, told)
