"""The page's last tables: how scorers fared as programs, and how everything was measured."""

from collections.abc import Sequence
from html import escape

from scoring.evaluation.report_table import name_of
from scoring.evaluation.results import Judged, Results
from scoring.evaluation.wording import kinds


def programs(results: Results, judged: Sequence[Judged]) -> str:
    """Show how each scorer fared as a program."""
    body = "".join(
        f'<tr><th scope="row">{name_of(results, s.name)}</th><td>{escape(s.version)}</td>'
        f'<td>{escape(s.poses)}</td><td class="number">{s.n_judged}</td>'
        f'<td class="number">{s.n_abstained}</td><td class="number">{s.n_failed}'
        f"<small>{kinds(s.failures)}</small></td>"
        f'<td class="number">{sum(s.complaints.values())}<small>{kinds(s.complaints)}</small></td>'
        f"<td>{_complaints(judged, s.name)}</td></tr>"
        for s in results.scorers
    )
    return (
        '<section id="programs"><h2>Scorers as programs</h2><div class="scroll"><table><thead><tr>'
        '<th scope="col">Scorer</th><th scope="col">Version</th><th scope="col">Poses</th>'
        '<th scope="col">Asked</th><th scope="col">Abstained</th><th scope="col">Failed</th>'
        '<th scope="col">Said besides</th><th scope="col">Why, first three</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div></section>"
    )


def _complaints(judged: Sequence[Judged], scorer: str) -> str:
    answers = [j.answer for j in judged if j.scorer == scorer]
    reasons = dict.fromkeys(
        answer.failure or (answer.verdict.abstained if answer.verdict else "") for answer in answers
    )
    return "<br>".join(escape(reason) for reason in list(filter(None, reasons))[:3])


def method(results: Results) -> str:
    """Say how it was measured, and what was not."""
    settings = results.settings
    items = [
        "A repetition is faulty when the fault was measured on the body at least mild; clean when "
        "every fault was measured within its correct range. What lies between counts as neither.",
        "Scorers saw image points only: no clip, no person, no label. Points came from "
        f"{', '.join(results.poses)}, repetitions were cut at the boundaries of "
        f"{settings['boundaries']}, keypoints in {settings['convention_name']}.",
        "People are either learnt from or judged on, never both. Learnt from: "
        f"{', '.join(results.train_subjects)}. Judged on: "
        f"{', '.join(results.validation_subjects)}.",
        f"Intervals: {settings['n_resamples']} draws of people with all their repetitions, "
        "percentiles 2.5 and 97.5. Scorers are compared on the same draws. An interval of no "
        "width says that these data hold no counterexample.",
        "Made with "
        + ", ".join(f"{name} {number}" for name, number in sorted(results.packages.items()))
        + f" on the dataset {results.dataset_sha256}.",
        *(f"Not measured: {what}, {why}." for what, why in results.skipped.items()),
    ]
    listed = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f'<section id="method"><h2>How it was measured</h2><ul>{listed}</ul></section>'
