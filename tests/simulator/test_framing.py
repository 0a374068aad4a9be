import numpy as np
import pytest

from simulator.cameras.camera import Camera, look_at
from simulator.rendering.framing import (
    Box,
    Region,
    box_of,
    grown,
    region_of,
    room_about,
    shadow_of_box,
)

LENSES = [(0.0, 0, 0, 0, 0), (-0.25, 0.05, 0.004, -0.006, 0.0), (0.12, 0.02, -0.003, 0.002, 0.01)]


def camera(position_m=(0, -3, 1.2), **changes):
    T_world_cam = look_at(np.array(position_m, dtype=float), np.array([0.1, 0, 0.9]), 0.2)
    about = {"width_px": 640, "height_px": 480, "focal_px": 450.0, "T_world_cam": T_world_cam}
    return Camera("test", **{**about, **changes})


@pytest.mark.parametrize("lens", LENSES)
def test_a_region_holds_the_image_of_every_point_of_its_boxes(lens):
    rng = np.random.default_rng(0)
    cam = camera(distortion=lens)
    for _ in range(200):
        low_m = rng.uniform(-1.2, 0.8, 3)
        box = Box(low_m, low_m + rng.uniform(0, 1.5, 3))
        left, top, width, height = region_of(cam, [box])
        points_px, _ = cam.project(rng.uniform(box.low_m, box.high_m, (500, 3)))
        size = [cam.width_px, cam.height_px]
        seen_px = points_px[((points_px >= 0) & (points_px < size)).all(axis=1)]

        assert (seen_px >= [left, top]).all()
        assert (seen_px <= [left + width, top + height]).all()


def test_a_region_is_no_larger_than_it_must_be():
    """A flat square of a metre, three metres ahead, is 150 pixels wide; three more at each edge."""
    cam = Camera("test", 640, 480, 450.0, look_at(np.array([0, -3.0, 1]), np.array([0, 0, 1.0])))
    square = Box(np.array([-0.5, 0, 0.5]), np.array([0.5, 0, 1.5]))

    assert region_of(cam, [square]) == Region(242, 162, 156, 156)
    assert region_of(cam, [square, grown(square, 0)]) == Region(242, 162, 156, 156)


def test_what_is_behind_the_camera_has_no_region_and_what_is_beside_it_the_whole_image():
    behind = Box(np.array([-1, -9, 0.0]), np.array([1, -6, 2.0]))
    beside = Box(np.array([-1, -4, 0.0]), np.array([1, -2, 2.0]))
    before = Box(np.array([0, 0, 0.9]), np.array([0.1, 0, 1.0]))

    _, _, width, height = region_of(camera(), [behind])
    assert width * height == 0
    assert region_of(camera(), [beside]) == Region(0, 0, 640, 480)
    assert region_of(camera(), [before, behind]) == region_of(camera(), [before])


def test_a_region_lies_in_another_when_all_its_pixels_do():
    outer = Region(5, 5, 10, 10)

    assert outer.holds(outer)
    assert outer.holds(Region(6, 6, 9, 9))
    assert not outer.holds(Region(6, 6, 10, 9))
    assert not outer.holds(Region(6, 4, 9, 9))
    assert outer.holds(Region(0, 0, 0, 7))


def test_parts_of_an_image_are_cut_out_by_rows_and_columns():
    image = np.arange(12).reshape(3, 4)
    region = Region(1, 0, 2, 2)

    assert image[region.rows, region.columns].tolist() == [[1, 2], [5, 6]]
    assert region.twice == Region(2, 0, 4, 4)


def test_a_boxs_shadow_goes_away_from_the_light():
    box = Box(np.array([-0.2, -0.1, 0.5]), np.array([0.2, 0.1, 2.0]))
    shadow = shadow_of_box(box, np.array([1.0, -3.0, 2.0]))

    assert shadow.low_m.tolist() == [-1.2, -0.1, 0.0]
    assert shadow.high_m.tolist() == [0.2, 3.1, 0.0]


def test_boxes_bound_points_and_grow():
    box = box_of(np.array([[[0.0, 1, 2], [3, 0, 1]]]))

    assert box.low_m.tolist() == [0, 0, 1]
    assert grown(box, 0.5).high_m.tolist() == [3.5, 1.5, 2.5]


def test_the_room_holds_its_cameras():
    near = camera()
    far = camera((0, -9, 4.0))

    assert room_about([near]).tolist() == [4.0, 4.0, 3.2]
    assert room_about([near, far]).tolist() == [9.5, 9.5, 4.5]
