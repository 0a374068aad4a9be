"""The barbell and the floor."""

from dataclasses import replace

import numpy as np
import pytest

from motions.library import EXERCISES
from motions.perform import perform
from motions.pinning import end_joints
from simulator.bodies.anny import build_anny
from simulator.bodies.stick import build_stick
from simulator.config import DatasetConfig
from simulator.deliver import deliver
from simulator.faults.injection import Injection
from simulator.held import PLATES_OUT_M, TALL_PLATE_M, bar_in_hands
from simulator.make import deliver_plan
from simulator.plan import plan
from simulator.plates import over_floor, plates_height_m
from simulator.putting_down import put_down
from simulator.rendering.looks import barbell
from simulator.retarget import retarget

DEADLIFT = EXERCISES["deadlift"]
PEOPLE = {
    "tall": (0.0, 2.0, 0.8, 0.9),
    "short": (1.0, 1.5, 0.2, 0.2),
}


def person(name):
    gender, stature_m, weight, muscle = PEOPLE[name]
    return build_anny(
        gender=gender, age=0.7, stature_m=stature_m, weight=weight, muscle=muscle,
        proportions=0.4, grip=True,
    )  # fmt: skip


def style(seed=0):
    return DEADLIFT.style(3, np.random.default_rng(seed))


@pytest.mark.parametrize("name", PEOPLE)
def test_each_repetition_ends_with_the_plates_on_the_floor(name):
    body = person(name)
    done = retarget(perform(DEADLIFT, put_down(DEADLIFT, style(), body, 30.0), 30.0), body)
    heights_m = plates_height_m(done.props["barbell"])
    lowest_m = [heights_m[rep.frames(30.0, len(heights_m))].min() for rep in done.motion.reps]

    assert heights_m.min() > -1e-6
    assert max(lowest_m) < 0.01
    assert heights_m[0] > 0.3
    assert done.metrics["limb_angle_error_mean_deg"] < 0.05


def test_clips_put_the_bar_down():
    config = DatasetConfig.model_validate(
        {"seed": 3, "exercises": ["deadlift"], "subjects": 1, "reps": 2, "body": "stick"}
    )
    done = deliver_plan(plan(config, 0))
    heights_m = plates_height_m(done.props["barbell"])

    for rep in done.motion.reps:
        assert 0 <= heights_m[rep.frames(config.fps, len(heights_m))].min() < 0.01


def test_putting_down_changes_nothing_but_depth():
    found = put_down(DEADLIFT, style(), build_stick(grip=True), 30.0)

    assert replace(found, reps=style().reps) == style()
    assert [replace(rep, depth=0) for rep in found.reps] == [
        replace(rep, depth=0) for rep in style().reps
    ]


@pytest.mark.parametrize("name", ["asymmetry", "feet_too_wide"])
def test_the_floor_stops_plates_that_a_fault_brings_down(name):
    body = person("short")
    motion = perform(DEADLIFT, put_down(DEADLIFT, style(), body, 30.0), 30.0)
    injection = Injection(f"deadlift.{name}", 0, 0.0)
    side = "left" if injection.spec.one_sided else "both"
    injection = replace(injection, size=injection.spec.severe, side=side)
    done = deliver(motion, body, [injection])

    assert plates_height_m(done.props["barbell"]).min() > -1e-6
    assert 0.8 < done.metrics["jerk_ratio"] < 1.2
    assert done.metrics["contacts_kept"] == 1.0


def test_a_body_is_raised_smoothly_by_as_much_as_its_plates_are_in_the_floor():
    body = build_stick(grip=True)
    motion = perform(DEADLIFT, style(), 30.0)
    root_m = motion.root_position_m - [0.0, 0.0, 0.12]
    world_wxyz = motion.world_orientations_wxyz
    raised_m, turned_wxyz = over_floor(body, root_m, world_wxyz, motion.contacts)
    before_m, after_m = (
        plates_height_m(bar_in_hands(body, *at))
        for at in ((root_m, world_wxyz), (raised_m, turned_wxyz))
    )
    feet_m = [end_joints(body.skeleton, *at)[:, :2] for at in ((root_m, world_wxyz),
                                                              (raised_m, turned_wxyz))]  # fmt: skip

    assert before_m.min() < -0.03
    assert after_m.min() == pytest.approx(0.0, abs=1e-9)
    assert feet_m[0] == pytest.approx(feet_m[1], abs=1e-9)
    high = before_m > 0.3
    assert high.any()
    assert (raised_m[high] == root_m[high]).all()
    higher_m = root_m + np.array([0.0, 0.0, 1.0])
    assert over_floor(body, higher_m, world_wxyz, motion.contacts)[1] is world_wxyz


def test_the_height_of_plates_is_that_of_the_mesh_that_is_drawn():
    _, plates = barbell(TALL_PLATE_M)
    tilt = 0.2
    T_world_bar = np.eye(4)
    T_world_bar[:3, :3] = [
        [np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]
    ]  # fmt: skip
    drawn_m = (plates.vertices_m @ T_world_bar[:3, :3].T)[:, 2].min()

    assert plates_height_m(T_world_bar[None])[0] == pytest.approx(drawn_m, abs=1e-3)
    assert plates_height_m(np.eye(4)[None])[0] == -TALL_PLATE_M
    assert plates.vertices_m[:, 0].max() == pytest.approx(PLATES_OUT_M)
