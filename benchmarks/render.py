"""How fast and how right the renderer is, beside pyrender and beside encoding alone.

    python benchmarks/render.py [--quick] [--json]

The same people, cameras and sizes for both; what is compared runs in turns, best of a few, in one
process a core. Exits with 1 when a figure falls short of its target.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

import numpy as np

from simulator.cameras.camera import NO_DISTORTION
from simulator.config import Cameras, DatasetConfig
from simulator.make import make_clip, performance_of
from simulator.plan import plan
from simulator.rendering.renderer import Renderer
from simulator.rendering.scene import Scene
from simulator.rendering.staging import stage
from simulator.rendering.video import VideoWriter

ALL_CORES = os.cpu_count() or 1
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LP_NUM_THREADS"), "1")
OURS, PEER, PEER_RGB = "ours", "pyrender", "pyrender without masks"


@dataclass(frozen=True)
class Row:
    """One figure."""

    figure: str
    value: float
    at_least: float | None
    at_most: float | None
    how: str

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        low = -np.inf if self.at_least is None else self.at_least
        return bool(low <= self.value <= (np.inf if self.at_most is None else self.at_most))


@dataclass(frozen=True)
class Turn:
    """What one process did: camera-frames drawn between two instants of the machine's clock."""

    n_frames: int
    start_s: float
    end_s: float


def config(n_cameras: int, width_px: int, height_px: int) -> DatasetConfig:
    """Describe a dataset of one squat."""
    names = ["front", "side", "oblique", "back"][:n_cameras]
    cameras = Cameras(named=names, width_px=width_px, height_px=height_px)
    return DatasetConfig(seed=0, exercises=["squat"], reps=1, cameras=cameras)


@cache
def scene_and_cameras(n_cameras: int) -> tuple[Scene, tuple]:
    """Stage the squat, filmed without lens distortion, which pyrender would pay dearly for."""
    planned = plan(config(n_cameras, 640, 480), 0)
    cameras = tuple(replace(camera, distortion=NO_DISTORTION) for camera in planned.cameras)
    return stage(performance_of(planned), planned.looks), cameras


@cache
def renderer(name: str) -> Renderer:
    """One renderer a process."""
    if name == OURS:
        from simulator.rendering.gl import GlRenderer

        return GlRenderer()
    from simulator.rendering.pyrender import PyrenderRenderer

    return PyrenderRenderer(masks=name == PEER)


def draw(name: str, n_instants: int) -> Turn:
    """Draw so many instants from two cameras, after one that does not count."""
    scene, cameras = scene_and_cameras(2)
    frames = renderer(name).render(scene, cameras)
    next(frames)
    start_s = monotonic()
    n_frames = sum(len(views) for views in islice(frames, n_instants))
    return Turn(n_frames, start_s, monotonic())


def masks(name: str, n_instants: int) -> list[np.ndarray]:
    """Return the person masks of instants spread over the squat."""
    scene, cameras = scene_and_cameras(2)
    step = scene.performance.n_frames // n_instants
    views = islice(renderer(name).render(scene, cameras), 0, n_instants * step, step)
    return [frame.person for frames in views for frame in frames]


def per_second(pool: ProcessPoolExecutor, workers: int, name: str, n_instants: int) -> float:
    """Return the camera-frames a second that several processes draw together."""
    turns = list(pool.map(draw, [name] * workers, [n_instants] * workers))
    elapsed_s = max(turn.end_s for turn in turns) - min(turn.start_s for turn in turns)
    return sum(turn.n_frames for turn in turns) / elapsed_s


def encoding_share(rounds: int) -> float:
    """Return how fast a whole clip gets to disk, as a share of encoding its frames alone."""
    planned = plan(config(4, 640, 480), 0)
    scene = stage(performance_of(planned), planned.looks)
    frames = [
        [view.rgb for view in views] for views in renderer(OURS).render(scene, planned.cameras)
    ]
    times_s: dict[str, list[float]] = {"whole": [], "encoding": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            start_s = monotonic()
            make_clip(planned, renderer(OURS), Path(folder))
            times_s["whole"].append(monotonic() - start_s)
        with tempfile.TemporaryDirectory() as folder:
            start_s = monotonic()
            for index, camera in enumerate(planned.cameras):
                path = Path(folder) / f"{camera.name}.mp4"
                with VideoWriter(path, camera.width_px, camera.height_px, planned.fps) as writer:
                    for views in frames:
                        writer.write(views[index])
            times_s["encoding"].append(monotonic() - start_s)
    return min(times_s["encoding"]) / min(times_s["whole"])


def worker_memory_gb() -> float:
    """Make a clip of four cameras in 1920 x 1080, and say what the process came to hold."""
    planned = plan(config(4, 1920, 1080), 0)
    with tempfile.TemporaryDirectory() as folder:
        make_clip(planned, renderer(OURS), Path(folder))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def fresh(workers: int) -> ProcessPoolExecutor:
    """Return processes of their own, for each back end has a graphics context of its own.

    One thread each, as when a dataset is generated.
    """
    os.environ.update(ONE_THREAD)
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def speeds(rounds: int, n_ours: int, n_theirs: int) -> dict[str, float]:
    """Return the best camera-frames a second of each, drawn in turns."""
    asks = {OURS: n_ours, PEER: n_theirs, PEER_RGB: n_theirs}
    pools = {name: fresh(ALL_CORES) for name in asks}
    with pools[OURS], pools[PEER], pools[PEER_RGB], fresh(1) as alone:
        found: dict[str, list[float]] = {name: [] for name in [*asks, "ours, one process"]}
        for _ in range(rounds):
            for name, n_instants in asks.items():
                found[name].append(per_second(pools[name], ALL_CORES, name, n_instants))
            found["ours, one process"].append(per_second(alone, 1, OURS, n_ours))
    return {name: max(values) for name, values in found.items()}


def silhouettes(n_instants: int) -> float:
    """Return the worst intersection over union of both back ends' person masks."""
    with fresh(1) as ours, fresh(1) as theirs:
        pairs = zip(
            ours.submit(masks, OURS, n_instants).result(),
            theirs.submit(masks, PEER, n_instants).result(),
            strict=True,
        )
        return min(float((a & b).sum() / (a | b).sum()) for a, b in pairs)


def measured(quick: bool) -> list[Row]:
    """Measure everything."""
    rounds, n_ours, n_theirs = (2, 30, 3) if quick else (4, 80, 20)
    speed = speeds(rounds, n_ours, n_theirs)
    ours, one = speed[OURS], speed["ours, one process"]
    with fresh(1) as worker:
        share = worker.submit(encoding_share, rounds).result()
    with fresh(1) as worker:
        memory_gb = worker.submit(worker_memory_gb).result()
    pace = "640 x 480 camera-frames/s on all cores"
    return [
        Row(
            "RGB with shadow, times as fast as pyrender",
            ours / speed[PEER_RGB], 12.0, None, f"{pace}: {ours:.0f} to {speed[PEER_RGB]:.1f}",
        ),
        Row(
            "RGB and person mask, times as fast as pyrender",
            ours / speed[PEER], 10.0, None, f"{pace}: {ours:.0f} to {speed[PEER]:.1f}",
        ),
        Row(
            "whole clip to disk, share of encoding alone",
            share, 1 / 3, None, "4 cameras, video and truth, one process",
        ),
        Row(
            f"{ALL_CORES} processes, times as fast as one",
            ours / one, 0.9 * ALL_CORES, None, f"camera-frames/s: {ours:.0f} to {one:.0f}",
        ),
        Row("memory of a worker, GB", memory_gb, None, 1.5, "4 cameras, 1920 x 1080"),
        Row(
            "person masks against pyrender, worst overlap",
            silhouettes(4), 0.995, None, "intersection over union",
        ),
    ]  # fmt: skip


def main(arguments: Sequence[str], show: Callable[[str], None] = print) -> int:
    """Measure, show the table, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer frames and rounds")
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args(arguments)
    rows = measured(options.quick)
    if options.json:
        show(json.dumps([{**asdict(row), "met": row.met} for row in rows], indent=1))
    else:
        for row in rows:
            target = f">= {row.at_least:.3g}" if row.at_most is None else f"<= {row.at_most:.3g}"
            verdict = "ok" if row.met else "SHORT"
            show(f"{row.figure:<48} {row.value:8.3f}  {target:<9} {verdict:<6} {row.how}")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
