"""What works on this machine, found out by doing it, and for what does not the line that mends it.

A check does the thing: it makes a graphics context, writes and reads a video, builds a body. What
it needs is imported inside it, so that one missing library is one finding and not the end.
"""

import platform
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from simulator.environments import check_environment


@dataclass(frozen=True)
class Check:
    """One thing to try."""

    name: str
    look: Callable[[], str]
    """Does it and says what was found; raises when it does not work."""
    mend: str
    """The line to run when it does not work."""
    core: bool
    """Whether generating a dataset needs it."""


@dataclass(frozen=True)
class Finding:
    """What came out of one check."""

    name: str
    works: bool
    detail: str
    mend: str
    """Empty when it works."""
    core: bool


def examine(checks: Sequence[Check], on_check: Callable[[int, int], None]) -> list[Finding]:
    """Try one check after the other; `on_check` is told how many of how many are done."""
    findings = []
    for done, check in enumerate(checks, start=1):
        findings.append(_examine(check))
        on_check(done, len(checks))
    return findings


def _examine(check: Check) -> Finding:
    try:
        detail = check.look()
    except (FormbenchError, ImportError, OSError) as error:
        reason = " ".join(str(error).split())
        return Finding(check.name, False, reason, check.mend, check.core)
    return Finding(check.name, True, detail, "", check.core)


def _python() -> str:
    return platform.python_version()


def _graphics() -> str:
    from simulator.rendering.gl import gl_renderer_name

    return gl_renderer_name()


def _video() -> str:
    from simulator.rendering.video import VideoWriter, count_frames

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "check.mp4"
        with VideoWriter(path, 64, 48, 30.0) as writer:
            for level in (0, 255):
                writer.write(np.full((48, 64, 3), level, dtype=np.uint8))
        n_frames = count_frames(path)
    if n_frames != 2:
        raise FormbenchError(f"2 frames were written, {n_frames} came back")
    return f"PyAV {version('av')}"


def _body() -> str:
    from simulator.bodies.anny import build_anny

    body = build_anny(gender=0.5, age=0.7, stature_m=1.72, weight=0.5, muscle=0.5, proportions=0.5)
    return f"Anny {version('anny')}, {len(body.rest_vertices_m)} vertices"


_REINSTALL = ".venv/bin/pip install --constraint .ci/constraints.txt --editable ."

CHECKS = (
    Check("Python", _python, "install Python 3.11 or newer", core=True),
    Check(
        "rendering (OpenGL on EGL)",
        _graphics,
        "sudo apt-get install --yes libegl1 libgl1-mesa-dri",
        core=True,
    ),
    Check("video (H.264)", _video, _REINSTALL, core=True),
    Check("bodies (Anny)", _body, _REINSTALL, core=True),
    Check(
        "pose estimation (MediaPipe)",
        lambda: check_environment("mediapipe"),
        "workbench setup mediapipe",
        core=False,
    ),
    Check(
        "labelling server (Label Studio)",
        lambda: check_environment("label-studio"),
        "workbench setup label-studio",
        core=False,
    ),
)
