"""How fast scoring is, on one core: python -m benchmarks.scoring

Time warping is compared with other libraries in the same run; `pip install tslearn dtaidistance`
first, in an environment of their own. The best of three runs counts.
"""

import os

os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}

import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np

from scoring.contract import fit, load_scorer
from scoring.evaluation.statistics import N_RESAMPLES, estimate_auroc
from scoring.methods.dtw import distance_matrix
from scoring.sample import squat

N_SERIES, N_FRAMES, N_DIMS = 200, 150, 34
N_REPETITIONS, N_REFERENCES, N_SUBJECTS = 5000, 100, 50


def best_s(work: Callable[[], Any], runs: int = 3) -> tuple[float, Any]:
    """Return the seconds of the fastest run and what it gave; compiling does not count."""
    times_s, result = [], work()
    for _ in range(runs):
        start_s = time.perf_counter()
        result = work()
        times_s.append(time.perf_counter() - start_s)
    return min(times_s), result


rng = np.random.default_rng(0)
walks = 0.1 * rng.normal(size=(N_SERIES, N_FRAMES, N_DIMS)).cumsum(axis=1)

ways: dict[str, Callable[[], np.ndarray]] = {
    "formbench": lambda: distance_matrix(walks),
    "formbench, float32": lambda: distance_matrix(walks, dtype=np.float32),
}
if find_spec("tslearn"):
    from tslearn.metrics import cdist_dtw

    ways["tslearn"] = lambda: cdist_dtw(walks)
if find_spec("dtaidistance"):
    from dtaidistance import dtw_ndim

    ways["dtaidistance"] = lambda: dtw_ndim.distance_matrix_fast(walks, parallel=False)

print(f"time warping, all pairs of {N_SERIES} series of {N_FRAMES} frames in {N_DIMS} dimensions")
above = np.triu_indices(N_SERIES, 1)
cells = len(above[0]) * N_FRAMES**2
exact = None
for name, work in ways.items():
    seconds, matrix = best_s(work)
    exact = matrix[above] if exact is None else exact
    off = np.abs(matrix[above] / exact - 1).max()
    print(f"{name:20} {seconds:7.3f} s {cells / seconds / 1e6:8.0f} Mcells/s   off by {off:.0e}")

present = rng.random(N_REPETITIONS) < 0.4
evidence = rng.normal(size=N_REPETITIONS) + present
subjects = rng.integers(N_SUBJECTS, size=N_REPETITIONS)
seconds, _ = best_s(
    lambda: estimate_auroc(present, evidence, subjects, np.random.default_rng(0), N_RESAMPLES)
)
print(f"AUROC of {N_REPETITIONS} repetitions with {N_RESAMPLES} draws of people {seconds:7.3f} s")

good = [
    replace(squat(depth=depth), person=f"person_{i}")
    for i, depth in enumerate(rng.uniform(0.9, 1.1, size=N_REFERENCES))
]
query = squat(depth=0.7)
print(f"scoring a repetition of {query.n_frames} frames against {N_REFERENCES} good ones")
for name in ("dtw", "dtw-article", "cosine", "angle"):
    scorer = fit(load_scorer(name), good)
    seconds, _ = best_s(lambda scorer=scorer: scorer.score(query))
    print(f"{name:20} {seconds:7.4f} s {query.n_frames / seconds:8.0f} frames/s")
