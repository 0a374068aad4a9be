"""What a scorer is, how it is named, and the check that a stranger's scorer must pass.

A scorer gets a `PoseSequence` of one repetition and gives a `Verdict`. It may also have

    fit(good: Sequence[PoseSequence]) -> Scorer

which returns a scorer that has seen good repetitions, `return self` included. These are of several
exercises and views; `PoseSequence.exercise` and `.view` tell them apart.

A scorer is named

* by a key of SCORERS, or an entry point in the group "formbench.scorers" of any installed package,
* as "module:attribute"; all these are called without arguments,
* as "model:FOLDER", of what `workbench train faults` wrote,
* as "cmd:PROGRAM ARGUMENT ...", "http://..." or "file:PREDICTIONS", see `scoring.strangers`.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from numbers import Real
from typing import Any, Protocol, runtime_checkable

import numpy as np

from motions.errors import FormbenchError, unknown_name
from motions.motion import Span
from scoring.advice import Advice, advise
from scoring.poses import PoseSequence
from scoring.sample import missing_person, squat
from simulator.faults.window import SIDES

SCORERS = {
    "always-correct": "scoring.methods.baselines:AlwaysCorrect",
    "random": "scoring.methods.baselines:Random",
    "duration": "scoring.methods.baselines:Duration",
    "range": "scoring.methods.baselines:Range",
    "seed-cosine": "scoring.methods.pose_similarity:seed_cosine",
    "seed-angle": "scoring.methods.pose_similarity:seed_angle",
    "cosine": "scoring.methods.pose_similarity:cosine",
    "angle": "scoring.methods.pose_similarity:angle",
    "dtw-article": "scoring.methods.dtw_similarity:DtwArticle",
    "dtw-article-inferred": "scoring.methods.dtw_similarity:dtw_article_inferred",
    "dtw": "scoring.methods.dtw_similarity:Dtw",
    "dtw-barycentre": "scoring.methods.dtw_similarity:dtw_barycentre",
    "tempo": "scoring.methods.tempo:TempoScorer",
    "anomaly": "scoring.methods.anomaly:Anomaly",
    "peaks": "scoring.methods.peaks:Peaks",
}
"""The scorers that ship with formbench. Their modules are imported when they are asked for."""


STRANGERS = {
    "model": "scoring.methods.feature_faults:read_scorer",
    "cmd": "scoring.strangers.command:CommandScorer",
    "http": "scoring.strangers.address:AddressScorer",
    "https": "scoring.strangers.address:AddressScorer",
    "file": "scoring.strangers.file:FileScorer",
}
"""By how their names begin: trained models, and what stands for scorers that other people run."""
ENTRY_POINTS = "formbench.scorers"
METRICS = {
    "score": "AUROC, average precision and sensitivity at 5 % false alarms, by fault and view",
    "good": "its own sensitivity and false-alarm rate",
    "fault_severities": "the same by its own severity of each fault, and its error in units",
    "fault_sides": "how often it names the side that a fault is on",
    "fault_confidences": "nothing yet",
    "fault_spans": "how much of the time of a fault it names",
    "joint_distances": "nothing: it is for those who read the verdict",
    "repetitions": "count, boundaries and phantoms, on whole recordings",
}
"""By field of `Verdict`, what an evaluation makes of it."""


@dataclass(frozen=True)
class Verdict:
    """What a scorer says about one repetition. What it does not look at, it leaves out."""

    score: float | None
    """0 to 100, higher is better; None when the scorer abstains."""
    good: bool | None = None
    """Whether the scorer itself would let the repetition pass; None when it draws no line."""
    joint_distances: Mapping[str, float] = field(default_factory=dict)
    """By keypoint name: how far off, in a unit of the scorer's own; higher is worse."""
    fault_severities: Mapping[str, float] = field(default_factory=dict)
    """By fault id: 0 for mild, 1 for severe, as `FaultSpec.severity`; negative is below mild."""
    fault_sides: Mapping[str, str] = field(default_factory=dict)
    """By fault id: "left", "right" or "both", the person's own."""
    fault_spans: Mapping[str, Span] = field(default_factory=dict)
    """By fault id: when it is there, in seconds from the start of what was shown."""
    fault_confidences: Mapping[str, float] = field(default_factory=dict)
    """By fault id: the probability that it is there, 0 to 1."""
    repetitions: tuple[Span, ...] | None = None
    """The repetitions found, for a scorer that looks for them itself."""
    abstained: str = ""
    """Why there is no score."""

    def __post_init__(self) -> None:
        if (self.score is None) != bool(self.abstained):
            raise FormbenchError(
                "Verdict: expected either a score or a reason to abstain, "
                f"got score {self.score} and reason {self.abstained!r}"
            )
        if self.score is not None:
            _check_number("score", self.score, 0, 100)
        for name, distance in self.joint_distances.items():
            _check_number(f"joint_distances of {name}", distance, 0, np.inf)
        for fault_id, severity in self.fault_severities.items():
            _check_number(f"fault_severities of {fault_id}", severity, -np.inf, np.inf)
        for fault_id, confidence in self.fault_confidences.items():
            _check_number(f"fault_confidences of {fault_id}", confidence, 0, 1)
        for fault_id, side in self.fault_sides.items():
            if side not in SIDES:
                raise unknown_name(f"Verdict.fault_sides of {fault_id}: side", side, SIDES)
        if self.good not in (None, True, False):
            raise FormbenchError(f"Verdict.good: expected True, False or None, got {self.good}")
        # numpy's numbers are taken too, and become Python's, which JSON can write.
        for field_name in ("joint_distances", "fault_severities", "fault_confidences"):
            plain = {name: float(value) for name, value in getattr(self, field_name).items()}
            object.__setattr__(self, field_name, plain)
        object.__setattr__(self, "score", None if self.score is None else float(self.score))
        object.__setattr__(self, "good", None if self.good is None else bool(self.good))

    @property
    def advice(self) -> Advice | None:
        """The one cue that follows from the faults; None where none is there, or all passes."""
        if self.good:
            return None
        return advise(self.fault_severities, self.fault_sides, self.fault_confidences)


def _check_number(name: str, value: object, low: float, high: float) -> None:
    if not (isinstance(value, Real) and np.isfinite(float(value)) and low <= float(value) <= high):
        raise FormbenchError(
            f"Verdict.{name}: expected a finite number of {low:g} to {high:g}, got {value}"
        )


def abstain(reason: str) -> Verdict:
    """Return the verdict of a scorer that cannot judge, with the reason."""
    return Verdict(score=None, abstained=reason)


@runtime_checkable
class Scorer(Protocol):
    """Anything that judges one repetition."""

    @property
    def name(self) -> str:
        """How it is called in results; lower case, no spaces."""

    @property
    def version(self) -> str:
        """Changes whenever a score changes."""

    def score(self, sequence: PoseSequence) -> Verdict:
        """Judge one repetition."""


def load_scorer(name: str) -> Scorer:
    """Make the scorer with a name, as the first lines of this file say.

    Raises:
        FormbenchError: There is no such scorer, or what is there is none.
    """
    kind, _, rest = name.partition(":")
    if kind in STRANGERS:
        stranger: Scorer = _attribute(name, STRANGERS[kind])(
            name if kind.startswith("http") else rest
        )
        return stranger
    installed = {e.name: e.value for e in entry_points(group=ENTRY_POINTS)}
    known = {**installed, **SCORERS}
    if name not in known and ":" not in name:
        raise unknown_name("scorer (a name below, or module:attribute)", name, known)
    make = _attribute(name, known.get(name, name))
    if not callable(make):
        raise FormbenchError(
            f"scorer {name}: expected a class or a function without arguments, got {make!r}"
        )
    scorer = make()
    if not isinstance(scorer, Scorer):
        raise FormbenchError(
            f"scorer {name}: expected name, version and score(sequence), "
            f"got a {type(scorer).__name__}; see scoring/contract.py"
        )
    return scorer


def _attribute(name: str, address: str) -> Any:
    module_name, _, attribute = address.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise FormbenchError(f"scorer {name}: cannot import {module_name}: {error}") from error
    if not hasattr(module, attribute):
        raise unknown_name(f"scorer {name}: {module_name}", attribute, _public_names(module))
    return getattr(module, attribute)


def fit(scorer: Scorer, good: Sequence[PoseSequence]) -> Scorer:
    """Show a scorer good repetitions, if it wants to see any."""
    if not hasattr(scorer, "fit"):
        return scorer
    fitted = scorer.fit(good)
    if not isinstance(fitted, Scorer):
        raise FormbenchError(
            f"scorer {scorer.name}: expected fit to return the fitted scorer, got {fitted!r}; "
            "end it with `return self`"
        )
    return fitted


def check_scorer(scorer: Scorer) -> tuple[str, ...]:
    """Try a scorer on made-up squats; outsiders run this in their own tests.

    Args:
        scorer: Anything with `name`, `version` and `score`.

    Returns:
        The fields of `Verdict` that it fills, sorted.

    Raises:
        FormbenchError: It breaks the contract; the message says which part.
    """
    at = f"scorer {scorer.name!r}"
    for what in ("name", "version"):
        value = getattr(scorer, what)
        if not isinstance(value, str) or not value or value != "".join(value.lower().split()):
            raise FormbenchError(
                f"{at}: expected a {what} in lower case without spaces, got {value!r}"
            )
    good = [squat(depth=depth, duration_s=s) for depth, s in ((1, 2), (0.95, 2.4), (1.05, 1.8))]
    fitted = fit(scorer, good)
    tried = [*good, squat(depth=0.5), squat(duration_s=4), squat(hidden="left_wrist")]
    verdicts = [_checked(at, fitted, sequence) for sequence in tried]
    if [_checked(at, fitted, sequence) for sequence in tried] != verdicts:
        raise FormbenchError(f"{at}: expected the same verdict for the same sequence, got another")
    if [_checked(at, fit(scorer, good), sequence) for sequence in tried] != verdicts:
        raise FormbenchError(f"{at}: expected the same verdicts after fitting again, got others")
    nobody = _checked(at, fitted, missing_person())
    if nobody.score is not None:
        raise FormbenchError(
            f"{at}: expected it to abstain when every point is missing, got {nobody.score}"
        )
    empty = Verdict(score=0)
    optional = [name for name in METRICS if name != "score"]
    filled = {f for f in optional if any(getattr(v, f) != getattr(empty, f) for v in verdicts)}
    return tuple(sorted(filled | {"score"}))


def _checked(at: str, scorer: Scorer, sequence: PoseSequence) -> Verdict:
    verdict = scorer.score(sequence)
    if not isinstance(verdict, Verdict):
        raise FormbenchError(
            f"{at}: expected score to return a Verdict, got a {type(verdict).__name__}"
        )
    strangers = set(verdict.joint_distances) - set(sequence.convention.keypoint_names)
    if strangers:
        raise FormbenchError(
            f"{at}: expected joint_distances by names of {sequence.convention_name}, "
            f"got {sorted(strangers)}"
        )
    return verdict


def _public_names(module: object) -> list[str]:
    return [name for name in vars(module) if not name.startswith("_")]
