from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.cameras.camera import Camera, look_at
from simulator.raycast import first_hits
from simulator.rendering.gl import GlRenderer
from simulator.rendering.looks import box
from simulator.rendering.passes import PASSES, check_passes, flow_px, normals_cam
from simulator.rendering.scene import Person, Prop
from simulator.rendering.stick import StickRenderer

TARGET_M = np.array([0.0, 0.0, 0.95])
STRAIGHT = Camera("front", 320, 240, 300.0, look_at(TARGET_M - [0, 3.2, -0.3], TARGET_M))
BENT = Camera(
    "bent", 320, 240, 250.0, look_at(TARGET_M + np.array([-2.4, -2.2, 0.3]), TARGET_M, 0.1),
    principal_px=(170.0, 110.0), distortion=(-0.03, 0.01, 0.002, -0.003, 0.0),
)  # fmt: skip
IN_HAND = replace(BENT, turns_rad=np.radians([[0, 0, 0], [0.3, -0.4, 0.5], [0.5, 0.1, -0.2]]))
cameras = pytest.mark.parametrize("cam", [STRAIGHT, BENT], ids=["straight", "bent"])


def thing(centre_m, shift_m=(0, 0, 0), n_frames=3):
    mesh = box((0.4, 0.2, 0.3), (0, 0, 0))
    T_world_prop = np.tile(np.eye(4), (n_frames, 1, 1))
    T_world_prop[:, :3, 3] = centre_m + np.arange(n_frames)[:, None] * np.array(shift_m)
    return Prop("thing", mesh.vertices_m, mesh.faces, (0.9, 0.8, 0.1), T_world_prop)


def drawn(scene, cam, passes=tuple(PASSES)):
    return [frame for (frame,) in GlRenderer().render(scene, [cam], passes)]


def rays(cam):
    """What each pixel's centre looks along, a point a metre ahead, in camera axes. (H * W, 3)."""
    u, v = np.meshgrid(np.arange(cam.width_px) + 0.5, np.arange(cam.height_px) + 0.5)
    at = np.stack([u, v], axis=-1).reshape(-1, 2)
    ideal = replace(cam, T_world_cam=np.eye(4))
    plane = (at - cam.principal_px) / cam.focal_px
    for _ in range(40):  # the lens undone by its own forward map
        points = np.concatenate([plane, np.ones((len(plane), 1))], axis=1)
        plane = plane + (at - ideal.project(points)[0]) / cam.focal_px
    return np.concatenate([plane, np.ones((len(plane), 1))], axis=1)


def hits(scene, cam, frame=0):
    """The first face of the skin on each pixel's ray, and how deep it is hit. (H, W) each."""
    seen = cam.to_camera(scene.performance.skin()[0][frame].astype(float))
    faces, weights, depth_m = first_hits(
        seen, scene.performance.body.faces, 50.0 * rays(cam), False
    )
    clear = (weights.min(axis=1) > 0.02) & (faces >= 0)
    shape = (cam.height_px, cam.width_px)
    return faces.reshape(shape), depth_m.reshape(shape), clear.reshape(shape)


@pytest.mark.gl
@cameras
def test_picture_and_masks_are_the_same_with_and_without_passes(make_scene, cam):
    scene = make_scene(thing((0, -0.7, 1.0)), arms="out", bend_rad=0.5, n_frames=3)
    for bare, full in zip(drawn(scene, cam, ()), drawn(scene, cam), strict=True):
        assert np.array_equal(bare.rgb, full.rgb)
        assert np.array_equal(bare.person, full.person)
        assert np.array_equal(bare.whole, full.whole)
        assert bare.passes == {}
        assert list(full.passes) == list(PASSES)
        for name, pixels in full.passes.items():
            channels = (3,) if PASSES[name].channels == 3 else ()
            assert (pixels.shape, pixels.dtype) == ((240, 320, *channels), PASSES[name].dtype)


@pytest.mark.gl
@cameras
def test_depth_is_where_rays_meet_the_skin(make_scene, cam):
    scene = make_scene(arms="out", bend_rad=0.5)
    _, depth_m, clear = hits(scene, cam)

    depth_mm = drawn(scene, cam)[0].passes["depth"]

    assert clear.sum() > 1500
    assert np.abs(depth_mm[clear] - 1000 * depth_m[clear]).max() <= 1


@pytest.mark.gl
@cameras
def test_the_floor_has_its_depth_and_looks_up(make_scene, cam):
    found = drawn(make_scene(), cam)[0].passes
    down = (rays(cam) @ cam.T_world_cam[:3, :3].T).reshape(240, 320, 3)[..., 2]
    depth_mm = 1000 * cam.position_m[2] / np.where(down < 0, -down, np.nan)
    floor = (found["instances"] == 0) & (depth_mm < 4000)

    assert floor.sum() > 3000
    assert np.abs(found["depth"][floor] - depth_mm[floor]).max() <= 1
    up = normals_cam(found["normals"])[floor] @ cam.T_world_cam[:3, :3].T
    np.testing.assert_allclose(up, np.tile([0, 0, 1], (len(up), 1)), atol=1e-4)


@pytest.mark.gl
def test_the_normals_of_a_box_are_those_of_its_sides(make_scene):
    found = drawn(make_scene(thing((0.9, -0.2, 0.6))), STRAIGHT)[0].passes
    normals = (
        normals_cam(found["normals"])[found["instances"] == 1] @ STRAIGHT.T_world_cam[:3, :3].T
    )
    sides = np.abs(normals).argmax(axis=1)

    assert len(normals) > 500
    np.testing.assert_allclose(np.abs(normals).max(axis=1), 1, atol=1e-4)
    signs = np.sign(normals[np.arange(len(sides)), sides])
    # The sides towards the middle of the picture, towards the camera and, a little, the top.
    assert {*zip(sides.tolist(), signs.tolist(), strict=True)} == {(0, -1.0), (1, -1.0), (2, 1.0)}


@pytest.mark.gl
@cameras
def test_parts_are_the_joints_that_carry_the_skin_most(make_scene, cam):
    scene = make_scene(arms="out", bend_rad=0.5)
    faces, _, clear = hits(scene, cam)
    body = scene.performance.body
    carriers = 1 + body.skin_weights.argmax(axis=1)[body.faces[faces[clear]]]

    parts = drawn(scene, cam)[0].passes["parts"][clear]

    assert (parts[:, None] == carriers).any(axis=1).all()
    assert len(np.unique(parts)) >= 15


@pytest.mark.gl
def test_what_hides_the_person_leaves_the_whole_as_it_was(make_scene):
    free = drawn(make_scene(), STRAIGHT)[0]
    hidden = drawn(make_scene(thing((0, -0.7, 1.0))), STRAIGHT)[0]
    parts, whole_parts = hidden.passes["parts"], hidden.passes["whole_parts"]

    assert np.array_equal(whole_parts, free.passes["whole_parts"])
    assert np.array_equal(free.passes["parts"], free.passes["whole_parts"])
    assert np.array_equal(parts, np.where(hidden.passes["instances"] == 2, whole_parts, 0))
    assert np.array_equal(hidden.person, parts > 0)
    assert np.array_equal(hidden.whole, whole_parts > 0)
    assert 0.3 * hidden.whole.sum() < hidden.person.sum() < 0.9 * hidden.whole.sum()


@pytest.mark.gl
def test_another_person_has_an_identity_and_hides_the_first(make_scene):
    alone = make_scene(arms="down")
    shift_m = np.array([0.15, -1.0, 0.0])
    nearer = replace(alone.performance, root_m=alone.performance.root_m + shift_m)
    scene = replace(alone, others=(Person(nearer, alone.looks.part_rgb),))
    free, found = drawn(alone, STRAIGHT)[0], drawn(scene, STRAIGHT)[0]
    shown = drawn(replace(alone, performance=nearer), STRAIGHT)[0].person

    assert np.array_equal(found.passes["instances"] == 3, shown)
    assert np.array_equal(found.person, free.person & ~shown)
    assert np.array_equal(found.whole, free.person)


@pytest.mark.gl
@pytest.mark.parametrize("cam", [STRAIGHT, BENT, IN_HAND], ids=["straight", "bent", "in hand"])
def test_flow_takes_vertices_to_where_they_are_in_the_next_frame_and_the_one_before(
    make_scene, cam
):
    """At the pixels next to each vertex that is seen, to a tenth of a pixel."""
    scene = make_scene(arms="out", bend_rad=0.3, n_frames=3)
    root_m = scene.performance.root_m + np.arange(3)[:, None] * [0.02, 0.01, 0.015]
    scene = replace(scene, performance=replace(scene.performance, root_m=root_m))
    skin_m = scene.performance.skin()[0].astype(float)
    before_px, now_px, after_px = (cam.at(i).project(skin_m[i])[0] for i in range(3))
    found = drawn(scene, cam)[1].passes
    u, v = np.floor(now_px).astype(int).T
    depth_mm = 1000 * cam.at(1).to_camera(skin_m[1])[:, 2]
    used = np.isin(np.arange(len(u)), scene.performance.body.faces)
    seen = used & (found["parts"][v, u] > 0) & (np.abs(found["depth"][v, u] - depth_mm) < 8)

    assert seen.sum() > 50
    for name, then_px in (("flow", after_px), ("flow_back", before_px)):
        off_px = flow_px(found[name])[v, u] - (then_px - now_px)
        assert np.abs(then_px - now_px)[seen].max() > 1
        assert np.linalg.norm(off_px[seen], axis=1).max() < 0.1


@pytest.mark.gl
def test_flow_of_a_moving_thing_and_of_the_room(make_scene):
    moving = thing((0.9, 0.0, 1.0), shift_m=(0.0, 0.0, 0.05))
    first, middle, last = (f.passes for f in drawn(make_scene(moving, n_frames=3), STRAIGHT))
    box_px, room = middle["instances"] == 1, middle["instances"] == 0
    forth, back = (flow_px(middle[name]) for name in ("flow", "flow_back"))

    assert (forth[box_px][:, 1] < -3).all()
    np.testing.assert_allclose(forth[box_px], -back[box_px], atol=0.35)  # it comes no nearer
    assert (forth[room] == 0).all()
    assert (back[room] == 0).all()
    assert np.isnan(flow_px(last["flow"])).all()
    assert np.isnan(flow_px(first["flow_back"])).all()
    assert np.isfinite(flow_px(first["flow"])).all()


@pytest.mark.gl
def test_a_camera_in_a_hand_draws_each_frame_as_one_that_stands_there_would(make_scene):
    scene = make_scene(thing((0, -0.7, 1.0)), arms="out", bend_rad=0.5, n_frames=3)
    still = ("depth", "normals", "instances", "parts", "whole_parts")
    in_hand = drawn(scene, IN_HAND, still)
    for index, frame in enumerate(in_hand):
        stands = drawn(scene, IN_HAND.at(index), still)[index]
        assert np.array_equal(frame.rgb, stands.rgb)
        assert np.array_equal(frame.whole, stands.whole)
        for name in still:
            assert np.array_equal(frame.passes[name], stands.passes[name])
    assert not np.array_equal(in_hand[0].rgb, in_hand[1].rgb)


@pytest.mark.gl
def test_the_room_flows_as_a_camera_in_a_hand_turns(make_scene):
    found = drawn(make_scene(n_frames=3), IN_HAND)[1].passes
    ahead = rays(IN_HAND.at(1)) @ IN_HAND.at(1).R_world_cam.T + IN_HAND.position_m
    now_px, after_px, before_px = (IN_HAND.at(i).project(ahead)[0] for i in (1, 2, 0))
    room = (found["instances"] == 0).ravel()

    for name, then_px in (("flow", after_px), ("flow_back", before_px)):
        off_px = flow_px(found[name]).reshape(-1, 2) - (then_px - now_px)
        assert np.abs(off_px[room]).max() < 1 / 64
        assert np.abs(then_px - now_px)[room].max() > 1


def test_codes_are_undone():
    coded = np.array([[32768 + 64, 32768 - 96, 1], [0, 0, 0]], dtype=np.uint16)
    np.testing.assert_array_equal(flow_px(coded), [[1.0, -1.5], [np.nan, np.nan]])
    coded = np.array([[65535, 32768, 1], [0, 0, 0]], dtype=np.uint16)
    np.testing.assert_array_equal(normals_cam(coded), [[1.0, 0.0, -1.0], [np.nan] * 3])


def test_unknown_passes_and_those_a_renderer_lacks_are_refused(make_scene):
    with pytest.raises(FormbenchError, match=r"pass: no 'depht'\. Did you mean 'depth'"):
        check_passes(["depht"])
    with pytest.raises(FormbenchError, match="pass depth: this renderer draws none"):
        next(StickRenderer().render(make_scene(), [STRAIGHT], ["depth"]))
