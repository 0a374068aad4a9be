"""What a camera can show of a fault at all, so that a blind scorer and a blind camera differ.

Method: in a ladder, one person does the same repetition without the fault and with it at its
highest dose, before the same camera. The shift is how far the keypoint that goes farthest is from
where it is in the clean sibling, over all frames, in torso lengths as this camera sees them; the
shorter of the two stays at its last frame, so that a fault of tempo shows too. Whoever judges from
these keypoints has nothing else to go by, so the shift is the most that anyone can see, and he
would have to know the person's own clean repetition. Where its median over ladders is less than
what good pose estimators are off by, the camera is blind to the fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.evaluation.material import Seen
from scoring.evaluation.results import Shown
from scoring.poses import torso_length

BLIND_TORSO = 0.05
"""Some 2.5 cm. MediaPipe has 96 in 100 points within 0.2 torso lengths (PCK@0.2 of BlazePose Heavy
on yoga), so a typical one is off by no less."""
LEAST_DOSE = 0.75


@dataclass(frozen=True)
class _Rung:
    doses: dict[str, float]
    plain: bool
    present: tuple[str, ...]
    points: np.ndarray
    torso: float


class Showing:
    """Remembers repetitions, and says what each view shows of each fault."""

    def __init__(self) -> None:
        self._ladders: dict[tuple[str, str, str], list[_Rung]] = {}

    def remember(self, seen: Seen) -> None:
        """Take note of a repetition, as far as its points are in the image."""
        truth, points = seen.truth, seen.sequence.keypoints
        kept = ~np.isnan(points).any(axis=(0, 2))
        if kept.all() and len(truth.present) <= 1:
            doses = {name: truth.dose(name) for name in truth.severities}
            torso = torso_length(seen.sequence)
            rung = _Rung(doses, truth.clean and truth.plain, truth.present, points, torso)
            self._ladders.setdefault((truth.exercise, seen.view, truth.ladder), []).append(rung)

    def shown(self) -> tuple[Shown, ...]:
        """Return a row for every fault and view."""
        shifts: dict[tuple[str, str, str], list[float]] = {}
        for (exercise, view, _), rungs in sorted(self._ladders.items()):
            plain = [r for r in rungs if r.plain]
            for fault_id in sorted({name for r in rungs for name in r.present}):
                faulty = [r for r in rungs if r.present == (fault_id,)]
                top = max(faulty, key=lambda r: r.doses[fault_id])
                if plain and top.doses[fault_id] >= LEAST_DOSE:
                    shift = shift_torso(plain[0].points, top.points, plain[0].torso)
                    shifts.setdefault((exercise, fault_id, view), []).append(shift)
        return tuple(_shown(*what, found) for what, found in sorted(shifts.items()))


def shift_torso(clean_px: np.ndarray, faulty_px: np.ndarray, torso_px: float) -> float:
    """Return how far any keypoint is from its place in the clean sibling, in torso lengths.

    Args:
        clean_px: Shape (T, K, 2).
        faulty_px: Of as many points, for as long as it lasts. Shape (U, K, 2).
        torso_px: The torso's length.
    """
    last = max(len(clean_px), len(faulty_px))
    both = [
        points[np.minimum(np.arange(last), len(points) - 1)] for points in (clean_px, faulty_px)
    ]
    return float(np.linalg.norm(both[0] - both[1], axis=-1).max() / torso_px)


def _shown(exercise: str, fault_id: str, view: str, shifts: Sequence[float]) -> Shown:
    shift = float(np.median(shifts))
    return Shown(exercise, fault_id, view, shift, len(shifts), shift < BLIND_TORSO)
