"""How well faults are told, and lines drawn: python benchmarks/fault_models.py [--quick] [--json]

Models learn the faults of squats from Anny people whose truth alone is made, and are measured on
people held back: in space, seen by virtual cameras all around, and, where MediaPipe is set up, as
it would see them. The line between good and bad is inferred on half of the people and tried on the
other half. Data stays in the user's cache, so that a second run finds it.
"""

import os

os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}

import sys
import time
from pathlib import Path

# Beside this file lies a scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

import numpy as np
from platformdirs import user_cache_path

from benchmarks.table import Row, arguments, finish
from export.dataset import Dataset, seal_dataset
from scoring.estimators.noise_fit import fit_noise, observed
from scoring.learning.examples import See, truly
from scoring.learning.fault_examples import repetitions_of
from scoring.learning.faults import train
from scoring.methods.dtw import distance_matrix
from scoring.methods.limits import FALSE_ALARM_RATE, Distances, quantile
from scoring.methods.references import comparable
from simulator.config import parse_config
from simulator.environments import is_ready
from simulator.generate import generate

N_SPLITS = 200


def made(subjects: int) -> Dataset:
    """Make squats with every fault, clean ones and odd ones, or find them made."""
    config = {
        "seed": 11, "exercises": ["squat"], "subjects": subjects, "reps": 2, "variations": "every",
        "faults": [{"fault": "every", "dose": [0.2, 1], "side": "either"}],
        "cameras": {"named": []}, "render": False,
    }  # fmt: skip
    folder = user_cache_path("formbench") / "benchmarks" / f"faults_{subjects}"
    generate(parse_config(config, "this benchmark"), folder)
    return seal_dataset(folder)


def fault_rows(
    name: str, dataset: Dataset, convention: str, see: See, n_views: int, auroc: str, error: str
) -> list[Row]:
    """Train one model, and say what it told of the people held back."""
    start_s = time.process_time()
    model = train(
        repetitions_of(dataset, convention), dataset.content_sha256, see=see, n_views=n_views
    )
    metrics = model.metrics
    return [
        Row(f"{name}: macro AUROC of {metrics['faults told']:.0f} faults, sides that show them",
            metrics["macro AUROC"], auroc),
        Row(f"{name}: macro AUROC, all sides", metrics["macro AUROC from all sides"]),
        Row(f"{name}: error of severity, median, degrees", metrics["median error deg"], error),
        Row(f"{name}: side of the person right", metrics["sides right"]),
        Row(f"{name}: processor s, all told", time.process_time() - start_s),
    ]  # fmt: skip


def line_rows(dataset: Dataset) -> list[Row]:
    """How many good repetitions of strangers `dtw` would call faulty."""
    clean = [one for one in repetitions_of(dataset, "smpl22") if one.truth.clean]
    points = [comparable(one.poses) for one in clean]
    people = np.array([one.truth.subject_id for one in clean])
    between = distance_matrix([p.reshape(len(p), -1) for p in points], 25, per_step=True)
    between[people[:, None] == people] = np.inf
    plain = np.array([one.truth.plain for one in clean])
    rows = []
    for name, use in (("plain ones", plain), ("plain and odd ones", np.full(len(plain), True))):
        points_off = 100 * (_alarms(between[use][:, use], people[use]) - FALSE_ALARM_RATE)
        figure = f"inferred line, {name}: false alarms among strangers, points off 5 %"
        peer = f"mean of {N_SPLITS} splits, standard deviation {points_off.std():.1f}"
        rows.append(Row(figure, abs(float(points_off.mean())), "<= 1", peer))
    return rows


def _alarms(between: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return by split the share of strangers' good repetitions beyond the line."""
    names, rng = np.unique(people), np.random.default_rng(0)
    rates = []
    for _ in range(N_SPLITS):
        known = np.isin(people, rng.permutation(names)[: len(names) // 2])
        to_nearest = between[:, known].min(axis=1)
        line = quantile()(Distances(to_nearest[known], people[known]))
        rates.append(float((to_nearest[~known] > line).mean()))
    return np.array(rates)


def measure(dataset: Dataset, see: See | None, quick: bool) -> list[Row]:
    """Train and measure all there is."""
    error = "" if quick else "<= 5"
    rows = [
        *line_rows(dataset),
        *fault_rows("joints in space", dataset, "smpl22", truly, 0, ">= 0.97", error),
        *fault_rows("COCO-17 in space", dataset, "coco17", truly, 0, ">= 0.97", error),
    ]
    if not quick:
        rows += fault_rows("image, truth", dataset, "coco17", truly, 4, ">= 0.97", error)
    if see is not None:
        rows += fault_rows("image, as MediaPipe", dataset, "coco17", see, 4, ">= 0.9", error)
    return rows


def mediapipes() -> See:
    """Learn how MediaPipe errs from rendered videos of others."""
    from benchmarks.learning import made as filmed

    shown = filmed(31, 2, 1, filmed={"sampled": 3})
    return fit_noise(list(observed(shown)), shown.content_sha256).see


if __name__ == "__main__":  # the pool's processes import this file
    wanted = arguments(__doc__)
    seen = mediapipes() if is_ready("mediapipe") and not wanted.quick else None
    finish(measure(made(8 if wanted.quick else 40), seen, wanted.quick), wanted.json)
