"""What a shirt can have on it in a second colour, by where cloth lies on a person who stands."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from motions.errors import unknown_name
from motions.skeleton import SMPL22
from simulator.bodies.body import Body

Rgb = tuple[float, float, float]
"""Red, green, blue as sRGB values from 0 to 1."""

_STRIPE_M = 0.06
_PRINT_M = 0.08  # radius
_SEAM_M = 0.03  # from the shoulder joint towards the neck
_EDGE_M = 0.03  # colours are kept at vertices, which are about as far apart: an edge is no sharper


class Pattern(NamedTuple):
    """What is on a shirt."""

    kind: str
    """One of PATTERNS."""
    rgb: Rgb


def share_of(pattern: Pattern, body: Body) -> np.ndarray:
    """Return how much of the pattern's colour the cloth has at each vertex, 0 to 1. Shape (V,)."""
    if pattern.kind not in PATTERNS:
        raise unknown_name("pattern", pattern.kind, PATTERNS)
    return np.clip(0.5 + PATTERNS[pattern.kind](body) / _EDGE_M, 0, 1)


def _stripes(body: Body) -> np.ndarray:
    return np.abs(body.rest_vertices_m[:, 2] % (2 * _STRIPE_M) - _STRIPE_M) - _STRIPE_M / 2


def _sleeves(body: Body) -> np.ndarray:
    off_m = np.abs(body.rest_vertices_m[:, 0])
    shoulders_m = body.rest_joints_m[[SMPL22.index(f"{side}_shoulder") for side in _SIDES], 0]
    return off_m - np.abs(shoulders_m).mean() + _SEAM_M


def _print(body: Body) -> np.ndarray:
    off_m = body.rest_vertices_m - body.rest_joints_m[SMPL22.index("spine3")]
    return np.where(off_m[:, 1] < 0, _PRINT_M - np.hypot(off_m[:, 0], off_m[:, 2]), -_PRINT_M)


_SIDES = ("left", "right")
PATTERNS: dict[str, Callable[[Body], np.ndarray]] = {
    "stripes": _stripes, "sleeves": _sleeves, "print": _print,
}  # fmt: skip
"""How far each vertex lies inside of: bands across the shirt; its sleeves; a disc on the chest."""


def sample_pattern(rng: np.random.Generator, shirt_rgb: Rgb) -> Pattern:
    """Draw a pattern that can be told from its shirt: dark on a light one, light on a dark one."""
    kind = str(rng.choice(list(PATTERNS)))
    low, high = (0.02, 0.25) if sum(shirt_rgb) > 1.5 else (0.75, 0.98)
    r, g, b = rng.uniform(low, high, 3).tolist()
    return Pattern(kind, (r, g, b))
