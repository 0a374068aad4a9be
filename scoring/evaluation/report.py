"""The page of an evaluation: one static HTML file without scripts, to open from anywhere."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from export.dataset import Dataset
from scoring.evaluation.charts import Band, Dot, Mark, forest, scatter
from scoring.evaluation.failures import gallery
from scoring.evaluation.report_bodies import bodies
from scoring.evaluation.report_grading import grading
from scoring.evaluation.report_method import method, programs
from scoring.evaluation.report_seeing import cameras, curves, reliability
from scoring.evaluation.report_table import attribution, flips, name_of, recordings, standings
from scoring.evaluation.results import ALL_VIEWS, ANY_FAULT, Count, Judged, Results
from scoring.evaluation.wording import (
    cell,
    counted,
    exercise_title,
    fault_title,
    figure,
    number_cell,
    share_cell,
    threshold_cell,
    view_title,
)

TITLE = "What the scorers see"
PARTS = (
    ("stages", "What each stage costs"),
    ("flips", "One attribute changed"),
    ("people", "On whom"),
    ("failures", "Where they fail"),
    ("programs", "Scorers as programs"),
    ("method", "How it was measured"),
)
"""Sections that are linked to at the top, after the exercises, where they are there."""
MOST_DOTS = 400
"""Repetitions drawn in one panel; of more, evenly spread ones."""
FEW_PEOPLE = 10
"""With fewer, the bootstrap's intervals are too narrow."""


def write_report(results: Results, judged: Sequence[Judged], dataset: Dataset, path: Path) -> None:
    """Write the page of some results.

    Args:
        results: What it shows.
        judged: The single judgements, for the plots of scores against severity.
        dataset: What was judged, for the skeletons.
        path: Where to write; videos of failures go beside it.
    """
    style = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    sections = [
        standings(results),
        cameras(results),
        _overview(results),
        *(_exercise(results, judged, i, count) for i, count in enumerate(results.counts)),
        attribution(results),
        flips(results),
        bodies(results),
        recordings(results),
        reliability(results),
        gallery(results, judged, dataset, path.parent),
        programs(results, judged),
        method(results),
    ]
    body = "\n".join(sections)
    exercises = [
        (f"exercise-{i}", exercise_title(count.exercise)) for i, count in enumerate(results.counts)
    ]
    links = "".join(
        f'<a href="#{name}">{escape(title)}</a>'
        for name, title in (*exercises, *PARTS)
        if f'<section id="{name}">' in body
    )
    path.write_text(
        "<!doctype html>\n"
        f'<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{TITLE}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n<header>\n<h1>{TITLE}</h1>\n"
        f"{_summary(results)}<nav>{links}</nav>\n</header>\n<main>\n{body}\n</main>\n"
        "</body>\n</html>\n",
        encoding="utf-8",
    )


def _summary(results: Results) -> str:
    n_reps = sum(count.clean + count.faulty + count.grey for count in results.counts)
    people = counted(len(results.validation_subjects), "person", "people")
    return (
        f'<p class="lead">{counted(len(results.names), "scorer")} judged '
        f"{counted(n_reps, 'repetition')} of {people} never seen before. Dataset "
        f"<code>{escape(results.dataset_sha256[:12])}</code>, seed {results.settings['seed']}.</p>"
    )


def _overview(results: Results) -> str:
    """Show every scorer over every fault, all views together."""
    faults = [
        (exercise, fault_id)
        for exercise in sorted({row.exercise for row in results.rows})
        for fault_id in results.faults_to_tell(exercise)
        if fault_id != ANY_FAULT
    ]
    head = "".join(f'<th scope="col">{name_of(results, name)}</th>' for name in results.names)
    body = "".join(
        f'<tr><th scope="row">{escape(exercise_title(exercise))}</th>'
        f'<th scope="row">{escape(fault_title(fault_id))}</th>'
        + "".join(cell(results.row(name, fault_id, ALL_VIEWS, exercise)) for name in results.names)
        + "</tr>"
        for exercise, fault_id in faults
    )
    n = len(results.validation_subjects)
    few = (
        f"<p><strong>Only {counted(n, 'person', 'people')}.</strong> With fewer than {FEW_PEOPLE} "
        "the intervals are narrower than they should be.</p>"
    )
    return (
        "<section><h2>Faults against clean repetitions, all views together</h2>"
        "<p>The figure is the AUROC: how often a repetition with the fault is scored worse than a "
        "clean one. 1 is always, 0.5 is guessing, below 0.5 is the wrong way round. Beneath stand "
        "the 95&nbsp;% interval over people and the numbers of faulty and clean repetitions. "
        "Green: 0.9 or more. Yellow: better than guessing. Red: as far as the interval shows, not "
        "better than guessing.</p>"
        '<div class="scroll"><table><thead><tr><th scope="col">Exercise</th>'
        f'<th scope="col">Fault</th>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        f"{few if n < FEW_PEOPLE else ''}</section>"
    )


def _exercise(results: Results, judged: Sequence[Judged], index: int, count: Count) -> str:
    name = count.exercise
    rows = [row for row in results.rows if row.exercise == name]
    faults = results.faults_to_tell(name)
    views = list(dict.fromkeys(row.view for row in rows))
    return (
        f'<section id="exercise-{index}"><h2>{escape(exercise_title(name))}</h2>'
        f'<p class="soft">To judge: {count.clean} clean and {count.faulty} faulty repetitions; '
        f"{count.grey} in the grey zone between, left out. To learn from: {count.train_clean} "
        f"clean ones.</p>{_legend(results)}{_forest(results, name, faults, views)}"
        f"<h3>Figures by view</h3>{_table(results, name, faults, views)}"
        f"<h3>From which size on</h3>{curves(results, name)}"
        f"{_thresholds(results, name, faults, views)}"
        f"{grading(results, name)}"
        f"<h3>Score against the measured size of the fault</h3>{_panels(results, judged, name)}"
        "</section>"
    )


def _forest(results: Results, exercise: str, faults: Sequence[str], views: Sequence[str]) -> str:
    bands = []
    for fault_id in faults:
        bands.append(Band(fault_title(fault_id), []))
        for view in views:
            marks = []
            for i, name in enumerate(results.names):
                row = results.row(name, fault_id, view, exercise)
                if row is not None and row.auroc.value is not None:
                    a, told = row.auroc, f"{name}: {figure(row)}"
                    marks.append(Mark(i, row.auroc.value, a.low, a.high, told))
            bands.append(Band(view_title(view), marks))
    told = f"AUROC of each scorer for each fault of the {exercise}, by view; figures in the table"
    return f"<figure>{forest(bands, 'AUROC, with 95 % interval over people', 0.5, told)}</figure>"


def _table(results: Results, exercise: str, faults: Sequence[str], views: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{escape(view_title(view))}</th>' for view in views)
    body = []
    for fault_id in faults:
        for name in results.names:
            found = [results.row(name, fault_id, view, exercise) for view in views]
            every = found[views.index(ALL_VIEWS)]
            shares = ("sensitivity_at_5_percent", "own_sensitivity", "own_false_alarm_rate",
                      "balanced_accuracy")  # fmt: skip
            body.append(
                f'<tr><th scope="row">{escape(fault_title(fault_id))}</th>'
                f"<td>{name_of(results, name)}</td>{''.join(map(cell, found))}"
                f"{number_cell(every.average_precision if every else None)}"
                f"{''.join(share_cell(getattr(every, share, None)) for share in shares)}</tr>"
            )
    return (
        '<div class="scroll"><table><caption>AUROC, interval, and numbers of faulty and clean '
        "repetitions. The last columns are over all views: average precision; faults found while "
        "5&nbsp;% of the clean are called faulty; and by the scorer's own line faults found, clean "
        "ones called faulty, and balanced accuracy.</caption>"
        f'<thead><tr><th scope="col">Fault</th><th scope="col">Scorer</th>{head}'
        '<th scope="col">Average precision</th><th scope="col">Found at 5&nbsp;%</th>'
        '<th scope="col">Found, own line</th><th scope="col">False alarms, own line</th>'
        '<th scope="col">Balanced, own line</th></tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _thresholds(
    results: Results, exercise: str, faults: Sequence[str], views: Sequence[str]
) -> str:
    def cell_of(name: str, fault_id: str, view: str) -> str:
        row = results.row(name, fault_id, view, exercise)
        return threshold_cell(fault_id, row.threshold if row else None)

    head = "".join(f'<th scope="col">{escape(view_title(view))}</th>' for view in views)
    body = "".join(
        f'<tr><th scope="row">{escape(fault_title(fault_id))}</th><td>{name_of(results, name)}</td>'
        + "".join(cell_of(name, fault_id, view) for view in views)
        + "</tr>"
        for fault_id in faults
        if fault_id != ANY_FAULT
        for name in results.names
    )
    return (
        '<div class="scroll"><table><caption>The size of the fault that is seen three times in '
        "four while 5&nbsp;% of clean repetitions are called faulty, with its 95&nbsp;% interval "
        "over people; from a psychometric function fitted to repetitions of all sizes.</caption>"
        f'<thead><tr><th scope="col">Fault</th><th scope="col">Scorer</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _panels(results: Results, judged: Sequence[Judged], exercise: str) -> str:
    panels = []
    first = results.poses[0]
    some = [j for j in judged if (j.truth.exercise, j.poses) == (exercise, first)]
    for fault_id in sorted({fault_id for j in some for fault_id in j.truth.present}):
        for name in results.names:
            dots = dots_of([j for j in some if j.scorer == name], fault_id)
            told = f"Score of {name} against the measured size of {fault_id}"
            chart = scatter(dots, (-1, 1.2), ((0, "mild"), (1, "severe")), (0, 100), told)
            caption = f"{escape(fault_title(fault_id))}, {name_of(results, name)}"
            panels.append(f"<figure>{chart}<figcaption>{caption}</figcaption></figure>")
    kinds = (("faulty", "has this fault"), ("clean", "clean"), ("grey", "in the grey zone"))
    legend = "".join(f'<li><span class="dot {kind}"></span>{what}</li>' for kind, what in kinds)
    return (
        "<p>Each dot is one repetition from one camera. A scorer that sees the fault falls from "
        "left to right; one that is blind to it stays level. Repetitions with other faults are "
        f'left out.</p><ul class="legend">{legend}</ul><div class="panels">{"".join(panels)}</div>'
    )


def dots_of(some: Sequence[Judged], fault_id: str) -> list[Dot]:
    """Return the score of each repetition over the measured severity of a fault."""
    dots = []
    for j in some:
        score = j.answer.verdict.score if j.answer.verdict else None
        if score is None:
            continue
        if fault_id in j.truth.severities and set(j.truth.present) <= {fault_id}:
            kind = "faulty" if j.truth.present else "clean" if j.truth.clean else "grey"
            dots.append(Dot(j.truth.severities[fault_id], score, kind))
    return dots[:: max(1, -(-len(dots) // MOST_DOTS))]


def _legend(results: Results) -> str:
    items = "".join(f"<li>{name_of(results, name)}</li>" for name in results.names)
    return f'<ul class="legend">{items}</ul>'
