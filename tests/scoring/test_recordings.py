"""Repetitions of whole recordings, and the mean over people with its interval."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from motions.motion import Span
from scoring.evaluation.material import filmed
from scoring.evaluation.metrics.boundaries import METRICS
from scoring.evaluation.pose_sources import pose_source
from scoring.evaluation.recordings import held_against_truth, rows_of_recordings
from scoring.evaluation.statistics import estimate_mean
from scoring.methods.peaks import WHY, Peaks
from scoring.sample import missing_person, squat


@pytest.fixture
def recording(make_clip: Any, tmp_path: Path) -> Any:
    """Two repetitions of a second each, from the front."""
    return next(filmed(make_clip(), tmp_path, pose_source("truth"), "coco17"))


def test_what_was_found_is_held_against_the_truth(recording: Any) -> None:
    found = [
        held_against_truth("s", "truth", recording, spans)
        for spans in ((Span(1, 2), Span(0, 1)), (Span(0, 1),), None, (Span(0, 1.5), Span(1, 2)))
    ]
    rows = {row.metric: row for row in rows_of_recordings(found, 0, 50)}
    # The third failed, the fourth overlaps: two are left, one perfect and one with half the count.
    assert (rows["count_error"].value, rows["count_error"].n) == (0.25, 2)
    assert rows["exact_count"].value == 0.5
    assert rows["boundary_f1_0.1_s"].value == (1 + 2 / 3) / 2
    assert rows["mean_tiou"].value == (1 + 0.5) / 2
    assert {(row.n_failed, row.n_overlapping) for row in rows.values()} == {(1, 1)}
    assert rows["count_error"].low is None  # one person


def test_who_only_overlaps_has_rows_that_say_so(recording: Any) -> None:
    spans = (Span(0, 1.5), Span(1, 2))
    rows = rows_of_recordings([held_against_truth("s", "truth", recording, spans)], 0, 50)
    assert {row.metric for row in rows} == set(METRICS)
    assert {(row.value, row.n, row.n_failed, row.n_overlapping) for row in rows} == {
        (None, 0, 0, 1)
    }


def test_the_mean_weighs_repetitions_and_draws_people() -> None:
    values, people = np.array([0.0, 0.0, 0.0, 1.0]), np.array(["a", "a", "a", "b"])
    value, low, high = estimate_mean(values, people, np.random.default_rng(0), 500)
    assert (value, low, high) == (0.25, 0, 1)  # b alone, a alone
    assert estimate_mean(values[:3], people[:3], np.random.default_rng(0)) == (0, None, None)


def test_the_finder_finds_and_does_not_judge(recording: Any) -> None:
    verdict = Peaks().score(recording.whole)
    assert verdict.score is None and verdict.abstained == WHY
    assert verdict.repetitions is not None and len(verdict.repetitions) == 2
    assert len(Peaks().score(squat()).repetitions or ()) == 1
    assert Peaks().score(missing_person()).abstained.startswith(f"{WHY}: ")
