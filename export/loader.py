"""Datasets for PyTorch: from a dataset's folder by index, or from shards as they stream.

Both give the dictionaries of `export.samples` in an order that depends on the data alone. Nothing
is kept open, so workers may be forked or spawned; of shards each worker of each process reads its
own, and none is read twice. `collate` puts samples of unequal length into one batch.

    loader = DataLoader(torch_dataset("gym", "train"), batch_size=8, collate_fn=collate)
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from export.dataset import read_dataset
from export.rows import ClipRow
from export.samples import Sample, Stretch, Wishes, arrays_of, filled, sample, stretches
from export.splits import read_split
from motions.errors import FormbenchError
from motions.storage import place
from simulator.clip import read_about
from simulator.rendering.video import read_video

_TAR_BLOCK = 512
_KEPT_CLIPS = 4


class PoseWindows(Dataset[Sample]):
    """The samples of one side of a built dataset, by index.

    Args:
        folder: A dataset.
        split: A side of its splits.json; None for all clips.
        wishes: See `export.samples.Wishes`. Without `faults` they are all that the dataset has.

    Raises:
        FormbenchError: There is no such dataset or side, or it has no repetition.
    """

    def __init__(self, folder: Path, split: str | None = None, **wishes: Any) -> None:
        dataset = read_dataset(folder)
        rows = dataset.rows
        if split is not None:
            parted = read_split(folder / "splits.json")
            if split not in parted.sides:
                raise FormbenchError(
                    f"{folder}: expected a split of {', '.join(parted.sides)}, got {split!r}"
                )
            rows = parted.rows(dataset, split)
        self.folder = folder
        self.wishes = Wishes(**{"faults": _all_faults(dataset.fault_rows()), **wishes})
        self._stretches = [stretch for row in rows for stretch in self._of(row)]
        if not self._stretches:
            raise FormbenchError(f"{folder}: expected repetitions in {split or 'it'}, got none")

    def __len__(self) -> int:
        return len(self._stretches)

    def __getitem__(self, index: int) -> Sample:
        stretch = self._stretches[index]
        clip_folder = self.folder / "clips" / stretch.clip_id
        about, arrays = _read_view(clip_folder, stretch.camera, self.wishes.convention_name)
        video = None
        if self.wishes.video:
            video = _pictures(clip_folder / _video_name(about, stretch.camera), stretch)
        return sample(about, arrays, stretch, self.wishes, video)

    def _of(self, row: ClipRow) -> Iterator[Stretch]:
        about = read_about(self.folder / "clips" / row.clip_id)
        return stretches(about, row.cameras, self.wishes)


class ShardStream(IterableDataset[Sample]):
    """The samples of WebDataset shards that `workbench export --format webdataset` wrote.

    Args:
        shards: Their paths or URLs, see `motions.storage`, in the order to read them in. They are
            read from beginning to end, so object storage streams them.
        rank: This process among several that train together.
        n_ranks: How many they are.
        wishes: See `export.samples.Wishes`; `video` is not read from shards.
    """

    def __init__(
        self,
        shards: Sequence[str | Path],
        rank: int = 0,
        n_ranks: int = 1,
        **wishes: Any,
    ) -> None:
        if not shards or not 0 <= rank < n_ranks:
            raise FormbenchError(
                f"shards: expected some, and a rank below {n_ranks}, got {len(shards)} and {rank}"
            )
        self.shards = [str(shard) for shard in shards]
        self.wishes = Wishes(**wishes)
        if self.wishes.video:
            raise FormbenchError("shards: pictures are not read from shards; use torch_dataset")
        self._rank, self._n_ranks = rank, n_ranks

    def __iter__(self) -> Iterator[Sample]:
        worker = get_worker_info()
        number, count = (worker.id, worker.num_workers) if worker else (0, 1)
        turn, turns = self._rank * count + number, self._n_ranks * count
        for shard in self.shards[turn::turns]:
            with place(shard).open("rb") as file:
                for about, npz in _clips_in(shard, file):
                    yield from self._samples(about, npz)

    def _samples(self, about: dict[str, Any], npz: bytes) -> Iterator[Sample]:
        cameras = [view["camera"]["name"] for view in about["views"]]
        arrays = arrays_of(npz, cameras, self.wishes.convention_name)
        for stretch in stretches(about, cameras, self.wishes):
            yield sample(about, arrays[stretch.camera], stretch, self.wishes)


def collate(samples: Sequence[Sample]) -> dict[str, Any]:
    """Stack samples into a batch of tensors; shorter ones are filled up and masked out."""
    longest = max(len(one["mask"]) for one in samples)
    batch: dict[str, Any] = {}
    for key, first in samples[0].items():
        values = [one[key] for one in samples]
        if not isinstance(first, np.ndarray):
            batch[key] = values if isinstance(first, str) else torch.tensor(values)
            continue
        if key not in ("present", "severity"):
            values = [filled(value, longest) for value in values]
        batch[key] = torch.from_numpy(np.stack(values))
    return batch


def _all_faults(rows: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted({row.fault_id for row in rows}))


@lru_cache(maxsize=_KEPT_CLIPS)
def _read_view(
    clip_folder: Path, camera: str, convention_name: str
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    npz = (clip_folder / "truth.npz").read_bytes()
    return read_about(clip_folder), arrays_of(npz, [camera], convention_name)[camera]


def _video_name(about: dict[str, Any], camera: str) -> str:
    name = next(view["video"] for view in about["views"] if view["camera"]["name"] == camera)
    if name is None:
        raise FormbenchError(f"clip {about['clip_id']}: camera {camera} has no video")
    return str(name)


def _pictures(path: Path, stretch: Stretch) -> np.ndarray:
    frames = islice(read_video(path).frames, stretch.start_frame, stretch.stop_frame)
    return np.stack(list(frames))


def _clips_in(shard: str, file: BinaryIO) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield clip.json and truth.npz of each clip of a shard, which follow each other."""
    about: dict[str, Any] = {}
    while header := _read(file, _TAR_BLOCK):
        if not header.strip(b"\0"):
            return
        if len(header) < _TAR_BLOCK or header[257:262] != b"ustar":
            raise FormbenchError(f"{shard}: damaged shard")
        name = header[:100].rstrip(b"\0").decode()
        size = int(header[124:136].rstrip(b" \0"), 8)
        data = _read(file, size)
        padding = _read(file, -size % _TAR_BLOCK)
        if len(data) + len(padding) < size + -size % _TAR_BLOCK:
            raise FormbenchError(f"{shard}: the shard was cut short in {name}")
        if name.endswith(".json"):
            about = json.loads(data)
        elif name.endswith(".npz"):
            yield about, data


def _read(file: BinaryIO, n_bytes: int) -> bytes:
    """Read so many bytes, fewer only at the end: object storage hands out what it has at hand."""
    data = file.read(n_bytes)
    while len(data) < n_bytes and (more := file.read(n_bytes - len(data))):
        data += more
    return data
