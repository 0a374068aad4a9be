"""Baselines that are taught faults: by the people learnt from alone, and left out where few."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from motions.errors import FormbenchError
from scoring.evaluation import trained as module
from scoring.evaluation.evaluate import Wishes, evaluate
from scoring.evaluation.material import material
from scoring.evaluation.trained import TRAINED, trained
from scoring.sample import squat

N_PEOPLE = 8
FAULT = "squat.rounded_back"


@pytest.mark.parametrize("name", TRAINED)
def test_it_tells_a_fault_of_people_whom_it_never_met(
    rounded_backs: Any, tmp_path: Path, name: str
) -> None:
    wishes = Wishes(validation_share=0.4, n_resamples=50)
    results = evaluate(rounded_backs(N_PEOPLE), [name, "random"], tmp_path / "out", wishes)
    row = results.row(name, FAULT, "all", "squat")

    assert row is not None and row.evidence == "severity"
    assert row.auroc.value is not None and row.auroc.value > 0.9
    assert results.skipped.get(name) is None


def test_nobody_who_is_judged_is_learnt_from(
    rounded_backs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: set[str] = set()

    def remember(repetitions: Any, data_sha256: str, **wishes: Any) -> Any:
        met.update(one.truth.subject_id for one in repetitions)
        raise FormbenchError("enough")

    monkeypatch.setattr(module, "train", remember)
    given = material(rounded_backs(N_PEOPLE), validation_share=0.5)
    with pytest.raises(FormbenchError, match="enough"):
        trained("features", given, 0)

    assert met == set(given.train_subjects) and not met & set(given.validation_subjects)


def test_of_too_few_people_it_is_left_out_with_the_reason(
    rounded_backs: Any, tmp_path: Path
) -> None:
    wishes = Wishes(validation_share=0.5, n_resamples=50)
    results = evaluate(rounded_backs(4), ["features", "random"], tmp_path / "out", wishes)

    assert results.names == ("random",)
    assert "expected one exercise done by three people or more" in results.skipped["features"]
    assert "features" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_of_another_exercise_it_says_nothing(rounded_backs: Any) -> None:
    found = trained("features", material(rounded_backs(N_PEOPLE), validation_share=0.4), 0)
    one = squat()
    other = replace(one, exercise="lunge")

    unmet = "it learnt nothing of lunge: nobody who was learnt from did it"
    assert found.score(other).abstained == unmet
    few = replace(found, untaught={"lunge": "too few people"})
    assert few.score(other).abstained == "it learnt nothing of lunge: too few people"
    assert found.score(one) == found.scorers["squat"].score(one)
