"""Curves that a coach would look at, read from joint positions in the world alone.

Every function takes SMPL-22 joints of shape (..., 22, 3) in metres and gives radians or metres of
shape (...). Flexion is 180 degrees minus the inner angle: 0 is straight.
"""

import numpy as np

from motions.errors import unknown_name
from motions.geometry import angle_between, signed_angle, unit
from motions.skeleton import SMPL22

SIDES = ("left", "right")
_UP = np.array([0.0, 0.0, 1.0])


def _at(joints_m: np.ndarray, name: str) -> np.ndarray:
    return joints_m[..., SMPL22.index(name), :]


def _flexion(joints_m: np.ndarray, upper: str, middle: str, lower: str) -> np.ndarray:
    joint = _at(joints_m, middle)
    return angle_between(joint - _at(joints_m, upper), _at(joints_m, lower) - joint)


def _both(joints_m: np.ndarray, upper: str, middle: str, lower: str) -> np.ndarray:
    sides = [
        _flexion(joints_m, f"{side}_{upper}", f"{side}_{middle}", f"{side}_{lower}")
        for side in SIDES
    ]
    return (sides[0] + sides[1]) / 2


def knee_flexion_rad(joints_m: np.ndarray) -> np.ndarray:
    """Mean of both knees."""
    return _both(joints_m, "hip", "knee", "ankle")


def knee_extension_rad(joints_m: np.ndarray) -> np.ndarray:
    """Mean of both knees: 0 is straight, negative is bent."""
    return -knee_flexion_rad(joints_m)


def bent_knee_flexion_rad(joints_m: np.ndarray) -> np.ndarray:
    """The knee that is bent more."""
    return np.maximum(*(_flexion(joints_m, f"{s}_hip", f"{s}_knee", f"{s}_ankle") for s in SIDES))


def front_knee_flexion_rad(joints_m: np.ndarray) -> np.ndarray:
    """The knee of the leg whose ankle is farther ahead, the way the pelvis faces."""
    ahead = np.cross(leftwards(joints_m), _UP)
    apart = _at(joints_m, "left_ankle") - _at(joints_m, "right_ankle")
    left, right = (_flexion(joints_m, f"{s}_hip", f"{s}_knee", f"{s}_ankle") for s in SIDES)
    return np.where(np.sum(apart * ahead, axis=-1) > 0, left, right)


def elbow_flexion_rad(joints_m: np.ndarray) -> np.ndarray:
    """Mean of both elbows."""
    return _both(joints_m, "shoulder", "elbow", "wrist")


def leftwards(joints_m: np.ndarray) -> np.ndarray:
    """Return the direction from the right hip to the left. Shape (..., 3)."""
    return unit(_at(joints_m, "left_hip") - _at(joints_m, "right_hip"))


def _trunk(joints_m: np.ndarray) -> np.ndarray:
    return _at(joints_m, "neck") - _at(joints_m, "pelvis")


def hip_flexion_rad(joints_m: np.ndarray) -> np.ndarray:
    """Angle from the thighs' line to the trunk in the sagittal plane, mean of both hips.

    0 with the trunk in line with the thighs, positive when it is bent forward over them.
    """
    across = leftwards(joints_m)
    thighs = [_at(joints_m, f"{s}_hip") - _at(joints_m, f"{s}_knee") for s in ("left", "right")]
    left, right = (signed_angle(thigh, _trunk(joints_m), across) for thigh in thighs)
    return (left + right) / 2


def trunk_lean_rad(joints_m: np.ndarray) -> np.ndarray:
    """Angle from the vertical to the line pelvis-neck in the sagittal plane, forward > 0."""
    up = np.broadcast_to(_UP, _trunk(joints_m).shape)
    return signed_angle(up, _trunk(joints_m), leftwards(joints_m))


def arm_elevation_rad(joints_m: np.ndarray) -> np.ndarray:
    """Angle from the trunk's way down to the upper arm, mean of both.

    0 with the arms along the trunk, a right angle held out to any side, half a turn overhead.
    """
    arms = [_at(joints_m, f"{s}_elbow") - _at(joints_m, f"{s}_shoulder") for s in SIDES]
    left, right = (angle_between(-_trunk(joints_m), arm) for arm in arms)
    return (left + right) / 2


def collar_elevation_rad(joints_m: np.ndarray) -> np.ndarray:
    """Angle by which the line collar-shoulder rises towards the head, across the trunk 0.

    Mean of both; negative when the shoulders are drawn down.
    """
    up = unit(_trunk(joints_m))
    collars = [unit(_at(joints_m, f"{s}_shoulder") - _at(joints_m, f"{s}_collar")) for s in SIDES]
    left, right = (np.arcsin(np.sum(collar * up, axis=-1)) for collar in collars)
    return (left + right) / 2


def lumbar_angle_rad(joints_m: np.ndarray) -> np.ndarray:
    """Bend of the lower back: from the line pelvis-spine1 to the line spine2-spine3, forward > 0.

    Both lines are fixed to one bone each, so the angle minus its value in the rest pose is how far
    the lumbar spine has flexed since.
    """
    low = _at(joints_m, "spine1") - _at(joints_m, "pelvis")
    high = _at(joints_m, "spine3") - _at(joints_m, "spine2")
    return signed_angle(low, high, leftwards(joints_m))


def thoracic_angle_rad(joints_m: np.ndarray) -> np.ndarray:
    """Bend of the upper back: from the line spine2-spine3 to the line spine3-neck, forward > 0."""
    low = _at(joints_m, "spine3") - _at(joints_m, "spine2")
    high = _at(joints_m, "neck") - _at(joints_m, "spine3")
    return signed_angle(low, high, leftwards(joints_m))


MEASURES = {
    "knee_flexion": knee_flexion_rad,
    "knee_extension": knee_extension_rad,
    "bent_knee_flexion": bent_knee_flexion_rad,
    "front_knee_flexion": front_knee_flexion_rad,
    "elbow_flexion": elbow_flexion_rad,
    "hip_flexion": hip_flexion_rad,
    "trunk_lean": trunk_lean_rad,
    "arm_elevation": arm_elevation_rad,
    "collar_elevation": collar_elevation_rad,
    "lumbar_angle": lumbar_angle_rad,
    "thoracic_angle": thoracic_angle_rad,
}
"""The measures that can be named in a table."""


def measure(name: str, joints_m: np.ndarray) -> np.ndarray:
    """Read the named measure off joints (..., 22, 3); radians of shape (...)."""
    if name not in MEASURES:
        raise unknown_name("measure", name, MEASURES)
    return MEASURES[name](joints_m)
