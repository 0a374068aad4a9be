"""What no clip may show: limits on the figures of a performance, and why they lie where they do.

A limit is meant to stop what cannot be, not what is poor form: faults are what datasets are for.
How often each is met, over every exercise and fault: docs/dataset.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """The values that a figure may have."""

    figure: str
    low: float
    high: float
    because: str


_ANY = float("inf")
LIMITS = (
    Limit("penetration_max_m", -_ANY, 0.01, "a floor gives no more than a sole does"),
    Limit("beyond_reach_max_deg", -_ANY, 0.0, "joints end there (simulator.physics.limits)"),
    Limit("self_overlap_max_m", -_ANY, 0.09, "flesh gives way by so much where belly meets thighs"),
    Limit("torque_share_max", -_ANY, 2.5, "far beyond the strongest one in twenty"),
    Limit("ground_force_max_bw", -_ANY, 6.0, "landings from a jump: McNitt-Gray 1993"),
    Limit("ground_force_min_bw", -0.25, _ANY, "a floor does not pull"),
    Limit("flight_gravity_error", -_ANY, 0.02, "in the air only gravity acts"),
)


UNJUDGED_BODIES = ("stick",)
"""A figure of sausages has neither soles nor palms for a floor to push against."""


def failures(figures: Mapping[str, float], body_model: str) -> tuple[str, ...]:
    """Say which limits the figures of a performance break, in the limits' order.

    >>> failures({"penetration_max_m": 0.03, "beyond_reach_max_deg": 0.0}, "anny")
    ('penetration_max_m 0.03 (allowed: at most 0.01)',)
    """
    if body_model in UNJUDGED_BODIES:
        return ()
    return tuple(
        f"{limit.figure} {figures[limit.figure]:.3g} (allowed: {_said(limit)})"
        for limit in LIMITS
        if limit.figure in figures and not limit.low <= figures[limit.figure] <= limit.high
    )


def _said(limit: Limit) -> str:
    return f"at most {limit.high:g}" if limit.low == -_ANY else f"at least {limit.low:g}"
