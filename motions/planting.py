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
from motions.easing import fade
from motions.feet import rolled_path
from motions.floor import WRIST_HEIGHT_M
from motions.geometry import IDENTITY_WXYZ, between, multiply, slerp
from motions.measures import SIDES
from motions.motion import CONTACT_POINTS
from motions.pinning import end_joints, lift_into_reach, pin_limbs
from motions.skeleton import ANKLE_HEIGHT_M, SMPL22, Skeleton
from motions.stiffness import agreed, stiffness_of

FEET = [CONTACT_POINTS.index(name) for name in ("left_foot", "right_foot")]
HANDS = [CONTACT_POINTS.index(name) for name in ("left_hand", "right_hand")]
BLEND_S = 0.25
"""How long a shift that is no longer needed takes to fade."""
_SHOULDERS = [SMPL22.index("left_shoulder"), SMPL22.index("right_shoulder")]
_IS_HAND = np.isin(np.arange(len(CONTACT_POINTS)), HANDS)
_KEEP_FLAT = [
    SMPL22.index(f"{side}_{joint}") for side in SIDES for joint in ("ankle", "foot", "wrist")
]


Bar = Literal["fixed", "held"]


@dataclass(frozen=True)
class Figure:
    """A skeleton, and how far its joints are from the floor that hands and feet rest on."""

    skeleton: Skeleton
    ankle_height_m: float
    """Of the ankle above the sole of a flat foot."""
    wrist_height_m: float
    """Of the wrist above a floor on which the palm lies flat."""


CANONICAL = Figure(SMPL22, ANKLE_HEIGHT_M, WRIST_HEIGHT_M)


@dataclass(frozen=True)
class Planted:
    """A body whose contacts are where they should be."""

    root_m: np.ndarray
    """Shape (T, 3)."""
    world_wxyz: np.ndarray
    """Joint-to-world rotations. Shape (T, 22, 4)."""
    targets_m: np.ndarray
    """Where planted ankles and wrists belong; elsewhere, where they are. Shape (T, 4, 3)."""


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
    rolled = _rolled(figure, world_wxyz)
    if bar != "fixed":
        world_wxyz = _tilted(skeleton, root_m, world_wxyz, contacts, rolled, fps)
    ends = end_joints(skeleton, root_m, world_wxyz)
    n_blend = round(BLEND_S * fps)
    if bar == "fixed":
        rolled[:, HANDS] = level_bar(ends[0, HANDS])
        # On a bar both arms share what is left over alike.
        stiffness = np.broadcast_to(np.eye(3), (*ends.shape, 3))
    else:
        stiffness = stiffness_of(skeleton, root_m, world_wxyz, ends)
    shift, targets = _walk(
        ends, stiffness, contacts, rolled, flight_m - root_m, n_blend, hangs=bar == "fixed"
    )
    root_m, ends = root_m + shift, ends + shift[:, None]
    pinned = contacts.copy()
    if bar:
        pinned[:, HANDS] = True
        targets[:, HANDS] = rolled[:, HANDS]
    if bar == "held":
        shoulders_m = skeleton.positions(root_m, world_wxyz)[:, _SHOULDERS]
        targets[:, HANDS] = on_one_bar(ends[:, HANDS], shoulders_m)
    _bridge(ends, targets, pinned, n_blend)
    if bar == "fixed":
        root_m = lift_into_reach(skeleton, root_m, world_wxyz, targets, pinned & _IS_HAND)
    world_wxyz = pin_limbs(skeleton, root_m, world_wxyz, targets, pinned)
    return Planted(root_m, world_wxyz, targets)


def _rolled(figure: Figure, world_wxyz: np.ndarray) -> np.ndarray:
    """Say how each end goes while its foot or hand is planted: its path, and its height.

    Only differences of x and y mean anything, z is the height itself; see `feet.rolled_path`.

    Returns:
        Shape (T, 4, 3).
    """
    rolled = np.zeros((len(world_wxyz), len(CONTACT_POINTS), 3))
    rolled[:, HANDS, 2] = figure.wrist_height_m
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
    weight = _smooth(on_all_fours, round(BLEND_S * fps))
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


def _walk(
    ends_m: np.ndarray,
    stiffness: np.ndarray,
    contacts: np.ndarray,
    rolled: np.ndarray,
    free_m: np.ndarray,
    n_blend: int,
    *,
    hangs: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Go through the stretches between which contacts change, each in one step.

    Args:
        ends_m: Ankles and wrists before any shift. Shape (T, 4, 3).
        stiffness: How much each resists. Shape (T, 4, 3, 3).
        contacts: Shape (T, 4).
        rolled: See `_rolled`; of hands on a bar, where they are.
        free_m: What to add to the root where nothing is planted, but for a constant. Shape (T, 3).
        n_blend: Frames that a correction takes to fade.
        hangs: Whether the hands are on a bar fixed in the room.

    Returns:
        The shift of the root (T, 3), and where planted points belong (T, 4, 3).
    """
    shift, targets = np.zeros((len(ends_m), 3)), ends_m.copy()
    places = np.zeros((len(CONTACT_POINTS), 3))
    was = np.zeros(len(CONTACT_POINTS), dtype=bool)
    changes = np.flatnonzero((contacts[1:] != contacts[:-1]).any(axis=1)) + 1
    for start, stop in zip([0, *changes], [*changes, len(ends_m)], strict=True):
        here, now = slice(start, stop), contacts[start]
        expected = shift[start - 1] + free_m[start] - free_m[start - 1] if start else np.zeros(3)
        landed, standing = now & ~was & ~(hangs & _IS_HAND), now & was
        if not standing.any():
            # The feet come first; hands are put down for them, or alone.
            standing = now & ~_IS_HAND if now[FEET].any() else now
            first = landed & standing
            places[first, :2] = (ends_m[start] + expected - rolled[start])[first, :2]
            landed &= ~standing
        if landed.any():
            # Where it keeps the joint angles best while the points that stand carry the body.
            off = places[standing] + rolled[here, standing] - ends_m[here, standing]
            led = agreed(off, stiffness[here, standing])
            ideal = (ends_m[here] + led[:, None] - rolled[here]).mean(axis=0)
            places[landed, :2] = ideal[landed, :2]
        targets[here, now] = places[now] + rolled[here, now]
        carrying = now & ~_IS_HAND if hangs and now[FEET].any() else now
        if carrying.any():
            off = targets[here, carrying] - ends_m[here, carrying]
            wanted = agreed(off, stiffness[here, carrying])
            going = fade(np.arange(stop - start) / n_blend)[:, None]
            shift[here] = wanted + going * (expected - wanted[0] if start else 0.0)
        else:
            shift[here] = expected + free_m[here] - free_m[start]
        was = now
    return shift, targets


def _bridge(ends_m: np.ndarray, targets: np.ndarray, pinned: np.ndarray, n_blend: int) -> None:
    """Let limbs go from and come to their contacts gradually: pin them a while longer, in place.

    Args:
        ends_m: Ankles and wrists of limbs that are not bent. Shape (T, 4, 3).
        targets: Where pinned points belong; filled in where others are. Shape (T, 4, 3).
        pinned: Which are; extended. Shape (T, 4).
        n_blend: Frames that the difference between the two takes to fade.
    """
    off_target = targets - ends_m
    for point in range(len(CONTACT_POINTS)):
        on = np.concatenate([[False], pinned[:, point], [False]])
        edges = np.flatnonzero(on[1:] != on[:-1])  # begins and ends of contacts, in turn
        loose = zip([0, *edges[1::2]], [*edges[::2], len(ends_m)], strict=True)
        targets[~pinned[:, point], point] = ends_m[~pinned[:, point], point]
        for start, stop in loose:
            ages = np.arange(stop - start)[:, None]
            n_fade = max(1, min(n_blend, stop - start))
            if start > 0:
                targets[start:stop, point] += (
                    fade((ages + 1) / n_fade) * off_target[start - 1, point]
                )
                pinned[start : start + n_fade, point] = True
            if stop < len(ends_m):
                targets[start:stop, point] += (
                    fade((ages[::-1] + 1) / n_fade) * off_target[stop, point]
                )
                pinned[stop - n_fade : stop, point] = True


def _smooth(on: np.ndarray, n_blend: int) -> np.ndarray:
    """Return weights (T,) that are 0 where a state is off and reach 1 in n_blend frames inside."""
    off = np.flatnonzero(~on)
    if not len(off):
        return np.ones(len(on))
    frames = np.arange(len(on))
    at = np.searchsorted(off, frames)
    before = frames - off[np.maximum(at - 1, 0)]
    after = off[np.minimum(at, len(off) - 1)] - frames
    return 1 - fade(np.where(on, np.minimum(np.abs(before), np.abs(after)), 0) / n_blend)
