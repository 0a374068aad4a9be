"""OpenSim motions: hand-worked poses, both signs of knee, damaged files."""

from pathlib import Path

import numpy as np
import pytest
from format_samples import ABOUT, FPS, write_mot

from motions.errors import FormbenchError
from motions.formats.opensim import read_mot
from motions.formats.reading import Hints, Reading
from motions.geometry import unit
from motions.skeleton import SMPL22

LEFT, FORWARD, UP = np.eye(3)[0], -np.eye(3)[1], np.eye(3)[2]


def read(tmp_path: Path, **values: float) -> Reading:
    write_mot(tmp_path / "a.mot", values)
    return read_mot(tmp_path / "a.mot", ABOUT, Hints())


def bone(reading: Reading, start: str, end: str) -> np.ndarray:
    joints_m = reading.motion.joints_world_m[0]
    return unit(joints_m[SMPL22.index(end)] - joints_m[SMPL22.index(start)])


def assert_points(reading: Reading, start: str, end: str, direction: np.ndarray) -> None:
    np.testing.assert_allclose(bone(reading, start, end), direction, atol=1e-9)


def test_all_zero_is_a_person_who_stands_with_hanging_arms(tmp_path):
    reading = read(tmp_path)

    for side in ("left", "right"):
        for start, end in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow")):
            assert_points(reading, f"{side}_{start}", f"{side}_{end}", -UP)
    assert reading.motion.fps == FPS
    assert reading.motion.contacts[:, :2].all()
    assert reading.unused == ("pro_sup_r", "pro_sup_l")


def cos_sin(degrees: float) -> tuple[float, float]:
    return np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))


def test_hips_flex_forward_and_adduct_inward(tmp_path):
    c, s = cos_sin(30)

    flexed = read(tmp_path, hip_flexion_r=30, hip_flexion_l=30)
    adducted = read(tmp_path, hip_adduction_r=30, hip_adduction_l=30)

    for side, inward in (("left", -LEFT), ("right", LEFT)):
        assert_points(flexed, f"{side}_hip", f"{side}_knee", s * FORWARD - c * UP)
        assert_points(adducted, f"{side}_hip", f"{side}_knee", s * inward - c * UP)


@pytest.mark.parametrize("sign", [1, -1])
def test_knees_bend_backwards_whatever_the_models_sign(tmp_path, sign):
    c, s = cos_sin(50)

    reading = read(tmp_path, knee_angle_r=sign * 50, knee_angle_l=sign * 50)

    for side in ("left", "right"):
        assert_points(reading, f"{side}_knee", f"{side}_ankle", -s * FORWARD - c * UP)


def test_arms_flex_forward_and_abduct_outward_and_elbows_bend_forward(tmp_path):
    c, s = cos_sin(40)

    flexed = read(tmp_path, arm_flex_r=40, arm_flex_l=40)
    abducted = read(tmp_path, arm_add_r=-40, arm_add_l=-40)
    bent = read(tmp_path, elbow_flex_r=40, elbow_flex_l=40)

    for side, outward in (("left", LEFT), ("right", -LEFT)):
        assert_points(flexed, f"{side}_shoulder", f"{side}_elbow", s * FORWARD - c * UP)
        assert_points(abducted, f"{side}_shoulder", f"{side}_elbow", s * outward - c * UP)
        assert_points(bent, f"{side}_elbow", f"{side}_wrist", s * FORWARD - c * UP)


def test_pelvis_and_trunk_lean_back_where_positive(tmp_path):
    tilted = read(tmp_path, pelvis_tilt=-20)  # forwards
    extended = read(tmp_path, lumbar_extension=-30)
    dorsal = read(tmp_path, ankle_angle_r=15)

    neck = SMPL22.index("neck")
    for reading in (tilted, extended):
        joints_m = reading.motion.joints_world_m[0]
        assert (joints_m[neck] - joints_m[0]) @ FORWARD > 0.1
    flat = read(tmp_path)
    raised = bone(dorsal, "right_ankle", "right_foot") @ UP
    assert raised > bone(flat, "right_ankle", "right_foot") @ UP + 0.2


def test_the_pelvis_turns_and_travels(tmp_path):
    turned = read(tmp_path, pelvis_rotation=90)

    # The person is turned to face forward at the first frame, whatever the file's heading.
    np.testing.assert_allclose(turned.motion.joint_rotations_wxyz[0, 0], [1, 0, 0, 0], atol=1e-9)


def test_states_in_radians_with_paths_for_names_say_the_same(tmp_path):
    write_mot(tmp_path / "a.mot", {"hip_flexion_r": np.rad2deg(0.5), "knee_angle_r": 0.0})
    text = (tmp_path / "a.mot").read_text().replace("inDegrees=yes", "inDegrees=no")
    text = text.replace(f"{np.rad2deg(0.5):16.8f}", f"{0.5:16.8f}")
    (tmp_path / "b.sto").write_text(
        text.replace("hip_flexion_r", "/jointset/hip_r/hip_flexion_r/value")
    )

    degrees = read_mot(tmp_path / "a.mot", ABOUT, Hints()).motion
    radians = read_mot(tmp_path / "b.sto", ABOUT, Hints()).motion

    np.testing.assert_allclose(
        degrees.joint_rotations_wxyz, radians.joint_rotations_wxyz, atol=1e-8
    )


def test_a_model_without_arms_lets_them_hang(tmp_path):
    write_mot(tmp_path / "a.mot", {})
    text = (tmp_path / "a.mot").read_text().replace("arm_", "wing_").replace("elbow_", "bow_")
    (tmp_path / "a.mot").write_text(text)

    reading = read_mot(tmp_path / "a.mot", ABOUT, Hints())

    assert reading.assumed["left_shoulder"] == reading.assumed["right_elbow"] == "hanging"
    assert_points(reading, "left_shoulder", "left_elbow", -UP)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("endheader", "", "expected an OpenSim motion"),
        ("inDegrees=yes", "", "header: expected inDegrees=yes or inDegrees=no"),
        ("nRows=15", "nRows=16", "says nRows=16, the file has 15"),
        ("time\t", "t\t", "a.mot:10: expected different column names, 'time' first"),
        ("knee_angle_r", "knee_r", "no column knee_angle_r. It has "),
        ("hip_flexion_r", "pelvis_tilt", "a.mot:10: expected different column names"),
        ("      0.95000000", "", "a.mot:11: expected 30 numbers, got 29"),
        ("      0.95000000", "nan", "a.mot:11: expected a number"),
        ("      0.95000000", "\N{ARABIC-INDIC DIGIT ONE}", "a.mot:11: expected a number"),
        ("      0.03333333", "      0.02", "expected times at even steps"),
        ("      0.03333333", "      0.0", "expected times at even steps"),
    ],
)
def test_a_damaged_file_is_named_with_its_line(tmp_path, old, new, message):
    path = tmp_path / "a.mot"
    write_mot(path, {})
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(FormbenchError) as caught:
        read_mot(path, ABOUT, Hints())

    assert message in str(caught.value)
