"""Somebody else's skeleton over time to a canonical motion that keeps every bone's twist."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from motions.errors import FormbenchError
from motions.formats.axes import doubts_about_up, guess_up, nearest_axis, upright_wxyz
from motions.formats.calibration import (
    TRUNK,
    mean_offsets,
    rest_offsets,
    standing_offsets,
    stands,
    upwards,
)
from motions.formats.orient import SIDES, check_sides
from motions.formats.placing import place
from motions.formats.reading import About, Reading
from motions.geometry import IDENTITY_WXYZ, multiply, rotate, slerp
from motions.skeleton import SMPL22, Skeleton

_MOVES_WITH = {
    "head": "neck",
    "left_collar": "spine3",
    "right_collar": "spine3",
    "left_foot": "left_ankle",
    "right_foot": "right_ankle",
}
"""What a joint that the file lacks moves with."""


@dataclass(frozen=True)
class Recording:
    """A skeleton over time as a file has it: its own joints, unit and axes."""

    skeleton: Skeleton
    """Joints in the rest pose, in which all joint frames are aligned with the file's axes."""
    fps: float
    positions: np.ndarray
    """World positions of the joints in the file's unit. Shape (T, J, 3)."""
    world_wxyz: np.ndarray
    """Joint-to-world rotations. Shape (T, J, 4)."""


def motion_of(
    recording: Recording,
    names: Mapping[str, str],
    described: About,
    *,
    where: str,
    file_format: str,
    up: str | None,
    unused: tuple[str, ...] = (),
    spine_is_straight: bool = False,
) -> Reading:
    """Put a recording on the canonical skeleton.

    Args:
        recording: What the file holds.
        names: The file's name of each canonical joint, from `names.find_names`.
        described: What the file does not say of itself.
        where: The file, for messages.
        file_format: The reader's name.
        up: The file's axis that points up, one of `axes.AXES`; found out where None.
        unused: Names in the file that are no joints of the person.
        spine_is_straight: Whether the rest pose is known to have a straight spine.

    Raises:
        FormbenchError: The joints do not make a person, or up cannot be told.
    """
    skeleton = recording.skeleton
    index = _with_chest(skeleton, names)
    rest_m = skeleton.positions(np.zeros(3), np.tile(IDENTITY_WXYZ, (len(skeleton.parents), 1)))
    rest = {joint: rest_m[at] for joint, at in index.items()}
    seen = {joint: recording.positions[:, at] for joint, at in index.items()}
    known_up = up or (nearest_axis(upwards(rest))[0] if stands(rest) else None)
    up = known_up or guess_up(where, seen)
    turn = upright_wxyz(up)
    points = {joint: rotate(turn, at) for joint, at in seen.items()}
    source = {joint: multiply(turn, recording.world_wxyz[:, at]) for joint, at in index.items()}
    bent: tuple[str, ...] = ()
    try:
        leg = leg_length(points)
        if not stands(rest):
            offsets = mean_offsets(source, points, recording.fps)
        else:
            offsets = rest_offsets(rest)
            if not spine_is_straight:
                straight, bent = standing_offsets(source, points, offsets, leg)
                offsets |= straight
        world = {joint: multiply(source[joint], offsets[joint]) for joint in source}
        check_sides(points, world["pelvis"])
    except FormbenchError as error:
        raise FormbenchError(f"{where}: {error}") from error
    assumed = _fill_in(world)
    motion, scale, floor_height = place(
        described,
        fps=recording.fps,
        mid_hip_m=(points["left_hip"] + points["right_hip"]) / 2,
        leg_m=leg,
        world_wxyz=np.stack([world[joint] for joint in SMPL22.joint_names], axis=1),
    )
    used = {skeleton.joint_names[at] for at in index.values()}
    return Reading(
        motion=motion,
        format=file_format,
        up=up,
        floor_height=floor_height,
        scale=scale,
        unused=tuple(name for name in skeleton.joint_names if name not in used) + unused,
        assumed=assumed,
        doubts=doubts_about_up(up, points, guessed=known_up is None) + bent,
    )


def leg_length(points: Mapping[str, np.ndarray]) -> float:
    """Return the median over time of thigh plus shin, the mean of both legs.

    Raises:
        FormbenchError: They have no length.
    """
    bones = [
        np.linalg.norm(points[f"{side}_{end}"] - points[f"{side}_{start}"], axis=-1)
        for side in SIDES
        for start, end in (("hip", "knee"), ("knee", "ankle"))
    ]
    length = float(np.median(np.sum(bones, axis=0))) / 2
    if length < 1e-9:
        raise FormbenchError("hips, knees and ankles coincide: the legs have no length")
    return length


def _with_chest(skeleton: Skeleton, names: Mapping[str, str]) -> dict[str, int]:
    """Return the index of each canonical joint; what carries both arms is the chest."""
    index = {joint: skeleton.joint_names.index(name) for joint, name in names.items()}
    if "spine3" not in index:
        left, right = (_ancestors(skeleton, index[f"{side}_shoulder"]) for side in SIDES)
        index["spine3"] = next(at for at in left if at in right)
    return {
        joint: at
        for joint, at in index.items()
        if joint not in ("spine1", "spine2") or at != index["spine3"]
    }


def _ancestors(skeleton: Skeleton, joint: int) -> list[int]:
    above = [joint]
    while skeleton.parents[above[-1]] >= 0:
        above.append(skeleton.parents[above[-1]])
    return above


def _fill_in(world: dict[str, np.ndarray]) -> dict[str, str]:
    """Add the joints that the file lacks to `world`, and say what was assumed for each."""
    assumed = {}
    for joint, other in _MOVES_WITH.items():
        if joint not in world:
            world[joint] = world[other]
            assumed[joint] = f"moves with {other}"
    for at, joint in enumerate(TRUNK):
        if joint not in world:
            above = next(i for i in range(at, len(TRUNK)) if TRUNK[i] in world)
            below, weight = TRUNK[at - 1], 1 / (above - at + 1)
            share = np.full(len(world["pelvis"]), weight)
            world[joint] = slerp(world[below], world[TRUNK[above]], share)
            assumed[joint] = f"between {below} and {TRUNK[above]}"
    return assumed
