"""What `make` does before there is an environment, with stand-ins for the system's commands."""

import os
import subprocess
from pathlib import Path

import pytest

CI = Path(__file__).parents[1] / ".ci"

NOT_INSTALLED = "exit 1"
INSTALLED = "printf installed"


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Put a shell script before the system's command of the same name."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def stand_in(name, script):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)

    return stand_in


def _run(script, *arguments):
    return subprocess.run(
        [CI / script, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_packages_that_are_there_are_left_alone(stand_in):
    stand_in("dpkg-query", INSTALLED)
    stand_in("apt-get", "exit 1")

    ran = _run("apt", "libegl1", "libgl1-mesa-dri")

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_root_installs_what_is_missing(stand_in, tmp_path):
    stand_in("dpkg-query", f'case "$*" in *libegl1*) {INSTALLED};; *) {NOT_INSTALLED};; esac')
    stand_in("id", "echo 0")
    stand_in("apt-get", f'echo "$@" >> {tmp_path}/said')

    ran = _run("apt", "libegl1", "libgl1-mesa-dri")

    assert ran.returncode == 0
    assert (tmp_path / "said").read_text().splitlines() == [
        "update --quiet",
        "install --yes --quiet --no-install-recommends libgl1-mesa-dri",
    ]


def test_whoever_may_not_install_is_told_the_exact_line(stand_in):
    stand_in("dpkg-query", NOT_INSTALLED)
    stand_in("id", "echo 1000")
    stand_in("sudo", "exit 1")
    stand_in("apt-get", "exit 1")

    ran = _run("apt", "libegl1", "libgl1-mesa-dri")

    assert ran.returncode == 1
    assert ran.stderr == (
        "make: missing system packages. Run: sudo apt-get install --yes libegl1 libgl1-mesa-dri\n"
    )


def test_an_old_python_is_refused_by_name(stand_in, monkeypatch):
    stand_in("old-python", 'case "$1" in --version) echo Python 3.10.12;; *) exit 1;; esac')
    monkeypatch.setenv("PYTHON", "old-python")

    ran = _run("setup")

    assert ran.returncode == 1
    assert ran.stderr == (
        "make: expected Python 3.11 or newer, got Python 3.10.12. "
        "Name one: make PYTHON=python3.11\n"
    )
