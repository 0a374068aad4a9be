"""The figures of retargeting, on cases worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ, X_AXIS, Y_AXIS, Z_AXIS, about, multiply
from motions.library import EXERCISES
from motions.motion import Motion
from motions.perform import perform
from motions.skeleton import SMPL22, STANDING_PELVIS_M
from simulator.bodies.anny import build_anny
from simulator.bodies.stick import CANONICAL_HEIGHT_M, build_stick
from simulator.fidelity import COMPARED, LIMB_ANGLES, joint_fidelity, limb_angles_rad
from simulator.performance import Performance
from simulator.proof import proof, round_trip
from simulator.retarget import retarget
from simulator.skin_fidelity import floor_depths_m, self_depths_m

BODY = build_stick(stature_m=CANONICAL_HEIGHT_M)


def t_pose(n_frames=8, fps=10.0, **turns):
    """Stand in the T-pose, some joints (and all that hangs on them) turned; feet are planted."""
    local = np.tile(IDENTITY_WXYZ, (n_frames, len(SMPL22.joint_names), 1))
    for joint, turn in turns.items():
        local[:, SMPL22.index(joint)] = turn
    root_m = np.tile([0.0, 0.0, STANDING_PELVIS_M], (n_frames, 1))
    contacts = np.tile([True, True, False, False], (n_frames, 1))
    return Motion("squat", fps, root_m, local, contacts)


def fidelity_of(motion, root_m=None, world_wxyz=None, body=BODY):
    root_m = motion.root_position_m if root_m is None else root_m
    world_wxyz = motion.world_orientations_wxyz if world_wxyz is None else world_wxyz
    return joint_fidelity(motion, body, root_m, world_wxyz)


def turned(motion, joint, turn):
    """Turn one joint in the world without what hangs on it."""
    world = motion.world_orientations_wxyz
    world[:, SMPL22.index(joint)] = multiply(turn, world[:, SMPL22.index(joint)])
    return world


def test_the_angles_of_the_t_pose_are_straight_limbs_and_arms_out_to_the_side():
    angles_deg = dict(
        zip(
            LIMB_ANGLES, np.rad2deg(limb_angles_rad(t_pose().joints_world_m, SMPL22))[0],
            strict=True,
        )
    )  # fmt: skip

    for name, angle_deg in angles_deg.items():
        assert angle_deg == pytest.approx(90 if name.endswith("shoulder") else 0, abs=1e-5)


@pytest.mark.parametrize(
    ("joint", "turn", "changed"),
    [
        ("left_knee", about(X_AXIS, 0.5), {"left_knee": 0.5}),
        ("right_hip", about(X_AXIS, -0.5), {"right_hip": 0.5}),
        ("left_elbow", about(Z_AXIS, -0.5), {"left_elbow": 0.5}),
        ("left_shoulder", about(Y_AXIS, 0.5), {"left_shoulder": -0.5}),
        ("pelvis", about(X_AXIS, 0.5), {"trunk": 0.5}),
    ],
)
def test_a_turn_of_one_joint_is_read_at_that_joint_alone(joint, turn, changed):
    still = limb_angles_rad(t_pose().joints_world_m, SMPL22)
    moved = limb_angles_rad(t_pose(**{joint: turn}).joints_world_m, SMPL22)

    for index, name in enumerate(LIMB_ANGLES):
        assert (moved - still)[:, index] == pytest.approx(changed.get(name, 0.0), abs=1e-9)


def test_a_body_that_does_what_the_source_does_is_true_to_it():
    figures = fidelity_of(t_pose(left_elbow=about(Z_AXIS, -0.5))).figures()

    assert figures == {
        "limb_angle_error_mean_deg": 0.0,
        "limb_angle_error_p95_deg": 0.0,
        "position_error_mean_m": 0.0,
        "end_effector_error_mean_statures": 0.0,
        "contacts_kept": 1.0,
        "contact_slide_max_m_s": 0.0,
        "contact_slide_fraction": 0.0,
        "jerk_ratio": 1.0,
    }


def test_a_shin_turned_by_a_tenth_is_one_angle_and_one_ankle_off():
    motion = t_pose()
    fidelity = fidelity_of(motion, world_wxyz=turned(motion, "left_knee", about(X_AXIS, 0.1)))

    angles_deg = dict(zip(LIMB_ANGLES, fidelity.angle_errors_deg[0], strict=True))
    assert angles_deg["left_knee"] == pytest.approx(np.rad2deg(0.1))
    assert sum(angles_deg.values()) == pytest.approx(np.rad2deg(0.1), abs=1e-5)
    # The ankle is at the end of a shin of 40 cm: a chord.
    chord_m = 2 * 0.4 * np.sin(0.05)
    assert fidelity.position_errors_m[0].sum() == pytest.approx(chord_m)
    assert fidelity.position_errors_m[0, COMPARED.index("left_ankle")] == pytest.approx(chord_m)
    # Ankle and toes go along, of six ends.
    assert fidelity.end_errors.mean() == pytest.approx(2 * chord_m / 6 / CANONICAL_HEIGHT_M)


def test_a_body_that_glides_slides_and_one_that_floats_loses_its_contacts():
    motion = t_pose()
    frames = np.arange(motion.n_frames)[:, None]
    gliding = fidelity_of(motion, motion.root_position_m + 0.003 * frames * X_AXIS)
    floating = fidelity_of(motion, motion.root_position_m + 0.021 * Z_AXIS)

    assert gliding.slides_m_s == pytest.approx(0.03)
    assert gliding.figures()["contact_slide_fraction"] == 1.0
    assert gliding.contacts_kept.all()
    assert not floating.contacts_kept.any()
    assert len(floating.contacts_kept) == 2 * motion.n_frames


def test_a_foot_that_rolls_on_its_ball_does_not_slide():
    motion = t_pose()
    pitch = about(X_AXIS, 0.05 * np.arange(motion.n_frames))
    world = turned(motion, "left_ankle", pitch)
    ball = SMPL22.index("left_foot")
    ball_m = SMPL22.positions(motion.root_position_m, world)[:, ball]
    # The whole body goes along, so the other foot is lifted and slid.
    only_left = replace(motion, contacts=motion.contacts & [True, False, False, False])
    fidelity = fidelity_of(only_left, motion.root_position_m + ball_m[0] - ball_m, world)

    assert fidelity.slides_m_s == pytest.approx(0.0, abs=1e-12)
    assert fidelity.contacts_kept.all()


def test_hands_on_a_bar_are_kept_where_they_are():
    hanging = replace(
        t_pose(), exercise="pull_up", contacts=np.tile([False, False, True, True], (8, 1))
    )
    root_m = hanging.root_position_m.copy()
    root_m[-1] += [0.0, 0.0, -0.03]
    fidelity = fidelity_of(hanging, root_m)

    assert fidelity.contacts_kept.tolist() == 2 * (7 * [True] + [False])
    assert fidelity.slides_m_s.max() == pytest.approx(0.3)
    assert fidelity.figures()["contact_slide_fraction"] == pytest.approx(1 / 7)


def test_twice_the_jerk_is_a_ratio_of_two_at_the_bodys_own_scale():
    tall = build_stick(stature_m=1.1 * CANONICAL_HEIGHT_M)
    path_m = np.random.default_rng(0).normal(0, 0.01, (8, 3))
    motion = replace(t_pose(), root_position_m=path_m)

    assert fidelity_of(motion, 2.2 * path_m, body=tall).jerk_ratio == pytest.approx(2.0)


def test_depth_below_the_floor_is_that_of_the_lowest_vertex():
    motion = t_pose()
    root_m = motion.root_position_m - 0.02 * np.arange(8)[:, None] * Z_AXIS
    world = motion.world_orientations_wxyz
    vertices_m, _ = BODY.skin(root_m, world)

    depths_m = floor_depths_m(BODY, root_m, world)
    assert depths_m == pytest.approx(np.maximum(0, -vertices_m[..., 2].min(axis=1)), abs=1e-6)
    assert depths_m[-1] - depths_m[-2] == pytest.approx(0.02, abs=1e-6)


def test_a_hand_in_the_belly_is_inside_and_arms_held_out_are_not():
    def deepest_m(**turns):
        motion = t_pose(n_frames=1, **turns)
        world = motion.world_orientations_wxyz
        return self_depths_m(Performance(motion, BODY, motion.root_position_m, world, {}, {}))

    # The upper arm hangs; the forearm points back through the trunk.
    down, inwards = about(Y_AXIS, 1.5), about(Y_AXIS, 1.8)
    assert deepest_m() == pytest.approx(0.0)
    assert deepest_m(left_shoulder=down, left_elbow=inwards)[0] > 0.02


def test_what_comes_back_from_a_body_of_another_size_is_the_source():
    motion = t_pose(left_knee=about(X_AXIS, 0.0))
    performance = retarget(motion, build_stick(stature_m=1.95))
    back = round_trip(performance)

    assert back["round_trip_angle_error_mean_deg"] == pytest.approx(0.0, abs=1e-6)
    assert back["round_trip_position_error_mean_m"] == pytest.approx(0.0, abs=1e-9)
    assert {*performance.metrics, *back} < set(proof(performance))


@pytest.mark.parametrize("name", EXERCISES)
def test_no_limb_of_a_clean_exercise_is_in_the_body(name):
    exercise = EXERCISES[name]
    heavy = build_anny(
        gender=0.5, age=0.7, stature_m=1.7, weight=0.87, muscle=0.5, proportions=0.5,
        grip=exercise.grips,
    )  # fmt: skip
    motion = perform(exercise, exercise.style(1, np.random.default_rng(8)), 10.0)
    depths_m = self_depths_m(retarget(motion, heavy, metrics=False))

    # The sole of the tree is pressed into the thigh, whose flesh gives way.
    assert depths_m.max() < (0.03 if name == "tree" else 0.015)
