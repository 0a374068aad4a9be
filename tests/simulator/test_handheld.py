import numpy as np

from simulator.cameras.handheld import sample_shake, turns_rad
from simulator.config import parse_config
from simulator.plan import plan

BASE = {"seed": 5, "exercises": ["squat"], "body": "stick"}


def test_hands_shake_a_little_slowly_and_each_in_its_own_way():
    hands = [sample_shake(np.random.default_rng(seed)) for seed in range(20)]
    turns_deg = np.degrees([turns_rad(hand, 30 * 120, 30.0) for hand in hands])
    deviations = turns_deg.std(axis=1)
    per_frame = np.abs(np.diff(turns_deg, axis=1)).mean(axis=1)

    assert ((deviations > 0.12) & (deviations < 0.65)).all()
    assert (per_frame < 0.5 * deviations).all()
    assert len(np.unique(deviations)) == deviations.size


def test_more_frames_a_second_show_the_same_shake():
    hand = sample_shake(np.random.default_rng(0))

    np.testing.assert_allclose(
        turns_rad(hand, 60, 60.0)[::2], turns_rad(hand, 30, 30.0), atol=1e-15
    )


def test_only_a_rig_that_is_held_shakes_and_all_else_is_the_same():
    still = plan(parse_config(BASE, "x"), 0)
    held = plan(parse_config({**BASE, "cameras": {"handheld": True}}, "x"), 0)

    assert still.shakes == ()
    assert len(held.shakes) == len(held.cameras) == 2
    assert held.to_json() | {"shakes": ()} == still.to_json()
