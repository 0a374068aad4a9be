"""Where the floor pushes, how the push is shared, and what is inside the base of support."""

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ
from motions.motion import Motion
from motions.skeleton import SMPL22
from simulator.bodies.stick import build_stick
from simulator.performance import Performance
from simulator.physics.contact import Touch, touch, zero_moment_point
from simulator.physics.tpose import in_tpose

LEFT, RIGHT = SMPL22.index("left_ankle"), SMPL22.index("right_ankle")
CORNERS = np.array([(x, y, 0.0) for x in (-0.2, 0.2) for y in (-0.1, 0.1)])


def square(n_frames=1):
    """Four points under a body, two a foot, 0.4 m wide and 0.2 m deep."""
    return Touch(
        np.tile(CORNERS, (n_frames, 1, 1)),
        np.ones((n_frames, 4), dtype=bool),
        np.array([RIGHT, RIGHT, LEFT, LEFT]),
        np.zeros(n_frames),
    )


def pushed_at(x_m, y_m, up_n=700.0):
    force = np.array([[0.0, 0.0, up_n]])
    return force, np.cross([[x_m, y_m, 0.0]], force)


@pytest.mark.parametrize("place", [(0.0, 0.0), (0.12, -0.05), (-0.3, 0.4)])
def test_the_zero_moment_point_is_where_a_straight_push_is(place):
    force, moment = pushed_at(*place)

    assert zero_moment_point(force, moment, np.zeros(1)) == pytest.approx(np.array([place]))


def test_a_slanting_push_meets_a_raised_plane_farther_along():
    force = np.array([[100.0, 0.0, 200.0]])
    moment = np.cross([[0.1, 0.2, 0.0]], force)

    assert zero_moment_point(force, moment, np.array([1.0])) == pytest.approx(
        np.array([[0.6, 0.2]])
    )


def test_who_is_not_pushed_up_has_no_zero_moment_point():
    force, moment = pushed_at(0.0, 0.0, up_n=-5.0)

    assert np.isnan(zero_moment_point(force, moment, np.zeros(1))).all()


@pytest.mark.parametrize(
    ("place", "margin"),
    [((0.0, 0.0), 0.1), ((0.15, 0.0), 0.05), ((0.0, 0.1), 0.0), ((0.0, 0.3), -0.2)],
)
def test_the_margin_is_the_way_to_the_nearest_edge(place, margin):
    assert square().margin_m(np.array([place])) == pytest.approx([margin], abs=1e-9)


def test_beyond_a_corner_the_margin_is_the_way_to_it():
    # Three across and four along: five, up to the coarseness of the directions.
    assert square().margin_m(np.array([[0.5, 0.5]])) == pytest.approx([-0.5], abs=1e-3)


def test_what_carries_nothing_leaves_no_margin():
    nothing = Touch(CORNERS[None], np.zeros((1, 4), dtype=bool), square().joints, np.zeros(1))

    assert nothing.margin_m(np.zeros((1, 2))).tolist() == [-np.inf]
    assert nothing.supported.tolist() == [False]


def test_a_push_between_the_feet_is_shared_evenly():
    pushes, twists = square().pushes(*pushed_at(0.0, 0.0))

    assert pushes[0, [LEFT, RIGHT], 2] == pytest.approx([350, 350])
    assert np.delete(pushes[0], [LEFT, RIGHT], axis=0) == pytest.approx(0)
    assert twists.sum(axis=1)[0] == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_push_nearer_one_foot_is_mostly_its():
    pushes, _ = square().pushes(*pushed_at(0.1, 0.0))

    # Lever: 0.2 m either way, so three quarters and one quarter.
    assert pushes[0, [LEFT, RIGHT], 2] == pytest.approx([525, 175])


def test_shares_add_up_to_any_push_and_moment():
    rng = np.random.default_rng(3)
    force, moment = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    pushes, twists = square(5).pushes(force, moment)

    assert pushes.sum(axis=1) == pytest.approx(force)
    assert twists.sum(axis=1) == pytest.approx(moment)


def test_feet_on_the_floor_carry_and_lifted_ones_do_not():
    body = build_stick()
    world = np.tile(IDENTITY_WXYZ, (2, len(SMPL22.joint_names), 1))
    lowest_m = in_tpose(body).skin_m[:, 2].min()
    root_m = np.array([[0, 0, -lowest_m], [0, 0, -lowest_m + 0.1]])
    contacts = np.tile([True, True, False, False], (2, 1))
    motion = Motion("squat", 30.0, root_m, world, contacts)
    touched = touch(Performance(motion, body, root_m, world, {}, {}), in_tpose(body))

    assert touched.supported.tolist() == [True, False]
    feet = {f"{side}_{joint}" for side in ("left", "right") for joint in ("ankle", "foot")}
    assert {SMPL22.joint_names[joint] for joint in touched.joints} <= feet
    assert touched.points_m[0, touched.carries[0], 2].max() <= 0.02


def test_hands_on_a_bar_carry_along_it():
    body = build_stick()
    world = np.tile(IDENTITY_WXYZ, (1, len(SMPL22.joint_names), 1))
    root_m = np.array([[0.0, 0.0, 1.0]])
    bar = np.eye(4)[None].copy()
    bar[0, 2, 3] = 2.0
    contacts = np.array([[False, False, True, True]])
    motion = Motion("pull_up", 30.0, root_m, world, contacts)
    performance = Performance(motion, body, root_m, world, {"pullup_bar": bar}, {})
    touched = touch(performance, in_tpose(body))

    assert touched.height_m.tolist() == [2.0]
    assert np.abs(touched.points_m[0, :, 1]).max() == pytest.approx(0.014)
    assert touched.margin_m(np.zeros((1, 2))) == pytest.approx([0.014])
