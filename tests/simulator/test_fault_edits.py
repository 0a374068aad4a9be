"""Edits of a figure that stands still, where what they do can be worked out by hand."""

import numpy as np
import pytest

from motions.geometry import X_AXIS, Y_AXIS, about
from motions.library import EXERCISES
from motions.measures import measure
from motions.motion import Motion, Span, turned_by
from motions.perform import perform
from motions.pinning import end_joints
from motions.skeleton import SMPL22, STANDING_PELVIS_M
from simulator.faults.edits import TRUNK, delay, missing, move, put_back, swivel, turn
from simulator.faults.hanging import kip, lift_knees
from simulator.faults.incomplete_range import stop_short, turn_back
from simulator.faults.lag import lag
from simulator.faults.leg_edits import (
    cave_knees,
    front_side,
    lean_forward,
    lengthen_step,
    lift_heels,
    lower_front_knee,
)
from simulator.faults.prone import arch, pike, turn_hips
from simulator.faults.trunk_edits import lean_back, round_upper_back
from simulator.faults.window import AT_END, AT_REST, FAR_END, THROUGHOUT, Part

FPS, N_FRAMES, TOP = 20.0, 41, 20
REP = Span(0.5, 1.5)
PART = Part(REP, window=FAR_END)


def still(**turns_deg):
    """A figure in the T-pose, whose phase goes up to 1 at TOP and down; joints turned about X."""
    frames = np.arange(N_FRAMES)
    motion = Motion(
        exercise="squat",
        fps=FPS,
        root_position_m=np.tile([0, 0, STANDING_PELVIS_M], (N_FRAMES, 1)),
        joint_rotations_wxyz=np.tile([1.0, 0, 0, 0], (N_FRAMES, 22, 1)),
        contacts=np.tile([True, True, False, False], (N_FRAMES, 1)),
        reps=(REP,),
        phase=np.clip(1 - np.abs(frames - TOP) / 10, 0, 1),
    )
    for joint, degrees in turns_deg.items():
        quarter = about(X_AXIS, np.full(N_FRAMES, np.deg2rad(degrees)))
        motion = turned_by(motion, joint, quarter)
    return motion


def crouched():
    """Thighs 60 degrees ahead, shins as far back: knees 0.2 sqrt(3) ahead of hips and ankles."""
    legs = {"hip": -60, "knee": 120, "ankle": -60}
    turns_deg = {f"{s}_{joint}": turn for s in ("left", "right") for joint, turn in legs.items()}
    return still(**turns_deg)


def at_top(motion, joint):
    return motion.joints_world_m[TOP, SMPL22.index(joint)]


def shift(after, before, joint):
    return at_top(after, joint) - at_top(before, joint)


def performed(name, n_reps=2, seed=0):
    exercise = EXERCISES[name]
    return perform(exercise, exercise.style(n_reps, np.random.default_rng(seed)), 30.0)


def test_a_turned_thigh_points_ahead_and_the_shin_still_hangs():
    before = still()
    after = turn(before, PART, {"left_hip": -np.pi / 2})

    assert at_top(after, "left_knee") - at_top(after, "left_hip") == pytest.approx([0, -0.4, 0])
    assert at_top(after, "left_ankle") - at_top(after, "left_knee") == pytest.approx([0, 0, -0.4])
    for joint in ("right_ankle", "head", "left_wrist"):
        assert shift(after, before, joint) == pytest.approx([0, 0, 0])


def test_bones_that_turn_as_one_keep_their_distances_and_the_head_its_direction():
    before = still(left_shoulder=20)
    after = turn(before, PART, dict.fromkeys(TRUNK, np.pi / 2), of="pelvis")
    upright = at_top(before, "neck") - at_top(before, "pelvis")

    leaning = at_top(after, "neck") - at_top(after, "pelvis")
    assert leaning == pytest.approx([0, -upright[2], upright[1]])
    for motion in (before, after):
        neck = at_top(motion, "head") - at_top(motion, "neck")
        assert neck == pytest.approx([0, -0.02, 0.10])
        arm = at_top(motion, "left_elbow") - at_top(motion, "left_shoulder")
        assert arm == pytest.approx([0.27, 0, 0])


def test_frames_without_weight_keep_their_bits():
    before = performed("squat")
    part = Part(before.reps[1], window=THROUGHOUT)
    frames, weights = part.weights(before)
    after = turn(before, part, {"spine3": 0.3, "left_knee": 0.2})
    still_frames = np.ones(before.n_frames, dtype=bool)
    still_frames[frames] = weights == 0
    moved = (after.joint_rotations_wxyz != before.joint_rotations_wxyz).any(axis=-1)

    assert not moved[still_frames].any()
    # The bones that hang on those that turn change against them.
    hang = {"left_knee", "left_ankle", "spine3", "neck", "left_collar", "right_collar"}
    assert {SMPL22.joint_names[j] for j in np.flatnonzero(moved.any(axis=0))} == hang


@pytest.mark.parametrize(("side", "inwards"), [("left", -1), ("right", 1)])
def test_a_knee_swivels_inwards_on_a_circle_about_the_line_from_hip_to_ankle(side, inwards):
    before = crouched()
    after = swivel(before, Part(REP, side, FAR_END), "foot", np.pi / 2)
    other = "right" if side == "left" else "left"
    bow_m = 0.2 * np.sqrt(3)

    assert shift(after, before, f"{side}_knee") == pytest.approx([inwards * bow_m, bow_m, 0])
    for joint in (f"{side}_ankle", f"{side}_foot", f"{other}_knee"):
        assert shift(after, before, joint) == pytest.approx([0, 0, 0], abs=1e-12)


def test_the_pelvis_moves_over_feet_that_stay():
    before = crouched()
    after = move(before, PART, {"pelvis": (0.02, 0.05, -0.1)})

    assert shift(after, before, "pelvis") == pytest.approx([0.02, 0.05, -0.1])
    for joint in ("left_ankle", "right_ankle", "left_foot"):
        assert shift(after, before, joint) == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_hand_moves_and_the_body_stays():
    before = turn(still(), PART, {"left_elbow": 0.0})
    after = move(before, PART, {"left_hand": (-0.1, -0.2, 0.05)}, keep=())

    assert shift(after, before, "left_wrist") == pytest.approx([-0.1, -0.2, 0.05])
    assert shift(after, before, "left_shoulder") == pytest.approx([0, 0, 0])
    assert shift(after, before, "right_wrist") == pytest.approx([0, 0, 0])


def test_a_body_that_turned_is_put_back_on_its_feet_and_hands():
    before = performed("push_up")
    part = Part(before.reps[0], window=THROUGHOUT)
    turned = turn(before, part, {"left_knee": 0.2, "right_knee": 0.2, "spine1": 0.2})
    after = put_back(turned, part, before, ("left_foot", "right_foot"), ("left_hand",))

    ends = [
        end_joints(SMPL22, m.root_position_m, m.world_orientations_wxyz) for m in (before, after)
    ]
    assert ends[1][:, :3] == pytest.approx(ends[0][:, :3], abs=1e-9)
    assert not np.allclose(ends[1][:, 3], ends[0][:, 3], atol=1e-3)


def test_late_bones_show_what_they_were_and_others_what_they_are():
    angle_rad = np.linspace(0, 1, N_FRAMES)
    before = turned_by(still(), "left_shoulder", about(Y_AXIS, angle_rad))
    before = turned_by(before, "right_shoulder", about(Y_AXIS, angle_rad))
    after = delay(before, PART, ["left_shoulder"], 0.15)
    left, right = SMPL22.index("left_shoulder"), SMPL22.index("right_shoulder")

    local = after.joint_rotations_wxyz
    assert local[TOP, left] == pytest.approx(before.joint_rotations_wxyz[TOP - 3, left], abs=1e-6)
    assert (local[:, right] == before.joint_rotations_wxyz[:, right]).all()


def test_a_lag_is_half_ahead_and_half_behind():
    angle_rad = np.linspace(0, 1, N_FRAMES)
    before = turned_by(still(), "left_shoulder", about(Y_AXIS, angle_rad))
    before = turned_by(before, "right_shoulder", about(Y_AXIS, angle_rad))
    after = lag(before, PART, 0.2, ("left_shoulder",), ("right_shoulder",))
    own, turned = before.joint_rotations_wxyz, after.joint_rotations_wxyz

    for joint, frame in (("left_shoulder", TOP + 2), ("right_shoulder", TOP - 2)):
        index = SMPL22.index(joint)
        assert turned[TOP, index] == pytest.approx(own[frame, index], abs=1e-6)


def test_what_is_missing_is_read_where_the_fault_is_full():
    motion = turned_by(still(), "spine1", about(X_AXIS, np.deg2rad(30) * still().phase))

    def lumbar(joints):
        return measure("lumbar_angle", joints)

    rest = lumbar(still().joints_world_m)[0]
    assert missing(motion, PART, lumbar, 1.0) == pytest.approx(1.0 - rest - np.deg2rad(30))
    at_rest = Part(REP, window=AT_REST)
    assert missing(motion, at_rest, lumbar, 1.0) == pytest.approx(1.0 - rest)


def test_windows_at_rest_of_neighbours_add_up_to_one_between_them():
    motion = performed("pull_up", n_reps=3)
    total = np.zeros(motion.n_frames)
    for rep in motion.reps:
        frames, weights = Part(rep, window=AT_REST).weights(motion)
        total[frames] += weights
    first, second = (rep.frames(30.0, motion.n_frames) for rep in motion.reps[:2])

    assert total[first.stop : second.start] == pytest.approx(1)
    assert total.max() <= 1 + 1e-12
    assert total[first.start + int(motion.phase[first].argmax())] == 0


def test_a_window_at_the_end_reaches_into_the_rest_after_only():
    motion = performed("deadlift", n_reps=3)
    frames, weights = Part(motion.reps[1], window=AT_END).weights(motion)
    own = motion.reps[1].frames(30.0, motion.n_frames)

    assert frames.start == own.start
    assert frames.stop == motion.reps[2].frames(30.0, motion.n_frames).start
    assert weights[own.stop - 1 - own.start] == 1
    assert (np.diff(weights[own.stop - own.start :]) < 0).all()


def test_a_repetition_turns_back_and_stops_short_where_a_curve_says():
    motion = performed("pull_up", n_reps=2)

    def elbows(joints):
        return measure("elbow_flexion", joints)

    own = motion.reps[0].frames(30.0, motion.n_frames)
    turned = turn_back(motion, Part(motion.reps[0]), elbows, 1.5)
    assert elbows(turned.joints_world_m[own]).max() == pytest.approx(1.5, abs=1e-3)
    short = motion
    for rep in motion.reps:
        short = stop_short(short, Part(rep, window=AT_REST), elbows, 1.0)
    bent = elbows(short.joints_world_m)
    between = slice(own.stop, motion.reps[1].frames(30.0, motion.n_frames).start)
    assert bent[between] == pytest.approx(1.0, abs=0.05)
    assert bent[own].max() == pytest.approx(elbows(motion.joints_world_m[own]).max(), abs=1e-3)


def test_knees_cave_by_a_share_of_the_leg():
    before = crouched()
    after = cave_knees(before, PART, 0.1)

    assert shift(after, before, "left_knee")[0] == pytest.approx(-0.08)
    assert shift(after, before, "right_knee")[0] == pytest.approx(0.08)


def test_heels_rise_about_the_balls_of_the_feet():
    after = lift_heels(still(), PART, 0.05)
    ankle, ball = (at_top(after, f"left_{name}") for name in ("ankle", "foot"))
    # The heel is 0.4 of the way to the ball behind the ankle: 1.4 * 0.13 m behind the ball.
    angle = np.arcsin(0.05 / (1.4 * 0.13))

    assert (ball - ankle)[1:] == pytest.approx(
        [-0.13 * np.cos(angle) + 0.06 * np.sin(angle), -0.13 * np.sin(angle) - 0.06 * np.cos(angle)]
    )


def test_balls_of_the_feet_and_hips_stay_when_heels_rise():
    before = crouched()
    after = lift_heels(before, Part(REP, "right", FAR_END), 0.05)

    assert at_top(after, "right_ankle")[2] > at_top(before, "right_ankle")[2] + 0.02
    for joint in ("right_foot", "left_ankle", "pelvis"):
        assert shift(after, before, joint) == pytest.approx([0, 0, 0], abs=1e-9)


def test_hips_go_back_when_the_trunk_leans_forward():
    before = crouched()
    after = lean_forward(before, PART, 0.4)

    assert shift(after, before, "pelvis") == pytest.approx([0, 0.06, 0])
    lean = [measure("trunk_lean", m.joints_world_m)[TOP] for m in (before, after)]
    assert lean[1] - lean[0] == pytest.approx(0.4)


def test_a_longer_step_lands_farther_by_its_share_and_comes_back_to_the_same_place():
    motion = performed("lunge")
    rep = motion.reps[0]
    side = front_side(motion.joints_world_m[rep.frames(30.0, motion.n_frames)])
    longer = lengthen_step(motion, Part(rep), 0.25)
    foot = SMPL22.index(f"{side}_ankle")
    moved = longer.joints_world_m[:, foot] - motion.joints_world_m[:, foot]
    frames = rep.frames(30.0, motion.n_frames)

    assert moved[frames][int(motion.phase[frames].argmax())] == pytest.approx(
        [0, -0.25 * 0.88, 0], abs=2e-3
    )
    assert np.abs(moved[[frames.start, frames.stop - 1]]).max() < 2e-3


def test_the_front_knee_of_a_lunge_bends_by_what_is_asked():
    motion = performed("lunge")
    rep = motion.reps[0]
    frames = rep.frames(30.0, motion.n_frames)
    less = lower_front_knee(motion, Part(rep, window=FAR_END), -0.5)
    before, after = (
        measure("front_knee_flexion", m.joints_world_m[frames])[int(motion.phase[frames].argmax())]
        for m in (motion, less)
    )

    assert after - before == pytest.approx(-0.5, abs=1e-3)


def test_a_rounded_upper_back_lets_the_shoulders_about_as_high():
    motion = performed("deadlift")
    part = Part(motion.reps[0], window=FAR_END)
    rounded = round_upper_back(motion, part, np.deg2rad(30))
    frames = motion.reps[0].frames(30.0, motion.n_frames)
    top = frames.start + int(motion.phase[frames].argmax())
    shoulder = SMPL22.index("left_shoulder")
    thoracic = [measure("thoracic_angle", m.joints_world_m)[top] for m in (motion, rounded)]

    assert thoracic[1] - thoracic[0] == pytest.approx(np.deg2rad(30), abs=1e-3)
    lower_m = (motion.joints_world_m - rounded.joints_world_m)[top, shoulder, 2]
    assert abs(lower_m) < 0.06


def test_who_leans_back_takes_hips_and_hands_forward():
    down = np.full(N_FRAMES, np.pi / 2)
    before = turned_by(still(), "left_shoulder", about(Y_AXIS, down))
    before = turned_by(before, "right_shoulder", about(Y_AXIS, -down))
    after = lean_back(before, Part(REP, window=FAR_END), 0.3)

    assert shift(after, before, "pelvis") == pytest.approx([0, -0.024, 0])
    assert shift(after, before, "left_wrist") == pytest.approx([0, -0.024, 0], abs=1e-3)
    assert at_top(after, "neck")[1] > at_top(before, "neck")[1]


@pytest.mark.parametrize(("edit", "sign"), [(arch, -1), (pike, 1)])
def test_a_push_up_bends_at_the_hips_by_what_is_asked(edit, sign):
    motion = performed("push_up")
    part = Part(motion.reps[0], window=FAR_END)
    frames = motion.reps[0].frames(30.0, motion.n_frames)
    top = frames.start + int(motion.phase[frames].argmax())
    thigh_to_chest = []
    for changed in (motion, edit(motion, part, 0.3)):
        joints = changed.joints_world_m[top]
        thigh, chest = (
            joints[SMPL22.index(a)] - joints[SMPL22.index(b)]
            for a, b in (("left_hip", "left_knee"), ("spine3", "spine2"))
        )
        thigh_to_chest.append(np.arctan2(*chest[1:]) - np.arctan2(*thigh[1:]))

    assert thigh_to_chest[1] - thigh_to_chest[0] == pytest.approx(-sign * 0.3, abs=0.02)


@pytest.mark.parametrize(("side", "drops"), [("left", "left"), ("right", "right")])
def test_the_hip_on_the_named_side_drops_when_hips_turn(side, drops):
    motion = performed("plank")
    part = Part(motion.reps[0], side, FAR_END)
    frames = motion.reps[0].frames(30.0, motion.n_frames)
    top = frames.start + int(motion.phase[frames].argmax())
    joints = turn_hips(motion, part, 0.3).joints_world_m[top]
    other = "right" if drops == "left" else "left"

    assert joints[SMPL22.index(f"{drops}_hip"), 2] < joints[SMPL22.index(f"{other}_hip"), 2] - 0.03


def test_a_kip_swings_to_both_sides_of_the_hang():
    motion = performed("pull_up")
    part = Part(motion.reps[0], window=THROUGHOUT)
    frames = motion.reps[0].frames(30.0, motion.n_frames)
    change = (
        measure("hip_flexion", kip(motion, part, 0.6).joints_world_m)
        - measure("hip_flexion", motion.joints_world_m)
    )[frames]

    assert change.max() == pytest.approx(0.3, abs=0.02)
    assert change.min() == pytest.approx(-0.3, abs=0.03)


def test_lifted_knees_are_tucked_less_than_the_thighs_are_lifted():
    motion = performed("pull_up")
    part = Part(motion.reps[0], window=THROUGHOUT)
    lifted = lift_knees(motion, part, 1.0)
    frames = motion.reps[0].frames(30.0, motion.n_frames)
    top = frames.start + int(motion.phase[frames].argmax())
    hips, knees = (
        (measure(name, lifted.joints_world_m) - measure(name, motion.joints_world_m))[top]
        for name in ("hip_flexion", "knee_flexion")
    )

    assert hips == pytest.approx(1.0, abs=1e-3)
    assert knees == pytest.approx(0.55, abs=1e-3)
