"""From which size of a fault on a scorer sees it: a psychometric function fitted to its hits.

A repetition is a hit where the scorer's evidence is more than all but 5 % of the clean ones have.
The share of hits grows with the dose x of the fault (0 for none, 1 for severe) as

    guess + (1 - guess - lapse) * Phi((x - mean) / spread)

with guess the share of clean ones that are hit, and lapse of at most 6 % (Wichmann and Hill,
"The psychometric function", Perception & Psychophysics 63, 2001). The detection threshold is where
it reaches 75 %. The likelihood is looked up on a grid of mean, spread and lapse, so that the
bootstrap over people costs one matrix product.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from motions.errors import FormbenchError
from scoring.evaluation.metrics.detection import FALSE_ALARM_RATE
from scoring.evaluation.statistics import draw_subjects, percentile_interval

HIT_RATE = 0.75
N_RESAMPLES = 200
FEWEST, FEWEST_DOSES = 8, 3
"""Fewer repetitions, clean ones aside, or fewer different doses to a tenth, say nothing."""
_MEANS = np.linspace(-0.2, 1.6, 91)
_SPREADS = np.geomspace(0.02, 1.0, 18)
_LAPSES = np.array([0.0, 0.02, 0.06])


@dataclass(frozen=True)
class Threshold:
    """The dose at which 75 % are seen, or why there is none."""

    dose: float | None
    """0 for no fault, 1 for a severe one."""
    low: float | None
    high: float | None
    """95 % interval over people; None for a bound beyond severe."""
    mean: float | None
    spread: float | None
    lapse: float | None
    guess: float
    n: int
    """How many repetitions were fitted."""
    reason: str = ""

    def hit_rate(self, dose: np.ndarray) -> np.ndarray:
        """Return the fitted share of hits at doses, of their shape."""
        if self.mean is None or self.spread is None or self.lapse is None:
            raise FormbenchError(f"threshold: nothing was fitted: {self.reason}")
        reach = 1 - self.guess - self.lapse
        rate: np.ndarray = self.guess + reach * ndtr((dose - self.mean) / self.spread)
        return rate


def estimate_threshold(
    doses: np.ndarray,
    evidence: np.ndarray,
    clean: np.ndarray,
    subject_ids: np.ndarray,
    rng: np.random.Generator,
    n_resamples: int = N_RESAMPLES,
) -> Threshold:
    """Fit the psychometric function of one scorer, fault and view.

    Args:
        doses: The measured dose of each repetition. Shape (n,).
        evidence: Higher for more of the fault. Shape (n,).
        clean: Which repetitions are clean of every fault. Shape (n,), bool.
        subject_ids: Whose each repetition is. Shape (n,).
        rng: Draws the people.
        n_resamples: How many times.
    """
    doses, evidence = np.asarray(doses, float), np.asarray(evidence, float)
    clean = np.asarray(clean, bool)
    n_faulty, n_doses = int((~clean).sum()), len(np.unique(doses[~clean].round(1)))
    if not clean.any() or n_faulty < FEWEST or n_doses < FEWEST_DOSES:
        reason = f"{n_faulty} repetitions of {n_doses} doses, {clean.sum()} clean"
        return Threshold(None, None, None, None, None, None, 0.0, len(doses), reason)
    # The least evidence that at most 5 % of the clean ones exceed; ties count as no hit.
    line = np.quantile(evidence[clean], 1 - FALSE_ALARM_RATE, method="higher")
    hits = evidence > line
    guess = float(hits[clean].mean())
    names, subjects = np.unique(np.asarray(subject_ids), return_inverse=True)
    means, spreads, lapses = (grid.ravel() for grid in np.meshgrid(_MEANS, _SPREADS, _LAPSES))
    rates = guess + (1 - guess - lapses[:, None]) * ndtr(
        (doses - means[:, None]) / spreads[:, None]
    )
    rates = np.clip(rates, 1e-4, 1 - 1e-4)
    surprise = np.where(hits, np.log(rates), np.log1p(-rates))
    by_subject = np.stack([surprise[:, subjects == i].sum(axis=1) for i in range(len(names))], 1)
    best = int(by_subject.sum(axis=1).argmax())
    at = means + spreads * ndtri(np.clip((HIT_RATE - guess) / (1 - guess - lapses), 1e-6, 1 - 1e-6))
    low = high = None
    if len(names) > 1:
        weights = draw_subjects(len(names), n_resamples, rng)
        drawn = at[(by_subject @ weights.T).argmax(axis=0)]
        low, high = percentile_interval(drawn)
    fitted = float(means[best]), float(spreads[best]), float(lapses[best])
    reason = "" if at[best] <= 1 else "not seen in three of four even where it is severe"
    dose = None if reason else max(float(at[best]), 0.0)
    bounds = [None if b is None or b > 1 else max(float(b), 0.0) for b in (low, high)]
    return Threshold(dose, bounds[0], bounds[1], *fitted, guess, len(doses), reason)
