"""Whole recordings: how well scorers that look for repetitions themselves find them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from motions.errors import FormbenchError
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
    """As `boundaries.evaluate` gives them; None where it failed or found what overlaps."""


def held_against_truth(
    scorer: str, poses: str, filmed: Filmed, found: Sequence[Span] | None
) -> Found:
    """Compare the repetitions that a scorer found, None where it failed, with the true ones."""
    figures = None
    if found is not None:
        in_order = sorted(found, key=lambda span: span.start_s)
        try:
            figures = boundaries.evaluate(filmed.clip.reps, in_order, filmed.whole.duration_s)
        except FormbenchError:  # they overlap, which is no answer
            figures = None
    return Found(scorer, poses, filmed.clip.exercise, filmed.clip.subject_id, figures)


def rows_of_recordings(
    found: Sequence[Found], seed: int, n_resamples: int
) -> tuple[RecordingRow, ...]:
    """Return a row for every scorer, source of poses, exercise and metric, in this order."""
    rows = []
    for who in sorted({(f.scorer, f.poses, f.exercise) for f in found}):
        own = [f for f in found if (f.scorer, f.poses, f.exercise) == who]
        told = [(f.subject_id, f.figures) for f in own if f.figures is not None]
        for metric in sorted({name for _, figures in told for name in figures}):
            some = [(s, v) for s, figures in told if (v := figures[metric]) is not None]
            people, values = [s for s, _ in some], np.array([v for _, v in some])
            rng = np.random.default_rng(seed)
            value = low = high = None
            if some:
                value, low, high = estimate_mean(values, np.array(people), rng, n_resamples)
            n_failed = len(own) - len(told)
            rows.append(RecordingRow(*who, metric, value, low, high, len(some), n_failed))
    return tuple(rows)
