"""OpenPose's files: worked by hand, written by our export, and usual mistakes in reading them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.dataset import read_dataset
from export.formats.table import export_dataset
from motions.conventions import BODY_25, COCO_18
from motions.errors import FormbenchError
from scoring.estimators.openpose import read_openpose


def person(
    left: float, top: float = 100.0, height: float = 200.0, n_points: int = 18
) -> list[float]:
    rows = np.linspace(top, top + height, n_points)
    return (
        np.stack([np.full(n_points, left), rows, np.full(n_points, 0.5)], axis=1).ravel().tolist()
    )


def write(folder: Path, *frames: Any, key: str = "pose_keypoints_2d") -> Path:
    for number, people in enumerate(frames):
        path = folder / f"gym_{number:012d}_keypoints.json"
        path.write_text(json.dumps({"version": 1.3, "people": [{key: one} for one in people]}))
    return folder


@pytest.mark.parametrize("key", ["pose_keypoints_2d", "pose_keypoints"])
def test_every_frame_is_read_with_either_key(tmp_path: Path, key: str) -> None:
    sequence = read_openpose(write(tmp_path, *([person(i)] for i in range(3)), key=key), 30)
    assert (sequence.n_frames, sequence.fps, sequence.convention_name) == (3, 30, COCO_18.name)
    assert sequence.keypoints[:, 0].tolist() == [[0, 100], [1, 100], [2, 100]]
    assert (sequence.confidence == 0.5).all()


def test_only_confidence_says_that_a_point_was_not_seen(tmp_path: Path) -> None:
    one = person(0.0, top=0.0)
    one[3:6] = [7.0, 7.0, 0.0]
    sequence = read_openpose(write(tmp_path, [one]), 30)
    assert np.argwhere(sequence.missing).tolist() == [[0, 1]]
    assert sequence.keypoints[0, 0].tolist() == [0, 0]


def test_the_largest_is_followed_whatever_the_order_and_through_gaps(tmp_path: Path) -> None:
    small, large = (lambda x: person(x, height=50)), (lambda x: person(x, height=300))
    frames = [
        [],
        [small(500), large(100)],
        [large(110), small(120)],
        [person(118, height=290)],
        [],
        [person(900, height=300)],
        [small(900), large(130)],
    ]
    sequence = read_openpose(write(tmp_path, *frames), 30)
    left = sequence.keypoints[:, 0, 0]
    np.testing.assert_array_equal(left, [np.nan, 100, 110, 118, np.nan, np.nan, 130])


def test_what_our_export_writes_is_read_back(dataset_folder: Path, tmp_path: Path) -> None:
    dataset = read_dataset(dataset_folder)
    export_dataset(dataset, "openpose", tmp_path / "out", lossy=True)
    clip = dataset.clip("clip_000000")
    folder = next((tmp_path / "out").glob("*/clip_000000_front"))
    sequence = read_openpose(folder, clip.fps)
    assert (sequence.n_frames, sequence.convention_name) == (clip.n_frames, BODY_25.name)
    true = clip.view("front")
    knee = true.keypoints_px["coco17"][:, 13]
    seen = true.visibility["coco17"][:, 13] > 0
    np.testing.assert_allclose(sequence.at("left_knee")[seen], knee[seen], atol=1e-3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected a frame of OpenPose"),
        ("[]", "expected a frame of OpenPose"),
        ('{"people": [{}]}', "expected a frame of OpenPose"),
        ('{"people": [{"pose_keypoints": [1, 2, 3]}]}', "3 numbers, not 54 or 75"),
        (json.dumps({"people": [{"pose_keypoints": [float("nan")] * 54}]}), "not finite"),
        ('{"people": []}', "nobody in any frame"),
    ],
)
def test_what_is_wrong_is_told(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a_0_keypoints.json").write_text(text)
    with pytest.raises(FormbenchError, match=message):
        read_openpose(tmp_path, 30)


def test_two_kinds_of_points_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormbenchError, match=r"frames of \[18, 25\] points"):
        read_openpose(write(tmp_path, [person(1)], [person(1, n_points=25)]), 30)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormbenchError, match="expected files"):
        read_openpose(tmp_path, 30)
