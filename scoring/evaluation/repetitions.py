"""What a dataset knows about each repetition: the truth, which stays with the evaluator.

A scorer gets `PoseSequence`s only, most of them cut at the true boundaries of the repetition:
finding these is another task than judging what lies between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from motions.errors import unknown_name
from motions.motion import Span
from simulator.clip import Clip
from simulator.faults.library import FAULTS
from simulator.faults.window import Window

THERE = 0.5
"""A fault is there while it has at least this share of its size."""


@dataclass(frozen=True)
class Truth:
    """What is true of one repetition."""

    clip_id: str
    rep: int
    exercise: str
    subject_id: str
    severities: Mapping[str, float]
    """By fault id, as measured: 0 is mild, 1 is severe."""
    present: tuple[str, ...]
    """The ids of the faults that it has, sorted."""
    clean: bool
    """Whether every fault was measured within its correct range. A repetition that is neither
    clean nor faulty lies in the grey zone between."""
    plain: bool = False
    """Whether nothing was put into it, neither a fault nor what is odd and correct."""
    ladder: str = ""
    """The same for repetitions that differ in nothing but a fault's dose."""
    sides: Mapping[str, str] = field(default_factory=dict)
    """By id of a present fault that has sides: which it is on."""
    spans: Mapping[str, Span] = field(default_factory=dict)
    """By id of a present fault that was put in at a time of its own: when, in seconds from the
    start of the repetition."""

    def dose(self, fault_id: str) -> float:
        """Return how much of a fault was measured: 0 for none, 1 for severe."""
        spec = FAULTS[fault_id]
        return spec.dose(spec.size_at_severity(self.severities[fault_id]))


def truths_of(clip: Clip) -> tuple[Truth, ...]:
    """Return the truth of each repetition of a clip, by the measured faults."""
    truths = []
    for rep, rep_span in enumerate(clip.reps):
        spans = [span for span in clip.faults if span.rep == rep]
        for span in spans:
            if span.fault_id not in FAULTS:
                raise unknown_name(f"clip {clip.clip_id}: fault", span.fault_id, FAULTS)
        correct = [FAULTS[span.fault_id].is_correct(span.measured) for span in spans]
        present = {span.fault_id: span for span in spans if span.present}
        when = _when(clip, rep, rep_span)
        truths.append(
            Truth(
                clip_id=clip.clip_id,
                rep=rep,
                exercise=clip.exercise,
                subject_id=clip.subject_id,
                severities={span.fault_id: span.severity for span in spans},
                present=tuple(sorted(present)),
                clean=bool(spans) and all(correct),
                plain=not clip.plan.get("injections") and not clip.plan.get("variation"),
                ladder=f"{clip.group_id}/{rep}",
                sides={i: s.side for i, s in present.items() if len(FAULTS[i].sides) > 1},
                spans={i: when[i] for i in present if i in when},
            )
        )
    return tuple(truths)


def _when(clip: Clip, rep: int, span: Span) -> dict[str, Span]:
    """Return when each injected fault is there, from the start of the repetition."""
    frames = span.frames(clip.fps, clip.n_frames)
    found = {}
    for asked in clip.plan.get("injections", ()):
        spec = FAULTS[asked["fault_id"]]
        window = Window(**asked["window"]) if asked["window"] else spec.window
        if asked["rep"] != rep or spec.whole_set or window is None or not clip.phase[frames].any():
            continue
        there = np.flatnonzero(window.weights(clip.phase[frames]) >= THERE)
        if len(there):
            found[spec.id] = Span(float(there[0] / clip.fps), float((there[-1] + 1) / clip.fps))
    return found
