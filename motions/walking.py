"""How a body goes on its contacts: where each comes down, and the way of the hips between them.

All ends are in the order of CONTACT_POINTS.
"""

import numpy as np

from motions.easing import fade
from motions.feet import Heels
from motions.motion import CONTACT_POINTS
from motions.settling import Support, smooth_path
from motions.stiffness import Limbs

FEET = [CONTACT_POINTS.index(name) for name in ("left_foot", "right_foot")]
HANDS = [CONTACT_POINTS.index(name) for name in ("left_hand", "right_hand")]
IS_HAND = np.isin(np.arange(len(CONTACT_POINTS)), HANDS)
_LOOSE = 1e-3
"""Stiffness of a body in the air, which keeps it from drifting off."""


def walk(
    ends_m: np.ndarray,
    limbs: Limbs,
    heels: Heels,
    contacts: np.ndarray,
    rolled: np.ndarray,
    flight_m: np.ndarray,
    fps: float,
    *,
    hangs: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put contacts down one after another, then find the way of the hips over all of them.

    Args:
        ends_m: Ankles and wrists before any shift. Shape (T, 4, 3).
        limbs: The limbs that they are the ends of.
        heels: The heels of the feet.
        contacts: Shape (T, 4).
        rolled: How each end goes while it is planted, but for a constant in x and y; of hands on a
            bar, where they are. Shape (T, 4, 3).
        flight_m: What to add to the root where nothing is planted, but for a constant. (T, 3).
        fps: Frames per second.
        hangs: Whether the hands are on a bar fixed in the room.

    Returns:
        The shift of the root (T, 3), by how much to lift heels (T, 2), and where planted points
        belong then (T, 4, 3).
    """
    n_frames = len(ends_m)
    # The feet carry before hands that hang.
    feet_first = np.any(contacts[:, FEET], axis=1)[:, None] & IS_HAND
    carries = contacts & ~feet_first if hangs else contacts
    shift, targets = np.zeros((n_frames, 3)), ends_m.copy()
    stiffness = np.tile(_LOOSE * np.eye(3), (n_frames, 1, 1))
    places = np.zeros((len(CONTACT_POINTS), 3))
    was = np.zeros(len(CONTACT_POINTS), dtype=bool)
    changes = np.flatnonzero((contacts[1:] != contacts[:-1]).any(axis=1)) + 1
    for start, stop in zip([0, *changes], [*changes, n_frames], strict=True):
        here, now = slice(start, stop), contacts[start]

        expected = shift[start - 1] + flight_m[start] - flight_m[start - 1] if start else 0.0
        landed, standing = now & ~was & ~(hangs & IS_HAND), now & was
        if not standing.any():
            # The feet come first; hands are put down for them, or alone.
            standing = now & ~IS_HAND if now[FEET].any() else now
            first = landed & standing
            places[first, :2] = (ends_m[start] + expected - rolled[start])[first, :2]
            landed &= ~standing
        if landed.any():
            # Where it keeps the joint angles best while the points that stand carry the body.
            off_m = places + rolled[here] - ends_m[here]
            led, _ = Support.of(off_m, standing, limbs[here], heels[here]).settle()
            ideal = (ends_m[here] + led[:, None] - rolled[here]).mean(axis=0)
            places[landed, :2] = ideal[landed, :2]
        targets[here, now] = places[now] + rolled[here, now]
        if now.any():
            shift[here], stiffness[here] = Support.of(
                targets[here] - ends_m[here], carries[start], limbs[here], heels[here]
            ).settle()
        else:
            shift[here] = expected + flight_m[here] - flight_m[start]
        was = now
    in_air = ~np.any(contacts, axis=1)
    steps = np.diff(flight_m, axis=0)
    steps[~in_air[1:] & ~in_air[:-1]] = 0.0
    free_m = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
    shift = smooth_path(shift, stiffness, free_m, fps)
    lift = Support.of(targets - ends_m, carries, limbs, heels).lift(shift)
    moved_m, _ = heels.moved_m(lift)
    targets[:, FEET] += np.where(contacts[:, FEET, None], moved_m, 0.0)
    return shift, lift, targets


def bridge(values: np.ndarray, on: np.ndarray, n_blend: int) -> tuple[np.ndarray, np.ndarray]:
    """Let a value that counts while a state is on come and go gradually around that.

    Args:
        values: Shape (T, n).
        on: Shape (T,).
        n_blend: Frames that it takes to come or go.

    Returns:
        The values, 0 far from where the state is on, and where they count now.
    """
    bridged, counts = np.where(on[:, None], values, 0.0), on.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(np.int8), [0]])))
    for start, stop in zip([0, *edges[1::2]], [*edges[::2], len(on)], strict=True):
        n_fade = max(1, min(n_blend, stop - start))
        fading = fade((np.arange(stop - start)[:, None] + 1) / n_fade)
        if start > 0:
            bridged[start:stop] += fading * values[start - 1]
            counts[start : start + n_fade] = True
        if stop < len(on):
            bridged[start:stop] += fading[::-1] * values[stop]
            counts[stop - n_fade : stop] = True
    return bridged, counts
