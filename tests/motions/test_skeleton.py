import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.geometry import Y_AXIS, about, multiply
from motions.skeleton import LIMBS, SMPL22, STANDING_PELVIS_M, swap_side

REST = np.tile([1.0, 0, 0, 0], (22, 1))


def test_it_is_the_joint_order_of_smpl():
    # The first 22 names of smplx's joint_names.JOINT_NAMES.
    assert SMPL22.joint_names == (
        "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2",
        "left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar",
        "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
        "left_wrist", "right_wrist",
    )  # fmt: skip
    assert SMPL22.parents == (
        -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19,
    )  # fmt: skip


def test_it_stands_on_the_floor_facing_minus_y_with_its_left_at_plus_x():
    joints = SMPL22.positions(np.array([0, 0, STANDING_PELVIS_M]), REST)

    assert joints[SMPL22.index("left_ankle"), 2] == pytest.approx(0.08)
    assert joints[SMPL22.index("left_foot"), 1] < joints[SMPL22.index("left_ankle"), 1]
    assert joints[SMPL22.index("left_wrist"), 0] > 0.5


def test_the_rest_pose_is_its_own_mirror_image():
    mirrored = SMPL22.offsets_m[list(SMPL22.mirror)] * [-1, 1, 1]

    assert (mirrored == SMPL22.offsets_m).all()


def test_local_and_world_rotations_undo_each_other():
    rng = np.random.default_rng(0)
    local = rng.normal(size=(5, 22, 4))
    local /= np.linalg.norm(local, axis=-1, keepdims=True)

    there_and_back = SMPL22.local_rotations(SMPL22.world_orientations(local))
    assert there_and_back == pytest.approx(local, abs=1e-12)


def test_positions_chain_offsets_like_the_plain_recursion():
    rng = np.random.default_rng(1)
    local = rng.normal(size=(22, 4))
    local /= np.linalg.norm(local, axis=-1, keepdims=True)

    def place(joint):
        if SMPL22.parents[joint] < 0:
            return np.array([1.0, 2.0, 3.0]), local[joint]
        position, turn = place(SMPL22.parents[joint])
        w, *v = turn
        offset = SMPL22.offsets_m[joint]
        moved = offset + 2 * np.cross(v, np.cross(v, offset) + w * offset)
        return position + moved, multiply(turn, local[joint])

    slow = np.stack([place(joint)[0] for joint in range(22)])
    fast = SMPL22.positions(np.array([1.0, 2.0, 3.0]), SMPL22.world_orientations(local))
    assert fast == pytest.approx(slow, abs=1e-12)


@pytest.mark.parametrize(
    ("point", "joint"), [("left_foot", "left_knee"), ("right_foot", "right_knee")]
)
def test_a_positive_turn_of_the_knee_brings_the_foot_back(point, joint):
    local = REST.copy()
    local[SMPL22.index(joint)] = about(np.array(LIMBS[point].bend_axis), 0.5)
    joints = SMPL22.positions(np.zeros(3), SMPL22.world_orientations(local))

    assert joints[SMPL22.index(LIMBS[point].end), 1] > 0.1


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_positive_turn_of_the_elbow_brings_the_hand_forward(side):
    local = REST.copy()
    local[SMPL22.index(f"{side}_elbow")] = about(np.array(LIMBS[f"{side}_hand"].bend_axis), 0.5)
    joints = SMPL22.positions(np.zeros(3), SMPL22.world_orientations(local))

    assert joints[SMPL22.index(f"{side}_wrist"), 1] < -0.1


def test_a_hanging_arm_points_down_with_the_palm_towards_the_body():
    turn = about(Y_AXIS, np.pi / 2)
    local = REST.copy()
    local[SMPL22.index("left_shoulder")] = turn
    joints = SMPL22.positions(np.zeros(3), SMPL22.world_orientations(local))

    shoulder, wrist = (joints[SMPL22.index(f"left_{n}")] for n in ("shoulder", "wrist"))
    assert wrist - shoulder == pytest.approx([0, 0, -0.52], abs=1e-12)


def test_a_mistyped_joint_is_met_with_the_nearest():
    with pytest.raises(FormbenchError, match="Did you mean 'left_knee'"):
        SMPL22.index("left_kne")


def test_swapping_sides_twice_changes_nothing():
    assert all(swap_side(swap_side(name)) == name for name in SMPL22.joint_names)
