import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from motions.errors import FormbenchError
from scoring.evaluation.metrics.detection import auroc
from scoring.evaluation.statistics import (
    Estimate,
    auroc_of_draws,
    draw_subjects,
    estimate_auroc,
    percentile_interval,
)

NO, YES = False, True


def made_up(n=300, n_subjects=12, shift=0.8, seed=0):
    rng = np.random.default_rng(seed)
    subjects = rng.integers(n_subjects, size=n)
    present = rng.random(n) < 0.4
    evidence = np.round(
        rng.normal(size=n) + shift * present + rng.normal(size=n_subjects)[subjects]
    )
    return present, evidence, subjects


def test_every_draw_is_the_auroc_of_its_repeated_repetitions():
    present, evidence, subjects = made_up()
    weights = draw_subjects(12, 50, np.random.default_rng(1))
    found = auroc_of_draws(present, evidence, subjects, weights)

    for weight, value in zip(weights, found, strict=True):
        repeated = np.repeat(np.arange(len(present)), weight[subjects])
        assert value == auroc(present[repeated], evidence[repeated])
        assert value == pytest.approx(
            roc_auc_score(present, evidence, sample_weight=weight[subjects]), rel=1e-12
        )


def test_a_draw_of_everyone_once_is_the_auroc():
    present, evidence, subjects = made_up()

    assert auroc_of_draws(present, evidence, subjects, np.ones((1, 12), dtype=int)).tolist() == [
        auroc(present, evidence)
    ]


def test_a_draw_without_a_class_is_undefined():
    present, evidence = np.array([YES, NO]), np.array([1.0, 0.0])
    weights = np.array([[1, 1], [2, 0], [0, 2]])

    found = auroc_of_draws(present, evidence, np.array([0, 1]), weights)

    assert found[0] == 1 and np.isnan(found[1:]).all()


def test_as_many_people_are_drawn_as_there_are():
    weights = draw_subjects(7, 5000, np.random.default_rng(0))

    assert (weights.sum(axis=1) == 7).all()
    # Each is drawn once on average, and not at all with probability (6/7)^7.
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.05)
    assert (weights == 0).mean() == pytest.approx((6 / 7) ** 7, abs=0.01)


def test_the_same_seed_gives_the_same_interval():
    case = made_up()
    first, again, other = (estimate_auroc(*case, np.random.default_rng(seed)) for seed in (0, 0, 1))

    assert first == again
    assert first.value == other.value and (first.low, first.high) != (other.low, other.high)


def test_counts_are_stated():
    present, evidence, subjects = made_up()
    result = estimate_auroc(present, evidence, subjects, np.random.default_rng(0))

    assert (result.n_positive, result.n_negative) == (present.sum(), (~present).sum())
    assert result.n_subjects == 12
    assert result.low < result.value < result.high


def test_more_copies_of_the_same_people_make_nothing_surer():
    present, evidence, subjects = made_up()
    once, tenfold = (
        estimate_auroc(
            np.tile(present, n),
            np.tile(evidence, n),
            np.tile(subjects, n),
            np.random.default_rng(0),
        )
        for n in (1, 10)
    )

    assert (once.value, once.low, once.high) == (tenfold.value, tenfold.low, tenfold.high)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    # Normal evidence one standard deviation apart: AUROC = Phi(1 / sqrt 2).
    truth, covered = 0.7602499389065233, 0
    for seed in range(200):
        rng = np.random.default_rng([5, seed])
        present = np.arange(120) % 2 == 0
        evidence = rng.normal(size=120) + present
        result = estimate_auroc(present, evidence, np.arange(120) // 3, rng, n_resamples=400)
        covered += result.low <= truth <= result.high

    assert covered / 200 == pytest.approx(0.95, abs=0.04)


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ([YES, YES, YES], Estimate(None, None, None, 3, 0, 3, "no clean repetition among 3")),
        ([NO, NO, NO], Estimate(None, None, None, 0, 3, 3, "no faulty repetition among 3")),
        (
            [YES, NO, NO],
            Estimate(
                1.0, None, None, 1, 2, 3, "no interval: one person has all faulty repetitions"
            ),
        ),
        (
            [YES, YES, NO],
            Estimate(1.0, None, None, 2, 1, 3, "no interval: one person has all clean repetitions"),
        ),
    ],
)
def test_what_is_undefined_has_a_reason(present, expected):
    evidence = np.array([3.0, 2.0, 1.0])
    result = estimate_auroc(
        np.array(present), evidence, np.array(["a", "b", "c"]), np.random.default_rng(0)
    )

    assert result == expected


def test_nothing_at_all_is_undefined():
    nothing = np.zeros(0)
    result = estimate_auroc(nothing.astype(bool), nothing, nothing, np.random.default_rng(0))

    assert result == Estimate(None, None, None, 0, 0, 0, "no faulty repetition among 0")


def test_each_repetition_needs_a_person():
    with pytest.raises(FormbenchError, match=r"a subject for each of 2 repetitions, got \(3,\)"):
        estimate_auroc(
            np.array([YES, NO]), np.zeros(2), np.array(["a", "b", "c"]), np.random.default_rng(0)
        )


def test_percentiles_leave_the_undefined_draws_out():
    assert percentile_interval(np.array([np.nan, *range(101)]), level=0.5) == (25.0, 75.0)
    with pytest.raises(FormbenchError, match="none of 2 draws is defined"):
        percentile_interval(np.array([np.nan, np.nan]))
