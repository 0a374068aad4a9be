"""Tempo: times worked out from a made-up squat, and that it is told apart from shape."""

from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from scoring.methods.dtw_similarity import Dtw
from scoring.methods.tempo import Tempo, TempoScorer, tempo
from scoring.sample import missing_person, squat


def test_the_times_of_a_squat_are_those_it_was_made_with():
    # Down is sin(pi t / 4 s)^2: above 10 % from 0.41 to 3.59 s, above 90 % from 1.59 to 2.41 s.
    found = tempo(squat(duration_s=4.0))

    assert found.out_s == pytest.approx(1.18, abs=1 / 15)
    assert found.hold_s == pytest.approx(0.82, abs=1 / 15)
    assert found.back_s == pytest.approx(1.18, abs=1 / 15)
    assert found.moving_s == pytest.approx(3.18, abs=1 / 15)


def test_the_way_down_is_eccentric_in_a_squat_and_the_way_back_in_a_curl():
    found = Tempo(out_s=1.0, hold_s=0.5, back_s=2.0)

    assert found.eccentric_ratio("squat") == 0.5
    assert found.eccentric_ratio("biceps_curl") == 2.0
    assert found.eccentric_ratio("plank") is None


def warped(sequence, power):
    """A repetition that goes out fast and comes back slowly for a power above 1."""
    at = np.linspace(0, 1, sequence.n_frames) ** power * (sequence.n_frames - 1)
    return replace(sequence, keypoints=sequence.keypoints[at.round().astype(int)])


def test_tempo_is_judged_and_shape_is_not():
    rng = np.random.default_rng(0)
    good = [squat(depth=d, duration_s=s) for d, s in rng.uniform([0.9, 1.8], [1.1, 2.2], (20, 2))]
    by_tempo, by_shape = TempoScorer().fit(good), Dtw().fit(good)
    shallow, slow = squat(depth=0.6), squat(duration_s=5.0)
    uneven = warped(squat(duration_s=2.0), 2.0)

    assert by_tempo.score(shallow).good is True
    assert by_tempo.score(slow).good is False
    assert by_tempo.score(uneven).good is False
    assert by_shape.score(slow).good is True
    assert by_shape.score(shallow).good is False
    assert by_tempo.score(squat(duration_s=4.0)).score == pytest.approx(50, abs=8)


def test_who_does_not_move_or_is_not_seen_has_no_tempo():
    still = replace(squat(), keypoints=np.repeat(squat().keypoints[:1], 60, axis=0))
    with pytest.raises(FormbenchError, match="a person who does not move"):
        tempo(still)
    fitted = TempoScorer().fit([squat(), still])

    assert fitted.score(still).abstained.startswith("squat: no movement")
    assert fitted.score(missing_person()).score is None
    assert "lunge" in fitted.score(replace(squat(), exercise="lunge")).abstained
