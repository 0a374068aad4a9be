"""Beyond one machine: speed-up, Ray's price, equal hashes, large datasets, and the estimate.

    python benchmarks/scale.py [--quick] [--json]

Everything is made with the stick body and without pixels. Runs that are compared follow each
other, with the same clips. A run's time is that of its clips: from the first batch that is whole to
the last.

The large datasets are one clip under other names and of other people, a person for every eight
clips: to prove, part and export them takes what it takes for clips made one by one, which would
take hours. It is short: one repetition at 10 frames a second from two cameras. Each step runs in a
process of its own, whose greatest memory is told. The sizes are 10,000 and 100,000 clips. With
--quick they are 100 and 1,000, where the start of a process still counts, and so do a worker's
first clips in what the engines take: times have no targets then. Seconds of the large ones are the
processor's, so that other work on the machine counts little.
"""

import json
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Beside this file lies a scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

from benchmarks.table import Row, arguments, finish
from export.balance import balance_of
from export.dataset import read_dataset, seal_dataset, verify_dataset
from export.formats.table import export_dataset
from export.splits import read_split, split_by_subject, write_split
from simulator.clip import clip_id
from simulator.config import DatasetConfig, parse_config
from simulator.engines.choice import engine_of
from simulator.engines.engine import Engine
from simulator.estimate import estimate
from simulator.generate import generate
from simulator.plan import count_clips, plan
from simulator.shards import Shard, merge

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
CLIPS_A_PERSON = 8
FRAMES_APART = 15
"""Every so many frames are exported."""


SHORT: dict[str, Any] = {"reps": 1, "fps": 10}
"""Clips of which a hundred thousand can be handled within a coffee break."""


def config(subjects: int, **wishes: Any) -> DatasetConfig:
    """Return a config of four clips a subject."""
    faults = [{"fault": f, "severity": 1} for f in ("rounded_back", "incomplete_range", "jump")]
    given: dict[str, Any] = {"seed": 0, "exercises": ["squat"], "subjects": subjects, "reps": 2}
    given |= {"body": "stick", "render": False, "faults": faults}
    return parse_config(given | wishes, "this benchmark")


def clips_a_second(asked: DatasetConfig, folder: Path, engine: Engine) -> float:
    """Generate, and return the rate between the first and the last batch."""
    told: list[tuple[float, int]] = []
    generate(
        asked,
        folder,
        engine=engine,
        on_clip=lambda done, _: told.append((time.perf_counter(), done)),
    )
    (start_s, first), (end_s, last) = told[1], told[-1]
    return (last - first) / (end_s - start_s)


def engines(subjects: int, folder: Path, quick: bool) -> list[Row]:
    """Compare one worker with two, and Ray with processes, and what they make."""
    faster, no_slower = ("", "") if quick else (">= 1.8", "<= 1.1")
    asked, rates = config(subjects), {}
    for name in ("local", "ray"):
        for workers in (1, 2):
            at = folder / f"{name}{workers}"
            rates[name, workers] = clips_a_second(asked, at, engine_of(name, workers))
    for number in (1, 2):
        generate(asked, folder / f"shard{number}", 2, shard=Shard(number, 2))
    merge([folder / "shard1", folder / "shard2"], folder / "merged")
    made = [folder / f"{name}{workers}" for name, workers in rates] + [folder / "merged"]
    hashes = {seal_dataset(each).content_sha256 for each in made}
    slower = rates["local", 2] / rates["ray", 2]
    return [
        *(
            Row(f"one to two workers, {name}, times", rates[name, 2] / rates[name, 1], faster)
            for name in ("local", "ray")
        ),
        Row("Ray's time over that of local processes, same work", slower, no_slower, "processes"),
        Row(f"different hashes of {len(made)} datasets", float(len(hashes)), "== 1"),
    ]


def estimated(subjects: int) -> list[Row]:
    """Compare an estimate with what making every clip takes."""
    asked = config(subjects)
    n_clips = count_clips(asked)
    off = abs(estimate(asked, n_clips // 10).core_hours / estimate(asked, n_clips).core_hours - 1)
    return [Row(f"estimate off a run of {n_clips} clips, ten times its sample", off, "<= 0.15")]


def multiply(folder: Path, n_clips: int) -> None:
    """Make a dataset of so many clips out of one."""
    (folder / "clips").mkdir(parents=True)
    (folder / "config.yaml").write_text("seed: 0\n", encoding="utf-8")
    one = folder / "one"
    generate(config(1, **SHORT), one, 1)
    model = one / "clips" / clip_id(1)
    about = json.loads((model / "clip.json").read_text(encoding="utf-8"))
    for index in range(n_clips):
        clip = folder / "clips" / clip_id(index)
        clip.mkdir()
        person = f"subject_{index // CLIPS_A_PERSON:06d}"
        body = about["body"] | {"values": {"person": index // CLIPS_A_PERSON}}
        named = {"clip_id": clip_id(index), "subject_id": person, "group_id": person, "body": body}
        (clip / "clip.json").write_text(json.dumps(about | named, indent=1), encoding="utf-8")
        os.link(model / "truth.npz", clip / "truth.npz")
    shutil.rmtree(one)


def _plan(folder: Path, n_clips: int) -> None:
    asked = config(n_clips // 4 + 1, **SHORT)
    for index in range(n_clips):
        plan(asked, index)


def _seal(folder: Path, n_clips: int) -> None:
    assert len(seal_dataset(folder).rows) == n_clips


def _verify(folder: Path, n_clips: int) -> None:
    assert verify_dataset(folder).ok


def _split(folder: Path, n_clips: int) -> None:
    write_split(split_by_subject(read_dataset(folder), 0.3, 0), folder / "splits.json")


def _statistics(folder: Path, n_clips: int) -> None:
    assert balance_of(read_dataset(folder)).synthetic.total() > n_clips


def _coco(folder: Path, n_clips: int) -> None:
    split = read_split(folder / "splits.json")
    out = folder.with_name(f"{folder.name}-coco")
    export_dataset(read_dataset(folder), "coco", out, split=split, every=FRAMES_APART)


STEPS: dict[str, Callable[[Path, int], None]] = {
    "plan": _plan, "seal": _seal, "verify": _verify, "split": _split, "statistics": _statistics,
    "COCO": _coco,
}  # fmt: skip


def measured(step: str, folder: Path, n_clips: int) -> tuple[float, float]:
    """Run a step in a process of its own; return its seconds and its greatest memory in GB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (step, folder, n_clips))


def _measure(step: str, folder: Path, n_clips: int) -> tuple[float, float]:
    start_s = time.process_time()
    STEPS[step](folder, n_clips)
    took_s = time.process_time() - start_s
    # Not from getrusage, which begins with what the process that started this one had.
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert peak
    return took_s, int(peak[1]) / 1e6


def large(folder: Path, n_clips: int, quick: bool) -> list[Row]:
    """Measure all steps on a tenth of the clips and on all."""
    linear = "" if quick else "<= 1.3"
    rows = []
    took: dict[int, dict[str, tuple[float, float]]] = {}
    for n in (n_clips // 10, n_clips):
        multiply(folder / str(n), n)
        took[n] = {step: measured(step, folder / str(n), n) for step in STEPS}
        shutil.rmtree(folder / str(n))
    for step in STEPS:
        (small_s, small_gb), (all_s, all_gb) = (took[n][step] for n in took)
        rows += [
            Row(f"{step} of {n_clips:,} clips, s", all_s),
            Row(f"{step}: time for ten times the clips, over ten", all_s / small_s / 10, linear),
            Row(f"{step} of {n_clips:,} clips, memory in GB", all_gb, "<= 1.5"),
            Row(f"{step}: memory for ten times the clips, times", all_gb / small_gb),
        ]
    return rows


if __name__ == "__main__":
    asked = arguments(__doc__)
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        rows = engines(4 if asked.quick else 150, place, asked.quick)
        rows += estimated(10 if asked.quick else 20)
        rows += large(place, 1_000 if asked.quick else 100_000, asked.quick)
    finish(rows, asked.json)
