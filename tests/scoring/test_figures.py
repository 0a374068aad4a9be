import pytest

from scoring.contract import Verdict, abstain
from scoring.evaluation.asking import Answer
from scoring.evaluation.figures import rows_of
from scoring.evaluation.repetitions import Truth
from scoring.evaluation.report import dots_of
from scoring.evaluation.results import Judged
from scoring.evaluation.wording import cell, figure, share_cell

DEEP, BACK = "squat.incomplete_range", "squat.rounded_back"


def judged(score, *present, person="ada", view="side", clean=None, **verdict):
    truth = Truth(
        clip_id="clip",
        rep=0,
        exercise="squat",
        subject_id=person,
        severities={DEEP: 0.5 if DEEP in present else -1, BACK: 0.5 if BACK in present else -1},
        present=present,
        clean=not present if clean is None else clean,
    )
    said = abstain("too dark") if score is None else Verdict(score=score, **verdict)
    return Judged("s", "truth", view, truth, Answer(said))


def row(some, fault_id, view="all"):
    rows = rows_of(some, seed=0, n_resamples=50)
    return next(r for r in rows if (r.fault_id, r.view) == (fault_id, view))


# From the front the scorer is blind, from the side it sees the back only.
CASE = [
    judged(90), judged(80, person="ben"), judged(20, BACK), judged(30, BACK, person="ben"),
    judged(95, DEEP), judged(85, DEEP, person="ben"),
    judged(50, view="front"), judged(50, view="front", person="ben"),
    judged(50, BACK, view="front"), judged(50, BACK, view="front", person="ben"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fault_id", "view", "auroc", "n_faulty", "n_clean"),
    [
        (BACK, "side", 1.0, 2, 2),
        (BACK, "front", 0.5, 2, 2),
        # 20 and 30 beat all four clean ones; the two 50s beat 90 and 80 and tie with two.
        (BACK, "all", (4 + 4 + 3 + 3) / 16, 4, 4),
        # 95 beats none; 85 beats 90.
        (DEEP, "side", 1 / 4, 2, 2),
        ("any", "side", (2 + 2 + 0 + 1) / 8, 4, 2),
    ],
)
def test_rows_by_hand(fault_id, view, auroc, n_faulty, n_clean):
    estimate = row(CASE, fault_id, view).auroc

    assert estimate.value == auroc
    assert (estimate.n_positive, estimate.n_negative, estimate.n_subjects) == (n_faulty, n_clean, 2)


def test_a_view_without_the_fault_is_undefined():
    assert row(CASE, DEEP, "front").auroc.reason == "no faulty repetition among 2"


def test_there_is_a_row_for_every_fault_and_view():
    found = [(r.fault_id, r.view) for r in rows_of(CASE, 0, 50)]

    assert found == [
        (fault_id, view) for fault_id in ("any", DEEP, BACK) for view in ("all", "front", "side")
    ]


def test_the_scorers_own_line_is_counted():
    some = [
        judged(90, good=True), judged(60, good=False), judged(70, good=True), judged(80),
        judged(40, BACK, good=False), judged(50, BACK, good=True),
    ]  # fmt: skip
    found = row(some, BACK)

    assert found.own_sensitivity == 1 / 2
    assert found.own_false_alarm_rate == 1 / 3
    assert found.balanced_accuracy == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert row(CASE, BACK).balanced_accuracy is None
    assert row(CASE, BACK).own_sensitivity is None


def test_who_abstains_is_counted_and_left_out():
    found = row([*CASE, judged(None, BACK), judged(None, clean=False)], BACK)

    assert found.n_abstained == 1
    assert found.auroc.n_positive == 4


def test_severities_count_where_they_are_given():
    some = [
        judged(50, fault_severities={BACK: -0.2}),
        judged(50, BACK, fault_severities={BACK: 0.4}),
        judged(0),
    ]
    found = row(some, BACK)

    assert (found.evidence, found.auroc.value, found.auroc.n_negative) == ("severity", 1.0, 1)
    assert found.n_abstained == 1


@pytest.mark.parametrize(
    ("fault_id", "view", "kind", "shown"),
    [
        (BACK, "side", "good", "1.00 (1.00 to 1.00), 2 faulty, 2 clean"),
        (BACK, "front", "chance", "0.50 (0.50 to 0.50), 2 faulty, 2 clean"),
        (BACK, "all", "some", "0.88 (0.88 to 0.88), 4 faulty, 4 clean"),
        (DEEP, "front", None, "no faulty repetition among 2"),
    ],
)
def test_a_cell_is_marked_by_its_interval(fault_id, view, kind, shown):
    found = row(CASE, fault_id, view)

    assert figure(found) == shown
    assert cell(found).startswith(f'<td class="number{f" {kind}" if kind else ""}">')


def test_dots_leave_other_faults_and_abstentions_out():
    some = [judged(90), judged(40, BACK), judged(30, DEEP), judged(70, clean=False), judged(None)]

    assert [(dot.x, dot.y, dot.kind) for dot in dots_of(some, BACK)] == [
        (-1, 90, "clean"), (0.5, 40, "faulty"), (-1, 70, "grey"),
    ]  # fmt: skip
    assert len(dots_of([judged(90)] * 1001, BACK)) == 334


def test_cells_without_figures_say_why():
    assert cell(None) == '<td class="number">&ndash;<small>not filmed</small></td>'
    assert "no faulty repetition" in cell(row(CASE, DEEP, "front"))
    alone = row([judged(90), judged(20, BACK)], BACK)
    assert '1.00<small class="why">no interval: one person has all faulty' in cell(alone)
    assert share_cell(None) == '<td class="number">&ndash;</td>'
    assert share_cell(0.125) == '<td class="number">12&nbsp;%</td>'
