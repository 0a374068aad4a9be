from dataclasses import replace

import cv2
import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.cameras.camera import Camera, look_at
from simulator.config import parse_config
from simulator.generate import generate
from simulator.plan import plan
from simulator.rendering.gl import GlRenderer
from simulator.rendering.images import write_image
from simulator.rendering.scene import Surroundings
from simulator.rendering.surroundings import surroundings_rgb

EYE_M = np.array([0.0, 0.0, 1.5])  # where a panorama is thrown from
AHEAD = {"+y": (0, 1, 0), "-y": (0, -1, 0), "+x": (1, 0, 0), "-x": (-1, 0, 0)}
BASE = {"seed": 5, "exercises": ["squat"], "body": "stick"}


def seen(make_scene, file, towards, eye_m=EYE_M):
    """The room with nobody near, whom a camera at `eye_m` would see."""
    scene = make_scene(n_frames=1)
    root_m = scene.performance.root_m + np.array([0, 0, 20.0])
    performance = replace(scene.performance, root_m=root_m)
    looks = replace(scene.looks, surroundings=Surroundings(str(file), "CC0-1.0"), mat_rgb=None)
    camera = Camera("a", 160, 120, 90.0, look_at(eye_m, eye_m + np.array(towards)))
    ((frame,),) = GlRenderer().render(
        replace(scene, performance=performance, looks=looks), [camera]
    )
    return camera, frame.rgb


@pytest.mark.gl
@pytest.mark.parametrize("towards", [*AHEAD.values(), (0.5, 0.7, -0.8)])
def test_from_where_it_was_taken_a_panorama_is_seen_in_its_directions(
    make_scene, tmp_path, towards
):
    v, u = np.mgrid[0:512, 0:1024]
    colours = np.stack([np.abs(u - 512) / 4 + 60, v / 4 + 60, np.full_like(u, 128)], axis=-1)
    write_image(tmp_path / "p.png", colours.astype(np.uint8))
    camera, rgb = seen(make_scene, tmp_path / "p.png", towards)
    y, x = np.mgrid[0:120, 0:160] + 0.5
    rays = np.stack([(x - 80) / 90, (y - 60) / 90, np.ones_like(x)], axis=-1)
    rays = rays @ camera.R_world_cam.T
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    # East of ahead is right of the middle, and straight up is the upper edge.
    at_u = 1024 * (0.5 + np.arctan2(rays[..., 0], rays[..., 1]) / (2 * np.pi))
    at_v = 512 * np.arccos(rays[..., 2]) / np.pi
    expected = np.stack([np.abs(at_u - 512) / 4 + 60, at_v / 4 + 60, np.full(x.shape, 128)], -1)

    assert np.abs(rgb - expected).max() < 4


@pytest.mark.gl
@pytest.mark.parametrize("towards", AHEAD.values(), ids=AHEAD)
def test_a_photograph_hangs_the_right_way_round_on_every_wall(make_scene, tmp_path, towards):
    photograph = np.zeros((300, 400, 3), dtype=np.uint8)
    photograph[:, :200, 0] = photograph[:, 200:, 2] = photograph[:150, :, 1] = 200
    write_image(tmp_path / "p.png", photograph)
    _, rgb = seen(make_scene, tmp_path / "p.png", towards)
    above, below = rgb[50].astype(int), rgb[66].astype(int)

    assert (above[:70, 0] > above[:70, 2] + 50).all()
    assert (above[90:, 2] > above[90:, 0] + 50).all()
    assert (above[:, 1] > 60).all()
    assert (below[:, 1] < 20).all()


def test_an_hdri_is_exposed_for_its_average_light(tmp_path):
    light = np.full((4, 8, 3), 25.0, dtype=np.float32)
    light[0, 0] = 2500.0
    cv2.imwrite(str(tmp_path / "p.hdr"), light)
    rgb = surroundings_rgb(str(tmp_path / "p.hdr"))
    average = np.exp((31 * np.log(25.0) + np.log(2500.0)) / 32)

    assert rgb[0, 0].tolist() == [255, 255, 255]
    assert np.abs(rgb[2, 2] - 255 * np.sqrt(0.18 * 25 / average)).max() < 2  # of 8 bits a channel


def test_every_set_is_in_one_of_the_pictures_and_its_licence_travels(tmp_path):
    files = [str(tmp_path / name) for name in ("a.png", "b.png")]
    for file in files:
        write_image(tmp_path / file, np.full((30, 40, 3), 90, dtype=np.uint8))
    entries = [{"file": file, "licence": "CC-BY-NC-4.0"} for file in files]
    config = {**BASE, "render": {"surroundings": entries}, "takes": 6, "fps": 10, "reps": 1}
    plans = [plan(parse_config(config, "x"), index) for index in range(6)]
    bare = plan(parse_config({**config, "render": True}, "x"), 0)

    assert {p.looks.surroundings.file for p in plans} == set(files)
    assert replace(plans[0].looks, surroundings=None) == bare.looks


@pytest.mark.gl
def test_a_clip_says_under_which_licence_its_room_is(tmp_path):
    from export.dataset import read_dataset, seal_dataset

    write_image(tmp_path / "a.png", np.full((30, 40, 3), 90, dtype=np.uint8))
    entry = {"file": str(tmp_path / "a.png"), "licence": "CC-BY-NC-4.0"}
    small = {"fps": 10, "reps": 1, "cameras": {"width_px": 64, "height_px": 64}}
    config = {**BASE, **small, "render": {"surroundings": [entry]}}
    generate(parse_config(config, "x"), tmp_path / "out", 1)
    seal_dataset(tmp_path / "out")

    assert read_dataset(tmp_path / "out").rows[0].licences[-1] == "CC-BY-NC-4.0"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("none.png", None, "No such file"),
        ("bad.png", b"no picture", "not a picture that can be read"),
        ("bad.hdr", b"#?RADIANCE\n", "not a Radiance picture that can be read"),
    ],
)
def test_a_picture_that_cannot_be_read_stops_before_any_work(tmp_path, name, data, message):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    config = {
        **BASE,
        "render": {"surroundings": [{"file": str(tmp_path / name), "licence": "MIT"}]},
    }

    with pytest.raises(FormbenchError, match=message):
        parse_config(config, "x")


def test_an_hdri_that_is_no_panorama_is_refused(tmp_path):
    cv2.imwrite(str(tmp_path / "p.hdr"), np.ones((8, 8, 3), dtype=np.float32))

    with pytest.raises(FormbenchError, match="twice as wide as high, got 8 x 8"):
        surroundings_rgb(str(tmp_path / "p.hdr"))
