import colorsys

import numpy as np
import pytest
import trimesh

from motions.errors import FormbenchError
from simulator.bodies.body import BODY_PARTS
from simulator.held import TALL_PLATE_M
from simulator.rendering.looks import (
    BAR_RADIUS_M,
    _hsv,
    barbell,
    bench,
    box,
    cylinder,
    joined,
    pullup_bar,
    sample_looks,
)
from simulator.rendering.scene import FLOORS, Looks

THINGS = {
    "cylinder": cylinder(0.1, 0.5),
    "upright cylinder": cylinder(0.1, 0.5, axis=2, centre_m=(1.0, 2.0, 3.0)),
    "box": box((0.1, 0.2, 0.3), (1.0, 2.0, 3.0)),
    "bar": barbell(TALL_PLATE_M)[0],
    "plates": barbell(TALL_PLATE_M)[1],
    "bench": bench((1.2, 0.3), 0.45)[0],
    "bench stand": bench((1.2, 0.3), 0.45)[1],
    "pull-up bar": pullup_bar(2.2)[0],
    "pull-up stand": pullup_bar(2.2)[1],
}


@pytest.mark.parametrize("name", THINGS)
def test_things_are_closed_and_their_faces_look_outwards(name):
    solid = trimesh.Trimesh(*THINGS[name], process=True)

    assert solid.is_watertight
    assert solid.is_winding_consistent
    assert all(part.volume > 0 for part in solid.split())


def test_a_cylinder_has_its_size_and_its_place():
    vertices_m, _ = cylinder(0.1, 0.5, axis=2, centre_m=(1.0, 2.0, 3.0), n_sides=400)
    solid = trimesh.Trimesh(*cylinder(0.1, 0.5, n_sides=400))

    assert vertices_m.min(axis=0) == pytest.approx([0.9, 1.9, 2.75], abs=1e-12)
    assert vertices_m.max(axis=0) == pytest.approx([1.1, 2.1, 3.25], abs=1e-12)
    assert solid.volume == pytest.approx(np.pi * 0.1**2 * 0.5, rel=1e-4)


def test_a_box_has_its_size_and_its_place():
    assert trimesh.Trimesh(*THINGS["box"]).bounds == pytest.approx(
        np.array([[0.95, 1.9, 2.85], [1.05, 2.1, 3.15]]), abs=1e-12
    )
    assert trimesh.Trimesh(*THINGS["box"]).volume == pytest.approx(0.006, rel=1e-12)


def test_joining_keeps_every_face():
    one, two = THINGS["cylinder"], THINGS["box"]
    both = trimesh.Trimesh(*joined(one, two))

    assert both.volume == pytest.approx(trimesh.Trimesh(*one).volume + 0.006, rel=1e-9)


def test_the_barbell_is_a_standard_one_and_rolls_about_its_grip():
    bar, plates = (trimesh.Trimesh(*mesh) for mesh in barbell(TALL_PLATE_M))

    assert bar.extents[0] == pytest.approx(2.2, abs=1e-9)
    assert plates.extents[1:] == pytest.approx([2 * TALL_PLATE_M] * 2, abs=1e-3)
    assert bar.bounds.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-9)
    assert plates.bounds.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-9)


def test_the_pull_up_bar_stands_on_the_floor_behind_the_person():
    bar, stand = (trimesh.Trimesh(*mesh) for mesh in pullup_bar(2.25))

    assert stand.bounds[0, 2] == pytest.approx(-2.25, abs=1e-9)
    assert bar.bounds[:, 1:] == pytest.approx(BAR_RADIUS_M * np.array([[-1, -1], [1, 1]]), abs=1e-3)
    posts = stand.vertices[stand.vertices[:, 2] < -0.1]
    assert posts[:, 1].min() > 0.1


def test_looks_are_valid_and_cover_every_floor():
    looks = [sample_looks(np.random.default_rng([0, i])) for i in range(60)]
    colours = np.array([[look.part_rgb[part] for part in BODY_PARTS] for look in looks])

    assert colours.min() >= 0
    assert colours.max() <= 1
    assert {look.floor for look in looks} == set(FLOORS)
    assert {look.mat_rgb is None for look in looks} == {True, False}
    assert all(look.light_direction[2] > 0.7 and look.light_direction[1] < 0 for look in looks)


def test_skin_spans_light_to_dark_and_is_always_warm():
    skin = np.array(
        [sample_looks(np.random.default_rng([1, i])).part_rgb["skin"] for i in range(200)]
    )

    assert (np.diff(skin, axis=1) < 0).all()  # red over green over blue
    assert skin[:, 0].min() < 0.4
    assert skin[:, 0].max() > 0.9


def test_the_same_seed_gives_the_same_looks():
    assert sample_looks(np.random.default_rng(0)) == sample_looks(np.random.default_rng(0))
    assert sample_looks(np.random.default_rng(0)) != sample_looks(np.random.default_rng(1))


def test_hues_agree_with_the_standard_library():
    rng = np.random.default_rng(0)
    for _ in range(100):
        h, s, v = rng.uniform(size=3)

        assert _hsv(h, s, v) == pytest.approx(colorsys.hsv_to_rgb(h, s, v), abs=1e-12)


def test_an_unknown_floor_is_answered_with_the_nearest():
    looks = sample_looks(np.random.default_rng(0))
    with pytest.raises(FormbenchError, match=r"floor: no 'plank'\. Did you mean 'planks'"):
        Looks(
            looks.part_rgb,
            looks.floor_rgb,
            looks.wall_rgb,
            looks.light_direction,
            looks.light_strength,
            floor="plank",
        )
