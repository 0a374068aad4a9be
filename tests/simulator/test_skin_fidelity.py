"""How deep skin is in the floor, from the skin that can be there alone and from all of it."""

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ, X_AXIS, about
from motions.skeleton import SMPL22
from simulator.bodies.stick import build_stick
from simulator.skin_fidelity import floor_depths_m


@pytest.mark.parametrize("height_m", [2.0, 0.9, 0.5, 0.05])
@pytest.mark.parametrize("tipped_deg", [0, 40, 90, 170])
def test_skin_that_cannot_be_in_the_floor_is_left_out_and_nothing_else(height_m, tipped_deg):
    body = build_stick()
    world = np.tile(IDENTITY_WXYZ, (3, len(SMPL22.joint_names), 1))
    world[:] = about(X_AXIS, np.deg2rad(tipped_deg))
    root_m = np.array([[0, 0, height_m], [0, 0, height_m - 0.02], [1, 2, height_m + 0.3]])

    lowest_m = body.skin(root_m, world)[0][..., 2].min(axis=1)
    assert floor_depths_m(body, root_m, world) == pytest.approx(np.maximum(0, -lowest_m), abs=1e-6)
