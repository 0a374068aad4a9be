"""Detection thresholds: known ones are found again, and what cannot be known is not told."""

import numpy as np
import pytest
from scipy.stats import norm

from motions.errors import FormbenchError
from scoring.evaluation.thresholds import Threshold, estimate_threshold

RNG = np.random.default_rng


def observed(
    mean: float, spread: float, n: int = 4000, lapse: float = 0.0, n_people: int = 20
) -> tuple[np.ndarray, ...]:
    """Repetitions of an observer whose evidence is the dose with noise; the line is at `mean`."""
    rng = RNG(7)
    doses = np.concatenate([np.zeros(n // 4), rng.uniform(0, 1, n)])
    clean = np.arange(len(doses)) < n // 4
    seen = rng.normal(doses, spread) - mean
    seen[rng.random(len(doses)) < lapse] = -9.0
    # Clean evidence is put just below the line but for its 5 %, so that the line is known.
    seen[clean] = np.linspace(-3, 0, n // 4)
    seen[clean] += 0.05 * 3
    return doses, seen, clean, rng.integers(n_people, size=len(doses))


def test_a_known_threshold_is_found_again() -> None:
    found = estimate_threshold(*observed(0.4, 0.1), RNG(0))
    # Three in four of an observer without guesses, up to the 5 % that the fit takes for guesses.
    true = 0.4 + 0.1 * norm.ppf((0.75 - 0.05) / 0.95)
    assert found.dose is not None and found.low is not None and found.high is not None
    assert abs(found.dose - true) < 0.03
    assert found.low < found.dose < found.high
    assert found.high - found.low < 0.06
    assert found.guess == pytest.approx(0.05, abs=0.003)


def test_the_curve_goes_through_the_threshold() -> None:
    found = estimate_threshold(*observed(0.5, 0.2, lapse=0.02), RNG(0))
    assert found.dose is not None
    assert found.hit_rate(np.array([found.dose]))[0] == pytest.approx(0.75, abs=1e-9)


def test_a_blind_scorer_has_no_threshold() -> None:
    doses, _, clean, people = observed(0.5, 0.1)
    found = estimate_threshold(doses, RNG(3).random(len(doses)), clean, people, RNG(0))
    assert (found.dose, found.high) == (None, None)
    assert found.reason == "not seen in three of four even where it is severe"


def test_fewer_people_tell_less() -> None:
    few = estimate_threshold(*observed(0.4, 0.2, n=200, n_people=4), RNG(0))
    many = estimate_threshold(*observed(0.4, 0.2, n=4000, n_people=40), RNG(0))
    assert few.low is not None and few.high is not None
    assert many.low is not None and many.high is not None
    assert few.high - few.low > 2 * (many.high - many.low)


def test_one_person_gives_no_interval() -> None:
    doses, seen, clean, people = observed(0.4, 0.1)
    found = estimate_threshold(doses, seen, clean, np.zeros_like(people), RNG(0))
    assert found.dose is not None
    assert (found.low, found.high) == (None, None)


@pytest.mark.parametrize(
    ("n_faulty", "n_doses", "n_clean", "reason"),
    [
        (7, 7, 5, "7 repetitions of 7 doses, 5 clean"),
        (20, 2, 5, "20 repetitions of 2 doses, 5 clean"),
        (20, 5, 0, "20 repetitions of 5 doses, 0 clean"),
    ],
)
def test_too_little_says_nothing(n_faulty: int, n_doses: int, n_clean: int, reason: str) -> None:
    doses = np.concatenate([np.zeros(n_clean), 0.1 + 0.1 * (np.arange(n_faulty) % n_doses)])
    clean = np.arange(len(doses)) < n_clean
    found = estimate_threshold(doses, doses, clean, np.zeros(len(doses)), RNG(0))
    assert found == Threshold(None, None, None, None, None, None, 0.0, len(doses), reason)
    with pytest.raises(FormbenchError, match="nothing was fitted"):
        found.hit_rate(np.array([0.5]))
