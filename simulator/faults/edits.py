"""Ways to change a part of a motion, from which the faults' edits are made.

Bones are turned in the world and named by the joint above them: what is not named keeps its
direction, so that what hangs hangs straight and eyes stay ahead. Amounts are those where the part's
weight is 1. Planted feet and hands are put back by the retargeting, by moving the body; where a
body must move over them, `move` bends the limbs here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from motions.geometry import X_AXIS, about, inverse, multiply, unit
from motions.motion import CONTACT_POINTS, Motion, at_frames
from motions.pinning import end_joints, pin_limbs
from motions.skeleton import LIMBS, SMPL22
from simulator.faults.window import Part

LUMBAR, CHEST = ("spine1", "spine2"), ("spine3", "left_collar", "right_collar")
TRUNK = ("pelvis", *LUMBAR, *CHEST)
HEAD = ("neck", "head")
ARMS = tuple(f"{side}_{name}" for side in ("left", "right") for name in ("shoulder", "elbow"))
HANDS = ("left_wrist", "right_wrist")
LEGS = tuple(f"{side}_{name}" for side in ("left", "right") for name in ("hip", "knee"))
FEET = tuple(f"{side}_{name}" for side in ("left", "right") for name in ("ankle", "foot"))
WHOLE_BODY = SMPL22.joint_names
_SAME = 1e-12
"""Rotations that differ by less keep their bits."""

Amount = float | np.ndarray
"""A number, or one a frame of the part's repetition."""


def turn(
    motion: Motion,
    part: Part,
    turns_rad: Mapping[str, Amount],
    axis: np.ndarray = X_AXIS,
    of: str | None = None,
) -> Motion:
    """Turn bones about an axis; all others keep their directions in the world.

    Args:
        motion: What to change.
        part: When.
        turns_rad: By how much each bone turns.
        axis: Unit axis in the frame of the bone itself. Shape (3,).
        of: The joint in whose frame the axis is instead, so that the bones turn as one.
    """
    frames, weights = part.weights(motion)
    before = motion.world_orientations_wxyz[frames]
    world = before.copy()
    for joint, angle_rad in turns_rad.items():
        index = SMPL22.index(joint)
        frame = before[:, index if of is None else SMPL22.index(of)]
        step = multiply(multiply(frame, about(axis, weights * angle_rad)), inverse(frame))
        world[:, index] = multiply(step, before[:, index])
    return _rewritten(motion, frames, weights, motion.root_position_m[frames], world)


def swivel(motion: Motion, part: Part, end: str, angle_rad: Amount) -> Motion:
    """Turn limbs on the part's sides about the line between their ends, which stay.

    Args:
        motion: What to change.
        part: When, and on which sides.
        end: "foot" or "hand".
        angle_rad: Positive takes a knee that points ahead inwards, and an elbow that points back
            outwards.
    """
    frames, weights = part.weights(motion)
    joints_m = motion.joints_world_m[frames]
    world = motion.world_orientations_wxyz[frames].copy()
    for side in part.sides:
        limb = LIMBS[f"{side}_{end}"]
        root, middle, last = (SMPL22.index(n) for n in (limb.root, limb.middle, limb.end))
        half = (1 if side == "left" else -1) * weights * angle_rad / 2
        line = unit(joints_m[:, last] - joints_m[:, root])
        step = np.concatenate([np.cos(half)[:, None], np.sin(half)[:, None] * line], axis=-1)
        for index in (root, middle):
            world[:, index] = multiply(step, world[:, index])
    return _rewritten(motion, frames, weights, motion.root_position_m[frames], world)


def move(
    motion: Motion,
    part: Part,
    offsets_m: Mapping[str, Sequence[float] | np.ndarray],
    keep: Sequence[str] = ("left_foot", "right_foot"),
) -> Motion:
    """Move the pelvis, feet or hands; limbs bend so that what is named goes there or stays.

    Args:
        motion: What to change.
        part: When.
        offsets_m: Where "pelvis" and CONTACT_POINTS go, in the world. Shapes (3,) or (frames, 3).
        keep: Those of CONTACT_POINTS that stay where they are, if they have no offset.
    """
    frames, weights = part.weights(motion)
    world = motion.world_orientations_wxyz[frames]
    root_m = motion.root_position_m[frames]
    targets_m = end_joints(SMPL22, root_m, world)
    root_m = root_m + weights[:, None] * np.asarray(offsets_m.get("pelvis", (0, 0, 0)))
    pinned = np.zeros(targets_m.shape[:2], dtype=bool)
    for point, name in enumerate(CONTACT_POINTS):
        pinned[:, point] = name in offsets_m or name in keep
        targets_m[:, point] += weights[:, None] * np.asarray(offsets_m.get(name, (0, 0, 0)))
    world = pin_limbs(SMPL22, root_m, world, targets_m, pinned)
    return _rewritten(motion, frames, weights, root_m, world)


def put_back(
    motion: Motion, part: Part, before: Motion, stand: Sequence[str], reach: Sequence[str] = ()
) -> Motion:
    """Move a body whose bones have turned so that it stands where it stood before.

    Args:
        motion: The body, turned.
        part: When it was.
        before: What it was before it turned.
        stand: Those of CONTACT_POINTS whose middle is put back by moving the whole body.
        reach: Those that limbs bend to bring back.
    """
    frames, weights = part.weights(motion)
    world = motion.world_orientations_wxyz[frames]
    were_m = end_joints(
        SMPL22, before.root_position_m[frames], before.world_orientations_wxyz[frames]
    )
    root_m = motion.root_position_m[frames]
    points = [CONTACT_POINTS.index(name) for name in stand]
    off_m = (were_m - end_joints(SMPL22, root_m, world))[:, points].mean(axis=1)
    root_m = root_m + off_m
    pinned = np.tile([name in (*stand, *reach) for name in CONTACT_POINTS], (len(root_m), 1))
    world = pin_limbs(SMPL22, root_m, world, were_m, pinned)
    return _rewritten(motion, frames, weights, root_m, world)


def delay(motion: Motion, part: Part, joints: Sequence[str], delay_s: Amount) -> Motion:
    """Let bones go where they go some time later, earlier if negative; others go as before."""
    frames, weights = part.weights(motion)
    now = np.arange(frames.start, frames.stop)
    then = at_frames(motion, now - weights * delay_s * motion.fps, motion.fps)
    world = motion.world_orientations_wxyz[frames].copy()
    indices = [SMPL22.index(joint) for joint in joints]
    world[:, indices] = then.world_orientations_wxyz[:, indices]
    return _rewritten(motion, frames, weights, motion.root_position_m[frames], world)


def missing(
    motion: Motion, part: Part, curve: Callable[[np.ndarray], np.ndarray], wanted: float
) -> float:
    """Return by how much a curve of the joints is below `wanted` where the part's weight is full.

    Where that is so for a while, it is read as near the far end, or the rest, as that goes.

    Args:
        motion: What is read.
        part: When.
        curve: Takes joints (frames, 22, 3) to values (frames,).
        wanted: In the curve's unit.
    """
    frames, weights = part.weights(motion)
    full = np.flatnonzero(weights == weights.max())
    phase = motion.phase[frames][full]
    at_rest = part.window is not None and part.window.rests
    at = full[phase.argmin() if at_rest else phase.argmax()]
    return wanted - float(curve(motion.joints_world_m[frames])[at])


def _rewritten(
    motion: Motion, frames: slice, weights: np.ndarray, root_m: np.ndarray, world_wxyz: np.ndarray
) -> Motion:
    """Return the motion with new postures where the weight is not 0; the same keeps its bits."""
    active = weights > 0
    local = unit(SMPL22.local_rotations(world_wxyz))
    rotations, root = motion.joint_rotations_wxyz.copy(), motion.root_position_m.copy()
    same = np.abs(local - rotations[frames]).max(axis=-1) < _SAME
    rotations[frames] = np.where((active[:, None] & ~same)[..., None], local, rotations[frames])
    root[frames] = np.where(active[:, None], root_m, root[frames])
    return replace(motion, joint_rotations_wxyz=rotations, root_position_m=root)
