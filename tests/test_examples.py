"""Every example is run as a reader would run it, and says what it should."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.config import read_config
from simulator.environments import make_environment
from simulator.plan import count_clips

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))

SAYS = {
    "00_one_clip.py": [
        "clip 1 of 2: squat with squat.incomplete_range",
        r"repetition 0: squat.incomplete_range measures 0\.6\d",
    ],
    "01_inject_and_measure.py": [
        r"dose 0\.00: asked for  0\.00 deg, measured .* absent",
        r"dose 1\.00: asked for 45\.00 deg, measured 4[45]\.\d\d deg, present",
    ],
    "02_dataset_to_coco.py": ["as sealed: True", r"validation: \d+ images"],
    "03_own_scorer.py": ["fills score"],
    "04_label_and_agree.py": [
        r"careful@formbench.local is off by 0\.00 s",
        r"hasty@formbench.local is off by [0-9.]+ s",
        r"see .*trust\.html",
    ],
}

MARKS = {
    "04_label_and_agree.py": [
        pytest.mark.labelstudio,
        pytest.mark.xdist_group("labelstudio"),
    ]
}


def _run(script, *arguments, cwd):
    command = [sys.executable, "-W", "error", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def test_every_example_is_known_here_and_numbered_without_a_gap():
    assert [script.name for script in SCRIPTS] == sorted(SAYS)
    assert [script.name[:2] for script in SCRIPTS] == [f"{i:02d}" for i in range(len(SCRIPTS))]


@pytest.mark.parametrize(
    "script",
    [pytest.param(s, marks=MARKS.get(s.name, []), id=s.name) for s in SCRIPTS],
)
def test_an_example_runs_and_says_what_it_should(script, tmp_path):
    if script.name in MARKS:
        make_environment("label-studio", lambda line: None)
    ran = _run(script, tmp_path / "out", cwd=tmp_path)

    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    for expected in SAYS[script.name]:
        assert any(re.fullmatch(expected, line) for line in lines), ran.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_an_example_has_fewer_than_fifty_lines(script):
    assert len(script.read_text(encoding="utf-8").splitlines()) < 50


def test_the_example_scorer_is_evaluated_by_its_name(dataset_folder, tmp_path, monkeypatch, capfd):
    import workbench

    monkeypatch.syspath_prepend(EXAMPLES)
    arguments = ["--scorer", "03_own_scorer:Depth", "--alone", "--data", dataset_folder]
    arguments += ["-o", tmp_path / "o"]
    with pytest.raises(SystemExit) as ended:
        workbench.main(["evaluate", *map(str, arguments)])

    assert not ended.value.code
    assert "squat.rounded_back" in capfd.readouterr().out


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_an_example_config_can_be_read(path):
    assert count_clips(read_config(path)) > 0
