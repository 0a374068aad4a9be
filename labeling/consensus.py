"""One answer from several annotators, each weighted by measured skill, and how sure it is.

Points and boundaries are means weighted by one over the annotator's squared error on known answers.
Whether a fault is there follows by Bayes' rule from everyone's sensitivity and specificity, as if
their mistakes were independent (Dawid and Skene 1979, with the error rates known).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from labeling.agreement import Interval, match_spans
from labeling.gold import FaultGrade, PoseGrade, RepetitionGrade
from labeling.labels import FaultLabels, Pose, PoseLabels
from motions.motion import Span

USUAL_ERROR_PX, LEAST_ERROR_PX = 5.0, 0.5
USUAL_ERROR_S, LEAST_ERROR_S = 0.1, 0.01
"""What is taken of an annotator who has answered no task with a known answer, and the least that is
believed of anyone."""
USUAL_RATE = 0.8
"""Sensitivity and specificity, likewise."""


@dataclass(frozen=True)
class Skill:
    """What is known of one annotator."""

    error_px: float = USUAL_ERROR_PX
    error_s: float = USUAL_ERROR_S
    sensitivity: Mapping[str, float] = field(default_factory=dict)
    """By fault id, for those that were measured."""
    specificity: Mapping[str, float] = field(default_factory=dict)
    severity_bias: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ConsensusPose:
    """Where several people see the joints of one page."""

    pose: Pose
    error_px: np.ndarray
    """Standard error of each joint, from the annotators' skill or from how far they differ,
    whichever is larger; NaN where the joint is outside. Shape (17,)."""


@dataclass(frozen=True)
class ConsensusRep:
    """A repetition that at least half of the annotators marked."""

    span: Span
    error_s: float
    """Standard error of a boundary, likewise."""
    support: float
    """Share of the annotators who marked it."""


@dataclass(frozen=True)
class ConsensusFault:
    """Whether a fault is in a repetition."""

    rep: int
    fault_id: str
    probability: float
    severity: float | None
    """Mean of those who saw it, their bias taken off; None where nobody did."""

    @property
    def doubt(self) -> float:
        """How unsure this is: the entropy in bits, 0 to 1."""
        p = min(max(self.probability, 1e-12), 1 - 1e-12)
        return float(-p * np.log2(p) - (1 - p) * np.log2(1 - p))


def skill(
    poses: PoseGrade | None, reps: RepetitionGrade | None, faults: Sequence[FaultGrade]
) -> Skill:
    """Return what grades say of an annotator.

    k right of n count as (k + 1) / (n + 2), Laplace's rule of succession: three right answers in a
    row are no proof of perfection.
    """
    error_px = poses.error_px.value if poses else None
    error_s = reps.boundary_error_s.value if reps else None
    return Skill(
        USUAL_ERROR_PX if error_px is None else max(error_px, LEAST_ERROR_PX),
        USUAL_ERROR_S if error_s is None else max(error_s, LEAST_ERROR_S),
        {f.fault_id: _succession(f.sensitivity) for f in faults if f.sensitivity.n},
        {f.fault_id: _succession(f.specificity) for f in faults if f.specificity.n},
        {f.fault_id: f.severity_bias.value or 0.0 for f in faults},
    )


def agree_on_poses(said: Sequence[tuple[PoseLabels, Skill]]) -> tuple[ConsensusPose, ...]:
    """Return the consensus on each page that anyone labelled."""
    pages = sorted({pose.page for labels, _ in said for pose in labels.poses})
    return tuple(
        _agree_on_pose([(p, who) for labels, who in said for p in labels.poses if p.page == page])
        for page in pages
    )


def agree_on_reps(said: Sequence[tuple[Sequence[Span], Skill]]) -> tuple[ConsensusRep, ...]:
    """Return the repetitions that at least half of the annotators marked, in order."""
    return tuple(
        ConsensusRep(_mean_span(members), _span_error_s(members), len(members) / len(said))
        for members in _same_reps(said)
        if len(members) >= len(said) / 2
    )


def agree_on_faults(
    said: Sequence[tuple[FaultLabels, Skill]], prior: Mapping[str, float]
) -> tuple[ConsensusFault, ...]:
    """Return whether each fault is in each repetition of the consensus.

    Args:
        said: The answers, with the skill of whoever gave them.
        prior: By fault id, how often the fault is there in general.
    """
    reps = [rep.span for rep in agree_on_reps([(labels.reps, who) for labels, who in said])]
    found = []
    for rep in range(len(reps)):
        for fault_id in sorted({f.fault_id for labels, _ in said for f in labels.faults}):
            log_odds = _log_odds(prior[fault_id])
            severities = []
            for labels, who in said:
                at = {j: i for i, j in match_spans(labels.reps, reps)}
                fault = next(
                    (f for f in labels.faults if f.rep == at.get(rep) and f.fault_id == fault_id),
                    None,
                )
                if fault is None:
                    continue
                hit = who.sensitivity.get(fault_id, USUAL_RATE)
                false_alarm = 1 - who.specificity.get(fault_id, USUAL_RATE)
                if fault.present:
                    log_odds += np.log(hit / false_alarm)
                    severities.append(fault.severity - who.severity_bias.get(fault_id, 0.0))
                else:
                    log_odds += np.log((1 - hit) / (1 - false_alarm))
            probability = float(1 / (1 + np.exp(-log_odds)))
            severity = float(np.mean(severities)) if severities else None
            found.append(ConsensusFault(rep, fault_id, probability, severity))
    return tuple(found)


def _agree_on_pose(said: Sequence[tuple[Pose, Skill]]) -> ConsensusPose:
    weights = np.array([who.error_px**-2 for _, who in said])
    placed = np.array([pose.visibility > 0 for pose, _ in said])
    # Half of the weight decides that a joint is inside, and half of that part that it is seen.
    inside = weights @ placed >= weights.sum() / 2
    of_joint = np.where(placed, weights[:, None], 0.0)
    total = np.maximum(of_joint.sum(axis=0), 1e-12)
    points = np.array([np.nan_to_num(pose.keypoints_px) for pose, _ in said])
    mean = (of_joint[..., None] * points).sum(axis=0) / total[:, None]
    squared = np.square(points - mean).sum(axis=-1)
    spread = (of_joint * squared).sum(axis=0) / total / np.maximum(placed.sum(axis=0) - 1, 1)
    error_px = np.sqrt(np.maximum(1 / total, spread))
    seen = (of_joint * np.array([pose.visibility == 2 for pose, _ in said])).sum(axis=0)
    visibility = np.where(inside, np.where(seen >= total / 2, 2, 1), 0)
    consensus = Pose(said[0][0].page, np.where(inside[:, None], mean, np.nan), visibility)
    return ConsensusPose(consensus, np.where(inside, error_px, np.nan))


_Marked = list[tuple[Span, Skill]]


def _same_reps(said: Sequence[tuple[Sequence[Span], Skill]]) -> list[_Marked]:
    """Gather the spans that mean the same repetition, in order of time.

    Everyone's spans are matched with the means of what was gathered before, those of the most
    skilled first.
    """
    gathered: list[_Marked] = []
    for spans, who in sorted(said, key=lambda one: one[1].error_s):
        matched = dict(match_spans(spans, [_mean_span(members) for members in gathered]))
        for i, span in enumerate(spans):
            if i in matched:
                gathered[matched[i]].append((span, who))
            else:
                gathered.append([(span, who)])
    return sorted(gathered, key=_mean_span)


def _mean_span(members: _Marked) -> Span:
    weights = [who.error_s**-2 for _, who in members]
    times = np.average([(s.start_s, s.end_s) for s, _ in members], axis=0, weights=weights)
    return Span(float(times[0]), float(times[1]))


def _span_error_s(members: _Marked) -> float:
    mean = _mean_span(members)
    weights = np.array([who.error_s**-2 for _, who in members])
    off = np.array([(s.start_s - mean.start_s, s.end_s - mean.end_s) for s, _ in members])
    spread = np.average(np.square(off).mean(axis=1), weights=weights) / max(len(members) - 1, 1)
    return float(np.sqrt(max(1 / weights.sum(), spread)))


def _succession(rate: Interval) -> float:
    return ((rate.value or 0.0) * rate.n + 1) / (rate.n + 2)


def _log_odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))
