"""The commands about bodies and faults, and about this machine."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from motions.commands import (
    motions_app,
)
from motions.terminal import (
    Json,
    picked,
    progress,
    show,
    spinner,
)

app = typer.Typer()

faults_app = typer.Typer(help="The faults that can be made and measured.", no_args_is_help=True)


KeypointsOnly = Annotated[
    bool, typer.Option("--keypoints-only", help="Make no pixels, only all other truth.")
]


EngineName = Annotated[
    str | None,
    typer.Option("--engine", help="Where the work runs: local or ray; else in this process."),
]


Processes = Annotated[
    int | None, typer.Option("--workers", help="Processes; without, this one alone.")
]


Address = Annotated[
    str | None, typer.Option(help="A Ray cluster: auto, or HOST:PORT; else this machine.")
]


@motions_app.command("retarget")
def motions_retarget(
    motion: Annotated[str, typer.Argument(metavar="MOTION", help="A .npz, or pybullet:NAME.")],
    body: Annotated[str, typer.Option(help="anny, stick, smpl, smplh or smplx.")] = "anny",
    seed: Annotated[int, typer.Option(help="Which person.")] = 0,
    as_json: Json = False,
) -> None:
    """Put one motion on one body and say how well it fits."""
    import numpy as np

    from motions.recordings import recording
    from simulator.bodies.library import build_body, sample_body
    from simulator.proof import proof
    from simulator.retarget import retarget

    person = build_body(body, sample_body(body, np.random.default_rng(seed)), grip=False)
    figures = proof(retarget(recording(motion), person))
    show([{"figure": name, "value": value} for name, value in figures.items()], as_json)


@faults_app.command("list")
def faults_list(
    exercise: Annotated[str | None, typer.Option(help="Only the faults of this one.")] = None,
    as_json: Json = False,
) -> None:
    """List the faults with the sizes that count as mild and severe."""
    from simulator.faults.library import FAULTS, faults_of

    faults = FAULTS.values() if exercise is None else faults_of(exercise)
    fields = ["id", "title", "unit", "correct", "mild", "severe", "sides", "evidence", "sentence"]
    if as_json:
        fields += ["cue", "neutral", "one_sided", "whole_set", "joints"]
    show([picked(fault, *fields) for fault in faults], as_json)


@app.command()
def estimate(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file.")],
    cores: Annotated[int, typer.Option(help="On how many it would run.")] = 2,
    sample: Annotated[int, typer.Option(help="How many clips to make to find out.")] = 8,
    price: Annotated[
        float | None, typer.Option("--price-per-core-hour", help="In any currency.")
    ] = None,
    keypoints_only: KeypointsOnly = False,
    as_json: Json = False,
) -> None:
    """Say what a dataset will cost, from a few of its clips."""
    from simulator.estimate import estimate
    from simulator.possible import check_possible

    wanted = read_dataset_config(config, keypoints_only)
    check_possible(wanted)
    with progress("clips") as on_clip:
        cost = estimate(wanted, sample, on_clip)
    row = {"clips": cost.clips, "sampled": cost.sampled, "core-hours": cost.core_hours}
    row |= {"give or take": cost.core_hours_off, f"hours on {cores} cores": cost.wall_hours(cores)}
    row |= {"GB": cost.gigabytes}
    if price is not None:
        row |= {"price": cost.price(price), "price a clip": cost.price(price) / cost.clips}
    show([row], as_json)


@app.command()
def setup(
    name: Annotated[
        str, typer.Argument(metavar="mediapipe|label-studio|moto", help="What to set up.")
    ],
) -> None:
    """Install a tool that needs a Python environment of its own; once."""
    from simulator.environments import make_environment

    with spinner(f"setting up {name}") as on_line:
        folder = make_environment(name, on_line)
    print(f"{name} is ready in {folder}")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Try what works on this machine.

    The exit code is 1 when something does not work that generating a dataset needs.
    """
    from simulator.doctor import CHECKS, examine

    with progress("checks") as on_check:
        findings = examine(CHECKS, on_check)
    show([asdict(finding) for finding in findings], as_json)
    if any(finding.core and not finding.works for finding in findings):
        raise typer.Exit(1)


def read_dataset_config(path: Path, keypoints_only: bool) -> Any:
    """Read a config, without pixels where only keypoints are wanted."""
    from simulator.config import read_config

    wanted = read_config(path)
    return wanted.model_copy(update={"render": False}) if keypoints_only else wanted
