"""Curves that a coach would look at, read from joint positions in the world alone.

Every function takes SMPL-22 joints of shape (..., 22, 3) in metres and gives radians or metres of
shape (...). Flexion is 180 degrees minus the inner angle: 0 is straight.
"""

import numpy as np

from motions.errors import unknown_name
from motions.geometry import angle_between, signed_angle, unit
from motions.skeleton import SMPL22


def _at(joints_m: np.ndarray, name: str) -> np.ndarray:
    return joints_m[..., SMPL22.index(name), :]


def _flexion(joints_m: np.ndarray, upper: str, middle: str, lower: str) -> np.ndarray:
    joint = _at(joints_m, middle)
    return angle_between(joint - _at(joints_m, upper), _at(joints_m, lower) - joint)


def _both(joints_m: np.ndarray, upper: str, middle: str, lower: str) -> np.ndarray:
    sides = [
        _flexion(joints_m, f"{side}_{upper}", f"{side}_{middle}", f"{side}_{lower}")
        for side in ("left", "right")
    ]
    return (sides[0] + sides[1]) / 2


def knee_flexion_rad(joints_m: np.ndarray) -> np.ndarray:
    """Mean of both knees."""
    return _both(joints_m, "hip", "knee", "ankle")


def elbow_flexion_rad(joints_m: np.ndarray) -> np.ndarray:
    """Mean of both elbows."""
    return _both(joints_m, "shoulder", "elbow", "wrist")


def _leftwards(joints_m: np.ndarray) -> np.ndarray:
    return unit(_at(joints_m, "left_hip") - _at(joints_m, "right_hip"))


def _trunk(joints_m: np.ndarray) -> np.ndarray:
    return _at(joints_m, "neck") - _at(joints_m, "pelvis")


def hip_flexion_rad(joints_m: np.ndarray) -> np.ndarray:
    """Angle from the thighs' line to the trunk in the sagittal plane, mean of both hips.

    0 with the trunk in line with the thighs, positive when it is bent forward over them.
    """
    across = _leftwards(joints_m)
    thighs = [_at(joints_m, f"{s}_hip") - _at(joints_m, f"{s}_knee") for s in ("left", "right")]
    left, right = (signed_angle(thigh, _trunk(joints_m), across) for thigh in thighs)
    return (left + right) / 2


def trunk_lean_rad(joints_m: np.ndarray) -> np.ndarray:
    """Angle from the vertical to the line pelvis-neck in the sagittal plane, forward > 0."""
    up = np.broadcast_to([0.0, 0.0, 1.0], _trunk(joints_m).shape)
    return signed_angle(up, _trunk(joints_m), _leftwards(joints_m))


def lumbar_angle_rad(joints_m: np.ndarray) -> np.ndarray:
    """Bend of the lower back: from the line pelvis-spine1 to the line spine2-spine3, forward > 0.

    Both lines are fixed to one bone each, so the angle minus its value in the rest pose is how far
    the lumbar spine has flexed since.
    """
    low = _at(joints_m, "spine1") - _at(joints_m, "pelvis")
    high = _at(joints_m, "spine3") - _at(joints_m, "spine2")
    return signed_angle(low, high, _leftwards(joints_m))


def thoracic_angle_rad(joints_m: np.ndarray) -> np.ndarray:
    """Bend of the upper back: from the line spine2-spine3 to the line spine3-neck, forward > 0."""
    low = _at(joints_m, "spine3") - _at(joints_m, "spine2")
    high = _at(joints_m, "neck") - _at(joints_m, "spine3")
    return signed_angle(low, high, _leftwards(joints_m))


MEASURES = {
    "knee_flexion": knee_flexion_rad,
    "elbow_flexion": elbow_flexion_rad,
    "hip_flexion": hip_flexion_rad,
    "trunk_lean": trunk_lean_rad,
    "lumbar_angle": lumbar_angle_rad,
    "thoracic_angle": thoracic_angle_rad,
}
"""The measures that can be named in a table."""


def measure(name: str, joints_m: np.ndarray) -> np.ndarray:
    """Read the named measure off joints (..., 22, 3); radians of shape (...)."""
    if name not in MEASURES:
        raise unknown_name("measure", name, MEASURES)
    return MEASURES[name](joints_m)
