"""MediaPipe as a worker process: what goes in and out, and how it may end."""

import sys
from pathlib import Path

import numpy as np
import pytest

from export.dataset import read_dataset, seal_dataset
from motions.conventions import COCO_17, MEDIAPIPE_33
from motions.errors import FormbenchError
from scoring.estimators import mediapipe
from scoring.estimators.mediapipe import MediaPipe, NobodySeenError, seen_poses
from simulator.config import parse_config
from simulator.environments import make_environment
from simulator.generate import generate
from simulator.rendering.video import read_video

WORKER = """\
import struct, sys
import numpy as np

while header := sys.stdin.buffer.read(8):
    width, height = struct.unpack("<ii", header)
    rgb = np.frombuffer(sys.stdin.buffer.read(3 * width * height), np.uint8)
    level = int(rgb[0])
    if level == 255:
        sys.exit("out of memory, or so")
    if level == 0:
        answer = bytes([0])
    else:
        points = np.full((33, 4), level / 200, "<f4")
        points[:, 2] = 0.25
        points[0, 0] = 1.5
        mask = (rgb.reshape(height, width, 3)[..., 1] > 0).astype(np.uint8)
        answer = bytes([1]) + points.tobytes() * 2
        answer += mask.tobytes() if sys.argv[3] == "1" else b""
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
"""
"""Stands in for MediaPipe: sees nobody where the picture is black, and dies where it is white."""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "mediapipe_worker.py"
    script.write_text(WORKER)
    monkeypatch.setattr(mediapipe, "WORKER", script)
    monkeypatch.setattr(mediapipe, "environment_python", lambda name: Path(sys.executable))


def grey(level: int, width: int = 6, height: int = 4) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


@pytest.mark.usefixtures("stand_in")
def test_landmarks_are_in_pixels_and_metres_with_z_up() -> None:
    with MediaPipe() as estimator:
        seen = estimator.landmarks(grey(100))
    assert seen is not None
    np.testing.assert_allclose(seen.image_px[1:], [[3.0, 2.0]] * 32)
    np.testing.assert_allclose(seen.image_px[0], [9.0, 2.0])
    np.testing.assert_allclose(seen.world_m[1:], [[0.5, 0.25, -0.5]] * 32)
    assert seen.visibility.tolist() == [0.5] * 33
    assert seen.mask is None


@pytest.mark.usefixtures("stand_in")
def test_a_mask_comes_where_it_is_asked_for() -> None:
    rgb = grey(100)
    rgb[1:, 2:, 1] = 0
    with MediaPipe(masks=True) as estimator:
        seen = estimator.landmarks(rgb)
    assert seen is not None and seen.mask is not None
    assert (seen.mask == (rgb[..., 1] > 0)).all()


@pytest.mark.usefixtures("stand_in")
def test_coco_points_are_those_of_the_same_name() -> None:
    with MediaPipe() as estimator:
        assert estimator(grey(0)) is None
        seen = estimator(grey(100))
    assert seen is not None
    assert seen.points_px.shape == (len(COCO_17.keypoint_names), 2)
    nose = COCO_17.keypoint_names.index("nose")
    assert seen.points_px[nose].tolist() == [9.0, 2.0]


@pytest.mark.usefixtures("stand_in")
def test_over_a_video_whoever_is_not_there_or_outside_is_missing() -> None:
    seen = seen_poses([grey(0), grey(100)], 25.0, exercise="squat", view="side")
    assert (seen.image.fps, seen.image.exercise, seen.image.view) == (25.0, "squat", "side")
    assert seen.image.source == "mediapipe==0.10.21 full"
    nose = MEDIAPIPE_33.keypoint_names.index("nose")
    outside = np.arange(33) == nose
    assert seen.image.missing.tolist() == [[True] * 33, outside.tolist()]
    assert seen.world.missing.tolist() == [[True] * 33, [False] * 33]
    assert seen.world.unit == "m"


@pytest.mark.usefixtures("stand_in")
def test_nobody_at_all_is_an_error() -> None:
    with pytest.raises(NobodySeenError, match="expected a person, found none in 2 frames"):
        seen_poses([grey(0), grey(0)], 25.0)


@pytest.mark.usefixtures("stand_in")
def test_a_worker_that_dies_is_told_with_its_last_words() -> None:
    with MediaPipe() as estimator, pytest.raises(FormbenchError, match="out of memory, or so"):
        estimator.landmarks(grey(255))


def test_a_model_that_the_release_does_not_ship_is_refused() -> None:
    with pytest.raises(FormbenchError, match="expected model full, which its release ships"):
        MediaPipe("heavy")


@pytest.mark.usefixtures("stand_in")
def test_pictures_may_have_different_sizes() -> None:
    with MediaPipe() as estimator:
        found = [estimator.landmarks(grey(40 * i, width=3 + i, height=9 - i)) for i in range(1, 5)]
    levels = [one.visibility[0] * 200 for one in found if one is not None]
    np.testing.assert_allclose(levels, [40, 80, 120, 160], rtol=1e-6)


@pytest.mark.mediapipe
@pytest.mark.anny
def test_a_rendered_person_is_found_where_they_are(tmp_path: Path) -> None:
    make_environment("mediapipe", lambda line: None)
    wishes = {"seed": 1, "exercises": ["squat"], "reps": 1, "fps": 15}
    generate(parse_config(wishes, "this test"), tmp_path / "data", workers=1)
    seal_dataset(tmp_path / "data")
    clip = read_dataset(tmp_path / "data").clip("clip_000000")
    for view in clip.views:
        video = read_video(tmp_path / "data" / "clips" / clip.clip_id / str(view.video))
        seen = seen_poses(video.frames, video.fps).image
        true = view.keypoints_px[MEDIAPIPE_33.name]
        assert seen.n_frames == clip.n_frames
        assert (seen.confidence.max(axis=1) > 0).mean() >= 0.99
        limbs = [MEDIAPIPE_33.keypoint_names.index(f"left_{n}") for n in ("knee", "wrist", "hip")]
        off_px = np.linalg.norm(seen.keypoints - true, axis=2)[:, limbs]
        assert np.nanmedian(off_px) < 0.05 * view.camera.height_px
