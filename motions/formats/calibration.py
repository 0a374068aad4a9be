"""How the canonical bones sit on a source's bones: W_canonical(t) = W_source(t) * offset.

The offsets are read off the source's rest pose where that is a standing person. Many files have a
rest pose that is no pose at all (LAFAN1 and Bandai-Namco put all bones in a row); then the offsets
are the mean over the motion of what the joint positions say.
"""

from collections.abc import Mapping

import numpy as np

from motions.formats.axes import AXES, nearest_axis
from motions.formats.limbs import REST_M, frame_match, swung
from motions.formats.orient import SIDES, orientations
from motions.geometry import (
    X_AXIS,
    Y_AXIS,
    Z_AXIS,
    angle_between,
    inverse,
    multiply,
    rotation,
    to_wxyz,
)
from motions.skeleton import LIMBS, SMPL22

_MOST_LEAN_RAD = np.deg2rad(25.0)
_MOST_SPREAD_RAD = np.deg2rad(45.0)
_MOST_SKEW_RAD = np.deg2rad(30.0)


def stands(rest: Mapping[str, np.ndarray]) -> bool:
    """Whether a rest pose, (3,) a joint, is a person: neck up, legs down, arms on their sides."""
    up, lateral = upwards(rest), rest["left_hip"] - rest["right_hip"]
    legs, arms = _limb_bones(rest, "foot"), _limb_bones(rest, "hand")
    size = np.linalg.norm(up)
    if min(np.linalg.norm(bone) for bone in (lateral, *legs, *arms)) <= 0.02 * size:
        return False
    across = [rest[f"left_{joint}"] - rest[f"right_{joint}"] for joint in ("shoulder", "wrist")]
    return bool(
        nearest_axis(up)[1] < _MOST_LEAN_RAD
        and all(angle_between(bone, -up) < _MOST_SPREAD_RAD for bone in legs)
        and all(angle_between(line, lateral) < _MOST_SKEW_RAD for line in across)
    )


def upwards(points: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the vector from the middle of the hips to the neck."""
    return points["neck"] - (points["left_hip"] + points["right_hip"]) / 2


def rest_offsets(rest: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the canonical orientation (4,) of each joint while the source is at rest.

    The trunk is upright, limbs are swung the shortest way from the T-pose to where they are, hands
    go on from the forearms and feet stand flat.
    """
    up = AXES[nearest_axis(upwards(rest))[0]]
    body = frame_match((Z_AXIS, X_AXIS), (up, rest["left_hip"] - rest["right_hip"]))
    offsets = dict.fromkeys(rest, body)
    for limb in LIMBS.values():
        offsets[limb.root] = _swung_to(body, limb.root, limb.middle, rest)
        offsets[limb.middle] = _swung_to(offsets[limb.root], limb.middle, limb.end, rest)
    for side in SIDES:
        offsets[f"{side}_wrist"] = offsets[f"{side}_elbow"]
        ankle, foot = f"{side}_ankle", f"{side}_foot"
        if foot in rest:
            flat = frame_match((Z_AXIS, -Y_AXIS), (up, rest[foot] - rest[ankle]))
            offsets[ankle] = offsets[foot] = flat
    return offsets


def mean_offsets(
    source: Mapping[str, np.ndarray], points: Mapping[str, np.ndarray], fps: float
) -> dict[str, np.ndarray]:
    """Return the mean over the motion of how canonical bones sit on the source's.

    Args:
        source: Joint-to-world rotations by canonical joint. Shape (T, 4) each.
        points: Joint positions, +Z up. Shape (T, 3) each.
        fps: Frames per second.

    Returns:
        By joint, the canonical bone's orientation in the source bone's frame. Shape (4,) each.
    """
    seen = dict(
        zip(SMPL22.joint_names, np.moveaxis(orientations(points, fps)[0], 1, 0), strict=True)
    )
    return {
        joint: to_wxyz(rotation(multiply(inverse(turns), seen[joint])).mean())
        for joint, turns in source.items()
    }


def _limb_bones(rest: Mapping[str, np.ndarray], end: str) -> list[np.ndarray]:
    limbs = [LIMBS[f"{side}_{end}"] for side in SIDES]
    return [
        rest[b] - rest[a]
        for limb in limbs
        for a, b in ((limb.root, limb.middle), (limb.middle, limb.end))
    ]


def _swung_to(
    parent_wxyz: np.ndarray, joint: str, end: str, rest: Mapping[str, np.ndarray]
) -> np.ndarray:
    return swung(parent_wxyz, REST_M[end] - REST_M[joint], rest[end] - rest[joint])
