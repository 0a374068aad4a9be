"""BVH: round trips, hand-worked channels, and bvhio on the same files."""

import re
import warnings
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from format_samples import ABOUT, make_motion

with warnings.catch_warnings():
    # bvhio 1.5.4 imports PyGLM by a name that PyGLM announces to drop.
    warnings.simplefilter("ignore")
    import bvhio

from scipy.spatial.transform import Rotation

from motions.errors import FormbenchError
from motions.formats.bvh import read_bvh, read_recording, write_bvh
from motions.formats.deepmimic import pybullet_clips, read_deepmimic
from motions.formats.names import NAME_MAPS
from motions.formats.reading import Hints
from motions.geometry import X_AXIS, about, inverse, multiply, rotate, slerp, to_wxyz
from motions.library import EXERCISES
from motions.measures import measure
from motions.motion import Motion
from motions.perform import perform
from motions.skeleton import SMPL22

PAIR = """HIERARCHY
ROOT hips
{
  OFFSET 1 2 3
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT arm
  {
    OFFSET 0 10 0
    CHANNELS 3 Xrotation Yrotation Zrotation
    End Site
    {
      OFFSET 0 5 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.033333
0 0 0 0 0 0 0 0 0
7 8 9 90 0 0 0 0 90
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "file.bvh"
    path.write_text(text)
    return path


def assert_same(found: Motion, wanted: Motion, atol: float = 1e-7) -> None:
    dots = np.abs(np.sum(found.joint_rotations_wxyz * wanted.joint_rotations_wxyz, axis=-1))
    np.testing.assert_allclose(dots, 1, atol=atol)
    np.testing.assert_allclose(found.joints_world_m, wanted.joints_world_m, atol=atol)
    np.testing.assert_array_equal(found.contacts, wanted.contacts)
    assert found.fps == wanted.fps


def test_a_joint_turns_about_its_moving_axes_and_positions_replace_the_offset(tmp_path):
    recording, others = read_recording(write(tmp_path, PAIR))

    assert recording.skeleton.joint_names == ("hips", "arm", "arm_end")
    assert recording.fps == 30.0
    assert others == ()
    # The hips turn a quarter about z: their y, where the arm is, becomes -x. The arm turns on.
    np.testing.assert_allclose(recording.positions[0], [[0, 0, 0], [0, 10, 0], [0, 15, 0]])
    np.testing.assert_allclose(
        recording.positions[1], [[7, 8, 9], [-3, 8, 9], [-3, 3, 9]], atol=1e-12
    )


@pytest.mark.parametrize("order", ["".join(p) for p in permutations("XYZ")])
def test_every_rotation_order_agrees_with_bvhio(tmp_path, order):
    channels = " ".join(f"{axis}rotation" for axis in order)
    text = PAIR.replace("Xrotation Yrotation Zrotation", channels)
    path = write(tmp_path, text.replace("7 8 9 90 0 0 0 0 90", "7 8 9 20 -35 70 100 -50 25"))

    assert_agrees_with_bvhio(path)


def assert_agrees_with_bvhio(path: Path, atol: float = 2e-4) -> None:
    recording, _ = read_recording(path)
    root = bvhio.readAsHierarchy(str(path))
    for frame in range(len(recording.positions)):
        root.loadPose(frame)
        for joint, _, _ in root.layout():
            at = recording.skeleton.joint_names.index(joint.Name)
            theirs = np.array(joint.PositionWorld.to_tuple())
            np.testing.assert_allclose(recording.positions[frame, at], theirs, atol=atol)


def test_inner_joints_with_six_channels_agree_with_bvhio(tmp_path):
    six = "CHANNELS 6 Xposition Yposition Zposition Xrotation Yrotation Zrotation"
    text = PAIR.replace("CHANNELS 3 Xrotation Yrotation Zrotation", six)
    text = text.replace("0 0 0 0 0 0 0 0 0\n7", "0 0 0 0 0 0 0 10 0 0 0 0\n7")
    path = write(tmp_path, text.replace("90 0 0 0 0 90", "90 10 0 0.5 11 0 0 0 90"))

    assert_agrees_with_bvhio(path)


def test_a_written_motion_is_read_back(tmp_path):
    motion = make_motion()
    write_bvh(motion, tmp_path / "motion.bvh")

    reading = read_bvh(tmp_path / "motion.bvh", ABOUT, Hints())

    dots = np.sum(reading.motion.joint_rotations_wxyz * motion.joint_rotations_wxyz, axis=-1)
    np.testing.assert_allclose(np.abs(dots), 1, atol=1e-7)
    assert (reading.motion.exercise, reading.motion.source, reading.motion.licence) == (
        "squat", "made up for a test", "CC0-1.0",
    )  # fmt: skip
    assert (reading.up, reading.doubts, dict(reading.assumed)) == ("+y", (), {})
    np.testing.assert_allclose(reading.scale, 0.01)
    assert_agrees_with_bvhio(tmp_path / "motion.bvh", atol=2e-3)  # centimetres, single precision


@pytest.mark.parametrize("name", ["jump", "dance_a", "crawl", "cartwheel"])
def test_real_motion_capture_comes_back_whole(tmp_path, name):
    motion = read_deepmimic(pybullet_clips()[name], ABOUT).motion
    write_bvh(motion, tmp_path / "clip.bvh")

    assert_same(read_bvh(tmp_path / "clip.bvh", ABOUT, Hints()).motion, motion)


def recast(path: Path, motion: Motion, names: dict[str, str], turns_wxyz: np.ndarray) -> None:
    """Write a motion under other names, with each joint's frame turned by its `turns_wxyz`.

    With turns that differ, the file's rest pose is no pose at all.
    """
    world = multiply(motion.world_orientations_wxyz, turns_wxyz)
    parents = SMPL22.parents
    offsets = np.array(
        [
            offset if p < 0 else rotate(inverse(turns_wxyz[p]), offset)
            for offset, p in zip(SMPL22.offsets_m, parents, strict=True)
        ]
    )
    lines: list[str] = []
    order: list[int] = []

    def walk(joint: int) -> None:
        order.append(joint)
        name = names.get(SMPL22.joint_names[joint], f"unmapped_{joint}")
        kind = "JOINT" if joint else "ROOT"
        numbers = " ".join(f"{x:.9f}" for x in offsets[joint] * 100)
        lines.extend(
            [f"{kind} {name}", "{", f"OFFSET {numbers}",
             "CHANNELS 6 Xposition Yposition Zposition Yrotation Zrotation Xrotation"]
        )  # fmt: skip
        for child, parent in enumerate(parents):
            if parent == joint:
                walk(child)
        lines.append("}")

    walk(0)
    local = Rotation.from_quat(SMPL22.local_rotations(world), scalar_first=True)
    angles = local.as_euler("YZX", degrees=True)
    lines = ["HIERARCHY", *lines, "MOTION", f"Frames: {motion.n_frames}", "Frame Time: 0.0333333"]
    for frame in range(motion.n_frames):
        row = []
        for joint in order:
            at = offsets[joint] if joint else motion.root_position_m[frame]
            row += [*(at * 100), *angles[frame, joint]]
        lines.append(" ".join(f"{x:.9f}" for x in row))
    path.write_text("\n".join(lines) + "\n")


STYLES = [style for style in NAME_MAPS if style != "asf"]


@pytest.mark.parametrize("style", STYLES)
def test_skeletons_of_every_style_are_known_by_their_names(tmp_path, style):
    motion = make_motion()
    straight = np.tile([1.0, 0, 0, 0], (22, 1))
    recast(tmp_path / "file.bvh", motion, NAME_MAPS[style], straight)

    reading = read_bvh(tmp_path / "file.bvh", ABOUT, Hints())

    assert reading.up == "+z"
    mapped = [SMPL22.index(joint) for joint in NAME_MAPS[style]]
    found, wanted = reading.motion.world_orientations_wxyz, motion.world_orientations_wxyz
    dots = np.abs(np.sum(found * wanted, axis=-1))[:, mapped]
    np.testing.assert_allclose(dots, 1, atol=1e-7)
    missing = set(SMPL22.joint_names) - set(NAME_MAPS[style])
    assert set(reading.assumed) == missing
    for joint in missing:  # only spine1, of Bandai-Namco
        pelvis, above = (found[:, SMPL22.index(name)] for name in ("pelvis", "spine2"))
        assert reading.assumed[joint] == "between pelvis and spine2"
        halfway = slerp(pelvis, above, np.full(len(found), 0.5))
        np.testing.assert_allclose(found[:, SMPL22.index(joint)], halfway, atol=1e-12)
    assert len(reading.unused) == len(missing)


def test_namespaces_in_front_of_names_do_not_matter(tmp_path):
    spaced = {joint: f"mixamorig:{name}" for joint, name in NAME_MAPS["mixamo"].items()}
    recast(tmp_path / "file.bvh", make_motion(), spaced, np.tile([1.0, 0, 0, 0], (22, 1)))

    assert read_bvh(tmp_path / "file.bvh", ABOUT, Hints()).assumed == {}


def test_a_rest_pose_that_is_no_pose_is_replaced_by_the_motion(tmp_path):
    motion = read_deepmimic(pybullet_clips()["jump"], ABOUT).motion
    turns = to_wxyz(Rotation.random(22, rng=np.random.default_rng(1)))
    recast(tmp_path / "file.bvh", motion, NAME_MAPS["lafan1"], turns)

    reading = read_bvh(tmp_path / "file.bvh", ABOUT, Hints())

    assert reading.doubts == ("up was taken to be +z, because the person stands along it",)
    shift = reading.motion.joints_world_m - motion.joints_world_m
    np.testing.assert_allclose(shift, 0, atol=1e-6)
    found, wanted = reading.motion.world_orientations_wxyz, motion.world_orientations_wxyz
    apart = 2 * np.arccos(np.clip(np.abs(np.sum(found * wanted, axis=-1)), 0, 1))
    limbs = [SMPL22.index(f"{s}_{j}") for s in ("left", "right") for j in ("hip", "knee", "elbow")]
    assert np.rad2deg(apart[:, limbs].max()) < 3.0


def spine_deg(motion):
    """How far lumbar and thoracic spine are bent forward. Shape (T,)."""
    joints_m = motion.joints_world_m
    bent = measure("lumbar_angle", joints_m) + measure("thoracic_angle", joints_m)
    return np.rad2deg(bent)


def bent_at_rest(degrees):
    """Turns of joints for a rest pose whose spine is bent back, half way at its lowest joint."""
    turns = np.tile([1.0, 0, 0, 0], (22, 1))
    for name, share in (("spine1", 0.5), ("spine2", 1.0), ("spine3", 1.0)):
        turns[SMPL22.index(name)] = about(X_AXIS, share * np.deg2rad(degrees))
    return turns


def performed(name):
    """One repetition of an exercise by someone in particular."""
    what = EXERCISES[name]
    return perform(what, what.style(1, np.random.default_rng(0)), 30.0)


def test_the_spine_is_straight_as_people_stand_whatever_the_rest_pose(tmp_path):
    motion = performed("squat")
    recast(tmp_path / "file.bvh", motion, NAME_MAPS["mixamo"], bent_at_rest(18))

    reading = read_bvh(tmp_path / "file.bvh", ABOUT, Hints())

    assert re.search(r"rest pose bends it by 1[89] degrees", reading.doubts[-1])
    assert spine_deg(reading.motion) == pytest.approx(spine_deg(motion), abs=1.5)
    lean, wanted = (measure("trunk_lean", m.joints_world_m) for m in (reading.motion, motion))
    assert np.rad2deg(lean) == pytest.approx(np.rad2deg(wanted), abs=1.5)


def test_a_rest_pose_is_believed_that_is_nearly_straight_or_of_who_never_stands(tmp_path):
    for name, degrees in (("squat", 4), ("push_up", 18)):
        motion = performed(name)
        recast(tmp_path / "file.bvh", motion, NAME_MAPS["mixamo"], bent_at_rest(degrees))

        reading = read_bvh(tmp_path / "file.bvh", ABOUT, Hints(up="+z"))

        assert not any("spine" in doubt for doubt in reading.doubts)
        off_deg = spine_deg(reading.motion) - spine_deg(motion)
        assert off_deg == pytest.approx(degrees, abs=0.01)


def test_a_users_name_map_is_the_only_one_tried(tmp_path):
    given = {joint: f"bone {at}" for at, joint in enumerate(SMPL22.joint_names)}
    recast(tmp_path / "file.bvh", make_motion(), given, np.tile([1.0, 0, 0, 0], (22, 1)))

    with pytest.raises(FormbenchError, match=r"no name for pelvis, left_hip, .*left_knee: LeftLeg"):
        read_bvh(tmp_path / "file.bvh", ABOUT, Hints())
    reading = read_bvh(tmp_path / "file.bvh", ABOUT, Hints(names=given))

    assert reading.assumed == {}


def test_a_second_root_is_a_prop_and_is_reported(tmp_path):
    write_bvh(make_motion(), tmp_path / "motion.bvh")
    text = (tmp_path / "motion.bvh").read_text()
    prop = "ROOT stick\n{\nOFFSET 0 0 0\nCHANNELS 1 Xrotation\nEnd Site\n{\nOFFSET 0 1 0\n}\n}\n"
    head, rows = text.replace("MOTION", f"{prop}MOTION").split("Frame Time: 0.033333333\n")
    rows = "".join(f"{row} 45\n" for row in rows.splitlines())
    path = write(tmp_path, f"{head}Frame Time: 0.033333333\n{rows}")

    reading = read_bvh(path, ABOUT, Hints())

    assert reading.unused[-2:] == ("stick", "stick_end")
    whole = read_bvh(tmp_path / "motion.bvh", ABOUT, Hints()).motion
    assert_same(reading.motion, whole, atol=0.0)


def test_a_person_whose_bones_are_pulled_together_is_refused(tmp_path):
    recast(
        tmp_path / "file.bvh", make_motion(), NAME_MAPS["mixamo"], np.tile([1.0, 0, 0, 0], (22, 1))
    )
    head, rows = (tmp_path / "file.bvh").read_text().split("Frame Time: 0.0333333\n")
    zero = "\n".join(" ".join(["0"] * len(row.split())) for row in rows.splitlines())
    path = write(tmp_path, f"{head}Frame Time: 0.0333333\n{zero}\n")

    with pytest.raises(FormbenchError, match=r"file\.bvh: .*coincide"):
        read_bvh(path, ABOUT, Hints(up="+z"))


def test_a_mirrored_person_is_refused(tmp_path):
    swapped = dict(
        zip(SMPL22.joint_names, (SMPL22.joint_names[at] for at in SMPL22.mirror), strict=True)
    )
    recast(tmp_path / "file.bvh", make_motion(), swapped, np.tile([1.0, 0, 0, 0], (22, 1)))

    with pytest.raises(FormbenchError, match="left and right are swapped"):
        read_bvh(tmp_path / "file.bvh", ABOUT, Hints())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("HIERARCHY", "HELLO", "expected a BVH file"),
        ("MOTION", "", "expected a BVH file"),
        ("OFFSET 0 10 0", "OFFSET 0 10", "file.bvh:8: expected 3 numbers, got 2"),
        ("OFFSET 0 10 0", "OFFSET 0 ten 0", "file.bvh:8: expected a number"),
        ("OFFSET 0 10 0", "", "file.bvh:6: joint 'arm' has no OFFSET"),
        ("CHANNELS 3", "CHANNELS 4", "file.bvh:9: expected a whole number from 3 to 3, got 4"),
        ("CHANNELS 3 X", "CHANNELS 3 W", "file.bvh:9: expected channels such as"),
        ("Yrotation Zrotation", "Yrotation Yrotation", "each once"),
        ("      OFFSET 0 5 0\n    }\n  }\n", "      OFFSET 0 5 0\n", "the file was cut short"),
        ("JOINT arm", "JOINT hips", "file.bvh:6: a second joint called 'hips'"),
        ("JOINT arm", "ROOT arm", "file.bvh:6: 'ROOT arm' has no place here"),
        ("Frames: 2", "Frames: 3", "file.bvh:17: says 3 frames, the file has 2"),
        ("Frames: 2", "Frames: 99999999999", "expected a number of less than"),
        ("Frames: 2", "Frames: 0", "expected a whole number from 1 to"),
        ("0.033333", "0", "file.bvh:18: expected a frame time"),
        ("0.033333", "nan", "file.bvh:18: expected a number"),
        ("0.033333", "-1", "file.bvh:18: expected a frame time"),
        ("7 8 9 90", "7 8 9", "file.bvh:20: expected 9 numbers, got 8"),
        ("7 8 9 90", "7 8 9 inf", "file.bvh:20: expected a number"),
        ("7 8 9 90", "7 8 9 1_0", "file.bvh:20: expected a number"),
        ("", "", "no name for left_hip"),
    ],
)
def test_a_damaged_file_is_named_with_its_line(tmp_path, old, new, message):
    path = write(tmp_path, PAIR.replace(old, new, 1) if old else PAIR)

    with pytest.raises(FormbenchError) as caught:
        read_bvh(path, ABOUT, Hints())

    assert message in str(caught.value)
    assert str(path) in str(caught.value)
