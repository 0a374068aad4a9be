import numpy as np
import pytest

from simulator.cameras.camera import Camera, look_at
from simulator.rendering.scene import Prop
from simulator.rendering.stick import StickRenderer

TARGET_M = np.array([0.0, 0.0, 0.95])


def camera(name="front", direction=(0, -3.5, 0), **changes):
    T_world_cam = look_at(TARGET_M + direction, TARGET_M)
    about = {"width_px": 640, "height_px": 480, "focal_px": 600.0, "T_world_cam": T_world_cam}
    return Camera(name, **{**about, **changes})


def plate(y_m):
    """A metre-wide pane of wires before or behind the person, at the height of the belly."""
    vertices_m = np.array([[-0.5, y_m, 0.9], [0.5, y_m, 0.9], [0.5, y_m, 1.0], [-0.5, y_m, 1.0]])
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    return Prop("plate", vertices_m, faces, (1.0, 0.0, 1.0), np.tile(np.eye(4), (2, 1, 1)))


def test_there_is_a_frame_a_camera_and_instant(make_scene):
    cameras = [camera(), camera("side", (3.5, 0, 0), width_px=320, height_px=240)]
    frames = list(StickRenderer().render(make_scene(), cameras))

    assert [len(instant) for instant in frames] == [2, 2]
    assert [frame.rgb.shape for frame in frames[0]] == [(480, 640, 3), (240, 320, 3)]
    assert [frame.person.shape for frame in frames[0]] == [(480, 640), (240, 320)]
    assert frames[0][0].rgb.dtype == np.uint8
    assert frames[0][0].person.dtype == bool


def test_every_joint_lies_on_the_person(make_scene):
    scene = make_scene(arms="out", bend_rad=0.6)
    for cam in (camera(), camera("oblique", (2.5, -2.5, 0.4), distortion=(-0.1, 0, 0, 0, 0))):
        for frame_index, (frame,) in enumerate(StickRenderer().render(scene, [cam])):
            points_px, _ = cam.project(scene.performance.joints_world_m[frame_index])
            u, v = np.floor(points_px).astype(int).T

            assert frame.person[v, u].all()


def test_the_mask_is_where_the_picture_changed_for_the_person(make_scene):
    """The colours of the person are none of the room's, so the two can be told apart."""
    scene = make_scene()
    (frame,) = next(StickRenderer().render(scene, [camera()]))
    colours = {tuple(round(255 * c) for c in rgb) for rgb in scene.looks.part_rgb.values()}
    painted = np.zeros_like(frame.person)
    for colour in colours:
        painted |= (frame.rgb == colour).all(axis=-1)

    assert np.array_equal(painted, frame.person)
    assert 0.03 < frame.person.mean() < 0.3


def test_the_persons_left_hand_is_at_the_right_of_the_front_image(make_scene):
    (frame,) = next(StickRenderer().render(make_scene(arms="out"), [camera()]))
    rows, columns = np.nonzero(frame.person)
    widest = columns[rows < 240]

    assert widest.max() - 320 == pytest.approx(320 - widest.min(), abs=2)
    assert widest.max() > 430


def test_a_thing_in_front_hides_the_person_and_a_thing_behind_does_not(make_scene):
    def mask(*props):
        (frame,) = next(StickRenderer().render(make_scene(*props), [camera()]))
        return frame.person

    behind, before = mask(plate(0.6)), mask(plate(-0.6))

    assert np.array_equal(behind, mask())
    assert not before[behind == 0].any()
    assert before.sum() < behind.sum()


def test_things_behind_the_camera_are_not_drawn(make_scene):
    with_plate = next(StickRenderer().render(make_scene(plate(-5.0)), [camera()]))[0]
    without = next(StickRenderer().render(make_scene(), [camera()]))[0]

    assert np.array_equal(with_plate.rgb, without.rgb)


def test_the_same_scene_gives_the_same_bytes(make_scene):
    first, second = (
        [frame.rgb.tobytes() for (frame,) in StickRenderer().render(make_scene(), [camera()])]
        for _ in range(2)
    )

    assert first == second
    assert first[0] != first[1]
