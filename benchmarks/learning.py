"""What is learnt, and how well: python benchmarks/learning.py [--quick] [--json]

Models learn from Anny people whose truth alone is made, and are measured on others, seen by virtual
cameras all around and between movements that are no repetition. Where MediaPipe is set up they also
learn how it errs, from rendered videos, and are measured on what it sees in videos of yet others.
Data stays in the user's cache, so that a second run finds it. --quick learns too little to judge.
"""

import os

os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

# Beside this file lies a scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

import numpy as np
from platformdirs import user_cache_path

from benchmarks.table import Row, arguments, finish
from export.dataset import Dataset, read_dataset, seal_dataset
from motions.motion import Span
from scoring.estimators.noise_fit import Observed, fit_noise, observed
from scoring.estimators.simulated import Noise
from scoring.evaluation.metrics.boundaries import evaluate
from scoring.learning.boundaries import Boundaries
from scoring.learning.boundaries import train as train_boundaries
from scoring.learning.examples import Take, from_anywhere, takes_of, truly
from scoring.learning.idling import surrounded
from scoring.learning.lifter import Lifter, in_camera, mpjpe_mm, stature
from scoring.learning.lifter import train as train_lifter
from scoring.learning.live_boundaries import DELAY_S, LiveBoundaries
from scoring.learning.model_file import Model
from scoring.methods.repetitions import find_repetitions
from scoring.poses import PoseSequence, UnseenError
from scoring.triangulation import triangulate
from simulator.config import parse_config
from simulator.environments import is_ready
from simulator.faults.library import FAULTS
from simulator.generate import generate

EXERCISES = [
    "squat", "deadlift", "lunge", "push_up", "pull_up", "overhead_press", "biceps_curl",
    "lateral_raise", "front_raise", "shoulder_shrug", "barbell_row", "jumping_jack", "plank",
    "downward_dog", "warrior_ii", "tree",
]  # fmt: skip
USUAL = ("incomplete_range", "pause", "tempo_fast")
"""Faults that change how repetitions begin, go on and end."""
FPS = 10.0
EPOCHS = {"conv": 20, "gru": 20, "lifter": 100}
Found = Callable[[PoseSequence], tuple[Span, ...]]


def made(
    seed: int, subjects: int, reps: int, faulty: bool = False, filmed: dict[str, Any] | None = None
) -> Dataset:
    """Make a dataset of every exercise, or find it made.

    Args:
        seed: Decides who is in it.
        subjects: How many people.
        reps: Repetitions of a clip.
        faulty: Whether there are clips with faults too.
        filmed: Cameras; by default there are none and truth is made alone.
    """
    faults = [
        {"fault": fault_id, "severity": 0.75, "probability": 0.6}
        for fault_id in sorted(FAULTS)
        if faulty
        and fault_id.partition(".")[0] in EXERCISES
        and fault_id.partition(".")[2] in USUAL
    ]
    config = {
        "seed": seed, "exercises": EXERCISES, "subjects": subjects, "reps": reps, "fps": FPS,
        "cameras": {"named": [], **(filmed or {})}, "render": filmed is not None,
        "faults": faults,
    }  # fmt: skip
    name = f"seed_{seed}_subjects_{subjects}_reps_{reps}"
    folder = user_cache_path("formbench") / "benchmarks" / name
    generate(parse_config(config, "this benchmark"), folder)
    return seal_dataset(folder)


def found_rows(
    name: str, find: Found, seen: Sequence[tuple[Take, PoseSequence]], f1: str, exact: str
) -> list[Row]:
    """How well repetitions are found in recordings whose truth is known."""
    found = [evaluate(take.reps, find(poses), poses.duration_s) for take, poses in seen]
    mean = {key: float(np.mean([row[key] or 0.0 for row in found])) for key in found[0]}
    return [
        Row(f"{name}: boundary F1 at 0.2 s", mean["boundary_f1_0.2_s"], f1),
        Row(f"{name}: count exact", mean["exact_count"], exact),
        Row(f"{name}: phantoms a minute", mean["phantoms_per_minute"]),
    ]


def training_free(poses: PoseSequence) -> tuple[Span, ...]:
    """Find repetitions without training, none where hips or shoulders are out of sight."""
    try:
        return find_repetitions(poses)
    except UnseenError:
        return ()


def live_rows(find: Found, seen: Sequence[tuple[Take, PoseSequence]]) -> list[Row]:
    """How soon finished repetitions are given while frames come, and whether the count is right."""
    late_s, exact = [], []
    for take, poses in seen:
        live = LiveBoundaries(find, poses.convention_name, poses.fps)
        given: list[Span] = []
        for frame, one in enumerate(zip(poses.keypoints, poses.confidence, strict=True), 1):
            new = live.push(*one)
            late_s += [frame / poses.fps - span.end_s for span in new]
            given += new
        exact.append(len([*given, *live.finish()]) == len(take.reps))
    late_s = late_s or [np.inf]  # of a model that finds nothing
    in_time = float(np.mean(np.array(late_s) <= DELAY_S + 1e-9))
    return [
        Row(f"live: given within {DELAY_S:g} s of their end", in_time),
        Row("live: latest 5 %, s", float(np.percentile(late_s, 95, method="higher"))),
        Row("live: count exact", float(np.mean(exact))),
    ]


def lifted_rows(
    name: str, lifter: Lifter, recordings: Sequence[Observed], target: str
) -> list[Row]:
    """How far off lifted points are, with and without knowing how tall the person is."""
    errors_mm = []
    for one in recordings:
        size = one.camera.width_px, one.camera.height_px
        true = in_camera(one.true, one.camera)
        for stature_m in (None, stature(one.true.keypoints)):
            errors_mm.append(mpjpe_mm(lifter.lift(one.seen, *size, stature_m), true))
    unknown, known = np.reshape(errors_mm, (-1, 2)).mean(axis=0)
    return [
        Row(f"{name}: MPJPE, mm", float(unknown), target),
        Row(f"{name}, stature known: MPJPE, mm", float(known)),
    ]


def triangulated_mm(takes: Sequence[Take], rng: np.random.Generator) -> float:
    """Return the largest error of points that two virtual cameras see."""
    errors_m = []
    for take in takes:
        views = [from_anywhere(take.poses, truly, rng)[::-1] for _ in range(2)]
        found = triangulate(views).keypoints
        errors_m.append(np.nanmax(np.linalg.norm(found - take.poses.keypoints, axis=-1)))
    return float(np.max(errors_m) * 1000)


class Job(NamedTuple):
    """One model to train."""

    train: Callable[..., Model]
    folder: Path
    noise: Noise | None
    wishes: Mapping[str, Any]


def learnt(job: Job) -> tuple[Model, float]:
    """Train a model, and say how much processor time that took."""
    start_s = time.process_time()
    dataset = read_dataset(job.folder)
    see = job.noise.see if job.noise else truly
    takes = takes_of(dataset)
    return job.train(takes, dataset.content_sha256, see=see, **job.wishes), (
        time.process_time() - start_s
    )


def trained(jobs: Mapping[str, Job]) -> dict[str, tuple[Model, float]]:
    """Train models, two at a time."""
    found = {}
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(learnt, job): name for name, job in jobs.items()}
        for one in as_completed(waiting):
            found[waiting[one]] = one.result()
            told(f"learnt: {waiting[one]}")
    return found


def measure(quick: bool) -> list[Row]:
    """Train and measure all there is."""
    rng = np.random.default_rng(0)
    known = made(11, 2 if quick else 16, 4, not quick)
    others = made(21, 1 if quick else 8, 3, not quick)
    told(f"made: {len(known.rows)} clips to learn from, {len(others.rows)} of others")
    noise, filmed = None, []
    if not quick and is_ready("mediapipe"):
        shown = made(31, 1, 1, filmed={"sampled": 3})
        noise = fit_noise(list(observed(shown)), shown.content_sha256)
        filmed = _filmed(made(41, 1, 2, filmed={"named": ["oblique", "side"]}))
        told(f"seen by MediaPipe: {len(filmed)} recordings")
    epochs = {name: 2 if quick else most for name, most in EPOCHS.items()}
    jobs = {
        "gru": Job(train_boundaries, known.folder, None, {"kind": "gru", "epochs": epochs["gru"]}),
        "lifter": Job(train_lifter, known.folder, noise, {"epochs": epochs["lifter"]}),
        "conv": Job(train_boundaries, known.folder, None, {"epochs": epochs["conv"]}),
    }
    if noise:
        jobs["conv, MediaPipe"] = Job(
            train_boundaries, known.folder, noise, {"epochs": epochs["conv"]}
        )
    models = trained(jobs)
    unseen = takes_of(others)
    truth = [
        (take, from_anywhere(take.poses, truly, rng)[0])
        for take in (surrounded(take, rng) for take in unseen)
    ]
    clean = [one for one, row in zip(truth, others.rows, strict=True) if not row.faults]
    f1, exact = ("", "") if quick else (">= 0.95", ">= 0.97")
    rows = found_rows("without training, on truth", training_free, clean, "", "")
    for kind in ("conv", "gru"):
        model, seconds = models[kind]
        find = Boundaries(model).find
        rows += found_rows(f"{kind}, on truth", find, clean, f1, exact)
        rows += found_rows(f"{kind}, on truth, with faults too", find, truth, f1, exact)
        rows.append(Row(f"{kind}: training, processor s", seconds))
    rows += live_rows(Boundaries(models["conv"][0]).find, truth[:64])
    model, seconds = models["lifter"]
    lifter = Lifter(model)
    recordings = []
    for take in unseen:
        seen, camera = from_anywhere(take.poses, truly, rng)
        recordings.append(Observed(take.poses, camera, seen))
    rows += lifted_rows("lifter, 2D truth", lifter, recordings, "" if quick else "<= 40")
    rows.append(Row("lifter: training, processor s", seconds))
    rows.append(Row("two cameras, triangulated: largest error, mm", triangulated_mm(unseen, rng),
                    "<= 0.001"))  # fmt: skip
    if noise:
        found = [(take, one.seen) for take, one in filmed]
        find = Boundaries(models["conv, MediaPipe"][0]).find
        rows += found_rows("conv, on MediaPipe", find, found, ">= 0.9", ">= 0.93")
        rows += found_rows("without training, on MediaPipe", training_free, found, "", "")
        rows += lifted_rows("lifter, MediaPipe", lifter, [one for _, one in filmed], "<= 70")
    return rows


def told(what: str) -> None:
    """Say on stderr how far a benchmark is."""
    print(what, file=sys.stderr, flush=True)


def _filmed(dataset: Dataset) -> list[tuple[Take, Observed]]:
    """Return what MediaPipe sees in every video, with the repetitions that are there."""
    takes = [take for take, row in zip(takes_of(dataset), dataset.rows, strict=True)
             for _ in row.cameras]  # fmt: skip
    return list(zip(takes, observed(dataset), strict=True))


if __name__ == "__main__":  # the pool's processes import this file
    wanted = arguments(__doc__)
    finish(measure(wanted.quick), wanted.json)
