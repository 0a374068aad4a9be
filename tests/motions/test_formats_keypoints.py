"""3D keypoints: every convention, gaps, smoothing, paths without a root, damaged files."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from format_samples import ABOUT, make_motion

from motions.errors import FormbenchError
from motions.formats.deepmimic import pybullet_clips, read_deepmimic
from motions.formats.gaps import LONGEST_GAP_S, fill_gaps, smooth
from motions.formats.keypoints import read_keypoints
from motions.formats.landmarks import LANDMARKS
from motions.formats.reading import Hints
from motions.geometry import between, rotate
from motions.measures import MEASURES
from motions.motion import Motion, resample
from motions.skeleton import SMPL22

UP = Hints(up="+z")
Z_UP_TO = {
    "-y": np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]),
    "+y": np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]),
}
"""Row vectors with +Z up, times these, have the named axis up."""


def keypoints_of(motion: Motion, convention: str) -> np.ndarray:
    """Canonical joints in a convention's order; points that are no joint hang on one."""
    joints = dict(zip(SMPL22.joint_names, np.moveaxis(motion.joints_world_m, 1, 0), strict=True))
    near = {"head_top": "head", "index": "wrist", "pinky": "wrist", "heel": "ankle"}
    shifts = {
        "nose": (0, -0.1, 0.0), "left_ear": (0.08, 0, 0.03), "right_ear": (-0.08, 0, 0.03),
        "head_top": (0, 0, 0.15), "index": (0, -0.1, -0.03), "pinky": (0, -0.1, 0.03),
        "heel": (0, 0.05, -0.06),
    }  # fmt: skip

    def place(name: str | None) -> np.ndarray:
        if name is None or name not in joints:
            part = (name or "head").removeprefix("left_").removeprefix("right_")
            side = (name or "").partition("_")[0]
            owner = f"{side}_{near[part]}" if part in near and part != "head_top" else "head"
            key = name if name in shifts else part
            return joints[owner] + np.array(shifts.get(key, (0, 0, 0)))
        return joints[name]

    return np.stack([place(name) for name in LANDMARKS[convention].points], axis=1)


def save(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)
    return path


def long_motion() -> Motion:
    return make_motion(n_frames=90, fps=30.0)


@pytest.mark.parametrize("convention", list(LANDMARKS))
def test_angles_come_out_of_every_convention(tmp_path, convention):
    motion = long_motion()
    seen = keypoints_of(motion, convention)
    hints = UP
    if LANDMARKS[convention].up is not None:  # y down or up by definition
        seen = seen @ Z_UP_TO[LANDMARKS[convention].up]
        hints = Hints()
    path = save(tmp_path / "a.npz", keypoints=seen, fps=30.0, convention=convention)

    reading = read_keypoints(path, ABOUT, hints)

    for name in ("knee_flexion", "elbow_flexion"):
        wanted = MEASURES[name](motion.joints_world_m)
        found = MEASURES[name](reading.motion.joints_world_m)
        assert np.rad2deg(np.abs(found - wanted)).max() < 1.5, name  # what smoothing takes away
    assert reading.motion.root_position_m[0, :2].tolist() == [0.0, 0.0]
    assert dict(reading.filled) == {}


def test_json_npz_and_npy_say_the_same(tmp_path):
    seen = keypoints_of(long_motion(), "coco17")
    np.save(tmp_path / "a.npy", seen)
    held = {"keypoints": seen.tolist(), "fps": 30, "convention": "coco17"}
    (tmp_path / "a.json").write_text(json.dumps(held))
    save(tmp_path / "a.npz", keypoints=seen, fps=30.0, convention=b"coco17")

    motions = [
        read_keypoints(tmp_path / "a.npz", ABOUT, UP).motion,
        read_keypoints(tmp_path / "a.json", ABOUT, UP).motion,
        read_keypoints(
            tmp_path / "a.npy", ABOUT, Hints(up="+z", fps=30.0, convention="coco17")
        ).motion,
    ]

    for motion in motions[1:]:
        np.testing.assert_array_equal(motion.joint_rotations_wxyz, motions[0].joint_rotations_wxyz)
        np.testing.assert_array_equal(motion.root_position_m, motions[0].root_position_m)


def test_gaps_are_filled_and_reported(tmp_path):
    motion = long_motion()
    seen = keypoints_of(motion, "smpl22")
    knee, ear = SMPL22.index("left_knee"), SMPL22.index("right_foot")
    seen[30:45, knee] = np.nan  # half a second
    seen[:40, ear] = np.nan  # too long, but feet may be missing
    path = save(tmp_path / "a.npz", keypoints=seen, fps=30.0, convention="smpl22")

    reading = read_keypoints(path, ABOUT, UP)

    assert dict(reading.filled) == {"left_knee": 15 / 90}
    assert reading.unused == ("right_foot",)
    assert "level" in reading.assumed["right_ankle"]
    at = SMPL22.index("left_knee")
    relative = reading.motion.joints_world_m - reading.motion.root_position_m[:, None]
    wanted = motion.joints_world_m - motion.root_position_m[:, None]
    assert np.linalg.norm(relative[:, at] - wanted[:, at], axis=-1).max() < 0.08


def test_a_limb_that_is_missing_for_too_long_is_an_error_that_says_when(tmp_path):
    seen = keypoints_of(long_motion(), "smpl22")
    seen[15:60, SMPL22.index("left_knee")] = np.nan
    path = save(tmp_path / "a.npz", keypoints=seen, fps=30.0, convention="smpl22")

    with pytest.raises(FormbenchError, match=r"left_knee is missing from 0\.50 s to 2\.00 s"):
        read_keypoints(path, ABOUT, UP)


def test_a_gap_is_crossed_on_a_curve_that_never_overshoots():
    steps = np.array([0.0, 1.0, 2.0, 3.0, 3.0, 3.0])[:, None] * np.ones(3)
    holed = steps.copy()
    holed[[0, 2, 5]] = np.nan

    whole, filled = fill_gaps("here", {"a": holed}, 30.0, ())

    assert filled == {"a": 0.5}
    np.testing.assert_array_equal(whole["a"][[1, 3, 4]], steps[[1, 3, 4]])
    np.testing.assert_array_equal(whole["a"][[0, 5]], [[1.0] * 3, [3.0] * 3])
    assert (whole["a"][2] > 1).all()
    assert (whole["a"][2] < 3).all()
    assert LONGEST_GAP_S == 1.0


def test_smoothing_leaves_slow_movement_and_takes_shaking_away():
    times = np.arange(200) / 50.0
    slow = np.sin(2 * np.pi * 0.5 * times)[:, None] * np.ones(3)
    shaking = 0.1 * np.sin(2 * np.pi * 20 * times)[:, None]

    smoothed = smooth({"a": slow + shaking}, 50.0)["a"]

    assert np.abs(smoothed - slow)[20:-20].max() < 0.003
    np.testing.assert_array_equal(smooth({"a": slow}, 12.0)["a"], slow)
    np.testing.assert_array_equal(smooth({"a": slow[:5]}, 50.0)["a"], slow[:5])


def test_a_person_whose_hips_never_move_gets_a_path_from_the_feet(tmp_path):
    motion = resample(read_deepmimic(pybullet_clips()["jump"], ABOUT).motion, 30.0)
    squatting = motion.joints_world_m[:19]  # until the feet leave the floor
    centred = squatting - squatting[:, :1]
    path = save(tmp_path / "a.npz", keypoints=centred, fps=30.0, convention="smpl22")

    reading = read_keypoints(path, ABOUT, UP)

    path_m, wanted_m = reading.motion.root_position_m, motion.root_position_m[:19]
    assert np.ptp(wanted_m[:, 2]) > 0.15
    np.testing.assert_allclose(path_m, wanted_m, atol=0.035)
    assert "lower foot" in reading.assumed["pelvis"]
    assert reading.motion.contacts[:, :2].all()


def test_up_is_guessed_from_who_stands_and_that_is_said(tmp_path):
    seen = keypoints_of(long_motion(), "coco17") @ [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    path = save(tmp_path / "a.npz", keypoints=seen, fps=30.0, convention="coco17")

    reading = read_keypoints(path, ABOUT, Hints())

    assert reading.up == "+y"
    assert reading.doubts == ("up was taken to be +y, because the person stands along it",)


def test_someone_who_lies_askew_needs_a_hint(tmp_path):
    turn = between(np.array([0, 0, 1.0]), np.array([1.0, 1.0, 1.0]))
    seen = rotate(turn, keypoints_of(long_motion(), "coco17"))
    path = save(tmp_path / "a.npz", keypoints=seen, fps=30.0, convention="coco17")

    with pytest.raises(FormbenchError, match=r"cannot tell which axis is up.* up='\+z'"):
        read_keypoints(path, ABOUT, Hints())


def test_bones_that_stretch_raise_a_doubt(tmp_path):
    seen = keypoints_of(long_motion(), "coco17")
    seen[40:, 7] += [0.3, 0, 0]  # the left elbow
    path = save(tmp_path / "a.npz", keypoints=seen, fps=30.0, convention="coco17")

    doubts = read_keypoints(path, ABOUT, UP).doubts

    assert any("from left_shoulder to left_elbow varies in length" in doubt for doubt in doubts)


def npy(array: np.ndarray) -> bytes:
    stored = io.BytesIO()
    np.save(stored, array)
    return stored.getvalue()


GOOD = np.random.default_rng(0).normal(size=(4, 17, 3))


@pytest.mark.parametrize(
    ("content", "hints", "message"),
    [
        (b"", UP, "expected keypoints in JSON"),
        (b"{}", UP, "found no 'keypoints'"),
        (b"[1]", UP, "found no 'keypoints'"),
        (b'{"keypoints": 3, "fps": 30, "convention": "coco17"}', UP, "got something else"),
        (b'{"keypoints": [[3]], "fps": 30, "convention": "coco17"}', UP, "got (1, 1)"),
        (b'{"keypoints": [[3], [3, 4]], "fps": 30, "convention": "coco17"}', UP, "three numbers"),
        (b'{"keypoints": [], "fps": 30, "convention": "coco17"}', UP, "(T, 17, 3) for coco17"),
        (b'{"keypoints": [], "fps": "x", "convention": "coco17"}', UP, "fps: expected a number"),
        (b'{"keypoints": [], "fps": true, "convention": "coco17"}', UP, "fps: expected a number"),
        (b'{"keypoints": [], "fps": 0, "convention": "coco17"}', UP, "(T, 17, 3) for coco17"),
        (b'{"keypoints": [], "fps": 30, "convention": "coco"}', UP, "Did you mean 'coco17'?"),
        (b'{"keypoints": [], "fps": 30}', UP, "does not say its convention: give convention"),
        (npy(GOOD), UP, "does not say its fps: give fps"),
        (npy(GOOD), Hints(fps=30.0), "does not say its convention"),
        (npy(GOOD), Hints(fps=30.0, convention="smpl22"), "(T, 22, 3) for smpl22, got (4, 17, 3)"),
        (npy(GOOD), Hints(fps=0.0, convention="coco17"), "expected 1 to 10000 frames a second"),
        (npy(GOOD * np.inf), Hints(fps=30.0, convention="coco17"), "frame 1, keypoint 0: expected"),
        (npy(GOOD * np.nan), Hints(fps=30.0, convention="coco17"), "missing from 0.00 s to 0.13"),
        (npy(GOOD)[:-1], Hints(fps=30.0, convention="coco17"), "expected a whole .npy array"),
        (npy(GOOD > 0), Hints(fps=30.0, convention="coco17"), "got something else"),
        (b"\xff\xfe", UP, "a.json:1: expected utf-8 text, got byte 0xff"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path, content, hints, message):
    path = tmp_path / "a.json"
    path.write_bytes(content)

    with pytest.raises(FormbenchError) as caught:
        read_keypoints(path, ABOUT, hints)

    assert message in str(caught.value)


def test_a_file_and_a_hint_that_disagree_are_refused(tmp_path):
    path = save(tmp_path / "a.npz", keypoints=GOOD, fps=30.0, convention="coco17")

    with pytest.raises(FormbenchError, match=r"fps is 30\.0 in the file, but 25\.0 was given"):
        read_keypoints(path, ABOUT, Hints(up="+z", fps=25.0))
