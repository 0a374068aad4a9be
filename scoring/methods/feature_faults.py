"""A scorer that says which faults a repetition has, by a model that `workbench train faults` made.

It judges what the side shows that the repetition is seen from, and leaves out what it does not;
`scoring.learning.faults` says how it knows.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from motions.errors import FormbenchError
from motions.motion import Span
from scoring.contract import Verdict, abstain
from scoring.learning.examples import in_convention
from scoring.learning.fault_kinds import DOSES, Estimate, Learnt, fault_kind
from scoring.learning.model_file import Model, read_model
from scoring.methods.features import SIDES, SPACE, side_of
from scoring.methods.limits import Distances, personal
from scoring.poses import PoseSequence
from simulator.faults.library import FAULTS

KIND = "faults"
_CONFIG = ("kind", "exercise", "dimensions", "fault_ids", "shown", "line", "usual")
"""What its code needs of a model's config."""


def told(
    values: np.ndarray,
    sides: np.ndarray,
    shown: Mapping[str, Sequence[str]],
    fault_ids: Sequence[str],
) -> np.ndarray:
    """Return values (M, N), minus infinity where a side does not show a fault."""
    shows = np.array([[s in shown[i] or shown[i] == [SPACE] for i in fault_ids] for s in SIDES])
    return np.where(shows[sides], values, -np.inf)


@dataclass(frozen=True)
class FaultScorer:
    """Says which faults a repetition has, by a model that `train` made."""

    model: Model

    @property
    def name(self) -> str:
        """How it is called in results."""
        config = self.model.config
        return f"{config['kind']}-{config['exercise']}-{config['dimensions']}d"

    @cached_property
    def version(self) -> str:
        """Changes with the weights."""
        digest = hashlib.sha256()
        for name in sorted(self.model.weights):
            digest.update(np.ascontiguousarray(self.model.weights[name]).tobytes())
        return digest.hexdigest()[:12]

    def for_person(self, first: Sequence[PoseSequence]) -> "FaultScorer":
        """Return the scorer whose line is this person's own.

        Args:
            first: Their first good repetitions; none that shows too little counts.

        Raises:
            FormbenchError: None of them shows enough, or the model knows too few people.
        """
        judged = [found for one in first if not isinstance(found := self._judge(one), str)]
        if not judged:
            raise FormbenchError(f"{self.name}: expected good repetitions that show a fault if "
                                 f"it is there, got none among {len(first)}")  # fmt: skip
        usual = self.model.config["usual"]
        known = Distances(np.array(usual["worst"]), np.array(usual["people"]))
        line = personal(np.array([values.max() for _, values in judged]))(known)
        config = {**self.model.config, "line": {"value": line}}
        return FaultScorer(replace(self.model, config=config))

    def score(self, sequence: PoseSequence) -> Verdict:
        """Judge one repetition by the faults that can be seen from where it is seen."""
        judged = self._judge(sequence)
        if isinstance(judged, str):
            return abstain(judged)
        found, values = judged
        config = self.model.config
        worst = float(values.max())
        severities, sides, sure, spans = {}, {}, {}, {}
        for k in np.flatnonzero(np.isfinite(values)):
            spec = FAULTS[config["fault_ids"][k]]
            dose = float(np.clip(found.doses[0, k], *DOSES))
            severities[spec.id] = spec.severity(spec.size_at_dose(dose))
            sure[spec.id] = _share(found.odds[0, k])
            if len(spec.sides) > 1:
                sides[spec.id] = "left" if found.turned[0, k] >= 0 else "right"
            if found.spans is not None and spec.window is not None:
                begin, end = np.clip(np.sort(found.spans[0, k]), 0, 1) * sequence.duration_s
                if begin < end:
                    spans[spec.id] = Span(float(begin), float(end))
        return Verdict(
            score=100 * _share(config["line"]["value"] - worst),  # 50 on the line
            good=worst <= config["line"]["value"],
            fault_severities=severities,
            fault_sides=sides,
            fault_spans=spans,
            fault_confidences=sure,
        )

    def _judge(self, sequence: PoseSequence) -> tuple[Estimate, np.ndarray] | str:
        """Return what is found, and the odds of what the side shows; or why there are none."""
        config: Mapping[str, Any] = self.model.config
        if sequence.exercise not in ("", config["exercise"]):
            return f"it learnt {config['exercise']}, not {sequence.exercise}"
        if sequence.keypoints.shape[2] != config["dimensions"]:
            return f"it learnt from points of {config['dimensions']} coordinates"
        kind = fault_kind(config["kind"])
        try:
            seen = in_convention(sequence, self.model.convention_name)
            given, side = kind.given(seen), side_of(seen)
        except FormbenchError as error:
            return str(error)
        found = kind.estimate(Learnt(self.model.weights, config), [given])
        values = told(found.odds, np.array([side]), config["shown"], config["fault_ids"])[0]
        if not np.isfinite(values).any():
            return f"no fault is told from the {SIDES[side]}"
        return found, values


def read_scorer(folder: str) -> FaultScorer:
    """Read the scorer that is named "model:FOLDER".

    Raises:
        FormbenchError: It is no model of faults, or one of another version.
    """
    model = read_model(Path(folder), KIND)
    missing = [key for key in _CONFIG if key not in model.config]
    if missing:
        raise FormbenchError(
            f"{folder}: expected a model of this version, got one without {', '.join(missing)}; "
            "train it again"
        )
    return FaultScorer(model)


def _share(odds: float) -> float:
    """Return the probability of the logarithm of odds."""
    return float(1 / (1 + np.exp(-np.clip(odds, -50, 50))))
