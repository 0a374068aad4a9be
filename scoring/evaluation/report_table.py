"""The page's first tables: who wins, what each stage costs, what a changed attribute changes."""

from html import escape

from scoring.evaluation.charts import Band, Mark, forest, key
from scoring.evaluation.flips import ATTRIBUTES
from scoring.evaluation.metrics.boundaries import METRICS
from scoring.evaluation.results import Comparison, FlipRow, Results, Standing
from scoring.evaluation.wording import exercise_title, number_cell


def name_of(results: Results, scorer: str) -> str:
    """Return a scorer's name with its mark, HTML."""
    return f'<span class="name">{key(results.names.index(scorer))}{escape(scorer)}</span>'


def table(head: list[str], rows: list[str], caption: str = "") -> str:
    """Return an HTML table of ready-made rows."""
    heads = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    told = f"<caption>{caption}</caption>" if caption else ""
    return (
        f'<div class="scroll"><table>{told}<thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def standings(results: Results) -> str:
    """Show the table of scorers on the first source of poses, ties as ties."""
    own = [s for s in results.standings if s.poses == results.poses[0]]
    summaries = {s.name: s for s in results.scorers if s.poses == results.poses[0]}
    rows, bands = [], []
    for standing in own:
        summary = summaries[standing.scorer]
        share = summary.n_abstained / summary.n_judged if summary.n_judged else None
        cells = (standing.macro_auroc, summary.brier, summary.calibration_error, share)
        failed = f"{summary.n_failed + sum(summary.complaints.values())}"
        rows.append(
            f'<tr><td class="number">{standing.group}</td><th scope="row">'
            f"{name_of(results, standing.scorer)}</th>{number_cell(cells[0], _interval(standing))}"
            f"{''.join(map(number_cell, cells[1:]))}"
            f'<td class="number">{failed}</td></tr>'
        )
        if standing.macro_auroc is not None:
            index = results.names.index(standing.scorer)
            mark = Mark(index, standing.macro_auroc, standing.low, standing.high, standing.scorer)
            bands.append(Band(f"{standing.group}. {standing.scorer}", [mark]))
    n_tasks = max((s.n_tasks for s in own), default=0)
    chart = forest(
        bands, "macro AUROC, with 95 % interval over people", 0.5, "The table as a chart"
    )
    head = ["Place", "Scorer", "Macro AUROC", "Brier", "Calibration error", "Abstained",
            "Failures and noise"]  # fmt: skip
    return (
        '<section id="standings"><h2>Who wins</h2><p>The macro AUROC is the mean over '
        f"{n_tasks} pairs of a fault and a view; what a scorer does not answer counts as chance. "
        "Scorers with the same place are tied: the difference to the first of the place is not "
        "significant at 5&nbsp;% after Holm's correction. Brier score and calibration error read "
        "the score as the chance in per cent that a repetition is clean.</p>"
        f"{table(head, rows)}<figure>{chart}</figure></section>"
    )


def _interval(standing: Standing) -> str:
    if standing.low is None or standing.high is None:
        return ""
    return f"{standing.low:.2f}&ndash;{standing.high:.2f}"


def attribution(results: Results) -> str:
    """Show what each further source of poses costs each scorer; empty for one source."""
    if not results.attribution:
        return ""

    def row(c: Comparison) -> str:
        p = "&lt; 0.001" if c.p_holm < 0.001 else f"{c.p_holm:.3f}"
        interval = f"{c.low:+.2f} to {c.high:+.2f}"
        return (
            f'<tr><th scope="row">{name_of(results, c.scorer)}</th><td>{escape(c.poses)}</td>'
            f'{number_cell(c.difference, interval, sign=True)}<td class="number">{p}</td></tr>'
        )

    told = f"Macro AUROC less that of the same scorer on {escape(results.poses[0])} poses."
    head = ["Scorer", "Poses", "Difference", "p, corrected"]
    return (
        '<section id="stages"><h2>What each stage costs</h2>'
        f"{table(head, [row(c) for c in results.attribution], told)}</section>"
    )


def flips(results: Results) -> str:
    """Show counterfactual flips, and each scorer's worst; empty where none were made."""
    if not results.flips:
        return ""
    worst = {
        scorer: min(
            (f for f in results.flips if f.scorer == scorer and f.gap is not None),
            key=lambda f: f.gap or 0,
            default=None,
        )
        for scorer in results.names
    }
    rows = []
    for name, what in ATTRIBUTES.items():
        for flip in (f for f in results.flips if f.attribute == name):
            mark = " <strong>worst</strong>" if worst[flip.scorer] is flip else ""
            rows.append(
                f'<tr><th scope="row">{escape(name)}<small>{escape(what)}</small></th>'
                f"<td>{name_of(results, flip.scorer)}{mark}</td>{_flip_cells(flip)}</tr>"
            )
    head = ["Changed", "Scorer", "AUROC before", "After", "Gap", "Score changes by",
            "Calls that change", "Lost"]  # fmt: skip
    told = (
        "The same performances with one attribute changed: clean repetitions, and those with a "
        "fault near its highest dose. A call is whether a repetition is beyond the line that "
        "5&nbsp;% of the clean ones are; lost are pairs of which one side only was answered."
    )
    return f'<section id="flips"><h2>One attribute changed</h2>{table(head, rows, told)}</section>'


def _flip_cells(flip: FlipRow) -> str:
    known = flip.gap_low is not None and flip.gap_high is not None
    interval = f"{flip.gap_low:+.2f} to {flip.gap_high:+.2f}" if known else ""
    return (
        f"{number_cell(flip.auroc)}{number_cell(flip.auroc_flipped)}"
        f"{number_cell(flip.gap, interval, sign=True)}{number_cell(flip.score_change)}"
        f'{number_cell(flip.calls_changed)}<td class="number">{flip.n_lost} / {flip.n_pairs}</td>'
    )


def recordings(results: Results) -> str:
    """Show how well repetitions are found; empty where no scorer looks for them."""
    own = [r for r in results.recordings if r.poses == results.poses[0]]
    rows = []
    for scorer, exercise in dict.fromkeys((r.scorer, r.exercise) for r in own):
        found = {r.metric: r for r in own if (r.scorer, r.exercise) == (scorer, exercise)}
        cells = "".join(
            number_cell(
                found[metric].value,
                f"{found[metric].low:.2f}&ndash;{found[metric].high:.2f}"
                if found[metric].low is not None
                else "",
            )
            for metric in METRICS
        )
        n = next(iter(found.values()))
        rows.append(
            f'<tr><th scope="row">{escape(exercise_title(exercise))}</th>'
            f"<td>{name_of(results, scorer)}</td>{cells}"
            f'<td class="number">{n.n_failed}</td><td class="number">{n.n_overlapping}</td></tr>'
        )
    if not rows:
        return ""
    head = ["Exercise", "Scorer", *METRICS.values(), "Failed", "Overlapping"]
    return (
        '<section id="recordings"><h2>Repetitions in whole recordings</h2>'
        f"{table(head, rows)}</section>"
    )
