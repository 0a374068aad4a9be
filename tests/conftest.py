"""Clips small enough to work out by hand, as fixtures for every folder of tests.

The motion is a squat on the canonical skeleton, arms out, with one bend angle a(t):

    a(t) = bend_rad * sin^2(pi t / REP_S)       one repetition every REP_S = 1 s, at 10 fps

    pelvis height   STANDING_PELVIS_M - 0.8 (1 - cos a)      knee flexion   2a
    knees forward   0.4 sin a                                phase          a / bend_rad

Feet stay where they are. "rounded_back" turns all above the pelvis forward by its size in degrees,
in step with the phase; "incomplete_range" multiplies `bend_rad`, 1 rad in a clean clip. Keypoints
are the joints themselves, and points of the face, hands and feet a fixed offset from a joint.

Every camera is 640 x 480 with 500 px focal length, aimed level at the pelvis' standing height from
`distance_m` away: "front" sees the face, "side" the person's left, then "back" and "right". What is
inside the image is visible, except that "side" hides the points named right_*.

    def test_something(make_clip):
        clip = make_clip(faults={"rounded_back": 40.0}, n_reps=3)

    def test_something_else(dataset_folder):
        dataset = read_dataset(dataset_folder)     # 4 subjects, squat and deadlift, with siblings

    def test_yet_another(make_dataset, make_clip):
        folder = make_dataset([make_clip(clip_id="a"), make_clip(clip_id="b", subject_id="bo")])
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from selenium import webdriver

from export.dataset import seal_dataset
from motions.conventions import CONVENTIONS, MADE_OF, OWN, made_points
from motions.geometry import IDENTITY_WXYZ, X_AXIS, about
from motions.motion import Span
from motions.skeleton import SMPL22, STANDING_PELVIS_M
from simulator.cameras.camera import Camera, look_at
from simulator.clip import Clip, View, write_clip
from simulator.engines.engine import Outcome, Unit, Work
from simulator.faults.spec import FaultSpan
from simulator.masks import encode_mask

# The same examples in every run, and no verdict from how busy the machine is.
settings.register_profile("formbench", derandomize=True, deadline=None)
settings.load_profile("formbench")

FPS = 10.0
REP_S = 1.0
CAMERA_SIDES = {"front": (0, -1), "side": (1, 0), "back": (0, 1), "right": (-1, 0)}

FAULT_SCALES = {
    # unit, neutral, mild, severe
    "rounded_back": ("deg", 0.0, 20.0, 50.0),
    "incomplete_range": ("", 1.0, 0.85, 0.4),
}

_OFFSETS_M = {
    # On no joint: which joint it rides on and where from it, the left one of a pair.
    "nose": ("head", (0.0, -0.12, 0.05)),
    "left_eye": ("head", (0.03, -0.10, 0.08)),
    "left_eye_inner": ("head", (0.02, -0.10, 0.08)),
    "left_eye_outer": ("head", (0.04, -0.10, 0.08)),
    "left_ear": ("head", (0.07, 0.0, 0.06)),
    "mouth_left": ("head", (0.02, -0.10, 0.0)),
    "left_pinky": ("left_wrist", (0.08, 0.03, 0.0)),
    "left_index": ("left_wrist", (0.09, -0.03, 0.0)),
    "left_thumb": ("left_wrist", (0.04, -0.05, 0.0)),
    "left_heel": ("left_ankle", (0.0, 0.04, -0.06)),
    "left_foot_index": ("left_foot", (0.0, -0.06, 0.0)),
    "left_big_toe": ("left_foot", (0.0, -0.06, 0.0)),
    "left_small_toe": ("left_foot", (0.04, -0.04, 0.0)),
    "c7": ("neck", (0.0, 0.05, 0.0)),
    "t8": ("spine3", (0.0, 0.1, 0.0)),
    "l1": ("spine2", (0.0, 0.1, 0.0)),
    "l5": ("spine1", (0.0, 0.1, 0.0)),
    "sacrum": ("pelvis", (0.0, 0.1, 0.0)),
}


def _make_clip(
    clip_id: str = "clip_000000",
    exercise: str = "squat",
    subject_id: str = "ada",
    group_id: str | None = None,
    faults: Mapping[str, float] | None = None,
    n_reps: int = 2,
    n_cameras: int = 2,
    distance_m: float = 3.0,
    masks: bool = False,
    licences: Mapping[str, str] | None = None,
) -> Clip:
    """Make a clip of `n_reps` seconds; see the module's first lines.

    Args:
        faults: Sizes by name, keys of FAULT_SCALES, injected into every repetition.
        group_id: Counterfactual siblings share it; by default of the subject and exercise.
        distance_m: At 1 m the cameras see neither head nor feet, and "front" no hands.
        masks: Whether each view has masks, the filled box rounded outwards.
    """
    sizes = {name: scale[1] for name, scale in FAULT_SCALES.items()} | dict(faults or {})
    n_frames = round(n_reps * REP_S * FPS)
    phase = np.sin(np.pi * np.arange(n_frames) / FPS / REP_S) ** 2
    turned = _world_wxyz(phase * sizes["incomplete_range"], sizes["rounded_back"] * phase)
    joints = SMPL22.positions(_pelvis_m(phase * sizes["incomplete_range"]), turned)
    world = {c.name: _keypoints(joints, c.name) for c in OWN}
    world |= {name: made_points(name, {"smpl22": joints, **world}) for name in MADE_OF}
    reps = tuple(Span(i * REP_S, (i + 1) * REP_S) for i in range(n_reps))
    return Clip(
        clip_id=clip_id,
        exercise=exercise,
        subject_id=subject_id,
        group_id=group_id or f"{subject_id}-{exercise}",
        fps=FPS,
        joints_world_m=joints,
        world_wxyz=turned,
        rest_offsets_m=SMPL22.offsets_m,
        keypoints_world_m=world,
        contacts=np.tile([True, True, False, False], (n_frames, 1)),
        phase=phase,
        reps=reps,
        faults=tuple(
            _fault_span(exercise, name, size, rep, span)
            for rep, span in enumerate(reps)
            for name, size in sizes.items()
        ),
        views=tuple(
            _view(camera, {"smpl22": joints, **world}, masks)
            for camera in _cameras(n_cameras, distance_m)
        ),
        body={
            "model": "canonical",
            "version": "1",
            "values": {"likeness": float(sum(subject_id.encode()))},
            "height_m": 1.72,
        },
        metrics={"foot_skate_m": 0.0},
        licences=dict(licences or {"motion": "Apache-2.0", "body": "CC0-1.0"}),
        plan={"exercise": exercise, "faults": dict(faults or {})},
    )


@pytest.fixture(scope="session")
def chromium() -> tuple[str, str]:
    """Chromium and its driver; skips where they are not, but fails in CI, which installs them."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser and driver:
        return browser, driver
    missing = "needs a browser: apt-get install chromium chromium-driver"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture
def open_browser(chromium: tuple[str, str]) -> Iterator[Callable[..., Any]]:
    """A function that opens a headless Chromium with further arguments; closed after the test."""
    with ExitStack() as stack:

        def opened(*arguments: str) -> Any:
            options = webdriver.ChromeOptions()
            options.binary_location = chromium[0]
            always = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage")
            for argument in (*always, "--window-size=1400,1000", *arguments):
                options.add_argument(argument)
            service = webdriver.ChromeService(chromium[1])
            return stack.enter_context(webdriver.Chrome(options=options, service=service))

        yield opened


@pytest.fixture(scope="session")
def make_clip() -> Callable[..., Clip]:
    """The function that makes hand-computable clips; see the module's first lines."""
    return _make_clip


@pytest.fixture
def make_dataset(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes clips into a dataset folder under tmp_path and seals it."""

    def write(clips: Sequence[Clip], name: str = "dataset") -> Path:
        return _write_dataset(clips, tmp_path / name)

    return write


@pytest.fixture
def dataset_folder(tmp_path: Path, _people: Path) -> Path:
    """A sealed dataset: 4 subjects x (squat, deadlift) x (clean, rounded back), 16 clips.

    The clean and the faulty clip of a subject and an exercise are counterfactual siblings. The
    faulty one is rounded by 40 degrees, and subject "dan" has an incomplete range of 0.6 besides.
    """
    return shutil.copytree(_people, tmp_path / "dataset")


@pytest.fixture(scope="session")
def _people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cases = [
        (subject_id, exercise, faulty)
        for subject_id in ("ada", "ben", "cleo", "dan")
        for exercise in ("deadlift", "squat")
        for faulty in (False, True)
    ]
    clips = [
        _make_clip(
            clip_id=f"clip_{index:06d}",
            exercise=exercise,
            subject_id=subject_id,
            faults=({"rounded_back": 40.0} if faulty else {})
            | ({"incomplete_range": 0.6} if faulty and subject_id == "dan" else {}),
        )
        for index, (subject_id, exercise, faulty) in enumerate(cases)
    ]
    return _write_dataset(clips, tmp_path_factory.mktemp("people") / "dataset")


def _write_dataset(clips: Sequence[Clip], folder: Path) -> Path:
    folder.mkdir()
    for clip in clips:
        clip_folder = folder / "clips" / clip.clip_id
        clip_folder.mkdir(parents=True)
        write_clip(clip, clip_folder)
    (folder / "config.yaml").write_text("seed: 0\n", encoding="utf-8")
    seal_dataset(folder)
    return folder


def _world_wxyz(bend_rad: np.ndarray, back_deg: np.ndarray) -> np.ndarray:
    local = np.tile(IDENTITY_WXYZ, (len(bend_rad), len(SMPL22.joint_names), 1))
    for side in ("left", "right"):
        for joint, share in (("hip", -1), ("knee", 2), ("ankle", -1)):
            local[:, SMPL22.index(f"{side}_{joint}")] = about(X_AXIS, share * bend_rad)
    local[:, SMPL22.index("spine1")] = about(X_AXIS, np.deg2rad(back_deg))
    return SMPL22.world_orientations(local)


def _pelvis_m(bend_rad: np.ndarray) -> np.ndarray:
    pelvis_m = np.zeros((len(bend_rad), 3))
    pelvis_m[:, 2] = STANDING_PELVIS_M - 0.8 * (1 - np.cos(bend_rad))
    return pelvis_m


def _keypoints(joints_m: np.ndarray, convention_name: str) -> np.ndarray:
    names = CONVENTIONS[convention_name].keypoint_names
    return np.stack([_keypoint(joints_m, name) for name in names], axis=1)


def _keypoint(joints_m: np.ndarray, name: str) -> np.ndarray:
    left_name = name.replace("right", "left")
    if left_name not in _OFFSETS_M:
        return joints_m[:, SMPL22.index(name)]
    joint, offset_m = _OFFSETS_M[left_name]
    if left_name != name:
        joint = joint.replace("left", "right")
        offset_m = (-offset_m[0], offset_m[1], offset_m[2])
    return joints_m[:, SMPL22.index(joint)] + offset_m


def _fault_span(exercise: str, name: str, size: float, rep: int, span: Span) -> FaultSpan:
    unit, neutral, mild, severe = FAULT_SCALES[name]
    severity = (size - mild) / (severe - mild)
    return FaultSpan(
        fault_id=f"{exercise}.{name}",
        rep=rep,
        span=span,
        side="both",
        unit=unit,
        requested=None if size == neutral else size,
        measured=size,
        severity=severity,
        present=severity >= 0,
        requested_side="" if size == neutral else "both",
    )


def _cameras(n_cameras: int, distance_m: float) -> list[Camera]:
    target_m = np.array([0.0, 0.0, STANDING_PELVIS_M])
    positions_m = {
        name: target_m + distance_m * np.array([x, y, 0.0])
        for name, (x, y) in list(CAMERA_SIDES.items())[:n_cameras]
    }
    return [
        Camera(name, 640, 480, 500.0, look_at(position_m, target_m))
        for name, position_m in positions_m.items()
    ]


def _view(camera: Camera, world_m: Mapping[str, np.ndarray], masks: bool) -> View:
    points = {name: camera.project(positions)[0] for name, positions in world_m.items()}
    every = points["smpl22"]
    corners = np.concatenate([every.min(axis=1), every.max(axis=1)], axis=-1)
    width, height = camera.width_px, camera.height_px
    box = np.clip(corners, 0, [width, height, width, height])
    return View(
        camera=camera,
        keypoints_px=points,
        visibility={name: _visibility(camera, name, px) for name, px in points.items()},
        box_px=box,
        whole_box_px=corners,
        in_view=((every >= 0) & (every < [width, height])).all(axis=-1).mean(axis=-1),
        masks=tuple(_filled(row, width, height) for row in box) if masks else (),
    )


def _visibility(camera: Camera, convention_name: str, px: np.ndarray) -> np.ndarray:
    inside = ((px >= 0) & (px < [camera.width_px, camera.height_px])).all(axis=-1)
    names = CONVENTIONS[convention_name].keypoint_names
    hidden = [camera.name == "side" and "right" in name for name in names]
    return np.where(inside, np.where(hidden, 1, 2), 0).astype(np.uint8)


def _filled(box_px: np.ndarray, width: int, height: int) -> str:
    left, top = np.floor(box_px[:2]).astype(int)
    right, bottom = np.ceil(box_px[2:]).astype(int)
    mask = np.zeros((height, width), dtype=bool)
    mask[top:bottom, left:right] = True
    return encode_mask(mask)


class _BackwardEngine:
    """Does units in this process, the last one first, and those of some numbers not."""

    workers = 2

    def __init__(self, fails: Sequence[int] = ()) -> None:
        self.fails = fails
        self.done: list[str] = []
        """The keys of units that were done."""

    def run(
        self, work: Work, units: Iterable[Unit], environment: Mapping[str, str]
    ) -> Iterator[Outcome]:
        for number, unit in reversed(list(enumerate(units))):
            if number in self.fails:
                yield Outcome(unit, log="ValueError: a bug")
            else:
                self.done.append(unit.key)
                yield Outcome(unit, work(unit.given))


@pytest.fixture
def backward_engine() -> type[_BackwardEngine]:
    """An engine that shows what depends on the order in which units are done, or fails on some."""
    return _BackwardEngine
