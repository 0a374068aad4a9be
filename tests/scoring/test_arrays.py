"""Keypoint arrays: ours are read back, others are understood or refused."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motions.errors import FormbenchError
from scoring.estimators.arrays import read_poses, write_poses
from scoring.sample import missing_person, squat


@pytest.mark.parametrize("sequence", [squat(), squat(hidden="nose"), missing_person()])
def test_what_is_written_is_read_back_to_the_bit(sequence: Any, tmp_path: Path) -> None:
    write_poses(sequence, tmp_path / "a.npz")
    again = read_poses(tmp_path / "a.npz")
    np.testing.assert_array_equal(again.keypoints, sequence.keypoints)
    np.testing.assert_array_equal(again.confidence, sequence.confidence)
    for name in ("convention_name", "fps", "unit", "source"):
        assert getattr(again, name) == getattr(sequence, name)


def npz(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def test_a_bare_array_takes_what_is_given(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.full((5, 17, 2), 7, dtype=np.int16))
    sequence = read_poses(tmp_path / "a.npy", fps=25, convention_name="coco17")
    assert (sequence.fps, sequence.unit, sequence.source) == (25, "px", "a.npy")
    assert (sequence.keypoints == 7).all() and (sequence.confidence == 1).all()


def test_a_third_value_is_a_confidence_in_pixels_and_a_coordinate_in_metres(tmp_path: Path) -> None:
    points = np.random.default_rng(0).uniform(0, 1, (4, 17, 3))
    about = {"fps": 30.0, "convention": "coco17"}
    flat = read_poses(npz(tmp_path / "px.npz", keypoints=points * [640, 480, 1], **about))
    assert (flat.unit, flat.keypoints.shape[2]) == ("px", 2)
    np.testing.assert_array_equal(flat.confidence, points[..., 2])
    solid = read_poses(npz(tmp_path / "m.npz", keypoints=points, **about))
    assert (solid.unit, solid.keypoints.shape[2]) == ("m", 3)
    said = read_poses(npz(tmp_path / "said.npz", keypoints=points, unit="px", **about))
    assert said.keypoints.shape[2] == 2


def test_what_has_no_confidence_was_not_seen_wherever_it_lies(tmp_path: Path) -> None:
    points = np.zeros((2, 17, 3))
    points[..., :2] = 100
    points[..., 2] = 1
    points[0, 3] = 0, 0, 0
    points[1, 4, :2] = 0
    points[1, 5] = np.nan
    sequence = read_poses(
        npz(tmp_path / "a.npz", keypoints=points, fps=30, convention="coco17", unit="px")
    )
    assert np.argwhere(sequence.missing).tolist() == [[0, 3], [1, 5]]
    assert sequence.keypoints[1, 4].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("change", "given_too", "message"),
    [
        ({"keypoints": None}, {}, "expected an array 'keypoints'"),
        ({"fps": None}, {}, "the file does not say its fps: give --fps"),
        ({"fps": 0}, {}, "fps: expected a positive number, got 0"),
        ({"fps": "fast"}, {}, "fps: expected a positive number, got 'fast'"),
        ({"fps": 30}, {"fps": 25}, "fps is 30 in the file, but 25 was given"),
        ({"convention": "coco-17"}, {}, "no 'coco-17'. Did you mean 'coco17'"),
        ({"convention": "mediapipe33"}, {}, r"expected numbers of shape \(T, 33, 2 or 3\)"),
        ({"keypoints": np.zeros((4, 17, 4))}, {}, "expected"),
        ({"keypoints": np.zeros((0, 17, 2))}, {}, "at least one frame"),
        ({"confidence": np.ones((4, 3))}, {}, r"confidence: expected numbers of shape \(4, 17\)"),
        ({"confidence": np.full((4, 17), 2.0)}, {}, "expected values from 0 to 1"),
        ({"unit": "inch"}, {}, "unit"),
    ],
)
def test_what_is_wrong_is_told(
    change: dict[str, Any], given_too: dict[str, Any], message: str, tmp_path: Path
) -> None:
    arrays = {"keypoints": np.zeros((4, 17, 2)), "fps": 30, "convention": "coco17"} | change
    path = npz(tmp_path / "a.npz", **{k: v for k, v in arrays.items() if v is not None})
    with pytest.raises(FormbenchError, match=message):
        read_poses(path, **given_too)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400), at=st.integers(0, 900), flip=st.integers(1, 255))
def test_damage_is_an_error_or_harmless(
    data: bytes, at: int, flip: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "a.npz"
    write_poses(squat(duration_s=0.2), path)
    whole = bytearray(path.read_bytes())
    whole[at % len(whole)] ^= flip
    for damaged in (bytes(whole), bytes(whole[:at]), data):
        path.write_bytes(damaged)
        with contextlib.suppress(FormbenchError):
            assert read_poses(path).n_frames > 0
