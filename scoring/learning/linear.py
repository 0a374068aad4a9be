"""Linear models on named numbers: the only file of scoring that imports scikit-learn.

What is fitted comes out as plain arrays, so that it can be kept without pickle and used without
scikit-learn. A number that is missing (NaN) counts as an average one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

MOST = 6.0
"""Standard deviations from the mean beyond which a number counts as so far only."""


@dataclass(frozen=True)
class Linear:
    """A linear map of D numbers, brought to mean 0 and deviation 1, to K."""

    mean: np.ndarray
    """Shape (D,)."""
    scale: np.ndarray
    """Shape (D,)."""
    weights: np.ndarray
    """Shape (D, K)."""
    offset: np.ndarray
    """Shape (K,)."""

    def __call__(self, numbers: np.ndarray) -> np.ndarray:
        """Map numbers (N, D), NaN where missing, to (N, K)."""
        mapped: np.ndarray = self.brought(numbers) @ self.weights + self.offset
        return mapped

    def brought(self, numbers: np.ndarray) -> np.ndarray:
        """Return numbers (N, D) as the weights want them."""
        return np.nan_to_num(np.clip((numbers - self.mean) / self.scale, -MOST, MOST))

    def arrays(self, prefix: str) -> dict[str, np.ndarray]:
        """Return its arrays by name, each name with a prefix."""
        return {f"{prefix}.{name}": value for name, value in self.__dict__.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray], prefix: str) -> "Linear":
        """Take it from the arrays that `arrays` gave."""
        return cls(**{name: arrays[f"{prefix}.{name}"] for name in cls.__dataclass_fields__})


def fit_ridge(numbers: np.ndarray, targets: np.ndarray, alpha: float) -> Linear:
    """Fit least squares with a penalty of alpha on the squared weights.

    Args:
        numbers: Shape (N, D), NaN where missing.
        targets: Shape (N, K).
        alpha: For numbers of deviation 1.
    """
    blank = _standardising(numbers)
    fitted = Ridge(alpha=alpha).fit(blank.brought(numbers), targets)
    coefficients = np.atleast_2d(fitted.coef_)
    return Linear(blank.mean, blank.scale, coefficients.T, np.atleast_1d(fitted.intercept_))


def fit_logistic(numbers: np.ndarray, present: np.ndarray, penalty: float) -> Linear:
    """Fit the logarithm of the odds of each of K labels, 1 and 0 having the same say.

    Args:
        numbers: Shape (N, D), NaN where missing.
        present: 1 and 0, NaN for examples that are left out. Shape (N, K).
        penalty: On the squared weights, for numbers of deviation 1.
    """
    blank = _standardising(numbers)
    brought = blank.brought(numbers)
    weights, offsets = np.zeros((numbers.shape[1], present.shape[1])), np.zeros(present.shape[1])
    for k, label in enumerate(present.T):
        known = ~np.isnan(label)
        if len(np.unique(label[known])) < 2:
            continue  # weight 0: even odds, for nothing is known
        fitted = LogisticRegression(C=1 / penalty, class_weight="balanced", max_iter=500)
        fitted.fit(brought[known], label[known])
        weights[:, k], offsets[k] = fitted.coef_[0], fitted.intercept_[0]
    return Linear(blank.mean, blank.scale, weights, offsets)


def _standardising(numbers: np.ndarray) -> Linear:
    """Return mean and deviation of numbers, without weights; 0 and 1 for one never seen."""
    seen = ~np.isnan(numbers)
    count = np.maximum(seen.sum(axis=0), 1)
    mean = np.where(seen, numbers, 0).sum(axis=0) / count
    spread = np.sqrt(np.where(seen, (numbers - mean) ** 2, 0).sum(axis=0) / count)
    nothing = np.zeros(0)
    return Linear(mean, np.where(spread > 1e-9, spread, 1.0), nothing, nothing)
