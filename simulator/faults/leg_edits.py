"""Edits of how a body stands and steps, by amounts; see `edits`. Planted feet stay."""

from dataclasses import replace

import numpy as np

from motions.geometry import X_AXIS, angle_between
from motions.limb_geometry import LEG_M, SHIN_M, limb_reach_m
from motions.motion import Motion
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22
from simulator.faults.edits import TRUNK, Amount, move, put_back, swivel, turn
from simulator.faults.readings import HEEL_SHARE
from simulator.faults.trunk_edits import hold_bar
from simulator.faults.window import Part

HIPS_BACK_M = 0.15
"""How far the hips go back for each radian that the trunk leans forward, for balance."""
TRUNK_BACK_SHARE = 0.5
"""How far the trunk comes up for each radian that the shins lean forward, for balance."""
HIPS_BACK_SHARE = 0.9
"""How far the hips of a lunge that is not low stay back for each metre that they are higher."""
STEP_OF_KNEE = 0.5
"""How much shorter a step is for each metre that the front knee goes past the foot."""
HIPS_OF_STEP = 0.42
"""How far the hips go along for each metre that a step is longer."""
LONGER_SINKS, SHORTER_RISES = 0.4, 0.2
"""How much lower the hips are for each metre that a step is longer, and higher if it is shorter."""


def cave_knees(motion: Motion, part: Part, share: float) -> Motion:
    """Let knees fall inwards by a share of the leg, about the lines from hips to ankles."""
    frames, weights = part.weights(motion)
    joints = motion.joints_world_m[frames.start + int(weights.argmax())]
    for side in part.sides:
        hip, ankle = (joints[SMPL22.index(f"{side}_{name}")] for name in ("hip", "ankle"))
        # Thigh and shin are equally long, so the knee is over the middle of the line.
        radius_m = np.sqrt(SHIN_M**2 - np.sum((hip - ankle) ** 2) / 4)
        angle_rad = np.arcsin(np.clip(share * LEG_M / radius_m, -1, 1))
        motion = swivel(motion, replace(part, side=side), "foot", angle_rad)
    return motion


def lean_forward(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Lean the trunk forward over planted feet; the hips go back."""
    motion = turn(motion, part, dict.fromkeys(TRUNK, angle_rad), of="pelvis")
    return move(motion, part, {"pelvis": (0.0, HIPS_BACK_M * angle_rad, 0.0)})


def lean_shins(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Lean the shins forward over planted feet; the trunk comes up."""
    trunk = dict.fromkeys(TRUNK, -TRUNK_BACK_SHARE * angle_rad)
    leant = turn(motion, part, trunk, of="pelvis")
    leant = turn(leant, part, {"left_knee": angle_rad, "right_knee": angle_rad}, X_AXIS)
    return put_back(leant, part, motion, ("left_foot", "right_foot"))


def lift_heels(motion: Motion, part: Part, rise_m: float) -> Motion:
    """Lift heels off the floor; the balls of the feet stay where they are, and the hips too."""
    ball_m = np.abs(SMPL22.offsets_m[SMPL22.index("left_foot"), 1])
    angle_rad = np.arcsin(np.clip(rise_m / ((1 - HEEL_SHARE) * ball_m), -1, 1))
    turned = turn(motion, part, {f"{side}_ankle": angle_rad for side in part.sides})
    frames, weights = part.weights(motion)
    back_m = (motion.joints_world_m - turned.joints_world_m)[frames]
    back_m /= np.maximum(weights, 1e-6)[:, None, None]
    feet = {f"{side}_foot": back_m[:, SMPL22.index(f"{side}_foot")] for side in part.sides}
    return move(turned, part, feet, keep=())


def sit_down(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Bend the knees by more and hold the trunk up; straight arms hold the bar over the feet."""
    legs = {"hip": -0.6, "knee": 0.4}
    turns = {f"{s}_{joint}": share for s in ("left", "right") for joint, share in legs.items()}
    turns |= dict.fromkeys(TRUNK, -0.85)
    sitting = turn(motion, part, {bone: share * angle_rad for bone, share in turns.items()})
    return hold_bar(sitting, part, motion)


def fold_knees(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Bend the knees of a body on its toes, mostly at the hips, so that they clear the floor."""
    turns = {"left_hip": -0.8, "right_hip": -0.8, "left_knee": 0.20, "right_knee": 0.20}
    return turn(motion, part, {bone: share * angle_rad for bone, share in turns.items()})


def raise_pelvis(motion: Motion, part: Part, rise_m: Amount) -> Motion:
    """Raise the pelvis over feet that stay where they are."""
    offset_m = np.multiply.outer(np.asarray(rise_m), [0.0, 0.0, 1.0])
    return move(motion, part, {"pelvis": offset_m})


def front_side(joints_m: np.ndarray) -> str:
    """Return the side whose foot steps ahead in a repetition (frames, 22, 3)."""
    left, right = (joints_m[:, SMPL22.index(f"{s}_ankle")] for s in ("left", "right"))
    return "left" if np.ptp(left, axis=0).max() > np.ptp(right, axis=0).max() else "right"


def lengthen_step(motion: Motion, part: Part, share: float) -> Motion:
    """Make a step longer by a share of the hips' height; the hips go along, and lower."""
    by_m = share * (LEG_M + ANKLE_HEIGHT_M)
    frames, _ = part.weights(motion)
    joints_m = motion.joints_world_m[frames]
    side = front_side(joints_m)
    ankle_m = joints_m[:, SMPL22.index(f"{side}_ankle"), :2]
    gone_m = ankle_m - ankle_m[0]
    longest_m = np.linalg.norm(gone_m, axis=-1).max()
    foot_m = np.pad(by_m / longest_m * gone_m, ((0, 0), (0, 1)))
    hips_m = HIPS_OF_STEP * foot_m
    sinks = LONGER_SINKS if by_m > 0 else SHORTER_RISES
    hips_m[:, 2] = -sinks * by_m * np.linalg.norm(gone_m, axis=-1) / longest_m
    offsets_m = {"pelvis": hips_m, f"{side}_foot": foot_m}
    return move(motion, part, offsets_m)


def lower_front_knee(motion: Motion, part: Part, more_rad: float) -> Motion:
    """Bend the front knee of a lunge by more; the hips are lower for it and farther ahead."""
    frames, weights = part.weights(motion)
    joints = motion.joints_world_m[frames]
    side, at = front_side(joints), int(weights.argmax())
    hip, knee, ankle = (joints[at, SMPL22.index(f"{side}_{n}")] for n in ("hip", "knee", "ankle"))
    reach_m = limb_reach_m(SHIN_M, SHIN_M, angle_between(knee - hip, ankle - knee) + more_rad)
    away = hip - ankle
    # Along a straight way of the hip, up and back, the leg has its new length where a square is 0.
    way = np.array([0.0, HIPS_BACK_SHARE, 1.0])
    half = away @ way
    left = reach_m**2 - away @ away
    rise_m = (np.sqrt(np.maximum(half**2 + (way @ way) * left, 0)) - half) / (way @ way)
    return move(motion, part, {"pelvis": rise_m * way})


def push_knee_ahead(motion: Motion, part: Part, ahead_m: float) -> Motion:
    """Push the front knee of a lunge ahead: the hips go forward and the step is shorter."""
    step = replace(part, window=None)
    motion = lengthen_step(motion, step, -STEP_OF_KNEE * ahead_m / (LEG_M + ANKLE_HEIGHT_M))
    forward_m = (0.0, -(1 - STEP_OF_KNEE) * ahead_m, 0.0)
    return move(motion, part, {"pelvis": forward_m})
