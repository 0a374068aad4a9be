"""Calibration: whether a scorer's probabilities are as often right as they say.

Conventions
-----------
``happened`` (n,) says of each repetition whether it is good; ``probability`` (n,) is what the
scorer gives for that, from 0 to 1. A score from 0 to 100 is read as a probability in per cent: of a
hundred repetitions scored 80, eighty should be good. No metric is defined on nothing: the functions
raise.

Metrics
-------
* `brier`: the mean squared difference of probability and outcome; 0 is perfect, 0.25 is what
  "one half" always gets.
* `calibration_error`: the expected calibration error, the mean over bins of equal width, weighted
  by how many lie in each, of how far the mean probability is from the share that happened (Naeini,
  Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI
  2015). With ``equal_counts`` the bins hold equally many instead (Nixon and others, "Measuring
  Calibration in Deep Learning", CVPR workshops 2019).
* `reliability`: those bins, for a diagram.
"""

from typing import NamedTuple

import numpy as np

from motions.errors import FormbenchError

N_BINS = 15


class Bin(NamedTuple):
    """The repetitions whose probabilities lie together."""

    probability: float
    """Their mean probability."""
    share: float
    """The share of them that happened."""
    n: int


def validate(happened: np.ndarray, probability: np.ndarray) -> None:
    """Raise unless the two are of one length, the first bool and the second from 0 to 1."""
    if np.ndim(happened) != 1 or np.shape(happened) != np.shape(probability):
        raise FormbenchError(
            "calibration: expected happened and probability of shape (n,), "
            f"got {np.shape(happened)} and {np.shape(probability)}"
        )
    if np.asarray(happened).dtype != np.bool_:
        raise FormbenchError(
            f"calibration: expected happened to be bool, got {np.asarray(happened).dtype}"
        )
    if not len(happened):
        raise FormbenchError("calibration: undefined: no repetition")
    if not ((np.asarray(probability) >= 0) & (np.asarray(probability) <= 1)).all():
        raise FormbenchError(
            "calibration: expected probabilities from 0 to 1; did you give scores of 0 to 100?"
        )


def brier(happened: np.ndarray, probability: np.ndarray) -> float:
    """Return the mean squared difference.

    >>> brier(np.array([True, False]), np.array([0.5, 0.5]))
    0.25
    """
    validate(happened, probability)
    return float(((probability - happened) ** 2).mean())


def reliability(
    happened: np.ndarray,
    probability: np.ndarray,
    n_bins: int = N_BINS,
    *,
    equal_counts: bool = False,
) -> tuple[Bin, ...]:
    """Return the bins that hold something, from low to high probability."""
    validate(happened, probability)
    if equal_counts:
        order = np.argsort(probability, kind="stable")
        members = np.array_split(order, min(n_bins, len(order)))
    else:
        places = np.minimum((np.asarray(probability) * n_bins).astype(int), n_bins - 1)
        members = [np.flatnonzero(places == place) for place in range(n_bins)]
    return tuple(
        Bin(float(probability[some].mean()), float(happened[some].mean()), len(some))
        for some in members
        if len(some)
    )


def calibration_error(
    happened: np.ndarray,
    probability: np.ndarray,
    n_bins: int = N_BINS,
    *,
    equal_counts: bool = False,
) -> float:
    """Return the expected calibration error.

    >>> calibration_error(np.array([True, False]), np.array([0.9, 0.9]))
    0.4
    """
    bins = reliability(happened, probability, n_bins, equal_counts=equal_counts)
    return sum(b.n * abs(b.probability - b.share) for b in bins) / len(happened)
