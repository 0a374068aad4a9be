"""Asking a scorer, whatever it does: what it failed with and what else it said is kept, and the run
goes on.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scoring.contract import Scorer, Verdict, fit
from scoring.poses import PoseSequence
from scoring.wire import ScorerFailure

PATIENCE = 3
"""After hanging so often one time after another, a scorer is not asked any more."""


@dataclass(frozen=True)
class Answer:
    """What came back for one sequence."""

    verdict: Verdict | None
    """None where the scorer failed."""
    failure: str = ""
    """What it failed with, and the kind of that, a key of `scoring.wire.FAILURES`."""
    failure_kind: str = ""
    complaints: Mapping[str, int] = field(default_factory=dict)
    """What it said beside its answer, by key of `scoring.wire.COMPLAINTS`."""


class AskedScorer:
    """A scorer while it is evaluated.

    Args:
        scorer: Whom to ask.
        good: What it may learn from; where it fails at that, it fails on everything.
    """

    def __init__(self, scorer: Scorer, good: Sequence[PoseSequence]) -> None:
        self.name = scorer.name
        self._scorer = scorer
        self._n_hung = 0
        self._unfit: Exception | None = None
        try:
            self._scorer = fit(scorer, good)
        except Exception as error:  # a stranger's code, as below
            self._unfit = error

    @property
    def memory_mb(self) -> float | None:
        """The most that it held, for one that runs elsewhere and says so."""
        return getattr(self._scorer, "memory_mb", None)

    @property
    def complaints(self) -> dict[str, int]:
        """What it said beside its answers in all, by key of `scoring.wire.COMPLAINTS`."""
        return self._since(Counter())

    def ask(self, sequence: PoseSequence) -> Answer:
        """Let it judge a sequence."""
        before = Counter(getattr(self._scorer, "complaints", {}))
        try:
            verdict = self._verdict(sequence)
        except (
            Exception
        ) as error:  # a stranger's code: its failures are counted, and the run goes on
            kind = error.kind if isinstance(error, ScorerFailure) else "raised"
            self._n_hung = self._n_hung + 1 if kind == "hung" else 0
            said = f"{type(error).__name__}: {error}" if kind == "raised" else str(error)
            return Answer(None, said, kind, self._since(before))
        self._n_hung = 0
        return Answer(verdict, complaints=self._since(before))

    def _verdict(self, sequence: PoseSequence) -> Verdict:
        if self._unfit is not None:
            raise self._unfit
        if self._n_hung >= PATIENCE:
            raise ScorerFailure("hung", f"not asked: it hung {PATIENCE} times in a row")
        verdict = self._scorer.score(sequence)
        if not isinstance(verdict, Verdict):
            message = f"expected a Verdict, got a {type(verdict).__name__}"
            raise ScorerFailure("invalid", message)
        return verdict

    def _since(self, before: Counter[str]) -> dict[str, int]:
        now = Counter(getattr(self._scorer, "complaints", {}))
        return dict(sorted((now - before).items()))
