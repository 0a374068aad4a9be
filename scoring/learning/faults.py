"""Learning which faults a repetition has, how large they are and on which side, from truth.

What is learnt is one of `scoring.learning.fault_kinds`. A model for images learns from virtual
cameras all around, a model for space needs no camera.

What cannot be seen from a side is not judged. A fault is told from a side if repetitions that have
it are told there from clean ones of the people held back, without any noise, with an AUROC of at
least SHOWN. This table is made from truth alone, and is kept with the model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from motions.errors import FormbenchError, unknown_name
from scoring.evaluation.metrics.detection import auroc
from scoring.learning.examples import See, truly
from scoring.learning.fault_examples import Looking, Repetition, fault_ids_of
from scoring.learning.fault_kinds import DOSES, Estimate, Material, fault_kind
from scoring.learning.model_file import Model
from scoring.methods.feature_faults import KIND, told
from scoring.methods.features import SIDES, SPACE
from scoring.methods.limits import FALSE_ALARM_RATE, Distances, infer, quantile, roc, tail
from simulator.faults.library import FAULTS

HELD_BACK = 0.3
"""Of people: figures, the line and what sides show are found on them."""
LINES = ("alarms", "roc")
"""How the line is drawn: where few good repetitions are beyond it, or where fewest repetitions,
good and faulty, are on the wrong side; `scoring.methods.limits` says how."""
SHOWN = 0.9
FEWEST = 4
"""Of fewer repetitions with a fault from a side nothing is said."""


def train(
    repetitions: Sequence[Repetition],
    data_sha256: str,
    *,
    kind: str = "linear",
    see: See = truly,
    n_views: int = 4,
    line: str = "alarms",
    seed: int = 0,
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> Model:
    """Learn from the repetitions of most people, and find out on the others how well.

    Args:
        repetitions: Of one keypoint convention and one exercise.
        data_sha256: Of the dataset they are from.
        kind: One of `scoring.learning.fault_kinds.KINDS`.
        see: How cameras see.
        n_views: Cameras for each repetition, 0 for a model of points in space.
        line: One of LINES.
        seed: Decides who is held back, the cameras, and a network's first weights.
        on_done: Is told how much of the work is done: repetitions seen, then epochs.

    Raises:
        FormbenchError: There are fewer than three people or several exercises, or too few clean
            repetitions to draw a line.
    """
    looking = Looking(fault_kind(kind), see, n_views)
    if line not in LINES:
        raise unknown_name("train faults: line", line, LINES)
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
    given = looking.at(learnt, fault_ids, seed, in_mirror=looking.kind.in_mirror, on_done=on_done)
    model = looking.kind.fit(given, seed, on_done)
    test = looking.at(checked, fault_ids, seed + 1, on_done=on_done)
    # What a side shows does not depend on how well an estimator sees.
    ideal = test if see is truly else replace(looking, see=truly).at(checked, fault_ids, seed + 1)
    shown = _shown(ideal, looking.kind.estimate(model, ideal.inputs).odds, fault_ids, n_views)
    found = looking.kind.estimate(model, test.inputs)
    worst = told(found.odds, test.sides, shown, fault_ids).max(axis=1)
    clean, faulty = (which & np.isfinite(worst) for which in (test.clean, test.present.any(axis=1)))
    known = Distances(worst[clean], test.people[clean], worst[faulty], test.people[faulty])
    limit = infer(
        roc() if line == "roc" else quantile() if _enough(known) else tail(),
        known,
        np.random.default_rng(seed),
    )
    config = {
        **model.config,
        "kind": kind,
        "exercise": exercises[0],
        "fault_ids": list(fault_ids),
        "dimensions": 2 if n_views else 3,
        "shown": shown,
        "line": {name: value for name, value in vars(limit).items() if np.isfinite(value)},
        "usual": {"worst": known.good.tolist(), "people": known.people.tolist()},
        "seen_by": "truth" if see is truly else "an estimator, simulated",
    }
    return Model(
        kind=KIND,
        convention_name=repetitions[0].poses.convention_name,
        config=config,
        weights=model.weights,
        data_sha256=data_sha256,
        metrics={
            **metrics_of(found, test, shown, fault_ids),
            "views": float(len(given.sides) / (1 + looking.kind.in_mirror) + len(test.sides)),
            "views left out": float(given.n_unseen + test.n_unseen),
        },
    )


def metrics_of(
    found: Estimate, test: Material, shown: Mapping[str, Sequence[str]], fault_ids: Sequence[str]
) -> dict[str, float]:
    """Say how well faults are told from clean repetitions, from the sides that show them."""
    odds = told(found.odds, test.sides, shown, fault_ids)
    areas, everywhere, errors_deg, sides, overlaps = [], [], [], [], []
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
        timed = there & np.isfinite(test.spans[:, k, 0])
        if found.spans is not None:
            overlaps += _overlaps(found.spans[timed, k], test.spans[timed, k]).tolist()
    figures = {
        "macro AUROC": areas,
        "macro AUROC from all sides": everywhere,
        "sides right": sides,
        "span overlap": overlaps,
    }
    known = {name: [v for v in values if v is not None] for name, values in figures.items()}
    return {
        **{name: float(np.mean(values)) for name, values in known.items() if values},
        **({"median error deg": float(np.median(errors_deg))} if errors_deg else {}),
        "faults told": float(len(known["macro AUROC"])),
    }


def _enough(known: Distances) -> bool:
    """Whether there are enough good repetitions to count those beyond a line."""
    return len(known.good) >= 1 / FALSE_ALARM_RATE - 1


def _shown(
    ideal: Material, odds: np.ndarray, fault_ids: Sequence[str], n_views: int
) -> dict[str, list[str]]:
    """Return by fault the sides from which it can be told."""
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


def _overlaps(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return intersection over union of spans (P, 2). Shape (P,)."""
    both = np.minimum(found[:, 1], true[:, 1]) - np.maximum(found[:, 0], true[:, 0])
    either = np.maximum(found[:, 1], true[:, 1]) - np.minimum(found[:, 0], true[:, 0])
    return np.maximum(both, 0) / either


def _auroc(values: np.ndarray, present: np.ndarray, clean: np.ndarray) -> float | None:
    use = (present | clean) & np.isfinite(values)
    if (present & use).sum() < FEWEST or (clean & use).sum() < FEWEST:
        return None
    return auroc(present[use], values[use])
