"""Detection of a fault: how well a scorer's evidence separates faulty repetitions from clean ones.

Conventions
-----------
``present`` (n,) says which repetitions have the fault; the others are clean. ``evidence`` (n,) is
the scorer's, higher for more of the fault; only its order matters. A repetition counts as detected
at a threshold t where its evidence is at least t. Without both a faulty and a clean repetition no
metric here is defined: the functions raise, and `evaluate` gives None.

Metrics
-------
* `auroc`: the share of pairs of a faulty and a clean repetition in which the faulty one has more
  evidence, ties counted as half. 1 is perfect, 0.5 is chance.
* `average_precision`: the mean over the faulty repetitions of the precision at each one's own
  evidence; depends on how many of the repetitions are faulty, which is also its value by chance.
* `sensitivity_at`: the largest share of faulty repetitions that a threshold detects while it
  detects at most a given share of the clean ones.
* `balanced_accuracy`: the mean of the share of faulty repetitions that a scorer's own line finds
  and the share of clean ones that it lets pass; 0.5 is chance, however many are faulty.
"""

import numpy as np

from motions.errors import FormbenchError

FALSE_ALARM_RATE = 0.05


def validate(present: np.ndarray, evidence: np.ndarray) -> None:
    """Raise unless the two are of one length, the first bool and the second finite."""
    if np.ndim(present) != 1 or np.shape(present) != np.shape(evidence):
        raise FormbenchError(
            "detection: expected present and evidence of shape (n,), "
            f"got {np.shape(present)} and {np.shape(evidence)}"
        )
    if np.asarray(present).dtype != np.bool_:
        raise FormbenchError(
            f"detection: expected present to be bool, got {np.asarray(present).dtype}; "
            "did you swap it with the evidence?"
        )
    if not np.isfinite(np.asarray(evidence, dtype=np.float64)).all():
        raise FormbenchError(
            "detection: expected finite evidence; leave repetitions without a score out"
        )


def why_undefined(present: np.ndarray) -> str:
    """Return the reason why no metric is defined, empty where they are.

    >>> why_undefined(np.array([True, True]))
    'no clean repetition among 2'
    """
    n_faulty = int(np.sum(present))
    if n_faulty and n_faulty < len(present):
        return ""
    return f"no {'clean' if n_faulty else 'faulty'} repetition among {len(present)}"


def auroc(present: np.ndarray, evidence: np.ndarray) -> float:
    """Return the area under the ROC curve, exact for ties.

    >>> auroc(np.array([False, False, True, True]), np.array([1, 2, 2, 3]))
    0.875
    """
    faulty, clean = _parted(present, evidence)
    below, up_to = ranks_among(np.sort(clean), faulty)
    return float((below + up_to).sum() / (2 * len(faulty) * len(clean)))


def average_precision(present: np.ndarray, evidence: np.ndarray) -> float:
    """Return the mean precision over the faulty repetitions.

    >>> average_precision(np.array([True, False, True]), np.array([3, 2, 1]))
    0.8333333333333333
    """
    faulty, clean = _parted(present, evidence)
    hits = len(faulty) - np.searchsorted(np.sort(faulty), faulty, side="left")
    alarms = len(clean) - np.searchsorted(np.sort(clean), faulty, side="left")
    return float((hits / (hits + alarms)).mean())


def sensitivity_at(
    present: np.ndarray, evidence: np.ndarray, false_alarm_rate: float = FALSE_ALARM_RATE
) -> float:
    """Return the largest share of faulty repetitions detected at a false-alarm rate or below it.

    >>> sensitivity_at(np.array([False, False, True, True]), np.array([1, 3, 2, 4]))
    0.5
    """
    faulty, clean = _parted(present, evidence)
    alarms = len(clean) - np.searchsorted(np.sort(clean), faulty, side="left")
    return float((alarms <= false_alarm_rate * len(clean)).mean())


def balanced_accuracy(present: np.ndarray, called: np.ndarray) -> float:
    """Return the mean of sensitivity and specificity of calls (n,), bool.

    >>> balanced_accuracy(np.array([True, True, False]), np.array([True, False, False]))
    0.75
    """
    faulty, clean = _parted(present, called)
    return float((faulty.mean() + 1 - clean.mean()) / 2)


def evaluate(present: np.ndarray, evidence: np.ndarray) -> dict[str, float | None]:
    """Return all metrics by name, None where undefined."""
    validate(present, evidence)
    defined = not why_undefined(present)
    return {
        metric.__name__: metric(present, evidence) if defined else None
        for metric in (auroc, average_precision, sensitivity_at)
    }


def ranks_among(sorted_clean: np.ndarray, faulty: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each faulty value how many clean ones lie below it, and how many up to it."""
    below = np.searchsorted(sorted_clean, faulty, side="left")
    return below, np.searchsorted(sorted_clean, faulty, side="right")


def _parted(present: np.ndarray, evidence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    validate(present, evidence)
    reason = why_undefined(present)
    if reason:
        raise FormbenchError(f"detection: undefined: {reason}")
    present, evidence = np.asarray(present), np.asarray(evidence, dtype=np.float64)
    return evidence[present], evidence[~present]
