"""Writes the pages that are made from the code: `python docs/generate.py [--check]`.

With --check nothing is written; the exit code says whether the pages are current.
"""

import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import typer.main

import workbench
from export.formats.table import FORMATS
from export.importing import OWN, READERS
from motions.exercise import BENCH_SHARE, Exercise
from motions.library import EXERCISES
from motions.variation import Range
from simulator.faults.kinship import KINSHIPS
from simulator.faults.library import FAULTS
from simulator.faults.spec import EVIDENCE, FaultSpec
from simulator.variations import VARIATIONS, variations_of

DOCS = Path(__file__).parent
MADE_BY = "<!-- Made by docs/generate.py: edit the code, then run `make docs`. -->"
WIDTH = 88


def pages() -> dict[str, str]:
    """Return the text of every generated page by file name."""
    return {
        "cli.md": _page(_command_line()),
        "exercises.md": _page(_exercises()),
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


def _exercises() -> Iterator[str]:
    yield "# The exercises"
    yield ""
    yield "A repetition goes out, holds at the far end, comes back and rests. Each person has a"
    yield "tempo, a depth, holds, rests and the habits named below, and sways slowly at the trunk,"
    yield "neck and shoulders. Neighbouring repetitions resemble each other; over a set the tempo"
    yield "slows and the depth shrinks a little. *Good* is what is read at the far end of a good"
    yield "repetition, on the canonical skeleton; the tests hold every exercise to it. What may be"
    yield "wrong with a repetition is in [the faults](faults.md)."
    yield ""
    yield "The pictures show a small light woman, an average man and a tall heavy man (Anny), from"
    yield "the front and from the left: at rest, half way out, at the far end, half way back."
    yield "`python docs/sheets.py` draws them again."
    for exercise in EXERCISES.values():
        yield from ("", f"## {exercise.title}", "", _about(exercise), "", "| | |", "|---|---|")
        yield from (f"| {name} | {text} |" for name, text in _facts(exercise))
        yield from (
            "",
            f"![{exercise.title} by three people](images/exercises/{exercise.name}.jpg)",
            *_on_bench(exercise),
        )


def _on_bench(exercise: Exercise) -> Iterator[str]:
    if exercise.bench_m:
        yield ""
        yield f"![With the hands on a bench](images/exercises/{exercise.name}_bench.jpg)"


def _about(exercise: Exercise) -> str:
    text = " ".join(str(inspect.getdoc(inspect.getmodule(exercise.pose))).split())
    return text.removesuffix("Correct ranges and sources: docs/faults.md.").strip()


def _facts(exercise: Exercise) -> Iterator[tuple[str, str]]:
    sides = {"both": "do the same", "one": "one leads throughout a set", "alternate": "take turns"}
    full_deg = np.rad2deg(exercise.full_range_rad)
    yield "name", f"`{exercise.name}`"
    yield "phases", ", ".join(exercise.phases)
    yield "they last", ", ".join(_range(time, "s") for time in exercise.times_s)
    yield "stands on", _words(exercise.contacts)
    yield "props", _words(exercise.props)
    if exercise.bench_m:
        height = _range(exercise.bench_m, "m")
        yield "bench", f"{height} high for 1.72 m of stature, under {BENCH_SHARE:.0%} of performers"
    if exercise.puts_down:
        yield "put down", "at the far end, on the floor: each body goes as deep as that takes"
    yield "sides", sides[exercise.sides]
    yield "full range", f"{full_deg:.0f}° of {_words([exercise.driving])}"
    yield "good", ", ".join(f"{_words([m])} {_range(r, '°')}" for m, r in exercise.good_deg.items())
    yield "habits", ", ".join(exercise.habits.values()) or "none"
    yield "source", f"{exercise.source}, {exercise.licence}"


def _words(names: Iterable[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names) or "none"


def _range(of: Range, unit: str) -> str:
    return f"{of.low:g} to {of.high:g} {unit}".replace(" °", "°")


def _faults() -> Iterator[str]:
    yield "# The faults"
    yield ""
    yield "Each has a size in its unit. Up to *correct* a repetition is fine, from *mild* on it has"
    yield "the fault, *severe* is the largest that is made; between correct and mild lies a grey"
    yield "zone that counts as neither. What a dataset says is the size measured on the finished"
    yield "body, next to the one that was asked for. [What they look like](fault_sheets.md)."
    yield ""
    yield "*Sides*: `L R` can be on either side or both, `L/R` on one at a time, others have none."
    yield "Those *of a set* are there throughout. The evidence of the three sizes is one of:"
    yield ""
    yield from (f"- {grade}: {meaning}" for grade, meaning in EVIDENCE.items())
    with_faults = {fault.exercise for fault in FAULTS.values()}
    for exercise in (e for e in EXERCISES.values() if e.name in with_faults):
        odd = ", ".join(f"`{v.name}`" for v in variations_of(exercise.name)) or "none"
        yield from ("", f"## {exercise.title}", "", f"Variations that are correct: {odd}.", "")
        yield "| id | fault | unit | correct | mild | severe | sides | evidence |"
        yield "|---|---|---|---|---|---|---|---|"
        own = [fault for fault in FAULTS.values() if fault.exercise == exercise.name]
        yield from (_row(fault) for fault in own)
        yield ""
        yield from (f"- `{f.name}`: “{f.sentence}” Cue: “{f.cue}”" for f in own)
    yield from ("", "## Variations", "")
    yield "Hard negatives: they look like a fault and stay within its correct range."
    yield ""
    yield "| variation | what it is | looks like |"
    yield "|---|---|---|"
    yield from (f"| `{v.name}` | {v.title} | `{v.fault}` |" for v in VARIATIONS.values())
    yield from ("", "## What one fault does to the measure of another", "")
    yield "Most faults leave the others' measures alone; where one does not, there is a reason. The"
    yield "audit and `benchmarks/faults.py` give it beside each pair, and count those without one."
    yield ""
    yield "| of these faults | on the measures of | because |"
    yield "|---|---|---|"
    for kin in KINSHIPS:
        causes, moved = (", ".join(f"`{n}`" for n in names) for names in (kin.causes, kin.moved))
        onto = "one another" if kin.moved == kin.causes else moved
        yield f"| {causes} | {onto} | {kin.because} |"


def _row(fault: FaultSpec) -> str:
    sizes = (f"{size:g}" for size in (fault.correct, fault.mild, fault.severe))
    sides = "L/R" if fault.one_sided else "L R" if len(fault.sides) > 1 else ""
    where = "of a set" if fault.whole_set else sides
    cells = (f"`{fault.id}`", fault.title, fault.unit, *sizes, where, fault.evidence)
    return "| " + " | ".join(cells) + " |"


def _formats() -> Iterator[str]:
    yield "# The export formats"
    yield ""
    yield "An export is a new folder: the format's own files; `export.json`, which says from which"
    yield "dataset and split it was made and under which licences; `lost.md`, which says what was"
    yield "kept and lost; and the datasheet. Without a split there is one side, `all`; otherwise"
    yield "those of the split. The same dataset and request give the same bytes. What a format"
    yield "cannot carry, such as real footage where it needs places in the world, is refused; with"
    yield "`--lossy` the rest is exported and `lost.md` lists what was left out."
    yield ""
    yield "Clips are read one after another, and none is kept in memory. The folder is there when"
    yield "all of it is; until then its name is `.OUT.part`. After a stop, whatever the reason,"
    yield "the same command goes on: files of one clip, shard or picture that are finished stay,"
    yield "one file for a side is begun anew but for those of finished sides, and so are the"
    yield "files of MMAction2 and VideoPose3D, which hold all sides."
    yield ""
    yield "| name | format | pictures | real footage | our tests check it with |"
    yield "|---|---|---|---|---|"
    for format_ in FORMATS.values():
        pictures = "on request" if format_.has_images else "no"
        real = "no" if format_.simulated_only else "yes"
        cells = (f"`{format_.name}`", format_.title, pictures, real, format_.read_by)
        yield "| " + " | ".join(cells) + " |"
    for format_ in FORMATS.values():
        # What a format looks like stands at the top of its module.
        writer = getattr(format_.write, "func", format_.write)
        yield from ("", f"## {format_.title}", "", str(inspect.getdoc(inspect.getmodule(writer))))
        yield from ("", f"Kept: {'; '.join(format_.kept)}.")
        yield from ("", f"Lost: {'; '.join(format_.lost)}.")
    yield from ("", "## Back in", "", "`workbench dataset import` reads:", "")
    for name, reader in READERS.items():
        yield f"- `{name}`: {str(inspect.getdoc(inspect.getmodule(reader))).splitlines()[0]}"
    yield f"- {' and '.join(f'`{name}`' for name in OWN)}: our own clips, as they are."


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
