from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from motions.errors import FormbenchError
from scoring.methods.dtw_similarity import (
    HALF_SCORE_TORSO,
    Dtw,
    DtwArticle,
    article_distance_px,
    article_distances_px,
    dtw_article_inferred,
    dtw_barycentre,
    heights_px,
)
from scoring.methods.references import comparable, falling_score
from scoring.poses import from_clip
from scoring.sample import missing_person, squat

GOOD = [squat(), squat(depth=0.95, duration_s=2.4), squat(depth=1.05, duration_s=1.8)]
SCORERS = [Dtw(), DtwArticle(), dtw_article_inferred()]

# The article's tables, in its order of rows. Its names are those of OpenPose's COCO-18 with the
# neck left out and "background" put at the end, so from the second row on each names the joint
# after the one that was measured.
ARTICLE_NAMES = (
    "nose", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
    "left_wrist", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear", "background",
)  # fmt: skip
OPENPOSE_18 = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
    "left_wrist", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear",
)  # fmt: skip
OK1_OK2_PX = (
    16.023831603583467, 11.24889546622242, 11.94796246520719, 20.509653605070962,
    19.65007578484111, 14.486468134089847, 7.208783392501132, 14.17544715061928,
    25.759515076957445, 43.123581089700735, 83.91171946754521, 23.860467116131673,
    44.80603683656928, 91.27560108813313, 31.263050533657154, 25.735729785455852,
    12.39151408383979, 11.887661376402017,
)  # fmt: skip
OK1_FAIL2_PX = (
    65.28319682858675, 38.87442004120449, 37.75683113715981, 18.907807197028447,
    19.50736795264806, 45.031636992674414, 36.101698713495466, 13.248353503737741,
    39.45295418596681, 49.27277845829276, 65.78598402395453, 38.59586190254078,
    44.54850474482842, 64.17832564035923, 50.02819053653649, 50.233695101993064,
    45.21480605000976, 42.15576012017812,
)  # fmt: skip


def test_the_articles_figure_is_the_median_of_its_rows():
    assert np.median(OK1_OK2_PX) == 20.079864694956036
    assert np.median(OK1_FAIL2_PX) == 43.35213243250327


def test_the_articles_line_is_thirty_pixels():
    fitted = DtwArticle().fit(GOOD)
    for depth in (0.9, 0.5):
        median_px = article_distance_px(*(s.keypoints[..., 1] for s in (squat(depth), GOOD[1])))
        assert fitted.score(squat(depth)).good is (median_px < 30)


def test_the_articles_rows_are_named_one_joint_too_late():
    def largest_ratio_of_sides(names):
        px = dict(zip(names, OK1_OK2_PX, strict=True))
        pairs = [(px[n], px[n.replace("left", "right")]) for n in names if n.startswith("left")]
        return max(max(pair) / min(pair) for pair in pairs)

    assert largest_ratio_of_sides(ARTICLE_NAMES) > 5
    assert largest_ratio_of_sides(OPENPOSE_18) < 3


def test_the_article_distance_by_hand():
    # Three joints: still; one frame 4 px off at best; 3 px off in both frames, 4.24 in all.
    x = np.array([[5.0, 0, 0], [5, 10, 10]])
    y = np.array([[5.0, 4, 3], [5, 10, 13]])

    assert article_distances_px(x, y).tolist() == pytest.approx([0, 4, 18**0.5])
    assert article_distance_px(x, y) == 4


def test_a_joint_that_either_lacks_does_not_count():
    x, y = np.zeros((3, 4)), np.ones((3, 4))
    x[1, 0], y[2, 3] = np.nan, np.nan

    assert np.isnan(article_distances_px(x, y)).tolist() == [True, False, False, True]
    assert article_distance_px(x, y) == pytest.approx(3**0.5)


@pytest.mark.parametrize("scorer", SCORERS)
def test_a_reference_itself_gets_full_marks(scorer):
    verdict = scorer.fit(GOOD).score(GOOD[1])

    assert verdict.score == 100
    assert set(verdict.joint_distances.values()) == {0.0}


@pytest.mark.parametrize("scorer", SCORERS)
def test_the_shallower_the_worse(scorer):
    fitted = scorer.fit(GOOD)
    scores = [fitted.score(squat(depth=depth)).score for depth in (0.9, 0.7, 0.5, 0.3)]

    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 4


@pytest.mark.parametrize("scorer", SCORERS)
def test_the_nearest_reference_decides(scorer):
    few, many = scorer.fit([squat(depth=0.5)]), scorer.fit([squat(depth=0.5), squat()])

    assert many.score(squat(depth=0.97)).score > few.score(squat(depth=0.97)).score
    assert many.score(squat(depth=0.97)) == scorer.fit([squat()]).score(squat(depth=0.97))


@pytest.mark.parametrize("scorer", SCORERS)
@pytest.mark.parametrize("change", [{"exercise": "lunge"}, {"view": "side"}])
def test_other_exercises_and_views_do_not_compare(scorer, change):
    verdict = scorer.fit(GOOD).score(replace(squat(), **change))

    assert verdict.score is None
    assert "no good repetition to compare with" in verdict.abstained


@pytest.mark.parametrize("scorer", SCORERS)
def test_an_unfitted_scorer_abstains(scorer):
    assert scorer.score(squat()).score is None


@pytest.mark.parametrize("scorer", SCORERS)
def test_nobody_is_not_scored(scorer):
    assert scorer.fit(GOOD).score(missing_person()).abstained == (
        "more than half of the keypoints are missing"
    )


@pytest.mark.parametrize("scorer", SCORERS)
def test_references_without_a_person_are_no_references(scorer):
    assert scorer.fit([missing_person()]).score(squat()).score is None


@pytest.mark.parametrize("scorer", SCORERS)
def test_a_hidden_wrist_is_left_out(scorer):
    for good, query in ((GOOD, squat(hidden="left_wrist")), ([squat(hidden="nose")], squat())):
        verdict = scorer.fit(good).score(query)

        assert verdict.score == 100
        assert len(verdict.joint_distances) == 16


def test_the_articles_line_can_be_inferred_from_other_peoples_good_repetitions():
    depths = np.linspace(0.9, 1.1, 20)
    good = [replace(squat(depth=d), person=f"p{i}") for i, d in enumerate(depths)]
    fitted, article = dtw_article_inferred().fit(good), DtwArticle().fit(good)
    line_px = fitted.lines_px["squat", "front", "coco17"]
    neighbours = [
        article_distance_px(heights_px(a), heights_px(b)) for a, b in pairwise(good)
    ]  # the nearest is always a neighbour

    assert min(neighbours) <= line_px <= max(neighbours)
    shallow = squat(depth=0.8)
    assert article.score(shallow).good and not fitted.score(shallow).good
    alone = dtw_article_inferred().fit([replace(one, person="p") for one in good])
    assert alone.score(shallow).good is None
    assert alone.score(shallow).score == article.score(shallow).score


def zoomed(sequence, factor):
    return replace(sequence, keypoints=sequence.keypoints * factor)


def test_pixels_depend_on_the_camera_and_torso_lengths_do_not():
    near = zoomed(squat(depth=0.8), 2.0)

    assert DtwArticle().fit(GOOD).score(near).score < 1e-3
    assert Dtw().fit(GOOD).score(near).score == pytest.approx(
        Dtw().fit(GOOD).score(squat(depth=0.8)).score
    )


def test_the_article_compares_pixels_only():
    with pytest.raises(FormbenchError, match="expected keypoints in px, got torso"):
        DtwArticle().fit([replace(squat(), unit="torso")])


def test_dtw_does_not_mind_the_tempo():
    fitted = Dtw().fit([squat(duration_s=2)])

    assert fitted.score(squat(duration_s=4)).score > 98


def test_dtw_measures_torso_lengths_per_joint():
    # Ankles 100 px beside their place in a person whose torso is 120 px: they are off by 5/6.
    moved = squat().keypoints.copy()
    moved[:, 15:, 0] += 100
    verdict = Dtw().fit([squat()]).score(replace(squat(), keypoints=moved))

    assert verdict.joint_distances["left_ankle"] == pytest.approx(100 / 120)
    assert verdict.joint_distances["nose"] == pytest.approx(0, abs=1e-12)
    rms = np.sqrt(2 / 17) * 100 / 120
    assert verdict.score == pytest.approx(falling_score(rms, HALF_SCORE_TORSO))


def test_comparable_is_nan_for_one_frame_and_for_missing_hips():
    one = replace(squat(), keypoints=squat().keypoints[:1], confidence=squat().confidence[:1])

    assert np.isnan(comparable(one)).all()
    assert np.isnan(comparable(squat(hidden="left_hip"))).all()


def test_dtw_draws_a_line_once_it_has_seen_enough():
    rng = np.random.default_rng(0)
    good = [squat(depth=depth) for depth in rng.uniform(0.9, 1.1, size=19)]

    assert Dtw().fit(good[:9]).score(squat()).good is None
    assert Dtw().fit(good).score(squat()).good is True
    assert Dtw().fit(good).score(squat(depth=0.5)).good is False


def test_the_line_is_how_far_strangers_are():
    rng = np.random.default_rng(0)
    # Two people of ten repetitions each, as alike as twins; between the people lies a tenth.
    good = [
        replace(squat(depth=depth + rng.uniform(-0.005, 0.005)), person=person)
        for person, depth in (("a", 0.95), ("b", 1.05))
        for _ in range(10)
    ]
    nameless = [replace(sequence, person="") for sequence in good]

    assert Dtw().fit(nameless).score(squat(depth=1.0)).good is False
    assert Dtw().fit(good).score(squat(depth=1.0)).good is True
    assert Dtw().fit(good).score(squat(depth=0.8)).good is False


def test_one_person_alone_gives_no_line():
    good = [replace(squat(depth=1 + i / 100), person="a") for i in range(20)]

    assert Dtw().fit(good).score(squat()).good is None


def test_both_scorers_tell_a_rounded_back_on_a_clip(make_clip):
    good = [from_clip(make_clip(), "side", "coco17")]
    bad = from_clip(make_clip(faults={"rounded_back": 40.0}), "side", "coco17")

    for scorer in SCORERS:
        assert scorer.fit(good).score(bad).score < 90


def test_the_barycentre_of_good_ones_passes_and_its_line_is_inferred():
    rng = np.random.default_rng(0)
    good = [squat(depth=depth) for depth in rng.uniform(0.9, 1.1, size=19)]
    fitted = dtw_barycentre().fit(good)

    assert fitted.score(squat()).score > Dtw().fit(good[:1]).score(squat()).score
    assert fitted.score(squat()).good is True
    assert fitted.score(squat(depth=0.6)).good is False
    assert len(next(iter(fitted.groups.values())).references.points) == 1
