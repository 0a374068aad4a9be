"""Named points over time, of any unit and axes, to a canonical motion."""

from collections.abc import Mapping

import numpy as np

from motions.errors import FormbenchError
from motions.floor import RESTING_HEIGHTS_M
from motions.formats.axes import doubts_about_up, guess_up, upright_wxyz
from motions.formats.orient import LIMB_JOINTS, SIDES, orientations
from motions.formats.placing import CANONICAL_LEG_M, MID_HIP_M, place
from motions.formats.reading import About, Reading
from motions.formats.rig import leg_length
from motions.geometry import rotate
from motions.skeleton import SMPL22

LIMB_BONES = tuple(
    (f"{side}_{start}", f"{side}_{end}")
    for side in SIDES
    for start, end in (
        ("hip", "knee"),
        ("knee", "ankle"),
        ("shoulder", "elbow"),
        ("elbow", "wrist"),
    )
)
_MOST_STRETCH = 0.25
"""A bone whose length varies by more than this, relative to its median, raises a doubt."""


def motion_of_points(
    points: Mapping[str, np.ndarray],
    fps: float,
    described: About,
    *,
    where: str,
    file_format: str,
    up: str | None,
    unused: tuple[str, ...] = (),
    filled: Mapping[str, float] | None = None,
) -> Reading:
    """Put points on the canonical skeleton; its bone lengths are constant, whatever theirs are.

    A recording whose pelvis never moves, as pose estimators give them, gets its path back from
    the lower foot, which is taken to stand.

    Args:
        points: Whole positions by name, at least orient.LIMB_JOINTS. Shape (T, 3) each.
        fps: Frames per second.
        described: What the file does not say of itself.
        where: The file, for messages.
        file_format: The reader's name.
        up: The file's axis that points up; found out where None.
        unused: Names in the file that were no use.
        filled: The fraction of frames that was filled, by point.

    Raises:
        FormbenchError: Points are missing, or do not make a person.
    """
    missing = [name for name in LIMB_JOINTS if name not in points]
    if missing:
        raise FormbenchError(
            f"{where}: no {', '.join(missing)}. There are {', '.join(sorted(points))}"
        )
    guessed = up is None
    up = up or guess_up(where, points)
    turn = upright_wxyz(up)
    upright = {name: rotate(turn, at) for name, at in points.items()}
    try:
        world, assumed = orientations(upright, fps)
        leg = leg_length(upright)
    except FormbenchError as error:
        raise FormbenchError(f"{where}: {error}") from error
    mid_hip = (upright["left_hip"] + upright["right_hip"]) / 2
    if any(
        np.ptp(at, axis=0).max() < 0.01 * leg for at in (mid_hip, upright.get("pelvis", mid_hip))
    ):
        mid_hip = standing_path_m(world, fps) * leg / CANONICAL_LEG_M
        assumed["pelvis"] = "its path is what keeps the lower foot standing"
    motion, scale, floor_height = place(
        described,
        fps=fps,
        mid_hip_m=mid_hip,
        leg_m=leg,
        world_wxyz=world,
        unseen_feet=[f"{side}_ankle" for side in SIDES if f"{side}_ankle" in assumed],
    )
    return Reading(
        motion=motion,
        format=file_format,
        up=up,
        floor_height=floor_height,
        scale=scale,
        unused=unused,
        assumed=assumed,
        filled=filled or {},
        doubts=doubts_about_up(up, upright, guessed=guessed) + doubts_about_bones(upright),
    )


def standing_path_m(world_wxyz: np.ndarray, fps: float) -> np.ndarray:
    """Return the path (T, 3) of the middle of the hips that keeps the lower foot where it is.

    Args:
        world_wxyz: Canonical joint-to-world rotations, +Z up. Shape (T, 22, 4).
        fps: Frames per second.
    """
    still = np.zeros((len(world_wxyz), 3))
    joints_m = SMPL22.positions(still, world_wxyz)
    soles = [f"{side}_{joint}" for joint in ("ankle", "foot") for side in SIDES]
    feet_m = joints_m[:, [SMPL22.index(name) for name in soles]]
    heights = feet_m[..., 2] - np.array([RESTING_HEIGHTS_M[name] for name in soles])
    # Which point stands changes softly, over about 2 cm of height, so that the path has no kinks.
    weights = np.exp(-(heights - heights.min(axis=1, keepdims=True)) / 0.02)
    weights /= weights.sum(axis=1, keepdims=True)
    steps = np.gradient(feet_m, axis=0) if len(feet_m) > 1 else np.zeros_like(feet_m)
    drift = -np.einsum("tk,tka->ta", weights, steps)
    path = np.cumsum(drift, axis=0) - drift[0]
    path[:, 2] = -np.einsum("tk,tk->t", weights, heights)
    return path + rotate(world_wxyz[:, 0], MID_HIP_M)


def doubts_about_bones(points: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """Name the limb bones whose length is far from constant."""
    doubts = []
    for start, end in LIMB_BONES:
        lengths = np.linalg.norm(points[end] - points[start], axis=-1)
        low, middle, high = np.percentile(lengths, [5, 50, 95])
        stretch = max(high - middle, middle - low) / middle
        if stretch > _MOST_STRETCH:
            doubts.append(f"the bone from {start} to {end} varies in length by {stretch:.0%}")
    return tuple(doubts)
