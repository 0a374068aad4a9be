"""Forces that can be worked out by hand, and the same motion through PyBullet."""

from dataclasses import replace

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ, X_AXIS, Y_AXIS, Z_AXIS, about, multiply, rotate
from motions.motion import Motion
from motions.skeleton import SMPL22
from simulator.bodies.stick import build_stick
from simulator.performance import Performance
from simulator.physics.anthropometry import MassModel, mass_model
from simulator.physics.dynamics import (
    Loads,
    angular_velocity,
    derivative,
    joint_torques,
    loads,
    second_derivative,
    smoothed,
)
from simulator.physics.multibody import inverse_dynamics
from simulator.physics.tpose import in_tpose

FPS = 240.0
G = 9.81
N_JOINTS = len(SMPL22.joint_names)
ELBOW, WRIST = SMPL22.index("left_elbow"), SMPL22.index("left_wrist")


def perform(root_m, world_wxyz, fps=FPS, props=None):
    body = build_stick()
    contacts = np.ones((len(root_m), 4), dtype=bool)
    local = body.skeleton.local_rotations(world_wxyz)
    motion = Motion("squat", fps, root_m, local, contacts)
    return Performance(motion, body, root_m, world_wxyz, props or {}, {})


def still(n_frames=48):
    root_m = np.tile([0.0, 0.0, 1.0], (n_frames, 1))
    return root_m, np.tile(IDENTITY_WXYZ, (n_frames, N_JOINTS, 1))


def model_of(body):
    return mass_model(body, in_tpose(body))


def one_mass(joint, kg, centre_m, inertia=(0.0, 0.0, 0.0)):
    """All mass on one joint."""
    masses, centres = np.zeros(N_JOINTS), np.zeros((N_JOINTS, 3))
    moments, axes = np.zeros((N_JOINTS, 3)), np.tile(np.eye(3), (N_JOINTS, 1, 1))
    masses[joint], centres[joint], moments[joint] = kg, centre_m, inertia
    return MassModel(masses, centres, axes, moments)


def nothing(n_frames):
    return np.zeros((n_frames, N_JOINTS, 3))


def test_a_body_at_rest_is_pushed_up_by_its_weight_and_through_its_centre_of_mass():
    root_m, world = still()
    performance = perform(root_m, world)
    model = model_of(performance.body)
    needed = loads(performance, model)
    centre = (model.masses_kg @ (performance.joints_world_m[0] + model.centres_m)) / model.mass_kg

    assert needed.total_force_n == pytest.approx(
        np.tile([0, 0, G * model.mass_kg], (48, 1)), abs=1e-6
    )
    moment = np.cross(centre, [0, 0, G * model.mass_kg])
    assert needed.total_moment_nm == pytest.approx(np.tile(moment, (48, 1)), abs=1e-6)


def test_a_body_in_free_fall_needs_nothing():
    root_m, world = still(n_frames=24)
    root_m[:, 2] -= G / 2 * (np.arange(24) / 30.0) ** 2
    # Slow enough that nothing is smoothed away.
    needed = loads(perform(root_m, world, fps=10.0), model_of(build_stick()))
    fallen = loads(perform(root_m, world, fps=30.0), model_of(build_stick()))

    assert np.abs(fallen.total_force_n[8:-8]).max() < 0.02 * G * fallen.mass_kg
    assert needed.total_force_n[5, 2] == pytest.approx(needed.mass_kg * (G - G / 9), rel=1e-9)


def test_a_dumbbell_hangs_on_the_hand_that_holds_it():
    root_m, world = still()
    T_world_prop = np.tile(np.eye(4), (48, 1, 1))
    T_world_prop[:, :3, 3] = [0.5, 0.2, 1.3]
    model = model_of(build_stick())
    empty = loads(perform(root_m, world), model)
    holds = loads(perform(root_m, world, props={"left_dumbbell": T_world_prop}), model)
    more_n, more_nm = (
        holds.forces_n - empty.forces_n,
        holds.moments_nm - empty.moments_nm,
    )

    assert more_n[0, WRIST] == pytest.approx([0, 0, 5 * G], abs=1e-9)
    assert more_nm[0, WRIST] == pytest.approx([0.2 * 5 * G, -0.5 * 5 * G, 0], abs=1e-9)
    assert np.delete(more_n, WRIST, axis=1) == pytest.approx(0)
    assert holds.mass_kg - empty.mass_kg == 5.0


def test_both_hands_share_a_barbell():
    root_m, world = still()
    bar = np.tile(np.eye(4), (48, 1, 1))
    model = model_of(build_stick())
    empty = loads(perform(root_m, world), model)
    holds = loads(perform(root_m, world, props={"barbell": bar}), model)

    more_n = (holds.forces_n - empty.forces_n)[0]
    assert more_n[[WRIST, SMPL22.index("right_wrist")], 2] == pytest.approx([15 * G, 15 * G])


def test_a_forearm_held_level_needs_its_weight_times_its_lever_at_the_elbow():
    root_m, world = still()
    performance = perform(root_m, world)
    model = one_mass(ELBOW, 2.0, [0.1, 0.0, 0.0])
    needed = loads(performance, model)
    torques = joint_torques(performance.body.skeleton, needed, nothing(48), nothing(48))
    shoulder = SMPL22.index("left_shoulder")
    arm_m = performance.body.skeleton.offsets_m[ELBOW, 0]

    # Up is the turn about -Y that brings +X towards +Z.
    assert torques[0, ELBOW] == pytest.approx([0, -2 * G * 0.1, 0], abs=1e-9)
    assert torques[0, shoulder] == pytest.approx([0, -2 * G * (0.1 + arm_m), 0], abs=1e-9)
    assert torques[0, WRIST] == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_pendulum_that_swings_freely_needs_no_torque_where_it_hangs():
    # A rod of mass m about one end: (I + m l^2) a'' = -m g l sin(a), solved by small steps.
    m, lever, inertia = 3.0, 0.2, 0.04
    pull = m * G * lever / (inertia + m * lever**2)
    angles, speed, dt = [0.5], 0.0, 1e-4
    for _ in range(int(1.5 / dt)):
        speed -= pull * np.sin(angles[-1]) * dt
        angles.append(angles[-1] + speed * dt)
    angle = np.array(angles)[:: round(1 / FPS / dt)]
    root_m, world = still(len(angle))
    # From the T-pose the forearm hangs down after a quarter turn about Y.
    fps = 1 / (round(1 / FPS / dt) * dt)
    for joint in (ELBOW, WRIST):
        world[:, joint] = about(Y_AXIS, np.pi / 2 + angle)
    performance = perform(root_m, world, fps=fps)
    needed = loads(performance, one_mass(ELBOW, m, [lever, 0, 0], (0.0, inertia, inertia)))
    torques = joint_torques(
        performance.body.skeleton, needed, nothing(len(angle)), nothing(len(angle))
    )
    inner = slice(60, -60)

    assert np.abs(torques[inner, ELBOW]).max() < 0.02 * m * G * lever * np.sin(0.5)
    kinetic = (inertia + m * lever**2) / 2 * derivative(angle, fps) ** 2
    energy = kinetic - m * G * lever * np.cos(angle)
    assert np.ptp(energy[inner]) < 0.01 * np.ptp(kinetic)


def test_smoothing_keeps_what_is_slow_without_delay_and_stops_what_is_fast():
    times_s = np.arange(480) / FPS
    slow, fast = np.sin(2 * np.pi * 1.0 * times_s), np.sin(2 * np.pi * 40.0 * times_s)
    inner = slice(120, -120)

    assert smoothed(slow, FPS)[inner] == pytest.approx(slow[inner], abs=2e-3)
    assert np.abs(smoothed(fast, FPS)[inner]).max() < 1e-3
    assert smoothed(slow, 12.0) is slow


def test_derivatives_of_a_parabola_are_exact():
    times_s = np.arange(10) / 10.0
    parabola = 3 * times_s**2 - times_s

    assert derivative(parabola, 10.0) == pytest.approx(6 * times_s - 1)
    assert second_derivative(parabola, 10.0) == pytest.approx(6)
    assert derivative(parabola[:2], 10.0).tolist() == [0, 0]


def test_angular_velocity_is_the_rate_of_turning_whatever_the_quaternions_signs():
    times_s = np.arange(100) / 100.0
    turning = about(Z_AXIS, 2.0 * times_s)
    turning[50:] *= -1

    assert angular_velocity(turning, 100.0) == pytest.approx(
        np.tile([0, 0, 2.0], (100, 1)), abs=1e-3
    )


def _wriggle():
    """Every joint turns about its own axis at its own pace, and the pelvis goes round."""
    times_s = np.arange(360) / FPS
    rng = np.random.default_rng(5)
    body = build_stick()
    local = np.tile(IDENTITY_WXYZ, (360, N_JOINTS, 1))
    for joint in range(N_JOINTS):
        for axis in (X_AXIS, Y_AXIS, Z_AXIS):
            rate, late = rng.uniform(0.3, 1.0), rng.uniform(0, 6)
            turn = about(axis, 0.3 * np.sin(2 * np.pi * rate * times_s + late))
            local[:, joint] = multiply(local[:, joint], turn)
    root_m = np.stack([0.2 * np.sin(3 * times_s), 0.1 * np.cos(4 * times_s), 1 + 0 * times_s], -1)
    return body, root_m, body.skeleton.world_orientations(local)


def test_pybullet_finds_the_same_forces_and_torques():
    body, root_m, world = _wriggle()
    # What is smooth already must not be smoothed for one of the two only.
    root_m = smoothed(root_m, FPS)
    model = model_of(body)
    bullet = inverse_dynamics(body.skeleton, model, root_m, world, FPS)
    ours = _unsmoothed_loads(body, model, root_m, world)
    torques = joint_torques(body.skeleton, ours, nothing(len(root_m)), nothing(len(root_m)))
    inner = slice(5, -5)

    weight_n = model.mass_kg * G
    assert np.abs(bullet.force_n - ours.total_force_n)[inner].max() < 1e-3 * weight_n
    assert np.isfinite(bullet.torques_nm).all()
    off = np.abs(bullet.torques_nm - torques)[inner].max(axis=(0, 2))
    assert (off < 2e-3 * np.abs(torques).max(axis=(0, 2)) + 0.02).all()


def _unsmoothed_loads(body, model, root_m, world):
    performance = replace(perform(root_m, world), body=body)
    slow = replace(performance, motion=replace(performance.motion, fps=FPS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simulator.physics.dynamics.CUTOFF_HZ", FPS)
        needed = loads(slow, model)
    assert isinstance(needed, Loads)
    return needed


def test_pybullet_says_where_hinges_are_locked():
    root_m, world = still(8)
    world[:, SMPL22.index("left_knee")] = about(Y_AXIS, np.pi / 2)
    body = build_stick()
    knee = SMPL22.index("left_knee")
    bullet = inverse_dynamics(body.skeleton, model_of(body), root_m, world, FPS)

    assert np.isnan(bullet.torques_nm[:, knee]).all()
    assert rotate(world[0, knee], Z_AXIS) == pytest.approx([1, 0, 0])
