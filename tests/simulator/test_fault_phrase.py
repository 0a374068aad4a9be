"""What the dance phrase can lose, against values worked out by hand."""

import numpy as np
import pytest

from motions.library import EXERCISES
from motions.perform import perform
from motions.skeleton import SMPL22
from simulator.faults import phrase
from simulator.faults.arm_readings import arm_elevation_rad
from simulator.faults.limb_edits import canonical
from simulator.faults.readings import at
from simulator.faults.window import THROUGHOUT, Part, Window

FPS = 30.0
MIRROR = [1.0, 1.0, -1.0, -1.0]


@pytest.fixture(scope="module")
def motion():
    dance = EXERCISES["dance"]
    return perform(dance, dance.style(2, np.random.default_rng(0)), FPS)


def frames(motion):
    return motion.reps[0].frames(FPS, motion.n_frames)


def up_rad(motion, side):
    return arm_elevation_rad(motion.joints_world_m[frames(motion)], canonical(), side)


def test_an_even_way_starts_and_stops_on_its_ramps():
    # Area of a trapezoid with ramps of a fifth: 0.8 of a rectangle as high as the even pace.
    assert phrase._even(11)[[0, 2, 5, 8, 10]] == pytest.approx([0, 0.125, 0.5, 0.875, 1])
    assert phrase._pulse(phrase._even(101)) == pytest.approx(phrase.EVEN_PULSE)


def test_the_pulse_of_a_steady_rise_is_one():
    assert phrase._pulse(np.arange(5.0)) == 1


def test_an_evened_throw_comes_as_high_at_the_same_time_but_is_half_way_sooner(motion):
    evened = phrase.even_out(motion, Part(motion.reps[0]), phrase.EVEN_PULSE)
    arm = phrase.thrown(motion.joints_world_m[frames(motion)])
    before, after = up_rad(motion, arm), up_rad(evened, arm)
    top = before.argmax()

    assert after.argmax() == top
    assert after[top:] == pytest.approx(before[top:], abs=1e-9)
    half = (before[0] + before[top]) / 2
    assert (after[:top] > half).sum() > (before[:top] > half).sum() + 1


def test_arms_that_are_swapped_wholly_do_what_the_other_did_in_a_mirror(motion):
    own = phrase._wrong_share(motion.joints_world_m[frames(motion)], canonical())
    swapped = phrase.swap_arms(motion, Part(motion.reps[0], window=THROUGHOUT), 1 - own)
    accent = frames(motion).start + int(motion.phase[frames(motion)].argmax())
    left, right = SMPL22.index("left_elbow"), SMPL22.index("right_elbow")

    there = swapped.joint_rotations_wxyz[accent, left]
    was = motion.joint_rotations_wxyz[accent, right] * MIRROR
    assert there * np.sign(there @ was) == pytest.approx(was, abs=1e-12)


def test_a_sway_goes_on_the_way_of_the_hop_and_only_after_the_landing(motion):
    part = Part(motion.reps[0], window=Window(to_phase=0.35, way="back", rests=True))
    swayed = phrase.sway_on(motion, part, 0.11)
    hop = phrase._hop(motion, motion.reps[0])
    neck = at(swayed.joints_world_m - motion.joints_world_m, "neck")[frames(motion)] @ hop
    landing = int(motion.phase[frames(motion)].argmax())

    assert (neck[: landing + 5] == 0).all()
    # A roll of 0.2 rad carries the neck, half a metre over the pelvis, on by 10 cm at most.
    assert 0.05 < neck[-1] < 0.12
