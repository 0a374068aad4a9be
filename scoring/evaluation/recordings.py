"""Whole recordings: how well scorers that look for repetitions themselves find them.

Repetitions that overlap are no answer: how many there would be, nobody can say. Such recordings are
counted and left out of the means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from motions.motion import Span
from scoring.evaluation.material import Filmed
from scoring.evaluation.metrics import boundaries
from scoring.evaluation.results import RecordingRow
from scoring.evaluation.statistics import estimate_mean


@dataclass(frozen=True)
class Found:
    """What one scorer found in one recording from one camera, held against the truth."""

    scorer: str
    poses: str
    exercise: str
    subject_id: str
    figures: dict[str, float | None] | None
    """As `boundaries.evaluate` gives them; None where there is no answer."""
    overlaps: bool = False
    """Whether there is none because what it found overlaps."""


def held_against_truth(
    scorer: str, poses: str, filmed: Filmed, found: Sequence[Span] | None
) -> Found:
    """Compare the repetitions that a scorer found, None where it failed, with the true ones."""
    about = (scorer, poses, filmed.clip.exercise, filmed.clip.subject_id)
    if found is None:
        return Found(*about, None)
    in_order = sorted(found, key=lambda span: span.start_s)
    if any(after.start_s < before.end_s for before, after in pairwise(in_order)):
        return Found(*about, None, overlaps=True)
    return Found(*about, boundaries.evaluate(filmed.clip.reps, in_order, filmed.whole.duration_s))


def rows_of_recordings(
    found: Sequence[Found], seed: int, n_resamples: int
) -> tuple[RecordingRow, ...]:
    """Return a row for every scorer, source of poses, exercise and metric, in this order.

    Who answers nothing has a row for every metric too, without a value.
    """
    rows = []
    for who in sorted({(f.scorer, f.poses, f.exercise) for f in found}):
        own = [f for f in found if (f.scorer, f.poses, f.exercise) == who]
        told = [(f.subject_id, f.figures) for f in own if f.figures is not None]
        for metric in boundaries.METRICS:
            some = [(s, v) for s, figures in told if (v := figures[metric]) is not None]
            people, values = [s for s, _ in some], np.array([v for _, v in some])
            rng = np.random.default_rng(seed)
            value = low = high = None
            if some:
                value, low, high = estimate_mean(values, np.array(people), rng, n_resamples)
            n_overlapping = sum(f.overlaps for f in own)
            n_failed = len(own) - len(told) - n_overlapping
            rows.append(
                RecordingRow(*who, metric, value, low, high, len(some), n_failed, n_overlapping)
            )
    return tuple(rows)
