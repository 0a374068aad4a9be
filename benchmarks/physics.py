"""How plausible clips are, and at what cost: python benchmarks/physics.py [SUBJECTS [NAMES...]]

Every exercise by Anny people, clean and with every fault at any severity from mild to severe. A
line an exercise: how many first plans break a limit, which, and how the body balances; then what
following it in simulation changes, once it is balanced; then how long the figures take, and how far
PyBullet's inverse dynamics are from ours.
"""

import os

os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "LP_NUM_THREADS")}

import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

# Beside this file lies a scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

import numpy as np

from motions.geometry import unit
from motions.library import EXERCISES
from simulator.config import DatasetConfig, parse_config
from simulator.make import make_clip, performance_of
from simulator.performance import Performance, Unperformable
from simulator.physics.anthropometry import mass_model
from simulator.physics.dynamics import loads, smoothed
from simulator.physics.gate import failures
from simulator.physics.multibody import inverse_dynamics
from simulator.physics.report import plausibility
from simulator.physics.tpose import in_tpose
from simulator.plan import count_clips, plan


def config_of(exercise_name: str, n_subjects: int, faults: bool) -> DatasetConfig:
    """Return a config for one exercise, keypoints only."""
    given = {"seed": 7, "exercises": [exercise_name], "subjects": n_subjects, "render": False}
    if faults:
        given["faults"] = [{"fault": "every", "severity": [0.0, 1.0]}]
    return parse_config(given, "benchmark")


def judge(config: DatasetConfig) -> tuple[int, int, Counter[str], list[dict[str, float]]]:
    """Return clips planned, clips refused, how often and why, and the figures of those made."""
    refused, broken, figures = 0, Counter[str](), []
    for index in range(count_clips(config)):
        planned = plan(config, index)
        try:
            performance = performance_of(planned)
        except Unperformable as error:
            refused += 1
            broken["impossible"] += 1
            print(f"    {error}")
            continue
        figures.append(dict(performance.metrics))
        said = failures(performance.metrics, planned.body_model)
        refused += bool(said)
        broken.update(reason.split()[0] for reason in said)
    return count_clips(config), refused, broken, figures


def followed(exercise_name: str) -> str:
    """Say what settling does to one person's clean repetitions."""
    wanted = config_of(exercise_name, 1, faults=False)
    wanted = wanted.model_copy(update={"balance": True, "settle": "pd", "reps": 1})
    figures = performance_of(plan(wanted, 0)).metrics
    if "settled_fell" not in figures:
        return "not on its feet throughout"
    if figures["settled_fell"]:
        return "fell"
    return (
        f"turned {figures['settled_turn_mean_deg']:4.1f} degrees in the mean, at most "
        f"{figures['settled_turn_max_deg']:4.1f}; pelvis {100 * figures['settled_root_max_m']:4.1f}"
        f" cm; hand {figures['settled_hand_force_bw']:5.3f} of weight; outside "
        f"{figures['unsettled_share']:4.0%}, then {figures['unbalanced_share']:4.0%}"
    )


def bullet_error(performance: Performance) -> float:
    """Return PyBullet's largest difference in the push of the floor, as a share of weight."""
    free = replace(performance, props={})
    skeleton, model = free.body.skeleton, mass_model(free.body, in_tpose(free.body))
    root_m = smoothed(free.root_m, free.fps)
    world = unit(smoothed(free.world_wxyz, free.fps))
    ours = loads(free, model)
    theirs = inverse_dynamics(skeleton, model, root_m, world, free.fps)
    off_n = np.abs(theirs.force_n - ours.total_force_n)[5:-5].max()
    return float(off_n / (9.81 * model.mass_kg))


n_subjects = int(sys.argv[1]) if len(sys.argv) > 1 else 2
totals, all_broken = [0, 0], Counter[str]()
for name in sys.argv[2:] or EXERCISES:
    made, refused, broken, figures = judge(config_of(name, n_subjects, faults=True))
    totals = [totals[0] + made, totals[1] + refused]
    all_broken += broken
    margin_m = np.median([f["balance_margin_median_m"] for f in figures])
    share = np.median([f["unbalanced_share"] for f in figures])
    why = ", ".join(f"{limit} {count}" for limit, count in sorted(broken.items()))
    print(
        f"{name:15} {made:4} clips, {refused:3} refused   margin {100 * margin_m:6.1f} cm, "
        f"outside {share:4.0%} of the time   {why}",
        flush=True,
    )
print(f"refused at first: {totals[1]} of {totals[0]}, {totals[1] / totals[0]:.1%}")

for name in sys.argv[2:] or EXERCISES:
    print(f"{name:15} {followed(name)}", flush=True)

planned = plan(config_of("squat", 1, faults=False), 0)
performance = performance_of(planned)
times_s = {"figures": [], "whole clip": []}
for _ in range(5):
    start_s = time.process_time()
    plausibility(performance)
    times_s["figures"].append(time.process_time() - start_s)
    with tempfile.TemporaryDirectory() as folder:
        start_s = time.process_time()
        make_clip(planned, None, Path(folder))
        times_s["whole clip"].append(time.process_time() - start_s)
best_s = {name: min(values) for name, values in times_s.items()}
print(
    f"figures of {performance.n_frames} frames: {1000 * best_s['figures']:.0f} ms of "
    f"{1000 * best_s['whole clip']:.0f} ms for a clip of keypoints only"
)
fast = config_of("squat", 1, faults=False).model_copy(update={"fps": 120.0})
error = bullet_error(performance_of(plan(fast, 0)))
print(f"PyBullet's push of the floor differs by {error:.1e} of body weight")
