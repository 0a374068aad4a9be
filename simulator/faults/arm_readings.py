"""Curves of arms and shoulders, and of the trunk that moves with them; see `readings`.

Directions of an arm are those of the trunk: down from neck to pelvis, across with the hips.
"""

import numpy as np

from motions.geometry import X_AXIS, Y_AXIS, rotate, signed_angle, unit
from motions.measures import leftwards
from motions.motion import Span
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.faults.readings import ahead, at, from_rest
from simulator.performance import Performance

_UP = np.array([0.0, 0.0, 1.0])
_OUT = {"left": 1.0, "right": -1.0}


def arm_parts(joints: np.ndarray, side: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what part of an upper arm's direction is out, ahead and down the trunk, (...)."""
    arm = unit(at(joints, f"{side}_elbow") - at(joints, f"{side}_shoulder"))
    down = unit(at(joints, "pelvis") - at(joints, "neck"))
    front = unit(np.cross(down, leftwards(joints)))
    left = np.cross(front, down)
    out, forward, hanging = (np.sum(arm * axis, axis=-1) for axis in (left, front, down))
    return out * _OUT[side], forward, hanging


def arm_elevation_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read the angle between the trunk and an upper arm: 0 hanging, a right angle level."""
    return np.arccos(np.clip(arm_parts(joints, side)[2], -1, 1))


def arm_ahead_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read the angle between the trunk and an upper arm seen from the side, positive ahead."""
    _, forward, hanging = arm_parts(joints, side)
    return np.arctan2(forward, hanging)


def arm_out_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read the angle between an upper arm and the plane that parts left from right."""
    return np.arcsin(np.clip(arm_parts(joints, side)[0], -1, 1))


def arm_plane_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read the plane of a raised arm: 0 straight out to the side, a right angle straight ahead."""
    out, forward, _ = arm_parts(joints, side)
    return np.arctan2(forward, out)


def _shoulder_over_neck_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    chest = unit(at(joints, "neck") - at(joints, "spine3"))
    return np.sum((at(joints, f"{side}_shoulder") - at(joints, "neck")) * chest, axis=-1)


shoulder_rise_m = from_rest(_shoulder_over_neck_m)
"""Read how far a shoulder is drawn up along the chest, from where it is in the T-pose."""


def shoulder_rise_share(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read `shoulder_rise_m` as a share of the trunk."""
    return shoulder_rise_m(joints, body, side) / trunk_m(body)


def trunk_m(body: Body) -> float:
    """Return the distance from pelvis to neck of an upright body."""
    chain = ("spine1", "spine2", "spine3", "neck")
    offsets_m = body.skeleton.offsets_m[[SMPL22.index(joint) for joint in chain]]
    return float(np.linalg.norm(offsets_m.sum(axis=0)))


def forearm_flare_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far a forearm is off the vertical seen from ahead, the elbow outside the wrist."""
    forearm = at(joints, f"{side}_wrist") - at(joints, f"{side}_elbow")
    inwards = -_OUT[side] * np.sum(forearm * leftwards(joints), axis=-1)
    return np.arctan2(inwards, forearm[..., 2])


def wrist_ahead_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the wrists are ahead of the shoulders, mean of both."""
    return np.sum((at(joints, "wrist") - at(joints, "shoulder")) * ahead(joints), axis=-1)


def neck_travel_share(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the neck is ahead of the ankles, as a share of the trunk."""
    away = at(joints, "neck") - at(joints, "ankle")
    return np.sum(away * ahead(joints), axis=-1) / trunk_m(body)


def _chest_pitch_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    chest = at(joints, "neck") - at(joints, "spine3")
    return signed_angle(np.broadcast_to(_UP, chest.shape), chest, leftwards(joints))


chest_pitch_rad = from_rest(_chest_pitch_rad)
"""Read how far the chest is pitched forward, from upright; negative leans back."""


def measure_hand_bend(performance: Performance, rep: Span, side: str) -> float:
    """Return how far a hand is bent palmwards at the wrist at most, in degrees.

    No joint lies beyond the wrist, so the hand is the one bone whose orientation is read.
    """
    frames = rep.frames(performance.fps, performance.n_frames)
    joints = performance.joints_world_m[frames]
    hand = performance.world_wxyz[frames, SMPL22.index(f"{side}_wrist")]
    forearm = at(joints, f"{side}_wrist") - at(joints, f"{side}_elbow")
    out = _OUT[side]
    bend = signed_angle(forearm, rotate(hand, out * X_AXIS), rotate(hand, out * Y_AXIS))
    return float(np.rad2deg(bend.max()))


def chest_back_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the chest leans back, from upright: by the lower back or with the hips."""
    return -chest_pitch_rad(joints, body, side)
