"""Agreement about visibilities, faults, stars and sides, worked out by hand or by NLTK."""

import numpy as np
import pytest
from nltk.metrics.agreement import AnnotationTask

from labeling.convert import judged
from labeling.interface import faults_of_exercise
from labeling.labels import FaultLabels, Labels, Pose, PoseLabels
from labeling.pairs import agreements
from motions.motion import Span

REPS = (Span(0.0, 1.0), Span(1.0, 2.0), Span(2.0, 3.0))
ROUNDED = next(s for s in faults_of_exercise("squat") if s.id == "squat.rounded_back")


def judging(*told: tuple[int, str] | None) -> FaultLabels:
    """Return what someone says of each repetition: stars and side, or None for no fault."""
    faults = [
        judged(ROUNDED, rep, REPS[rep], said[0] if said else None, said[1] if said else "both")
        for rep, said in enumerate(told)
    ]
    return FaultLabels(REPS, tuple(faults), ("",) * len(REPS))


def nltks_alpha(**said: list[object]) -> float:
    rows = [(who, unit, value) for who, all_said in said.items()
            for unit, value in enumerate(all_said) if value is not None]  # fmt: skip
    return AnnotationTask(rows).alpha()


def measured(answers: dict[str, dict[str, Labels]]) -> dict[tuple[str, str], tuple]:
    return {(a.about, a.measure): (a.value.value, a.value.n) for a in agreements(answers)}


def test_presence_stars_and_sides_of_a_fault_are_compared_where_both_rated() -> None:
    ann = judging((3, "left"), (2, "left"), None)
    bob = judging((3, "right"), (4, "left"), (1, "left"))
    found = measured({"task": {"ann": ann, "bob": bob}})
    presence, n = found["squat.rounded_back", "alpha of presence"]
    assert (presence, n) == (pytest.approx(nltks_alpha(a=[1, 1, 0], b=[1, 1, 1])), 3)
    side, n = found["squat.rounded_back", "alpha of side"]
    expected = nltks_alpha(a=["left", "left", None], b=["right", "left", None])
    # The third repetition has a side from one of the two only.
    assert (side, n) == (pytest.approx(expected), 2)
    assert found["squat.rounded_back", "alpha of severity"][1] == 3


def test_the_visibility_of_joints_is_compared_page_by_page() -> None:
    first = np.array([2] * 12 + [1] * 5)
    second = np.array([2] * 10 + [1] * 6 + [0])
    points = np.full((17, 2), 10.0)

    def placing(visibility: np.ndarray, page: int = 0) -> PoseLabels:
        placed = np.where(visibility[:, None] == 0, np.nan, points)
        return PoseLabels((Pose(page, placed, visibility),))

    both = {"ann": placing(first), "bob": placing(second)}
    apart = {"ann": placing(first), "bob": placing(second, page=1)}
    found = measured({"one": both, "two": apart})
    expected = nltks_alpha(a=first.tolist(), b=second.tolist())
    # On the pages of the second task there is nothing to compare.
    assert found["", "alpha of visibility"] == (pytest.approx(expected), 17)
