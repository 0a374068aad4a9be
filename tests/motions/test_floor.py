"""The floor and contacts of hand-made motions, and of a real jump."""

from dataclasses import replace

import numpy as np
import pytest

from motions.floor import (
    ContactThresholds,
    contacts,
    floor_level_m,
    grips,
    hysteresis,
    without_short_runs,
)
from motions.formats.deepmimic import pybullet_clips, read_deepmimic
from motions.formats.reading import About
from motions.library import EXERCISES
from motions.motion import Motion
from motions.perform import perform
from motions.skeleton import SMPL22, STANDING_PELVIS_M
from motions.variation import sample_style

FPS = 60.0


def standing(root_m: np.ndarray) -> np.ndarray:
    """Joints of a T-pose whose pelvis goes along `root_m` (T, 3)."""
    world = np.tile([1.0, 0, 0, 0], (len(root_m), 22, 1))
    return SMPL22.positions(root_m, world)


def held_m(height_m: float, n_frames: int = 60) -> np.ndarray:
    return np.tile([0.0, 0.0, STANDING_PELVIS_M + height_m], (n_frames, 1))


@pytest.mark.parametrize("height_m", [0.0, 0.7, -3.0])
def test_the_floor_is_under_the_feet_of_someone_who_stands(height_m):
    assert floor_level_m(standing(held_m(height_m)), FPS) == pytest.approx(height_m, abs=1e-12)


def test_one_dip_of_a_noisy_foot_does_not_lower_the_floor():
    root_m = held_m(0.0, 300)
    root_m[150, 2] -= 0.08

    assert floor_level_m(standing(root_m), FPS) == pytest.approx(0.0, abs=1e-12)


def test_the_floor_of_someone_who_never_stands_still_is_the_lowest_point():
    root_m = held_m(0.0, 300)
    root_m[:, 0] = 3 * np.arange(300) / FPS
    root_m[:, 2] += 0.2 + 0.2 * np.cos(np.arange(300) / 5)

    assert floor_level_m(standing(root_m), FPS) == pytest.approx(0.0, abs=0.005)


def test_feet_are_planted_while_they_are_low_and_slow():
    root_m = held_m(0.0, 120)
    root_m[40:80, 2] += 0.3 * np.sin(np.linspace(0, np.pi, 40))  # a hop of two thirds of a second

    planted = contacts(standing(root_m), FPS)

    assert planted[:38, :2].all()
    assert not planted[44:76, :2].any()
    assert planted[84:, :2].all()
    assert not planted[:, 2:].any()


def test_a_foot_that_slides_is_not_planted():
    root_m = held_m(0.0)
    root_m[:, 0] = 0.6 * np.arange(60) / FPS

    assert not contacts(standing(root_m), FPS).any()


def test_noise_between_the_thresholds_keeps_a_contact_and_starts_none():
    limits = ContactThresholds()
    wobble = (limits.start_height_m + limits.end_height_m) / 2
    above = standing(held_m(wobble))
    lowered = held_m(wobble)
    lowered[:5, 2] = STANDING_PELVIS_M

    assert not contacts(above, FPS).any()
    assert contacts(standing(lowered), 4.0)[:, :2].all()  # so slow that only heights matter


def test_a_state_turns_on_and_off_and_off_wins():
    starts = np.array([0, 1, 0, 1, 0, 1, 0], dtype=bool)
    ends = np.array([0, 0, 0, 1, 0, 0, 0], dtype=bool)

    assert hysteresis(starts, ends).tolist() == [False, True, True, False, False, True, True]


def test_short_runs_go_but_not_those_at_the_ends():
    states = np.array([1, 0, 1, 1, 0, 1, 1, 1, 0, 1], dtype=bool)[:, None]

    kept = without_short_runs(states, 3, keep_at_ends=True)

    assert kept[:, 0].tolist() == [True] + [False] * 4 + [True] * 3 + [False, True]
    assert not without_short_runs(states, 4, keep_at_ends=False).any()


def test_a_real_jump_stands_flies_and_lands():
    motion = read_deepmimic(pybullet_clips()["jump"], About("jump", "DeepMimic", "MIT")).motion

    feet = motion.contacts[:, :2]
    changes = np.flatnonzero(np.diff(feet.any(axis=1).astype(int)))
    take_off_s, landing_s = (changes + 1) / motion.fps

    assert len(changes) == 2
    # Free flight as high as the pelvis rises: t = sqrt(8 h / g), counted from level to level.
    flying = motion.root_position_m[changes[0] : changes[1] + 1, 2]
    flight_s = np.sqrt(8 * (flying.max() - flying[[0, -1]].mean()) / 9.81)
    assert landing_s - take_off_s == pytest.approx(flight_s, abs=0.1)


def pull_up() -> Motion:
    exercise = EXERCISES["pull_up"]
    style = sample_style(exercise.out_s, exercise.back_s, 2, np.random.default_rng(0))
    return perform(exercise, style, 30.0)


def test_hands_on_a_bar_are_grips_and_hands_that_let_go_are_none():
    motion = pull_up()
    raised = motion.root_position_m + np.array([0, 0, 1.0])  # feet well above the floor

    held = grips(replace(motion, root_position_m=raised).joints_world_m, motion.fps)
    swinging = raised + np.stack(
        [0 * raised[:, 0], np.sin(np.arange(len(raised)) / 4), 0 * raised[:, 0]], axis=-1
    )
    let_go = grips(replace(motion, root_position_m=swinging).joints_world_m, motion.fps)

    assert held.all()
    assert let_go.mean() < 0.2


def test_someone_who_stands_with_the_arms_up_holds_nothing():
    joints_m = standing(held_m(0.0))
    joints_m[:, SMPL22.index("left_wrist")] += [0, 0, 0.6]

    assert not grips(joints_m, FPS).any()
