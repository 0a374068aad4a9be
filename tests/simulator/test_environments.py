import subprocess
import zipfile

import pytest

from motions.errors import FormbenchError
from simulator import environments
from simulator.environments import (
    ENVIRONMENTS,
    Environment,
    check_environment,
    environment_folder,
    environment_python,
    is_ready,
    make_environment,
)


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """An environment that holds one small package, which needs no network."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    environment = Environment(
        name="toy",
        purpose="tests",
        requirements=(str(_wheel(tmp_path, "toy", "answer = 42\n")),),
        pythons=("3.11", "3.12", "3.13", "3.14"),
        module="toy",
    )
    monkeypatch.setitem(ENVIRONMENTS, "toy", environment)
    return environment


def _wheel(folder, module, source):
    path = folder / f"{module}-1.0-py3-none-any.whl"
    about = f"{module}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}.py", source)
        wheel.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n"
        )
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return path


def test_an_environment_is_made_once_and_runs_what_it_is_for(toy):
    lines = []

    make_environment("toy", lines.append)

    python = environment_python("toy")
    ran = subprocess.run([python, "-c", "import toy; print(toy.answer)"], capture_output=True)
    assert ran.stdout == b"42\n"
    assert lines[-1] == "Successfully installed toy-1.0"
    assert check_environment("toy") == toy.requirements[0]

    again = []
    make_environment("toy", again.append)
    assert again == []


def test_one_that_was_killed_half_way_is_not_ready_and_is_made_anew(toy):
    half = environment_folder("toy") / "bin"
    half.mkdir(parents=True)
    (half / "python").write_text("half-written")

    assert not is_ready("toy")
    with pytest.raises(FormbenchError, match="toy is not set up here: run `workbench setup toy`"):
        environment_python("toy")

    make_environment("toy", lambda line: None)
    assert is_ready("toy")


def test_one_for_other_versions_is_not_ready(toy):
    stamp = environment_folder("toy") / environments.STAMP
    stamp.parent.mkdir(parents=True)
    stamp.write_text("toy==0.9\n")

    assert not is_ready("toy")


def test_a_package_that_cannot_be_installed_is_one_line_and_leaves_nothing_ready(
    toy, tmp_path, monkeypatch
):
    absent = tmp_path / "absent-1.0-py3-none-any.whl"
    monkeypatch.setitem(
        ENVIRONMENTS, "toy", Environment("toy", "", (str(absent),), toy.pythons, "absent")
    )

    with pytest.raises(FormbenchError) as caught:
        make_environment("toy", lambda line: None)

    assert str(caught.value).startswith("setting up toy failed: ERROR: ")
    assert "\n" not in str(caught.value)
    assert not is_ready("toy")


def test_a_module_that_does_not_start_names_the_system_packages(toy, tmp_path, monkeypatch):
    broken = _wheel(tmp_path, "broken", "raise ImportError('libGL.so.1: no such file')\n")
    monkeypatch.setitem(
        ENVIRONMENTS, "toy", Environment("toy", "", (str(broken),), toy.pythons, "broken", "libgl1")
    )

    with pytest.raises(FormbenchError) as caught:
        make_environment("toy", lambda line: None)

    assert str(caught.value) == (
        "toy is installed but does not start: ImportError: libGL.so.1: no such file; "
        "on Debian and Ubuntu: apt-get install libgl1"
    )
    assert not is_ready("toy")


def test_no_fitting_python_says_which_would_fit(toy, monkeypatch):
    monkeypatch.setitem(ENVIRONMENTS, "toy", Environment("toy", "", ("x",), ("2.9",), "toy"))

    with pytest.raises(FormbenchError, match=r"toy: expected Python 2\.9 on the path, got only 3"):
        make_environment("toy", lambda line: None)


def test_an_unknown_environment_names_the_nearest():
    with pytest.raises(FormbenchError, match="Did you mean 'mediapipe'"):
        is_ready("mediapip")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_environment_pins_exact_versions(name):
    assert ENVIRONMENTS[name].requirements
    assert all("==" in requirement for requirement in ENVIRONMENTS[name].requirements)
