"""Learning which faults a repetition has, how large they are and on which side, from truth.

Features of a repetition give the dose of every fault by ridge regression, and the doses give the
odds that a fault is there by logistic regression (`scoring.learning.linear`). A model for images
learns from virtual cameras all around, a model for space needs no camera.

What cannot be seen from a side is not judged. A fault is told from a side if repetitions that have
it are told there from clean ones of the people held back, without any noise, with an AUROC of at
least SHOWN. This table is made from truth alone, and is kept with the model.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from motions.errors import FormbenchError
from scoring.evaluation.metrics.detection import auroc
from scoring.learning.examples import See, truly
from scoring.learning.fault_examples import (
    SIDES,
    SPACE,
    Material,
    Repetition,
    fault_ids_of,
    material_of,
    numbers_of,
    views_of,
)
from scoring.learning.linear import fit_logistic, fit_ridge
from scoring.learning.model_file import Model
from scoring.methods.feature_faults import DOSES, KIND, Estimate, estimate, told
from scoring.methods.limits import FALSE_ALARM_RATE, Distances, infer, quantile, tail
from simulator.faults.library import FAULTS

HELD_BACK = 0.3
"""Of people: figures, the line and what sides show are found on them."""
ALPHA = 30.0
"""The ridge's penalty."""
SHOWN = 0.9
FEWEST = 4
"""Of fewer repetitions with a fault from a side nothing is said."""


def train(
    repetitions: Sequence[Repetition],
    data_sha256: str,
    *,
    see: See = truly,
    n_views: int = 4,
    seed: int = 0,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> Model:
    """Learn from the repetitions of most people, and find out on the others how well.

    Args:
        repetitions: Of one keypoint convention and one exercise.
        data_sha256: Of the dataset they are from.
        see: How cameras see.
        n_views: Cameras for each repetition, 0 for a model of points in space.
        seed: Decides who is held back, and the cameras.
        on_done: Is told how many repetitions of how many are done.

    Raises:
        FormbenchError: There are fewer than three people or several exercises, or too few clean
            repetitions to draw a line.
    """
    exercises = sorted({one.poses.exercise for one in repetitions})
    people = sorted({one.truth.subject_id for one in repetitions})
    if len(exercises) != 1 or len(people) < 3:
        raise FormbenchError(
            "train faults: expected one exercise done by three people or more, got "
            f"{', '.join(exercises)} by {len(people)}"
        )
    fault_ids = fault_ids_of(list(repetitions))
    n_held = max(1, round(HELD_BACK * len(people)))
    held = {people[i] for i in np.random.default_rng(seed).permutation(len(people))[:n_held]}
    learnt = [one for one in repetitions if one.truth.subject_id not in held]
    checked = [one for one in repetitions if one.truth.subject_id in held]
    n_all = len(repetitions)
    given = material_of(learnt, fault_ids, see, n_views, seed, lambda i, n: on_done(i, n_all))
    weights = _fit(given)
    test = material_of(
        checked, fault_ids, see, n_views, seed + 1, lambda i, n: on_done(len(learnt) + i, n_all)
    )
    ideal = test if see is truly else material_of(checked, fault_ids, truly, n_views, seed + 1)
    shown = _shown(ideal, weights, fault_ids, n_views)
    found = estimate(weights, test.numbers)
    worst = told(found.odds, test.sides, shown, fault_ids).max(axis=1)
    usual = test.clean & np.isfinite(worst)
    enough = usual.sum() >= 1 / FALSE_ALARM_RATE - 1
    line = infer(
        quantile() if enough else tail(),
        Distances(worst[usual], test.people[usual]),
        np.random.default_rng(seed),
    )
    config = {
        "exercise": exercises[0],
        "fault_ids": list(fault_ids),
        "dimensions": 2 if n_views else 3,
        "names": numbers_of(views_of(learnt[0], truly, n_views, np.random.default_rng(seed))[0])[1],
        "shown": shown,
        "line": {name: value for name, value in vars(line).items() if np.isfinite(value)},
        "seen_by": "truth" if see is truly else "an estimator, simulated",
    }
    return Model(
        kind=KIND,
        convention_name=repetitions[0].poses.convention_name,
        config=config,
        weights=weights,
        data_sha256=data_sha256,
        metrics=metrics_of(found, test, shown, fault_ids),
    )


def metrics_of(
    found: Estimate, test: Material, shown: Mapping[str, Sequence[str]], fault_ids: Sequence[str]
) -> dict[str, float]:
    """Say how well faults are told from clean repetitions, from the sides that show them."""
    odds = told(found.odds, test.sides, shown, fault_ids)
    areas, everywhere, errors_deg, sides = [], [], [], []
    for k, fault_id in enumerate(fault_ids):
        spec, present = FAULTS[fault_id], test.present[:, k]
        areas.append(_auroc(odds[:, k], present, test.clean))
        everywhere.append(_auroc(found.odds[:, k], present, test.clean))
        there = present & np.isfinite(odds[:, k])
        if spec.unit == "deg" and there.any():
            off = np.clip(found.doses[there, k], *DOSES) - np.clip(test.doses[there, k], *DOSES)
            errors_deg += (np.abs(off) * abs(spec.severe - spec.neutral)).tolist()
        sided = there & (test.turned[:, k] != 0)
        sides += (np.sign(found.turned[sided, k]) == np.sign(test.turned[sided, k])).tolist()
    figures = {
        "macro AUROC": areas,
        "macro AUROC from all sides": everywhere,
        "sides right": sides,
    }
    known = {name: [v for v in values if v is not None] for name, values in figures.items()}
    return {
        **{name: float(np.mean(values)) for name, values in known.items() if values},
        **({"median error deg": float(np.median(errors_deg))} if errors_deg else {}),
        "faults told": float(len(known["macro AUROC"])),
    }


def _fit(given: Material) -> dict[str, np.ndarray]:
    targets = np.concatenate([np.clip(given.doses, *DOSES), given.turned], axis=1)
    ridge = fit_ridge(given.numbers, targets, ALPHA)
    doses = np.split(ridge(given.numbers), 2, axis=1)[0]
    odds = fit_logistic(doses, given.labels(), penalty=1.0)
    return {**ridge.arrays("doses"), **odds.arrays("odds")}


def _shown(
    ideal: Material, weights: Mapping[str, np.ndarray], fault_ids: Sequence[str], n_views: int
) -> dict[str, list[str]]:
    """Return by fault the sides from which it can be told."""
    odds = estimate(weights, ideal.numbers).odds
    shown = {}
    for k, fault_id in enumerate(fault_ids):
        areas = [
            _auroc(odds[ideal.sides == s, k], ideal.present[ideal.sides == s, k],
                   ideal.clean[ideal.sides == s])
            for s in range(len(SIDES))
        ]  # fmt: skip
        names = SIDES if n_views else (SPACE,)
        shown[fault_id] = [n for n, a in zip(names, areas, strict=False) if a and a >= SHOWN]
    return shown


def _auroc(values: np.ndarray, present: np.ndarray, clean: np.ndarray) -> float | None:
    use = (present | clean) & np.isfinite(values)
    if (present & use).sum() < FEWEST or (clean & use).sum() < FEWEST:
        return None
    return auroc(present[use], values[use])
