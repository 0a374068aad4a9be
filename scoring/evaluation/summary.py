"""How a scorer fared as a program, and whether its score can be read as a chance."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from scoring.contract import Scorer
from scoring.evaluation.metrics.calibration import brier, calibration_error, reliability
from scoring.evaluation.people import Person
from scoring.evaluation.results import Judged, ScorerSummary


def summary_of(
    scorer: Scorer | Person, poses: str, judged: Sequence[Judged], complaints: Mapping[str, int]
) -> ScorerSummary:
    """Sum up what one scorer or annotator answered on one source of poses."""
    own = [j for j in judged if (j.scorer, j.poses) == (scorer.name, poses)]
    scores = [j.answer.verdict.score if j.answer.verdict else None for j in own]
    told = [
        (j.truth.clean, score / 100)
        for j, score in zip(own, scores, strict=True)
        if score is not None and (j.truth.clean or j.truth.present)
    ]
    clean = np.array([clean for clean, _ in told], dtype=bool)
    chance = np.array([chance for _, chance in told])
    return ScorerSummary(
        name=scorer.name,
        version=scorer.version,
        poses=poses,
        n_judged=len(own),
        n_abstained=sum(
            j.answer.verdict is not None and score is None
            for j, score in zip(own, scores, strict=True)
        ),
        n_failed=sum(j.answer.verdict is None for j in own),
        failures=dict(
            sorted(Counter(j.answer.failure_kind for j in own if j.answer.failure).items())
        ),
        complaints=complaints,
        brier=brier(clean, chance) if told else None,
        calibration_error=calibration_error(clean, chance) if told else None,
        calibration_error_equal_counts=(
            calibration_error(clean, chance, equal_counts=True) if told else None
        ),
        reliability=reliability(clean, chance) if told else (),
    )
