"""How far joints go and how strong they are, and by how much a motion goes beyond.

Reach: a bone's swing out of the T-pose, from Soucie et al. 2011, "Range of motion measurements:
reference values and a database for comparison studies" (hips, knees, ankles, shoulders, elbows) and
Greene & Heckman 1994, "The clinical measurement of joint motion" (AAOS; the rest), with 15 degrees
more for those who are suppler than the mean.

Strength: the 95th percentile of static torques of working women and men, in the direction in which
the joint is strongest (Stobbe 1982, as tabled in Chaffin & Andersson, "Occupational Biomechanics").
"""

import numpy as np

from motions.geometry import angle_between, rotate, signed_angle, unit
from motions.skeleton import LIMBS, SMPL22

SWING_DEG = {
    "hip": 160.0, "knee": 158.0, "ankle": 75.0, "foot": 100.0, "spine1": 60.0, "spine2": 60.0,
    "spine3": 60.0, "neck": 60.0, "head": 60.0, "collar": 50.0, "shoulder": 150.0, "elbow": 163.0,
    "wrist": 100.0,
}  # fmt: skip
"""How far a joint's bone may swing from where the T-pose has it; the hips' has ten degrees more for
the roll of the pelvis, which clinical flexion leaves out and this spine hardly has."""
HYPEREXTENSION_DEG = 15.0
"""How far a knee or an elbow may bend the wrong way."""
STRENGTH_NM = {
    "hip": (180.0, 342.0), "knee": (219.0, 318.0), "ankle": (131.0, 237.0),
    "spine1": (247.0, 503.0), "shoulder": (60.0, 119.0), "elbow": (55.0, 111.0),
}  # fmt: skip
"""The greatest torque of a woman and of a man; spine1 stands for the lower back."""


def beyond_reach_deg(local_wxyz: np.ndarray) -> np.ndarray:
    """Return how far joint-to-parent rotations (T, 22, 4) are beyond reach, 0 within. (T, 22)."""
    swung = rotate(local_wxyz, _BONES)
    beyond = np.rad2deg(angle_between(swung, _BONES)) - _SWINGS_DEG
    for limb in LIMBS.values():
        middle = SMPL22.index(limb.middle)
        axis = np.broadcast_to(np.array(limb.bend_axis, dtype=np.float64), (len(swung), 3))
        bend = np.rad2deg(signed_angle(_BONES[None, middle], swung[:, middle], axis))
        beyond[:, middle] = np.maximum(beyond[:, middle], -bend - HYPEREXTENSION_DEG)
    return np.maximum(beyond, 0)


def strength_nm(gender: float) -> np.ndarray:
    """Return each joint's greatest torque, by gender from 0 male to 1 female. Shape (22,).

    Joints of which none is known have infinity.
    """
    known = {
        name: gender * woman + (1 - gender) * man for name, (woman, man) in STRENGTH_NM.items()
    }
    return np.array([known.get(_kind(name), np.inf) for name in SMPL22.joint_names])


def _kind(joint_name: str) -> str:
    return joint_name.removeprefix("left_").removeprefix("right_")


def _bones() -> np.ndarray:
    """Return each joint's bone in the T-pose: to its first child, hands and feet straight on."""
    bones = np.tile([0.0, 0.0, 1.0], (len(SMPL22.joint_names), 1))
    for child in reversed(range(1, len(SMPL22.parents))):
        bones[SMPL22.parents[child]] = SMPL22.offsets_m[child]
    for side, out in (("left", 1.0), ("right", -1.0)):
        bones[SMPL22.index(f"{side}_wrist")] = [out, 0, 0]
        bones[SMPL22.index(f"{side}_foot")] = [0, -1, 0]
    return unit(bones)


_BONES = _bones()
_SWINGS_DEG = np.array([SWING_DEG.get(_kind(name), np.inf) for name in SMPL22.joint_names])
