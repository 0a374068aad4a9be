"""The figures that decide whether a clip is plausible."""

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ, X_AXIS, about
from motions.motion import Motion
from motions.skeleton import SMPL22
from simulator.bodies.stick import build_stick
from simulator.performance import Performance
from simulator.physics.ballistic import LEAD_S, centre_of_mass, contactless, fallen_freely
from simulator.physics.gate import LIMITS, failures
from simulator.physics.limits import HYPEREXTENSION_DEG, SWING_DEG, beyond_reach_deg, strength_nm
from simulator.physics.report import plausibility
from simulator.physics.tpose import in_tpose

G = 9.81
KNEE = SMPL22.index("left_knee")


def standing(n_frames=60, fps=30.0, lift_m=None, contacts=None):
    body = build_stick()
    world = np.tile(IDENTITY_WXYZ, (n_frames, len(SMPL22.joint_names), 1))
    root_m = np.zeros((n_frames, 3))
    root_m[:, 2] = -in_tpose(body).skin_m[:, 2].min()
    if lift_m is not None:
        root_m[:, 2] += lift_m
    if contacts is None:
        contacts = np.tile([True, True, False, False], (n_frames, 1))
    motion = Motion("squat", fps, root_m, world, contacts)
    return Performance(motion, body, root_m, world, {}, {})


def jump(rise_s=0.4, fps=30.0, gravity=G):
    """Stand for a second, fly for `rise_s`, stand for a second."""
    n_flight = round(rise_s * fps)
    times_s = np.arange(1, n_flight) / fps
    flight_m = gravity / 2 * times_s * (rise_s - times_s)
    ground = np.zeros(round(fps))
    lift_m = np.concatenate([ground, flight_m, ground])
    contacts = np.tile([True, True, False, False], (len(lift_m), 1))
    contacts[len(ground) : -len(ground)] = False
    return standing(len(lift_m), fps, lift_m, contacts)


def test_a_body_that_stands_is_pushed_up_by_its_weight():
    figures = plausibility(standing())

    assert figures["ground_force_max_bw"] == pytest.approx(1.0)
    assert figures["ground_force_min_bw"] == pytest.approx(1.0)
    assert figures["flight_s"] == 0.0
    assert figures["beyond_reach_max_deg"] == 0.0
    assert figures["self_overlap_max_m"] == 0.0


def test_figures_are_plain_numbers_and_the_same_twice():
    figures = plausibility(jump())

    assert all(type(value) is float and np.isfinite(value) for value in figures.values())
    assert plausibility(jump()) == figures


def test_one_frame_is_enough():
    assert plausibility(standing(n_frames=1))["ground_force_max_bw"] == pytest.approx(1.0)


def test_a_jump_under_gravity_flies_and_one_on_the_moon_floats():
    figures, moon = plausibility(jump()), plausibility(jump(gravity=1.62))

    assert figures["flight_gravity_error"] == pytest.approx(0, abs=1e-9)
    assert figures["flight_s"] == pytest.approx(11 / 30)
    assert figures["floating_s"] == pytest.approx(0)
    assert moon["flight_s"] == 0.0
    assert moon["floating_s"] == pytest.approx(11 / 30)


def test_a_flight_that_is_a_little_off_is_put_on_its_parabola():
    flown = jump(gravity=0.8 * G)
    contacts = flown.motion.contacts
    root_m = fallen_freely(flown.body, flown.root_m, flown.world_wxyz, contacts, 30.0)
    centre_m = centre_of_mass(flown.body, root_m, flown.world_wxyz)

    ((first, stop),) = contactless(contacts)
    acceleration = np.diff(centre_m[first:stop], n=2, axis=0) * 30**2
    assert acceleration == pytest.approx(np.tile([0, 0, -G], (len(acceleration), 1)), abs=1e-6)
    # The ground leads there and back: no step is much longer than before, and it ends soon.
    shift_m = np.linalg.norm(root_m - flown.root_m, axis=1)
    assert np.abs(np.diff(shift_m)).max() < shift_m[first]
    n_lead = round(LEAD_S * 30)
    assert shift_m[first - n_lead + 1] > 0
    assert (np.delete(shift_m, np.s_[first - n_lead : stop + n_lead]) == 0).all()


def test_what_floats_is_left_alone():
    hung = jump(rise_s=1.2, gravity=0.0)
    contacts = hung.motion.contacts

    assert (
        fallen_freely(hung.body, hung.root_m, hung.world_wxyz, contacts, 30.0) == hung.root_m
    ).all()


@pytest.mark.parametrize(
    ("turn_deg", "beyond_deg"),
    [
        (SWING_DEG["knee"] - 1, 0.0),
        (SWING_DEG["knee"] + 4, 4.0),
        (-HYPEREXTENSION_DEG - 7, 7.0),
        (-HYPEREXTENSION_DEG + 1, 0.0),
    ],
)
def test_knees_bend_so_far_and_hardly_backwards(turn_deg, beyond_deg):
    local = np.tile(IDENTITY_WXYZ, (1, len(SMPL22.joint_names), 1))
    local[0, KNEE] = about(X_AXIS, np.deg2rad(turn_deg))
    beyond = beyond_reach_deg(local)

    assert beyond[0, KNEE] == pytest.approx(beyond_deg, abs=1e-6)
    assert np.delete(beyond, KNEE, axis=1).max() == 0


def test_every_joint_but_the_root_has_a_reach():
    rest = np.tile(IDENTITY_WXYZ, (1, len(SMPL22.joint_names), 1))
    assert beyond_reach_deg(rest).max() == 0
    for joint, name in enumerate(SMPL22.joint_names[1:], start=1):
        turned = rest.copy()
        # A turn of half a circle about an axis across the bone, whichever way that lies.
        for axis in np.eye(3):
            turned[0, joint] = about(axis, np.pi)
            if beyond_reach_deg(turned)[0, joint] > 0:
                break
        else:
            pytest.fail(name)


def test_strength_goes_from_a_mans_to_a_womans():
    assert strength_nm(0.0)[KNEE] == 318.0
    assert strength_nm(1.0)[KNEE] == 219.0
    assert strength_nm(0.5)[KNEE] == 268.5
    assert strength_nm(0.0)[SMPL22.index("head")] == np.inf


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.figure)
def test_every_limit_can_be_broken_and_kept(limit):
    edge = limit.high if np.isfinite(limit.high) else limit.low
    beyond = edge + 1 if np.isfinite(limit.high) else edge - 1

    assert failures({limit.figure: edge}, "anny") == ()
    (said,) = failures({limit.figure: beyond}, "anny")
    assert said.startswith(f"{limit.figure} {beyond:.3g} (allowed: at ")


def test_limits_are_on_figures_that_are_measured():
    measured = {*plausibility(standing()), "penetration_max_m"}

    assert {limit.figure for limit in LIMITS} <= measured
