"""What an evaluation found, as plain data and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scoring.contract import Verdict
from scoring.evaluation.repetitions import Truth
from scoring.evaluation.statistics import Estimate
from scoring.evaluation.thresholds import Threshold

SCHEMA = "formbench.results/1"
JUDGEMENT_SCHEMA = "formbench.judgement/1"
ANY_FAULT = "any"
ALL_VIEWS = "all"


@dataclass(frozen=True)
class Judged:
    """One repetition from one camera as one scorer judged it, beside the truth."""

    scorer: str
    view: str
    truth: Truth
    verdict: Verdict | None
    """None where the scorer failed."""
    failure: str = ""
    """The error it failed with."""

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What judgements are sorted by."""
        return self.scorer, self.truth.clip_id, self.truth.rep, self.view

    def to_json(self) -> dict[str, Any]:
        """Return the prediction alone, without the truth."""
        return {
            "schema": JUDGEMENT_SCHEMA,
            "scorer": self.scorer,
            "clip_id": self.truth.clip_id,
            "rep": self.truth.rep,
            "view": self.view,
            "failure": self.failure,
            "verdict": None if self.verdict is None else asdict(self.verdict),
        }


@dataclass(frozen=True)
class Row:
    """How well one scorer tells one fault from clean repetitions in one view."""

    scorer: str
    exercise: str
    fault_id: str
    """A fault's id, or ANY_FAULT for all of the exercise."""
    view: str
    """A camera's name, or ALL_VIEWS."""
    evidence: str
    """What the scorer is judged by: its "severity" of the fault where it gives one, or else its
    "score"."""
    auroc: Estimate
    average_precision: float | None
    sensitivity_at_5_percent: float | None
    """Share of faulty repetitions found while 5 % of the clean ones are called faulty."""
    own_sensitivity: float | None
    """Share of faulty repetitions that the scorer itself calls not good."""
    own_false_alarm_rate: float | None
    """Share of clean repetitions that the scorer itself calls not good."""
    threshold: Threshold | None
    """From which dose of the fault on it is seen; None for ANY_FAULT."""
    n_abstained: int
    n_failed: int


@dataclass(frozen=True)
class ScorerSummary:
    """How one scorer fared as a program."""

    name: str
    version: str
    n_judged: int
    n_abstained: int
    n_failed: int
    n_noise: int
    """Lines that a command printed beside its answers."""


@dataclass(frozen=True)
class Count:
    """How many repetitions of an exercise there were to learn from and to judge."""

    exercise: str
    train_clean: int
    clean: int
    faulty: int
    grey: int
    """Between correct and mild; counted as neither."""


@dataclass(frozen=True)
class Results:
    """Everything an evaluation found."""

    dataset_sha256: str
    settings: Mapping[str, Any]
    """Seed, split, pose source: what else the figures hang on."""
    packages: Mapping[str, str]
    train_subjects: tuple[str, ...]
    validation_subjects: tuple[str, ...]
    counts: tuple[Count, ...]
    scorers: tuple[ScorerSummary, ...]
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what results.json holds."""
        return {"schema": SCHEMA, **asdict(self)}

    def row(self, scorer: str, fault_id: str, view: str, exercise: str) -> Row | None:
        """Return one row, None where there is none."""
        wanted = (scorer, fault_id, view, exercise)
        found = (r for r in self.rows if (r.scorer, r.fault_id, r.view, r.exercise) == wanted)
        return next(found, None)

    def faults_to_tell(self, exercise: str) -> tuple[str, ...]:
        """Return ANY_FAULT and those faults of an exercise that some judged repetition has.

        Of the others there is nothing to tell; their rows say so.
        """
        rows = [row for row in self.rows if row.exercise == exercise]
        told = [r.fault_id for r in rows if r.fault_id == ANY_FAULT or r.auroc.n_positive]
        return tuple(dict.fromkeys(told))
