"""AMASS: round trips to the last bit of precision, hand-worked poses, damaged files."""

import io
from pathlib import Path

import numpy as np
import pytest
from format_samples import ABOUT, make_motion

from motions.errors import FormbenchError
from motions.formats.amass import SMPL, WIDTHS, read_amass, write_amass
from motions.formats.deepmimic import pybullet_clips, read_deepmimic
from motions.formats.npy import read_npy
from motions.formats.reading import Hints
from motions.geometry import unit
from motions.skeleton import SMPL22

LEFT, FORWARD, UP = np.eye(3)[0], -np.eye(3)[1], np.eye(3)[2]
STANDING = np.array([np.pi / 2, 0, 0])  # turns the model's y up to the world's z up


def save(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)
    return path


def poses(n_frames: int = 3, width: int = 156, **turns: tuple[float, float, float]) -> np.ndarray:
    """Axis-angle poses of someone who stands, with some joints turned."""
    held = np.zeros((n_frames, width))
    for joint, turn in {"pelvis": STANDING, **turns}.items():
        at = SMPL22.index(joint)
        held[:, 3 * at : 3 * at + 3] = turn
    return held


def bone(motion, start: str, end: str) -> np.ndarray:
    joints_m = motion.joints_world_m[0]
    return unit(joints_m[SMPL22.index(end)] - joints_m[SMPL22.index(start)])


@pytest.mark.parametrize("name", ["jump", "dance_b", "getup_faceup"])
def test_real_motion_capture_comes_back_whole(tmp_path, name):
    motion = read_deepmimic(pybullet_clips()[name], ABOUT).motion
    write_amass(motion, tmp_path / "clip.npz")

    found = read_amass(tmp_path / "clip.npz", ABOUT, Hints()).motion

    dots = np.sum(found.joint_rotations_wxyz * motion.joint_rotations_wxyz, axis=-1)
    np.testing.assert_allclose(np.abs(dots), 1, atol=1e-12)
    np.testing.assert_allclose(found.root_position_m, motion.root_position_m, atol=1e-12)
    np.testing.assert_array_equal(found.contacts, motion.contacts)
    assert found.fps == motion.fps


def test_the_same_motion_gives_the_same_bytes(tmp_path):
    for name in ("a.npz", "b.npz"):
        write_amass(make_motion(), tmp_path / name)

    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_rest_pose_faces_forward_with_the_models_own_limbs(tmp_path, width):
    path = save(
        tmp_path / "rest.npz", poses=poses(width=width), trans=np.zeros((3, 3)), mocap_framerate=60
    )

    reading = read_amass(path, ABOUT, Hints())

    assert reading.motion.fps == 60.0
    np.testing.assert_allclose(reading.motion.joint_rotations_wxyz[0, 0], [1, 0, 0, 0], atol=1e-12)
    # The model's limbs are not along the axes: x left, y up, z forward become x, z, -y.
    for start, end in (("left_hip", "left_knee"), ("right_elbow", "right_wrist")):
        x, y, z = unit(SMPL.offsets_m[SMPL.index(end)])
        np.testing.assert_allclose(bone(reading.motion, start, end), [x, -z, y], atol=1e-12)


def test_a_knee_bends_back_and_an_arm_comes_down(tmp_path):
    turned = poses(left_knee=(np.pi / 2, 0, 0), left_shoulder=(0, 0, -np.pi / 2))
    path = save(tmp_path / "pose.npz", poses=turned, trans=np.zeros((3, 3)), mocap_frame_rate=30)

    motion = read_amass(path, ABOUT, Hints()).motion

    assert bone(motion, "left_knee", "left_ankle") @ FORWARD < -0.99
    assert bone(motion, "left_shoulder", "left_elbow") @ UP < -0.98
    assert bone(motion, "right_shoulder", "right_elbow") @ LEFT < -0.98


def test_a_world_with_y_up_is_read_with_a_hint(tmp_path):
    flat = poses(pelvis=(0, 0, 0))
    path = save(tmp_path / "y.npz", poses=flat, trans=np.zeros((3, 3)), fps=30)

    motion = read_amass(path, ABOUT, Hints(up="+y")).motion
    lying = read_amass(path, ABOUT, Hints())

    np.testing.assert_allclose(motion.joint_rotations_wxyz[0, 0], [1, 0, 0, 0], atol=1e-12)
    assert lying.doubts == (
        "with +z up the person lies throughout: if not so, say which axis is up",
    )


def test_a_frame_rate_that_the_file_lacks_must_be_given(tmp_path):
    path = save(tmp_path / "a.npz", poses=poses(), trans=np.zeros((3, 3)))

    with pytest.raises(FormbenchError, match="no mocap_framerate in the file: give fps"):
        read_amass(path, ABOUT, Hints())
    assert read_amass(path, ABOUT, Hints(fps=25.0)).motion.fps == 25.0


NAN = np.full((3, 3), np.nan)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"trans": np.zeros((3, 3))}, "found no array 'poses'"),
        ({"poses": poses()}, "found no array 'trans'"),
        ({"poses": poses()[:, :100], "trans": np.zeros((3, 3))}, "got (3, 100) and (3, 3)"),
        ({"poses": poses(), "trans": np.zeros((4, 3))}, "got (3, 156) and (4, 3)"),
        ({"poses": poses()[0], "trans": np.zeros((3, 3))}, "poses: expected a table of numbers"),
        ({"poses": poses()[:0], "trans": np.zeros((0, 3))}, "poses: expected a table of numbers"),
        ({"poses": poses(), "trans": NAN}, "trans: frame 1: expected finite numbers"),
        ({"poses": poses(), "trans": np.array([["a"] * 3] * 3)}, "trans: expected a table of num"),
        (
            {"poses": poses(), "trans": np.zeros((3, 3)), "mocap_framerate": 0},
            "expected 1 to 10000 frames a second, got 0",
        ),
        (
            {"poses": poses(), "trans": np.zeros((3, 3)), "mocap_framerate": [1, 2]},
            "mocap_framerate: expected one number",
        ),
        (
            {"poses": np.array([{"pickled": 1}]), "trans": np.zeros((3, 3))},
            "poses: expected an array of numbers, got object",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path, arrays, message):
    path = save(tmp_path / "bad.npz", **arrays)

    with pytest.raises(FormbenchError) as caught:
        read_amass(path, ABOUT, Hints(fps=30.0) if "mocap_framerate" not in arrays else Hints())

    assert message in str(caught.value)


def test_a_header_that_claims_a_terabyte_is_refused_at_once():
    array = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        array, {"descr": "<f8", "fortran_order": False, "shape": (10**11, 156)}
    )

    with pytest.raises(FormbenchError, match=r"here: expected a whole \.npy array"):
        read_npy("here", array.getvalue())


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_is_read_as_numpy_reads_it(order):
    stored = io.BytesIO()
    array = np.arange(24, dtype=">f4").reshape(2, 3, 4, order=order)
    np.save(stored, array)

    found = read_npy("here", stored.getvalue())

    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype
