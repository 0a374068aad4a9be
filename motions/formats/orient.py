"""Joint positions to canonical joint orientations, in closed form.

Every limb bone points exactly where the source's does. What a limb does about its own axis follows
from its bend plane while it is bent, and is carried over smoothly while it is straight; pelvis and
chest come from the lines across the hips and shoulders. Positions are +Z up, at any scale and
heading, over time: shape (T, 3) each.

Points go by the canonical joint names. Others that help when they are there: left_heel and
right_heel, left_index and left_pinky (the knuckles) and their right ones, nose, left_ear and
right_ear, head_top.
"""

from collections.abc import Mapping

import numpy as np

from motions.errors import FormbenchError
from motions.formats.limbs import (
    REST_M,
    bone,
    frame_match,
    limb_orientations,
    smooth_step,
    swung,
    with_middles,
)
from motions.geometry import (
    X_AXIS,
    Y_AXIS,
    Z_AXIS,
    angle_between,
    between,
    inverse,
    multiply,
    rotate,
    slerp,
    unit,
)
from motions.skeleton import LIMBS, SMPL22

SIDES = ("left", "right")
LIMB_JOINTS = tuple(
    f"{side}_{joint}"
    for side in SIDES
    for joint in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
)
"""The points that must be there."""

NOSE_BELOW_EARS_RAD = np.deg2rad(15.0)
"""How far the line from the ears to the nose dips while the head is level."""


def orientations(
    points: Mapping[str, np.ndarray], fps: float, rest: Mapping[str, np.ndarray] = REST_M
) -> tuple[np.ndarray, dict[str, str]]:
    """Turn joint positions into joint orientations.

    Args:
        points: Positions by name, at least LIMB_JOINTS. Shape (T, 3) each.
        fps: Frames per second.
        rest: Where the T-pose has the points: the canonical one, or from `rest_points` that of the
            very body whose points they are, which then gives its orientations exactly.

    Returns:
        world_wxyz: Canonical joint-to-world rotations. Shape (T, 22, 4).
        assumed: What was assumed for joints that the points say nothing of.

    Raises:
        FormbenchError: Two joints of a limb coincide, or left and right are swapped.
    """
    points = with_middles(points)
    world: dict[str, np.ndarray] = {}
    assumed: dict[str, str] = {}
    _trunk(points, world, rest)
    _collars(points, world, assumed, rest)
    for name, limb in LIMBS.items():
        parent = world["pelvis" if limb.root.endswith("hip") else "spine3"]
        world[limb.root], world[limb.middle] = limb_orientations(name, points, parent, fps, rest)
    check_sides(points, world["pelvis"])
    _head(points, world, assumed, rest)
    _feet(points, world, assumed, rest)
    _hands(points, world, assumed)
    return np.stack([world[name] for name in SMPL22.joint_names], axis=1), assumed


def check_sides(points: Mapping[str, np.ndarray], pelvis_wxyz: np.ndarray) -> None:
    """Raise when knees bend forwards and toes or nose point backwards: a mirror image.

    Left and right that are swapped, or one axis that is negated, both look like that.
    """
    forward = rotate(pelvis_wxyz, -Y_AXIS)
    votes = []
    for side in SIDES:
        thigh = unit(bone(points, f"{side}_hip", f"{side}_knee"))
        shin = unit(bone(points, f"{side}_knee", f"{side}_ankle"))
        votes.append(np.sum(np.cross(thigh, shin) * rotate(pelvis_wxyz, X_AXIS), axis=-1))
        if f"{side}_foot" in points:
            votes.append(_cosine(points[f"{side}_foot"] - points[f"{side}_ankle"], forward))
    if {"nose", "left_ear", "right_ear"} <= set(points):
        ears = (points["left_ear"] + points["right_ear"]) / 2
        votes.append(_cosine(points["nose"] - ears, forward))
    means = [float(vote.mean()) for vote in votes]
    if max(means) < 0.05 and sum(means) < -0.2:
        raise FormbenchError(
            "left and right are swapped, or one axis is negated: knees bend forwards"
        )


def _trunk(
    points: Mapping[str, np.ndarray], world: dict[str, np.ndarray], rest: Mapping[str, np.ndarray]
) -> None:
    low = next(p for p in ("spine1", "spine2", "spine3", "neck", "mid_shoulder") if p in points)
    world["pelvis"] = frame_match(
        (rest["left_hip"] - rest["right_hip"], rest[low] - rest["mid_hip"]),
        (bone(points, "right_hip", "left_hip"), bone(points, "mid_hip", low)),
    )
    high = next(p for p in ("spine3", "spine2", "spine1", "mid_hip") if p in points)
    top = "neck" if "neck" in points else "mid_shoulder"
    across = "collar" if {"left_collar", "right_collar"} <= set(points) else "shoulder"
    world["spine3"] = frame_match(
        (rest[top] - rest[high], rest[f"left_{across}"] - rest[f"right_{across}"]),
        (bone(points, high, top), bone(points, f"right_{across}", f"left_{across}")),
    )
    for joint, end, weight in (("spine1", "spine2", 1 / 3), ("spine2", "spine3", 2 / 3)):
        part = np.full(len(world["pelvis"]), weight)
        world[joint] = slerp(world["pelvis"], world["spine3"], part)
        if joint in points and end in points:
            world[joint] = swung(world[joint], rest[end] - rest[joint], bone(points, joint, end))


def _collars(
    points: Mapping[str, np.ndarray],
    world: dict[str, np.ndarray],
    assumed: dict[str, str],
    rest: Mapping[str, np.ndarray],
) -> None:
    """Turn the collars as far as the shoulders leave their usual place under the neck."""
    chest = world["spine3"]
    for side in SIDES:
        collar, shoulder = f"{side}_collar", f"{side}_shoulder"
        if collar in points:
            world[collar] = swung(
                chest, rest[shoulder] - rest[collar], bone(points, collar, shoulder)
            )
        elif "neck" in points:
            scale = np.median(np.linalg.norm(bone(points, f"{side}_hip", f"{side}_knee"), axis=-1))
            scale /= np.linalg.norm(rest[f"{side}_knee"] - rest[f"{side}_hip"])
            from_neck = rotate(inverse(chest), points[shoulder] - points["neck"])
            seen = from_neck - scale * (rest[collar] - rest["neck"])
            world[collar] = multiply(chest, between(np.median(seen, axis=0), seen))
        else:
            world[collar] = chest
            assumed[collar] = "moves with the chest"


def _head(
    points: Mapping[str, np.ndarray],
    world: dict[str, np.ndarray],
    assumed: dict[str, str],
    rest: Mapping[str, np.ndarray],
) -> None:
    chest, upwards = world["spine3"], rest["head"] - rest["neck"]
    top = next((p for p in ("head", "head_top") if p in points and "neck" in points), None)
    nodding = chest if top is None else swung(chest, upwards, bone(points, "neck", top))
    world["head"] = nodding
    if {"nose", "left_ear", "right_ear"} <= set(points):
        ears = (points["left_ear"] + points["right_ear"]) / 2
        dip = np.array([0.0, -np.cos(NOSE_BELOW_EARS_RAD), -np.sin(NOSE_BELOW_EARS_RAD)])
        world["head"] = frame_match(
            (X_AXIS, dip), (points["left_ear"] - points["right_ear"], points["nose"] - ears)
        )
    else:
        assumed["head"] = "turns with the chest" if top else "moves with the chest"
    halfway = slerp(chest, world["head"], np.full(len(chest), 0.5))
    world["neck"] = nodding if top == "head" else halfway


def _feet(
    points: Mapping[str, np.ndarray],
    world: dict[str, np.ndarray],
    assumed: dict[str, str],
    rest: Mapping[str, np.ndarray],
) -> None:
    for side in SIDES:
        shin = world[f"{side}_knee"]
        ankle, toe, heel = f"{side}_ankle", f"{side}_foot", f"{side}_heel"
        if toe in points:
            start, along = (heel, -Y_AXIS) if heel in points else (ankle, rest[toe] - rest[ankle])
            world[ankle] = frame_match(
                (along, X_AXIS), (bone(points, start, toe), rotate(shin, X_AXIS))
            )
        else:
            world[ankle] = _level_foot(shin)
            assumed[ankle] = (
                "the foot stands on its ball, is level in the air, square to a shin that lies"
            )
        world[toe] = world[ankle]
        assumed[toe] = "straight"


def _level_foot(shin_wxyz: np.ndarray) -> np.ndarray:
    heading = rotate(shin_wxyz, X_AXIS) * np.array([1.0, 1.0, 0.0])
    upright = np.clip(rotate(shin_wxyz, Z_AXIS)[:, 2], 0, 1)
    sideways = np.where(np.linalg.norm(heading, axis=-1, keepdims=True) > 1e-6, heading, X_AXIS)
    level = frame_match((Z_AXIS, X_AXIS), (np.broadcast_to(Z_AXIS, sideways.shape), sideways))
    return slerp(shin_wxyz, level, smooth_step((upright - 0.15) / 0.25))


def _hands(
    points: Mapping[str, np.ndarray],
    world: dict[str, np.ndarray],
    assumed: dict[str, str],
) -> None:
    for side in SIDES:
        wrist, index, pinky = (f"{side}_{part}" for part in ("wrist", "index", "pinky"))
        if index in points and pinky in points:
            knuckles = (points[index] + points[pinky]) / 2
            outwards = X_AXIS if side == "left" else -X_AXIS
            world[wrist] = frame_match(
                (outwards, -Y_AXIS), (knuckles - points[wrist], points[index] - points[pinky])
            )
        else:
            world[wrist] = world[f"{side}_elbow"]
            assumed[wrist] = "straight"


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.cos(angle_between(a, b))
