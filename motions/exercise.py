"""What an exercise is: how its phases go, what stays planted, what is held, how far is full."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from motions.variation import Range, Style


@dataclass(frozen=True)
class Pose:
    """Where the canonical skeleton is at each frame of an exercise."""

    root_m: np.ndarray
    """World position of the pelvis. Shape (T, 3)."""
    world_wxyz: np.ndarray
    """Joint-to-world rotations. Shape (T, 22, 4)."""


@dataclass(frozen=True)
class Exercise:
    """One exercise as a generator of reference motions.

    A repetition goes out from phase 0 to phase 1, holds there, comes back to 0 and rests.
    """

    name: str
    title: str
    phases: tuple[str, str, str, str]
    """What the ways out, hold, back and rest are called."""
    contacts: tuple[str, ...]
    """The CONTACT_POINTS that carry the body throughout."""
    props: tuple[str, ...]
    """Things that take part: "pullup_bar" is fixed in the room, "barbell" goes with the hands."""
    driving: str
    """The measure (see `motions.measures`) that tells how far a repetition went."""
    full_range_rad: float
    """How much the driving measure grows from phase 0 to 1 in a full repetition."""
    out_s: Range
    back_s: Range
    pose: Callable[[np.ndarray, Style], Pose]
    """Posture at phases (T,), in the given style; smooth in the phase."""

    @property
    def grips(self) -> bool:
        """Whether the hands are closed round something."""
        return bool(self.props)

    @property
    def hangs(self) -> bool:
        """Whether the hands hold something that is fixed in the room."""
        return "pullup_bar" in self.props
