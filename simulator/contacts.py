"""What touches what, and keeping it so.

The hip moves first: the whole body is shifted so that the planted points lie where they should on
average, and only what is left over is taken up by bending the limbs (closed form). That order
keeps joint angles; the other bends knees by many degrees (retargeting notes, VRM field report).
"""

import numpy as np

from motions.motion import CONTACT_POINTS

FEET = [CONTACT_POINTS.index(name) for name in ("left_foot", "right_foot")]
HANDS = [CONTACT_POINTS.index(name) for name in ("left_hand", "right_hand")]
BLEND_S = 0.25
"""How long a shift that is no longer needed takes to fade."""


def contact_targets(
    ends_m: np.ndarray, source_ends_m: np.ndarray, contacts: np.ndarray, scale: float
) -> np.ndarray:
    """Say where each contact point belongs, at every frame.

    A point is planted where it first is; each later time it is planted a scaled source step away.
    In between and before it goes as the source's does, unscaled: gravity does not scale with
    stature.

    Args:
        ends_m: Ankles and wrists of the body as they are. Shape (T, 4, 3).
        source_ends_m: The same of the source. Shape (T, 4, 3).
        contacts: Which are planted. Shape (T, 4).
        scale: Size of the body against the source.

    Returns:
        Shape (T, 4, 3).
    """
    targets = ends_m.copy()
    for point in range(len(CONTACT_POINTS)):
        starts = np.flatnonzero(np.diff(contacts[:, point].astype(int), prepend=0) == 1)
        stops = np.flatnonzero(np.diff(contacts[:, point].astype(int), append=0) == -1) + 1
        if not len(starts):
            continue
        source = source_ends_m[:, point]
        for start, stop, following in zip(starts, stops, [*starts[1:], len(contacts)], strict=True):
            place = ends_m[starts[0], point] + scale * (source[start] - source[starts[0]])
            targets[start:stop, point] = place
            targets[stop:following, point] = place + source[stop:following] - source[stop - 1]
    return targets


def shift_to_support(
    ends_m: np.ndarray,
    targets_m: np.ndarray,
    contacts: np.ndarray,
    root_m: np.ndarray,
    source_root_m: np.ndarray,
    fps: float,
) -> np.ndarray:
    """Move the root so that what carries the body lies where it should.

    Feet carry before hands. With neither the body flies, and what carried it last goes on to lead
    it along its target.

    Args:
        ends_m: Ankles and wrists as they are. Shape (T, 4, 3).
        targets_m: Where they should be. Shape (T, 4, 3).
        contacts: Which are planted. Shape (T, 4).
        root_m: The root as it is, scaled to the body. Shape (T, 3).
        source_root_m: The source's own root. Shape (T, 3).
        fps: Frames per second.

    Returns:
        The root where it should be. Shape (T, 3).
    """
    leading = _leading(contacts)
    if not leading.any():
        return root_m
    weight = leading / leading.sum(axis=1, keepdims=True)
    wanted = root_m + np.einsum("tp,tpc->tc", weight, targets_m - ends_m)
    moved = wanted.copy()
    # Where other points take over, the step between the two answers fades.
    for at in np.flatnonzero((leading[1:] != leading[:-1]).any(axis=1)) + 1:
        expected = moved[at - 1] + source_root_m[at] - source_root_m[at - 1]
        moved[at:] += _fade(len(root_m) - at, fps) * (expected - moved[at])
    return moved


def _leading(contacts: np.ndarray) -> np.ndarray:
    """Which points the body's place is taken from, at every frame. Shape (T, 4)."""
    carrying = contacts.copy()
    carrying[contacts[:, FEET].any(axis=1, keepdims=True) & np.isin(np.arange(4), HANDS)] = False
    supported = np.flatnonzero(carrying.any(axis=1))
    if not len(supported):
        return carrying
    last = np.searchsorted(supported, np.arange(len(carrying)), side="right") - 1
    return carrying[supported[np.maximum(last, 0)]]


def _fade(n_frames: int, fps: float) -> np.ndarray:
    """Go smoothly from 1 to 0. Shape (n, 1)."""
    share = np.clip(np.arange(n_frames) / (BLEND_S * fps), 0, 1)
    return (1 - share**2 * (3 - 2 * share))[:, None]
