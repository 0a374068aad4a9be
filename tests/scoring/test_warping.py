"""Open ends and barycentres: by hand, by the definition, and against tslearn."""

import numpy as np
import pytest
from tslearn.barycenters import dtw_barycenter_averaging_petitjean
from tslearn.metrics import dtw_subsequence_path

from motions.errors import FormbenchError
from scoring.methods.dtw import align, distance_matrix
from scoring.methods.warping import align_begun, align_within, barycentre


def walk(rng, n_frames, n_dims=2):
    return rng.normal(size=(n_frames, n_dims)).cumsum(axis=0)


def test_half_a_movement_is_the_first_half_of_the_whole():
    whole = np.array([[0.0], [1], [3], [6], [3], [1], [0]])
    begun = align_begun(np.array([[0.0], [1], [1], [3]]), whole)

    assert begun.distance == 0
    assert begun.path.tolist() == [[0, 0], [1, 1], [2, 1], [3, 2]]


@pytest.mark.parametrize("seed", range(5))
def test_a_beginning_is_the_best_of_all_beginnings(seed):
    rng = np.random.default_rng(seed)
    x, y = walk(rng, 12), walk(rng, 20)
    each = [align(x, y[: end + 1]) for end in range(20)]
    best = min(each, key=lambda one: one.distance)
    begun = align_begun(x, y)

    assert begun.distance == best.distance
    assert begun.path.tolist() == best.path.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_a_part_is_found_as_tslearn_finds_it(seed):
    rng = np.random.default_rng(seed)
    x, y = walk(rng, 15, 3), walk(rng, 200, 3)
    found = align_within(x, y)
    path, distance = dtw_subsequence_path(x, y)

    assert found.distance == pytest.approx(distance, rel=1e-12)
    assert found.path.tolist() == [list(step) for step in path]


def test_a_movement_is_found_where_it_is():
    rng = np.random.default_rng(0)
    movement, recording = walk(rng, 10), 100 + walk(rng, 60)
    recording[25:35] = movement
    found = align_within(movement, recording)

    assert found.distance == 0
    assert found.path.tolist() == [[i, i + 25] for i in range(10)]


def test_a_barycentre_is_that_of_tslearn():
    rng = np.random.default_rng(1)
    series = [0.3 * walk(rng, 30) + walk(np.random.default_rng(2), 30) for _ in range(6)]
    mean = barycentre(series, first=series[0])
    expected = dtw_barycenter_averaging_petitjean(np.stack(series), init_barycenter=series[0])

    np.testing.assert_allclose(mean, expected, rtol=1e-9)


def test_a_barycentre_is_nearer_to_all_than_the_plain_mean_and_than_any_of_them():
    rng = np.random.default_rng(3)
    at = [np.linspace(0, 1, 40) ** rng.uniform(0.6, 1.7) for _ in range(8)]
    series = [np.stack([np.sin(np.pi * t), t], axis=1) for t in at]

    def off(one):
        return sum(align(one, other).distance ** 2 for other in series)

    assert off(barycentre(series)) < min(off(np.mean(series, axis=0)), *(off(s) for s in series))
    nearest = int((distance_matrix(series) ** 2).sum(axis=1).argmin())
    assert barycentre(series).tolist() == barycentre(series, series[nearest]).tolist()


def test_the_barycentre_of_one_is_itself_and_of_none_is_refused():
    one = walk(np.random.default_rng(4), 9)

    assert barycentre([one]).tolist() == one.tolist()
    with pytest.raises(FormbenchError, match="at least one series, got none"):
        barycentre([])
    with pytest.raises(FormbenchError, match="expected series of 2 dimensions, got 3"):
        align_within(one, walk(np.random.default_rng(4), 9, 3))
