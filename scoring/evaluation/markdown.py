"""The main figures as Markdown, for a pull request."""

from collections.abc import Iterable

from scoring.evaluation.report_seeing import verdict_of
from scoring.evaluation.results import ALL_VIEWS, ANY_FAULT, Results, Row
from scoring.evaluation.wording import counted, exercise_title, fault_title, kinds, view_title


def to_markdown(results: Results) -> str:
    """Return the table of scorers, AUROCs by fault, blind cameras and what went wrong."""
    people = counted(len(results.validation_subjects), "person", "people")
    suite = results.settings["suite"] or f"dataset {results.dataset_sha256[:12]}"
    blind = [s for s in results.shown if verdict_of(results, s) == "camera blind"]
    parts = [
        f"# What the scorers see\n\n{suite}, seed {results.settings['seed']}, {people}.\n",
        "## Who wins\n\nScorers with the same place are tied.\n\n" + _standings(results),
        "## AUROC by fault, all views\n\n" + _faults(results),
    ]
    if results.attribution:
        rows = (
            (c.scorer, c.poses, f"{c.difference:+.2f}", f"{c.low:+.2f} to {c.high:+.2f}")
            for c in results.attribution
        )
        parts.append(
            "## What each stage costs\n\n" + _table(("scorer", "poses", "difference", "95 %"), rows)
        )
    if blind:
        lines = (f"- {fault_title(s.fault_id)} of the {exercise_title(s.exercise).lower()}: "
                 f"{view_title(s.view).lower()}\n" for s in blind)  # fmt: skip
        parts.append("## No camera there shows\n\n" + "".join(lines))
    wrong = [s for s in results.scorers if s.n_failed or any(s.complaints.values())]
    if wrong:
        lines = (
            f"- {s.name} on {s.poses}: {counted(s.n_failed, 'failure')} of {s.n_judged} "
            f"({kinds(s.failures)}); besides: {kinds(s.complaints) or 'nothing'}\n"
            for s in wrong
        )
        parts.append("## What went wrong\n\n" + "".join(lines))
    if results.skipped:
        lines = (f"- {what}: {why}\n" for what, why in results.skipped.items())
        parts.append("## Not measured\n\n" + "".join(lines))
    return "\n".join(parts)


def _standings(results: Results) -> str:
    calibration = {(s.name, s.poses): s.calibration_error for s in results.scorers}
    rows = (
        (
            str(s.group),
            s.scorer,
            s.poses,
            _figure(s.macro_auroc, s.low, s.high),
            _number(calibration[s.scorer, s.poses]),
        )
        for s in results.standings
    )
    return _table(("place", "scorer", "poses", "macro AUROC", "calibration error"), rows)


def _faults(results: Results) -> str:
    places = [
        (count.exercise, fault_id)
        for count in results.counts
        for fault_id in results.faults_to_tell(count.exercise)
        if fault_id != ANY_FAULT
    ]
    rows = (
        (
            exercise_title(exercise),
            fault_title(fault_id),
            *(
                _auroc(results.row(scorer, fault_id, ALL_VIEWS, exercise))
                for scorer in results.names
            ),
        )
        for exercise, fault_id in places
    )
    return _table(("exercise", "fault", *results.names), rows)


def _auroc(row: Row | None) -> str:
    return "" if row is None else _figure(row.auroc.value, row.auroc.low, row.auroc.high)


def _figure(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if low is None else f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
