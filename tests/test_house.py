"""The rules of the house: what lies where, and who may import whom."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from simulator.environments import ENVIRONMENTS

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {
    ".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
    "benchmarks", "docs", "examples", "export", "labeling", "motions", "pyproject.toml", "scoring",
    "simulator", "tests", "workbench.py",
}  # fmt: skip

MAY_IMPORT = {
    "motions": {"motions"},
    "simulator": {"motions", "simulator"},
    "export": {"motions", "simulator", "export"},
    "labeling": {"motions", "simulator", "export", "labeling"},
    "scoring": {"motions", "simulator", "export", "scoring"},
}

# Where each heavy library may be imported: one file in all, or one file a room for SHARED.
HEAVY = {
    "anny", "av", "cv2", "label_studio_sdk", "mediapipe", "moderngl", "numba", "obstore", "pyarrow",
    "pybullet", "pybullet_data", "pycocotools", "pyrender", "ray", "rerun", "sklearn", "sleap_io",
    "smplx", "starlette", "torch", "trimesh", "upath", "uvicorn",
}  # fmt: skip
SHARED = {"numba", "torch"}

MODULES = sorted(path for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py"))
module = pytest.mark.parametrize(
    "path", MODULES, ids=[path.relative_to(ROOT).as_posix() for path in MODULES]
)


def _imports(path):
    """Return the dotted names of everything a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module)
    return names


def _rooms(path):
    return {name.partition(".")[0] for name in _imports(path)}


@pytest.fixture(scope="module")
def tracked():
    """The names of all files that belong to the repository."""
    if not (ROOT / ".git").exists():
        missing = "a copy without .git cannot say which files belong to the repository"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    # The folder may belong to another user, in a container for example.
    git = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(git, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name]


def test_there_are_modules_to_look_at():
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(MAY_IMPORT)


@module
def test_a_module_imports_only_what_its_room_may(path):
    room = path.relative_to(ROOT).parts[0]
    ours = _rooms(path) & {*MAY_IMPORT, "workbench", "tests", "benchmarks", "examples"}

    assert ours <= MAY_IMPORT[room]


@pytest.mark.parametrize("library", sorted(HEAVY))
def test_a_heavy_library_is_imported_in_one_file(library):
    importers = [path.relative_to(ROOT).as_posix() for path in MODULES if library in _rooms(path)]
    rooms = {importer.partition("/")[0] for importer in importers}

    assert len(importers) <= (len(rooms) if library in SHARED else 1), importers


@module
def test_a_module_begins_by_saying_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    first = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0]

    assert first.endswith((".", ":"))


@module
def test_a_module_is_one_idea_of_at_most_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("statement", ["import motions", "import workbench"])
def test_light_imports_stay_light(statement):
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert set(ran.stdout.split()) & (HEAVY | {"numpy", "scipy", "rich"}) == set()


def test_the_top_level_is_exactly_the_plan(tracked):
    assert {name.partition("/")[0] for name in tracked} == TOP_LEVEL
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_no_file_names_a_machine(tracked):
    # Put together here, so that this file is not its own finding.
    outside = [f"/{name}/" for name in ("work", "home", "root", "opt/pypi", "tmp/env")]
    texts = {
        name: (ROOT / name).read_bytes().decode("utf-8", errors="replace")
        for name in tracked
        if (ROOT / name).is_file()
    }

    assert [(name, path) for name, text in texts.items() for path in outside if path in text] == []


def test_every_pin_is_exact_and_every_dependency_is_pinned():
    pins = dict(
        line.split("==")
        for line in (ROOT / ".ci" / "constraints.txt").read_text().splitlines()
        if not line.startswith("#")
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras["dev"]

    names = [requirement.partition(">")[0].partition("<")[0] for requirement in wanted]
    assert names
    assert set(names) <= set(pins)
    assert pins["torch"] == "2.13.0"


def test_everything_that_is_imported_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    apart = [line for one in ENVIRONMENTS.values() for line in one.requirements]
    to_run = _distributions(
        project["dependencies"]
        + [*extras["smplx"], *extras["ray"], *extras["sleap"], *extras["view"], *extras["serve"]]
        + extras["storage"]
        + apart
    )
    to_test = _distributions([*project["dependencies"], *extras["dev"], *apart])  # as CI has it
    to_measure = to_test.union(*(_distributions(extra) for extra in extras.values()))
    made_of = packages_distributions()
    ours = {*MAY_IMPORT, "workbench", "conftest", "benchmarks"} | {
        path.stem for folder in ("tests", "docs") for path in ROOT.glob(f"{folder}/**/*.py")
    }

    def undeclared(path, declared):
        strangers = _rooms(path) - ours - sys.stdlib_module_names
        return {s for s in strangers if not _distributions(made_of.get(s, [s])) & declared}

    others = [
        path for name in ("tests", "docs", "examples") for path in ROOT.glob(f"{name}/**/*.py")
    ]
    found = {path: undeclared(path, to_run) for path in [*MODULES, ROOT / "workbench.py"]}
    found |= {path: undeclared(path, to_test) for path in others}
    found |= {path: undeclared(path, to_measure) for path in ROOT.glob("benchmarks/*.py")}
    assert [f"{path.name}: {', '.join(names)}" for path, names in found.items() if names] == []


def _distributions(requirements):
    names = (re.match(r"[\w.-]+", requirement)[0] for requirement in requirements)
    return {name.lower().replace("_", "-").replace(".", "-") for name in names}
