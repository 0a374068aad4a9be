"""Learning faults: linear models against scikit-learn itself, and a whole model end to end."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from motions.motion import Span
from scoring.contract import check_scorer, load_scorer
from scoring.learning import fault_network
from scoring.learning.examples import truly
from scoring.learning.fault_examples import fault_ids_of, repetitions_of
from scoring.learning.faults import train
from scoring.learning.linear import Linear, fit_logistic, fit_ridge
from scoring.learning.model_file import write_model
from scoring.methods.feature_faults import FaultScorer
from scoring.methods.limits import Distances, personal
from scoring.poses import cut, from_clip
from scoring.sample import missing_person, squat

N_PEOPLE = 8


@pytest.fixture
def data(rounded_backs):
    return rounded_backs(N_PEOPLE)


def test_ridge_is_scikit_learns():
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, (50, 4)), rng.normal(size=(50, 2))
    scaled = StandardScaler().fit(x)
    expected = Ridge(alpha=2.0).fit(scaled.transform(x), y).predict(scaled.transform(x))

    np.testing.assert_allclose(fit_ridge(x, y, 2.0)(x), expected, rtol=1e-9)


def test_odds_are_scikit_learns_and_unknown_labels_are_left_out():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 3))
    label = (x[:, 0] + rng.normal(size=80) > 0).astype(float)
    unknown = np.where(np.arange(80) < 70, label, np.nan)
    found = fit_logistic(x, np.stack([unknown, np.zeros(80)], axis=1), 1.0)
    scaled = (x - found.mean) / found.scale
    expected = LogisticRegression(C=1.0, class_weight="balanced", max_iter=500)
    expected.fit(scaled[:70], label[:70])

    np.testing.assert_allclose(found(x)[:, 0], expected.decision_function(scaled), rtol=1e-9)
    assert found(x)[:, 1].tolist() == [0.0] * 80


def test_a_missing_number_counts_as_the_mean_and_arrays_come_back_the_same():
    rng = np.random.default_rng(2)
    x, y = rng.normal(5, 1, (30, 3)), rng.normal(size=(30, 1))
    fitted = fit_ridge(x, y, 1.0)
    gap = x.copy()
    gap[:, 1] = np.nan
    filled = x.copy()
    filled[:, 1] = fitted.mean[1]
    again = Linear.of(fitted.arrays("a"), "a")

    assert fitted(gap).tolist() == fitted(filled).tolist()
    assert again(x).tolist() == fitted(x).tolist()


def test_a_model_tells_faults_of_strangers_and_how_large_they_are(data, tmp_path):
    model = train(repetitions_of(data, "coco17"), data.content_sha256, n_views=3)
    write_model(model, tmp_path / "model")
    scorer = load_scorer(f"model:{tmp_path / 'model'}")
    clip = data.clip(data.rows[4].clip_id)
    rounded, clean = (
        cut(from_clip(data.clip(data.rows[i].clip_id), "side", "coco17"), clip.reps[0])
        for i in (4, 0)
    )
    said, passed = scorer.score(rounded), scorer.score(clean)
    measured = next(f.severity for f in clip.faults if f.fault_id == "squat.rounded_back")

    assert model.metrics["macro AUROC"] >= 0.95
    assert "side" in model.config["shown"]["squat.rounded_back"]
    assert said.good is False and said.score < 50 < passed.score and passed.good is True
    assert said.fault_severities["squat.rounded_back"] == pytest.approx(measured, abs=0.35)
    assert said.advice is not None and said.advice.fault_id == "squat.rounded_back"
    assert said.advice.confidence > 0.5
    assert passed.advice is None
    assert "score" in check_scorer(scorer)


def timed(repetition):
    """Say that a back that is rounded is so longer the more it is."""
    truth, whole_s = repetition.truth, repetition.poses.duration_s
    spans = {
        fault_id: Span(0.2 * whole_s, (0.4 + 0.4 * truth.dose(fault_id)) * whole_s)
        for fault_id in truth.present
    }
    return replace(repetition, truth=replace(truth, spans=spans))


def test_a_network_tells_faults_of_strangers_their_side_and_when(data, tmp_path, monkeypatch):
    monkeypatch.setattr(fault_network, "EPOCHS", 25)
    repetitions = [timed(one) for one in repetitions_of(data, "smpl22")]
    model = train(repetitions, data.content_sha256, kind="network", n_views=0)
    write_model(model, tmp_path / "model")
    scorer = load_scorer(f"model:{tmp_path / 'model'}")
    rounded, clean = (repetitions[i] for i in (-1, 0))
    said, passed = scorer.score(rounded.poses), scorer.score(clean.poses)
    true_s, told_s = (one["squat.rounded_back"] for one in (rounded.truth.spans, said.fault_spans))

    assert scorer.name == "network-squat-3d"
    assert model.metrics["macro AUROC"] == 1.0
    assert model.metrics["median error deg"] < 8
    assert model.metrics["span overlap"] > 0.8
    assert said.good is False and passed.good is True
    assert said.advice.fault_id == "squat.rounded_back"
    assert (told_s.start_s, told_s.end_s) == pytest.approx((true_s.start_s, true_s.end_s), abs=0.25)


def test_in_space_no_camera_is_needed_and_the_image_is_refused(data):
    repetitions = repetitions_of(data, "smpl22")
    model = train(repetitions, data.content_sha256, n_views=0)
    scorer = FaultScorer(model)

    assert model.metrics["macro AUROC"] == 1.0
    assert model.metrics["median error deg"] < 3
    assert scorer.score(repetitions[-1].poses).good is False
    assert "points of 3 coordinates" in scorer.score(squat()).abstained
    assert train(repetitions, data.content_sha256, n_views=0).weights["doses.weights"].tolist() == (
        model.weights["doses.weights"].tolist()
    )


def test_what_a_side_does_not_show_is_left_out(data):
    model = train(repetitions_of(data, "coco17"), data.content_sha256, n_views=3)
    verdicts = [
        FaultScorer(
            replace(model, config={**model.config, "shown": {i: [side] for i in ids}})
        ).score(squat())
        for ids in [model.config["fault_ids"]]
        for side in ("front", "side")
    ]

    assert set(verdicts[0].fault_severities) == set(model.config["fault_ids"])
    assert verdicts[1].abstained == "no fault is told from the front"


def test_views_that_show_too_little_are_counted(data):
    def half_blind(camera, poses, rng):
        seen = truly(camera, poses, rng)
        hidden = np.zeros(seen.missing.shape, dtype=bool)
        hidden[: seen.n_frames // 3, COCO_17.keypoint_names.index("left_hip")] = rng.random() < 0.3
        return replace(
            seen,
            keypoints=np.where(hidden[..., None], np.nan, seen.keypoints),
            confidence=np.where(hidden, 0, seen.confidence),
        )

    repetitions = [  # slowed down, for short gaps are bridged
        replace(one, poses=replace(one.poses, fps=one.poses.fps / 4))
        for one in repetitions_of(data, "coco17")
    ]
    metrics = train(repetitions, data.content_sha256, see=half_blind, n_views=4).metrics

    assert metrics["views"] + metrics["views left out"] == 4 * len(repetitions)
    assert 0.15 < metrics["views left out"] / (4 * len(repetitions)) < 0.45


def test_a_person_may_have_a_line_of_their_own(data):
    model = train(repetitions_of(data, "coco17"), data.content_sha256, n_views=4)
    scorer, usual = FaultScorer(model), model.config["usual"]
    known = Distances(np.array(usual["worst"]), np.array(usual["people"]))
    clip = data.clip(data.rows[0].clip_id)
    own = [cut(from_clip(clip, "side", "coco17"), span) for span in clip.reps[:2]]
    off = [scorer._judge(one)[1].max() for one in own]

    line = scorer.for_person([*own, missing_person()]).model.config["line"]["value"]

    assert line == personal(np.array(off))(known) != model.config["line"]["value"]
    with pytest.raises(FormbenchError, match=r"expected good repetitions .* got none among 1"):
        scorer.for_person([missing_person()])


def test_where_faulty_ones_are_known_the_line_may_lie_between(data):
    model = train(repetitions_of(data, "smpl22"), data.content_sha256, n_views=0, line="roc")

    assert max(model.config["usual"]["worst"]) < model.config["line"]["value"]
    assert FaultScorer(model).score(repetitions_of(data, "smpl22")[-1].poses).good is False
    with pytest.raises(FormbenchError, match="roc"):
        train(repetitions_of(data, "smpl22"), data.content_sha256, line="rock")


def test_other_exercises_and_nobody_are_not_judged(data):
    scorer = FaultScorer(train(repetitions_of(data, "coco17"), data.content_sha256, n_views=2))

    assert scorer.score(replace(squat(), exercise="lunge")).abstained == (
        "it learnt squat, not lunge"
    )
    assert "left hip" in scorer.score(missing_person()).abstained


def test_only_faults_that_were_measured_everywhere_are_learnt(data):
    repetitions = repetitions_of(data, "coco17")
    assert set(fault_ids_of(repetitions)) == {"squat.rounded_back", "squat.incomplete_range"}
    first = repetitions[0]
    partly = replace(first.truth, severities={"squat.rounded_back": 0.0})

    assert fault_ids_of([replace(first, truth=partly), *repetitions[1:]]) == ("squat.rounded_back",)


def test_too_few_people_and_too_many_exercises_are_refused(data):
    repetitions = repetitions_of(data, "coco17")
    few = [one for one in repetitions if one.truth.subject_id < "subject_0002"]
    other = replace(few[0], poses=replace(few[0].poses, exercise="lunge"))

    with pytest.raises(FormbenchError, match=r"one exercise done by three people .* by 2"):
        train(few, "0" * 64)
    with pytest.raises(FormbenchError, match="got lunge, squat by 8"):
        train([other, *repetitions], "0" * 64)
    with pytest.raises(FormbenchError, match="expected simulated clips with h36m points"):
        repetitions_of(data, "h36m")


def test_the_config_is_plain_json(data):
    model = train(repetitions_of(data, "smpl22"), data.content_sha256, n_views=0)

    assert json.loads(json.dumps(dict(model.config))) == dict(model.config)
