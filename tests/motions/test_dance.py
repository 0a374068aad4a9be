from dataclasses import replace

import numpy as np
import pytest

from motions.exercises.dance import DANCE
from motions.measures import measure
from motions.motion import crop
from motions.perform import perform
from motions.skeleton import SMPL22
from motions.variation import RepStyle, Style

# Whole frames, so that every repetition is seen at the same instants.
REP = RepStyle(depth=1.0, out_s=0.68, hold_s=0.02, back_s=0.95, rest_s=0.4)
FEET = [SMPL22.index(f"{side}_foot") for side in ("left", "right")]


def dance(*reps, side="left"):
    return perform(DANCE, Style(reps, {}, (), 0.5, side), 60.0)


def arms_deg(motion, rep):
    return np.rad2deg(measure("arm_elevation", crop(motion, motion.reps[rep]).joints_world_m))


def test_origin_and_licence_of_the_recording_travel_with_the_motion():
    motion = dance(REP)

    assert motion.source == "DeepMimic humanoid3d_dance_b, as pybullet_data brings it"
    assert motion.licence == "MIT"


def test_the_sides_take_turns_as_mirror_images_and_come_back():
    motion = dance(REP, REP)
    first, second = (crop(motion, rep).joints_world_m for rep in motion.reps)
    mirrored = first[:, SMPL22.mirror] * [-1.0, 1.0, 1.0]

    # Feet are planted where they came down, a few centimetres from the mirror image.
    assert np.abs(second - mirrored).max() < 0.08
    travel_m = np.diff(first[[0, -1], 0, 0])[0]
    assert travel_m < -0.9
    assert motion.joints_world_m[-1, 0] == pytest.approx(motion.joints_world_m[0, 0], abs=0.05)


def test_the_right_side_may_begin():
    left, right = dance(REP), dance(REP, side="right")

    mirrored = left.joints_world_m[:, SMPL22.mirror] * [-1.0, 1.0, 1.0]
    np.testing.assert_allclose(right.joints_world_m, mirrored, atol=1e-9)


def test_the_arms_are_thrown_highest_when_the_way_out_is_over():
    for rep in (REP, replace(REP, out_s=0.60, back_s=1.0), replace(REP, out_s=0.9, back_s=1.2)):
        peak_s = arms_deg(dance(rep), 0).argmax() / 60.0
        assert peak_s == pytest.approx(rep.out_s + rep.hold_s / 2, abs=0.06)


def test_a_larger_repetition_throws_the_arms_higher():
    small, large = (arms_deg(dance(replace(REP, depth=depth)), 0) for depth in (0.94, 1.06))

    assert np.ptp(large) / np.ptp(small) == pytest.approx(1.06 / 0.94, abs=0.06)


def test_feet_do_not_go_through_the_floor_and_stand_still():
    motion = dance(REP, REP, REP)
    balls_m = motion.joints_world_m[:, FEET]
    standing = motion.contacts[1:, :2] & motion.contacts[:-1, :2]
    still = np.linalg.norm(np.diff(balls_m, axis=0), axis=-1)[standing] * 60.0

    assert balls_m[..., 2].min() > 0.01
    # A foot that stands may roll about its heel, which moves the ball.
    assert np.percentile(still, 95) < 0.15
    assert (~motion.contacts[:, :2]).all(axis=1).any()  # both feet leave the floor
