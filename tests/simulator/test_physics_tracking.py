"""Motions followed in simulation: who is in balance stands, who is not leans on a hand or falls."""

from dataclasses import replace

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ, X_AXIS, about, rotate
from motions.motion import Motion
from motions.skeleton import SMPL22
from simulator.bodies.stick import build_stick
from simulator.performance import Performance
from simulator.physics import tracking
from simulator.physics.anthropometry import mass_model
from simulator.physics.balancing import balance
from simulator.physics.contact import TOUCHES_M, soles
from simulator.physics.report import plausibility
from simulator.physics.tpose import in_tpose
from simulator.physics.tracking import HANDS, Reference, can_settle, settle, track

BODY = build_stick()
POSE = in_tpose(BODY)
N_JOINTS = len(SMPL22.joint_names)
FPS = 30.0
LEGS = ("pelvis", "hip", "knee", "ankle", "foot")
UPPER_BODY = [j for j, name in enumerate(SMPL22.joint_names) if not name.endswith(LEGS)]
ARM = SMPL22.index("left_shoulder")


def standing(back_deg=0.0, n_frames=20, contacts=(True, True, False, False)):
    """Stand still with straight legs and arms out, the trunk leaning back."""
    world = np.tile(IDENTITY_WXYZ, (n_frames, N_JOINTS, 1))
    world[:, UPPER_BODY] = about(X_AXIS, -np.deg2rad(back_deg))
    root_m = np.tile([0.0, 0.0, -POSE.skin_m[:, 2].min()], (n_frames, 1))
    local = BODY.skeleton.local_rotations(world)
    motion = Motion("squat", FPS, root_m, local, np.tile(contacts, (n_frames, 1)))
    return Performance(motion, BODY, root_m, world, {}, {})


def tracked(stood, height_m=0.0, hand_n=0.0, strength_nm=300.0, weak=()):
    strength = np.full(N_JOINTS, strength_nm)
    strength[list(weak)] = 0.0
    root_m = stood.root_m + np.array([0.0, 0.0, height_m])
    local = BODY.skeleton.local_rotations(stood.world_wxyz)
    reference = Reference(root_m, local, FPS, strength, hand_n, 0.5 * hand_n)
    return track(BODY.skeleton, mass_model(BODY, POSE), soles(POSE), reference)


def test_a_free_body_in_the_air_falls_as_bodies_do():
    path_m = tracked(standing(n_frames=12), height_m=1.5).root_m
    gained_m_s2 = np.diff(path_m, 2, axis=0) * FPS**2

    assert gained_m_s2 == pytest.approx(np.tile([0, 0, -9.81], (10, 1)), abs=0.05)


def test_an_arm_without_strength_hangs_down():
    held, limp = tracked(standing(n_frames=20)), tracked(standing(n_frames=20), weak=[ARM])
    down = [
        rotate(BODY.skeleton.world_orientations(one.local_wxyz)[-1, ARM], np.array([1.0, 0, 0]))[2]
        for one in (held, limp)
    ]

    assert down[0] == pytest.approx(0, abs=0.07)
    assert down[1] < -0.5


def test_who_is_in_balance_stands_without_a_hand():
    settled = settle(standing())

    assert settled.figures["settled_fell"] == 0.0
    assert settled.figures["settled_hand_force_bw"] == 0.0
    assert settled.figures["settled_hand_torque_bwm"] == 0.0
    assert settled.figures["settled_root_max_m"] < 0.002
    assert 0 < settled.figures["settled_turn_mean_deg"] < 1


@pytest.fixture(scope="module")
def leaning():
    """Followed while leaning so far back that it would fall before its end."""
    return settle(standing(back_deg=45, n_frames=40))


def test_who_leans_too_far_back_needs_a_hand_and_is_said_to_be_out_of_balance_still(leaning):
    assert leaning.figures["unsettled_share"] == 1.0
    assert 0 < leaning.figures["settled_hand_force_bw"] <= HANDS[1]
    assert plausibility(leaning.performance)["unbalanced_share"] == 1.0


def test_who_is_balanced_first_needs_no_hand():
    settled = settle(balance(standing(back_deg=45, n_frames=40)).performance)

    assert settled.figures["settled_hand_force_bw"] == 0.0
    assert plausibility(settled.performance)["unbalanced_share"] == 0.0


def test_who_falls_is_left_as_the_motion_had_it(monkeypatch):
    monkeypatch.setattr(tracking, "HANDS", (0.0,))
    stood = standing(back_deg=45, n_frames=40)
    settled = settle(stood)

    assert settled.figures["settled_fell"] == 1.0
    assert settled.performance is stood
    assert settled.figures["settled_turn_max_deg"] == settled.figures["settled_root_max_m"] == 0.0


def test_the_same_motion_comes_out_to_the_byte(leaning):
    one, other = leaning, settle(standing(back_deg=45, n_frames=40))

    assert one.performance.root_m.tobytes() == other.performance.root_m.tobytes()
    assert one.performance.world_wxyz.tobytes() == other.performance.world_wxyz.tobytes()
    assert one.figures == other.figures


def test_a_sole_is_flat_and_no_wider_than_the_foot():
    for joint, points_m in soles(POSE).items():
        low_m = points_m[:, 2].min() + POSE.joints_m[joint, 2]
        skin_m = POSE.skin_m[POSE.owners == joint] - POSE.joints_m[joint]

        assert low_m == pytest.approx(POSE.skin_m[:, 2].min(), abs=TOUCHES_M)
        assert (points_m.min(axis=0)[:2] >= skin_m.min(axis=0)[:2]).all()
        assert (points_m.max(axis=0)[:2] <= skin_m.max(axis=0)[:2]).all()
        assert np.isclose(points_m[:, 2], points_m[:, 2].min()).sum() >= 3


def test_only_who_is_on_the_feet_throughout_is_settled():
    stood = standing()
    contacts = stood.motion.contacts.copy()
    contacts[5] = False

    assert can_settle(stood)
    assert not can_settle(replace(stood, motion=replace(stood.motion, contacts=contacts)))
    assert not can_settle(standing(contacts=(True, True, True, True)))
