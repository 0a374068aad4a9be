"""Python environments of their own, for tools whose pins do not agree with ours.

MediaPipe wants an older numpy, Label Studio brings a web server: each lives in a folder of the
user's data directory and is run by its own Python. The stamp is written last and names what was
installed, so an environment that is ready is whole, and one for other versions is made anew.
"""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from motions.errors import FormbenchError, unknown_name

STAMP = "formbench.ready"


@dataclass(frozen=True)
class Environment:
    """What one environment holds."""

    name: str
    purpose: str
    requirements: tuple[str, ...]
    pythons: tuple[str, ...]
    """The Python versions that the requirements have wheels for, the best first."""
    module: str
    """What must be importable when all is well."""
    system_packages: str = ""
    """Debian packages whose absence is why the import fails."""


ENVIRONMENTS = {
    "mediapipe": Environment(
        name="mediapipe",
        purpose="pose estimation with MediaPipe",
        requirements=("mediapipe==0.10.21", "numpy==1.26.4", "opencv-contrib-python==4.11.0.86"),
        pythons=("3.11", "3.12"),
        module="mediapipe",
        system_packages="libgl1 libglib2.0-0",
    ),
    "label-studio": Environment(
        name="label-studio",
        purpose="the labelling server",
        requirements=("label-studio==1.23.2",),
        pythons=("3.11", "3.12", "3.13"),
        module="label_studio",
    ),
    "moto": Environment(
        name="moto",
        purpose="an S3 of this machine, to try object storage with",
        requirements=("moto[s3,server]==5.2.5",),
        pythons=("3.11", "3.12", "3.13"),
        module="moto.server",
    ),
}


def environment(name: str) -> Environment:
    """Look an environment up by name, or raise with the nearest one."""
    if name not in ENVIRONMENTS:
        raise unknown_name("environment", name, ENVIRONMENTS)
    return ENVIRONMENTS[name]


def environment_folder(name: str) -> Path:
    """Return where an environment is or would be."""
    return Path(platformdirs.user_data_dir("formbench")) / "environments" / environment(name).name


def is_ready(name: str) -> bool:
    """Whether an environment is there, whole, and of the versions asked for."""
    stamp = environment_folder(name) / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _stamp_text(environment(name))


def environment_python(name: str) -> Path:
    """Return the Python of an environment, or raise with the line that makes it."""
    if not is_ready(name):
        raise FormbenchError(f"{name} is not set up here: run `workbench setup {name}`")
    return environment_folder(name) / "bin" / "python"


def check_environment(name: str) -> str:
    """Start an environment's Python, import what it is for, and return what is installed.

    Raises:
        FormbenchError: It is not set up, or it does not start; with the line that mends it.
    """
    _check_import(environment(name), environment_python(name))
    return environment(name).requirements[0]


def make_environment(name: str, on_line: Callable[[str], None]) -> Path:
    """Make an environment unless it is ready, and return its folder.

    Args:
        name: A key of ENVIRONMENTS.
        on_line: Is told each line that the installer prints.

    Raises:
        FormbenchError: There is no fitting Python, or a step failed.
    """
    wanted = environment(name)
    folder = environment_folder(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second caller waits, then finds it ready
        if not is_ready(name):
            if folder.exists():
                shutil.rmtree(folder)
            python = folder / "bin" / "python"
            _run(name, [_base_python(wanted), "-m", "venv", str(folder)], on_line)
            pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
            _run(name, [*pip, *wanted.requirements], on_line)
            _check_import(wanted, python)
            (folder / STAMP).write_text(_stamp_text(wanted), encoding="utf-8")
    return folder


def _stamp_text(wanted: Environment) -> str:
    return "\n".join(wanted.requirements) + "\n"


def _base_python(wanted: Environment) -> str:
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    if own in wanted.pythons:
        return sys.executable
    for version in wanted.pythons:
        found = shutil.which(f"python{version}")
        if found:
            return found
    raise FormbenchError(
        f"{wanted.name}: expected Python {' or '.join(wanted.pythons)} on the path, "
        f"got only {own}; install one of them and run the same command again"
    )


def _run(name: str, command: list[str], on_line: Callable[[str], None]) -> None:
    last = ""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            last = line.strip() or last
            on_line(last)
    if process.returncode:
        raise FormbenchError(f"setting up {name} failed: {last}")


def _check_import(wanted: Environment, python: Path) -> None:
    tried = subprocess.run(
        [python, "-c", f"import {wanted.module}"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        reason = (tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"])[-1]
        packages = wanted.system_packages
        hint = f"; on Debian and Ubuntu: apt-get install {packages}" if packages else ""
        raise FormbenchError(f"{wanted.name} is installed but does not start: {reason}{hint}")
