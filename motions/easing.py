"""Smooth ways from 0 to 1, as functions of the share that has passed."""

import numpy as np


def minimum_jerk(share: np.ndarray) -> np.ndarray:
    """Go from 0 to 1 with the least jerk, at rest at both ends (Flash and Hogan 1985).

    Before 0 and after 1 the value stays.

    >>> minimum_jerk(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])).tolist()
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    s = np.clip(share, 0, 1)
    return s**3 * (10 - 15 * s + 6 * s**2)


def bump(share: np.ndarray) -> np.ndarray:
    """Rise from 0 to 1 and fall back while share goes from 0 to 1; 0 elsewhere.

    >>> bump(np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 1.0, 0.0]
    """
    s = np.clip(share, 0, 1)
    return 64 * (s * (1 - s)) ** 3


def settle(share: np.ndarray) -> np.ndarray:
    """Go from 0 to 1 and stay, level at the end only: a little short of 1 is all but there.

    >>> settle(np.array([0.0, 1.0, 1.5])).tolist()
    [0.0, 1.0, 1.0]
    """
    return np.sin(np.pi / 2 * np.minimum(share, 1))


def fade(share: np.ndarray) -> np.ndarray:
    """Go from 1 to 0 with level ends; before 0 and after 1 the value stays.

    >>> fade(np.array([-1.0, 0.0, 0.5, 1.0])).tolist()
    [1.0, 1.0, 0.5, 0.0]
    """
    s = np.clip(share, 0, 1)
    return 1 - s**2 * (3 - 2 * s)
