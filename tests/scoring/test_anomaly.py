"""Anomalies: distances worked by hand and against SciPy, and faults in squats."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis

from scoring.methods.anomaly import SMALLEST_TORSO, Anomaly, usual
from scoring.sample import squat


def test_by_hand_along_and_across_a_line() -> None:
    # Points on a line through (1, 0): variance 2 along x (n - 1 = 4), none along y.
    fitted = usual(np.array([[-1.0, 0], [0, 0], [1, 0], [2, 0], [3, 0]]))
    assert fitted.mean.tolist() == [1, 0]
    assert np.abs(fitted.directions).tolist() == [[1, 0]]
    assert fitted.spreads.tolist() == pytest.approx([2.5**0.5])
    assert fitted.rest == SMALLEST_TORSO
    odd = fitted.oddness(np.array([[1.0, 0], [1 + 2.5**0.5, 0], [1, 3 * SMALLEST_TORSO]]))
    np.testing.assert_allclose(odd, [0, 0.5**0.5, 4.5**0.5], atol=1e-12)


def test_it_is_the_mahalanobis_distance_along_and_off_the_directions() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 6)) * [3, 2, 1, 0.1, 0.1, 0.1]
    fitted = usual(vectors)
    kept = fitted.directions
    assert 1 <= len(kept) < 6
    new = rng.normal(size=6)
    along = mahalanobis(kept @ new, kept @ fitted.mean, np.diag(fitted.spreads**-2.0))
    off = np.linalg.norm((np.eye(6) - kept.T @ kept) @ (new - fitted.mean)) / fitted.rest
    expected = np.sqrt((along**2 / len(kept) + off**2 / (6 - len(kept))) / 2)
    assert fitted.oddness(new[None])[0] == pytest.approx(expected, rel=1e-9)


def test_a_usual_repetition_passes_and_a_shallow_one_does_not() -> None:
    rng = np.random.default_rng(1)
    good = [
        replace(squat(depth=depth, duration_s=2.0), person=f"p{i // 3}")
        for i, depth in enumerate(rng.normal(1, 0.05, size=30))
    ]
    fitted = Anomaly().fit(good)
    usual_one, shallow = fitted.score(squat(depth=1.02)), fitted.score(squat(depth=0.6))
    assert usual_one.good is True
    assert shallow.good is False
    assert usual_one.score is not None and shallow.score is not None
    assert shallow.score < 50 < usual_one.score


def test_one_person_draws_no_line() -> None:
    good = [replace(squat(depth=0.9 + i / 100), person="p") for i in range(20)]
    assert Anomaly().fit(good).score(squat()).good is None


def test_what_was_never_seen_is_not_judged() -> None:
    fitted = Anomaly().fit([squat(), squat(depth=0.9)])
    assert fitted.score(squat(hidden="left_wrist")).abstained.startswith("more than half")
    assert "lunge" in fitted.score(replace(squat(), exercise="lunge")).abstained
