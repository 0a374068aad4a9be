from dataclasses import replace

import cv2
import numpy as np
import pytest
import trimesh

from motions.conventions import COCO_17, CONVENTIONS
from motions.skeleton import SMPL22
from simulator.bodies.stick import build_stick
from simulator.cameras.camera import Camera, look_at
from simulator.rendering.scene import Prop
from simulator.truth import measure_views, reaches_m

TARGET_M = np.array([0.0, 0.0, 0.9])
LENS = (-0.05, 0.01, 0.002, -0.001, 0.0)


def camera(towards=(0.0, -1.0, 0.0), distance_m=3.0, **how) -> Camera:
    position_m = TARGET_M + distance_m * np.array(towards)
    return Camera("camera", 640, 480, 500.0, look_at(position_m, TARGET_M), **how)


@pytest.fixture(scope="module")
def anny_body():
    from simulator.bodies.anny import build_anny

    return build_anny(gender=0.3, age=0.7, stature_m=1.75, weight=0.6, muscle=0.5, proportions=0.3)


def box(centre_m, size_m, n_frames=2) -> Prop:
    mesh = trimesh.creation.box(size_m, trimesh.transformations.translation_matrix(centre_m))
    stay = np.tile(np.eye(4), (n_frames, 1, 1))
    return Prop("box", mesh.vertices, mesh.faces, (0.5, 0.5, 0.5), stay)


def seen(view, frame=0, convention="coco17") -> dict[str, int]:
    names = CONVENTIONS[convention].keypoint_names
    return dict(zip(names, view.visibility[convention][frame].tolist(), strict=True))


def with_opencv(cam: Camera, points_m: np.ndarray) -> np.ndarray:
    T_cam_world = np.linalg.inv(cam.T_world_cam)
    turn, _ = cv2.Rodrigues(T_cam_world[:3, :3])
    px, _ = cv2.projectPoints(
        points_m.reshape(-1, 3), turn, T_cam_world[:3, 3], cam.K, np.array(cam.distortion)
    )
    return px.reshape(*points_m.shape[:-1], 2)


@pytest.mark.parametrize("distortion", [(0.0,) * 5, LENS])
def test_image_points_are_the_joints_through_opencv(make_scene, distortion):
    performance = make_scene(bend_rad=0.7).performance
    cam = camera((0.6, -0.7, 0.3), distortion=distortion, principal_px=(300.0, 250.0))
    (view,) = measure_views(performance, [cam])
    world_m = performance.body.keypoints_world_m(performance.root_m, performance.world_wxyz)

    assert view.keypoints_px.keys() == world_m.keys() == view.visibility.keys()
    np.testing.assert_array_equal(world_m["smpl22"], performance.joints_world_m)
    for name, points_px in view.keypoints_px.items():
        np.testing.assert_allclose(points_px, with_opencv(cam, world_m[name]), atol=0.01, rtol=0)


def test_the_box_is_that_of_all_skin_clipped_to_the_image(make_scene):
    performance = make_scene(arms="out").performance
    far, near = camera((0.7, -0.7, 0.1)), camera(distance_m=0.9)
    views = measure_views(performance, [far, near])
    vertices_m = performance.skin()[0][:, np.unique(performance.body.faces)]
    px = with_opencv(far, vertices_m.astype(np.float64))

    np.testing.assert_allclose(views[0].box_px[:, :2], px.min(axis=1), atol=0.01)
    np.testing.assert_allclose(views[0].box_px[:, 2:], px.max(axis=1), atol=0.01)
    np.testing.assert_array_equal(views[1].box_px, [[0, 0, 640, 480]] * 2)


def test_the_image_is_half_open_and_what_lies_behind_is_outside(make_scene):
    performance = make_scene(n_frames=1).performance
    nose_m = performance.body.keypoints_world_m(performance.root_m, performance.world_wxyz)[
        "coco17"
    ][0, 0]
    before_m = nose_m - [0, 2, 0]
    ahead = look_at(before_m, nose_m)
    corners = [(0.0, 0.0), (639.99, 479.99), (640.0, 240.0), (320.0, 480.0), (-0.01, 240.0)]
    cameras = [Camera("edge", 640, 480, 500.0, ahead, principal_px=at) for at in corners]
    cameras.append(Camera("away", 640, 480, 500.0, look_at(before_m, before_m - [0, 1, 0])))
    views = measure_views(performance, cameras)

    assert [seen(view)["nose"] for view in views] == [2, 2, 0, 0, 0, 0]
    assert [tuple(view.keypoints_px["coco17"][0, 0]) for view in views[:5]] == corners
    assert np.isnan(views[5].keypoints_px["coco17"]).all()
    np.testing.assert_array_equal(views[5].box_px, np.zeros((1, 4)))


def test_a_near_limb_is_visible_and_the_far_one_hidden(make_scene):
    views = measure_views(
        make_scene(arms="down").performance, [camera(), camera((1.0, 0, 0)), camera((-1.0, 0, 0))]
    )
    front, left, right = (seen(view) for view in views)
    pairs = ("shoulder", "elbow", "wrist", "knee")

    assert {front[f"{side}_{p}"] for side in ("left", "right") for p in pairs} == {2}
    assert [(left[f"left_{p}"], left[f"right_{p}"]) for p in pairs] == [(2, 1)] * 4
    assert [(right[f"left_{p}"], right[f"right_{p}"]) for p in pairs] == [(1, 2)] * 4


def test_a_prop_hides_what_it_stands_before_and_nothing_else(make_scene):
    scene = make_scene(arms="out")
    knee_m = scene.performance.joints_world_m[0, SMPL22.index("left_knee")]
    free = measure_views(scene.performance, [camera()])[0]
    # Half way from the camera to the knee; 10 cm there hide 20 cm at the knee.
    half_way_m = (camera().position_m + knee_m) / 2
    plate = box(half_way_m, (0.10, 0.02, 0.10))
    wall_before, wall_behind = box((0, -1.0, 1.0), (4, 0.1, 4)), box((0, 1.0, 1.0), (4, 0.1, 4))

    hidden = measure_views(scene.performance, [camera()], [plate])[0]
    changed = free.visibility["coco17"] != hidden.visibility["coco17"]
    assert {COCO_17.keypoint_names[k] for _, k in np.argwhere(changed)} == {"left_knee"}
    assert seen(hidden)["left_knee"] == 1
    behind = measure_views(scene.performance, [camera()], [wall_behind, wall_behind])[0]
    np.testing.assert_array_equal(behind.visibility["coco17"], free.visibility["coco17"])
    before = measure_views(scene.performance, [camera()], [wall_behind, wall_before])[0]
    assert (before.visibility["coco17"] == 1).all()


def test_a_prop_is_where_its_transform_takes_it_at_each_frame(make_scene):
    wall = box((0, 0, 0), (4, 0.1, 4))
    T_world_prop = np.tile(np.eye(4), (2, 1, 1))
    T_world_prop[:, :3, 3] = [(0, 1.0, 1.0), (0, -1.0, 1.0)]
    moved = replace(wall, T_world_prop=T_world_prop)
    (view,) = measure_views(make_scene().performance, [camera()], [moved])

    assert (seen(view, 0)["nose"], seen(view, 1)["nose"]) == (2, 1)


def test_a_prop_that_reaches_behind_the_camera_still_hides(make_scene):
    # A plank beside the camera that starts behind it and ends before the person's left side.
    plank = box((0.25, -2.5, 0.9), (0.2, 3.0, 3.0))
    (view,) = measure_views(make_scene(arms="out").performance, [camera()], [plank])

    assert (seen(view)["left_wrist"], seen(view)["right_wrist"]) == (1, 2)


def test_frames_do_not_depend_on_how_many_there_are(make_scene):
    cam = camera((0.7, -0.7, 0.1))
    (long,) = measure_views(make_scene(n_frames=40).performance, [cam])
    (short,) = measure_views(make_scene(n_frames=5).performance, [cam])

    assert np.array_equal(long.visibility["mediapipe33"][:5], short.visibility["mediapipe33"])
    assert np.array_equal(long.keypoints_px["mediapipe33"][:5], short.keypoints_px["mediapipe33"])
    assert np.array_equal(long.box_px[:5], short.box_px)
    assert len(np.unique(long.box_px[:, 1])) == 40


def test_the_reach_of_a_point_grows_with_the_limb_it_lies_in():
    small, tall = (reaches_m(build_stick(stature_m=s))["smpl22"] for s in (1.0, 2.0))

    np.testing.assert_allclose(tall - 0.01, 2 * (small - 0.01), atol=1e-6)


@pytest.mark.anny
def test_anny_shows_and_hides_what_a_person_would(make_scene, anny_body):
    sides = [(0, -1.0, 0), (1.0, 0, 0), (0, 1.0, 0)]
    views = measure_views(
        make_scene(body=anny_body, arms="out").performance, [camera(side) for side in sides]
    )
    front, left, back = (seen(view) for view in views)
    face = {"nose", "left_eye", "right_eye"}

    assert set(front.values()) == {2}
    assert {name for name, v in back.items() if v == 1} >= face
    assert {v for name, v in back.items() if name not in face and "ear" not in name} == {2}
    assert {v for name, v in left.items() if name.startswith("right_")} == {1}
    assert {left[f"left_{name}"] for name in ("eye", "ear", "hip", "knee", "ankle")} == {2}
    assert left["left_wrist"] == 1, "the hand points at the camera"


@pytest.mark.anny
@pytest.mark.parametrize("bend_rad", [0.0, 0.9])
def test_anny_agrees_with_ray_casting_by_embree(make_scene, anny_body, bend_rad):
    """Equal but for points whose skin lies within 1 mm of their reach, or of the point itself."""
    bar = box((0.0, -0.35, 0.9), (1.5, 0.03, 0.03))
    performance = make_scene(body=anny_body, bend_rad=bend_rad, arms="down").performance
    cameras = [
        camera(side) for side in ((0, -1.0, 0.2), (0.8, -0.6, 0.1), (1.0, 0.1, 0), (0, 1, 0))
    ]
    views = measure_views(performance, cameras, [bar])
    skin_m = performance.skin()[0][0]
    mesh = trimesh.Trimesh(
        np.concatenate([skin_m, bar.vertices_m]),
        np.concatenate([anny_body.faces, bar.faces + len(skin_m)]),
        process=False,
    )
    assert type(mesh.ray).__module__ == "trimesh.ray.ray_pyembree"
    rest = anny_body.rest_keypoints_m
    reach = reaches_m(anny_body)
    world = anny_body.keypoints_world_m(performance.root_m, performance.world_wxyz)
    n_compared, n_hidden = 0, 0
    for cam, view in zip(cameras, views, strict=True):
        for name, points_m in world.items():
            for k, point_m in enumerate(points_m[0]):
                before_m, away_m = _first_surface(mesh, anny_body, cam, point_m, rest[name][k])
                if min(abs(before_m), abs(away_m - reach[name][k])) > 0.001:
                    visible = before_m < 0 or away_m < reach[name][k]
                    assert view.visibility[name][0, k] == (2 if visible else 1), (name, k)
                    n_compared += 1
                    n_hidden += not visible

    assert n_compared > 600
    assert n_hidden > 150


def _first_surface(mesh, body, cam, point_m, rest_m) -> tuple[float, float]:
    """Return how far before the point the first surface is, and how far from it at rest."""
    ray = point_m - cam.position_m
    where, _, face = mesh.ray.intersects_location([cam.position_m], [ray], multiple_hits=False)
    if not len(where):
        return -np.inf, np.inf
    before_m = np.linalg.norm(ray) - np.linalg.norm(where[0] - cam.position_m)
    if face[0] >= len(body.faces):
        return before_m, np.inf
    corners = body.faces[face[0]]
    weights = trimesh.triangles.points_to_barycentric(mesh.vertices[corners][None], where)[0]
    return before_m, np.linalg.norm(weights @ body.rest_vertices_m[corners] - rest_m)


@pytest.mark.gl
@pytest.mark.anny
def test_the_pixels_say_the_same_as_the_truth(make_scene, anny_body):
    """Drawn by another code path: the mask fills the box, and what is visible lies on the mask."""
    from simulator.rendering.gl import GlRenderer

    scene = make_scene(body=anny_body, bend_rad=0.5, arms="out")
    cameras = [camera((0.1, -1.0, 0.2)), camera((0.8, -0.6, 0.1)), camera((0.0, 1.0, 0.1))]
    views = measure_views(scene.performance, cameras)
    for frame, pictures in enumerate(GlRenderer().render(scene, cameras)):
        for picture, view in zip(pictures, views, strict=True):
            rows, columns = np.nonzero(picture.person)
            drawn_px = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            near = cv2.dilate(picture.person.astype(np.uint8), np.ones((3, 3)))
            seen_px = view.keypoints_px["coco17"][frame][view.visibility["coco17"][frame] == 2]

            np.testing.assert_allclose(drawn_px, view.box_px[frame], atol=1.0)
            assert len(seen_px) >= 9
            assert near[tuple(seen_px.astype(int).T[::-1])].all()
