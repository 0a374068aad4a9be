"""pyrender has a graphics context of its own, so it draws in a process of its own."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import cv2
import numpy as np
import pytest

from simulator.cameras.camera import Camera, look_at
from simulator.rendering.gl import GlRenderer
from simulator.rendering.looks import box
from simulator.rendering.scene import Prop

pytestmark = pytest.mark.gl

TARGET_M = np.array([0.0, 0.0, 0.95])
CAMERAS = [
    Camera("front", 320, 240, 300.0, look_at(TARGET_M - [0, 3.0, -0.2], TARGET_M)),
    Camera(
        "oblique",
        320,
        240,
        260.0,
        look_at(np.array([2.2, -1.8, 1.6]), TARGET_M, 0.1),
        principal_px=(155.2, 130.4),
        distortion=(-0.2, 0.03, 0.01, -0.02, 0.0),
    ),
]


def drawn_elsewhere(scene):
    from simulator.rendering.pyrender import PyrenderRenderer

    return [
        tuple(tuple(frame) for frame in views)
        for views in PyrenderRenderer().render(scene, CAMERAS, ["depth"])
    ]


def well_within(mask):
    """Leave out two pixels along the edge, where the nearest of two surfaces may be either."""
    return cv2.erode(mask.astype(np.uint8), np.ones((5, 5))) > 0


def test_both_back_ends_see_the_same_person(make_scene):
    mesh = box((0.5, 0.1, 0.3), (0.1, -0.5, 0.9))
    thing = Prop("box", mesh.vertices_m, mesh.faces, (0.2, 0.6, 0.3), np.tile(np.eye(4), (2, 1, 1)))
    scene = make_scene(thing, arms="out", bend_rad=0.7)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        theirs = pool.submit(drawn_elsewhere, scene).result()

    ours = list(GlRenderer().render(scene, CAMERAS, ["depth"]))

    assert len(theirs) == len(ours) == 2
    for our_views, their_views in zip(ours, theirs, strict=True):
        for frame, (rgb, person, whole, passes) in zip(our_views, their_views, strict=True):
            for ours_of, theirs_of in ((frame.person, person), (frame.whole, whole)):
                assert (ours_of & theirs_of).sum() / (ours_of | theirs_of).sum() >= 0.995
            assert person.sum() < whole.sum()
            off_mm = frame.passes["depth"].astype(int) - passes["depth"]
            assert np.abs(off_mm[well_within(frame.person & person)]).max() <= 1
            assert rgb.shape == frame.rgb.shape
            # Much the same picture of the person, too: mean colours within a fifth of the scale.
            colours = [image[frame.person].mean(axis=0) for image in (rgb, frame.rgb)]
            assert np.abs(colours[0] - colours[1]).max() < 51
