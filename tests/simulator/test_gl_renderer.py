import hashlib
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest
import trimesh
from scipy.spatial import ConvexHull

from simulator.bodies.body import BODY_PARTS
from simulator.bodies.stick import build_stick
from simulator.cameras.camera import Camera, look_at
from simulator.rendering.card import MEND
from simulator.rendering.framing import detail_m
from simulator.rendering.gl import GlRenderer, gl_renderer_name
from simulator.rendering.looks import box
from simulator.rendering.paint import paint_person
from simulator.rendering.scene import Prop

pytestmark = pytest.mark.gl

TARGET_M = np.array([0.0, 0.0, 0.95])
STRONG_LENS = (-0.2, 0.03, 0.02, -0.03, 0.01)


def camera(name="front", direction=(0, -3.5, 0.2), roll_rad=0.0, **changes):
    T_world_cam = look_at(TARGET_M + direction, TARGET_M, roll_rad)
    about = {"width_px": 320, "height_px": 240, "focal_px": 300.0, "T_world_cam": T_world_cam}
    return Camera(name, **{**about, **changes})


CAMERAS = {
    "front": camera(),
    "oblique": camera("oblique", (2.4, -2.4, 0.6), roll_rad=0.1, principal_px=(151.3, 130.8)),
    "bent": camera(
        "bent",
        (-2.6, -2.4, 0.3),
        distortion=STRONG_LENS,
        focal_px=250.0,
        principal_px=(230.0, 90.0),
    ),
    "close": camera("close", (0.4, -1.1, 0.5), width_px=240, height_px=320),
}


def rendered(scene, *cameras):
    return list(GlRenderer().render(scene, cameras))


def only_frame(scene, cam):
    (frame,) = rendered(scene, cam)[0]
    return frame


def ball(radius_m, subdivisions=4):
    """A body that is nothing but a ball about its pelvis."""
    stick = build_stick()
    mesh = trimesh.creation.icosphere(subdivisions=subdivisions, radius=radius_m)
    weights = np.zeros((len(mesh.vertices), 22))
    weights[:, 0] = 1
    return replace(
        stick,
        rest_vertices_m=mesh.vertices + stick.rest_joints_m[0],
        rest_normals=mesh.vertices / radius_m,
        faces=mesh.faces,
        face_parts=np.full(len(mesh.faces), BODY_PARTS.index("shirt")),
        skin_weights=weights,
        keypoints={},
    )


def standing_thing(centre_m, size_m, n_frames=2):
    mesh = box(size_m, (0, 0, 0))
    T_world_prop = np.tile(np.eye(4), (n_frames, 1, 1))
    T_world_prop[:, :3, 3] = centre_m
    return Prop("thing", mesh.vertices_m, mesh.faces, (0.9, 0.8, 0.1), T_world_prop)


def signed_distance_px(points_px, cam):
    """How far each pixel's centre lies outside the convex hull of image points. Shape (H, W)."""
    edges = ConvexHull(points_px).equations
    u, v = np.meshgrid(np.arange(cam.width_px) + 0.5, np.arange(cam.height_px) + 0.5)
    return (np.stack([u, v], axis=-1) @ edges[:, :2].T + edges[:, 2]).max(axis=-1)


def differing_px(mask, off_px):
    """The largest distance from the outline at which a mask is wrong."""
    return np.abs(off_px[mask != (off_px < 0)]).max(initial=0.0)


@pytest.mark.parametrize("name", CAMERAS)
def test_a_ball_covers_exactly_the_pixels_whose_centre_its_projection_holds(make_scene, name):
    cam = CAMERAS[name]
    scene = make_scene(body=ball(0.3))
    for frame_index, (frame,) in enumerate(rendered(scene, cam)):
        vertices_m = scene.performance.skin()[0][frame_index]
        off_px = signed_distance_px(cam.project(vertices_m)[0], cam)

        assert (off_px < 0).sum() > 800
        assert differing_px(frame.person, off_px) < 0.02


def test_leaving_out_what_is_smaller_than_a_pixel_keeps_the_outline(make_scene):
    cam = CAMERAS["front"]
    scene = make_scene(body=ball(0.3, subdivisions=6))
    drawn = paint_person(scene.performance.body, scene.looks.part_rgb).coarse(
        scene.performance.body.rest_vertices_m, detail_m(scene.performance, [cam])
    )
    off_px = signed_distance_px(cam.project(scene.performance.skin()[0][0])[0], cam)

    person = only_frame(scene, cam).person

    assert len(drawn) < 0.7 * len(scene.performance.body.faces)
    assert differing_px(person, off_px) < 0.1


@pytest.mark.parametrize("name", CAMERAS)
def test_a_person_covers_the_pixels_of_its_triangles(make_scene, name):
    cam = CAMERAS[name]
    scene = make_scene(arms="out", bend_rad=0.6)
    points_px, _ = cam.project(scene.performance.skin()[0][0])
    covered = np.zeros((cam.height_px, cam.width_px), dtype=bool)
    for triangle in points_px[scene.performance.body.faces]:
        covered |= inside_triangle(triangle, cam)

    person = only_frame(scene, cam).person

    assert covered.sum() > 1500
    assert (person != covered).sum() <= 0.002 * covered.sum()


def inside_triangle(corners_px, cam):
    inside = np.zeros((cam.height_px, cam.width_px), dtype=bool)
    (left, top), (right, bottom) = (
        np.clip(ends, 0, [cam.width_px, cam.height_px]).astype(int)
        for ends in (np.floor(corners_px.min(axis=0)), np.ceil(corners_px.max(axis=0)))
    )
    u, v = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
    sides = [
        (b[0] - a[0]) * (v - a[1]) - (b[1] - a[1]) * (u - a[0])
        for a, b in zip(corners_px, np.roll(corners_px, -1, axis=0), strict=True)
    ]
    inside[top:bottom, left:right] = np.abs(np.sign(sides).sum(axis=0)) == 3
    return inside


def test_picture_and_mask_lie_on_one_another(make_scene):
    """In light from all around a ball is of one colour along each row, so that how much of a pixel
    it covers can be read off the picture."""
    cam = CAMERAS["front"]
    all_round = replace(make_scene().looks, light_strength=0.0, wall_rgb=(0.0, 0.0, 0.0))
    scene = replace(make_scene(body=ball(0.3)), looks=all_round)
    frame = only_frame(scene, cam)
    rows = np.flatnonzero(frame.person.any(axis=1))[10:60]
    red = frame.rgb[rows, :, 0].astype(float)
    wall, full = red[:, :1], red[:, cam.width_px // 2 - 1 : cam.width_px // 2]
    share = np.clip((red - wall) / (full - wall), 0, 1)
    vertices_px, _ = cam.project(scene.performance.skin()[0][0])
    chords_px = np.array([chord(vertices_px, row + 0.5) for row in rows])
    middle = cam.width_px // 2
    edges_px = [middle - share[:, :middle].sum(axis=1), middle + share[:, middle:].sum(axis=1)]

    off_px = np.stack(edges_px, axis=1) - chords_px
    assert np.abs(off_px).max() < 0.5
    assert np.abs(off_px.mean(axis=0)).max() < 0.1
    assert abs(off_px.mean()) < 0.02  # a shift moves both ends alike


def chord(points_px, v_px):
    """Where the convex hull of image points begins and ends along one row."""
    hull = points_px[ConvexHull(points_px).vertices]
    a, b = hull, np.roll(hull, -1, axis=0)
    crosses = (a[:, 1] < v_px) != (b[:, 1] < v_px)
    share = (v_px - a[crosses, 1]) / (b[crosses, 1] - a[crosses, 1])
    return sorted(a[crosses, 0] + share * (b[crosses, 0] - a[crosses, 0]))


def test_a_thing_before_the_person_hides_it_and_one_behind_does_not(make_scene):
    cam = CAMERAS["front"]
    free = only_frame(make_scene(), cam).person
    behind = only_frame(make_scene(standing_thing((0, 0.8, 1.0), (0.5, 0.1, 0.4))), cam).person
    thing = standing_thing((0, -0.8, 1.0), (0.5, 0.1, 0.4))
    before = only_frame(make_scene(thing), cam).person
    off_px = signed_distance_px(cam.project(thing.vertices_m + np.array([0, -0.8, 1.0]))[0], cam)

    assert np.array_equal(behind, free)
    assert not before[off_px < -0.02].any()
    assert np.array_equal(before[off_px > 0.02], free[off_px > 0.02])
    assert before.sum() < free.sum()


@pytest.mark.parametrize("name", ["oblique", "bent"])
def test_the_floor_is_seen_through_the_same_lens(make_scene, name):
    """A black mat on a white floor: its four corners are known, its sides bend with the lens."""
    cam = CAMERAS[name]
    looks = replace(make_scene().looks, floor_rgb=(1.0, 1.0, 1.0), mat_rgb=(0.0, 0.0, 0.0))
    away = replace(make_scene().performance, root_m=np.tile([0.0, 0.0, 30.0], (2, 1)))
    rgb = only_frame(replace(make_scene(), looks=looks, performance=away), cam).rgb
    x, y = np.meshgrid(np.linspace(-1.4, 1.4, 57), np.linspace(-1.8, 1.8, 73))
    points_px, _ = cam.project(np.stack([x, y, np.zeros_like(x)], axis=-1))
    across_px, along_px = (
        np.linalg.norm(np.gradient(points_px, 0.05, axis=axis), axis=-1) for axis in (1, 0)
    )
    off_px = np.maximum((np.abs(x) - 0.6) * across_px, (np.abs(y) - 1.0) * along_px)
    clear = (points_px > 1).all(axis=-1) & (
        points_px < np.array([cam.width_px, cam.height_px]) - 1
    ).all(axis=-1)
    clear &= np.abs(off_px) > 1.5
    u, v = np.floor(points_px[clear]).astype(int).T

    is_black = rgb[v, u].max(axis=-1) < 60
    assert clear.sum() > 1000
    assert np.array_equal(is_black, off_px[clear] < 0)


def test_what_is_below_the_floor_is_hidden_by_it(make_scene):
    cam = camera("above", (0, -2.5, 1.5))
    scene = make_scene(body=ball(0.3))
    sunk = replace(scene.performance, root_m=np.zeros((2, 3)))
    vertices_m = sunk.skin()[0][0]
    edges = vertices_m[trimesh.Trimesh(vertices_m, sunk.body.faces).edges_unique]
    crossing = edges[edges[:, 0, 2] * edges[:, 1, 2] < 0]
    share = crossing[:, 0, 2] / (crossing[:, 0, 2] - crossing[:, 1, 2])
    waterline_m = crossing[:, 0] + share[:, None] * (crossing[:, 1] - crossing[:, 0])
    shown_m = np.concatenate([vertices_m[vertices_m[:, 2] >= 0], waterline_m])
    off_px = signed_distance_px(cam.project(shown_m)[0], cam)

    frame = only_frame(replace(scene, performance=sunk), cam)

    assert differing_px(frame.person, off_px) < 0.05


def test_the_floor_is_darker_in_the_persons_shadow(make_scene):
    cam = camera("above", (0, -2.5, 2.5))
    left, right = (
        replace(make_scene(), looks=replace(make_scene().looks, light_direction=(x, 0, 1.2)))
        for x in (1.0, -1.0)
    )
    chest_m = left.performance.joints_world_m[0, 9]
    falls_m = chest_m - np.array([1.0, 0, 1.2]) * chest_m[2] / 1.2
    u, v = np.floor(cam.project(falls_m)[0]).astype(int)

    in_shadow, in_light = (only_frame(scene, cam).rgb[v, u].astype(int) for scene in (left, right))

    assert (in_shadow < 0.85 * in_light).all()


def test_nothing_of_the_last_frame_or_camera_stays(make_scene):
    """Frames and cameras in another order give the same pictures."""
    scene = make_scene(standing_thing((0.7, 0, 0.3), (0.2, 0.2, 0.6)), arms="out")
    backwards = replace(scene.performance, root_m=scene.performance.root_m[::-1])
    cameras = [cam for cam in CAMERAS.values() if cam.width_px == 320]

    forth = rendered(scene, *cameras)
    back = rendered(replace(scene, performance=backwards), *cameras[::-1])

    assert len(cameras) == 3
    for frames, others in zip(forth, back[::-1], strict=True):
        for frame, other in zip(frames, others[::-1], strict=True):
            assert np.array_equal(frame.rgb, other.rgb)
            assert np.array_equal(frame.person, other.person)


def test_a_person_out_of_sight_leaves_the_room_empty(make_scene):
    scene = make_scene()
    behind, beside = (
        replace(scene, performance=replace(scene.performance, root_m=np.tile(at_m, (2, 1))))
        for at_m in ([0.0, -30.0, 1.0], [30.0, 0.0, 1.0])
    )
    frames = [only_frame(scene, CAMERAS["front"]) for scene in (behind, beside)]

    assert not frames[0].person.any()
    assert not frames[1].person.any()
    assert np.array_equal(frames[0].rgb, frames[1].rgb)


def digest(scene):
    pixels = hashlib.sha256()
    for frames in rendered(scene, *CAMERAS.values()):
        for frame in frames:
            pixels.update(frame.rgb.tobytes() + frame.person.tobytes())
    return pixels.hexdigest()


def test_the_same_scene_gives_the_same_bytes_here_and_in_another_process(make_scene):
    scene = make_scene(standing_thing((0.7, 0, 0.3), (0.2, 0.2, 0.6)), arms="out")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        elsewhere = pool.submit(digest, scene).result()

    assert digest(scene) == digest(scene)
    assert digest(scene) == elsewhere


def test_the_driver_has_a_name():
    assert gl_renderer_name()


def test_without_a_driver_the_line_that_mends_it_is_given(tmp_path):
    code = "from simulator.rendering.gl import GlRenderer; GlRenderer()"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "__EGL_VENDOR_LIBRARY_DIRS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("motions.errors.FormbenchError: no OpenGL 3.3 on EGL: ")
    assert last.endswith(MEND)
