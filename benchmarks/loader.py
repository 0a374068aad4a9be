"""Samples a second from shards, against webdataset reading the same bytes raw.

    python benchmarks/loader.py [--quick] [--json]

The clips are squats of two repetitions from two cameras, all truth but no pixels. Both read the
same shards from disk, one process, one thread; a sample is a clip for both. Ours parses clip.json,
unpacks the points of one view and cuts them; webdataset hands out the members' bytes. The best of
five runs counts.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

# Beside this file lies a scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

import webdataset

from benchmarks.table import Row, arguments, finish
from export import torch_dataset
from export.dataset import seal_dataset
from export.formats.table import export_dataset
from export.loader import ShardStream
from simulator.config import parse_config
from simulator.generate import generate

TARGET = ">= 0.8"


def rate(read: Callable[[], Iterable[Any]], n_samples: int) -> float:
    """Return the clips a second of the fastest of five readings."""
    times_s = []
    for _ in range(5):
        start_s = time.perf_counter()
        for _ in read():
            pass
        times_s.append(time.perf_counter() - start_s)
    return n_samples / min(times_s)


if __name__ == "__main__":
    asked = arguments(__doc__)
    n_subjects = 20 if asked.quick else 100
    small = {"body": "stick", "render": False, "subjects": n_subjects}
    config = parse_config({"seed": 0, "exercises": ["squat"], **small}, "this benchmark")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        generate(config, folder / "dataset", workers=1)
        dataset = seal_dataset(folder / "dataset")
        export_dataset(dataset, "webdataset", folder / "shards")
        places = sorted(str(path) for path in (folder / "shards").glob("*.tar"))
        n_clips = len(dataset.rows)
        ours = rate(lambda: ShardStream(places), n_clips)
        raw = rate(lambda: webdataset.WebDataset(places, shardshuffle=False), n_clips)
        indexed = torch_dataset(folder / "dataset")
        by_index = rate(lambda: (indexed[i] for i in range(len(indexed))), n_clips)
    finish(
        [
            Row("clips a second from shards, all views and repetitions", ours),
            Row("clips a second, raw bytes", raw, peer="webdataset"),
            Row("ours over raw", ours / raw, TARGET, "webdataset in the same run"),
            Row("clips a second from the folder, by index", by_index),
        ],
        asked.json,
    )
