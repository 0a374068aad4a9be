"""How a camera that is held in a hand turns: a little, about its own centre.

A shake is a sum of sines, slow ones large and fast ones small, as hands that try to hold still
have it; what a hand shifts a camera by is too little to see from metres away and is left out.
"""

from dataclasses import dataclass

import numpy as np

_N_SINES = 8
_SLOWEST_HZ, _FASTEST_HZ = 0.2, 6.0
_SHAKE_DEG = (0.15, 0.6)
"""Standard deviation of the turn about each axis, from a steady hand to an unsteady one."""


@dataclass(frozen=True)
class Shake:
    """How one hand shakes."""

    frequencies_hz: tuple[float, ...]
    amplitudes_rad: tuple[tuple[float, float, float], ...]
    """Of each sine, about the camera's axes."""
    phases_rad: tuple[tuple[float, float, float], ...]


def sample_shake(rng: np.random.Generator) -> Shake:
    """Draw a hand."""
    frequencies_hz = np.exp(rng.uniform(np.log(_SLOWEST_HZ), np.log(_FASTEST_HZ), _N_SINES))
    sizes = rng.uniform(0.5, 1.5, (_N_SINES, 3)) / frequencies_hz[:, None]
    deviation = np.sqrt(np.square(sizes).sum(axis=0) / 2)
    amplitudes_rad = sizes / deviation * np.radians(rng.uniform(*_SHAKE_DEG))
    phases_rad = rng.uniform(0, 2 * np.pi, (_N_SINES, 3))
    return Shake(
        tuple(frequencies_hz.tolist()),
        tuple(map(tuple, amplitudes_rad.tolist())),
        tuple(map(tuple, phases_rad.tolist())),
    )


def turns_rad(shake: Shake, n_frames: int, fps: float) -> np.ndarray:
    """Return how far the camera is turned in each frame, rotation vectors in its axes. (T, 3)."""
    angles = 2 * np.pi * np.outer(np.arange(n_frames) / fps, shake.frequencies_hz)
    waves = np.sin(angles[..., None] + np.array(shake.phases_rad))
    return np.einsum("tsa,sa->ta", waves, np.array(shake.amplitudes_rad))
