"""Writes the pages that are made from the code: `python docs/generate.py [--check]`.

With --check nothing is written; the exit code says whether the pages are current.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

import workbench
from export.formats.table import FORMATS
from motions.library import EXERCISES
from simulator.faults.library import FAULTS
from simulator.faults.spec import FaultSpec

DOCS = Path(__file__).parent
MADE_BY = "<!-- Made by docs/generate.py: edit the code, then run `make docs`. -->"
WIDTH = 88


def pages() -> dict[str, str]:
    """Return the text of every generated page by file name."""
    return {
        "cli.md": _page(_command_line()),
        "faults.md": _page(_faults()),
        "formats.md": _page(_formats()),
    }


def _page(lines: Iterator[str]) -> str:
    return "\n".join([MADE_BY, "", *lines]) + "\n"


def _command_line() -> Iterator[str]:
    yield "# The command line"
    yield ""
    yield "`workbench` and its commands in the order of the pipeline, as `--help` prints them."
    group = typer.main.get_command(workbench.app)
    yield from _help(group, "workbench", None)


def _help(command: Any, name: str, parent: Any) -> Iterator[str]:
    context = command.context_class(command, info_name=name, parent=parent, terminal_width=WIDTH)
    yield from ("", f"## {context.command_path}", "", "```text")
    yield command.get_help(context)
    yield "```"
    for inner in getattr(command, "list_commands", lambda _: [])(context):
        yield from _help(command.get_command(context, inner), inner, context)


def _faults() -> Iterator[str]:
    yield "# The faults"
    yield ""
    yield "Each has a size in its unit. Up to *correct* a repetition is fine, from *mild* on it has"
    yield "the fault, *severe* is the largest that is made; between correct and mild lies a grey"
    yield "zone that counts as neither. What a dataset says is the size measured on the finished"
    yield "body, next to the one that was asked for."
    with_faults = {fault.exercise for fault in FAULTS.values()}
    for exercise in (e for e in EXERCISES.values() if e.name in with_faults):
        yield from ("", f"## {exercise.title}", "")
        yield "| id | fault | unit | correct | mild | severe | a coach would say | and advise |"
        yield "|---|---|---|---|---|---|---|---|"
        yield from (_row(fault) for fault in FAULTS.values() if fault.exercise == exercise.name)


def _row(fault: FaultSpec) -> str:
    sizes = (f"{size:g}" for size in (fault.correct, fault.mild, fault.severe))
    cells = (f"`{fault.id}`", fault.title, fault.unit, *sizes, fault.sentence, fault.cue)
    return "| " + " | ".join(cells) + " |"


def _formats() -> Iterator[str]:
    yield "# The export formats"
    yield ""
    yield "An export is a new folder: the format's own files, and `export.json`, which says from"
    yield "which dataset and split it was made, under which licences, and what was kept and lost."
    yield "Without a split there is one side, `all`; otherwise `train` and `validation`. The same"
    yield "dataset and request give the same bytes."
    yield ""
    yield "| name | format | pictures | our tests check it with |"
    yield "|---|---|---|---|"
    for format_ in FORMATS.values():
        pictures = "on request" if format_.has_images else "no"
        yield f"| `{format_.name}` | {format_.title} | {pictures} | {format_.read_by} |"
    for format_ in FORMATS.values():
        # What a format looks like stands at the top of its module.
        writer = getattr(format_.write, "func", format_.write)
        yield from ("", f"## {format_.title}", "", str(inspect.getdoc(inspect.getmodule(writer))))
        yield from ("", f"Kept: {'; '.join(format_.kept)}.")
        yield from ("", f"Lost: {'; '.join(format_.lost)}.")


def main(arguments: list[str]) -> None:
    """Write the pages, or with --check say which are not current."""
    stale = [name for name, text in pages().items() if _read(DOCS / name) != text]
    if "--check" in arguments:
        if stale:
            sys.exit(f"docs: {', '.join(stale)} not current; run make docs")
        return
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    main(sys.argv[1:])
