"""Calibration, by hand and against scikit-learn."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from motions.errors import FormbenchError
from scoring.evaluation.metrics.calibration import Bin, brier, calibration_error, reliability

HAPPENED = np.array([True, True, False, False])
PROBABILITY = np.array([1.0, 0.75, 0.5, 0.25])


def test_by_hand() -> None:
    assert brier(HAPPENED, PROBABILITY) == (0 + 1 / 16 + 1 / 4 + 1 / 16) / 4
    # Halves: 0.25 alone, none of which happened; 0.5, 0.75 and 1 together, two of three.
    assert reliability(HAPPENED, PROBABILITY, 2) == (Bin(0.25, 0.0, 1), Bin(0.75, 2 / 3, 3))
    assert calibration_error(HAPPENED, PROBABILITY, 2) == pytest.approx((0.25 + 3 / 12) / 4)
    # Two and two: 0.25 and 0.5 with none, 0.75 and 1 with both.
    assert calibration_error(HAPPENED, PROBABILITY, 2, equal_counts=True) == 0.25


def test_who_is_sure_and_right_is_perfect_and_who_is_sure_and_wrong_is_not() -> None:
    assert brier(HAPPENED, HAPPENED.astype(float)) == 0
    assert calibration_error(HAPPENED, HAPPENED.astype(float)) == 0
    assert brier(HAPPENED, 1.0 - HAPPENED) == calibration_error(HAPPENED, 1.0 - HAPPENED) == 1


def test_as_scikit_learn_has_it() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(500)
    happened = rng.random(500) < probability**2
    share, mean = calibration_curve(happened, probability, n_bins=15)
    bins = reliability(happened, probability)
    np.testing.assert_allclose([b.share for b in bins], share)
    np.testing.assert_allclose([b.probability for b in bins], mean)
    assert brier(happened, probability) == pytest.approx(brier_score_loss(happened, probability))


@pytest.mark.parametrize(
    ("happened", "probability", "message"),
    [
        (HAPPENED, 100 * PROBABILITY, "did you give scores of 0 to 100"),
        (HAPPENED[:3], PROBABILITY, "of shape"),
        (HAPPENED.astype(int), PROBABILITY, "expected happened to be bool"),
        (HAPPENED[:0], PROBABILITY[:0], "undefined: no repetition"),
    ],
)
def test_bad_input(happened: np.ndarray, probability: np.ndarray, message: str) -> None:
    with pytest.raises(FormbenchError, match=message):
        brier(happened, probability)
