"""The line between good and bad, inferred from distances of good repetitions and never typed in.

A distance is any figure that grows with what is wrong. A rule takes `Distances` and gives the one
above which a repetition is faulty:

* `quantile(rate)`: that a further good repetition exceeds at the rate (split conformal prediction;
  Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005). It takes 1 / rate - 1
  repetitions, and promises only for one drawn like the others: a person's repetitions are alike, so
  for a stranger it holds on average, and the more loosely the fewer people there are.
* `tail(rate)`: the same from fewer repetitions, by a generalised Pareto tail fitted to the largest
  (probability-weighted moments; Hosking and Wallis, "Parameter and Quantile Estimation for the
  Generalized Pareto Distribution", Technometrics 29, 1987). It believes in the shape of the tail.
* `roc(alarm_cost)`: where faulty repetitions are known, that with the least sum of the share of
  faults missed and `alarm_cost` times the share of false alarms; 1 is Youden's index (Cancer 3,
  1950).
* `personal(first, rate)`: that of one person, by how far their own first good repetitions are off.

`infer` adds an interval: its bootstrap draws people, not repetitions.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from motions.errors import FormbenchError

FALSE_ALARM_RATE = 0.05
"""The share of good repetitions that the shipped scorers may call faulty."""
TAIL_SHARE = 0.5
"""The share of the distances that the tail is fitted to."""
FEWEST_IN_TAIL = 5
N_RESAMPLES = 200
LEVEL = 0.95

_NONE = np.zeros(0)
_NOBODY = np.zeros(0, dtype=str)


class TooFewError(FormbenchError):
    """There are too few repetitions to draw a line."""


@dataclass(frozen=True)
class Distances:
    """How far repetitions are off, and whose they are."""

    good: np.ndarray
    """Of good repetitions. Shape (n,)."""
    people: np.ndarray
    """Whose each is, in the order in which each person did them. Shape (n,), str."""
    faulty: np.ndarray = field(default_factory=lambda: _NONE)
    """Of faulty ones, where they are known. Shape (m,)."""
    faulty_people: np.ndarray = field(default_factory=lambda: _NOBODY)
    """Shape (m,), str."""

    def __post_init__(self) -> None:
        for name, whose in (("good", "people"), ("faulty", "faulty_people")):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            owners = np.asarray(getattr(self, whose), dtype=str)
            if values.ndim != 1 or values.shape != owners.shape or not np.isfinite(values).all():
                raise FormbenchError(
                    f"limits: expected finite {name} and {whose} of one length, "
                    f"got shapes {values.shape} and {owners.shape}"
                )
            object.__setattr__(self, name, values)
            object.__setattr__(self, whose, owners)


Rule = Callable[[Distances], float]
"""Draws a line, or raises TooFewError."""


@dataclass(frozen=True)
class Limit:
    """The distance above which a repetition is faulty."""

    value: float
    low: float
    """The ends of the 95 % interval over people."""
    high: float
    """Infinite where too many draws of people allow no line."""
    n: int
    """Good repetitions it was inferred from."""
    n_people: int


def infer(
    rule: Rule, given: Distances, rng: np.random.Generator, n_resamples: int = N_RESAMPLES
) -> Limit:
    """Draw the line by a rule, with its interval.

    Raises:
        TooFewError: There are too few repetitions for the rule.
    """
    value = rule(given)
    everyone = np.unique(np.concatenate([given.people, given.faulty_people]))
    drawn = []
    for _ in range(n_resamples):
        try:
            drawn.append(rule(_of(given, rng.choice(everyone, len(everyone)))))
        except TooFewError:
            drawn.append(np.inf)
    # One of the draws and no mixture of two, since some may be infinite.
    ends = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest")
    n_people = len(np.unique(given.people))
    return Limit(value, float(ends[0]), float(ends[1]), len(given.good), n_people)


def quantile(rate: float = FALSE_ALARM_RATE) -> Rule:
    """Return the rule that takes the (n + 1)(1 - rate)-th smallest of n good distances.

    The k-th smallest is exceeded at a rate of 1 - k / (n + 1), on average over samples; for a rate
    between two of these the line lies between.
    """
    _check_rate(rate)

    def rule(given: Distances) -> float:
        fewest = int(np.ceil(1 / rate - 1 - 1e-9))
        if len(given.good) < fewest:
            raise TooFewError(
                f"limits: expected at least {fewest} good repetitions for {100 * rate:g} % false "
                f"alarms, got {len(given.good)}; show more, or fit a tail"
            )
        return float(np.quantile(given.good, 1 - rate, method="weibull"))

    return rule


def tail(rate: float = FALSE_ALARM_RATE) -> Rule:
    """Return the rule that fits a generalised Pareto tail to the largest good distances.

    A tail fitted to m distances looks shorter than it is: 1 / m is added to its shape because the
    scale was fitted, which is exact for an exponential tail, and as much because the shape was.
    """
    _check_rate(rate)

    def rule(given: Distances) -> float:
        ordered = np.sort(given.good)
        n, m = len(ordered), int(TAIL_SHARE * len(given.good))
        if m < FEWEST_IN_TAIL:
            raise TooFewError(
                f"limits: expected at least {int(np.ceil(FEWEST_IN_TAIL / TAIL_SHARE))} good "
                f"repetitions to fit a tail, got {n}"
            )
        start = ordered[-m - 1]
        excess = ordered[-m:] - start
        mean = excess.mean()
        # The mean of each excess times the share of the others above it: half, were all alike.
        weighted = (excess * np.arange(m - 1, -1, -1)).sum() / (m * (m - 1))
        spread = mean - 2 * weighted
        if spread <= 1e-12 * abs(ordered[-1]):
            return float(ordered[-1])
        shape, scale = 2 - mean / spread + 2 / m, 2 * mean * weighted / spread
        beyond = rate * (n + 1) / (m + 1)
        grown = -np.log(beyond) if abs(shape) < 1e-9 else (beyond**-shape - 1) / shape
        return float(start + scale * grown)

    return rule


def roc(alarm_cost: float = 1.0) -> Rule:
    """Return the rule that weighs faults missed against false alarms."""
    if not 0 < alarm_cost < np.inf:
        raise FormbenchError(f"limits: expected a positive cost of an alarm, got {alarm_cost}")

    def rule(given: Distances) -> float:
        good, faulty = np.sort(given.good), np.sort(given.faulty)
        if not len(good) or not len(faulty):
            raise TooFewError(
                f"limits: expected good and faulty repetitions, got {len(good)} and {len(faulty)}"
            )
        values = np.unique(np.concatenate([good, faulty]))
        # Halfway between neighbours, and below all.
        lines = np.append(values[0] - 1, np.append((values[1:] + values[:-1]) / 2, values[-1]))
        missed = np.searchsorted(faulty, lines, side="right") / len(faulty)
        alarms = 1 - np.searchsorted(good, lines, side="right") / len(good)
        return float(lines[np.argmin(missed + alarm_cost * alarms)])

    return rule


def line_of(given: Distances, rate: float = FALSE_ALARM_RATE) -> float | None:
    """Return the line by quantile, of fewer repetitions by tail, and of too few for that None."""
    for rule in (quantile(rate), tail(rate)):
        with suppress(TooFewError):
            return rule(given)
    return None


def personal(first: np.ndarray, rate: float = FALSE_ALARM_RATE) -> Rule:
    """Return the rule for a person whose first good repetitions are this far off.

    What is usual for the person is the mean of these, shrunk towards everybody's by how much people
    differ against how much their repetitions do (the one-way analysis of variance, as in James and
    Stein's estimator), and held between the least and the most usual of the people known, so that
    nobody makes a fault their own normal. Everybody else is treated alike: what their further
    repetitions exceed their usual by is the distance whose `quantile` is added.

    Args:
        first: Distances of k good repetitions. Shape (k,).
        rate: False alarms among the repetitions that follow.
    """
    first = np.asarray(first, dtype=np.float64)
    if first.ndim != 1 or not len(first) or not np.isfinite(first).all():
        raise FormbenchError(f"limits: expected a person's first good distances, got {first}")
    beyond = quantile(rate)

    def rule(given: Distances) -> float:
        k = len(first)
        each = [given.good[given.people == person] for person in np.unique(given.people)]
        enough = [own for own in each if len(own) > k]
        if len(enough) < 2:
            raise TooFewError(
                f"limits: expected two people with more than {k} good repetitions, "
                f"got {len(enough)}"
            )
        means = np.array([own[:k].mean() for own in enough])
        within = float(np.mean([own.var(ddof=1) for own in enough]))
        # The means of k repetitions differ by what people do and a k-th of what repetitions do.
        between = max(float(means.var(ddof=1)) - within / k, 0.0)
        total = between + within / k
        trust = between / total if total > 0 else 0.0

        def usual(mean: float) -> float:
            held = min(max(mean, means.min()), means.max())
            return float(means.mean() + trust * (held - means.mean()))

        further = [own[k:] - usual(own[:k].mean()) for own in enough]
        people = np.repeat(np.arange(len(further)), [len(own) for own in further])
        return usual(float(first.mean())) + beyond(Distances(np.concatenate(further), people))

    return rule


def _check_rate(rate: float) -> None:
    if not 0 < rate < 1:
        raise FormbenchError(f"limits: expected a rate of false alarms from 0 to 1, got {rate:g}")


def _of(given: Distances, drawn: np.ndarray) -> Distances:
    """Return the distances of drawn people; who is drawn twice is two people."""
    parts = []
    for values, owners in ((given.good, given.people), (given.faulty, given.faulty_people)):
        at = [np.flatnonzero(owners == person) for person in drawn]
        whose = np.repeat(np.arange(len(drawn)), [len(own) for own in at]).astype(str)
        parts += [values[np.concatenate(at).astype(int)], whose]
    return Distances(*parts)
