"""What tests of live following share: people of the library as MediaPipe would see them.

def test_something(seen_set):
    points_m, motion = seen_set("squat", 4)

def test_something_else(estimator):
    grey = estimator.brightness(20)     # a picture in which `estimator` sees its frame 20
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.dataset import Dataset, read_dataset
from motions.conventions import MEDIAPIPE_33
from motions.library import exercise
from motions.motion import Motion
from motions.perform import perform
from motions.skeleton import SMPL22
from scoring import live
from scoring.estimators.mediapipe import Landmarks
from scoring.page import following, jobs
from simulator.clip import Clip

FPS = 30.0
_WORKER = """\
import json, sys, time
from pathlib import Path

folder, exercise = Path(sys.argv[1]), sys.argv[2]
held = (folder / "video").read_bytes()
if held == b"broken":
    print(json.dumps({"error": "video: not a video that can be read"}), flush=True)
elif held == b"crash":
    sys.exit(3)
else:
    print(json.dumps({"step": "Looking at the video", "done": 1, "total": 2}), flush=True)
    if held == b"slow":
        time.sleep(60)
    (folder / "report").mkdir()
    trainer = folder / "trainer"
    page = f"<p>{exercise or 'found'} {trainer.exists() and trainer.read_text()}</p>"
    (folder / "report" / "report.html").write_text(page)
    told = {"exercise": exercise or "squat", "compared": trainer.exists(), "guesses": [],
            "repetitions": [{"number": 1, "start_s": 0, "end_s": 1, "score": 90.0}]}
    if not exercise:
        told["guesses"] = [{"exercise": name, "distance": 1.0} for name in ("squat", "lunge")]
    print(json.dumps(told), flush=True)
"""
_HIPS = [MEDIAPIPE_33.keypoint_names.index(f"{side}_hip") for side in ("left", "right")]
_RIDES_ON = {"pinky": "wrist", "index": "wrist", "thumb": "wrist", "heel": "ankle"}


def _joint_of(name: str) -> str:
    """The joint on which a point of MediaPipe's rides."""
    side, _, part = name.partition("_")
    if part == "foot_index":
        return f"{side}_foot"
    there = f"{side}_{_RIDES_ON.get(part, part)}"
    return there if there in SMPL22.joint_names else "head"


def _set_of(name: str, n_reps: int, seed: int = 3) -> tuple[np.ndarray, Motion]:
    """A set of the library and a second of rest, as MediaPipe's points from the hips at FPS."""
    wanted = exercise(name)
    motion = perform(wanted, wanted.style(n_reps, np.random.default_rng(seed)), FPS)
    order = [SMPL22.index(_joint_of(point)) for point in MEDIAPIPE_33.keypoint_names]
    points_m = np.concatenate([motion.joints_world_m, motion.joints_world_m[[-1] * 30]])[:, order]
    return points_m - points_m[:, _HIPS].mean(axis=1, keepdims=True), motion


@pytest.fixture(scope="session")
def seen_set() -> Callable[..., tuple[np.ndarray, Motion]]:
    """The function that makes a set of an exercise with so many repetitions, from the hips."""
    return _set_of


class _Estimator:
    """Stands in for MediaPipe: brightness says which frame of two squats a picture shows.

    Black is nobody. 15 frames a second.
    """

    points_m = _set_of("squat", 2)[0][::2]
    step = 230 / (len(points_m) + 2)
    opened = 0
    """How many are running."""

    def __init__(self, **wishes: bool) -> None:
        pass

    def __enter__(self) -> "_Estimator":
        _Estimator.opened += 1
        return self

    def __exit__(self, *error: object) -> None:
        _Estimator.opened -= 1

    def landmarks(self, rgb: np.ndarray) -> Landmarks | None:
        frame = round(float(rgb.mean()) / self.step) - 2
        if frame < 0:
            return None
        points_m = self.points_m[min(frame, len(self.points_m) - 1)]
        return Landmarks(100 + 60 * points_m[:, [0, 2]], points_m, np.ones(33), None)

    @classmethod
    def brightness(cls, frame: int) -> int:
        """The brightness that stands for a frame."""
        return round((frame + 2) * cls.step)


@pytest.fixture
def estimator(monkeypatch: pytest.MonkeyPatch) -> type[_Estimator]:
    """The class that stands in for MediaPipe wherever people are followed."""
    for module in (live, following):
        monkeypatch.setattr(module, "MediaPipe", _Estimator)
    return _Estimator


@pytest.fixture
def page_stand_ins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, estimator: type[_Estimator]
) -> type[_Estimator]:
    """What the page's server starts in place of a scorer, and of MediaPipe, which is returned."""
    script = tmp_path / "worker.py"
    script.write_text(_WORKER)
    monkeypatch.setattr(jobs, "COMMAND", [sys.executable, str(script)])
    return estimator


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """Where the page's server keeps what it is given."""
    (tmp_path / "uploads").mkdir()
    return tmp_path / "uploads"


ROUNDED = (0.0, 0.0, 0.5, 0.8, 1.0)


@pytest.fixture
def rounded_backs(make_dataset: Callable[..., Path], make_clip: Callable[..., Clip]) -> Any:
    """The function that makes people with six clean squats each and nine with a rounded back."""

    def make(n_people: int) -> Dataset:
        rng = np.random.default_rng(0)
        clips = [
            make_clip(
                clip_id=f"clip_{len(ROUNDED) * person + clip:06d}",
                subject_id=f"subject_{person:04d}",
                group_id=f"group_{person}",
                faults={"rounded_back": 50 * dose * rng.uniform(0.9, 1.0)} if dose else {},
                n_reps=3,
                distance_m=4.0 + rng.uniform(),
            )
            for person in range(n_people)
            for clip, dose in enumerate(ROUNDED)
        ]
        return read_dataset(make_dataset(clips))

    return make
