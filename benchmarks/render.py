"""How fast and how right the renderer is, beside pyrender and beside encoding alone.

    python benchmarks/render.py [--quick] [--json]

The same people, cameras and sizes for both; what is compared runs in turns, best of a few, in one
process a core. Exits with 1 when a figure falls short of its target.
"""

import os
import resource
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

# Beside this file lies a scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

from benchmarks.render_truth import (
    chosen_frames,
    depth_within_share,
    flow_off_px,
    reprojection_off_px,
    visibility_agreement,
    warp_residual,
)
from benchmarks.table import Row, arguments, finish
from simulator.cameras.camera import NO_DISTORTION
from simulator.config import Cameras, DatasetConfig
from simulator.make import make_clip, performance_of
from simulator.plan import plan
from simulator.rendering.renderer import Frame, Renderer
from simulator.rendering.scene import Scene
from simulator.rendering.staging import stage
from simulator.rendering.video import VideoWriter

ALL_CORES = os.cpu_count() or 1
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LP_NUM_THREADS"), "1")
OURS, OURS_PASSES = "ours", "ours with passes"
PEER, PEER_RGB = "pyrender", "pyrender without masks"
PASSES = ("instances", "parts", "depth")


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
    if name in (OURS, OURS_PASSES):
        from simulator.rendering.gl import GlRenderer

        return GlRenderer()
    from simulator.rendering.pyrender import PyrenderRenderer

    return PyrenderRenderer(masks=name == PEER)


def draw(name: str, n_instants: int) -> Turn:
    """Draw so many instants from two cameras, after one that does not count."""
    scene, cameras = scene_and_cameras(2)
    passes = PASSES if name == OURS_PASSES else ()
    frames = renderer(name).render(scene, cameras, passes)
    next(frames)
    start_s = monotonic()
    n_frames = sum(len(views) for views in islice(frames, n_instants))
    return Turn(n_frames, start_s, monotonic())


def pictures(name: str, n_instants: int) -> list[Frame]:
    """Draw instants spread over the squat, with depth."""
    scene, cameras = scene_and_cameras(2)
    return chosen_frames(renderer(name), scene, cameras, n_instants, ["depth"])


def truth(n_instants: int) -> dict[str, float]:
    """Measure how right the truth is, with lenses."""
    planned = plan(config(4, 640, 480), 0)
    scene = stage(performance_of(planned), planned.looks)
    agreement, n_compared = visibility_agreement(scene, planned.cameras, 4 * n_instants)
    return {
        "flow": flow_off_px(renderer(OURS), scene, planned.cameras, n_instants),
        "residual": warp_residual(renderer(OURS), scene, planned.cameras, n_instants),
        "reprojection": reprojection_off_px(scene, planned.cameras),
        "visibility": agreement,
        "compared": n_compared,
    }


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
    asks = {OURS: n_ours, OURS_PASSES: n_ours, PEER: n_theirs, PEER_RGB: n_theirs}
    with ExitStack() as stack:
        pools = {name: stack.enter_context(fresh(ALL_CORES)) for name in asks}
        alone = stack.enter_context(fresh(1))
        found: dict[str, list[float]] = {name: [] for name in [*asks, "ours, one process"]}
        for _ in range(rounds):
            for name, n_instants in asks.items():
                found[name].append(per_second(pools[name], ALL_CORES, name, n_instants))
            found["ours, one process"].append(per_second(alone, 1, OURS, n_ours))
    return {name: max(values) for name, values in found.items()}


def against_pyrender(n_instants: int) -> dict[str, float]:
    """Return the worst overlap of both back ends' person masks, and how their depths agree."""
    with fresh(1) as ours, fresh(1) as theirs:
        a = ours.submit(pictures, OURS, n_instants).result()
        b = theirs.submit(pictures, PEER, n_instants).result()
    overlaps = [
        (x.person & y.person).sum() / (x.person | y.person).sum() for x, y in zip(a, b, strict=True)
    ]
    return {"overlap": float(min(overlaps)), "depth": depth_within_share(a, b, 1)}


def measured(quick: bool) -> list[Row]:
    """Measure everything."""
    rounds, n_ours, n_theirs, n_truth = (2, 30, 3, 4) if quick else (4, 80, 20, 10)
    speed = speeds(rounds, n_ours, n_theirs)
    ours, one, full = speed[OURS], speed["ours, one process"], speed[OURS_PASSES]
    with fresh(1) as worker:
        share = worker.submit(encoding_share, rounds).result()
    with fresh(1) as worker:
        memory_gb = worker.submit(worker_memory_gb).result()
    with fresh(1) as worker:
        right = worker.submit(truth, n_truth).result()
    peer = against_pyrender(4)
    pace = "640 x 480 camera-frames/s on all cores"
    lens = "4 cameras with lenses"
    return [
        Row("RGB with shadow, times pyrender", ours / speed[PEER_RGB], ">= 12",
            f"pyrender's RGB; {pace}: {ours:.0f} to {speed[PEER_RGB]:.1f}"),
        Row("RGB and person mask, times pyrender", ours / speed[PEER], ">= 10",
            f"pyrender's RGB and segmentation; {ours:.0f} to {speed[PEER]:.1f}"),
        Row("RGB, instances, parts and depth in one go, times pyrender", full / speed[PEER],
            ">= 10", f"the same; {full:.0f} to {speed[PEER]:.1f}"),
        Row("whole clip to disk, share of encoding alone", share, ">= 0.333",
            "4 cameras, video and truth, one process"),
        Row(f"{ALL_CORES} processes, times as fast as one", ours / one, f">= {0.9 * ALL_CORES:g}",
            f"camera-frames/s: {ours:.0f} to {one:.0f}"),
        Row("memory of a worker, GB", memory_gb, "<= 1.5", "4 cameras, 1920 x 1080"),
        Row("person masks, worst intersection over union", peer["overlap"], ">= 0.995", "pyrender"),
        Row("depth within 1 mm, share of pixels inside", peer["depth"], ">= 0.999",
            "pyrender; two pixels from the edge and farther in"),
        Row("visibility, share of points that agree", right["visibility"], ">= 0.999",
            f"trimesh's rays; {right['compared']:.0f} points 3 mm or more from either, {lens}"),
        Row("reprojection, worst, px", right["reprojection"], "<= 0.01", f"OpenCV, {lens}"),
        Row("flow at vertices, 99.9 of 100, px", right["flow"], "<= 0.1",
            f"the vertices themselves, {lens}"),
        Row("next frame brought back by flow, mean difference, 255ths", right["residual"],
            peer="OpenCV's remap; on the person, shadows and what comes into sight included"),
    ]  # fmt: skip


if __name__ == "__main__":
    asked = arguments(__doc__)
    finish(measured(asked.quick), asked.json)
