"""Who lies on the floor without a planted hand or foot is on it, and no planted one moves."""

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ, X_AXIS, Y_AXIS, Z_AXIS, about, multiply
from motions.motion import CONTACT_POINTS, Motion
from motions.pinning import end_joints
from motions.planting import HANDS
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.bodies.stick import build_stick
from simulator.lying import hover_m, laid_down, lies

N, FPS = 60, 30.0
FREE = np.zeros((N, len(CONTACT_POINTS)), dtype=bool)
ALWAYS = np.ones(N, dtype=bool)


@pytest.fixture(scope="module")
def body() -> Body:
    return build_stick(stature_m=1.8)


def face_down(height_m: float) -> tuple[np.ndarray, np.ndarray]:
    root_m = np.tile([0.3, -0.2, height_m], (N, 1))
    return root_m, np.tile(about(X_AXIS, np.pi / 2), (N, len(SMPL22.joint_names), 1))


@pytest.mark.parametrize("height_m", [0.05, 0.6])
def test_who_hovers_or_is_in_the_floor_comes_to_lie_on_it(body: Body, height_m: float) -> None:
    root_m, world = face_down(height_m)
    assert np.abs(hover_m(body, root_m, world)).min() > 0.05
    after_m, after = laid_down(body, root_m, world, ALWAYS, FREE, FPS)
    np.testing.assert_allclose(hover_m(body, after_m, after), 0.0, atol=1e-4)
    np.testing.assert_allclose(after_m[:, :2], root_m[:, :2], atol=1e-12)
    assert (after == world).all()


def test_hands_do_not_hold_a_body_up(body: Body) -> None:
    root_m, world = face_down(0.4)
    level = hover_m(body, root_m, world)
    for side, down in (("left", 1.0), ("right", -1.0)):
        # Arms that are stretched sideways sink a little, and hands hang from them.
        for joint, angle_rad in (("shoulder", 0.3), ("elbow", 0.3), ("wrist", np.pi / 2)):
            number = SMPL22.index(f"{side}_{joint}")
            world[:, number] = multiply(about(Y_AXIS, down * angle_rad), world[:, number])
    assert body.skin_heights_m(root_m, world).min() < level.min() - 0.02
    np.testing.assert_allclose(hover_m(body, root_m, world), level, atol=1e-6)


def test_planted_hands_stay_while_the_body_comes_down_beside_them(body: Body) -> None:
    root_m, world = face_down(0.8)
    for side, down in (("left", 1.0), ("right", -1.0)):
        arm = [SMPL22.index(f"{side}_{joint}") for joint in ("shoulder", "elbow", "wrist")]
        world[:, arm] = about(Y_AXIS, down * np.pi / 2)
    lying, pinned = np.arange(N) >= N // 2, FREE.copy()
    pinned[: N // 2, HANDS] = True
    before_m = end_joints(body.skeleton, root_m, world)[pinned]
    after_m, after = laid_down(body, root_m, world, lying, pinned, FPS)
    now_m = end_joints(body.skeleton, after_m, after)[pinned]
    np.testing.assert_allclose(now_m, before_m, atol=1e-3)
    np.testing.assert_allclose(hover_m(body, after_m, after)[-10:], 0.0, atol=0.01)
    np.testing.assert_allclose(after_m[: N // 4], root_m[: N // 4], atol=0.01)


def test_who_does_not_lie_is_left_alone(body: Body) -> None:
    root_m, world = face_down(0.6)
    after = laid_down(body, root_m, world, ~ALWAYS, FREE, FPS)
    assert after[0] is root_m
    assert after[1] is world


def test_only_a_low_pelvis_without_contacts_lies() -> None:
    contacts = np.zeros((4, len(CONTACT_POINTS)), dtype=bool)
    contacts[1, 2] = True
    local = np.tile(IDENTITY_WXYZ, (4, len(SMPL22.joint_names), 1))
    motion = Motion(
        "roll", FPS, np.array([0.1, 0.1, 0.49, 0.51])[:, None] * Z_AXIS, local, contacts
    )
    assert lies(motion).tolist() == [True, False, True, False]
