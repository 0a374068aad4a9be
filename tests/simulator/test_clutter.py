from dataclasses import replace

import numpy as np
import pytest

from simulator.cameras.camera import Camera, look_at
from simulator.clutter import (
    OUR_THINGS,
    Thing,
    furnished,
    other_person,
    sample_others,
    sample_things,
    thing_prop,
)
from simulator.config import parse_config
from simulator.plan import plan
from simulator.truth import measure_views

TARGET_M = np.array([0.0, 0.0, 0.95])
CAMERAS = [
    Camera("front", 320, 240, 300.0, look_at(TARGET_M - [0, 4.0, 0], TARGET_M)),
    Camera("side", 320, 240, 300.0, look_at(TARGET_M - [-4.0, 0, 0], TARGET_M)),
]
BASE = {"seed": 3, "exercises": ["squat"], "reps": 1, "body": "stick"}


def rng():
    return np.random.default_rng(0)


def test_things_stand_between_a_camera_and_the_person_and_touch_neither():
    for thing in sample_things(40, OUR_THINGS, CAMERAS, rng()):
        at_m = np.array(thing.at_m)
        off_axis = [np.abs(at_m[axis]) for axis in (0, 1)]

        assert np.linalg.norm(at_m) >= 1.4
        assert min(off_axis) < 0.3
        assert (-3 < at_m[1] < 0) if off_axis[0] < 0.3 else (0 < at_m[0] < 3)


@pytest.mark.parametrize("kind", OUR_THINGS)
def test_a_thing_stands_on_the_floor_where_it_was_put(kind):
    prop = thing_prop(Thing(kind, (1.0, -2.0), 0.5, (0.2, 0.3, 0.4)), 3)
    world_m = prop.vertices_m @ prop.T_world_prop[0, :3, :3].T + prop.T_world_prop[0, :3, 3]

    assert world_m[:, 2].min() == pytest.approx(0, abs=1e-6)
    middle_m = (world_m.min(axis=0) + world_m.max(axis=0)) / 2
    assert np.allclose(middle_m[:2], [1.0, -2.0], atol=1e-6)
    a, b, c = np.moveaxis(prop.vertices_m[prop.faces], 1, 0)
    outwards = np.einsum("fa,fa->f", np.cross(b - a, c - a), a + b + c)
    assert outwards.sum() > 0  # the volume that it holds


def test_others_keep_off_one_another_and_the_cameras():
    others = sample_others(4, "stick", CAMERAS, rng())
    places = [other.at_m for other in others] + [tuple(c.position_m[:2]) for c in CAMERAS]
    off_m = np.linalg.norm(np.subtract.outer(places, places)[:, [0, 1], :, [0, 1]], axis=0)

    assert (off_m[~np.eye(6, dtype=bool)] > 0.9).all()


def test_somebody_else_goes_on_for_the_whole_clip_and_never_jumps():
    other = sample_others(1, "stick", CAMERAS, rng())[0]
    person = other_person(other, "stick", 30.0, 400)
    joints_m = person.performance.joints_world_m

    assert len(joints_m) == 400
    assert np.linalg.norm(np.diff(joints_m, axis=0), axis=-1).max() < 0.25
    assert np.linalg.norm(joints_m[:, 0, :2] - other.at_m, axis=1).max() < 0.6


def test_what_was_drawn_is_in_the_scene_and_in_the_truth(make_scene):
    scene = make_scene(n_frames=4)
    things = sample_things(2, OUR_THINGS, CAMERAS, rng())
    others = sample_others(2, "stick", CAMERAS, rng())
    full = furnished(scene, things, others, "stick")
    views = measure_views(
        full.performance, CAMERAS, full.props, [p.performance for p in full.others]
    )

    assert [prop.name for prop in full.props] == [thing.kind for thing in things]
    for view, camera in zip(views, CAMERAS, strict=True):
        assert view.others_px.shape == (4, 2, 17, 2)
        for index, person in enumerate(full.others):
            points = person.performance
            world_m = points.body.keypoints_world_m(points.root_m, points.world_wxyz)["coco17"]
            expected_px, _ = camera.project(world_m)
            assert np.array_equal(view.others_px[:, index], expected_px, equal_nan=True)
        inside = (view.others_px >= 0) & (view.others_px < [320, 240])
        assert np.array_equal(view.others_visibility > 0, inside.all(axis=-1))


def test_somebody_before_the_person_hides_points_and_is_seen(make_scene):
    scene = make_scene(n_frames=2)
    nearer = replace(
        scene.performance, root_m=scene.performance.root_m + np.array([0.0, -1.0, 0.0])
    )
    (alone,) = measure_views(scene.performance, CAMERAS[:1])
    (view,) = measure_views(scene.performance, CAMERAS[:1], (), [nearer])

    assert (alone.visibility["coco17"] == 2).sum() > 20
    assert (view.visibility["coco17"] == 2).sum() < 12
    assert (view.others_visibility == 2).sum() > 20


def test_clutter_is_drawn_on_its_own_and_changes_nothing_else():
    bare = plan(parse_config(BASE, "x"), 0)
    full = plan(
        parse_config({**BASE, "render": {"things": 2, "others": 1, "sensor": True}}, "x"), 0
    )
    more = plan(parse_config({**BASE, "render": {"things": 3}}, "x"), 0)

    assert (len(full.things), len(full.others), len(full.sensors)) == (2, 1, len(full.cameras))
    assert more.things[:2] == full.things
    assert (bare.things, bare.others, bare.sensors) == ((), (), ())
    for name in ("looks", "body_values", "style"):
        assert getattr(bare, name) == getattr(full, name)
    assert plan(parse_config({**BASE, "render": {"rim": True}}, "x"), 0).looks == replace(
        bare.looks, rim_strength=pytest.approx(0.3, abs=0.2)
    )


def test_a_pattern_can_be_told_from_its_shirt_and_changes_nothing_else():
    hand_held = {**BASE, "cameras": {"named": ["front", "side"], "handheld": True}}
    bare = plan(parse_config(hand_held, "x"), 0)
    worn = plan(parse_config({**hand_held, "render": {"patterns": True}}, "x"), 0)
    pattern = worn.looks.pattern

    assert pattern is not None
    assert np.abs(np.subtract(pattern.rgb, bare.looks.part_rgb["shirt"])).max() > 0.2
    assert replace(worn.looks, pattern=None) == bare.looks
    for name in ("style", "shakes", "body_values"):
        assert getattr(worn, name) == getattr(bare, name)
