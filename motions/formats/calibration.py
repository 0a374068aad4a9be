"""How the canonical bones sit on a source's bones: W_canonical(t) = W_source(t) * offset.

The offsets are read off the source's rest pose where that is a standing person. Many files have a
rest pose that is no pose at all (LAFAN1 and Bandai-Namco put all bones in a row); then the offsets
are the mean over the motion of what the joint positions say.

A rest pose is drawn by hand and says little of the spine: ASF files bend it by 20 degrees against
people who stand. So the spine counts as straight while the person stands.
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
_STANDING_LEAN_RAD = np.deg2rad(15.0)
_STANDING_LEG = 0.9
"""Who stands leans less than this, with the hips higher over the ankles than so much of the leg."""
_FEWEST_STANDING = 5
"""Frames that say how someone stands."""
BELIEVED_BEND_RAD = np.deg2rad(5.0)
"""A rest pose is believed whose spine bends less against the standing one: people sway."""
TRUNK = ("pelvis", "spine1", "spine2", "spine3")


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


def standing_offsets(
    source: Mapping[str, np.ndarray],
    points: Mapping[str, np.ndarray],
    offsets: Mapping[str, np.ndarray],
    leg: float,
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the offsets of the trunk with which it is straight while the person stands.

    Args:
        source: Joint-to-world rotations by canonical joint. Shape (T, 4) each.
        points: Joint positions, +Z up. Shape (T, 3) each.
        offsets: The offsets so far, (4,) each.
        leg: Length of thigh and shin in the unit of the points.

    Returns:
        offsets: By joint of the trunk; none where the person never stands, or where the offsets so
            far have the spine all but straight then.
        doubts: That the rest pose was not believed.
    """
    up, ankles = upwards(points), (points["left_ankle"] + points["right_ankle"]) / 2
    hips = (points["left_hip"] + points["right_hip"]) / 2
    standing = (angle_between(up, np.broadcast_to(Z_AXIS, up.shape)) < _STANDING_LEAN_RAD) & (
        (hips - ankles)[:, 2] > _STANDING_LEG * leg
    )
    if standing.sum() < _FEWEST_STANDING:
        return {}, ()
    low, high = (multiply(source[j], offsets[j])[standing] for j in (TRUNK[0], TRUNK[-1]))
    bend_rad = float(rotation(multiply(inverse(low), high)).mean().magnitude())
    if bend_rad < BELIEVED_BEND_RAD:
        return {}, ()
    straight = frame_match(
        (REST_M["neck"] - REST_M["mid_hip"], X_AXIS),
        (up[standing], (points["left_hip"] - points["right_hip"])[standing]),
    )
    doubt = (
        "the spine was taken to be straight while the person stands, where the file's own rest "
        f"pose bends it by {np.rad2deg(bend_rad):.0f} degrees"
    )
    return {
        joint: to_wxyz(rotation(multiply(inverse(source[joint][standing]), straight)).mean())
        for joint in TRUNK
        if joint in source
    }, (doubt,)


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
