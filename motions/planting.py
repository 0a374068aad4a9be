"""What carries the body stays where it is: the body is walked on its contacts.

The hip moves first: the whole body is shifted so that the planted points lie where they should on
average, and only what is left over is taken up by bending the limbs (closed form). That order
keeps joint angles; the other bends knees by many degrees. A body on hands and feet is tilted
before, as a whole, so that both reach the floor.

A foot is planted where it comes down and rolls from there without slipping (`motions.feet`). All
ends are in the order of CONTACT_POINTS.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from motions.bars import level_bar, on_one_bar
from motions.feet import Heels, levelled, ramp, rolled_path
from motions.floor import WRIST_HEIGHT_M
from motions.geometry import IDENTITY_WXYZ, between, multiply, slerp
from motions.measures import SIDES
from motions.motion import CONTACT_POINTS
from motions.pinning import end_joints, lift_into_reach, pin_limbs
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22, Skeleton
from motions.stiffness import Limbs
from motions.walking import FEET, HANDS, IS_HAND, bridge, walk

BLEND_S = 0.25
"""How long a shift that is no longer needed takes to fade."""
_SHOULDERS = [SMPL22.index("left_shoulder"), SMPL22.index("right_shoulder")]
_KEEP_FLAT = [
    SMPL22.index(f"{side}_{joint}") for side in SIDES for joint in ("ankle", "foot", "wrist")
]


Bar = Literal["fixed", "held"]


@dataclass(frozen=True)
class Figure:
    """A skeleton, and how high its joints are where hands and feet rest on something."""

    skeleton: Skeleton
    ankle_height_m: float
    """Of the ankle above the sole of a flat foot."""
    wrist_height_m: float
    """Of the wrist above what the palm lies flat on."""
    bench_m: float = 0.0
    """Of the bench that planted hands rest on; 0 where it is the floor."""


CANONICAL = Figure(SMPL22, ANKLE_HEIGHT_M, WRIST_HEIGHT_M)


@dataclass(frozen=True)
class Planted:
    """A body whose contacts are where they should be."""

    root_m: np.ndarray
    """Shape (T, 3)."""
    world_wxyz: np.ndarray
    """Joint-to-world rotations. Shape (T, 22, 4)."""


def plant(
    figure: Figure,
    root_m: np.ndarray,
    world_wxyz: np.ndarray,
    contacts: np.ndarray,
    flight_m: np.ndarray,
    fps: float,
    bar: Bar | None = None,
) -> Planted:
    """Walk a body on its contacts.

    Args:
        figure: The body.
        root_m: The root as it would go without. Shape (T, 3).
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
        contacts: Which of CONTACT_POINTS are planted. Shape (T, 4).
        flight_m: A root whose steps are right where nothing is planted. Shape (T, 3).
        fps: Frames per second.
        bar: What both hands hold throughout, if anything. On a "fixed" one they stay where they
            are at first, and the feet carry before them; on a "held" one they keep their distance.
    """
    skeleton = figure.skeleton
    n_blend = round(BLEND_S * fps)
    world_wxyz, was_askew = levelled(world_wxyz, contacts[:, FEET], n_blend)
    rolled = _rolled(figure, world_wxyz)
    if bar != "fixed":
        world_wxyz = _tilted(skeleton, root_m, world_wxyz, contacts, rolled, fps)
    ends = end_joints(skeleton, root_m, world_wxyz)
    if bar == "fixed":
        rolled[:, HANDS] = level_bar(ends[0, HANDS])
    heels = Heels.of(skeleton, world_wxyz, was_askew)
    # On a bar both arms share what is left over alike.
    limbs = Limbs.of(skeleton, root_m, world_wxyz, alike=bar == "fixed")
    flight_m = flight_m - root_m
    shift, lift, targets = walk(
        ends, limbs, heels, contacts, rolled, flight_m, fps, hangs=bar == "fixed"
    )
    root_m, ends = root_m + shift, ends + shift[:, None]
    for foot in FEET:
        lift[:, foot : foot + 1], _ = bridge(lift[:, foot : foot + 1], contacts[:, foot], n_blend)
    world_wxyz = heels.lifted(world_wxyz, lift)
    pinned = contacts.copy()
    if bar:
        pinned[:, HANDS] = True
        targets[:, HANDS] = rolled[:, HANDS]
    if bar == "held":
        shoulders_m = skeleton.positions(root_m, world_wxyz)[:, _SHOULDERS]
        targets[:, HANDS] = on_one_bar(ends[:, HANDS], shoulders_m)
    for point in range(len(CONTACT_POINTS)):
        off_m = targets[:, point] - ends[:, point]
        off_m, pinned[:, point] = bridge(off_m, pinned[:, point], n_blend)
        targets[:, point] = ends[:, point] + off_m
    if bar == "fixed":
        root_m = lift_into_reach(skeleton, root_m, world_wxyz, targets, pinned & IS_HAND)
    world_wxyz = pin_limbs(skeleton, root_m, world_wxyz, targets, pinned)
    return Planted(root_m, world_wxyz)


def _rolled(figure: Figure, world_wxyz: np.ndarray) -> np.ndarray:
    """Say how each end goes while its foot or hand is planted: its path, and its height.

    Only differences of x and y mean anything, z is the height itself; see `feet.rolled_path`.

    Returns:
        Shape (T, 4, 3).
    """
    rolled = np.zeros((len(world_wxyz), len(CONTACT_POINTS), 3))
    rolled[:, HANDS, 2] = figure.bench_m + figure.wrist_height_m
    for point, side in zip(FEET, SIDES, strict=True):
        foot = world_wxyz[:, SMPL22.index(f"{side}_ankle")]
        rolled[:, point] = rolled_path(figure.skeleton, figure.ankle_height_m, foot, side)
    return rolled


def _tilted(
    skeleton: Skeleton,
    root_m: np.ndarray,
    world_wxyz: np.ndarray,
    contacts: np.ndarray,
    rolled: np.ndarray,
    fps: float,
) -> np.ndarray:
    """Tilt a body that stands on hands and feet until both can reach the floor.

    All bones but the hands and feet themselves turn as one, about the level axis across the line
    from the feet to the hands, so no other joint bends.

    Returns:
        Joint-to-world rotations. Shape (T, 22, 4).
    """
    feet, hands = (contacts[:, points].any(axis=1) for points in (FEET, HANDS))
    on_all_fours = np.logical_and(feet, hands)
    if not on_all_fours.any():
        return world_wxyz
    weight = ramp(on_all_fours, round(BLEND_S * fps))
    ends = end_joints(skeleton, root_m, world_wxyz)
    along = _mean(ends, contacts, HANDS) - _mean(ends, contacts, FEET)
    rise_m = (_mean(rolled, contacts, HANDS) - _mean(rolled, contacts, FEET))[:, 2]
    level_m = np.linalg.norm(along[:, :2], axis=1)
    ratio = np.sqrt(np.maximum(np.sum(along**2, axis=1) - rise_m**2, 0)) / level_m
    wanted = np.concatenate([along[:, :2] * ratio[:, None], rise_m[:, None]], axis=1)
    turn = slerp(np.broadcast_to(IDENTITY_WXYZ, (len(along), 4)), between(along, wanted), weight)
    tilted = multiply(turn[:, None], world_wxyz)
    tilted[:, _KEEP_FLAT] = world_wxyz[:, _KEEP_FLAT]
    return tilted


def _mean(points: np.ndarray, contacts: np.ndarray, of: list[int]) -> np.ndarray:
    """Average the planted ones of some points (T, 4, 3); all where none is. Shape (T, 3)."""
    planted = contacts[:, of] | ~contacts[:, of].any(axis=1, keepdims=True)
    weight = planted / planted.sum(axis=1, keepdims=True)
    return np.einsum("tp,tpc->tc", weight, points[:, of])
