from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from scoring.poses import from_clip
from scoring.triangulation import triangulate
from simulator.cameras.camera import Camera, look_at


def views_of(clip, names=("front", "side", "back")):
    return [(clip.view(name).camera, from_clip(clip, name, "coco17")) for name in names]


@pytest.fixture
def clip(make_clip):
    return make_clip(n_cameras=3)


@pytest.mark.parametrize("names", [("front", "side"), ("front", "side", "back")])
def test_what_cameras_see_exactly_is_put_where_it_is(clip, names):
    found = triangulate(views_of(clip, names))

    np.testing.assert_allclose(found.keypoints, clip.keypoints_world_m["coco17"], atol=1e-6)
    assert (found.unit, found.source, found.fps) == ("m", "triangulated truth", clip.fps)
    assert (found.confidence == 1).all()


def test_lens_distortion_is_taken_off(clip):
    rng = np.random.default_rng(0)
    points_m = rng.uniform(-1, 1, size=(4, 17, 3))
    views = []
    for k1, place_m in ((-0.04, (3, -2, 1.5)), (0.03, (-3, -2, 1.0))):
        lens = (k1, 0.01, 0.002, -0.001, 0.0)
        camera = Camera(
            "c", 640, 480, 450.0, look_at(np.array(place_m), np.zeros(3)), (310.0, 250.0), lens
        )
        points_px = camera.project(points_m)[0]
        seen = replace(
            from_clip(clip, "front", "coco17"), keypoints=points_px, confidence=np.ones((4, 17))
        )
        views.append((camera, seen))

    np.testing.assert_allclose(triangulate(views).keypoints, points_m, atol=1e-6)


def test_a_camera_in_a_hand_is_followed(clip):
    turns_rad = np.random.default_rng(0).normal(0, 0.02, size=(clip.n_frames, 3))
    truth = clip.keypoints_world_m["coco17"]
    views = []
    for camera, seen in views_of(clip, ("front", "side")):
        moving = replace(camera, turns_rad=turns_rad)
        views.append((moving, replace(seen, keypoints=moving.project(truth)[0])))

    np.testing.assert_allclose(triangulate(views).keypoints, truth, atol=1e-6)


def test_a_camera_that_is_not_sure_counts_less(clip):
    (front, a), (side, b), (back, c) = views_of(clip)
    off = replace(c, keypoints=c.keypoints + 20.0)
    truth = clip.keypoints_world_m["coco17"]

    def error_m(confidence):
        doubted = replace(off, confidence=confidence * np.ones_like(off.confidence))
        found = triangulate([(front, a), (side, b), (back, doubted)])
        return np.linalg.norm(found.keypoints - truth, axis=-1).mean()

    assert error_m(0.01) < 2e-3 < error_m(0.3) < error_m(1.0)


def test_a_point_that_only_one_camera_sees_is_missing(clip):
    (front, a), (side, b) = views_of(clip, ("front", "side"))
    points, confidence = b.keypoints.copy(), b.confidence.copy()
    points[3, 5], confidence[3, 5] = np.nan, 0
    confidence[4, 6] = 0.25

    found = triangulate([(front, a), (side, replace(b, keypoints=points, confidence=confidence))])

    assert found.missing.sum() == 1 and found.missing[3, 5]
    assert found.confidence[4, 6] == 0.25


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda views: views[:1], "got 1 of"),
        (lambda views: [views[0], (views[1][0], replace(views[1][1], fps=30.0))], "same number"),
        (lambda views: [(c, replace(s, unit="torso")) for c, s in views], "in pixels"),
    ],
)
def test_views_that_do_not_go_together_are_refused(clip, spoil, message):
    with pytest.raises(FormbenchError, match=message):
        triangulate(spoil(views_of(clip, ("front", "side"))))
