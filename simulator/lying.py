"""Who lies, sits or rolls comes to rest on the floor.

Planted hands and feet say how high a body is. Where it lies on its trunk none may be planted, and
nothing else says so: no trunk is as thick as its legs are long, so that a source's height, scaled
to a body's legs, leaves it hovering over the floor or in it.
"""

import numpy as np

from motions.geometry import Z_AXIS
from motions.measures import SIDES
from motions.motion import Motion
from motions.pinning import end_joints, pin_limbs
from motions.settling import SMOOTH_STIFFNESS, smooth_path
from motions.skeleton import SMPL22
from motions.stiffness import Limbs
from simulator.bodies.body import Body

LYING_M = 0.5
"""Nobody flies with a pelvis that is lower, on the canonical skeleton."""
LOOSE = 1e-3
"""This keeps a body from drifting off where nothing holds it."""
_HANDS = [SMPL22.index(f"{side}_wrist") for side in SIDES]


def lies(motion: Motion) -> np.ndarray:
    """Say in which frames the body is on the floor with neither hands nor feet planted. (T,)."""
    low: np.ndarray = motion.root_position_m[:, 2] < LYING_M
    return low & ~motion.contacts.any(axis=1)


def laid_down(
    body: Body,
    root_m: np.ndarray,
    world_wxyz: np.ndarray,
    lying: np.ndarray,
    pinned: np.ndarray,
    fps: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Lower or raise a body that lies until its lowest skin, hands apart, is on the floor.

    Hands turn about their wrists later (`simulator.clearing`). Pinned hands and feet stay, and hold
    on as firmly as their limbs resist, so that the body comes down before and after.

    Args:
        body: Whose skin.
        root_m: World position of the pelvis. Shape (T, 3).
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
        lying: Where it lies; see `lies`. Shape (T,).
        pinned: Which of CONTACT_POINTS stay where they are. Shape (T, 4).
        fps: Frames per second.

    Returns:
        The root and the rotations; the very same where nobody lies.
    """
    if not lying.any():
        return root_m, world_wxyz
    ends_m = end_joints(body.skeleton, root_m, world_wxyz)
    wanted_m = np.zeros_like(root_m)
    wanted_m[lying] = -hover_m(body, root_m[lying], world_wxyz[lying])[:, None] * Z_AXIS
    limbs = Limbs.of(body.skeleton, root_m, world_wxyz).stiffness(np.zeros_like(ends_m))
    holds = (pinned * limbs[..., 2, 2]).sum(axis=1)
    firm = LOOSE + holds + np.where(lying, SMOOTH_STIFFNESS, 0.0)
    stiffness = firm[:, None, None] * np.eye(3)
    moved_m = smooth_path(wanted_m, stiffness, np.zeros_like(root_m), fps)
    root_m = root_m + moved_m
    return root_m, pin_limbs(body.skeleton, root_m, world_wxyz, ends_m, pinned)


def hover_m(body: Body, root_m: np.ndarray, world_wxyz: np.ndarray) -> np.ndarray:
    """Return how high the lowest skin that is not of the hands is over the floor. Shape (T,)."""
    vertices = np.flatnonzero(~np.isin(body.skin_weights.argmax(axis=1), _HANDS))
    return body.skin_heights_m(root_m, world_wxyz, vertices).min(axis=1).astype(np.float64)
