"""Where the things are that the hands hold: a bar in the room, a barbell that goes along."""

import numpy as np

from motions.geometry import rotate, unit
from motions.library import EXERCISES
from motions.motion import Motion
from motions.skeleton import SMPL22
from simulator.bodies.body import Body

GRIP_ALONG_SHARE = 0.30
"""From the wrist to the middle of the grip, along the hand, as a share of the forearm."""
GRIP_PALM_SHARE = 0.10
"""The same out of the palm."""


def place_props(
    motion: Motion, body: Body, root_m: np.ndarray, world_wxyz: np.ndarray
) -> dict[str, np.ndarray]:
    """Return T_world_prop (T, 4, 4) for each prop of the motion's exercise.

    A prop's own X axis lies along the bar; its origin is the middle between the hands. A bar fixed
    in the room stays where the hands are at first.
    """
    exercise = EXERCISES.get(motion.exercise)
    if exercise is None or not exercise.props:
        return {}
    left, right = (_grip(body, root_m, world_wxyz, side) for side in ("left", "right"))
    if exercise.hangs:
        left, right = (np.broadcast_to(hand[:1], hand.shape) for hand in (left, right))
    x = unit(left - right)
    y = unit(np.cross([0.0, 0.0, 1.0], x))
    T = np.tile(np.eye(4), (len(root_m), 1, 1))
    T[:, :3, 0], T[:, :3, 1], T[:, :3, 2] = x, y, np.cross(x, y)
    T[:, :3, 3] = (left + right) / 2
    return dict.fromkeys(exercise.props, T)


def _grip(body: Body, root_m: np.ndarray, world_wxyz: np.ndarray, side: str) -> np.ndarray:
    """Return the middle of what one hand holds. Shape (T, 3)."""
    wrist = SMPL22.index(f"{side}_wrist")
    forearm = body.skeleton.offsets_m[wrist]
    in_hand = GRIP_ALONG_SHARE * forearm - np.array([0, 0, GRIP_PALM_SHARE * np.abs(forearm[0])])
    joints_m = body.skeleton.positions(root_m, world_wxyz)
    return joints_m[:, wrist] + rotate(world_wxyz[:, wrist], in_hand)
