from dataclasses import replace

import numpy as np

from simulator.rendering.passes import FLOW_ZERO
from simulator.rendering.sensor import Sensor, sample_sensor, take

PLAIN = Sensor(0.0, 1.0, 1.0, 0.0, 0.0, 20, 1)
GREY = np.full((48, 64, 3), 100, dtype=np.uint8)


def flow(u=0.0, v=0.0, where=slice(None)):
    coded = np.full((48, 64, 3), FLOW_ZERO, dtype=np.uint16)
    coded[:, where, 0] = FLOW_ZERO + round(64 * u)
    coded[:, where, 1] = FLOW_ZERO + round(64 * v)
    coded[..., 2] = 1
    return coded


def test_a_sensor_that_does_nothing_changes_nothing():
    rgb = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)

    assert np.array_equal(take(rgb, flow(), PLAIN, 0), rgb)


def test_one_stop_more_is_twice_the_light_and_white_balance_shifts_red_and_blue():
    brighter = take(GREY, flow(), replace(PLAIN, exposure_ev=1.0), 0)
    warmer = take(GREY, flow(), replace(PLAIN, red_gain=1.21, blue_gain=0.81), 0)

    assert (brighter == 141).all()  # 100 times the root of 2
    assert warmer[0, 0].tolist() == [110, 100, 90]


def test_noise_is_as_strong_as_said_and_moves_from_frame_to_frame():
    noisy = replace(PLAIN, noise=4.0)
    first, second = (take(GREY, flow(), noisy, frame).astype(float) - 100 for frame in (0, 1))

    assert abs(first.std() - 4) < 0.2
    assert abs(first.mean()) < 0.3
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.05
    assert np.array_equal(take(GREY, flow(), noisy, 1), take(GREY, flow(), noisy, 1))


def test_a_bar_that_moves_by_8_pixels_is_smeared_over_8_and_the_rest_stays():
    rgb = np.zeros((48, 64, 3), dtype=np.uint8)
    bar = slice(24, 40)
    rgb[:, bar] = 200
    taken = take(rgb, flow(u=8.0, where=bar), replace(PLAIN, shutter=1.0), 0)[20, :, 0]

    assert (taken[28:36] == 200).all()
    assert (taken[:19] == 0).all()
    assert (taken[45:] == 0).all()
    edge = taken[18:30].astype(int)
    assert (np.diff(edge) >= 0).all()
    assert 0 < edge[4] < edge[7] < 200
    assert abs(taken.astype(int).sum() - 16 * 200) < 2 * 200  # light is neither lost nor won


def test_frozen_motion_is_sharp():
    rgb = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)

    assert np.array_equal(take(rgb, flow(u=8.0), replace(PLAIN, shutter=0.05), 0), rgb)


def test_draws_stay_within_what_phones_do():
    sensors = [sample_sensor(np.random.default_rng(seed)) for seed in range(50)]

    assert all(0.9 < s.red_gain < 1.1 and s.red_gain + s.blue_gain == 2 for s in sensors)
    assert all(20 <= s.crf <= 32 and 0 < s.shutter < 0.7 and s.noise <= 5 for s in sensors)
    assert len(set(sensors)) == 50
