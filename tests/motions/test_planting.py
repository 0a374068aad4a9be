import numpy as np
import pytest

from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about, multiply
from motions.pinning import end_joints
from motions.planting import CANONICAL, plant
from motions.posing import PoseBuilder
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22, STANDING_PELVIS_M

FPS, N = 30.0, 30
FEET, NOTHING = [True, True, False, False], [False, False, False, False]


def standing(n=N, **turns):
    """A body in the T-pose over the origin, with some joints turned by degrees about X."""
    local = np.tile([1.0, 0, 0, 0], (n, 22, 1))
    for name, degrees in turns.items():
        local[:, SMPL22.index(name)] = about(X_AXIS, np.deg2rad(degrees))
    return np.tile([0.0, 0.0, STANDING_PELVIS_M], (n, 1)), SMPL22.world_orientations(local)


CROUCH = {
    f"{side}_{joint}": degrees
    for side in ("left", "right")
    for joint, degrees in (("hip", -20), ("knee", 40), ("ankle", -20))
}
"""Knees bent, shins ahead and feet flat."""


def planted(root_m, world_wxyz, contacts, flight_m=None, bar=None):
    contacts = np.broadcast_to(contacts, (len(root_m), 4)).copy()
    flight_m = root_m if flight_m is None else flight_m
    body = plant(CANONICAL, root_m, world_wxyz, contacts, flight_m, FPS, bar=bar)
    return body, end_joints(SMPL22, body.root_m, body.world_wxyz)


def test_a_body_that_stands_right_stays_as_it_is():
    root_m, world = standing()

    body, _ = planted(root_m, world, FEET)

    np.testing.assert_allclose(body.root_m, root_m, atol=1e-3)
    np.testing.assert_allclose(np.abs(np.sum(body.world_wxyz * world, axis=-1)), 1, atol=1e-3)


def test_without_contacts_the_body_goes_where_it_would_fly():
    root_m, world = standing()
    flight_m = root_m + np.linspace(0, 1, N)[:, None] * [0.3, 0.0, 0.4]

    body, _ = planted(root_m, world, NOTHING, flight_m)

    np.testing.assert_allclose(np.diff(body.root_m, axis=0), np.diff(flight_m, axis=0), atol=1e-12)
    assert (body.world_wxyz == world).all()


def test_planted_feet_are_on_the_floor_and_do_not_move():
    root_m, world = standing(**CROUCH)
    sway_m = 0.03 * np.sin(np.linspace(0, 6, N))[:, None] * [1.0, 1.0, 0.5]

    _, ends_m = planted(root_m + sway_m, world, FEET)

    assert np.ptp(ends_m[:, :2], axis=0).max() < 1e-9
    np.testing.assert_allclose(ends_m[:, :2, 2], ANKLE_HEIGHT_M, atol=1e-9)


def test_the_body_moves_before_the_legs_bend():
    root_m, world = standing(**CROUCH)

    body, _ = planted(root_m + np.linspace(0, 0.2, N)[:, None] * X_AXIS, world, FEET)

    # The feet would slide along with the pelvis: instead it stays, and no angle changes.
    np.testing.assert_allclose(np.abs(np.sum(body.world_wxyz * world, axis=-1)), 1, atol=1e-6)
    assert np.ptp(body.root_m, axis=0).max() < 1e-3


def test_a_foot_that_comes_down_stays_where_it_came_down():
    root_m, world = standing(**CROUCH)
    swing = about(X_AXIS, np.deg2rad(np.linspace(0, -25, N)))[:, None]
    leg = [SMPL22.index(f"right_{joint}") for joint in ("hip", "knee")]
    world[:, leg] = multiply(swing, world[:, leg])
    contacts = np.zeros((N, 4), dtype=bool)
    contacts[:, 0], contacts[N // 2 :, 1] = True, True

    _, ends_m = planted(root_m, world, contacts)

    assert np.ptp(ends_m[:, 0], axis=0).max() < 1e-9
    assert np.ptp(ends_m[N // 2 :, 1], axis=0).max() < 1e-9
    assert ends_m[-1, 1, 1] < ends_m[0, 1, 1] - 0.1  # a step ahead


def test_hands_on_a_fixed_bar_are_level_and_stay():
    builder = PoseBuilder.upright(standing()[0])
    for side, out in (("left", 1.0), ("right", -1.0)):
        builder.aim_arm(side, Z_AXIS, np.array([out, -0.5, 0.0]))
        builder.bend_elbow(side, np.full(N, np.deg2rad(30)))
    sway_m = 0.02 * np.sin(np.linspace(0, 6, N))[:, None] * [0.3, 1.0, 0.3]

    _, ends_m = planted(
        builder.root_m + sway_m, builder.world_wxyz, [False, False, True, True], bar="fixed"
    )

    assert np.ptp(ends_m[:, 2:], axis=0).max() < 1e-9
    np.testing.assert_allclose(ends_m[:, 2] * [-1.0, 1.0, 1.0], ends_m[:, 3], atol=1e-9)


def test_hands_on_a_held_bar_keep_their_distance():
    root_m, world = standing()
    for side, out in (("left", 1), ("right", -1)):  # arms hang ahead, one swings
        turn = about(Y_AXIS, np.full(N, out * np.deg2rad(75)))
        if side == "left":
            turn = about(Y_AXIS, np.deg2rad(75 + 6 * np.sin(np.linspace(0, 6, N))))
        for joint in ("shoulder", "elbow", "wrist"):
            world[:, SMPL22.index(f"{side}_{joint}")] = turn

    _, ends_m = planted(root_m, world, FEET, bar="held")

    apart_m = np.linalg.norm(ends_m[:, 2] - ends_m[:, 3], axis=-1)
    assert np.ptp(apart_m) < 1e-3
    assert apart_m.mean() == pytest.approx(0.62, abs=0.05)
