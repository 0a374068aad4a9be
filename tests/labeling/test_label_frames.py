from collections import Counter

import numpy as np
import pytest

from labeling.frames import (
    SAME_DISTANCE,
    Candidate,
    choose_frames,
    evenly_spaced,
    thumbnail_features,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def candidates(n: int, unsure: bool = True) -> list[Candidate]:
    features = np.random.default_rng(3).normal(0, 1, (n, 8))
    return [Candidate("front", i, features[i], i / n if unsure else None) for i in range(n)]


def test_even_frames_lie_in_the_middle_of_equal_stretches() -> None:
    assert evenly_spaced(100, 4) == [12, 37, 62, 87]
    assert evenly_spaced(1, 4) == [0]


def test_the_mix_has_its_shares_and_keeps_the_reasons() -> None:
    chosen = choose_frames(candidates(100), 10, rng())
    assert Counter(c.reason for c in chosen) == {"diverse": 6, "uncertain": 3, "random": 1}
    assert len({c.frame_index for c in chosen}) == 10
    assert list(chosen) == sorted(chosen, key=lambda c: c.frame_index)
    assert choose_frames(candidates(100), 10, rng()) == chosen


def test_the_doubtful_are_those_the_model_doubts_most() -> None:
    chosen = choose_frames(candidates(100), 10, rng())
    drawn = {c.frame_index for c in chosen if c.reason == "random"}
    doubted = [c.frame_index for c in chosen if c.reason == "uncertain"]
    assert doubted == sorted(sorted(set(range(100)) - drawn)[-3:])


def test_half_of_the_doubtful_are_those_on_which_cameras_disagree() -> None:
    features = np.random.default_rng(3).normal(0, 1, (40, 8))
    # The first ten frames are those the model is surest of, and those that fit together worst.
    crowd = [
        Candidate("front", i, features[i], uncertainty=i / 40, disagreement=1 - i / 40)
        for i in range(40)
    ]
    chosen = choose_frames(crowd, 10, rng())
    assert Counter(c.reason for c in chosen) == {
        "diverse": 6, "cameras disagree": 2, "uncertain": 1, "random": 1,
    }  # fmt: skip
    drawn = {c.frame_index for c in chosen if c.reason == "random"}
    left = [i for i in range(40) if i not in drawn]
    assert [c.frame_index for c in chosen if c.reason == "cameras disagree"] == left[:2]
    assert [c.frame_index for c in chosen if c.reason == "uncertain"] == left[-1:]
    few = choose_frames(crowd, 3, rng())
    assert Counter(c.reason for c in few) == {"diverse": 2, "cameras disagree": 1}


def test_without_a_model_the_doubtful_share_is_diverse() -> None:
    chosen = choose_frames(candidates(100, unsure=False), 10, rng())
    assert Counter(c.reason for c in chosen) == {"diverse": 9, "random": 1}


def test_different_frames_come_from_different_clusters() -> None:
    # Four tight clusters of very different sizes: chance would nearly always miss the small ones.
    centres = 10 * np.eye(4)
    sizes = [60, 30, 8, 2]
    noise = np.random.default_rng(4).normal(0, 0.3, (100, 4))
    features = np.repeat(centres, sizes, axis=0) + noise
    crowd = [Candidate("front", i, f) for i, f in enumerate(features)]
    clusters = np.repeat(np.arange(4), sizes)
    chosen = choose_frames(crowd, 4, rng())
    assert sorted(clusters[c.frame_index] for c in chosen) == [0, 1, 2, 3]


def test_near_duplicates_are_passed_over_but_not_those_of_another_camera() -> None:
    still = np.zeros(16)
    near = still + 0.9 * SAME_DISTANCE
    apart = still + 1.1 * SAME_DISTANCE
    crowd = [
        Candidate("front", 0, still),
        Candidate("front", 1, near),
        Candidate("front", 2, apart),
        Candidate("side", 1, near),
    ]
    chosen = choose_frames(crowd, 10, rng())
    assert [(c.camera, c.frame_index) for c in chosen] == [("front", 0), ("front", 2), ("side", 1)]
    assert choose_frames([], 3, rng()) == ()


@pytest.mark.parametrize("size", [(480, 640), (1080, 608), (33, 47)])
def test_a_thumbnail_has_the_mean_grey_of_its_tiles(size: tuple[int, int]) -> None:
    grey = np.zeros((*size, 3), dtype=np.uint8)
    grey[: size[0] // 2] = 255
    features = thumbnail_features(grey).reshape(16, 16)
    assert np.array_equal(features[:7], np.ones((7, 16)))
    assert np.array_equal(features[9:], np.zeros((7, 16)))
