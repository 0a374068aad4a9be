"""Faults told by linear models on the features of a repetition: the classical kind.

Features (`scoring.methods.features`) give the dose of every fault by ridge regression, and the
doses give the odds that a fault is there by logistic regression. In the image, features count anew
with how wide the person looks and with the way they face, so that one linear model serves all
views.
"""

from collections.abc import Callable, Sequence

import numpy as np

from scoring.learning.fault_kinds import DOSES, Estimate, FaultKind, Learnt, Material
from scoring.learning.linear import Linear, fit_logistic, fit_ridge
from scoring.methods.features import features, seen_from
from scoring.poses import PoseSequence

ALPHA = 30.0
"""The ridge's penalty."""


def given(sequence: PoseSequence) -> np.ndarray:
    """Return what the model is given of a repetition. Shape (D,)."""
    values = np.array(list(features(sequence).values()))
    if sequence.keypoints.shape[2] == 3:
        return values
    wide, faces = seen_from(sequence)
    about = [wide, faces, wide * faces, wide**2, faces**2]
    return np.concatenate([values, values * wide, values * faces, about])


def fit(
    material: Material, seed: int, on_done: Callable[[int, int], None] = lambda done, total: None
) -> Learnt:
    """Fit both models; nothing in it is drawn."""
    numbers = np.stack(material.inputs)
    targets = np.concatenate([np.clip(material.doses, *DOSES), material.turned], axis=1)
    ridge = fit_ridge(numbers, targets, ALPHA)
    doses = np.split(ridge(numbers), 2, axis=1)[0]
    odds = fit_logistic(doses, material.labels(), penalty=1.0)
    on_done(1, 1)
    return Learnt({**ridge.arrays("doses"), **odds.arrays("odds")}, {})


def estimate(learnt: Learnt, inputs: Sequence[np.ndarray]) -> Estimate:
    """Estimate from M inputs."""
    both = Linear.of(learnt.weights, "doses")(np.stack(inputs))
    doses, turned = np.split(both, 2, axis=1)
    return Estimate(doses, Linear.of(learnt.weights, "odds")(doses), turned)


KIND = FaultKind(given, fit, estimate, in_mirror=False)
