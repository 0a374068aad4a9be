"""What would go through the floor is turned, raised or tilted, and contacts are kept."""

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ, X_AXIS, Y_AXIS, Z_AXIS, about, rotate
from motions.measures import SIDES
from motions.motion import CONTACT_POINTS
from motions.pinning import end_joints, pin_limbs
from motions.planting import FEET
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.bodies.library import build_body, sample_body
from simulator.clearing import ALLOWED_M, ENOUGH_M, cleared
from simulator.fidelity import limb_angles_rad

N, FPS = 40, 30.0
FREE = np.zeros((N, len(CONTACT_POINTS)), dtype=bool)
NEVER = np.zeros(N, dtype=bool)
ON_FEET = FREE | np.array([True, True, False, False])


@pytest.fixture(scope="module")
def body() -> Body:
    return build_body("stick", sample_body("stick", np.random.default_rng(0)), grip=False)


def standing(body: Body, lower_m: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    root_m = np.tile([0.0, 0.0, body.standing_pelvis_m - lower_m], (N, 1))
    return root_m, np.tile(IDENTITY_WXYZ, (N, len(SMPL22.joint_names), 1))


def lowest_m(body: Body, root_m: np.ndarray, world_wxyz: np.ndarray) -> np.ndarray:
    return body.skin_heights_m(root_m, world_wxyz).min(axis=1)


@pytest.mark.parametrize("contacts", [FREE, ON_FEET])
def test_who_stands_on_the_floor_is_left_alone(body: Body, contacts: np.ndarray) -> None:
    root_m, world = standing(body)
    after = cleared(body, root_m, world, contacts, contacts, NEVER, FPS)
    assert after[0] is root_m
    assert after[1] is world


def test_a_foot_in_the_air_turns_its_toes_up_and_nothing_else_moves(body: Body) -> None:
    root_m, world = standing(body, lower_m=-0.05)
    feet = [SMPL22.index(f"right_{name}") for name in ("ankle", "foot")]
    swings = slice(10, 20)
    # Toes point down steeply, and come some centimetres below the floor.
    world[swings, feet] = about(X_AXIS, np.deg2rad(50))
    assert lowest_m(body, root_m, world)[swings].max() < -2 * ALLOWED_M
    after_m, after = cleared(body, root_m, world, FREE, FREE, NEVER, FPS)
    assert lowest_m(body, after_m, after).min() >= -ALLOWED_M - 1.5 * ENOUGH_M
    assert (after_m == root_m).all()
    others = np.delete(np.arange(len(SMPL22.joint_names)), feet)
    assert (after[:, others] == world[:, others]).all()
    elsewhere = np.delete(np.arange(N), np.arange(N)[swings])
    assert (after[elsewhere] == world[elsewhere]).all()


def test_a_planted_foot_is_not_turned(body: Body) -> None:
    root_m, world = standing(body)
    feet = [SMPL22.index("right_ankle"), SMPL22.index("right_foot")]
    world[:, feet] = about(X_AXIS, np.deg2rad(20))
    _, after = cleared(body, root_m, world, ON_FEET, ON_FEET, NEVER, FPS)
    np.testing.assert_allclose(after[:, feet], world[:, feet], atol=1e-12)


@pytest.mark.parametrize("planted", [False, True])
def test_a_hand_that_points_into_the_floor_comes_to_lie_on_its_palm(
    body: Body, planted: bool
) -> None:
    root_m, world = standing(body)
    arm = [SMPL22.index(f"left_{joint}") for joint in ("shoulder", "elbow", "wrist")]
    # The arm hangs, and the hand goes straight on from it.
    world[:, arm] = about(Y_AXIS, np.pi / 2)
    wrist_m = end_joints(body.skeleton, root_m, world)[0, 2, 2]
    root_m[:, 2] -= wrist_m - body.wrist_height_m
    contacts = FREE | np.array([False, False, planted, False])
    only_hand = np.isin(np.arange(22), arm[2])
    _, after = cleared(body, root_m, world, contacts, contacts, NEVER, FPS)

    back = rotate(after[:, arm[2]], Z_AXIS)
    fingers = rotate(after[:, arm[2]], X_AXIS)
    assert (back[:, 2] > 0.6).all()
    # The hand bends backwards, as a wrist does: its fingers go where its back was.
    assert (np.sum(fingers * rotate(world[:, arm[2]], Z_AXIS), axis=1) > 0.6).all()
    hand = body.skin_weights.argmax(axis=1) == arm[2]
    assert body.skin_heights_m(root_m, np.where(only_hand[:, None], after, world))[
        :, hand
    ].min() >= -ALLOWED_M - 1e-5  # fmt: skip


def test_a_body_in_the_air_is_raised_smoothly_and_keeps_its_posture(body: Body) -> None:
    root_m, world = standing(body)
    # It sinks by 30 cm for six frames.
    root_m[15:21, 2] -= 0.3
    after_m, after = cleared(body, root_m, world, FREE, FREE, NEVER, FPS)
    assert lowest_m(body, after_m, after).min() >= -ALLOWED_M - 1.5 * ENOUGH_M
    before, now = (limb_angles_rad(body.skeleton.positions(at_m, wxyz), body.skeleton)
                   for at_m, wxyz in ((root_m, world), (after_m, after)))  # fmt: skip
    np.testing.assert_allclose(now[:, :-1], before[:, :-1], atol=1e-6)
    assert np.abs(np.diff((after_m - root_m)[:, 2], n=2)).max() < 0.06


def test_who_sits_in_the_floor_is_raised_and_the_feet_stay(body: Body) -> None:
    root_m, world = standing(body)
    feet_m = end_joints(body.skeleton, root_m, world)
    # The hips sink until they are in the floor, behind feet that stand.
    root_m[:, 1] += 0.4
    root_m[:, 2] = np.linspace(0.4, 0.1, N)
    for side in SIDES:
        world[:, SMPL22.index(f"{side}_hip")] = about(X_AXIS, -1.5)
    world = pin_limbs(body.skeleton, root_m, world, feet_m, ON_FEET)
    assert lowest_m(body, root_m, world)[-1] < -2 * ALLOWED_M
    after_m, after = cleared(body, root_m, world, ON_FEET, ON_FEET, NEVER, FPS)

    assert lowest_m(body, after_m, after).min() >= -ALLOWED_M - 1.5 * ENOUGH_M
    off_m = end_joints(body.skeleton, after_m, after)[:, FEET] - feet_m[:, FEET]
    np.testing.assert_allclose(off_m, 0.0, atol=1e-9)
    feet = [SMPL22.index(f"{side}_{joint}") for side in SIDES for joint in ("ankle", "foot")]
    assert (after[:, feet] == world[:, feet]).all()
    # Nothing changes long before the floor is near.
    np.testing.assert_allclose(after_m[:5], root_m[:5], atol=1e-4)
