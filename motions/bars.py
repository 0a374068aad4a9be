"""Two hands on one bar: it is straight, and they do not slide along it."""

import numpy as np

from motions.geometry import unit

_ROUNDS = 8


def level_bar(wrists_m: np.ndarray) -> np.ndarray:
    """Put both wrists (2, 3) at one height and equally far to the sides."""
    mirror = np.array([-1.0, 1.0, 1.0])
    left = (wrists_m[0] + wrists_m[1] * mirror) / 2
    return np.stack([left, left * mirror])


def on_one_bar(wrists_m: np.ndarray, shoulders_m: np.ndarray) -> np.ndarray:
    """Move two wrists (T, 2, 3) to the distance that they have on average.

    The arms, at shoulders (T, 2, 3), only swing: a nearly straight one that was made longer or
    shorter by a millimetre would bend by degrees. Keeping distance and reach in turn converges
    fast, since hands on a bar are moved across their arms.
    """
    reach_m = np.linalg.norm(wrists_m - shoulders_m, axis=-1, keepdims=True)
    half_m = np.linalg.norm(wrists_m[:, 0] - wrists_m[:, 1], axis=-1).mean() / 2
    targets = wrists_m
    for _ in range(_ROUNDS):
        along = half_m * unit(targets[:, 0] - targets[:, 1])
        targets = targets.mean(axis=1, keepdims=True) + np.stack([along, -along], axis=1)
        targets = shoulders_m + reach_m * unit(targets - shoulders_m)
    return targets
