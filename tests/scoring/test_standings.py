"""The table of scorers: by hand, against libraries, and ties."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from scoring.contract import Verdict, abstain
from scoring.evaluation.asking import Answer
from scoring.evaluation.repetitions import Truth
from scoring.evaluation.results import Judged
from scoring.evaluation.standings import (
    attribution_of,
    auroc_with_gaps,
    compare_pairs,
    draws_with_gaps,
    holm,
    macros_of,
    standings_of,
)
from scoring.evaluation.statistics import draw_subjects

BACK = "squat.rounded_back"
PEOPLE = tuple(f"person {i}" for i in range(12))


def judged(scorer: str, person: str, faulty: bool, score: float | None, **about: str) -> Judged:
    truth = Truth(
        clip_id=f"{person} {faulty}",
        rep=0,
        exercise="squat",
        subject_id=person,
        severities={BACK: 0.5 if faulty else -1},
        present=(BACK,) if faulty else (),
        clean=not faulty,
    )
    said = abstain("too dark") if score is None else Verdict(score=score)
    return Judged(
        scorer, about.get("poses", "truth"), about.get("view", "side"), truth, Answer(said)
    )


def scorer(name: str, gap: float, poses: str = "truth", seed: int = 0) -> list[Judged]:
    """Scores of every person, normal about 50 and, with the fault, about as much less as `gap`."""
    rng = np.random.default_rng(seed)
    return [
        judged(
            name,
            person,
            faulty,
            float(np.clip(50 - gap * faulty + rng.normal(), 0, 100)),
            poses=poses,
        )
        for person in PEOPLE
        for faulty in (False, True)
        for _ in range(4)
    ]


def test_what_is_left_out_is_half_won() -> None:
    present = np.array([True, True, False, False])
    # 3 beats 1; the pairs of the missing ones, three of four, are half won.
    assert auroc_with_gaps(present, np.array([3.0, np.nan, 1.0, np.nan])) == (1 + 3 * 0.5) / 4
    assert auroc_with_gaps(present, np.full(4, np.nan)) == 0.5
    assert auroc_with_gaps(present, np.array([3.0, 1.0, 2.0, 0.0])) == 0.75


def test_draws_are_the_auroc_of_every_draw() -> None:
    rng = np.random.default_rng(1)
    present, evidence = rng.random(60) < 0.4, rng.normal(size=60)
    evidence[::7] = np.nan
    subjects = rng.integers(5, size=60)
    weights = draw_subjects(5, 20, rng)
    found = draws_with_gaps(present, evidence, subjects, weights)
    for value, counts in zip(found, weights, strict=True):
        again = np.repeat(np.arange(60), counts[subjects])
        told = again[~np.isnan(evidence[again])]
        pairs = present[again].sum() * (~present[again]).sum()
        covered = present[told].sum() * (~present[told]).sum() / pairs
        expected = covered * roc_auc_score(present[told], evidence[told]) + (1 - covered) / 2
        assert value == pytest.approx(expected, abs=1e-12)


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.5, times 4, 3, 2, 1; none is less than one before it.
    found = holm(np.array([0.5, 0.01, 0.03, 0.02]))
    np.testing.assert_allclose(found, [0.5, 0.04, 0.06, 0.06])
    assert holm(np.array([0.9, 0.6])).tolist() == [1, 1]
    assert holm(np.array([])).size == 0


def test_macro_counts_every_view_as_much() -> None:
    seen = [judged("s", p, f, 10.0 if f else 90.0, view="side") for p in PEOPLE for f in (0, 1)]
    blind = [judged("s", p, f, 50.0, view="front") for p in PEOPLE for f in (0, 1)] * 3
    (macro,) = macros_of([*seen, *blind], 0, 50)
    assert (macro.value, macro.n_tasks) == ((1 + 0.5) / 2, 2)
    assert set(macro.draws) == {0.75}


def test_who_says_nothing_has_no_figure_and_stands_last() -> None:
    macros = macros_of(
        [*scorer("a", 2), *(judged("mute", p, f, None) for p in PEOPLE for f in (0, 1))], 0, 50
    )
    standings, compared = standings_of(macros, "truth")
    assert [(s.scorer, s.group, s.macro_auroc is None) for s in standings] == [
        ("a", 1, False), ("mute", 2, True),
    ]  # fmt: skip
    assert compared == ()


def test_who_is_no_worse_for_sure_is_tied_and_who_is_starts_the_next_group() -> None:
    some = [
        *scorer("best", 3), *scorer("as-good", 3, seed=1), *scorer("worse", 1.4, seed=2),
        *scorer("chance", 0, seed=3),
    ]  # fmt: skip
    standings, compared = standings_of(macros_of(some, 0, 500), "truth")
    assert {s.scorer: s.group for s in standings} == {
        "best": 1, "as-good": 1, "worse": 2, "chance": 3,
    }  # fmt: skip
    assert len(compared) == 6
    assert all(c.low <= c.difference <= c.high for c in compared)


def test_scorers_are_compared_on_the_same_draws() -> None:
    a, b = macros_of([*scorer("a", 1), *scorer("b", 1)], 0, 200)
    (same,) = compare_pairs([(a, b)])
    assert (same.difference, same.low, same.high, same.p_holm) == (0, 0, 0, 1)


def test_a_stage_is_compared_with_the_first_source_of_poses() -> None:
    some = [*scorer("a", 3), *scorer("a", 1, poses="mediapipe", seed=1)]
    (cost,) = attribution_of(macros_of(some, 0, 200), ("truth", "mediapipe"))
    assert (cost.scorer, cost.poses, cost.other_poses) == ("a", "mediapipe", "truth")
    assert cost.high < 0 and cost.p_holm < 0.05
