"""The 1-euro filter: by hand, at rest, in motion, and where points go missing."""

import numpy as np
import pytest

from scoring.smoothing import OneEuro


def test_two_steps_by_hand() -> None:
    smooth = OneEuro(still_hz=1.0, per_speed=0.0)
    smooth(np.array([[0.0]]), 0.0)
    # A cutoff of 1 Hz is a time constant of 1 / (2 pi) s; after 1 s the share is 1 / (1 + tau).
    assert smooth(np.array([[1.0]]), 1.0) == pytest.approx(1 / (1 + 1 / (2 * np.pi)))


def test_speed_opens_the_filter() -> None:
    def after_a_jump(per_speed: float) -> float:
        smooth = OneEuro(still_hz=1.0, per_speed=per_speed)
        smooth(np.zeros((1, 1)), 0.0)
        return float(smooth(np.ones((1, 1)), 1 / 30)[0, 0])

    assert after_a_jump(0.0) < after_a_jump(1.0) < after_a_jump(10.0) < 1
    # By hand: smoothed speed 30 * share(1 Hz), cutoff 1 + speed, share of the jump.
    tau_s = 1 / (2 * np.pi)
    speed = 30 * (1 / 30) / (1 / 30 + tau_s)
    expected = (1 / 30) / (1 / 30 + tau_s / (1 + speed))
    assert after_a_jump(1.0) == pytest.approx(expected)


def test_at_rest_jitter_is_less_than_half_and_in_motion_the_lag_is_small() -> None:
    rng = np.random.default_rng(0)
    times_s = np.arange(300) / 30
    smooth = OneEuro()
    noise = rng.normal(0, 0.005, (300, 5, 3))
    still = np.stack([smooth(n, t) for n, t in zip(noise, times_s, strict=True)])
    assert still[30:].std() < noise.std() / 2
    moving = OneEuro()
    path = 0.4 * np.sin(np.pi * times_s)  # a hand that goes up and down in two seconds
    followed = [moving(np.full((1, 1), p), t)[0, 0] for p, t in zip(path, times_s, strict=True)]
    assert np.abs(np.array(followed) - path).max() < 0.05


def test_a_point_begins_anew_where_it_comes_back() -> None:
    smooth = OneEuro()
    smooth(np.array([[1.0], [5.0]]), 0.0)
    gone = smooth(np.array([[np.nan], [5.0]]), 0.1)
    assert np.isnan(gone[0, 0]) and gone[1, 0] == 5
    assert smooth(np.array([[9.0], [5.0]]), 0.2).tolist() == [[9.0], [5.0]]
    assert not np.isnan(smooth(np.array([[9.5], [5.0]]), 0.3)).any()
