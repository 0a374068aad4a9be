import numpy as np
import pytest

from motions.geometry import X_AXIS, about, angle_between, rotate, two_bone_ik
from motions.skeleton import LIMBS, SMPL22
from motions.stiffness import Limbs

LEFT_FOOT = 0
HIP, KNEE, ANKLE = (SMPL22.index(f"left_{joint}") for joint in ("hip", "knee", "ankle"))
THIGH, SHIN = SMPL22.offsets_m[KNEE], SMPL22.offsets_m[ANKLE]


def bent_leg(knee_deg):
    """Orientations (1, 22, 4) of a body whose left knee is bent, half of it at the hip."""
    local = np.tile([1.0, 0, 0, 0], (1, 22, 1))
    local[:, HIP] = about(X_AXIS, np.deg2rad(-knee_deg / 2))
    local[:, KNEE] = about(X_AXIS, np.deg2rad(knee_deg))
    return SMPL22.world_orientations(local)


def angle_changes(world, shift_m):
    """How far the knee bends and the thigh turns when the ankle is moved: by inverse kinematics."""
    end_m = rotate(world[0, HIP], THIGH) + rotate(world[0, KNEE], SHIN)
    bent = two_bone_ik(
        world[0, HIP], world[0, KNEE], THIGH, SHIN, end_m + shift_m,
        np.array(LIMBS["left_foot"].bend_axis),
    )  # fmt: skip
    before, after = (
        (rotate(thigh, THIGH), rotate(shin, SHIN))
        for thigh, shin in ((world[0, HIP], world[0, KNEE]), bent)
    )
    return angle_between(*after) - angle_between(*before), angle_between(before[0], after[0])


@pytest.mark.parametrize("knee_deg", [30, 60, 110])
@pytest.mark.parametrize("direction", [(0, 0, 1), (0, 1, 0), (0, -0.6, 0.8)])
def test_stiffness_is_the_squared_change_of_angles_in_the_plane_of_the_limb(knee_deg, direction):
    world = bent_leg(knee_deg)
    shift_m = 1e-5 * np.array(direction)
    limbs = Limbs.of(SMPL22, np.zeros((1, 3)), world)

    stiffness = limbs.stiffness(np.zeros((1, 4, 3)))[0, LEFT_FOOT]

    squared = sum(change**2 for change in angle_changes(world, shift_m))
    assert shift_m @ stiffness @ shift_m == pytest.approx(squared, rel=1e-3)


def test_a_square_knee_resists_as_worked_out_by_hand():
    # Bones of 0.4 m and a right angle: reach 0.4 sqrt(2), which the knee undoes by
    # reach / 0.16 a metre, and the thigh turns by half of that.
    limbs = Limbs.of(SMPL22, np.zeros((1, 3)), bent_leg(90))
    up = np.array([0.0, 0.0, 1.0])

    resists = up @ limbs.stiffness(np.zeros((1, 4, 3)))[0, LEFT_FOOT] @ up

    bend = 0.4 * np.sqrt(2) / 0.16
    assert resists == pytest.approx(bend**2 + (bend / 2) ** 2)


def test_a_straight_leg_resists_along_itself_far_more_than_across():
    stiffness = Limbs.of(SMPL22, np.zeros((1, 3)), bent_leg(4)).stiffness(np.zeros((1, 4, 3)))

    along, across = stiffness[0, LEFT_FOOT, 2, 2], stiffness[0, LEFT_FOOT, 0, 0]
    assert along > 100 * across
