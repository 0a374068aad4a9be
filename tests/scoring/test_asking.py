"""Whatever a scorer does, the run goes on and what it did is told."""

from collections import Counter
from typing import Any

from scoring.contract import Verdict
from scoring.evaluation.asking import PATIENCE, AskedScorer
from scoring.evaluation.cost import cost_of
from scoring.sample import squat
from scoring.wire import ScorerFailure


class Odd:
    """Does what it is told, and complains twice about each repetition."""

    name, version = "odd", "1"

    def __init__(self, does: Any) -> None:
        self.does, self.n_asked, self.complaints = does, 0, Counter[str]()

    def score(self, sequence: Any) -> Any:
        self.n_asked += 1
        self.complaints["noise"] += 2
        return self.does()


def raising(error: Exception) -> Any:
    def raises() -> Any:
        raise error

    return raises


def test_an_answer_is_kept_with_what_was_said_beside_it() -> None:
    asked = AskedScorer(Odd(lambda: Verdict(score=3)), [])
    answer = asked.ask(squat())
    assert (answer.verdict, answer.failure, answer.complaints) == (
        Verdict(score=3),
        "",
        {"noise": 2},
    )
    asked.ask(squat())
    assert asked.complaints == {"noise": 4}


def test_failures_have_a_kind_and_a_message() -> None:
    for does, kind, message in (
        (raising(ValueError("no idea")), "raised", "ValueError: no idea"),
        (raising(ScorerFailure("died", "it ended")), "died", "it ended"),
        (lambda: "fine", "invalid", "expected a Verdict, got a str"),
    ):
        answer = AskedScorer(Odd(does), []).ask(squat())
        assert (answer.verdict, answer.failure_kind, answer.failure) == (None, kind, message)


def test_who_hangs_again_and_again_is_not_asked_any_more() -> None:
    scorer = Odd(raising(ScorerFailure("hung", "no answer")))
    asked = AskedScorer(scorer, [])
    answers = [asked.ask(squat()) for _ in range(PATIENCE + 2)]
    assert scorer.n_asked == PATIENCE
    assert [answer.failure_kind for answer in answers] == ["hung"] * (PATIENCE + 2)
    assert answers[-1].failure == "not asked: it hung 3 times in a row"


def test_who_cannot_learn_fails_on_everything() -> None:
    class Unfit(Odd):
        def fit(self, good: Any) -> Any:
            raise MemoryError("too much")

    answer = AskedScorer(Unfit(lambda: Verdict(score=1)), [squat()]).ask(squat())
    assert (answer.verdict, answer.failure) == (None, "MemoryError: too much")


def test_what_a_scorer_holds_and_how_long_it_takes_is_measured() -> None:
    class Greedy(Odd):
        def score(self, sequence: Any) -> Any:
            held = bytearray(8 << 20)
            return Verdict(score=len(held) % 2)

    cost = cost_of(AskedScorer(Greedy(None), []), [squat()])
    assert 8 <= cost.memory_mb < 9
    assert cost.ms_per_repetition > 0
