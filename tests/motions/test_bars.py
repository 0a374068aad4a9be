import numpy as np
import pytest

from motions.bars import level_bar, on_one_bar

SHOULDERS_M = np.array([[0.18, 0.0, 1.4], [-0.18, 0.0, 1.4]])


def test_a_level_bar_has_both_hands_as_high_and_as_far_out():
    wrists_m = np.array([[0.30, 0.00, 2.0], [-0.20, 0.02, 2.1]])

    # Half way between each wrist and the mirror image of the other.
    np.testing.assert_allclose(
        level_bar(wrists_m), [[0.25, 0.01, 2.05], [-0.25, 0.01, 2.05]], atol=1e-12
    )


def test_hands_that_keep_their_distance_are_left_where_they_are():
    wrists_m = np.tile([[0.25, -0.2, 1.0], [-0.25, -0.2, 1.0]], (5, 1, 1))

    np.testing.assert_allclose(
        on_one_bar(wrists_m, np.tile(SHOULDERS_M, (5, 1, 1))), wrists_m, atol=1e-12
    )


def test_hands_on_one_bar_do_not_slide_along_it_and_arms_only_swing():
    rng = np.random.default_rng(0)
    shoulders_m = np.tile(SHOULDERS_M, (20, 1, 1))
    wrists_m = np.array([[0.25, -0.2, 1.0], [-0.25, -0.2, 1.0]]) + rng.normal(0, 0.01, (20, 2, 3))

    held_m = on_one_bar(wrists_m, shoulders_m)

    apart_m, mean_m = (np.linalg.norm(w[:, 0] - w[:, 1], axis=-1) for w in (held_m, wrists_m))
    assert apart_m == pytest.approx(mean_m.mean(), abs=1e-4)
    assert np.ptp(mean_m) > 0.02
    reach_m, wanted_m = (np.linalg.norm(w - shoulders_m, axis=-1) for w in (held_m, wrists_m))
    np.testing.assert_allclose(reach_m, wanted_m, atol=1e-12)
    assert np.linalg.norm(held_m - wrists_m, axis=-1).max() < 0.04
