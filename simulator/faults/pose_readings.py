"""Curves of standing poses, of the side that the pose itself decides; see `readings`."""

from collections.abc import Callable

import numpy as np

from motions.geometry import unit
from motions.measures import SIDES, leftwards
from simulator.bodies.body import Body
from simulator.faults.readings import Curve, ahead, along_foot_m, at, toes_to

OTHER = {"left": "right", "right": "left"}
_OUT = {"left": 1.0, "right": -1.0}

WhichSide = Callable[[np.ndarray], str]
"""Takes the joints of a repetition (frames, 22, 3) to the side that does something in it."""


def leading(joints: np.ndarray) -> str:
    """Return the side whose foot points away from the other one."""
    apart = at(joints, "left_ankle") - at(joints, "right_ankle")
    along = {side: np.sum(_OUT[side] * apart * toes_to(joints, side)) for side in SIDES}
    return max(along, key=lambda side: float(along[side]))


def trailing(joints: np.ndarray) -> str:
    """Return the other side than `leading`."""
    return OTHER[leading(joints)]


def raised(joints: np.ndarray) -> str:
    """Return the side whose foot is higher on the whole."""
    rise_m = (at(joints, "left_ankle") - at(joints, "right_ankle"))[..., 2].sum()
    return "left" if rise_m > 0 else "right"


def standing(joints: np.ndarray) -> str:
    """Return the other side than `raised`."""
    return OTHER[raised(joints)]


def of(which: WhichSide, curve: Curve) -> Curve:
    """Read a curve of the side that does something in a repetition."""
    return lambda joints, body, side: curve(joints, body, which(joints))


def knee_over_ankle_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far a knee is ahead of its ankle, the way the foot points."""
    return along_foot_m(joints, side, f"{side}_knee", 0.0)


def stance_share(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far apart the ankles are, in lengths of the leg."""
    apart = at(joints, "left_ankle") - at(joints, "right_ankle")
    return np.linalg.norm(apart[..., :2], axis=-1) / body.leg_m


def arm_drop_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far an arm, from shoulder to wrist, hangs below the level."""
    arm = unit(at(joints, f"{side}_wrist") - at(joints, f"{side}_shoulder"))
    return -np.arcsin(arm[..., 2])


def foot_over_knee(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the ankle of a side is above the other leg's knee, as a share of the thigh."""
    rise_m = (at(joints, f"{side}_ankle") - at(joints, f"{OTHER[side]}_knee"))[..., 2]
    return rise_m / np.linalg.norm(body.skeleton.offsets_m[body.skeleton.index("left_knee")])


def hip_drop_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the hips are tipped down to a side."""
    return -_OUT[side] * np.arcsin(leftwards(joints)[..., 2])


def knee_open_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far a lifted knee is turned out: 0 straight ahead, a right angle to the side."""
    thigh = at(joints, f"{side}_knee") - at(joints, f"{side}_hip")
    out = _OUT[side] * unit(leftwards(joints) * [1, 1, 0])
    return np.arctan2(np.sum(thigh * out, axis=-1), np.sum(thigh * ahead(joints), axis=-1))


def hips_aside_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the pelvis is to the left of the ankle of a side."""
    away = at(joints, "pelvis") - at(joints, f"{side}_ankle")
    return np.sum(away * unit(leftwards(joints) * [1, 1, 0]), axis=-1)


def half_swing_held(values: np.ndarray, phase: np.ndarray) -> float:
    """Return half of how far a curve goes to and fro while the pose is held."""
    return float(np.ptp(values[phase >= 0.98 * phase.max()]) / 2)
