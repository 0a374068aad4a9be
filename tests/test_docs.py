"""What the documentation says is run, generated, or compared with what the code writes."""

import doctest
import json
import re
import runpy
import shlex
from pathlib import Path

import numpy as np
import pytest
import typer.main

import workbench
from export.dataset import ClipRow, FaultRow
from motions.conventions import CONVENTIONS
from motions.library import exercise
from simulator.config import DatasetConfig
from simulator.fault_entries import SIZE_KEYS, FaultEntry
from simulator.rendering.gl import GlRenderer

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
PAGES_WITH_EXAMPLES = [
    "docs/accounts/pose-follower.md", "docs/accounts/workout-dtw.md", "docs/conventions.md",
    "docs/dataset.md",
]  # fmt: skip

page = pytest.mark.parametrize(
    "path", PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES]
)


def _generator():
    return runpy.run_path(str(ROOT / "docs" / "generate.py"))


def _cells(path, heading):
    """Return what stands in code marks in the first column of the table below a heading."""
    section = path.read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    section = section.partition("\n## ")[0]
    firsts = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")]
    return {name for first in firsts for name in re.findall(r"`([^`]+)`", first)}


@page
def test_the_examples_of_a_page_hold(path, dataset_folder):
    ran = doctest.testfile(
        str(path), module_relative=False, globs={"folder": str(dataset_folder)}, encoding="utf-8"
    )

    assert ran.failed == 0
    assert (ran.attempted > 0) == (path.relative_to(ROOT).as_posix() in PAGES_WITH_EXAMPLES)


@page
def test_every_link_of_a_page_leads_somewhere(path):
    links = re.findall(r"\]\((?!https?://)([^)#]+)", path.read_text(encoding="utf-8"))

    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_generated_pages_are_current():
    pages = _generator()["pages"]()

    assert set(pages) == {"cli.md", "exercises.md", "faults.md", "formats.md"}
    for name, text in pages.items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, "run make docs"


def test_a_sheet_shows_three_people_in_rows():
    sheets = runpy.run_path(str(ROOT / "docs" / "sheets.py"))
    sheet = sheets["draw"](exercise("squat"), GlRenderer())

    rows = np.split(sheet, 3)
    assert {len(row) for row in rows} == {sheets["TILE_PX"]}
    assert len({row.tobytes() for row in rows}) == 3
    assert all(row.std(axis=(0, 1)).min() > 20 for row in rows)


def test_checking_says_which_page_is_not_current(tmp_path, monkeypatch):
    generator = _generator()
    monkeypatch.setitem(generator["main"].__globals__, "DOCS", tmp_path)

    generator["main"]([])
    generator["main"](["--check"])

    (tmp_path / "faults.md").write_text("something else")
    with pytest.raises(SystemExit, match=r"docs: faults\.md not current; run make docs"):
        generator["main"](["--check"])


def _commands(command, path=()):
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, (*path, name))


def test_every_command_and_every_option_has_a_help_text():
    commands = dict(_commands(typer.main.get_command(workbench.app)))

    assert set(workbench.COMMANDS) == {path[0] for path in commands if path}
    for path, command in commands.items():
        assert command.help, path
        assert all(parameter.help for parameter in command.params), path


@page
def test_every_command_in_a_page_exists(path):
    blocks = re.findall(r"```(?:console|sh)\n(.*?)```", path.read_text(encoding="utf-8"), re.S)
    typed = [
        shlex.split(line.removeprefix("$ "), comments=True)
        for block in blocks
        for line in block.splitlines()
        if line.startswith(("workbench ", "$ workbench "))
    ]
    group = typer.main.get_command(workbench.app)
    for words in typed:
        command = group
        for word in words[1:]:
            inner = getattr(command, "commands", {})
            if not inner:
                break
            assert word in inner, words
            command = inner[word]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options, words


def test_the_specification_names_everything_that_is_written(dataset_folder):
    specification = ROOT / "docs" / "dataset.md"
    manifest = json.loads((dataset_folder / "manifest.json").read_text(encoding="utf-8"))
    clip_folder = dataset_folder / "clips" / "clip_000000"
    about = json.loads((clip_folder / "clip.json").read_text(encoding="utf-8"))
    camera = re.search(
        r"A `camera` has (.*?)\(4 x 4", specification.read_text(encoding="utf-8"), re.S
    )

    of_entry = set(FaultEntry.model_fields) - {"fault"}
    config_keys = set(DatasetConfig.model_fields) | set(SIZE_KEYS) | of_entry
    assert _cells(specification, "config.yaml") == config_keys
    assert _cells(specification, "manifest.json") == set(manifest)
    assert _cells(specification, "clip.json") == set(about)
    assert _cells(specification, "clips.parquet") == set(ClipRow.__annotations__)
    assert _cells(specification, "faults.parquet") == set(FaultRow.__annotations__)
    assert set(re.findall(r"`(\w+)`", camera[1])) == set(about["views"][0]["camera"])


def test_the_specification_names_every_array(dataset_folder):
    named = _cells(ROOT / "docs" / "dataset.md", "truth.npz")
    with np.load(next((dataset_folder / "clips").iterdir()) / "truth.npz") as stored:
        written = set(stored.files)

    cameras = {name.partition("/")[0] for name in written if "/" in name}
    spelled = {
        name.replace("<camera>", camera).replace("<convention>", convention)
        for name in named
        for camera in cameras
        for convention in CONVENTIONS
        if (name, convention) != ("<convention>_world_m", "smpl22")  # these are joints_world_m
    }
    assert spelled == written
