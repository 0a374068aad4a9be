"""Lines between good and bad: worked by hand, against scikit-learn and SciPy, and on strangers."""

import numpy as np
import pytest
from scipy.stats import genpareto
from sklearn.metrics import roc_curve

from motions.errors import FormbenchError
from scoring.methods.limits import (
    Distances,
    TooFewError,
    infer,
    line_of,
    personal,
    quantile,
    roc,
    tail,
)


def alone(values, **faulty):
    """Distances of people with one repetition each."""
    return Distances(np.array(values), np.arange(len(values)), **faulty)


def test_the_quantile_by_hand():
    # Of 19 distances 5 % are beyond the 19th: 20 * 0.95 = 19. Of 29 between the 28th and the 29th.
    assert quantile(0.05)(alone(range(19))) == 18
    assert quantile(0.05)(alone(range(99))) == 94
    assert quantile(0.05)(alone(range(29))) == pytest.approx(27.5)
    with pytest.raises(TooFewError, match=r"at least 19 good repetitions for 5 % .*got 18"):
        quantile(0.05)(alone(range(18)))


@pytest.mark.parametrize(("n", "rule"), [(19, quantile), (30, quantile), (100, quantile),
                                         (14, tail), (30, tail), (100, tail)])  # fmt: skip
@pytest.mark.parametrize("draw", ["exponential", "lognormal"])
def test_further_good_ones_are_beyond_the_line_at_the_rate(n, rule, draw):
    rng = np.random.default_rng(0)
    rates = [
        np.mean(getattr(rng, draw)(size=400) > rule(0.05)(alone(getattr(rng, draw)(size=n))))
        for _ in range(400)
    ]

    assert np.mean(rates) == pytest.approx(0.05, abs=0.01 if n > 30 else 0.015)


def test_a_tail_of_many_is_the_one_they_come_from():
    rng = np.random.default_rng(0)
    given = alone(genpareto.rvs(0.2, size=20_000, random_state=rng))

    for rate in (0.05, 0.01, 0.001):
        assert tail(rate)(given) == pytest.approx(genpareto.isf(rate, 0.2), rel=0.05)


def test_a_tail_of_equals_ends_where_they_are():
    assert tail(0.05)(alone([1.0] * 12)) == 1.0
    with pytest.raises(TooFewError, match="at least 10 good repetitions to fit a tail, got 9"):
        tail(0.05)(alone([1.0] * 9))


def test_youdens_line_is_that_of_the_roc_curve():
    rng = np.random.default_rng(1)
    good, faulty = rng.normal(0, 1, 80), rng.normal(1.5, 1, 50)
    line = roc()(alone(good, faulty=faulty, faulty_people=np.arange(50)))
    alarms, hits, _ = roc_curve(np.repeat([0, 1], [80, 50]), np.concatenate([good, faulty]))

    assert np.mean(faulty > line) - np.mean(good > line) == np.max(hits - alarms)


def test_dearer_alarms_draw_the_line_farther_out():
    # At 4.5 one fault of two is missed; at 1.5 one good one of four is called faulty.
    given = alone([0, 1, 2, 1], faulty=np.array([1.8, 7.0]), faulty_people=np.arange(2))

    assert roc()(given) == pytest.approx(1.4)
    assert roc(alarm_cost=4)(given) == pytest.approx(4.5)
    with pytest.raises(TooFewError, match="got 4 and 0"):
        roc()(alone([0, 1, 2, 1]))


def people_apart(rng, n_people=40, n_reps=12):
    """Distances of people who differ more than their repetitions do. Shape (people, reps)."""
    own = rng.normal(3, 0.8, (n_people, 1))
    return own + rng.normal(0, 0.3, (n_people, n_reps))


def test_a_personal_line_keeps_its_rate_and_is_finer_than_everybodys():
    rng = np.random.default_rng(2)
    beyond, personal_lines = [], []
    for _ in range(400):
        known, new = people_apart(rng), people_apart(rng, 1)[0]
        given = Distances(known.ravel(), np.repeat(np.arange(40), 12))
        line = personal(new[:3], 0.05)(given)
        beyond += (new[3:] > line).tolist()
        personal_lines.append(line - new.mean())

    assert np.mean(beyond) == pytest.approx(0.05, abs=0.01)
    assert np.mean(personal_lines) < (quantile(0.05)(given) - 3) / 2


def test_nobody_makes_a_fault_their_own_normal():
    given = Distances(people_apart(np.random.default_rng(3)).ravel(), np.repeat(np.arange(40), 12))
    worst = given.good.reshape(40, 12)[:, :3].mean(axis=1).max()

    assert personal(np.full(3, 50.0))(given) == personal(np.full(3, worst))(given)


def test_people_who_are_all_alike_have_everybodys_line():
    rng = np.random.default_rng(4)
    given = Distances(rng.normal(0, 1, 4000), np.repeat(np.arange(400), 10))
    line = quantile(0.05)(given)

    assert personal(np.array([2.0]))(given) == pytest.approx(line, abs=0.3)


def test_the_interval_covers_the_true_line_when_people_are_alike_within():
    # 30 people with 20 repetitions each that hardly differ: an interval over repetitions would be
    # far too narrow.
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(60):
        x = rng.normal(0, 1, (30, 1)) + rng.normal(0, 0.1, (30, 20))
        given = Distances(x.ravel(), np.repeat(np.arange(30), 20))
        limit = infer(quantile(0.2), given, rng, 100)
        covered += limit.low <= np.sqrt(1.01) * 0.8416 <= limit.high
        assert limit.value == quantile(0.2)(given)
        assert (limit.n, limit.n_people) == (600, 30)

    assert covered / 60 >= 0.85


def test_the_interval_is_open_where_some_draws_allow_no_line():
    # One person has nearly all: whoever draws without them has too few.
    given = Distances(np.arange(20.0), np.repeat([0, 1], [17, 3]))
    limit = infer(quantile(0.05), given, np.random.default_rng(0))

    assert limit.value < limit.high == np.inf


def test_of_few_the_line_is_a_tail_and_of_fewer_none():
    assert line_of(alone(range(19))) == 18
    assert line_of(alone(range(12))) == tail(0.05)(alone(range(12)))
    assert line_of(alone(range(9))) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: quantile(0), "rate of false alarms from 0 to 1, got 0"),
        (lambda: roc(0), "positive cost of an alarm, got 0"),
        (lambda: personal([]), "person's first good distances"),
        (lambda: personal([1.0])(alone([1, 2])), "two people with more than 1 .*got 0"),
        (lambda: Distances([1.0, np.nan], ["a", "b"]), "finite good and people of one length"),
        (lambda: Distances([1.0], []), r"got shapes \(1,\) and \(0,\)"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(FormbenchError, match=message):
        call()


def test_of_none_at_all_there_is_no_interval_either():
    with pytest.raises(TooFewError, match="at least 10 good repetitions to fit a tail, got 0"):
        infer(tail(), alone([]), np.random.default_rng(0))
