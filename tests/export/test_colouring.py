import numpy as np
import pytest

from export.colouring import coloured
from motions.errors import FormbenchError
from simulator.rendering.passes import FLOW_STEPS, FLOW_ZERO, PASSES


def flow(u, v, known=1):
    return np.array([[[FLOW_ZERO + FLOW_STEPS * u, FLOW_ZERO + FLOW_STEPS * v, known]]], np.uint16)


def test_what_comes_towards_the_camera_is_blue_and_the_sky_of_normals_is_black():
    normals = np.array([[[32768, 32768, 1], [0, 0, 0]]], dtype=np.uint16)

    assert coloured("normals", normals).tolist() == [[[128, 128, 0], [0, 0, 0]]]


def test_flow_is_white_at_rest_and_opposite_ways_have_opposite_colours():
    right, left = (coloured("flow", flow(u, 0))[0, 0].astype(int) for u in (8, -8))

    assert coloured("flow", flow(0, 0)).tolist() == [[[255, 255, 255]]]
    assert coloured("flow_back", flow(3, 3, known=0)).tolist() == [[[255, 255, 255]]]
    assert right.tolist() == [255, 64, 64]
    assert (right + left).tolist() == [255, 255, 255]


@pytest.mark.parametrize("name", ["instances", "parts", "whole_parts"])
def test_every_label_has_a_colour_of_its_own_and_nothing_is_black(name):
    found = coloured(name, np.arange(23, dtype=np.uint8)[None])[0]

    assert found[0].tolist() == [0, 0, 0]
    assert len(np.unique(found, axis=0)) == 23


def test_every_pass_becomes_a_picture_and_other_names_are_refused():
    for name, about in PASSES.items():
        shape = (4, 6, 3) if about.channels == 3 else (4, 6)
        picture = coloured(name, np.zeros(shape, dtype=about.dtype))
        assert (picture.shape, picture.dtype) == ((4, 6, 3), np.uint8)
    with pytest.raises(FormbenchError, match="depht"):
        coloured("depht", np.zeros((4, 6), dtype=np.uint16))
