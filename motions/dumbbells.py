"""What exercises for the arms share that are done standing, with a dumbbell in each hand."""

from collections.abc import Callable, Mapping

import numpy as np

from motions.exercise import Exercise, Pose
from motions.posing import PoseBuilder
from motions.variation import HOLD_S, Range, Style

OUT_S, BACK_S = Range(1.0, 1.5), Range(1.2, 1.9)
"""Who lowers a weight takes about as long as who lifts it, or longer."""


def stand(style: Style, knee_deg: float, lean_deg: np.ndarray) -> PoseBuilder:
    """Start from standing still and looking ahead, the trunk leaning forward by so much (T,)."""
    level = np.ones(len(lean_deg))
    builder = PoseBuilder.standing(
        np.deg2rad(knee_deg) * level,
        np.deg2rad(lean_deg),
        style.trait("stance", 0.11, 0.16),
        np.deg2rad(style.trait("toe_out", 5, 15)),
    )
    builder.look(np.deg2rad(4 + 4 * style.trait("head", -1, 1)) * level)
    return builder


def with_dumbbells(
    name: str,
    title: str,
    phases: tuple[str, str, str, str],
    pose: Callable[[np.ndarray, Style], Pose],
    *,
    driving: str,
    full_range_rad: float,
    good_deg: Mapping[str, Range],
    arms: str = "how far the arms are out",
    out_s: Range = OUT_S,
    back_s: Range = BACK_S,
    hold_s: Range = HOLD_S,
) -> Exercise:
    """Describe an exercise whose pose stands as `stand` does; see `Exercise` for the arguments.

    Args:
        name: Its name.
        title: Its title.
        phases: What its phases are called.
        pose: Its posture.
        driving: The measure that tells how far a repetition went.
        full_range_rad: How much that grows.
        good_deg: What is read at the far end.
        arms: What the habit of the arms is.
        out_s: How long the way out lasts.
        back_s: How long the way back lasts.
        hold_s: How long the far end is held.
    """
    return Exercise(
        name=name,
        title=title,
        phases=phases,
        contacts=("left_foot", "right_foot"),
        props=("left_dumbbell", "right_dumbbell"),
        habits={
            "stance": "stance width",
            "toe_out": "toes turned out",
            "lean": "trunk lean",
            "arms": arms,
            "head": "gaze",
        },
        driving=driving,
        full_range_rad=full_range_rad,
        good_deg=good_deg,
        out_s=out_s,
        back_s=back_s,
        hold_s=hold_s,
        pose=pose,
    )
