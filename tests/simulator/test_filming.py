import json
from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.cameras.camera import Camera, look_at
from simulator.filming import film
from simulator.masks import decode_mask
from simulator.rendering.looks import box
from simulator.rendering.passes import PASSES
from simulator.rendering.renderer import Frame
from simulator.rendering.scene import Prop
from simulator.rendering.stick import StickRenderer
from simulator.rendering.video import count_frames, read_lossless
from simulator.truth import measure_views

TARGET_M = np.array([0.0, 0.0, 0.95])
CAMERAS = [
    Camera("front", 160, 120, 150.0, look_at(TARGET_M - [0, 3.2, 0], TARGET_M)),
    Camera("side", 120, 160, 150.0, look_at(TARGET_M - [-3.2, 0, 0], TARGET_M)),
]


def plate(n_frames=3):
    """Hides the person's middle from the front."""
    mesh = box((1.0, 0.02, 0.5), (0, -0.8, 1.0))
    stay = np.tile(np.eye(4), (n_frames, 1, 1))
    return Prop("plate", mesh.vertices_m, mesh.faces, (0.5, 0.5, 0.5), stay)


class OneSquare:
    """Draws a square of 20 x 30 pixels with a hole that hides a quarter of it."""

    def render(self, scene, cameras, passes=()):
        for frame_index in range(scene.performance.n_frames):
            frames = []
            for camera in cameras:
                whole = np.zeros((camera.height_px, camera.width_px), dtype=bool)
                whole[40:60, 10 + frame_index : 40 + frame_index] = True
                person = whole.copy()
                person[40:45] = False
                rgb = np.repeat(whole[..., None] * np.uint8(200), 3, axis=-1)
                frames.append(Frame(rgb, person, whole, {"parts": whole.astype(np.uint8)}))
            yield tuple(frames)


def filmed(scene, folder, renderer, passes=()):
    views = measure_views(scene.performance, CAMERAS, scene.props)
    return film(scene, views, renderer, folder, passes)


def test_what_pixels_say_is_written_frame_by_frame(make_scene, tmp_path):
    scene = make_scene(n_frames=7)
    views = filmed(scene, tmp_path, OneSquare(), ["parts"])

    assert {path.name for path in tmp_path.iterdir()} == {
        "front.mp4", "front.parts.mkv", "side.mp4", "side.parts.mkv",
    }  # fmt: skip
    for view in views:
        size = (view.camera.width_px, view.camera.height_px)
        assert (view.video, view.passes) == (
            f"{view.camera.name}.mp4",
            {"parts": f"{view.camera.name}.parts.mkv"},
        )
        assert count_frames(tmp_path / view.video) == 7
        parts = list(read_lossless(tmp_path / view.passes["parts"]))
        for frame in range(7):
            person, whole = (decode_mask(m[frame], *size) for m in (view.masks, view.whole_masks))
            assert (person.sum(), whole.sum()) == (450, 600)
            assert np.array_equal(parts[frame], whole)
            assert view.seen_box_px[frame].tolist() == [10 + frame, 45, 40 + frame, 60]
        assert view.occluded.tolist() == [0.25] * 7


@pytest.mark.gl
def test_a_person_behind_a_plate_is_occluded_and_whole(make_scene, tmp_path):
    from simulator.rendering.gl import GlRenderer

    scene = make_scene(plate(), n_frames=3)
    front, side = filmed(scene, tmp_path, GlRenderer())

    assert (front.occluded > 0.2).all()
    assert (side.occluded < 0.1).all()
    # Head and feet are seen, and between them the hands are not.
    high_and_low = [1, 3]
    np.testing.assert_allclose(
        front.seen_box_px[:, high_and_low], front.whole_box_px[:, high_and_low], atol=1
    )
    assert (front.seen_box_px[:, 0] > front.whole_box_px[:, 0] + 2).all()


def test_shares_in_view_are_of_the_persons_surface(make_scene):
    performance = make_scene(arms="down").performance
    far, near, away = (
        Camera("c", 160, 120, 150.0, look_at(TARGET_M - [0, y, 0], TARGET_M))
        for y in (3.2, 0.8, -3.2)
    )
    away = replace(away, T_world_cam=look_at(TARGET_M - [0, -3, 0], TARGET_M - [0, -6, 0]))
    views = measure_views(performance, [far, near, away])

    assert np.allclose(views[0].in_view, 1)
    assert (views[1].in_view > 0.1).all()
    assert (views[1].in_view < 0.6).all()
    assert (views[2].in_view == 0).all()
    assert (views[1].whole_box_px[:, 3] > 130).all()
    assert (views[1].box_px[:, 3] == 120).all()


@pytest.mark.gl
def test_every_pass_comes_back_from_disk_as_it_was_drawn_and_twice_the_same(make_scene, tmp_path):
    from simulator.rendering.gl import GlRenderer

    scene, renderer, passes = make_scene(plate(), n_frames=3), GlRenderer(), tuple(PASSES)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        views = filmed(scene, tmp_path / name, renderer, passes)
    drawn = list(renderer.render(scene, CAMERAS, passes))

    for index, view in enumerate(views):
        for name in PASSES:
            frames = list(read_lossless(tmp_path / "a" / view.passes[name]))
            assert np.array_equal(frames, [views[index].passes[name] for views in drawn])
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name
    assert len(list((tmp_path / "a").iterdir())) == 2 * (1 + len(PASSES))


def test_an_error_in_the_encoder_stops_the_drawing(make_scene, tmp_path):
    class Wrong(OneSquare):
        def render(self, scene, cameras, passes=()):
            for number, frames in enumerate(super().render(scene, cameras, passes)):
                assert number < 5
                yield tuple(frame._replace(rgb=frame.rgb[:-2]) for frame in frames)

    with pytest.raises(FormbenchError, match="expected a frame of shape"):
        filmed(make_scene(n_frames=40), tmp_path, Wrong())


def test_what_views_say_can_be_json(make_scene, tmp_path):
    (view, _) = filmed(make_scene(n_frames=2), tmp_path, StickRenderer())

    assert json.loads(json.dumps(view.about()))["whole_masks"] == list(view.whole_masks)


def test_a_camera_inside_the_person_is_refused(make_scene, tmp_path):
    scene = make_scene(n_frames=2)
    inside = Camera("in", 160, 120, 150.0, look_at(TARGET_M + 0.01, TARGET_M - [0, 3.2, 0]))
    views = measure_views(scene.performance, [inside])

    with pytest.raises(FormbenchError, match=r"camera in: in frame \d it is 0.\d\d m from a joint"):
        film(scene, views, StickRenderer(), tmp_path)
    assert list(tmp_path.iterdir()) == []
