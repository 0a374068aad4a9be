"""How long a clip takes, stage by stage, on one core: python benchmarks/clips.py

The clip is a squat of two repetitions by an Anny person, from two cameras of 640 x 480. The best of
three runs counts.
"""

import os

os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "LP_NUM_THREADS")}

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Beside this file lies a scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

from simulator.config import parse_config
from simulator.make import make_clip, performance_of
from simulator.plan import plan
from simulator.rendering.gl import GlRenderer
from simulator.rendering.staging import stage
from simulator.truth import measure_views


def best_s(work: Callable[[], Any]) -> float:
    """Return the seconds of the fastest of three runs."""
    times_s = []
    for _ in range(3):
        start_s = time.perf_counter()
        work()
        times_s.append(time.perf_counter() - start_s)
    return min(times_s)


def made(renderer: GlRenderer | None) -> None:
    """Make the clip into a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        make_clip(planned, renderer, Path(folder))


config = parse_config({"seed": 0, "exercises": ["squat"], "reps": 2}, "benchmark")
planned = plan(config, 0)
performance = performance_of(planned)
scene = stage(performance, planned.looks)
renderer = GlRenderer()

rows = {
    "plan": lambda: plan(config, 0),
    "motion, body, retargeting": lambda: performance_of(planned),
    "truth of both cameras": lambda: measure_views(performance, planned.cameras, scene.props),
    "drawing": lambda: [None for _ in renderer.render(scene, planned.cameras)],
    "whole clip, keypoints only": lambda: made(None),
    "whole clip with videos": lambda: made(renderer),
}
print(f"{performance.n_frames} frames from {len(planned.cameras)} cameras")
for name, work in rows.items():
    seconds = best_s(work)
    print(f"{name:28} {seconds:7.3f} s   {performance.n_frames / seconds:9.0f} frames/s")
