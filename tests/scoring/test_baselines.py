from dataclasses import replace

import numpy as np
import pytest

from motions.library import EXERCISES
from scoring.contract import Verdict
from scoring.methods.baselines import (
    DRIVING_ANGLES,
    AlwaysCorrect,
    Duration,
    Random,
    Range,
    driving_range_rad,
)
from scoring.poses import from_clip
from scoring.sample import missing_person, squat


def test_always_correct_is():
    assert AlwaysCorrect().score(squat(depth=0.1)) == Verdict(score=100, good=True)


def test_random_is_the_same_for_the_same_keypoints_and_level_over_others():
    scores = [Random().score(squat(depth=depth)).score for depth in np.linspace(0.5, 1, 400)]

    assert Random().score(squat()) == Random().score(squat())
    assert Random(seed=1).score(squat()) != Random().score(squat())
    assert np.mean(scores) == pytest.approx(50, abs=5)
    assert np.quantile(scores, [0.1, 0.9]) == pytest.approx([10, 90], abs=5)


def test_duration_looks_at_time_only():
    fitted = Duration().fit([squat(duration_s=s) for s in (1.5, 2, 9)])

    assert fitted.usual_s == {"squat": 2.0}
    assert fitted.score(squat(depth=0.1)).score == 100
    for twice_or_half_s in (1, 4):
        assert fitted.score(squat(duration_s=twice_or_half_s)).score == pytest.approx(50)
    assert "no good repetition" in fitted.score(replace(squat(), exercise="lunge")).abstained


def test_range_gives_the_severity_of_an_incomplete_range(make_clip):
    good = [from_clip(make_clip(), "side", "coco17")]
    # The knee bends by 2 * share rad in the clips; mild is a share of 0.85 and severe 0.4.
    for share in (0.85, 0.6, 0.4):
        clip = make_clip(faults={"incomplete_range": share})
        verdict = Range().fit(good).score(from_clip(clip, "side", "coco17"))

        assert verdict.score == pytest.approx(100 * share, abs=1)
        severity = verdict.fault_severities["squat.incomplete_range"]
        assert severity == pytest.approx((0.85 - share) / 0.45, abs=0.02)
        assert verdict.good is (severity < 0)


def test_the_driving_range_is_measured_in_the_image(make_clip):
    assert driving_range_rad(from_clip(make_clip(), "side", "coco17")) == pytest.approx(2, abs=0.05)
    assert driving_range_rad(missing_person()) is None
    assert driving_range_rad(replace(squat(), exercise="yoga")) is None
    one_side = driving_range_rad(squat(hidden="left_ankle"))
    assert one_side == pytest.approx(driving_range_rad(squat()))


def test_every_exercise_has_a_driving_angle_but_the_shrug():
    unseen = {e.name for e in EXERCISES.values() if e.driving not in DRIVING_ANGLES}

    assert unseen <= {"shoulder_shrug"}


def test_range_says_why_it_abstains():
    fitted = Range().fit([squat()])

    assert "no good repetition" in fitted.score(replace(squat(), view="side")).abstained
    assert "driving joint of squat is not seen" in fitted.score(missing_person()).abstained
    assert "driving joint of yoga" in fitted.score(replace(squat(), exercise="yoga")).abstained


@pytest.mark.parametrize("scorer", [AlwaysCorrect(), Random(), Duration()])
def test_nobody_is_not_scored(scorer):
    assert scorer.score(missing_person()).abstained == "every keypoint is missing"
