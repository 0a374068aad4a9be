"""Smoothing while a person moves, with no look ahead: the 1-euro filter.

Casiez, Roussel and Vogel, "1 € Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems" (CHI 2012): a first-order low pass whose cutoff grows with speed, so that what
stands still does not jitter and what moves does not lag.
"""

from dataclasses import dataclass, field

import numpy as np

SPEED_HZ = 1.0
"""The cutoff with which speed itself is smoothed, as in the paper."""


@dataclass
class OneEuro:
    """Smooths points that come one frame at a time."""

    still_hz: float = 1.5
    """The cutoff for points that stand still."""
    per_speed: float = 8.0
    """By how many Hz the cutoff grows with each unit a second."""
    _value: np.ndarray = field(default_factory=lambda: np.full(1, np.nan), init=False)
    _speed: np.ndarray = field(default_factory=lambda: np.zeros(1), init=False)
    _at_s: float = field(default=0.0, init=False)

    def __call__(self, points: np.ndarray, at_s: float) -> np.ndarray:
        """Return the points smoothed; each begins anew after a frame in which it was missing.

        Args:
            points: NaN where missing. Shape (K, C), the same at each call.
            at_s: When they were seen, later than those before.
        """
        since_s = at_s - self._at_s
        before = np.where(np.isnan(self._value), points, self._value)
        raw_speed = (points - before) / since_s if since_s > 0 else np.zeros_like(points)
        speed_before = np.where(np.isnan(self._speed), 0, self._speed)
        speed = speed_before + _share(SPEED_HZ, since_s) * (raw_speed - speed_before)
        cutoff_hz = self.still_hz + self.per_speed * np.abs(speed)
        self._value = before + _share(cutoff_hz, since_s) * (points - before)
        self._speed, self._at_s = speed, at_s
        return self._value


def _share(cutoff_hz: np.ndarray | float, since_s: float) -> np.ndarray | float:
    """Return how much of the new value a first-order low pass takes."""
    return since_s / (since_s + 1 / (2 * np.pi * np.asarray(cutoff_hz)))
