"""Readings of figures whose joints are put by hand."""

import numpy as np
import pytest

from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about
from motions.motion import Motion, Span
from motions.skeleton import SMPL22
from simulator.bodies.stick import build_stick
from simulator.faults.lag import measure_lag
from simulator.faults.neck import neck_back_rad, neck_forward_rad
from simulator.faults.prone import growth_held, hips_below_rad
from simulator.faults.readings import (
    arm_abduction_rad,
    at_end,
    at_far_end,
    bar_drift_m,
    bend_rad,
    chin_over_bar_m,
    heel_rise_m,
    hip_drop_rad,
    hips_off_line_rad,
    knee_in,
    knee_past_toes_m,
    lean_lost_rad,
    least,
    lockout_rad,
    lumbar_extension_rad,
    named,
    on_front_side,
    peak,
    reading,
    reading_deg,
    rear_knee_clearance_m,
    shin_pitch_rad,
    shoulders_ahead_m,
    side_height_m,
    step_share,
    swing,
    to_and_fro,
    trunk_roll_rad,
)
from simulator.performance import Performance

BODY = build_stick()  # its skeleton is the canonical one, 1.72 m tall
AXES = {"x": X_AXIS, "y": Y_AXIS, "z": Z_AXIS}


def joints(moved=None, **turns_deg):
    """The T-pose on the floor, joints turned about their own axes, then some moved: one frame.

    `left_knee_x=30` turns the left knee by 30 degrees about X.
    """
    local = np.tile([1.0, 0, 0, 0], (22, 1))
    for name, degrees in turns_deg.items():
        joint, axis = name.rsplit("_", 1)
        local[SMPL22.index(joint)] = about(AXES[axis], np.deg2rad(degrees))
    placed = SMPL22.positions(np.array([0, 0, 0.97]), SMPL22.world_orientations(local))
    for joint, offset_m in (moved or {}).items():
        placed[SMPL22.index(joint)] += offset_m
    return placed[None]


def read(curve, figure, side="both"):
    return float(curve(figure, BODY, side)[0])


def read_deg(curve, figure, side="both"):
    return np.rad2deg(read(curve, figure, side))


def test_a_knee_inside_the_line_from_hip_to_ankle_counts_in_leg_lengths():
    figure = joints({"left_knee": [-0.08, 0, 0]})

    assert read(knee_in, figure, "left") == pytest.approx(0.1)
    assert read(knee_in, figure, "right") == pytest.approx(0)
    assert read(knee_in, joints({"right_knee": [-0.08, 0, 0]}), "right") == pytest.approx(-0.1)


def test_a_knee_over_turned_out_toes_is_not_in():
    ahead_m = 0.3 * np.array([np.sin(0.5), -np.cos(0.5), 0])
    figure = joints({"left_knee": ahead_m}, left_ankle_z=np.rad2deg(0.5))

    assert read(knee_in, figure, "left") == pytest.approx(0, abs=1e-12)
    straight = joints({"left_knee": [0, -0.3, 0]}, left_ankle_z=np.rad2deg(0.5))
    assert read(knee_in, straight, "left") == pytest.approx(0.3 * np.sin(0.5) / 0.8)


def test_a_shin_leans_by_the_angle_whose_tangent_is_ahead_over_up():
    figure = joints({"left_knee": [0, -0.4, 0]})

    assert read_deg(shin_pitch_rad, figure, "left") == pytest.approx(45)
    assert read_deg(shin_pitch_rad, figure, "right") == pytest.approx(0)
    assert read_deg(shin_pitch_rad, figure, "both") == pytest.approx(22.5)


def test_the_tip_of_the_toes_is_half_a_foot_past_the_ball():
    # The ball is 0.13 m ahead of the ankle, so the tip is 0.195 m.
    assert read(knee_past_toes_m, joints({"left_knee": [0, -0.25, 0]}), "left") == (
        pytest.approx(0.055)
    )


def test_a_pitched_foot_has_its_heel_up():
    figure = joints(left_ankle_x=30)

    assert read(heel_rise_m, figure, "left") == pytest.approx(1.4 * 0.13 * 0.5)
    assert read(heel_rise_m, figure, "right") == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("side", "degrees"), [("left", 20), ("right", -20)])
def test_a_trunk_rolls_to_its_side(side, degrees):
    figure = joints(spine1_y=20)
    spine1, neck = (figure[0, SMPL22.index(n)] for n in ("spine1", "neck"))
    pelvis = figure[0, 0]
    expected = np.rad2deg(np.arctan2(neck[0] - pelvis[0], neck[2] - pelvis[2]))

    assert 10 < expected < 20
    assert spine1[0] == pytest.approx(0)
    assert read_deg(trunk_roll_rad, figure, side) == pytest.approx(np.sign(degrees) * expected)


def test_a_bar_drifts_from_where_it_is_first():
    ahead = {name: [0, -0.07, 0.3] for name in ("left_wrist", "right_wrist")}
    frames = np.concatenate([joints(), joints(ahead)])

    assert bar_drift_m(frames, BODY, "both") == pytest.approx([0, 0.07])


def test_a_step_is_a_share_of_the_height_of_the_hips():
    # Hips are 0.88 m over the floor.
    figure = joints({"left_ankle": [0, -0.44, 0], "left_foot": [0, -0.44, 0]})

    assert read(step_share, figure) == pytest.approx(0.5)
    bent = joints({"left_ankle": [0, -0.44, 0]}, right_knee_x=40)
    assert read_deg(on_front_side(bend_rad("foot")), bent) != pytest.approx(40)
    assert read_deg(bend_rad("foot"), bent, "right") == pytest.approx(40)


@pytest.mark.parametrize("degrees", [30, -25])
def test_hips_are_over_the_line_when_bent_and_under_it_when_arched(degrees):
    upright = read_deg(hips_off_line_rad, joints())
    figure = joints(left_hip_x=-degrees, right_hip_x=-degrees)

    assert read_deg(hips_off_line_rad, figure) - upright == pytest.approx(degrees)
    assert read(hips_below_rad, figure) == -read(hips_off_line_rad, figure)


def test_an_upper_arm_is_abducted_from_the_trunk_seen_from_above():
    figure = joints(pelvis_x=90, left_shoulder_y=55)

    assert read_deg(arm_abduction_rad, figure, "left") == pytest.approx(35, abs=0.1)
    assert read_deg(arm_abduction_rad, figure, "right") == pytest.approx(90)


def test_a_lockout_is_the_mean_of_knees_and_hips():
    bent = joints(left_hip_x=-20, right_hip_x=-20, left_knee_x=30, right_knee_x=30)

    assert read_deg(lockout_rad, bent) - read_deg(lockout_rad, joints()) == pytest.approx(25)


def test_a_knee_over_the_floor_is_as_thick_as_a_sixteenth_of_the_leg():
    assert read(rear_knee_clearance_m, joints({"left_knee": [0, 0, -0.4]})) == pytest.approx(0.03)


def test_heights_of_shoulders_and_hips_on_either_side():
    lower = joints({"left_shoulder": [0, 0, -0.06]})

    assert read(side_height_m("shoulder"), lower, "left") == pytest.approx(0.06)
    assert read(side_height_m("shoulder"), lower, "right") == pytest.approx(-0.06)
    assert read_deg(hip_drop_rad, joints(pelvis_y=12), "left") == pytest.approx(12)
    assert read_deg(hip_drop_rad, joints(pelvis_y=12), "right") == pytest.approx(-12)


def test_shoulders_are_ahead_of_elbows_that_are_behind():
    behind = {name: [0, 0.1, 0] for name in ("left_elbow", "right_elbow")}

    assert read(shoulders_ahead_m, joints(behind)) == pytest.approx(0.1)


def test_a_chin_is_over_the_bar_by_the_height_between_them():
    hands = {name: [0, 0, 0.0] for name in ("left_wrist", "right_wrist")}
    figure = joints(hands)
    head, wrist = (figure[0, SMPL22.index(name), 2] for name in ("head", "left_wrist"))

    expected = head - 0.024 * 1.72 - wrist - 0.30 * 0.25
    assert read(chin_over_bar_m, figure) == pytest.approx(expected)


def test_backs_and_necks_count_from_the_t_pose():
    assert read_deg(lumbar_extension_rad, joints(spine1_x=-8, spine2_x=-9)) == pytest.approx(17)
    assert read_deg(neck_forward_rad, joints(neck_x=25)) == pytest.approx(25)
    assert read_deg(neck_back_rad, joints(neck_x=-25, spine1_x=40)) == pytest.approx(25)
    assert read_deg(named("trunk_lean"), joints(pelvis_x=33)) == pytest.approx(33)


def test_a_lost_lean_counts_from_the_first_frame():
    frames = np.concatenate([joints(pelvis_x=50), joints(pelvis_x=38)])

    assert np.rad2deg(lean_lost_rad(frames, BODY, "both")) == pytest.approx([0, 12])


def test_one_number_of_a_curve():
    values, phase = np.array([1.0, 3.0, -2.0, 2.0]), np.array([0.0, 0.5, 1.0, 0.2])

    assert [over(values, phase) for over in (peak, least, swing, at_far_end, at_end)] == [
        3.0, -2.0, 5.0, -2.0, 2.0,
    ]  # fmt: skip
    assert to_and_fro(values, phase) == 4.0  # 2 up and 3 down from the first: twice the less
    assert to_and_fro(np.array([0.0, 5.0]), phase[:2]) == 0.0


def straightening():
    """Up to frame 10 knees bend by 90 degrees and the trunk by 60; knees straighten in frames 10
    to 20, the trunk in 16 to 26.
    """
    frames = np.arange(31)
    local = np.tile([1.0, 0, 0, 0], (31, 22, 1))
    for side in ("left", "right"):
        bent = np.interp(frames, [0, 10, 20], [0, np.pi / 2, 0])
        local[:, SMPL22.index(f"{side}_knee")] = about(X_AXIS, bent)
    local[:, 0] = about(X_AXIS, np.interp(frames, [0, 10, 16, 26], [0, np.pi / 3, np.pi / 3, 0]))
    motion = Motion(
        exercise="squat",
        fps=10.0,
        root_position_m=np.zeros((31, 3)),
        joint_rotations_wxyz=local,
        contacts=np.zeros((31, 4), dtype=bool),
        reps=(Span(0, 3.1),),
        phase=np.interp(frames, [0, 10, 30], [0, 1, 0]),
    )
    return Performance(motion, BODY, motion.root_position_m, motion.world_orientations_wxyz, {}, {})


def test_a_lag_is_the_time_between_the_middles_of_two_ways_over_that_of_all_the_way_back():
    performance = straightening()
    rep = performance.motion.reps[0]
    curves = bend_rad("foot"), named("trunk_lean")

    assert measure_lag(*curves)(performance, rep, "both") == pytest.approx(0.3)


def test_a_reading_is_of_the_repetition_and_in_the_units_of_the_fault():
    performance = straightening()
    early = Span(1.0, 1.6)

    assert reading_deg(bend_rad("foot"), least)(performance, early, "left") == pytest.approx(45)
    assert reading(bend_rad("foot"), peak, 2.0)(performance, early, "left") == pytest.approx(np.pi)


def test_growth_is_from_the_first_to_the_last_third_of_the_time_held():
    phase = np.array([0.0, 1, 1, 1, 1, 1, 1, 0])
    values = np.array([9.0, 1, 1, 2, 5, 3, 5, 9])

    assert growth_held(values, phase) == 3.0
