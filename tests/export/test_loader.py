"""Samples for PyTorch: what is in them, their order, and that workers change nothing."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from export import torch_dataset
from export.dataset import read_dataset, seal_dataset
from export.formats import webdataset as shards
from export.formats.table import export_dataset
from export.leaks import check_leaks
from export.loader import ShardStream, collate
from export.splits import split_by_subject, write_split
from motions.errors import FormbenchError
from simulator.rendering.video import VideoWriter


@pytest.fixture
def parted(dataset_folder):
    """The dataset of four people with its split."""
    dataset = read_dataset(dataset_folder)
    split = split_by_subject(dataset, 0.25, 0)
    check_leaks(dataset, split)
    write_split(split, dataset_folder / "splits.json")
    return dataset


def test_a_sample_is_a_repetition_from_a_camera(parted):
    samples = torch_dataset(parted.folder)
    clip = parted.clip("clip_000001")
    one = samples[5]  # clip 0 has four: front 0, front 1, side 0, side 1

    assert len(samples) == 16 * 2 * 2
    assert (one["clip_id"], one["camera"], one["rep"], one["start_frame"]) == (
        "clip_000001", "front", 1, 10,
    )  # fmt: skip
    view = clip.view("front")
    there = view.visibility["coco17"][10:20]
    expected = np.where(there[..., None] > 0, view.keypoints_px["coco17"][10:20], 0)
    np.testing.assert_array_equal(one["keypoints"], expected.astype(np.float32))
    np.testing.assert_array_equal(one["visibility"], there)
    assert one["mask"].all()
    faults = samples.wishes.faults
    assert faults == tuple(sorted({row.fault_id for row in parted.fault_rows()}))
    present = dict(zip(faults, one["present"].tolist(), strict=True))
    assert present["deadlift.rounded_back"] == 1.0
    assert present["deadlift.incomplete_range"] == 0.0
    assert np.isnan(present["squat.rounded_back"])  # nobody says so of a deadlift


def test_sides_are_those_of_the_split(parted):
    train, validation = (torch_dataset(parted.folder, side) for side in ("train", "validation"))
    people = [
        {row.subject_id for row in parted.rows if row.clip_id in {s["clip_id"] for s in samples}}
        for samples in (train, validation)
    ]

    assert len(train) + len(validation) == 64
    assert people[0] & people[1] == set() and len(people[1]) == 1
    with pytest.raises(FormbenchError, match="expected a split of train, validation, got 'test'"):
        torch_dataset(parted.folder, "test")


def test_windows_are_filled_up_and_masked(parted):
    samples = torch_dataset(parted.folder, n_frames=8, stride=4)
    first = [samples[i] for i in range(3)]

    assert [s["start_frame"] for s in first] == [0, 4, 8]
    assert [int(s["mask"].sum()) for s in first] == [8, 6, 2]
    assert all(s["keypoints"].shape == (8, 17, 2) for s in first)
    assert not first[2]["keypoints"][2:].any()


def test_a_batch_masks_what_shorter_samples_lack(parted):
    samples = torch_dataset(parted.folder)
    short = torch_dataset(parted.folder, n_frames=6)[0]
    batch = collate([samples[0], short])

    assert batch["keypoints"].shape == (2, 10, 17, 2)
    assert batch["mask"].sum(dim=1).tolist() == [10, 6]
    assert not batch["keypoints"][1, 6:].any()
    assert batch["keypoints"].dtype == torch.float32
    assert batch["clip_id"] == ["clip_000000", "clip_000000"]


@pytest.mark.parametrize("n_workers", [0, 2])
def test_workers_change_nothing(parted, n_workers):
    samples = torch_dataset(parted.folder, "train")
    loader = DataLoader(samples, batch_size=7, num_workers=n_workers, collate_fn=collate)
    keys = [
        key for batch in loader
        for key in zip(batch["clip_id"], batch["camera"], batch["rep"].tolist(), strict=True)
    ]  # fmt: skip

    assert keys == [(s["clip_id"], s["camera"], s["rep"]) for s in samples]


@pytest.fixture
def tars(parted, tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SHARD_BYTES", 60_000)
    export_dataset(parted, "webdataset", tmp_path / "shards")
    found = sorted((tmp_path / "shards").glob("*.tar"))
    assert len(found) > 2
    return found


def test_shards_give_the_samples_of_the_folder(parted, tars):
    samples = torch_dataset(parted.folder)
    streamed = list(ShardStream(tars, faults=samples.wishes.faults))

    assert len(streamed) == len(samples)
    for one, other in zip(streamed, samples, strict=True):
        assert one.keys() == other.keys()
        for key, value in one.items():
            np.testing.assert_array_equal(value, other[key])


def test_every_worker_and_rank_reads_shards_of_its_own(tars):
    def keys(samples):
        return [(s["clip_id"], s["camera"], s["rep"]) for s in samples]

    whole = keys(ShardStream(tars))
    ranks = [keys(ShardStream(tars, rank=rank, n_ranks=2)) for rank in range(2)]
    assert sorted(chain(*ranks)) == sorted(whole) and set(ranks[0]) & set(ranks[1]) == set()
    loader = DataLoader(ShardStream(tars), batch_size=None, num_workers=2)
    assert sorted(keys(loader)) == sorted(whole)


def test_a_shard_that_was_cut_short_is_refused(tars, tmp_path):
    (tmp_path / "short.tar").write_bytes(tars[0].read_bytes()[:20_000])
    with pytest.raises(FormbenchError, match=r"short\.tar: the shard was cut short in clip_"):
        list(ShardStream([tmp_path / "short.tar"]))
    with pytest.raises(FormbenchError, match="expected some, and a rank below 1"):
        ShardStream([])


def test_pictures_come_with_the_points(make_dataset, make_clip):
    clip = make_clip(clip_id="a", n_cameras=1)
    filmed = replace(clip, views=(replace(clip.views[0], video="front.mp4"),))
    folder = make_dataset([filmed])
    with VideoWriter(folder / "clips" / "a" / "front.mp4", 640, 480, 10.0) as video:
        for index in range(clip.n_frames):
            video.write(np.full((480, 640, 3), 20 + 10 * index, dtype=np.uint8))
    seal_dataset(folder)
    one = torch_dataset(folder, video=True)[1]

    assert one["video"].shape == (10, 480, 640, 3)
    levels = one["video"].reshape(10, -1).mean(axis=1)
    np.testing.assert_allclose(levels, 20 + 10 * np.arange(10, 20), atol=1.5)
