"""Edits of arms, legs and spine by how far they bend, on top of `edits`; amounts in radians."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, angle_between, inverse, rotate, unit
from motions.limb_geometry import limb_reach_m
from motions.motion import Motion
from motions.skeleton import LIMBS, SMPL22, Limb
from simulator.bodies.body import Body
from simulator.bodies.stick import build_stick
from simulator.faults.arm_readings import arm_elevation_rad
from simulator.faults.edits import CHEST, TRUNK, Amount, missing, move, turn
from simulator.faults.pose_readings import WhichSide
from simulator.faults.readings import Curve
from simulator.faults.window import Part

Edit = Callable[[Motion, Part, float], Motion]
_OUT = {"left": 1.0, "right": -1.0}


@cache
def canonical() -> Body:
    """Return the body whose skeleton is the canonical one, for reading curves off motions."""
    return build_stick()


def bring(
    edit: Callable[[Motion, Part, float], Motion],
    curve: Curve,
    *,
    on: WhichSide | None = None,
    scale: float = np.pi / 180,
) -> Edit:
    """Make a fault's edit of one by amounts: bring a curve to the size where the weight is full.

    Args:
        edit: Changes a part on one side, so that the curve grows by the amount.
        curve: What is read, of each side by itself.
        on: Says which side it is, for a fault whose side the exercise decides.
        scale: From the fault's unit to the curve's.
    """

    def brought(motion: Motion, part: Part, size: float) -> Motion:
        sides = part.sides if on is None else (on(motion.joints_world_m[part.frames(motion)]),)
        for side in sides:
            one = replace(part, side=side)
            motion = edit(
                motion, one, missing(motion, one, read_on_canonical(curve, side), scale * size)
            )
        return motion

    return brought


def in_deg(edit: Callable[[Motion, Part, float], Motion], neutral: float) -> Edit:
    """Make a fault's edit of one by amounts: as much as the size is beyond neutral, in degrees."""
    return lambda motion, part, size: edit(motion, part, np.deg2rad(size - neutral))


def read_on_canonical(curve: Curve, side: str) -> Callable[[np.ndarray], np.ndarray]:
    """Make a curve of the joints (T, 22, 3) of a motion alone."""
    return lambda joints: curve(joints, canonical(), side)


def lift_arms(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    """Lift arms away from the trunk in the planes that they are in."""
    frames, _ = part.weights(motion)
    joints_m, world = motion.joints_world_m[frames], motion.world_orientations_wxyz[frames]
    down = joints_m[:, SMPL22.index("pelvis")] - joints_m[:, SMPL22.index("neck")]
    for side in part.sides:
        shoulder, elbow = (SMPL22.index(f"{side}_{name}") for name in ("shoulder", "elbow"))
        hinge = unit(np.cross(down, joints_m[:, elbow] - joints_m[:, shoulder]))
        axis = rotate(inverse(world[:, shoulder]), hinge)
        motion = turn(motion, part, arm(side, angle_rad), axis, of=f"{side}_shoulder")
    return motion


def swing_arms_ahead(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    """Swing hanging arms ahead, about the line across the chest."""
    for side in part.sides:
        motion = turn(motion, part, arm(side, -angle_rad), X_AXIS, of="spine3")
    return motion


def swing_arms_out(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    """Swing hanging arms out to their sides."""
    for side in part.sides:
        motion = turn(motion, part, arm(side, -_OUT[side] * angle_rad), Y_AXIS, of="spine3")
    return motion


def turn_arms_ahead(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    """Turn raised arms from their sides towards straight ahead, as high as they are."""
    for side in part.sides:
        motion = turn(motion, part, arm(side, -_OUT[side] * angle_rad), Z_AXIS, of="spine3")
    return motion


def bend_elbows(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    """Bend elbows, the hands with the forearms."""
    for side in part.sides:
        axis = np.array(LIMBS[f"{side}_hand"].bend_axis)
        bones = {f"{side}_elbow": angle_rad, f"{side}_wrist": angle_rad}
        motion = turn(motion, part, bones, axis, of=f"{side}_shoulder")
    return motion


def bend_wrists(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    """Bend hands palmwards."""
    for side in part.sides:
        motion = turn(motion, part, {f"{side}_wrist": _OUT[side] * angle_rad}, Y_AXIS)
    return motion


def draw_up_shoulders(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    """Draw shoulders up; the arms go up with them as they are."""
    for side in part.sides:
        turns = {f"{side}_collar": -_OUT[side] * angle_rad}
        motion = turn(motion, part, turns, Y_AXIS, of="spine3")
    return motion


def arm(side: str, angle_rad: Amount) -> Mapping[str, Amount]:
    """Name the bones of an arm that turns as one."""
    return {f"{side}_{name}": angle_rad for name in ("shoulder", "elbow", "wrist")}


def bend_spine(motion: Motion, part: Part, angle_rad: Amount, axis: np.ndarray = X_AXIS) -> Motion:
    """Bend the spine over the pelvis, evenly, about an axis of the pelvis."""
    turns = {"spine1": angle_rad / 3, "spine2": angle_rad * 2 / 3}
    turns |= dict.fromkeys(CHEST, angle_rad)
    return turn(motion, part, turns, axis, of="pelvis")


def raise_less(motion: Motion, part: Part, share: float) -> Motion:
    """Raise each arm only a share of its way, or more than all of it, in the planes that it goes
    through."""
    frames, _ = part.weights(motion)
    joints = motion.joints_world_m[frames]
    for side in part.sides:
        up_rad = arm_elevation_rad(joints, canonical(), side)
        from_rad = np.linspace(up_rad[0], up_rad[-1], len(up_rad))
        motion = lift_arms(motion, replace(part, side=side), (share - 1) * (up_rad - from_rad))
    return motion


def raise_to(motion: Motion, part: Part, elevation_deg: float) -> Motion:
    """Raise each arm less far, or farther, so that it comes up to an elevation."""
    joints = motion.joints_world_m[part.frames(motion)]
    for side in part.sides:
        up_rad = arm_elevation_rad(joints, canonical(), side)
        share = (np.deg2rad(elevation_deg) - up_rad[0]) / (up_rad.max() - up_rad[0])
        motion = raise_less(motion, replace(part, side=side), float(share))
    return motion


def rock_trunk(
    motion: Motion, part: Part, angle_rad: float, bones: Sequence[str] = TRUNK
) -> Motion:
    """Rock the trunk over the hips: back by half of it on the way out, then forward."""
    frames, _ = part.weights(motion)
    share = np.linspace(0, 1, frames.stop - frames.start)
    pitch_rad = -angle_rad / 2 * np.sin(2 * np.pi * share)
    return turn(motion, part, dict.fromkeys(bones, pitch_rad), of="pelvis")


def bend_knees(
    motion: Motion,
    part: Part,
    more_rad: Mapping[str, Amount],
    feet_m: Mapping[str, np.ndarray] | None = None,
) -> Motion:
    """Bend the legs of planted feet by so much more; the pelvis goes where they then reach.

    With one leg that is straight towards its ankle, with two the nearest place that is as far from
    each ankle as its leg is long (on the circle where two spheres meet).

    Args:
        motion: What to change.
        part: When.
        more_rad: Added to the flexion of the knee, by side.
        feet_m: How far a foot is put elsewhere, by side; (3,) or (frames, 3). Others stay.
    """
    feet_m = feet_m or {}
    frames, _ = part.weights(motion)
    joints_m = motion.joints_world_m[frames]
    pelvis_m = joints_m[:, 0]
    centres, reaches = [], []
    for side, more in more_rad.items():
        away, reach_m = _bent(joints_m, LIMBS[f"{side}_foot"], more)
        reaches.append(reach_m)
        centres.append(pelvis_m + away + feet_m.get(side, 0.0))
    middle, radius = centres[0], reaches[0]
    towards = pelvis_m - middle
    if len(centres) == 2:
        apart = centres[1] - centres[0]
        squared = np.sum(apart**2, axis=-1, keepdims=True)
        share = (reaches[0] ** 2 - reaches[1] ** 2 + squared) / (2 * squared)
        middle = centres[0] + share * apart
        radius = np.sqrt(np.maximum(reaches[0] ** 2 - share**2 * squared, 0))
        towards = pelvis_m - middle
        towards = towards - np.sum(towards * apart, axis=-1, keepdims=True) / squared * apart
    offset_m = middle + radius * unit(towards) - pelvis_m
    offsets_m = {f"{side}_foot": foot_m for side, foot_m in feet_m.items()}
    keep = [f"{side}_foot" for side in more_rad]
    return move(motion, part, {"pelvis": offset_m, **offsets_m}, keep)


def draw_in_hands(motion: Motion, part: Part, more_rad: Amount) -> Motion:
    """Bend elbows by so much more, so that the hands come straight towards the shoulders."""
    frames, _ = part.weights(motion)
    joints_m = motion.joints_world_m[frames]
    offsets_m = {}
    for side in part.sides:
        away, reach_m = _bent(joints_m, LIMBS[f"{side}_hand"], more_rad)
        offsets_m[f"{side}_hand"] = reach_m * unit(away) - away
    return move(motion, part, offsets_m, keep=())


def _bent(joints_m: np.ndarray, limb: Limb, more_rad: Amount) -> tuple[np.ndarray, np.ndarray]:
    """Return from root to end of a limb (T, 3), and how far it is when bent by more (T, 1)."""
    root, middle, end = (joints_m[:, SMPL22.index(n)] for n in (limb.root, limb.middle, limb.end))
    upper, lower = middle - root, end - middle
    flexion = np.maximum(angle_between(upper, lower) + more_rad, 0.0)
    bones_m = np.linalg.norm(upper, axis=-1), np.linalg.norm(lower, axis=-1)
    return end - root, limb_reach_m(*bones_m, flexion)[:, None]
