"""What an evaluation found, as plain data and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scoring.evaluation.asking import Answer
from scoring.evaluation.groups import BodyRow, GroupGap
from scoring.evaluation.metrics.calibration import Bin
from scoring.evaluation.repetitions import Truth
from scoring.evaluation.statistics import Estimate
from scoring.evaluation.thresholds import Threshold

SCHEMA = "formbench.results/3"
JUDGEMENT_SCHEMA = "formbench.judgement/2"
ANY_FAULT = "any"
ALL_VIEWS = "all"


@dataclass(frozen=True)
class Judged:
    """One repetition from one camera as one scorer judged it, beside the truth."""

    scorer: str
    poses: str
    """Where the keypoints came from."""
    view: str
    truth: Truth
    answer: Answer

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """What judgements are sorted by."""
        return self.scorer, self.poses, self.truth.clip_id, self.truth.rep, self.view

    def evidence(self, fault_id: str, by_severity: bool) -> float | None:
        """Return how much the scorer suspects a fault, None where it does not say.

        Its severity of the fault, or else how far its score is from full marks.
        """
        verdict = self.answer.verdict
        if verdict is None:
            return None
        if by_severity:
            return verdict.fault_severities.get(fault_id)
        return None if verdict.score is None else 100 - verdict.score

    def to_json(self) -> dict[str, Any]:
        """Return the prediction alone, without the truth."""
        return {
            "schema": JUDGEMENT_SCHEMA,
            "scorer": self.scorer,
            "poses": self.poses,
            "clip_id": self.truth.clip_id,
            "rep": self.truth.rep,
            "view": self.view,
            **asdict(self.answer),
        }


@dataclass(frozen=True)
class Grading:
    """How well a fault's size, side and time are told where no other fault is present."""

    spearman: float | None
    kendall: float | None
    """Rank correlations of the evidence with the measured size over all repetitions."""
    monotonicity: float | None
    """Share of neighbouring rungs of a ladder between which the evidence grows."""
    n: int
    """How many repetitions these are of."""
    size_error: float | None
    """Mean absolute error of the severity that is told, in the fault's unit."""
    side_accuracy: float | None
    n_sides: int
    time_overlap: float | None
    n_times: int


@dataclass(frozen=True)
class Row:
    """How well one scorer tells one fault from clean repetitions in one view."""

    scorer: str
    poses: str
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
    balanced_accuracy: float | None
    """Mean of its own sensitivity and of one less its own false-alarm rate."""
    threshold: Threshold | None
    """From which dose of the fault on it is seen; None for ANY_FAULT and where nobody has it."""
    grading: Grading | None
    """None as above."""
    n_abstained: int
    n_failed: int


@dataclass(frozen=True)
class ScorerSummary:
    """How one scorer fared as a program, and how calibrated it is, on one source of poses."""

    name: str
    version: str
    poses: str
    n_judged: int
    n_abstained: int
    n_failed: int
    failures: Mapping[str, int]
    """By kind, a key of `scoring.wire.FAILURES`."""
    complaints: Mapping[str, int]
    """By kind, a key of `scoring.wire.COMPLAINTS`."""
    brier: float | None
    """Of the score, read as the chance in per cent that a repetition is clean; repetitions in the
    grey zone are left out."""
    calibration_error: float | None
    calibration_error_equal_counts: float | None
    reliability: tuple[Bin, ...]


@dataclass(frozen=True)
class RecordingRow:
    """How well one scorer finds the repetitions of whole recordings of one exercise."""

    scorer: str
    poses: str
    exercise: str
    metric: str
    """A name of `metrics.boundaries.evaluate`."""
    value: float | None
    low: float | None
    high: float | None
    """95 % interval over people."""
    n: int
    """How many recordings it is the mean of."""
    n_failed: int
    n_overlapping: int
    """Recordings in which what it found overlaps, and so is no answer."""


@dataclass(frozen=True)
class Standing:
    """One scorer among the others: its place in the table."""

    scorer: str
    poses: str
    macro_auroc: float | None
    """Mean of the AUROCs over exercises, faults and views, each as much as another; what a scorer
    does not answer counts as chance."""
    low: float | None
    high: float | None
    n_tasks: int
    group: int
    """From 1; scorers of one group are tied."""


@dataclass(frozen=True)
class Comparison:
    """Two scorers on the same poses, or one scorer on two sources of poses, on the same draws."""

    scorer: str
    poses: str
    other_scorer: str
    other_poses: str
    difference: float
    """Of the macro AUROC, the first less the other."""
    low: float
    high: float
    p_holm: float
    """Corrected for how many comparisons there are."""


@dataclass(frozen=True)
class FlipRow:
    """What changes for one scorer when one attribute of the same performances is changed."""

    scorer: str
    attribute: str
    """A key of `flips.ATTRIBUTES`."""
    n_pairs: int
    auroc: float | None
    """Of any fault, before."""
    auroc_flipped: float | None
    gap: float | None
    """The second less the first."""
    gap_low: float | None
    gap_high: float | None
    score_change: float | None
    """Mean absolute change of the score."""
    calls_changed: float | None
    """Share of repetitions on the other side of the line that 5 % of clean ones exceed, before."""
    n_lost: int
    """Pairs of which only one side was answered."""


@dataclass(frozen=True)
class Shown:
    """How much of a fault a camera shows, to whoever knows the person's own clean repetition."""

    exercise: str
    fault_id: str
    view: str
    shift: float
    """Median over ladders, in torso lengths; see `scoring.evaluation.showing`."""
    n: int
    """How many ladders."""
    blind: bool
    """Whether the shift is less than a pose estimator is off."""


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
    """Seed, split, suite: what else the figures hang on."""
    packages: Mapping[str, str]
    train_subjects: tuple[str, ...]
    validation_subjects: tuple[str, ...]
    counts: tuple[Count, ...]
    scorers: tuple[ScorerSummary, ...]
    standings: tuple[Standing, ...]
    comparisons: tuple[Comparison, ...]
    """Each scorer with the next ones of its table, on the same poses."""
    attribution: tuple[Comparison, ...]
    """Each scorer on each further source of poses with itself on the first."""
    shown: tuple[Shown, ...]
    recordings: tuple[RecordingRow, ...]
    flips: tuple[FlipRow, ...]
    gaps: tuple[GroupGap, ...]
    bodies: tuple[BodyRow, ...]
    rows: tuple[Row, ...]
    skipped: Mapping[str, str]
    """What was not measured, and why."""

    def to_json(self) -> dict[str, Any]:
        """Return what results.json holds."""
        return {"schema": SCHEMA, **asdict(self)}

    @property
    def poses(self) -> tuple[str, ...]:
        """The sources of poses, the first one first."""
        return tuple(self.settings["poses"])

    @property
    def names(self) -> tuple[str, ...]:
        """The scorers, in the order of the table."""
        return tuple(dict.fromkeys(scorer.name for scorer in self.scorers))

    def row(self, scorer: str, fault_id: str, view: str, exercise: str) -> Row | None:
        """Return one row of the first source of poses, None where there is none."""
        wanted = (scorer, fault_id, view, exercise, self.poses[0])
        found = (
            r for r in self.rows if (r.scorer, r.fault_id, r.view, r.exercise, r.poses) == wanted
        )
        return next(found, None)

    def faults_to_tell(self, exercise: str) -> tuple[str, ...]:
        """Return ANY_FAULT and those faults of an exercise that some judged repetition has.

        Of the others there is nothing to tell; their rows say so.
        """
        rows = [row for row in self.rows if row.exercise == exercise]
        told = [r.fault_id for r in rows if r.fault_id == ANY_FAULT or r.auroc.n_positive]
        return tuple(dict.fromkeys(told))
