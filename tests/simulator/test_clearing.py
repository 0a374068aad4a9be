"""What would go through the floor is raised: a foot by itself, a body as a whole, or not at all."""

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ, X_AXIS, about
from motions.motion import CONTACT_POINTS
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.bodies.library import build_body, sample_body
from simulator.clearing import ALLOWED_M, GIVES_WAY_M, RISES_M_S, cleared

N, FPS = 40, 30.0
FREE = np.zeros((N, len(CONTACT_POINTS)), dtype=bool)
ON_FEET = FREE | np.array([True, True, False, False])
ROUNDING_M = 1e-5


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
    after = cleared(body, root_m, world, contacts, contacts, FPS)
    assert after[0] is root_m
    assert after[1] is world


def test_a_foot_in_the_air_turns_its_toes_up_and_nothing_else_moves(body: Body) -> None:
    root_m, world = standing(body, lower_m=-0.05)
    feet = [SMPL22.index(f"right_{name}") for name in ("ankle", "foot")]
    swings = slice(10, 20)
    # Toes point down steeply, and come some centimetres below the floor.
    world[swings, feet] = about(X_AXIS, np.deg2rad(50))
    assert lowest_m(body, root_m, world)[swings].max() < -2 * ALLOWED_M
    after_m, after = cleared(body, root_m, world, FREE, FREE, FPS)
    assert lowest_m(body, after_m, after).min() >= -ALLOWED_M - ROUNDING_M
    assert (after_m == root_m).all()
    others = np.delete(np.arange(len(SMPL22.joint_names)), feet)
    assert (after[:, others] == world[:, others]).all()
    elsewhere = np.delete(np.arange(N), np.arange(N)[swings])
    assert (after[elsewhere] == world[elsewhere]).all()


def test_a_planted_foot_is_not_turned(body: Body) -> None:
    root_m, world = standing(body)
    feet = [SMPL22.index("right_ankle"), SMPL22.index("right_foot")]
    world[:, feet] = about(X_AXIS, np.deg2rad(20))
    _, after = cleared(body, root_m, world, ON_FEET, ON_FEET, FPS)
    np.testing.assert_allclose(after[:, feet], world[:, feet], atol=1e-12)


def test_a_body_in_the_air_is_raised_smoothly_and_keeps_its_posture(body: Body) -> None:
    root_m, world = standing(body)
    # It sinks by 30 cm for six frames.
    root_m[15:21, 2] -= 0.3
    after_m, after = cleared(body, root_m, world, FREE, FREE, FPS)
    assert lowest_m(body, after_m, after).min() >= -ALLOWED_M - ROUNDING_M
    limbs = [SMPL22.index(name) for name in SMPL22.joint_names if "ankle" not in name
             and "foot" not in name]  # fmt: skip
    np.testing.assert_allclose(after[:, limbs], world[:, limbs], atol=1e-12)
    rise_m = (after_m - root_m)[:, 2]
    assert (rise_m >= 0).all()
    assert rise_m[0] == rise_m[-1] == 0
    assert np.abs(np.diff(rise_m, n=2)).max() < 0.06


def test_a_little_is_made_up_for_by_the_legs_and_much_is_left(body: Body) -> None:
    for sunk_m in (ALLOWED_M + 0.8 * GIVES_WAY_M, 0.1):
        root_m, world = standing(body, lower_m=sunk_m)
        after_m, _ = cleared(body, root_m, world, ON_FEET, ON_FEET, FPS)
        rise_m = (after_m - root_m)[:, 2]
        deep_m = -lowest_m(body, root_m, world)[0] - ALLOWED_M
        expected_m = deep_m if deep_m < GIVES_WAY_M else 0.0
        assert deep_m > 0.5 * GIVES_WAY_M
        np.testing.assert_allclose(rise_m, expected_m, atol=1e-5)


def test_a_body_rises_no_faster_from_its_contacts_than_it_may(body: Body) -> None:
    root_m, world = standing(body, lower_m=0.5)
    contacts = ON_FEET.copy()
    contacts[20:] = False
    after_m, _ = cleared(body, root_m, world, contacts, contacts, FPS)
    rise_m = (after_m - root_m)[:, 2]
    np.testing.assert_allclose(rise_m[:20], 0.0, atol=1e-12)
    np.testing.assert_allclose(np.diff(rise_m[19:26]), RISES_M_S / FPS, atol=1e-9)
