"""Suites: every one can be read, is kept by what it is, and is made once."""

from pathlib import Path
from typing import Any

import pytest

from motions.errors import FormbenchError
from scoring.evaluation import suites
from scoring.evaluation.suites import SUITES, asked_for, read_suite
from simulator.plan import count_clips

TINY = """\
version: 3
validation_share: 0.5
flips: [height]
dataset:
  seed: 5
  exercises: [squat]
  subjects: 2
  reps: 1
  fps: 10
  body: stick
  faults:
    - {fault: squat.jump, dose: 1}
  render: false
"""


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One suite in a folder of its own, and an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(suites, "FOLDER", tmp_path)
    monkeypatch.setattr(suites, "SUITES", ("tiny",))
    (tmp_path / "tiny.yaml").write_text(TINY)
    return tmp_path


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_that_ships_has_ladders_and_no_pixels(name: str) -> None:
    suite = read_suite(name)
    assert not suite.config.render and suite.flips
    assert {tuple(entry.sizes) for entry in suite.config.faults} == {(0.25, 0.5, 0.75, 1.0)}
    assert count_clips(suite.config) > 100
    assert {path.stem for path in suites.FOLDER.glob("*.yaml")} == set(SUITES)


def test_another_seed_or_version_never_takes_its_place(tiny: Path) -> None:
    first = read_suite("tiny")
    assert first.name == "tiny-3" and first.folder == read_suite("tiny").folder
    private = read_suite("tiny", seed=6)
    assert (private.name, private.config.seed) == ("tiny-3-seed-6", 6)
    (tiny / "tiny.yaml").write_text(TINY.replace("fps: 10", "fps: 12"))
    assert len({first.folder, private.folder, read_suite("tiny").folder}) == 3


def test_it_is_made_once(tiny: Path) -> None:
    made: list[tuple[int, int]] = []

    def ask() -> Any:
        return asked_for("tiny", workers=1, on_clip=lambda done, total: made.append((done, total)))

    data, name, share, flips = ask()
    assert (name, share, flips) == ("tiny-3", 0.5, ("height",))
    assert len(data.rows) == 4 and made[-1] == (4, 4)
    n_told = len(made)
    assert ask()[0].content_sha256 == data.content_sha256
    assert len(made) == n_told


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("version: 3", "version: 0"), "greater than or equal to 1"),
        (("flips: [height]", "flips: [hight]"), "Did you mean 'height'"),
        (("fps: 10", "fbs: 10"), "no 'fbs'"),
    ],
)
def test_a_suite_that_is_wrong_is_told(tiny: Path, change: tuple[str, str], message: str) -> None:
    (tiny / "tiny.yaml").write_text(TINY.replace(*change))
    with pytest.raises(FormbenchError, match=message):
        read_suite("tiny")


def test_a_name_that_is_neither_suite_nor_folder(tiny: Path) -> None:
    with pytest.raises(FormbenchError, match="Did you mean 'tiny'"):
        asked_for("tinny")
    with pytest.raises(FormbenchError, match="expected no suite seed"):
        asked_for(str(tiny), seed=1)
