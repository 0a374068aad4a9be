"""Motions out of balance are leaned back over their feet."""

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.geometry import IDENTITY_WXYZ, X_AXIS, about
from motions.motion import Motion
from motions.pinning import end_joints
from motions.planting import FEET
from motions.skeleton import SMPL22
from simulator.bodies.stick import build_stick
from simulator.performance import Performance
from simulator.physics.balancing import AT_MOST_M, balance
from simulator.physics.contact import Touch
from simulator.physics.report import plausibility
from simulator.physics.tpose import in_tpose

UPPER_BODY = [
    joint
    for joint, name in enumerate(SMPL22.joint_names)
    if not name.endswith(("pelvis", "hip", "knee", "ankle", "foot"))
]


def standing(back_deg=0.0, contacts=(True, True, False, False), props=None):
    """Stand still with straight legs, the trunk leaning back."""
    body = build_stick()
    n_frames = 60
    world = np.tile(IDENTITY_WXYZ, (n_frames, len(SMPL22.joint_names), 1))
    world[:, UPPER_BODY] = about(X_AXIS, -np.deg2rad(back_deg))
    root_m = np.zeros((n_frames, 3))
    root_m[:, 2] = -in_tpose(body).skin_m[:, 2].min()
    local = body.skeleton.local_rotations(world)
    motion = Motion("squat", 30.0, root_m, local, np.tile(contacts, (n_frames, 1)))
    return Performance(motion, body, root_m, world, props or {}, {})


def test_who_leans_back_is_brought_over_the_feet():
    stood = standing(back_deg=25)
    balanced = balance(stood)

    assert balanced.unbalanced_share_before == 1.0
    assert balanced.unbalanced_share_after == 0.0
    assert plausibility(balanced.performance)["balance_margin_min_m"] > 0
    shift_m = balanced.performance.root_m - stood.root_m
    assert (shift_m[:, 1] < -0.01).all()
    assert np.abs(shift_m[:, 0]).max() < 1e-6
    assert 0 < balanced.moved_mean_m < balanced.moved_max_m <= AT_MOST_M + 0.02


def test_feet_stay_where_they_are():
    stood = standing(back_deg=25)
    balanced = balance(stood).performance

    before, after = (
        end_joints(stood.body.skeleton, p.root_m, p.world_wxyz)[:, FEET] for p in (stood, balanced)
    )
    assert after == pytest.approx(before, abs=1e-9)


def test_what_is_in_balance_is_left_as_it_is():
    balanced = balance(standing(back_deg=25)).performance
    again = balance(balanced)

    assert again.moved_max_m == pytest.approx(0, abs=2e-3)
    assert again.unbalanced_share_before == again.unbalanced_share_after == 0.0


@pytest.mark.parametrize(
    ("contacts", "props"),
    [
        ((True, True, True, True), {}),
        ((False, False, True, True), {"pullup_bar": np.tile(np.eye(4), (60, 1, 1))}),
    ],
)
def test_who_is_on_the_hands_cannot_be_put_right_by_the_legs(contacts, props):
    with pytest.raises(FormbenchError, match="only feet carry"):
        balance(standing(contacts=contacts, props=props))


SQUARE = np.array([[(x, y, 0.0) for x in (-0.2, 0.2) for y in (-0.1, 0.1)]])


@pytest.mark.parametrize(
    ("place", "nearest"),
    [((0.5, 0.0), (0.18, 0.0)), ((0.0, -0.4), (0.0, -0.08)), ((0.05, 0.02), (0.05, 0.02))],
)
def test_the_nearest_place_inside_is_straight_across_the_edge(place, nearest):
    square = Touch(SQUARE, np.ones((1, 4), dtype=bool), np.zeros(4, dtype=int), np.zeros(1))

    assert square.nearest_m(np.array([place]), 0.02) == pytest.approx(np.array([nearest]))


def test_nothing_is_moved_where_nothing_carries():
    nothing = Touch(SQUARE, np.zeros((1, 4), dtype=bool), np.zeros(4, dtype=int), np.zeros(1))

    assert nothing.nearest_m(np.array([[3.0, 4.0]]), 0.02).tolist() == [[3.0, 4.0]]
