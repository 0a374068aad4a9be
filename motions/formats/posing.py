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
from scipy.linalg import solveh_banded
from scipy.spatial.transform import Rotation

from motions.errors import FormbenchError
from motions.geometry import (
    IDENTITY_WXYZ,
    X_AXIS,
    Y_AXIS,
    Z_AXIS,
    about,
    angle_between,
    between,
    inverse,
    multiply,
    rotate,
    signed_angle,
    slerp,
    to_wxyz,
    unit,
)
from motions.skeleton import LIMBS, SMPL22, Skeleton

SIDES = ("left", "right")
LIMB_JOINTS = tuple(
    f"{side}_{joint}"
    for side in SIDES
    for joint in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
)
"""The points that must be there."""

BENT_RAD = np.deg2rad(25.0)
"""A limb that bends this much shows its bend plane; one that bends less, so much the less."""
NOSE_BELOW_EARS_RAD = np.deg2rad(15.0)
"""How far the line from the ears to the nose dips while the head is level."""


def _with_middles(points: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    middles = {
        "mid_hip": (points["left_hip"] + points["right_hip"]) / 2,
        "mid_shoulder": (points["left_shoulder"] + points["right_shoulder"]) / 2,
    }
    return dict(points) | middles


def rest_points(skeleton: Skeleton) -> dict[str, np.ndarray]:
    """Return where a skeleton of the 22 joints has its points in the T-pose, (3,) each."""
    still = np.tile(IDENTITY_WXYZ, (len(skeleton.joint_names), 1))
    at_m = skeleton.positions(np.zeros(3), still)
    return _with_middles(dict(zip(skeleton.joint_names, at_m, strict=True)))


REST_M = rest_points(SMPL22)


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
    points = _with_middles(points)
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


def frame_match(
    canonical: tuple[np.ndarray, np.ndarray], seen: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Return the rotation that takes two canonical directions to two seen ones.

    The first is met exactly, the second as far as the angle between them allows.

    Args:
        canonical: Two directions in the canonical rest pose, (3,) each.
        seen: Where they point now, (..., 3) each.

    Returns:
        Rotations of shape (..., 4).
    """
    return to_wxyz(Rotation.from_matrix(_axes(*seen) @ np.swapaxes(_axes(*canonical), -1, -2)))


def swung(parent_wxyz: np.ndarray, rest: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Turn orientations (..., 4) the shortest way, so that `rest` (3,) points along `seen`."""
    return multiply(between(rotate(parent_wxyz, rest), seen), parent_wxyz)


def limb_orientations(
    name: str,
    points: Mapping[str, np.ndarray],
    parent_wxyz: np.ndarray,
    fps: float,
    rest: Mapping[str, np.ndarray] = REST_M,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the world orientations, (T, 4) each, of a limb's upper and lower bone.

    Args:
        name: Which of LIMBS.
        points: Positions by name, the limb's three among them. Shape (T, 3) each.
        parent_wxyz: World orientation of the pelvis or chest that the limb hangs on. Shape (T, 4).
        fps: Frames per second.
        rest: Where the T-pose has the points.
    """
    limb = LIMBS[name]
    upper = _bone(points, limb.root, limb.middle)
    lower = _bone(points, limb.middle, limb.end)
    straight = swung(parent_wxyz, rest[limb.middle] - rest[limb.root], upper)
    hinge = rotate(straight, np.array(limb.bend_axis))
    bend = angle_between(upper, lower)
    normal = np.cross(upper, lower)
    twist = signed_angle(hinge, np.where(bend[:, None] > 1e-6, normal, hinge), unit(upper))
    weight = _smooth_step(bend / BENT_RAD)
    if limb.root.endswith("hip"):
        # No thigh turns a quarter about itself: a knee that seems to bend there is overstretched.
        weight = weight * np.clip(np.cos(twist), 0, 1)
    upper_wxyz = multiply(about(unit(upper), _carried(twist, weight, fps)), straight)
    return upper_wxyz, swung(upper_wxyz, rest[limb.end] - rest[limb.middle], lower)


def check_sides(points: Mapping[str, np.ndarray], pelvis_wxyz: np.ndarray) -> None:
    """Raise when knees bend forwards and toes or nose point backwards: a mirror image.

    Left and right that are swapped, or one axis that is negated, both look like that.
    """
    forward = rotate(pelvis_wxyz, -Y_AXIS)
    votes = []
    for side in SIDES:
        thigh = unit(_bone(points, f"{side}_hip", f"{side}_knee"))
        shin = unit(_bone(points, f"{side}_knee", f"{side}_ankle"))
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
        (X_AXIS, rest[low] - rest["mid_hip"]),
        (_bone(points, "right_hip", "left_hip"), _bone(points, "mid_hip", low)),
    )
    high = next(p for p in ("spine3", "spine2", "spine1", "mid_hip") if p in points)
    top = "neck" if "neck" in points else "mid_shoulder"
    world["spine3"] = frame_match(
        (rest[top] - rest[high], X_AXIS),
        (_bone(points, high, top), _bone(points, "right_shoulder", "left_shoulder")),
    )
    for joint, end, weight in (("spine1", "spine2", 1 / 3), ("spine2", "spine3", 2 / 3)):
        part = np.full(len(world["pelvis"]), weight)
        world[joint] = slerp(world["pelvis"], world["spine3"], part)
        if joint in points and end in points:
            world[joint] = swung(world[joint], rest[end] - rest[joint], _bone(points, joint, end))


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
                chest, rest[shoulder] - rest[collar], _bone(points, collar, shoulder)
            )
        elif "neck" in points:
            scale = np.median(np.linalg.norm(_bone(points, f"{side}_hip", f"{side}_knee"), axis=-1))
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
    nodding = chest if top is None else swung(chest, upwards, _bone(points, "neck", top))
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
                (along, X_AXIS), (_bone(points, start, toe), rotate(shin, X_AXIS))
            )
        else:
            world[ankle] = _level_foot(shin)
            assumed[ankle] = "the foot is level, square to the shin where that lies"
        world[toe] = world[ankle]
        assumed[toe] = "straight"


def _level_foot(shin_wxyz: np.ndarray) -> np.ndarray:
    heading = rotate(shin_wxyz, X_AXIS) * np.array([1.0, 1.0, 0.0])
    upright = np.clip(rotate(shin_wxyz, Z_AXIS)[:, 2], 0, 1)
    sideways = np.where(np.linalg.norm(heading, axis=-1, keepdims=True) > 1e-6, heading, X_AXIS)
    level = frame_match((Z_AXIS, X_AXIS), (np.broadcast_to(Z_AXIS, sideways.shape), sideways))
    return slerp(shin_wxyz, level, _smooth_step((upright - 0.15) / 0.25))


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


def _bone(points: Mapping[str, np.ndarray], start: str, end: str) -> np.ndarray:
    bone = points[end] - points[start]
    short = np.linalg.norm(bone, axis=-1) < 1e-9
    if short.any():
        raise FormbenchError(f"frame {int(short.argmax()) + 1}: {start} and {end} coincide")
    return bone


def _carried(twist: np.ndarray, weight: np.ndarray, fps: float) -> np.ndarray:
    """Carry twist angles (T,) over the frames whose weight (T,), 0 to 1, says they are not seen.

    Whittaker's smoother over the angles' unit vectors with these weights, a penalty on first
    differences and a slight pull towards no twist (Eilers 2003, "A Perfect Smoother"). First
    differences, because second ones overshoot where a long straight part begins.
    """
    seen = np.stack([np.cos(twist), np.sin(twist)], axis=-1)
    pull, stiffness = 1e-3, (0.1 * fps) ** 2
    diagonal = np.full(len(twist), 2.0)
    diagonal[[0, -1]] = 1.0 if len(twist) > 1 else 0.0
    bands = np.stack([np.full(len(twist), -stiffness), stiffness * diagonal + weight + pull])
    smooth = solveh_banded(bands, weight[:, None] * seen + pull * np.array([1.0, 0.0]))
    mixed = weight[:, None] * seen + (1 - weight[:, None]) * smooth
    return np.arctan2(mixed[:, 1], mixed[:, 0])


def _smooth_step(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.cos(angle_between(a, b))


def _axes(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return right-handed orthonormal axes (..., 3, 3) as columns, the first along `first`."""
    x = unit(first)
    across = np.cross(x, second)
    parallel = np.linalg.norm(across, axis=-1, keepdims=True) < 1e-9
    anyhow = np.cross(x, np.where(np.abs(x[..., :1]) < 0.9, X_AXIS, Y_AXIS))
    z = unit(np.where(parallel, anyhow, across))
    return np.stack([x, np.cross(z, x), z], axis=-1)
