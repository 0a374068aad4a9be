"""What differs between people and between repetitions: drawn once, kept as plain numbers.

A `Style` is all that is random about a performance. Repetitions resemble their neighbours, tempo
slows and depth shrinks a little over a set, and posture sways on slow waves, never frame by frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from motions.errors import FormbenchError


@dataclass(frozen=True)
class Range:
    """Values from low to high, both included."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw uniformly."""
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class RepStyle:
    """One repetition: how far and how long."""

    depth: float
    """Share of the full range."""
    out_s: float
    hold_s: float
    back_s: float
    rest_s: float


@dataclass(frozen=True)
class Wave:
    """A slow sway of one joint: amplitude times the sine of time."""

    joint: str
    axis: int
    """0, 1, 2 for the joint's own X, Y, Z."""
    amplitude_rad: float
    frequency_hz: float
    phase_rad: float


@dataclass(frozen=True)
class Style:
    """Everything about a performance that is a matter of who and when."""

    reps: tuple[RepStyle, ...]
    traits: Mapping[str, float]
    """Habits of the person by name, each from -1 to 1 with 0 the average; an exercise uses those
    that it knows, such as "stance", "toe_out", "lean"."""
    waves: tuple[Wave, ...]
    settle_s: float
    """Time before the first repetition."""
    side: Literal["left", "right"] = "left"
    """The side that leads, or leads first, where an exercise has one."""
    bench_m: float = 0.0
    """How high a bench under the hands is, see `Motion.bench_m`; 0 without one."""

    def trait(self, name: str, low: float, high: float) -> float:
        """Map a habit to a range; the average habit gives its middle."""
        return low + (self.traits.get(name, 0.0) + 1) / 2 * (high - low)


HOLD_S, REST_S = Range(0.05, 0.35), Range(0.35, 0.7)
"""How long most people stay at the far end, and between repetitions."""
TRAITS = ("stance", "toe_out", "lean", "arms", "head")
_SWAY = {"spine1": 0.6, "spine3": 0.8, "neck": 1.2, "left_shoulder": 1.0, "right_shoulder": 1.0}
"""Amplitude in degrees of the sway of each joint."""


def sample_style(
    out_s: Range,
    back_s: Range,
    n_reps: int,
    rng: np.random.Generator,
    *,
    hold_s: Range = HOLD_S,
    rest_s: Range = REST_S,
) -> Style:
    """Draw one performer's set of `n_reps` repetitions.

    Args:
        out_s: Time from phase 0 to 1.
        back_s: Time from phase 1 to 0.
        n_reps: At least one.
        rng: Where all chance comes from.
        hold_s: Time at phase 1.
        rest_s: Time at phase 0 between repetitions.
    """
    if n_reps < 1:
        raise FormbenchError(f"repetitions: expected at least 1, got {n_reps}")
    own_out_s, own_back_s = out_s.draw(rng), back_s.draw(rng)
    own_depth = rng.uniform(0.97, 1.03)
    own_hold_s, own_rest_s = hold_s.draw(rng), rest_s.draw(rng)
    slowing, shrinking = rng.uniform(0.0, 0.03), rng.uniform(0.0, 0.004)
    reps, drift = [], 0.0
    for index in range(n_reps):
        # Neighbours resemble each other: a random walk that is pulled back to the habit.
        drift = 0.6 * drift + rng.normal(0, 0.02)
        tempo = 1 + slowing * index + 1.5 * drift
        depth = own_depth * (1 - shrinking * index) + 0.4 * drift
        reps.append(
            RepStyle(
                depth=float(np.clip(depth, 0.94, 1.06)),
                out_s=float(own_out_s * tempo),
                hold_s=float(own_hold_s * rng.uniform(0.8, 1.2)),
                back_s=float(own_back_s * tempo),
                rest_s=float(own_rest_s * rng.uniform(0.85, 1.15)),
            )
        )
    waves = tuple(
        Wave(joint, axis, float(np.deg2rad(size_deg) * rng.uniform(0.4, 1.0)),
             float(rng.uniform(0.12, 0.45)), float(rng.uniform(0, 2 * np.pi)))
        for joint, size_deg in _SWAY.items()
        for axis in range(3)
    )  # fmt: skip
    traits = {name: float(np.clip(rng.normal(0, 0.45), -1, 1)) for name in TRAITS}
    settle_s = float(rng.uniform(0.4, 0.7))
    side: Literal["left", "right"] = "left" if rng.uniform() < 0.5 else "right"
    return Style(tuple(reps), traits, waves, settle_s, side)
