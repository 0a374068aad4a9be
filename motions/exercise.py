"""What an exercise is: how its phases go, what stays planted, what is held, how far is full."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from motions.planting import Bar
from motions.variation import HOLD_S, REST_S, Range, Style, sample_style

HELD = ("pullup_bar", "barbell", "left_dumbbell", "right_dumbbell")
"""The props that hands are closed round."""
BENCH_SHARE = 0.35
"""Of the performers of an exercise that is done on a bench too."""


@dataclass(frozen=True)
class Pose:
    """Where the canonical skeleton is at each frame of an exercise."""

    root_m: np.ndarray
    """World position of the pelvis. Shape (T, 3)."""
    world_wxyz: np.ndarray
    """Joint-to-world rotations. Shape (T, 22, 4)."""
    contacts: np.ndarray | None = None
    """Which of CONTACT_POINTS carry the body, shape (T, 4), where that changes; None where it is
    the exercise's own throughout."""


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
    """The CONTACT_POINTS that carry the body at rest, and throughout unless the pose says more."""
    props: tuple[str, ...]
    """Things that take part: "pullup_bar" is fixed in the room, "mat" lies on the floor and "bench"
    stands under the hands, in place of a mat, of who uses one; "barbell", "left_dumbbell" and
    "right_dumbbell" go with the hands."""
    habits: Mapping[str, str]
    """The traits of `Style` that it knows, and in words what each varies from person to person."""
    driving: str
    """The measure (see `motions.measures`) that tells how far a repetition went."""
    full_range_rad: float
    """How much the driving measure grows from phase 0 to 1 in a full repetition."""
    good_deg: Mapping[str, Range]
    """What measures read at the far end of a good repetition, on the canonical skeleton."""
    out_s: Range
    back_s: Range
    pose: Callable[[np.ndarray, Style], Pose]
    """Posture at phases (T,), in the given style; smooth in the phase. Where one side leads it is
    the left. An exercise that goes `one_way` is asked at its course instead."""
    hold_s: Range = HOLD_S
    rest_s: Range = REST_S
    bench_m: Range | None = None
    """How high a bench is, see `Motion.bench_m`, that BENCH_SHARE of all performers use."""
    puts_down: bool = False
    """Whether the barbell is on the floor at the far end, so that depth hangs on the body."""
    sides: Literal["both", "one", "alternate"] = "both"
    """Both sides do the same, or one leads throughout a set, or they take turns."""
    sideways: bool = False
    """Whether the body is stretched along X, as between the feet of a wide stance, and not along Y.
    A mat lies so."""
    one_way: bool = False
    """Whether a repetition does not come back the way it went. The course goes evenly from 2 k to
    2 k + 1 over repetition k, counted from 0, and to 2 k + 2 over the rest after it."""
    source: str = "formbench"
    licence: str = "Apache-2.0"
    """Origin and SPDX licence of what the motion is made from."""

    @property
    def times_s(self) -> tuple[Range, Range, Range, Range]:
        """How long each of the phases lasts."""
        return self.out_s, self.hold_s, self.back_s, self.rest_s

    @property
    def grips(self) -> bool:
        """Whether the hands are closed round something."""
        return any(prop in HELD for prop in self.props)

    @property
    def hangs(self) -> bool:
        """Whether the hands hold something that is fixed in the room."""
        return "pullup_bar" in self.props

    @property
    def bar(self) -> Bar | None:
        """What kind of bar both hands hold."""
        return "fixed" if self.hangs else "held" if "barbell" in self.props else None

    def style(self, n_reps: int, rng: np.random.Generator) -> Style:
        """Draw one performer's set of `n_reps` repetitions."""
        style = sample_style(
            self.out_s, self.back_s, n_reps, rng, hold_s=self.hold_s, rest_s=self.rest_s
        )
        if self.bench_m is None or rng.uniform() >= BENCH_SHARE:
            return style
        return replace(style, bench_m=self.bench_m.draw(rng))
