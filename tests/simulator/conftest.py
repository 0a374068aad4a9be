"""Scenes small enough to draw in a test: one person, grey room, two frames."""

from collections.abc import Callable

import numpy as np
import pytest

from motions.geometry import IDENTITY_WXYZ, X_AXIS, Y_AXIS, about
from motions.motion import Motion
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.bodies.stick import build_stick
from simulator.performance import Performance
from simulator.rendering.scene import Looks, Prop, Scene

GREY_LOOKS = Looks(
    part_rgb={
        "skin": (0.8, 0.6, 0.5),
        "hair": (0.2, 0.15, 0.1),
        "shirt": (0.7, 0.2, 0.2),
        "shorts": (0.2, 0.2, 0.4),
        "shoes": (0.9, 0.9, 0.9),
        "eyes": (0.95, 0.95, 0.95),
    },
    floor_rgb=(0.5, 0.5, 0.5),
    wall_rgb=(0.7, 0.7, 0.7),
    light_direction=(0.3, -0.5, 1.0),
    light_strength=0.7,
)


def _performance(
    body: Body | None = None, n_frames: int = 2, bend_rad: float = 0.0, arms: str = "down"
) -> Performance:
    """Stand with the feet on the floor, knees and hips bent, arms "down", "out" or "up".

    The pelvis sinks by 1 cm a frame, so that frames differ.
    """
    body = body or build_stick()
    local = np.tile(IDENTITY_WXYZ, (n_frames, len(SMPL22.joint_names), 1))
    for side, out in (("left", 1.0), ("right", -1.0)):
        for joint, share in (("hip", -1), ("knee", 2), ("ankle", -1)):
            local[:, SMPL22.index(f"{side}_{joint}")] = about(X_AXIS, share * bend_rad)
        turn = {"down": 1.4, "out": 0.0, "up": -1.4}[arms] * out
        local[:, SMPL22.index(f"{side}_shoulder")] = about(Y_AXIS, turn)
    leg_m = body.leg_m
    hip_m = -body.skeleton.offsets_m[SMPL22.index("left_hip"), 2]
    root_m = np.zeros((n_frames, 3))
    root_m[:, 2] = body.ankle_height_m + leg_m * np.cos(bend_rad) + hip_m
    root_m[:, 2] -= 0.01 * np.arange(n_frames)
    motion = Motion("squat", 30.0, root_m, local, np.zeros((n_frames, 4), dtype=bool))
    return Performance(motion, body, root_m, motion.world_orientations_wxyz, {}, {})


@pytest.fixture(scope="session")
def make_scene() -> Callable[..., Scene]:
    """A function: things, then keywords of `_performance`, to a scene in grey."""

    def make(*props: Prop, **how) -> Scene:
        return Scene(_performance(**how), GREY_LOOKS, props)

    return make
