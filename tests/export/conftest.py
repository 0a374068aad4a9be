"""Readers that only the tests need, in an environment of their own beside this one.

datumaro, movement and Ultralytics bring half a gigabyte of what is here already, and Ultralytics is
under the AGPL: so they are installed without their dependencies, see this environment's packages
besides their own, and only read files, in a process of their own. Tests that use them are marked

    pytestmark = [pytest.mark.readers, pytest.mark.xdist_group("readers")]
"""

import fcntl
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest

REQUIREMENTS = (
    "datumaro==1.13.12",
    "imagesize==2.0.1",
    "json-stream==2.5.1",
    "json-stream-rs-tokenizer==0.5.4",
    "loguru==0.7.3",
    "movement==0.15.0",
    "orjson==3.13.0",
    "pooch==1.9.0",
    "torchvision==0.28.0",
    "ultralytics==8.4.190",
    "xarray==2026.9.0",
)
STAMP = "formbench.ready"


@pytest.fixture(scope="session")
def read_by() -> Callable[..., Any]:
    """A function that runs a program there with arguments, and returns the JSON it prints last."""
    python = _make(Path(platformdirs.user_data_dir("formbench")) / "environments" / "readers")

    def run(program: str, *arguments: object) -> Any:
        done = subprocess.run(
            [python, "-c", program, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "YOLO_CONFIG_DIR": str(python.parents[1]), "YOLO_OFFLINE": "true"},
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def _make(folder: Path) -> Path:
    """Make the environment unless it is there and of these versions; return its Python."""
    python, stamp = folder / "bin" / "python", folder / STAMP
    ours = sysconfig.get_path("purelib")
    wanted = "\n".join([sys.version, ours, *REQUIREMENTS])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "readers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
            subprocess.run([*pip, "--quiet", *REQUIREMENTS], check=True)
            (site,) = folder.glob("lib/python*/site-packages")
            (site / "ours.pth").write_text(f"{ours}\n")
            stamp.write_text(wanted)
    return python
