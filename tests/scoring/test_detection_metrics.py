import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from motions.errors import FormbenchError
from scoring.evaluation.metrics import detection
from scoring.evaluation.metrics.detection import (
    auroc,
    average_precision,
    sensitivity_at,
    why_undefined,
)

METRICS = (auroc, average_precision, sensitivity_at)
NO, YES = False, True

unhurried = settings(deadline=None)  # the first call of sklearn loads it

# Few values, so that ties are common; at least one repetition of either kind.
cases = st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=0, max_size=30).map(
    lambda some: (
        np.array([NO, YES] + [present for present, _ in some]),
        np.array([0.0, 1.0] + [value for _, value in some]),
    )
)


def test_a_case_by_hand():
    # Evidence from the top: faulty, clean, faulty, tie of one each, clean.
    present = np.array([YES, NO, YES, YES, NO, NO])
    evidence = np.array([9.0, 8.0, 7.0, 5.0, 5.0, 1.0])

    # Pairs won: 3, 2, 1.5 of 3 each.
    assert auroc(present, evidence) == 6.5 / 9
    # Precision at 9: 1/1, at 7: 2/3, at 5: 3/5.
    assert average_precision(present, evidence) == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)
    # No clean one may be detected, so only the one above 8 is.
    assert sensitivity_at(present, evidence) == 1 / 3
    assert sensitivity_at(present, evidence, 1 / 3) == 2 / 3
    assert sensitivity_at(present, evidence, 1.0) == 1


def test_perfect_evidence_scores_one():
    present, evidence = np.array([NO, NO, YES]), np.array([0.1, 0.2, 0.3])

    assert detection.evaluate(present, evidence) == {
        "auroc": 1.0,
        "average_precision": 1.0,
        "sensitivity_at": 1.0,
    }


def test_evidence_that_says_nothing_is_chance():
    present, evidence = np.array([NO, NO, NO, YES]), np.zeros(4)

    assert auroc(present, evidence) == 0.5
    assert average_precision(present, evidence) == 0.25
    assert sensitivity_at(present, evidence) == 0


@unhurried
@given(cases)
def test_sklearn_agrees(case):
    present, evidence = case
    fpr, tpr, _ = roc_curve(present, evidence, drop_intermediate=False)

    assert auroc(present, evidence) == pytest.approx(roc_auc_score(present, evidence), rel=1e-12)
    assert average_precision(present, evidence) == pytest.approx(
        average_precision_score(present, evidence), rel=1e-12
    )
    assert sensitivity_at(present, evidence, 0.2) == pytest.approx(tpr[fpr <= 0.2].max())


@unhurried
@given(cases)
def test_turning_the_evidence_round_turns_auroc_round(case):
    present, evidence = case

    assert auroc(present, evidence) == pytest.approx(1 - auroc(present, -evidence), abs=1e-12)
    assert auroc(present, evidence) == pytest.approx(auroc(~present, -evidence), abs=1e-12)


@pytest.mark.parametrize(
    ("present", "reason"),
    [
        ([], "no faulty repetition among 0"),
        ([NO, NO], "no faulty repetition among 2"),
        ([YES], "no clean repetition among 1"),
        ([YES, NO], ""),
    ],
)
def test_one_class_only_is_undefined_with_a_reason(present, reason):
    present, evidence = np.array(present, dtype=bool), np.zeros(len(present))

    assert why_undefined(present) == reason
    if reason:
        assert set(detection.evaluate(present, evidence).values()) == {None}
        for metric in METRICS:
            with pytest.raises(FormbenchError, match=f"undefined: {reason}"):
                metric(present, evidence)


@pytest.mark.parametrize("metric", [*METRICS, detection.evaluate])
@pytest.mark.parametrize(
    ("present", "evidence", "message"),
    [
        ([YES, NO], [1.0], r"of shape \(n,\), got \(2,\) and \(1,\)"),
        ([[YES], [NO]], [[1.0], [2.0]], r"got \(2, 1\) and \(2, 1\)"),
        ([1.0, 0.0], [1.0, 2.0], "to be bool, got float64; did you swap"),
        ([YES, NO], [1.0, np.nan], "expected finite evidence"),
        ([YES, NO], [1.0, np.inf], "expected finite evidence"),
    ],
)
def test_bad_input_is_refused(metric, present, evidence, message):
    with pytest.raises(FormbenchError, match=message):
        metric(np.array(present), np.array(evidence))
