"""The commands about Label Studio and what comes back from it."""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from export.exchange_commands import (
    dataset_app,
    side_row,
)
from motions.errors import FormbenchError
from motions.terminal import (
    Json,
    Output,
    progress,
    show,
    spinner,
)

label_app = typer.Typer(help="Label Studio: ask annotators, and judge them.", no_args_is_help=True)


DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Of a server of one's own; one a user by default.")
]


Tasks = Annotated[Path, typer.Argument(metavar="DIR", help="What `label tasks` wrote.")]


Url = Annotated[
    str | None,
    typer.Option(
        help="Another server than one's own; its token from LABEL_STUDIO_API_KEY or asked for."
    ),
]


Campaign = Annotated[str | None, typer.Option("--name", help="Of the projects; the folder's.")]


@dataset_app.command("build")
def dataset_build(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="A YAML file.")],
    output: Output,
    licence: Annotated[
        str | None, typer.Option(help="Refuse clips that may not be put to this use: commercial.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Build one dataset from simulated clips and labelled footage, parted without leaks."""
    from export.build import build_dataset
    from export.spec import read_spec
    from export.splits import read_split
    from labeling.clips import labelled_clips

    wanted = read_spec(spec)
    if licence is not None:
        wanted = wanted.model_copy(update={"licence": licence})
    with progress("clips") as on_clip:
        dataset = build_dataset(wanted, output, labelled_clips, on_clip)
    parted = read_split(output / "splits.json")
    sides = {side: parted.rows(dataset, side) for side in parted.sides}
    show([side_row(side, rows) for side, rows in sides.items()], as_json)


@label_app.command("up")
def label_up(
    media_root: Annotated[
        Path, typer.Option("--media-root", help="What the server may show; tasks go inside.")
    ] = Path(),
    data_dir: DataDir = None,
    port: Annotated[int, typer.Option(help="On 127.0.0.1; 0 for any that is free.")] = 8080,
    as_json: Json = False,
) -> None:
    """Start a Label Studio server of one's own, installing it the first time."""
    from labeling.server import CREDENTIALS, default_data_dir, read_credentials, start_server
    from simulator.environments import make_environment

    where = data_dir or default_data_dir()
    with spinner("Label Studio") as on_line:
        make_environment("label-studio", on_line)
        running = start_server(where, media_root, port, on_line=on_line)
    row = {"address": running.url, "sign in as": read_credentials(running.data_dir).username}
    show([row | {"password in": str(running.data_dir / CREDENTIALS)}], as_json)


@label_app.command("down")
def label_down(data_dir: DataDir = None) -> None:
    """Stop the Label Studio server that `label up` started."""
    from labeling.server import default_data_dir, stop_server

    where = data_dir or default_data_dir()
    print("stopped" if stop_server(where) else f"{where}: no server runs")


@label_app.command("push")
def label_push(
    folder: Tasks,
    name: Campaign = None,
    url: Url = None,
    data_dir: DataDir = None,
    annotators: Annotated[int, typer.Option(help="How many answer each task.")] = 1,
    as_json: Json = False,
) -> None:
    """Bring tasks to a server, one project a kind; what is there already is left alone."""
    from labeling.folder import read_label_folder
    from labeling.push import push

    tasks = read_label_folder(folder)
    with _label_client(url, data_dir) as client, progress("tasks") as on_task:
        pushed = push(
            tasks, client, name or _title(folder), annotators_per_task=annotators, on_task=on_task
        )
    rows = [{"kind": p.kind, "new": p.n_new, "there": p.n_there, "at": p.link} for p in pushed]
    show(rows, as_json)


@label_app.command("pull")
def label_pull(
    folder: Tasks,
    name: Campaign = None,
    url: Url = None,
    data_dir: DataDir = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on as annotators answer, until Ctrl-C.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring what annotators answered back; what could not be read is listed with its link."""
    from labeling import live
    from labeling.folder import read_label_folder
    from labeling.pull import pull

    tasks = read_label_folder(folder)
    with _label_client(url, data_dir) as client:
        if not follow:
            with spinner("reading answers") as on_line:
                pulled = pull(
                    tasks, client, name or _title(folder), lambda n: on_line(f"{n} tasks")
                )
            return _show_pulled(pulled, as_json)
        stop = threading.Event()
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        live.follow(
            tasks,
            client,
            name or _title(folder),
            on_pull=lambda pulled: _show_pulled(pulled, as_json),
            stop=stop,
        )


@label_app.command("agree")
def label_agree(folder: Tasks, output: Output, as_json: Json = False) -> None:
    """Say how far to trust the labels that were pulled: people, agreement, what to review."""
    from labeling.folder import read_label_folder
    from labeling.report import write_trust
    from labeling.trust import assess

    trust = assess(read_label_folder(folder))
    page = write_trust(trust, output)
    rows = [
        {"annotator": p.name, "answered": p.n_annotations, "skipped": p.n_skipped}
        | {f"agrees on {kind}": interval.value for kind, interval in p.agreement.items()}
        for p in trust.annotators
    ]
    show(rows, as_json)
    if not as_json:
        print(f"see {page}")


@label_app.command("opinions")
def label_opinions(
    folder: Tasks,
    data: Annotated[
        Path, typer.Option(metavar="DATASET", help="The one that the tasks were made of.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A .jsonl.")],
    as_json: Json = False,
) -> None:
    """Write what annotators said of a dataset's clips, for `evaluate --human`.

    Their addresses are not in the file; which is whose is printed.
    """
    from export.dataset import read_dataset
    from labeling.folder import read_label_folder
    from labeling.opinions import write_opinions

    people = write_opinions(read_label_folder(folder), read_dataset(data), output)
    rows = [{"annotator": f"annotator-{n}", "address": who} for n, who in enumerate(people, 1)]
    show(rows, as_json)


def _label_client(url: str | None, data_dir: Path | None) -> Any:
    """Connect to the server at an address, or to the one that `label up` started."""
    from labeling.client import Client
    from labeling.server import default_data_dir, read_credentials, running_server

    if url is None:
        where = data_dir or default_data_dir()
        running = running_server(where)
        if running is None:
            raise FormbenchError(
                f"{where}: no server runs; start one with `workbench label up`, or name one "
                "with --url"
            )
        return Client(running.url, read_credentials(running.data_dir).token)
    token = os.environ.get("LABEL_STUDIO_API_KEY", "")
    if not token and sys.stdin.isatty():
        token = typer.prompt("Token, from Account & Settings there", hide_input=True)
    return Client(url, token)


def _title(folder: Path) -> str:
    return folder.resolve().name


def _show_pulled(pulled: Sequence[Any], as_json: bool) -> None:
    if as_json:
        return show([asdict(one) for one in pulled], as_json)
    counts = [
        {"kind": p.kind, "answers": p.n_annotations, "tasks changed": p.n_changed_tasks}
        | {"tasks gone": len(p.gone), "not read": len(p.rejected)}
        for p in pulled
    ]
    show(counts, as_json)
    for one in pulled:
        for bad in one.rejected:
            print(f"not read: {bad.problem}; {bad.annotator}, {bad.link}")
        for link in one.foreign:
            print(f"not of this folder: {link}")
