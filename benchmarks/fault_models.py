"""How well faults are told, and lines drawn: python benchmarks/fault_models.py [--quick] [--json]

Two kinds of model, linear on features and a network on frames, learn the faults of four exercises
from Anny people whose truth alone is made, and are measured on the same people held back, seen by
the same virtual cameras: in space, and in the image as MediaPipe would see it where that is set up,
else as it is. The line between good and bad is inferred on half of the people and tried on the
other half. Data stays in the user's cache, so that a second run finds it.
"""

import os

os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}

import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

# Beside this file lies a scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

import numpy as np
from platformdirs import user_cache_path

from benchmarks.learning import made as filmed
from benchmarks.learning import told
from benchmarks.table import Row, arguments, finish
from export.dataset import Dataset, read_dataset, seal_dataset
from scoring.estimators.noise_fit import fit_noise, observed
from scoring.estimators.simulated import Noise
from scoring.learning.examples import truly
from scoring.learning.fault_examples import repetitions_of
from scoring.learning.faults import train
from scoring.methods.dtw import distance_matrix
from scoring.methods.limits import FALSE_ALARM_RATE, Distances, quantile
from scoring.methods.references import comparable
from simulator.config import parse_config
from simulator.environments import is_ready
from simulator.generate import generate

EXERCISES = ("squat", "deadlift", "push_up", "biceps_curl")
PEOPLE, FEW = 24, 5
"""How many people do each exercise; with --quick."""
N_SPLITS = 200
N_VIEWS = 4


class Job(NamedTuple):
    """One model to train and measure."""

    folder: Path
    exercise: str
    kind: str
    noise: Noise | None
    n_views: int

    @property
    def name(self) -> str:
        """How its rows are called."""
        seen = "image, as MediaPipe" if self.noise else "image, truth"
        return f"{self.exercise}, {self.kind}, {seen if self.n_views else 'space'}"


def made(exercise: str, subjects: int) -> Dataset:
    """Make an exercise with every fault, clean ones and odd ones, or find it made."""
    config = {
        "seed": 11, "exercises": [exercise], "subjects": subjects, "reps": 2, "variations": "every",
        "faults": [{"fault": "every", "dose": [0.2, 1], "side": "either"}],
        "cameras": {"named": []}, "render": False,
    }  # fmt: skip
    folder = user_cache_path("formbench") / "benchmarks" / f"faults_{exercise}_{subjects}"
    generate(parse_config(config, "this benchmark"), folder)
    return seal_dataset(folder)


def learnt(job: Job) -> tuple[Mapping[str, float], float]:
    """Train a model, and return what it told of the people held back, and how long that took."""
    start_s = time.process_time()
    dataset = read_dataset(job.folder)
    see = job.noise.see if job.noise else truly
    repetitions = repetitions_of(dataset, "coco17")
    model = train(repetitions, dataset.content_sha256, kind=job.kind, see=see, n_views=job.n_views)
    return model.metrics, time.process_time() - start_s


def fault_rows(name: str, metrics: Mapping[str, float], seconds: float, quick: bool) -> list[Row]:
    """Say what one model told."""
    auroc = ">= 0.97" if "space" in name else ">= 0.9"
    rows = [
        Row(f"{name}: macro AUROC of {metrics['faults told']:.0f} faults, sides that show them",
            metrics["macro AUROC"], "" if quick else auroc),
        Row(f"{name}: macro AUROC, all sides", metrics["macro AUROC from all sides"]),
        Row(f"{name}: error of severity, median, degrees", metrics["median error deg"],
            "" if quick else "<= 5"),
    ]  # fmt: skip
    if "sides right" in metrics:
        rows.append(Row(f"{name}: side of the person right", metrics["sides right"]))
    if "span overlap" in metrics:
        rows.append(Row(f"{name}: overlap of when it is there", metrics["span overlap"]))
    return [*rows, Row(f"{name}: processor s, all told", seconds)]


def line_rows(dataset: Dataset, quick: bool) -> list[Row]:
    """How many good repetitions of strangers `dtw` would call faulty.

    With --quick there are too few plain ones to draw a line.
    """
    clean = [one for one in repetitions_of(dataset, "smpl22") if one.truth.clean]
    points = [comparable(one.poses) for one in clean]
    people = np.array([one.truth.subject_id for one in clean])
    between = distance_matrix([p.reshape(len(p), -1) for p in points], 25, per_step=True)
    between[people[:, None] == people] = np.inf
    plain = np.array([one.truth.plain for one in clean])
    wanted = {} if quick else {"plain ones": plain}
    rows = []
    for name, use in (wanted | {"plain and odd ones": np.full(len(plain), True)}).items():
        points_off = 100 * (_alarms(between[use][:, use], people[use]) - FALSE_ALARM_RATE)
        figure = f"inferred line, {name}: false alarms among strangers, points off 5 %"
        peer = f"mean of {N_SPLITS} splits, standard deviation {points_off.std():.1f}"
        rows.append(Row(figure, abs(float(points_off.mean())), "" if quick else "<= 1", peer))
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


def measure(noise: Noise | None, quick: bool) -> list[Row]:
    """Train and measure all there is, two models at a time."""
    datasets = {}
    for exercise in EXERCISES[: 1 if quick else None]:
        datasets[exercise] = made(exercise, FEW if quick else PEOPLE)
        told(f"made: {exercise}")
    jobs = [
        Job(dataset.folder, exercise, kind, noise if n_views else None, n_views)
        for exercise, dataset in datasets.items()
        for n_views in ((0,) if quick else (0, N_VIEWS))
        for kind in ("linear", "network")
    ]
    found = {}
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(learnt, job): job.name for job in jobs}
        for one in as_completed(waiting):
            found[waiting[one]] = one.result()
            told(f"learnt: {waiting[one]}")
    rows = line_rows(datasets["squat"], quick)
    for job in jobs:
        rows += fault_rows(job.name, *found[job.name], quick)
    return rows


def mediapipes() -> Noise:
    """Learn how MediaPipe errs from rendered videos of others."""
    shown = filmed(31, 1, 1, filmed={"sampled": 3})
    noise = fit_noise(list(observed(shown)), shown.content_sha256)
    told("made: how MediaPipe errs")
    return noise


if __name__ == "__main__":  # the pool's processes import this file
    wanted = arguments(__doc__)
    seen = mediapipes() if is_ready("mediapipe") and not wanted.quick else None
    finish(measure(seen, wanted.quick), wanted.json)
