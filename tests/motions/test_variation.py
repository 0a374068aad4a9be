import numpy as np
import pytest

from motions.library import EXERCISES
from motions.perform import perform
from motions.variation import TRAITS, Range, Style, sample_style

OUT_S, BACK_S = Range(1.0, 2.0), Range(0.8, 1.6)


def styles(n_people=200, n_reps=10):
    return [
        sample_style(OUT_S, BACK_S, n_reps, np.random.default_rng(seed)) for seed in range(n_people)
    ]


def test_a_habit_goes_from_one_end_of_a_range_to_the_other():
    style = Style((), {"stance": -1.0, "lean": 1.0, "arms": 0.5}, (), 0.0)

    traits = [style.trait(name, 10, 20) for name in ("stance", "lean", "arms", "unheard_of")]
    assert traits == [10, 20, 17.5, 15]


def test_what_is_drawn_stays_within_what_people_do():
    for style in styles(n_people=50):
        assert set(style.traits) == set(TRAITS)
        assert all(-1 <= habit <= 1 for habit in style.traits.values())
        assert all(0.94 <= rep.depth <= 1.06 for rep in style.reps)
        assert all(0.05 * 0.8 <= rep.hold_s <= 0.35 * 1.2 for rep in style.reps)
        assert all(0.9 <= rep.out_s <= 2.9 for rep in style.reps)
        for wave in style.waves:
            assert 0 < wave.amplitude_rad <= np.deg2rad(1.2)
            assert 0.12 <= wave.frequency_hz <= 0.45


def test_a_set_gets_slower_and_shallower():
    first, last = ([s.reps[at] for s in styles()] for at in (0, -1))
    slowing = [b.out_s / a.out_s for a, b in zip(first, last, strict=True)]
    shrinking = [b.depth - a.depth for a, b in zip(first, last, strict=True)]

    # On average 1.5 % and 0.2 % a repetition.
    assert np.mean(slowing) == pytest.approx(1 + 9 * 0.015, abs=0.02)
    assert np.mean(shrinking) == pytest.approx(-9 * 0.002, abs=0.004)


def test_out_and_back_keep_their_ratio_through_a_set():
    for style in styles(n_people=5):
        ratios = [rep.out_s / rep.back_s for rep in style.reps]
        assert ratios == pytest.approx([ratios[0]] * len(ratios))


def test_a_slow_repetition_is_followed_by_a_slow_one():
    tempos = np.array([[rep.out_s for rep in style.reps] for style in styles(n_reps=20)])
    off = tempos / tempos.mean(axis=1, keepdims=True)
    off -= np.linspace(off[:, 0].mean(), off[:, -1].mean(), 20)  # without the slowing

    assert np.corrcoef(off[:, :-1].ravel(), off[:, 1:].ravel())[0, 1] > 0.4


def test_about_half_of_the_people_lead_with_the_right():
    assert 70 < sum(style.side == "right" for style in styles()) < 130


def test_the_other_side_is_the_mirror_image():
    lunge = EXERCISES["lunge"]
    drawn = lunge.style(2, np.random.default_rng(3))
    left, right = (
        perform(lunge, Style(drawn.reps, drawn.traits, (), drawn.settle_s, side), 30.0)
        for side in ("left", "right")
    )

    mirrored = left.joints_world_m[:, left.skeleton.mirror] * [-1.0, 1.0, 1.0]
    np.testing.assert_allclose(right.joints_world_m, mirrored, atol=1e-12)
    assert (right.contacts == left.contacts[:, [1, 0, 3, 2]]).all()
