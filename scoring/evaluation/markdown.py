"""The main figures as Markdown, for a pull request."""

from collections.abc import Iterable

from scoring.evaluation.report_seeing import verdict_of
from scoring.evaluation.results import ALL_VIEWS, ANY_FAULT, Results
from scoring.evaluation.wording import counted, exercise_title, fault_title, kinds, view_title


def to_markdown(results: Results) -> str:
    """Return the table of scorers, AUROCs by fault, blind cameras and what went wrong."""
    people = counted(len(results.validation_subjects), "person", "people")
    suite = results.settings["suite"] or f"dataset {results.dataset_sha256[:12]}"
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
    if results.shown:
        parts.append(_cameras(results))
    if results.flips:
        parts.append(_flips(results))
    if results.gaps:
        parts.append(_gaps(results))
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
                _number(row.auroc.value if row else None)
                for scorer in results.names
                for row in [results.row(scorer, fault_id, ALL_VIEWS, exercise)]
            ),
        )
        for exercise, fault_id in places
    )
    return _table(("exercise", "fault", *results.names), rows)


def _cameras(results: Results) -> str:
    first = results.standings[0].scorer
    views = list(dict.fromkeys(s.view for s in results.shown))
    by_place = {(s.exercise, s.fault_id, s.view): s for s in results.shown}

    def cell(exercise: str, fault_id: str, view: str) -> str:
        shown = by_place.get((exercise, fault_id, view))
        if shown is None:
            return ""
        row = results.row(first, fault_id, view, exercise)
        known = row is not None and row.auroc.value is not None
        told = f", {row.auroc.value:.2f}" if row and known else ""
        return f"{verdict_of(results, shown)}: {100 * shown.shift:.0f} %{told}"

    rows = (
        (
            f"{exercise_title(exercise)}: {fault_title(fault_id).lower()}",
            *(cell(exercise, fault_id, v) for v in views),
        )
        for exercise, fault_id in dict.fromkeys((s.exercise, s.fault_id) for s in results.shown)
    )
    return (
        "## Camera blind, or scorer blind\n\nHow far the farthest keypoint moves at the largest "
        f"size, in per cent of the torso, and the AUROC of {first}.\n\n"
        + _table(("fault", *map(view_title, views)), rows)
    )


def _flips(results: Results) -> str:
    names = list(dict.fromkeys(f.attribute for f in results.flips))
    gaps = {(f.scorer, f.attribute): f for f in results.flips}

    def cell(scorer: str, attribute: str) -> str:
        flip = gaps.get((scorer, attribute))
        if flip is None or flip.gap is None:
            return ""
        changed = "" if flip.calls_changed is None else f", {100 * flip.calls_changed:.0f} %"
        return f"{flip.gap:+.2f}{changed}"

    scorers = [name for name in results.names if any(f.scorer == name for f in results.flips)]
    rows = ((scorer, *(cell(scorer, name) for name in names)) for scorer in scorers)
    return (
        "## One attribute changed\n\nAUROC after less before, and the share of calls that change."
        "\n\n" + _table(("scorer", *names), rows)
    )


def _gaps(results: Results) -> str:
    own = [gap for gap in results.gaps if gap.poses == results.poses[0]]
    worst = [
        min((gap for gap in own if gap.scorer == name), key=lambda gap: gap.gap)
        for name in results.names
        if any(gap.scorer == name for gap in own)
    ]
    rows = (
        (g.scorer, g.worse, f"{g.auroc_worse:.2f}", g.better, f"{g.auroc_better:.2f}",
         f"{g.gap:+.2f} [{g.low:+.2f}, {g.high:+.2f}]")
        for g in worst
    )  # fmt: skip
    head = ("scorer", "sees less on", "AUROC", "sees more on", "AUROC", "gap")
    return "## On whom\n\nThe worst group of each scorer.\n\n" + _table(head, rows)


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
