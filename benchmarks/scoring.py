"""How fast scoring is, on one core: python benchmarks/scoring.py [--quick] [--json]

Following live takes MediaPipe (`workbench setup mediapipe`), which takes what cores it finds, and
is left out with --quick. Time warping is held against tslearn and dtaidistance in the same run, all
on one core; the best of three runs counts, in processor time, since others may use the machine.
"""

import os

os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

# Beside this file lies another scoring.py, this one, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

import numpy as np
from dtaidistance import dtw_ndim
from tslearn.metrics import cdist_dtw

from benchmarks.table import Row, arguments, finish
from scoring.contract import fit, load_scorer
from scoring.estimators.mediapipe import MediaPipe
from scoring.evaluation.statistics import N_RESAMPLES, estimate_auroc
from scoring.live import Follower, exercise_target
from scoring.methods.dtw import distance_matrix
from scoring.sample import squat
from simulator.config import parse_config
from simulator.generate import generate
from simulator.rendering.video import read_video

N_FRAMES, N_DIMS = 150, 34
N_REPETITIONS, N_REFERENCES, N_SUBJECTS = 5000, 100, 50


def best_s(work: Callable[[], Any], runs: int = 3) -> tuple[float, Any]:
    """Return the processor seconds of the fastest run, without compiling, and what it gave."""
    times_s, result = [], work()
    for _ in range(runs):
        start_s = time.process_time()
        result = work()
        times_s.append(time.process_time() - start_s)
    return min(times_s), result


def time_warping(n_series: int, rng: np.random.Generator) -> list[Row]:
    """All pairs of a number of series, here and in two libraries."""
    walks = 0.1 * rng.normal(size=(n_series, N_FRAMES, N_DIMS)).cumsum(axis=1)
    ways: dict[str, Callable[[], np.ndarray]] = {
        "ours": lambda: distance_matrix(walks),
        "ours in float32": lambda: distance_matrix(walks, dtype=np.float32),
        "tslearn": lambda: cdist_dtw(walks),
        "dtaidistance": lambda: dtw_ndim.distance_matrix_fast(walks, parallel=False),
    }
    above = np.triu_indices(n_series, 1)
    found = {name: best_s(work, 1 if "ours" not in name else 3) for name, work in ways.items()}
    exact = found["tslearn"][1][above]
    off = {
        name: float(np.abs(matrix[above] / exact - 1).max()) for name, (_, matrix) in found.items()
    }
    what = f"time warping, all pairs of {n_series} x {N_FRAMES} x {N_DIMS}"
    rows = [
        Row(f"{what}: time of {peer} over ours",
            found[peer][0] / found["ours in float32"][0], ">= 10", f"{found[peer][0]:.2f} s")
        for peer in ("tslearn", "dtaidistance")
    ]  # fmt: skip
    rows += [Row(f"{name}: largest relative error", off[name], "<= 1e-5", "tslearn")
             for name in ("ours", "ours in float32")]  # fmt: skip
    return rows


def scorers(rng: np.random.Generator) -> list[Row]:
    """One repetition against good ones, by each scorer that compares."""
    good = [
        replace(squat(depth=depth), person=f"person_{i}")
        for i, depth in enumerate(rng.uniform(0.9, 1.1, size=N_REFERENCES))
    ]
    query = squat(depth=0.7)
    rows = []
    for name in ("dtw", "dtw-article", "cosine", "angle"):
        scorer = fit(load_scorer(name), good)
        seconds, _ = best_s(lambda scorer=scorer: scorer.score(query))
        figure = f"{name}: frames/s against {N_REFERENCES} good repetitions"
        rows.append(Row(figure, query.n_frames / seconds, ">= 500"))
    return rows


def bootstrap(rng: np.random.Generator) -> Row:
    """The interval of an AUROC by resampling people."""
    present = rng.random(N_REPETITIONS) < 0.4
    evidence = rng.normal(size=N_REPETITIONS) + present
    subjects = rng.integers(N_SUBJECTS, size=N_REPETITIONS)
    seconds, _ = best_s(
        lambda: estimate_auroc(present, evidence, subjects, np.random.default_rng(0), N_RESAMPLES)
    )
    figure = f"AUROC of {N_REPETITIONS} repetitions with {N_RESAMPLES} draws of people, s"
    return Row(figure, seconds, "<= 0.2")


def live() -> list[Row]:
    """A rendered squat followed from a file, with MediaPipe and without."""
    wishes = {"seed": 0, "exercises": ["squat"], "faults": [], "reps": 2}
    with tempfile.TemporaryDirectory() as folder:
        generate(parse_config(wishes, "this benchmark"), Path(folder) / "data", 1)
        path = min((Path(folder) / "data").rglob("side.mp4"))
        frames = list(read_video(path).frames)
    target = exercise_target("squat")
    start_s = time.perf_counter()
    with MediaPipe() as mediapipe:
        follower, seen = Follower(target), []
        for number, rgb in enumerate(frames):
            seen.append(mediapipe.landmarks(rgb))
            follower.see(seen[-1], number / 30)
    whole_s = time.perf_counter() - start_s

    def again() -> None:
        follower = Follower(target)
        for number, one in enumerate(seen):
            follower.see(one, number / 30)

    alone_s, _ = best_s(again)
    return [
        Row("live from a file of 640 x 480, frames/s", len(frames) / whole_s, ">= 25"),
        Row("live, frames/s without pose estimation", len(frames) / alone_s, ">= 500"),
    ]


if __name__ == "__main__":
    wanted = arguments(__doc__)
    rng = np.random.default_rng(0)
    rows = [*time_warping(60 if wanted.quick else 200, rng), *scorers(rng), bootstrap(rng)]
    rows += [] if wanted.quick else live()
    finish(rows, wanted.json)
