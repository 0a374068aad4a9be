"""The commands about other people's scorers: check one, evaluate some, compare two evaluations."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from motions.terminal import (
    Json,
    Output,
    Row,
    Seed,
    Share,
    progress,
    show,
)

app = typer.Typer()


@app.command("check-scorer")
def check_scorer_(
    scorer: Annotated[str, typer.Argument(metavar="SCORER", help="As for evaluate.")],
    as_json: Json = False,
) -> None:
    """Try a scorer on made-up squats, and say what of a verdict it fills."""
    from scoring.contract import METRICS, check_scorer, load_scorer

    filled = check_scorer(load_scorer(scorer))
    show([{"fills": name, "qualifies for": METRICS[name]} for name in filled], as_json)


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(metavar="DIR", help="A dataset's folder.")],
    output: Output,
    scorer: Annotated[
        list[str] | None,
        typer.Option(
            help="A name, module:attribute, cmd:COMMAND, http://..., or file:PREDICTIONS; "
            "repeat for more."
        ),
    ] = None,
    share: Share = 0.3,
    seed: Seed = 0,
    requests_only: Annotated[
        bool, typer.Option("--requests-only", help="Write what scorers would be asked, no more.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say which faults scorers see, from where, and how surely.

    Scorers learn from clean repetitions of some people and judge the others. An AUROC of 1 tells
    every faulty repetition from every clean one, 0.5 none.
    """
    from export.dataset import read_dataset
    from scoring.evaluation import evaluate as scoring
    from scoring.evaluation.material import material, write_requests

    dataset = read_dataset(data)
    with progress("clips") as on_clip:
        if requests_only:
            given = material(dataset, seed=seed, validation_share=share, on_clip=on_clip)
            n_good, n_judge = write_requests(given, output)
        else:
            results = scoring.evaluate(
                dataset, scorer or [], output, seed=seed, validation_share=share, on_clip=on_clip
            )
    if requests_only:
        return show(
            [{"folder": str(output), "to learn from": n_good, "to judge": n_judge}], as_json
        )
    show([asdict(row) for row in results.rows] if as_json else _by_view(results), as_json)


@app.command("compare-results")
def compare_results_(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A results.json.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="Another one.")],
    drop: Annotated[float, typer.Option(help="How much lower an AUROC may be.")] = 0.02,
    other_scorer: Annotated[
        bool, typer.Option("--other-scorer", help="Compare one scorer with another.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say which figures fell from one evaluation to another, as Markdown.

    The exit code is 1 where one fell by more than the drop and below the interval that it had.
    """
    from scoring.evaluation.compare import compare_results, to_markdown

    changes = compare_results(before, after, drop=drop, same_scorer=not other_scorer)
    if as_json:
        show([asdict(change) for change in changes], as_json)
    else:
        print(to_markdown(changes), end="")
    if any(change.fell for change in changes):
        raise typer.Exit(1)


def _by_view(results: Any) -> list[Row]:
    """Return AUROC and interval of each scorer and fault, one column a view."""
    views = dict.fromkeys(row.view for row in results.rows)
    table: dict[tuple[str, ...], Row] = {}
    for row in results.rows:
        if row.fault_id not in results.faults_to_tell(row.exercise):
            continue
        figure, fault = row.auroc, row.fault_id
        about = {
            "scorer": row.scorer,
            "fault": f"{row.exercise}, any" if fault == "any" else fault,
        }
        cell = "" if figure.value is None else f"{figure.value:.2f}"
        if figure.low is not None:
            cell += f" [{figure.low:.2f}, {figure.high:.2f}]"
        table.setdefault(tuple(about.values()), about | dict.fromkeys(views, ""))[row.view] = cell
    return list(table.values())
