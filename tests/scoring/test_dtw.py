from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from motions.errors import FormbenchError
from scoring.methods.dtw import align, distance_matrix, distances, pack, per_joint
from scoring.methods.dtw_compiled import COLUMNS, LANES

few = settings(max_examples=60, deadline=None)


def series(n_dims, max_frames=9):
    # Small whole numbers make ties between paths common and sums exact.
    return st.integers(1, max_frames).flatmap(
        lambda n: arrays(np.float64, (n, n_dims), elements=st.integers(-3, 3))
    )


def slow(x, y, radius=None):
    """Dynamic time warping by its definition: squared distance and length of the best path."""
    best = {(-1, -1): (0.0, 0)}
    for i in range(len(x)):
        for j in range(len(y)):
            if radius is not None and not (
                min(0, len(x) - len(y)) - radius <= i - j <= max(0, len(x) - len(y)) + radius
            ):
                continue
            cost = sum((a - b) ** 2 for a, b in zip(x[i], y[j], strict=True))
            steps = [best.get(at) for at in ((i - 1, j - 1), (i - 1, j), (i, j - 1))]
            least = min((step for step in steps if step), key=lambda step: step[0])
            best[i, j] = (least[0] + cost, least[1] + 1)
    return best[len(x) - 1, len(y) - 1]


@few
@given(series(2), series(2), st.one_of(st.none(), st.integers(0, 9)))
def test_align_is_the_definition(x, y, radius):
    total, n_steps = slow(x, y, radius)
    result = align(x, y, radius)

    assert result.distance == np.sqrt(total)
    assert len(result.path) == n_steps
    assert result.per_step == pytest.approx(np.sqrt(total / n_steps), rel=1e-14)


@few
@given(series(3), series(3))
def test_the_path_walks_from_end_to_end_and_costs_the_distance(x, y):
    result = align(x, y)
    path = result.path.tolist()

    assert path[0] == [0, 0] and path[-1] == [len(x) - 1, len(y) - 1]
    assert all((c - a, d - b) in {(1, 1), (1, 0), (0, 1)} for (a, b), (c, d) in pairwise(path))
    assert np.sqrt(sum(((x[i] - y[j]) ** 2).sum() for i, j in path)) == result.distance


@few
@given(series(2), st.lists(series(2), min_size=1, max_size=2 * LANES + 3), st.booleans())
def test_a_bank_of_any_lengths_gives_what_align_gives(x, references, per_step):
    found = distances(x, pack(references), per_step=per_step)
    alignments = [align(x, reference) for reference in references]

    np.testing.assert_allclose(
        found, [a.per_step if per_step else a.distance for a in alignments], rtol=1e-14
    )


@few
@given(
    x=series(5),
    references=st.integers(1, 9).flatmap(
        lambda n: st.lists(
            arrays(np.float64, (n, 5), elements=st.integers(-3, 3)), min_size=1, max_size=5
        )
    ),
    radius=st.integers(0, 9),
    per_step=st.booleans(),
)
def test_a_banded_bank_gives_what_a_banded_align_gives(x, references, radius, per_step):
    found = distances(x, pack(references), radius, per_step=per_step)
    alignments = [align(x, reference, radius) for reference in references]

    np.testing.assert_allclose(
        found, [a.per_step if per_step else a.distance for a in alignments], rtol=1e-14
    )


@few
@given(
    arrays(np.float64, (6, 4, 2), elements=st.integers(-3, 3)),
    arrays(np.float64, (8, 4, 2), elements=st.integers(-3, 3)),
    st.one_of(st.none(), st.integers(0, 4)),
)
def test_joints_are_matched_each_on_its_own(x, y, radius):
    expected = [align(x[:, k], y[:, k], radius).distance for k in range(4)]

    assert per_joint(x, y, radius).tolist() == expected
    assert (
        per_joint(x[..., 0], y[..., 0], radius).tolist()
        == per_joint(x[..., :1], y[..., :1], radius).tolist()
    )


@few
@given(st.lists(series(2), min_size=1, max_size=LANES + 4))
def test_a_matrix_holds_every_pair(walks):
    expected = [[align(x, y).distance for y in walks] for x in walks]

    np.testing.assert_allclose(distance_matrix(walks), expected, rtol=1e-14)


def test_a_banded_matrix_of_means_holds_every_pair():
    walks = np.random.default_rng(2).normal(size=(2 * LANES + 5, 12, 3)).cumsum(axis=1)
    expected = [[align(x, y, 3).per_step for y in walks] for x in walks]

    np.testing.assert_allclose(distance_matrix(walks, 3, per_step=True), expected, rtol=1e-14)
    quick = distance_matrix(walks, 3, per_step=True, dtype=np.float32)
    np.testing.assert_allclose(quick, expected, rtol=1e-5)


@pytest.mark.parametrize("n_frames", [2 * COLUMNS + 1, 2 * COLUMNS + 6, 3 * COLUMNS])
@pytest.mark.parametrize("radius", [None, 0, 3, 50])
@pytest.mark.parametrize("per_step", [False, True])
def test_long_series_are_cut_into_columns_that_fit_together(n_frames, radius, per_step):
    rng = np.random.default_rng(n_frames)
    query = rng.normal(size=(2 * COLUMNS + 3, 5)).cumsum(axis=0)
    references = rng.normal(size=(3, n_frames, 5)).cumsum(axis=1)
    alignments = [align(query, reference, radius) for reference in references]

    np.testing.assert_allclose(
        distances(query, pack(references), radius, per_step=per_step),
        [a.per_step if per_step else a.distance for a in alignments],
        rtol=1e-14,
    )


def test_the_numbers_are_those_of_tslearn():
    # tslearn 0.10.0: dtw(x, y), dtw of each column, dtw_path(x, y).
    x = np.array([[0, 0], [1, 2], [3, 1], [4, 4], [2, 3]])
    y = np.array([[0, 1], [2, 2], [4, 2], [2, 4]])

    assert align(x, y).distance == 3.0
    assert per_joint(x, y).tolist() == [1.4142135623730951, 1.7320508075688772]
    assert align(x, y).path.tolist() == [[0, 0], [1, 1], [2, 1], [3, 2], [4, 3]]


def test_a_case_by_hand():
    # 0 1 2 against 0 2: frame 1 pairs with either end at a cost of 1.
    x, y = np.array([[0.0], [1.0], [2.0]]), np.array([[0.0], [2.0]])

    assert align(x, y).distance == 1.0
    assert align(x, y).per_step == pytest.approx(3**-0.5)


def test_a_slower_repetition_is_no_distance_away():
    x = np.array([[0.0], [1.0], [3.0], [1.0], [0.0]])

    assert align(x, np.repeat(x, 3, axis=0)).distance == 0.0


def test_radius_zero_is_the_plain_distance_of_equal_lengths():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 40, 6))

    assert align(x, y, radius=0).distance == pytest.approx(np.linalg.norm(x - y), rel=1e-14)
    assert align(x, y).distance < align(x, y, radius=0).distance


def test_float32_is_close_to_float64():
    rng = np.random.default_rng(1)
    walks = rng.normal(size=(LANES + 5, 80, 34)).cumsum(axis=1)
    exact = distances(walks[0], pack(walks[1:]))
    quick = distances(walks[0], pack(walks[1:], np.float32))

    assert (quick != exact).any()
    np.testing.assert_allclose(quick, exact, rtol=1e-5)


def test_the_longest_path_of_equal_cost_does_not_count():
    still = np.zeros((5, 1))

    assert len(align(still, still).path) == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: align(np.zeros((0, 2)), np.zeros((3, 2))), r"x: .*got shape \(0, 2\)"),
        (lambda: align(np.zeros(3), np.zeros(3)), r"x: .*got shape \(3,\)"),
        (lambda: align(np.full((3, 2), np.nan), np.zeros((3, 2))), "x: contains NaN"),
        (lambda: align(np.zeros((3, 2)), np.zeros((3, 4))), "expected series of 2 .* got 4"),
        (lambda: align(np.zeros((3, 2)), np.zeros((3, 2)), -1), "radius: expected at least 0"),
        (lambda: per_joint(np.zeros((3, 4)), np.zeros((3, 5))), r"got \(3, 4, 1\) and \(3, 5, 1\)"),
        (lambda: per_joint(np.zeros((3, 4, 2)), np.zeros((3, 4))), r"got \(3, 4, 2\) and \(3, 4\)"),
        (lambda: pack([]), "at least one reference, got none"),
        (lambda: pack([np.zeros((3, 2)), np.zeros((3, 3))]), "expected series of 2 .* got 3"),
        (lambda: distances(np.zeros((3, 5)), pack([np.zeros((3, 2))])), "2 dimensions, got 5"),
        (
            lambda: distances(np.zeros((3, 2)), pack([np.zeros((3, 2)), np.zeros((4, 2))]), 2),
            "a band needs references of one length",
        ),
    ],
)
def test_bad_series_are_refused(call, message):
    with pytest.raises(FormbenchError, match=message):
        call()
