"""What the commands share: options that several take, tables, and how progress is shown."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from motions.storage import place

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


Dataset = Annotated[
    Path, typer.Argument(metavar="DIR", parser=place, help="A dataset's folder or URL.")
]


Output = Annotated[Path, typer.Option("-o", "--output", help="A new or empty folder.")]


OutputPlace = Annotated[
    Path,
    typer.Option("-o", "--output", metavar="DIR", parser=place, help="A folder or URL."),
]


OutputFile = Annotated[Path, typer.Option("-o", "--output", help="The file to write.")]


Workers = Annotated[int | None, typer.Option(help="Processes; one a core by default.")]


Share = Annotated[float, typer.Option("--validation-share", help="Of clips to validate on.")]


Seed = Annotated[int, typer.Option(help="Decides between equally good splits.")]


Row = dict[str, Any]


Thing = TypeVar("Thing")


def picked(value: object, *names: str) -> Row:
    """Return some attributes of a value as a row."""
    return {name: getattr(value, name) for name in names}


def show(rows: Sequence[Row], as_json: bool, when_empty: str = "") -> None:
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


def told(
    things: Iterable[Thing], total: int, on_one: Callable[[int, int], None]
) -> Iterator[Thing]:
    """Pass things on, and tell how many of how many were."""
    for done, one in enumerate(things, 1):
        yield one
        on_one(done, total)


class Bar:
    """A bar that work moves by telling how many of how many are done, and how many were not."""

    def __init__(self, bar: Any, things: str) -> None:
        self._bar = bar
        self._task = bar.add_task(things, total=None, set_aside="")

    def __call__(self, done: int, total: int) -> None:
        """Show how many of how many are done."""
        self._bar.update(self._task, completed=done, total=total)

    def set_aside(self, count: int) -> None:
        """Show how many could not be done."""
        self._bar.update(self._task, set_aside=f"{count} set aside")


@contextmanager
def progress(things: str) -> Iterator[Bar]:
    """Show a bar with rate, failures and time left while work tells what is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    class Rate(TextColumn):
        def render(self, task: Any) -> Any:
            speed = task.finished_speed or task.speed
            task.fields["rate"] = f"{speed:.3g}/s" if speed else ""
            return super().render(task)

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        Rate("{task.fields[rate]}"), TextColumn("[red]{task.fields[set_aside]}"), TimeLeft(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield Bar(bar, things)


@contextmanager
def spinner(title: str) -> Iterator[Callable[[str], None]]:
    """Show that work goes on, with the last line that it said."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    with console.status(title) as status:
        yield lambda line: status.update(f"{title}: {escape(line[: console.width - 20])}")
