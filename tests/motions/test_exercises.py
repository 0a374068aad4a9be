from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from motions.library import EXERCISES, exercise
from motions.measures import measure
from motions.perform import perform
from motions.pinning import end_joints
from motions.skeleton import SMPL22
from motions.variation import TRAITS, Range, sample_style

every_exercise = pytest.mark.parametrize("name", sorted(EXERCISES))


def performed(name, seed=0, n_reps=3, fps=30.0):
    what = EXERCISES[name]
    style = sample_style(what.out_s, what.back_s, n_reps, np.random.default_rng(seed))
    return perform(what, style, fps), style


def test_there_are_exercises():
    assert {"squat", "deadlift", "pull_up"} <= set(EXERCISES)


@every_exercise
def test_the_same_style_is_the_same_motion_to_the_bit(name):
    first, second = performed(name)[0], performed(name)[0]

    assert (first.joint_rotations_wxyz == second.joint_rotations_wxyz).all()
    assert (first.root_position_m == second.root_position_m).all()


@every_exercise
@pytest.mark.parametrize("seed", range(6))
def test_a_good_repetition_goes_through_about_the_full_range(name, seed):
    motion, _ = performed(name, seed)
    what = EXERCISES[name]
    driving = measure(what.driving, motion.joints_world_m)

    for rep in motion.reps:
        curve = driving[rep.frames(motion.fps, motion.n_frames)]
        assert 0.92 < (curve.max() - curve[0]) / what.full_range_rad < 1.12


@every_exercise
@pytest.mark.parametrize("seed", range(4))
def test_a_clean_repetition_is_good_at_its_far_end(name, seed):
    what = EXERCISES[name]
    motion = perform(what, what.style(3, np.random.default_rng(seed)), 30.0)

    assert what.good_deg
    for rep in motion.reps:
        frames = rep.frames(motion.fps, motion.n_frames)
        top = motion.joints_world_m[frames.start + int(motion.phase[frames].argmax())]
        for curve, good in what.good_deg.items():
            assert good.low <= np.rad2deg(measure(curve, top)) <= good.high, curve


class AskedFor(dict):
    """Habits of nobody in particular, which remembers the names it was asked for."""

    def get(self, name, default):
        self[name] = default
        return default


@every_exercise
def test_the_habits_that_an_exercise_names_are_those_it_uses(name):
    what, asked = EXERCISES[name], AskedFor()
    perform(what, replace(performed(name)[1], traits=asked), 30.0)

    assert set(what.habits) == set(asked) <= set(TRAITS)


@every_exercise
def test_points_that_are_planted_throughout_do_not_move(name):
    motion, _ = performed(name)
    ends = end_joints(SMPL22, motion.root_position_m, motion.world_orientations_wxyz)
    steady = motion.contacts.all(axis=0)

    # On all fours the feet roll on their toes, which tests of retargeting look at.
    if not steady.all():
        assert (np.ptp(ends[:, steady], axis=0) < 1e-6).all()


@every_exercise
@pytest.mark.parametrize("seed", range(4))
def test_nothing_jerks(name, seed):
    joints = performed(name, seed)[0].joints_world_m
    acceleration = np.diff(joints, n=2, axis=0) * 30.0**2

    # A brisk voluntary movement stays within some twice the acceleration of free fall; feet that
    # land do not.
    assert np.abs(acceleration).max() < {"jumping_jack": 150, "dance": 60}.get(name, 25)


@every_exercise
def test_repetitions_start_and_end_at_rest_and_differ_from_one_another(name):
    motion, style = performed(name)

    assert len(motion.reps) == 3
    for rep, rep_style in zip(motion.reps, style.reps, strict=True):
        frames = rep.frames(motion.fps, motion.n_frames)
        assert motion.phase[frames][0] < 0.01
        assert motion.phase[frames.stop] == pytest.approx(0, abs=1e-12)
        # A frame may fall beside the very top, but not far.
        assert motion.phase[frames].max() == pytest.approx(rep_style.depth, abs=0.01)
    assert len({rep.depth for rep in style.reps}) == 3
    assert len({rep.duration_s for rep in motion.reps}) == 3


@every_exercise
def test_the_frame_rate_changes_how_often_not_what(name):
    slow, fast = performed(name, fps=30.0)[0], performed(name, fps=60.0)[0]

    # A dancing foot is planted at the first frame after it lands, which the rate decides.
    near_m = 6e-3 if name == "dance" else 1e-4
    assert fast.joints_world_m[::2][: slow.n_frames] == pytest.approx(
        slow.joints_world_m, abs=near_m
    )


def test_neighbouring_repetitions_resemble_each_other_more_than_people_do():
    depths, seconds = [], []
    for seed in range(60):
        style = sample_style(Range(1.0, 2.0), Range(1.0, 2.0), 4, np.random.default_rng(seed))
        depths.append([rep.depth for rep in style.reps])
        seconds.append([rep.out_s for rep in style.reps])

    for values in (np.array(depths), np.array(seconds)):
        assert values.std(axis=1).mean() < 0.7 * values.mean(axis=1).std()


def test_the_squat_is_below_parallel_and_knees_go_over_the_toes():
    motion, _ = performed("squat")
    frames = motion.reps[0].frames(motion.fps, motion.n_frames)
    bottom = motion.joints_world_m[frames.start + int(motion.phase[frames].argmax())]
    hip, knee, toe = (bottom[SMPL22.index(f"left_{n}")] for n in ("hip", "knee", "foot"))
    ankle = bottom[SMPL22.index("left_ankle")]

    assert hip[2] < knee[2] + 0.05
    knee_out = np.arctan2(knee[0] - ankle[0], ankle[1] - knee[1])
    toe_out = np.arctan2(toe[0] - ankle[0], ankle[1] - toe[1])
    assert knee_out == pytest.approx(toe_out, abs=np.deg2rad(12))


def test_the_chin_is_over_the_bar_at_the_top_of_a_pull_up():
    motion, _ = performed("pull_up")
    frames = motion.reps[0].frames(motion.fps, motion.n_frames)
    top = motion.joints_world_m[frames.start + int(motion.phase[frames].argmax())]
    bar_m = top[SMPL22.index("left_wrist"), 2] + 0.08

    assert top[SMPL22.index("head"), 2] > bar_m
    hang = motion.joints_world_m[0]
    assert hang[SMPL22.index("head"), 2] < bar_m - 0.25
    assert hang[SMPL22.index("left_ankle"), 2] > 0.2  # the feet hang free


def test_an_unknown_exercise_is_met_with_the_nearest():
    with pytest.raises(FormbenchError, match=r"no 'sqat'\. Did you mean 'squat'"):
        exercise("sqat")


def test_no_repetitions_is_an_error():
    with pytest.raises(FormbenchError, match="expected at least 1, got 0"):
        sample_style(Range(1, 2), Range(1, 2), 0, np.random.default_rng(0))
