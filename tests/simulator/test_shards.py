"""Shards: the same bytes as in one go, and what does not belong together; and what a run costs."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from export.dataset import seal_dataset
from motions.errors import FormbenchError
from simulator.config import DatasetConfig, parse_config
from simulator.estimate import _spread, estimate
from simulator.generate import generate
from simulator.shards import Shard, merge, parse_shard


def config(**more: Any) -> DatasetConfig:
    wishes = {"seed": 3, "exercises": ["squat"], "subjects": 3, "reps": 1, "fps": 10}
    wishes |= {"body": "stick", "render": False}
    wishes |= {"faults": [{"fault": "rounded_back", "severity": 1}]}
    return parse_config(wishes | more, "this test")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A config of six clips in four shards, two of which have two clips."""
    folder = tmp_path_factory.mktemp("parts")
    shards = [folder / f"{number}" for number in range(1, 5)]
    made = [
        generate(config(), part, workers=1, shard=Shard(number, 4))
        for number, part in enumerate(shards, 1)
    ]
    assert made == [2, 2, 1, 1]
    return shards


def test_merged_shards_are_the_dataset_made_in_one_go(parts: list[Path], tmp_path: Path) -> None:
    generate(config(), tmp_path / "whole", workers=1)
    merge(parts[::-1], tmp_path / "merged")
    whole, merged = (seal_dataset(tmp_path / name) for name in ("whole", "merged"))
    assert merged.content_sha256 == whole.content_sha256
    assert len(merged.rows) == 6


def test_a_merge_that_was_stopped_goes_on(parts: list[Path], tmp_path: Path) -> None:
    merge(parts, tmp_path / "m")
    before = seal_dataset(tmp_path / "m").content_sha256
    (tmp_path / "m" / "clips" / "clip_000003" / "clip.json").unlink()
    (tmp_path / "m" / "clips" / "clip_000003").rename(tmp_path / "m" / "clips" / ".clip_000003.f00")
    told: list[tuple[int, int]] = []
    merge(parts, tmp_path / "m", lambda *done: told.append(done))
    assert told[-1] == (6, 6)
    assert seal_dataset(tmp_path / "m").content_sha256 == before


def test_what_does_not_belong_together_is_told(parts: list[Path], tmp_path: Path) -> None:
    with pytest.raises(FormbenchError, match="2 of 6 clips are in no shard, clip_000000"):
        merge(parts[1:], tmp_path / "m")
    with pytest.raises(FormbenchError, match=r"clip_000000 is in .*name each shard once"):
        merge([*parts, parts[0]], tmp_path / "m")
    with pytest.raises(FormbenchError, match="got none"):
        merge([], tmp_path / "m")
    other = tmp_path / "other"
    generate(config(seed=4), other, workers=1, shard=Shard(1, 6))
    with pytest.raises(FormbenchError, match="other is of another"):
        merge([*parts, other], tmp_path / "m")
    assert not (tmp_path / "m").exists()
    with pytest.raises(FormbenchError, match="holds another dataset"):
        merge(parts, other)


@pytest.mark.parametrize("text", ["", "2", "2/", "/5", "a/b", "2/5/6", "-1/5", "²/5"])
def test_what_is_no_shard_is_told(text: str) -> None:
    with pytest.raises(FormbenchError, match="expected NUMBER/OF"):
        parse_shard(text)


@pytest.mark.parametrize("text", ["0/5", "6/5"])
def test_a_shard_that_there_is_not_is_told(text: str) -> None:
    with pytest.raises(FormbenchError, match="expected 1 to 5 of 5"):
        parse_shard(text)


def test_shards_part_the_clips(parts: list[Path]) -> None:
    indices = [i for number in (1, 2, 3, 4) for i in Shard(number, 4).indices(config())]
    assert sorted(indices) == list(range(6))


def test_an_estimate_is_of_the_whole() -> None:
    told: list[tuple[int, int]] = []
    cost = estimate(config(), 3, lambda *done: told.append(done))
    assert (cost.clips, cost.sampled, told[-1]) == (6, 3, (3, 3))
    assert cost.core_hours > cost.core_hours_off >= 0
    assert cost.price(10) == 10 * cost.core_hours
    assert cost.wall_hours(2) == pytest.approx(cost.core_hours / 2 + cost.warm_up_s / 3600)


def test_an_estimate_of_disk_is_that_of_the_files(tmp_path: Path) -> None:
    generate(config(), tmp_path / "whole", workers=1)
    size = sum(p.stat().st_size for p in (tmp_path / "whole" / "clips").rglob("*") if p.is_file())
    assert estimate(config(), 6).gigabytes == pytest.approx(size / 1e9)


def test_too_small_a_sample_is_told() -> None:
    with pytest.raises(FormbenchError, match="expected a sample of at least 3, got 2"):
        estimate(config(), 2)


def test_a_sample_has_its_share_of_every_turn_and_of_all_that_is_in_one() -> None:
    chosen = _spread(8, turns=20, n_clips=80)

    assert Counter(index % 4 for index in chosen) == {0: 2, 1: 2, 2: 2, 3: 2}
    assert [index // 4 for index in chosen] == [0, 2, 5, 7, 10, 12, 15, 17]
    assert _spread(6, turns=3, n_clips=6) == list(range(6))
    assert max(_spread(5, turns=1, n_clips=7)) < 7
