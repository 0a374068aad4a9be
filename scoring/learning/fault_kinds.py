"""What kinds of model tell faults: how each sees a repetition, learns, and answers.

* "linear": ridge and logistic regression on the features of a repetition
  (`scoring.learning.fault_linear`), the classical one.
* "network": a temporal convolution over its frames (`scoring.learning.fault_network`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from motions.errors import unknown_name
from scoring.poses import PoseSequence

KINDS = {
    "linear": "scoring.learning.fault_linear",
    "network": "scoring.learning.fault_network",
}
"""Where each is; only the network needs torch."""
DOSES = (-0.5, 1.5)
"""What is beyond these is learnt and said as no more than these."""


@dataclass(frozen=True)
class Material:
    """Repetitions as a model sees them, M views of each N faults."""

    inputs: tuple[np.ndarray, ...]
    """What `FaultKind.given` makes of each view."""
    reps: np.ndarray
    """Which repetition each is of. Shape (M,), int."""
    sides: np.ndarray
    """Which of SIDES each is seen from; 0 in space. Shape (M,), int."""
    doses: np.ndarray
    """Shape (M, N)."""
    turned: np.ndarray
    """The dose of what is on the left, less that of what is on the right. Shape (M, N)."""
    present: np.ndarray
    """Shape (M, N), bool."""
    clean: np.ndarray
    """Shape (M,), bool."""
    spans: np.ndarray
    """When a fault begins and ends, as shares of the repetition; NaN where it has no time of its
    own. Shape (M, N, 2)."""
    people: np.ndarray
    """Shape (M,), str."""
    n_unseen: int = 0
    """Views that showed too little, and are left out."""

    def labels(self) -> np.ndarray:
        """Return 1 for a fault that is there, 0 in clean ones, else NaN. Shape (M, N)."""
        return np.where(self.present, 1.0, np.where(self.clean[:, None], 0.0, np.nan))


@dataclass(frozen=True)
class Estimate:
    """What a model makes of M views, for each of N faults."""

    doses: np.ndarray
    """Shape (M, N)."""
    odds: np.ndarray
    """The logarithm of the odds that it is there. Shape (M, N)."""
    turned: np.ndarray
    """Above 0 for more on the left. Shape (M, N)."""
    spans: np.ndarray | None = None
    """As in `Material`; None of a kind that does not say when. Shape (M, N, 2)."""


@dataclass(frozen=True)
class Learnt:
    """What a kind of model keeps."""

    weights: Mapping[str, np.ndarray]
    config: Mapping[str, Any]
    """What is needed to use the weights, as JSON."""


@dataclass(frozen=True)
class FaultKind:
    """One kind of model."""

    given: Callable[[PoseSequence], np.ndarray]
    """Make a repetition what the model is given; raises UnseenError."""
    fit: Callable[[Material, int, Callable[[int, int], None]], Learnt]
    """Learn from material, with a seed, and tell how much of it is done."""
    estimate: Callable[[Learnt, Sequence[np.ndarray]], Estimate]
    in_mirror: bool
    """Whether it learns from what a mirror shows, too."""


def fault_kind(name: str) -> FaultKind:
    """Return a kind of model, importing what it needs."""
    if name not in KINDS:
        raise unknown_name("train faults: kind of model", name, KINDS)
    kind: FaultKind = import_module(KINDS[name]).KIND
    return kind
