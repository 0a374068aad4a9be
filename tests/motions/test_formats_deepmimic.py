"""DeepMimic clips: against hand-worked poses, and against PyBullet's own humanoid."""

import json
from pathlib import Path

import numpy as np
import pybullet
import pybullet_data
import pytest

from motions.errors import FormbenchError
from motions.formats.deepmimic import LEG_M, pybullet_clips, read_deepmimic
from motions.formats.reading import About, Reading
from motions.geometry import Z_AXIS, about, rotate, unit
from motions.skeleton import SMPL22, STANDING_PELVIS_M

ABOUT = About("jump", "a test", "CC0-1.0")
CLIPS = list(pybullet_clips().values())
STANDING = [1.0, 0, 0, 0]
FORWARD, UP, LEFT = -np.eye(3)[1], np.eye(3)[2], np.eye(3)[0]


def frame(duration_s=0.1, root=(0.0, 0.88, 0.0), turn=STANDING, right_knee=0.0, left_elbow=0.0):
    return [
        duration_s, *root, *turn, *STANDING, *STANDING, *STANDING, right_knee, *STANDING,
        *STANDING, 0.0, *STANDING, 0.0, *STANDING, *STANDING, left_elbow,
    ]  # fmt: skip


def read(tmp_path: Path, frames: object) -> Reading:
    path = tmp_path / "clip.txt"
    path.write_text(json.dumps({"Loop": "none", "Frames": frames}))
    return read_deepmimic(path, ABOUT)


def bone(reading: Reading, start: str, end: str, at: int = 0) -> np.ndarray:
    joints_m = reading.motion.joints_world_m[at]
    return unit(joints_m[SMPL22.index(end)] - joints_m[SMPL22.index(start)])


def test_the_rest_pose_stands_on_the_floor_with_hanging_arms(tmp_path):
    motion = read(tmp_path, [frame(), frame()]).motion

    joints_m = motion.joints_world_m[0]
    np.testing.assert_allclose(motion.root_position_m[0], [0, 0, STANDING_PELVIS_M], atol=1e-12)
    for side, lateral in (("left", LEFT), ("right", -LEFT)):
        shoulder, wrist = (joints_m[SMPL22.index(f"{side}_{j}")] for j in ("shoulder", "wrist"))
        assert shoulder @ lateral > 0.1
        np.testing.assert_allclose(unit(wrist - shoulder), -UP, atol=1e-12)
    assert motion.contacts.tolist() == [[True, True, False, False]] * 2


def test_a_knee_bends_backwards_and_an_elbow_forwards(tmp_path):
    reading = read(tmp_path, [frame(right_knee=-np.pi / 2, left_elbow=np.pi / 2)] * 2)

    np.testing.assert_allclose(bone(reading, "right_knee", "right_ankle"), -FORWARD, atol=1e-12)
    np.testing.assert_allclose(bone(reading, "left_elbow", "left_wrist"), FORWARD, atol=1e-12)
    np.testing.assert_allclose(bone(reading, "left_knee", "left_ankle"), -UP, atol=1e-12)
    np.testing.assert_allclose(bone(reading, "right_elbow", "right_wrist"), -UP, atol=1e-12)


def test_a_person_who_faces_elsewhere_is_turned_to_face_minus_y(tmp_path):
    aside = [np.cos(0.6), 0.0, np.sin(0.6), 0.0]  # 1.2 rad about y, which is up
    turned = read(tmp_path, [frame(turn=aside, root=(3, 0.88, 4)), frame(turn=aside)]).motion
    # One metre ahead of where it faces: (cos, 0, -sin) in the file is -Y in the motion.
    walked = np.array([3, 0.88, 4]) + np.array([np.cos(1.2), 0, -np.sin(1.2)])
    walking = read(tmp_path, [frame(turn=aside, root=(3, 0.88, 4)), frame(turn=aside, root=walked)])

    np.testing.assert_allclose(turned.joint_rotations_wxyz[0, 0], [1, 0, 0, 0], atol=1e-12)
    step_m = np.diff(walking.motion.root_position_m, axis=0)[0]
    np.testing.assert_allclose(step_m, FORWARD * walking.scale, atol=1e-12)
    assert walking.scale == 0.8 / LEG_M


def test_unequal_durations_become_even_times(tmp_path):
    roots = [(x, 0.88, 0.0) for x in (0.0, 1.0, 3.0, 4.0)]
    frames = [frame(d, r) for d, r in zip((0.1, 0.2, 0.1, 0.0), roots, strict=True)]

    reading = read(tmp_path, frames)

    assert reading.motion.fps == 10.0
    travelled_m = -reading.motion.root_position_m[:, 1] / reading.scale
    np.testing.assert_allclose(travelled_m, [0, 1, 2, 3, 4], atol=1e-9)


def test_there_are_fifteen_published_clips():
    assert len(CLIPS) == 15


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
def test_limbs_point_where_pybullets_humanoid_has_them(path):
    frames = np.array(json.loads(path.read_text())["Frames"])
    motion = read_deepmimic(path, ABOUT).motion
    if path.stem == "humanoid3d_roll":  # its sixth frame is long, what comes after is resampled
        frames = frames[:6]

    ours, theirs = {}, bullet_bones(frames[:: len(frames) // 5])
    joints_m = motion.joints_world_m[: len(frames) : len(frames) // 5]
    for start, end in theirs:
        between_m = joints_m[:, SMPL22.index(end)] - joints_m[:, SMPL22.index(start)]
        ours[start, end] = unit(between_m)

    # The motion is turned about the vertical to face -Y; one turn must serve for every bone.
    flat = [(a[:2], b[:2]) for key in theirs for a, b in zip(theirs[key], ours[key], strict=True)]
    sine = sum(a[0] * b[1] - a[1] * b[0] for a, b in flat)
    cosine = sum(a @ b for a, b in flat)
    turn = about(Z_AXIS, np.arctan2(sine, cosine))
    for key, directions in theirs.items():
        np.testing.assert_allclose(rotate(turn, directions), ours[key], atol=5e-5, err_msg=str(key))


def bullet_bones(frames: np.ndarray) -> dict[tuple[str, str], np.ndarray]:
    """Pose PyBullet's humanoid as its own DeepMimic environment does; directions, z up."""
    client = pybullet.connect(pybullet.DIRECT)
    try:
        humanoid = pybullet.loadURDF(
            str(Path(pybullet_data.__file__).parent / "humanoid/humanoid.urdf"),
            globalScaling=0.25,
            useFixedBase=True,
            flags=pybullet.URDF_MAINTAIN_LINK_ORDER,
            physicsClientId=client,
        )
        count = pybullet.getNumJoints(humanoid, physicsClientId=client)
        info = [pybullet.getJointInfo(humanoid, i, physicsClientId=client) for i in range(count)]
        joint = {row[1].decode(): row[0] for row in info}
        starts = {"chest": 8, "neck": 12, "right_hip": 16, "right_ankle": 21, "right_shoulder": 25,
                  "left_hip": 30, "left_ankle": 35, "left_shoulder": 39}  # fmt: skip
        angles = {"right_knee": 20, "right_elbow": 29, "left_knee": 34, "left_elbow": 43}
        upright = pybullet.getQuaternionFromEuler([np.pi / 2, 0, 0])
        pairs = [
            (f"{side}_{start}", f"{side}_{end}")
            for side in ("left", "right")
            for start, end in (
                ("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"),
            )
        ]  # fmt: skip
        found: dict[tuple[str, str], list[np.ndarray]] = {pair: [] for pair in pairs}
        for row in frames:
            position, orientation = pybullet.multiplyTransforms(
                [0, 0, 0], upright, row[1:4], [*row[5:8], row[4]]
            )
            pybullet.resetBasePositionAndOrientation(
                humanoid, position, orientation, physicsClientId=client
            )
            for name, at in starts.items():
                quaternion = unit(row[at : at + 4])
                pybullet.resetJointStateMultiDof(
                    humanoid, joint[name], [*quaternion[1:], quaternion[0]], physicsClientId=client
                )
            for name, at in angles.items():
                pybullet.resetJointStateMultiDof(
                    humanoid, joint[name], [row[at]], physicsClientId=client
                )
            at_m = {
                name: np.array(
                    pybullet.getLinkState(
                        humanoid, index, computeForwardKinematics=True, physicsClientId=client
                    )[4]
                )
                for name, index in joint.items()
            }
            for start, end in pairs:
                found[start, end].append(unit(at_m[end] - at_m[start]))
        return {pair: np.array(rows) for pair, rows in found.items()}
    finally:
        pybullet.disconnect(client)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected a DeepMimic clip in JSON"),
        ("[1, 2]", "an object with a list 'Frames'"),
        ('{"Frames": []}', "at least one frame, got none"),
        ('{"Frames": [[1, 2]]}', "frame 1: expected 44 numbers, got 2 numbers"),
        ('{"Frames": ["x"]}', "frame 1: expected 44 numbers, got str"),
        (json.dumps({"Frames": [frame()]}), "at least two frames, got one"),
        (json.dumps({"Frames": [frame(), frame(turn=[0, 0, 0, 0])]}), "frame 2: root: expected a"),
        (json.dumps({"Frames": [frame(0.0), frame()]}), "frame 1: expected a duration of 0 to 1 s"),
        (json.dumps({"Frames": [frame(5.0), frame()]}), "frame 1: expected a duration of 0 to 1 s"),
        (json.dumps({"Frames": [frame(1e-5), frame()]}), "at most 1000 frames a second"),
        (json.dumps({"Frames": [frame(float("nan")), frame()]}), "frame 1: expected only numbers"),
        (json.dumps({"Frames": [frame(), frame(root=(0, 1e99, 0))]}), "frame 2: expected only"),
        ("[" * 100_000, "expected a DeepMimic clip in JSON"),
    ],
)
def test_a_damaged_clip_is_named_with_the_frame(tmp_path, content, message):
    path = tmp_path / "clip.txt"
    path.write_text(content)

    with pytest.raises(FormbenchError, match=r"clip\.txt: ") as caught:
        read_deepmimic(path, ABOUT)

    assert message in str(caught.value)


def test_text_that_is_not_utf8_is_named_with_its_line(tmp_path):
    path = tmp_path / "clip.txt"
    path.write_bytes(b'{"Frames":\n["\xff"]}')

    with pytest.raises(FormbenchError, match=r"clip\.txt:2: expected utf-8 text, got byte 0xff"):
        read_deepmimic(path, ABOUT)
