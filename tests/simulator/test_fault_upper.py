"""Readings and edits of arms, poses and hops, against values worked out by hand."""

import numpy as np
import pytest

from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about
from motions.library import EXERCISES
from motions.measures import measure
from motions.motion import Motion, Span
from motions.perform import perform
from motions.pinning import end_joints
from motions.skeleton import SMPL22
from simulator.faults import arm_readings as arms
from simulator.faults import pose_readings as poses
from simulator.faults.downward_dog import fold
from simulator.faults.jumping_jack import ankles_apart, measure_lag, step_apart
from simulator.faults.library import FAULTS
from simulator.faults.limb_edits import (
    bend_elbows,
    bend_knees,
    bend_spine,
    canonical,
    draw_in_hands,
    lift_arms,
    rock_trunk,
    turn_arms_ahead,
)
from simulator.faults.readings import at, bend_rad
from simulator.faults.window import THROUGHOUT, Part
from simulator.performance import Performance

BODY = canonical()
SIDES = ("left", "right")


def posed(**turns):
    """Return the canonical joints in the T-pose but for world-axis turns of some joints' bones."""
    local = np.tile([1.0, 0, 0, 0], (1, 22, 1))
    for joint, (axis, angle_deg) in turns.items():
        local[0, SMPL22.index(joint)] = about(axis, np.deg2rad(angle_deg))
    root = np.array([[0.0, 0.0, 1.0]])
    return SMPL22.positions(root, SMPL22.world_orientations(local))


def deg(curve, joints, side="left"):
    return float(np.rad2deg(curve(joints, BODY, side))[0])


def rep_of(name, seed=0):
    exercise = EXERCISES[name]
    motion = perform(exercise, exercise.style(1, np.random.default_rng(seed)), 30.0)
    return motion, Part(motion.reps[0])


def performed(motion):
    world = motion.world_orientations_wxyz
    return Performance(motion, BODY, motion.root_position_m, world, {}, {})


# The canonical trunk leans back by 0.02 over 0.51 m from pelvis to neck.
TRUNK_BACK_DEG = np.rad2deg(np.arctan2(0.02, 0.51))


def test_an_arm_out_to_the_side_is_square_to_the_trunk_in_the_plane_of_the_chest():
    assert deg(arms.arm_elevation_rad, posed()) == pytest.approx(90, abs=1e-9)
    assert deg(arms.arm_plane_rad, posed()) == pytest.approx(0, abs=1e-9)


def test_an_arm_straight_ahead_is_a_right_angle_ahead_of_the_side_on_both_sides():
    joints = posed(left_shoulder=(Z_AXIS, -90), right_shoulder=(Z_AXIS, 90))

    for side in SIDES:
        assert deg(arms.arm_plane_rad, joints, side) == pytest.approx(90, abs=1e-9)
        ahead = deg(arms.arm_ahead_rad, joints, side)
        assert ahead == pytest.approx(90 - TRUNK_BACK_DEG, abs=1e-9)


def test_an_arm_reads_how_far_it_is_out_however_far_it_is_ahead():
    for turn in ((Y_AXIS, 60), (Z_AXIS, -60)):
        assert deg(arms.arm_out_rad, posed(left_shoulder=turn)) == pytest.approx(30, abs=1e-9)


def test_a_shoulder_rises_by_what_its_collar_turns():
    joints = posed(left_collar=(Y_AXIS, -30))
    away = np.array([0.11, 0.03])
    turned = away @ [np.sin(np.pi / 6), np.cos(np.pi / 6)]

    upright = np.cos(np.arctan2(0.01, 0.21))  # the chest leans
    assert arms.shoulder_rise_m(joints, BODY, "left")[0] == pytest.approx(
        upright * (turned - 0.03), abs=1e-9
    )
    assert arms.shoulder_rise_m(joints, BODY, "right")[0] == pytest.approx(0, abs=1e-12)


def test_a_forearm_that_leans_in_from_a_flared_elbow_reads_its_lean():
    upright = posed(left_elbow=(Y_AXIS, -90), right_elbow=(Y_AXIS, 90))
    flared = posed(left_elbow=(Y_AXIS, -110), right_elbow=(Y_AXIS, 110))

    for side in SIDES:
        assert deg(arms.forearm_flare_rad, upright, side) == pytest.approx(0, abs=1e-9)
        assert deg(arms.forearm_flare_rad, flared, side) == pytest.approx(20, abs=1e-9)


def test_a_chest_that_leans_back_reads_by_how_much():
    assert deg(arms.chest_back_rad, posed(spine3=(X_AXIS, -25))) == pytest.approx(25, abs=1e-9)


def test_wrists_ahead_and_a_neck_ahead_are_read_the_way_the_hips_face():
    joints = posed(left_shoulder=(Z_AXIS, -90), right_shoulder=(Z_AXIS, 90))
    turned = posed(pelvis=(Z_AXIS, 70), left_shoulder=(Z_AXIS, -90), right_shoulder=(Z_AXIS, 90))

    assert arms.wrist_ahead_m(joints, BODY, "both")[0] == pytest.approx(0.52, abs=1e-9)
    assert arms.wrist_ahead_m(turned, BODY, "both")[0] == pytest.approx(0.52, abs=1e-9)
    # The neck is 0.02 m behind the ankles.
    trunk_m = np.hypot(0.02, 0.51)
    assert arms.neck_travel_share(turned, BODY, "both")[0] == pytest.approx(
        -0.02 / trunk_m, abs=1e-9
    )


@pytest.mark.parametrize("side", SIDES)
def test_a_hand_bent_palmwards_reads_its_bend(side):
    out = 1 if side == "left" else -1
    local = np.tile([1.0, 0, 0, 0], (3, 22, 1))
    local[:, SMPL22.index(f"{side}_wrist")] = about(Y_AXIS, out * np.deg2rad(35))
    motion = Motion("biceps_curl", 30.0, np.zeros((3, 3)), local, np.zeros((3, 4), dtype=bool))

    assert arms.measure_hand_bend(performed(motion), Span(0.0, 0.1), side) == pytest.approx(35)


def test_a_dropped_hip_and_an_arm_below_the_level_read_their_angles():
    assert deg(poses.hip_drop_rad, posed(pelvis=(Y_AXIS, 12))) == pytest.approx(12, abs=1e-9)
    assert deg(poses.hip_drop_rad, posed(pelvis=(Y_AXIS, 12)), "right") == pytest.approx(-12)
    assert deg(poses.arm_drop_rad, posed(left_shoulder=(Y_AXIS, 20))) == pytest.approx(20)


def test_a_lifted_knee_reads_how_far_it_is_open():
    lifted, angle = posed(), np.deg2rad(50)
    thigh = 0.4 * np.array([np.sin(angle), -np.cos(angle), 0])
    hip, knee = (SMPL22.index(f"left_{name}") for name in ("hip", "knee"))
    lifted[:, knee] = lifted[:, hip] + thigh

    assert deg(poses.knee_open_rad, lifted) == pytest.approx(50, abs=1e-9)


def test_the_raised_foot_is_read_over_the_other_knee_in_thighs():
    joints = posed()
    joints[:, SMPL22.index("left_ankle"), 2] += 0.5

    assert poses.raised(joints) == "left"
    assert poses.standing(joints) == "right"
    # Knees are 0.4 m over ankles, and a thigh is 0.4 m long.
    assert poses.foot_over_knee(joints, BODY, "left")[0] == pytest.approx(0.25, abs=1e-9)


def test_a_sway_is_half_of_its_travel_while_the_pose_is_held():
    phase = np.array([0.0, 0.5, 1.0, 1.0, 1.0, 0.5])
    values = np.array([-9.0, 0.0, 0.01, 0.05, -0.01, 9.0])

    assert poses.half_swing_held(values, phase) == pytest.approx(0.03)


def test_the_leading_leg_of_a_warrior_is_the_bent_one():
    for seed in range(4):
        motion, part = rep_of("warrior_ii", seed)
        joints = motion.joints_world_m[part.frames(motion)]
        front, back = poses.leading(joints), poses.trailing(joints)
        bends = {side: bend_rad("foot")(joints, BODY, side).max() for side in SIDES}

        assert {front, back} == set(SIDES)
        assert bends[front] > np.deg2rad(80) > np.deg2rad(20) > bends[back]


@pytest.mark.parametrize(
    ("name", "edit", "curve"),
    [
        ("lateral_raise", lift_arms, arms.arm_elevation_rad),
        ("lateral_raise", turn_arms_ahead, arms.arm_plane_rad),
        ("front_raise", lift_arms, arms.arm_elevation_rad),
        ("biceps_curl", bend_elbows, bend_rad("hand")),
        ("overhead_press", draw_in_hands, bend_rad("hand")),
    ],
)
def test_an_edit_adds_what_it_says_where_its_window_is_full(name, edit, curve):
    motion, part = rep_of(name)
    frames, weights = Part(part.span, "left", THROUGHOUT).weights(motion)
    edited = edit(motion, Part(part.span, "left", THROUGHOUT), -0.2)
    more = {
        side: curve(edited.joints_world_m[frames], BODY, side)
        - curve(motion.joints_world_m[frames], BODY, side)
        for side in SIDES
    }
    straight = curve(motion.joints_world_m[frames], BODY, "left") < 0.25

    # The plane of an arm is turned about the chest, which is not quite upright.
    assert more["left"][(weights == 1) & ~straight] == pytest.approx(-0.2, abs=0.02)
    assert more["right"] == pytest.approx(0, abs=1e-9)
    assert more["left"][weights == 0] == pytest.approx(0, abs=1e-12)


def test_drawn_in_hands_stay_on_the_line_from_the_shoulder():
    motion, part = rep_of("overhead_press")
    edited = draw_in_hands(motion, Part(part.span), 0.3)
    frames = part.frames(motion)
    before, after = (
        at(m.joints_world_m[frames], "left_wrist") - at(m.joints_world_m[frames], "left_shoulder")
        for m in (motion, edited)
    )

    assert np.cross(before, after) == pytest.approx(0, abs=1e-9)
    assert (np.linalg.norm(after, axis=1) < np.linalg.norm(before, axis=1)).all()


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("overhead_press", {"left": 0.4, "right": 0.4}),
        ("warrior_ii", {"left": -0.1, "right": 0.3}),
        ("tree", {"right": 0.3}),
    ],
)
def test_bent_knees_bend_by_so_much_over_feet_that_stay(name, more):
    motion, part = rep_of(name)
    frames = part.frames(motion)
    edited = bend_knees(motion, Part(part.span), more)
    before, after = motion.joints_world_m[frames], edited.joints_world_m[frames]

    for side, by in more.items():
        bends = [bend_rad("foot")(joints, BODY, side) for joints in (before, after)]
        assert bends[1] == pytest.approx(np.maximum(bends[0] + by, 0.0), abs=1e-3)
        assert at(after, f"{side}_ankle") == pytest.approx(at(before, f"{side}_ankle"), abs=1e-6)


def test_a_rocking_trunk_goes_back_on_the_way_out_and_forward_after():
    motion, part = rep_of("biceps_curl")
    frames = part.frames(motion)
    edited = rock_trunk(motion, Part(part.span), np.deg2rad(20))
    lean = [measure("trunk_lean", m.joints_world_m[frames]) for m in (motion, edited)]
    change = np.rad2deg(lean[1] - lean[0])
    quarter = len(change) // 4

    assert change[quarter] == pytest.approx(-10, abs=0.2)
    assert change[3 * quarter] == pytest.approx(10, abs=0.2)
    assert np.ptp(change) == pytest.approx(20, abs=0.2)


def test_a_bent_spine_takes_the_chest_and_leaves_arms_head_and_pelvis():
    motion, part = rep_of("overhead_press")
    frames = part.frames(motion)
    edited = bend_spine(motion, Part(part.span), -0.3)
    chest = [arms.chest_back_rad(m.joints_world_m[frames], BODY, "both") for m in (motion, edited)]
    world = [m.world_orientations_wxyz[frames] for m in (motion, edited)]
    kept = [SMPL22.index(n) for n in ("pelvis", "head", "left_shoulder", "right_elbow", "left_hip")]

    assert chest[1] - chest[0] == pytest.approx(0.3, abs=0.002)
    assert world[1][:, kept] == pytest.approx(world[0][:, kept], abs=1e-9)


def test_a_folded_dog_keeps_its_hands_and_feet_and_its_straight_arms():
    motion, part = rep_of("downward_dog")
    window = FAULTS["downward_dog.shoulders_closed"].window
    edited = fold(motion, Part(part.span, "both", window), 0.0, 0.4)
    frames = part.frames(motion)
    ends = [
        end_joints(SMPL22, m.root_position_m[frames], m.world_orientations_wxyz[frames])
        for m in (motion, edited)
    ]
    elbows = [bend_rad("hand")(m.joints_world_m[frames], BODY, "both") for m in (motion, edited)]
    top = int(motion.phase[frames].argmax())
    opened = [measure("arm_elevation", m.joints_world_m[frames])[top] for m in (motion, edited)]

    assert ends[1] == pytest.approx(ends[0], abs=1e-3)
    assert elbows[1] == pytest.approx(elbows[0], abs=0.06)
    assert np.rad2deg(opened[0] - opened[1]) > 30
    # The legs stay as long, so the hips come down in a bow over the line from feet to shoulders.
    after = edited.joints_world_m[frames][top]
    legs = [bend_rad("foot")(m.joints_world_m[frames], BODY, "both")[top] for m in (motion, edited)]
    assert legs[1] == pytest.approx(legs[0], abs=0.02)
    assert at(after, "hip")[2] > at(after, "shoulder")[2]


def test_a_jack_without_a_hop_always_has_a_foot_on_the_floor():
    motion, part = rep_of("jumping_jack")
    frames = part.frames(motion)
    stepped = step_apart(motion, part, 0.0)
    apart = [ankles_apart(m.joints_world_m[frames], BODY, "both").max() for m in (motion, stepped)]

    assert not motion.contacts[frames].any(axis=1).all()
    assert stepped.contacts[frames].any(axis=1).all()
    # Each foot is in the air as long as before, and they go as far apart.
    assert (stepped.contacts[frames].sum(axis=0) == motion.contacts[frames].sum(axis=0)).all()
    assert apart[1] == pytest.approx(apart[0], rel=0.02)


def test_arms_that_are_delayed_by_a_share_of_a_jack_measure_late_by_it():
    motion, part = rep_of("jumping_jack")
    whole = Part(Span(0.0, motion.duration_s))
    late = FAULTS["jumping_jack.out_of_sync"].edit(motion, whole, 0.2)
    share = 0.2 * 1.05 / part.span.duration_s

    assert measure_lag(performed(motion), part.span, "both") == pytest.approx(0, abs=0.01)
    assert measure_lag(performed(late), part.span, "both") == pytest.approx(share, abs=0.02)
