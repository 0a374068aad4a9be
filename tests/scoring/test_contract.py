import json
from dataclasses import asdict, dataclass, replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from scoring.contract import SCORERS, Scorer, Verdict, abstain, check_scorer, fit, load_scorer
from scoring.sample import missing_person, squat

assert SCORERS


class Level:
    """A scorer that says how level the shoulders are at the end."""

    name = "level"
    version = "1"

    def score(self, sequence):
        tilt = np.ptp([sequence.at(f"{side}_shoulder")[-1, 1] for side in ("left", "right")])
        return abstain("no shoulders") if np.isnan(tilt) else Verdict(score=100 / (1 + tilt))


def with_score(function, **attributes):
    return type("Changed", (Level,), {"score": function, **attributes})()


@pytest.mark.parametrize("name", SCORERS)
def test_every_scorer_passes_the_check(name):
    scorer = load_scorer(name)

    assert scorer.name == name
    assert "score" in check_scorer(scorer)


def test_a_strangers_scorer_is_named_by_module_and_attribute(tmp_path, monkeypatch):
    (tmp_path / "strangers.py").write_text(
        "from scoring.contract import Verdict\n"
        "class Kind:\n"
        "    name, version = 'kind', '1'\n"
        "    def score(self, sequence): return Verdict(score=100)\n"
        "not_a_scorer = int\n"
        "ready_made = Kind()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    assert load_scorer("strangers:Kind").name == "kind"
    for name, message in {
        "strangers:Knid": "strangers: no 'Knid'. Did you mean 'Kind'",
        "strangers:not_a_scorer": r"expected name, version and score\(sequence\), got a int",
        "strangers:ready_made": "expected a class or a function without arguments",
        "stranger:Kind": "cannot import stranger: No module named 'stranger'",
    }.items():
        with pytest.raises(FormbenchError, match=message):
            load_scorer(name)


def test_an_unknown_scorer_is_met_with_the_nearest():
    with pytest.raises(FormbenchError, match=r"no 'dtw-artcle'\. Did you mean 'dtw-article'\?"):
        load_scorer("dtw-artcle")


def test_a_small_class_is_a_scorer():
    assert isinstance(Level(), Scorer)
    assert check_scorer(Level()) == ("score",)


def test_fit_is_optional_and_may_return_another_scorer():
    @dataclass(frozen=True)
    class Counting(Level):
        seen: int = 0

        def fit(self, good):
            return replace(self, seen=len(good))

    unfitted = Level()

    assert fit(unfitted, [squat()]) is unfitted
    assert fit(Counting(), [squat(), squat()]).seen == 2


def test_what_a_scorer_fills_is_named():
    def score(self, sequence):
        verdict = Level.score(self, sequence)
        return replace(verdict, good=verdict.score > 50) if verdict.score else verdict

    assert check_scorer(with_score(score)) == ("good", "score")


@pytest.mark.parametrize(
    ("scorer", "message"),
    [
        (with_score(Level.score, name="My Scorer"), "a name in lower case without spaces"),
        (with_score(Level.score, version=1), "a version in lower case without spaces, got 1"),
        (with_score(lambda self, sequence: 50.0), "to return a Verdict, got a float"),
        (with_score(lambda self, sequence: Verdict(score=50)), "abstain when every point is"),
        (
            with_score(lambda self, s: Verdict(score=50, joint_distances={"left_toe": 1})),
            r"by names of coco17, got \['left_toe'\]",
        ),
        (
            with_score(Level.score, fit=lambda self, good: None),
            "expected fit to return the fitted scorer, got None; end it with `return self`",
        ),
    ],
)
def test_a_broken_contract_is_said_in_one_line(scorer, message):
    with pytest.raises(FormbenchError, match=message):
        check_scorer(scorer)


def test_a_scorer_that_changes_its_mind_is_found():
    class Moody(Level):
        calls = 0

        def score(self, sequence):
            self.calls += 1
            return Verdict(score=self.calls % 100)

    with pytest.raises(FormbenchError, match="expected the same verdict for the same sequence"):
        check_scorer(Moody())


def test_a_scorer_that_fits_differently_each_time_is_found():
    class Forgetful(Level):
        fits = 0

        def fit(self, good):
            self.fits += 1
            return self

        def score(self, sequence):
            return Verdict(score=self.fits)

    with pytest.raises(FormbenchError, match="expected the same verdicts after fitting again"):
        check_scorer(Forgetful())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"score": 100.5}, "score: expected a finite number of 0 to 100, got 100.5"),
        ({"score": -1}, "0 to 100, got -1"),
        ({"score": float("nan")}, "0 to 100, got nan"),
        ({"score": "high"}, "0 to 100, got high"),
        ({"score": None}, "either a score or a reason to abstain"),
        ({"score": 50, "abstained": "too dark"}, "either a score or a reason to abstain"),
        ({"score": 50, "good": "yes"}, "True, False or None, got yes"),
        ({"score": 50, "joint_distances": {"nose": -1}}, "of nose: .* of 0 to inf, got -1"),
        ({"score": 50, "joint_distances": {"nose": float("inf")}}, "of nose: .* got inf"),
        ({"score": 50, "joint_distances": {"nose": None}}, "of nose: .* got None"),
        ({"score": 50, "fault_severities": {"squat.x": float("nan")}}, "of squat.x: .* got nan"),
    ],
)
def test_bad_verdicts_are_refused(fields, message):
    with pytest.raises(FormbenchError, match=message):
        Verdict(**fields)


def test_numbers_of_numpy_become_plain_ones():
    verdict = Verdict(
        score=np.float32(50),
        good=np.bool_(True),
        joint_distances={"nose": np.float64(1)},
        fault_severities={"squat.jump": np.int64(2)},
    )

    assert json.loads(json.dumps(asdict(verdict))) == asdict(verdict)
    assert verdict == Verdict(50, True, {"nose": 1}, {"squat.jump": 2})


def test_the_sample_squats_as_it_is_told():
    def sinks_px(sequence):
        return np.ptp(sequence.at("left_hip")[:, 1])

    assert sinks_px(squat(depth=0.5)) == pytest.approx(0.5 * sinks_px(squat()))
    assert squat(duration_s=3).duration_s == 3
    assert squat(hidden="nose").missing.any(axis=0).sum() == 1
    assert missing_person().missing.all()
