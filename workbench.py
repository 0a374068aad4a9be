"""The command line: parse, call one function, print.

What a command needs is imported inside it, so that `--help` is quick. A mistake that the user can
mend is one line on stderr and exit code 1; everything else is a bug and keeps its traceback.
Results go to stdout, progress to stderr.
"""

import errno
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from motions.errors import FormbenchError

COMMANDS = ("motions", "faults", "verify", "label", "setup", "doctor")
"""In the order of the pipeline, as `--help` lists them."""


class _Commands(typer.core.TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(self.commands, key=COMMANDS.index)


app = typer.Typer(
    cls=_Commands,
    help="Make labelled exercise-fault data: motions, bodies, faults, video, truth, scores.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
motions_app = typer.Typer(help="Reference motions.", no_args_is_help=True)
faults_app = typer.Typer(help="The faults that can be made and measured.", no_args_is_help=True)
label_app = typer.Typer(help="Label Studio: what annotators are asked.", no_args_is_help=True)
app.add_typer(motions_app, name="motions")
app.add_typer(faults_app, name="faults")
app.add_typer(label_app, name="label")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Dataset = Annotated[Path, typer.Argument(metavar="DIR", help="A dataset's folder.")]

Output = Annotated[Path, typer.Option("-o", "--output", help="A new or empty folder.")]

Row = dict[str, Any]


@motions_app.command("list")
def motions_list(as_json: Json = False) -> None:
    """List the exercises, and the recordings of real people that come with PyBullet."""
    from motions.formats.deepmimic import pybullet_clips
    from motions.library import EXERCISES

    _show(
        [
            _fields(exercise, "name", "title", "phases", "contacts", "props")
            for exercise in EXERCISES.values()
        ]
        + [
            {"name": name, "title": path.name, "phases": (), "contacts": (), "props": ()}
            for name, path in pybullet_clips().items()
        ],
        as_json,
    )


@faults_app.command("list")
def faults_list(
    exercise: Annotated[str | None, typer.Option(help="Only the faults of this one.")] = None,
    as_json: Json = False,
) -> None:
    """List the faults with the sizes that count as mild and severe."""
    from simulator.faults.library import FAULTS, faults_of

    faults = FAULTS.values() if exercise is None else faults_of(exercise)
    fields = ("id", "title", "unit", "correct", "mild", "severe", "sentence")
    _show([_fields(fault, *fields) for fault in faults], as_json)


@app.command()
def verify(folder: Dataset, as_json: Json = False) -> None:
    """Prove that a dataset's files are those of its manifest.

    Otherwise the files that differ are listed and the exit code is 1.
    """
    from export.dataset import verify_dataset

    found = verify_dataset(folder)
    rows = [
        {"file": name, "is": state}
        for state in ("missing", "changed", "extra")
        for name in getattr(found, state)
    ]
    _show(rows, as_json, f"{folder}: all {found.n_files} files are those of the manifest")
    if not found.ok:
        raise typer.Exit(1)


@label_app.command("tasks")
def label_tasks(
    folder: Dataset,
    output: Output,
    with_truth: Annotated[
        bool, typer.Option("--with-truth", help="Let annotators start from the truth.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write configurations, tasks and media to import into Label Studio."""
    from export.dataset import read_dataset
    from labeling.folder import write_label_studio_import

    written = write_label_studio_import(read_dataset(folder), output, with_truth=with_truth)
    kinds = Counter(task.kind for task in written.tasks)
    _show([{"kind": kind, "tasks": n} for kind, n in kinds.items()], as_json)


@app.command()
def setup(
    name: Annotated[str, typer.Argument(metavar="mediapipe|label-studio", help="What to set up.")],
) -> None:
    """Install a tool that needs a Python environment of its own; once."""
    from simulator.environments import make_environment

    with _spinner(f"setting up {name}") as on_line:
        folder = make_environment(name, on_line)
    print(f"{name} is ready in {folder}")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Try what works on this machine.

    The exit code is 1 when something does not work that generating a dataset needs.
    """
    from simulator.doctor import CHECKS, examine

    with _progress("examining") as on_check:
        findings = examine(CHECKS, on_check)
    _show([asdict(finding) for finding in findings], as_json)
    if any(finding.core and not finding.works for finding in findings):
        raise typer.Exit(1)


@contextmanager
def _progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with the time left while work tells how many of how many are done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeLeft()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _spinner(title: str) -> Iterator[Callable[[str], None]]:
    """Show that work goes on, with the last line that it said."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    with console.status(title) as status:
        yield lambda line: status.update(f"{title}: {escape(line[: console.width - 20])}")


def _fields(value: object, *names: str) -> Row:
    return {name: getattr(value, name) for name in names}


def _show(rows: Sequence[Row], as_json: bool, when_empty: str = "") -> None:
    """Print rows of equal keys as a table, or as a JSON list."""
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    if not rows:
        print(when_empty)
        return
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(map(str.ljust, line, widths)).rstrip())


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
        case list() | tuple():
            return ", ".join(map(_cell, value))
        case _:
            return str(value)


_MENDABLE = {
    errno.ENOSPC: "the disk is full; make room and run the same command again",
    errno.EDQUOT: "the disk quota is used up; make room and run the same command again",
    errno.EACCES: "permission denied; choose a place that this user may read and write",
    errno.EPERM: "not permitted; choose a place that this user may read and write",
    errno.EROFS: "the file system is read-only; choose another place",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    try:
        app(arguments)
    except FormbenchError as error:
        _fail(str(error))
    except OSError as error:
        if error.errno not in _MENDABLE:
            raise
        where = f"{error.filename}: " if error.filename else ""
        _fail(where + _MENDABLE[error.errno])


def _fail(message: str) -> None:
    print(f"workbench: {message}", file=sys.stderr)
    sys.exit(1)
