"""The commands about other people's scorers: check one, evaluate some, compare two evaluations."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from motions.terminal import (
    Json,
    Output,
    Row,
    Seed,
    Workers,
    picked,
    progress,
    show,
)
from simulator.commands import Address, EngineName

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
    output: Output,
    suite: Annotated[
        str,
        typer.Option(
            "--suite", "--data", metavar="NAME|DIR", help="smoke, standard, full, or a dataset."
        ),
    ] = "smoke",
    scorer: Annotated[
        list[str] | None,
        typer.Option(
            help="A name, module:attribute, cmd:COMMAND, http://..., or file:PREDICTIONS; "
            "repeat for more."
        ),
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Leave out the scorers that ship with formbench.")
    ] = False,
    human: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Of `label opinions`: annotators in the same table."),
    ] = None,
    poses: Annotated[
        list[str] | None,
        typer.Option(
            help="Keypoints from truth, mediapipe, simulated:FILE, files:DIR or "
            "lifted:MODEL@ANOTHER; repeat for more."
        ),
    ] = None,
    share: Annotated[
        float | None, typer.Option("--validation-share", help="Of clips to judge.")
    ] = None,
    seed: Seed = 0,
    suite_seed: Annotated[
        int | None, typer.Option(min=0, help="Make a private suite: people whom nobody has met.")
    ] = None,
    workers: Workers = None,
    engine: EngineName = None,
    address: Address = None,
    requests_only: Annotated[
        bool, typer.Option("--requests-only", help="Write what scorers would be asked, no more.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say which faults scorers see, from where, on whom, from which size on, and how surely.

    Scorers learn from clean repetitions of some people and judge the others. An AUROC of 1 tells
    every faulty repetition from every clean one, 0.5 none. A suite is made when it is first asked
    for, and kept.
    """
    from scoring.contract import SCORERS
    from scoring.evaluation import evaluate as scoring
    from scoring.evaluation.flips import CHEAP, LOOKS, SEEN_BY
    from scoring.evaluation.material import Looking, material, write_requests
    from scoring.evaluation.people import read_people
    from scoring.evaluation.pose_sources import TRUTH
    from scoring.evaluation.suites import asked_for
    from simulator.engines.choice import engine_of
    from simulator.engines.engine import SetAside, keep_log

    looking = Looking(engine_of(engine, workers, address) if engine else None)
    from scoring.evaluation.trained import TRAINED

    people = () if human is None else read_people(human)
    with progress("clips made") as on_made:
        data, name, own_share, flips = asked_for(suite, suite_seed, workers, on_made)
    share = own_share if share is None else share
    with progress("clips") as on_clip:
        if requests_only:
            given = material(
                data, seed=seed, validation_share=share, on_clip=on_clip, looking=looking
            )
            n_good, n_judge = write_requests(given, output)
        else:
            wishes = scoring.Wishes(
                seed=seed,
                validation_share=share,
                poses=tuple(poses or [TRUTH]),
                flips=(*CHEAP, *flips, *(LOOKS if SEEN_BY in (poses or ()) else ())),
                suite=name,
            )
            names = dict.fromkeys([*(scorer or []), *(() if alone else (*SCORERS, *TRAINED))])
            results = scoring.evaluate(data, list(names), output, wishes, on_clip, looking, people)
    if requests_only:
        show([{"folder": str(output), "to learn from": n_good, "to judge": n_judge}], as_json)
    elif as_json:
        show([asdict(row) for row in results.rows], as_json)
    else:
        show(_standings(results), as_json)
        own = {*SCORERS, *TRAINED}
        named = _by_view(results, [one for one in results.names if one not in own or alone])
        if named:
            print()
            show(named, as_json)
    for outcome in looking.set_aside:
        keep_log(output / "failed", outcome.unit, outcome.log)
    if looking.set_aside:
        raise SetAside(f"{len(looking.set_aside)} clips", output / "failed")


@app.command("evaluate-poses")
def evaluate_poses_(
    data: Annotated[Path, typer.Option(metavar="DIR", help="A dataset's folder.")],
    output: Output,
    poses: Annotated[
        str, typer.Option(help="mediapipe, simulated:FILE, or files:DIR of CLIP.CAMERA.npz.")
    ] = "mediapipe",
    as_json: Json = False,
) -> None:
    """Say how far a pose estimator is off, by exercise and view."""
    from export.dataset import read_dataset
    from scoring.evaluation.estimators import HEADS, evaluate_poses

    dataset = read_dataset(data)
    with progress("clips") as on_clip:
        rows = evaluate_poses(dataset, poses, output, on_clip)
    show([asdict(row) for row in rows] if as_json else
         [picked(row, "exercise", "view", *HEADS) for row in rows], as_json)  # fmt: skip


@app.command("evaluate-real")
def evaluate_real_(
    labels: Annotated[
        Path,
        typer.Argument(metavar="LABELS", help="A CSV: file, subject_id, good, exercise, view."),
    ],
    data: Annotated[Path, typer.Option(metavar="DIR", help="A dataset's folder.")],
    output: Output,
    scorer: Annotated[
        list[str] | None, typer.Option(help="As for evaluate; repeat for more.")
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Say what learning from a dataset is worth on real repetitions, and the reverse."""
    from export.dataset import read_dataset
    from scoring.contract import SCORERS
    from scoring.evaluation.real import evaluate_real, read_labelled, synthetic_of, to_markdown

    real = read_labelled(labels)
    with progress("clips") as on_clip:
        synthetic = synthetic_of(read_dataset(data), real, on_clip)
    rows = evaluate_real(real, synthetic, scorer or list(SCORERS), output, seed)
    if as_json:
        show([asdict(row) for row in rows], as_json)
    else:
        print(to_markdown(rows), end="")


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


def _standings(results: Any) -> list[Row]:
    """Return the table of scorers, ties as ties."""
    return [
        {
            "place": standing.group,
            "scorer": standing.scorer,
            "poses": standing.poses,
            "macro AUROC": ""
            if standing.macro_auroc is None
            else f"{standing.macro_auroc:.2f} [{standing.low:.2f}, {standing.high:.2f}]",
        }
        for standing in results.standings
    ]


def _by_view(results: Any, names: Sequence[str]) -> list[Row]:
    """Return AUROC and interval of some scorers by fault, one column a view."""
    views = dict.fromkeys(row.view for row in results.rows)
    table: dict[tuple[str, ...], Row] = {}
    for row in results.rows:
        told = row.fault_id in results.faults_to_tell(row.exercise)
        if not told or row.scorer not in names or row.poses != results.poses[0]:
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
