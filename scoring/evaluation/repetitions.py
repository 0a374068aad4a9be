"""What a dataset knows about each repetition, and the part of it that a scorer may see.

`Truth` stays with the evaluator. A scorer gets the `PoseSequence` only, cut at the true boundaries
of the repetition: finding these is another task than judging what lies between.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from motions.errors import unknown_name
from scoring.poses import PoseSequence, cut, from_clip
from simulator.clip import Clip
from simulator.faults.library import FAULTS


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


def truths_of(clip: Clip) -> tuple[Truth, ...]:
    """Return the truth of each repetition of a clip, by the measured faults."""
    truths = []
    for rep in range(len(clip.reps)):
        spans = [span for span in clip.faults if span.rep == rep]
        for span in spans:
            if span.fault_id not in FAULTS:
                raise unknown_name(f"clip {clip.clip_id}: fault", span.fault_id, FAULTS)
        correct = [FAULTS[span.fault_id].is_correct(span.measured) for span in spans]
        truths.append(
            Truth(
                clip_id=clip.clip_id,
                rep=rep,
                exercise=clip.exercise,
                subject_id=clip.subject_id,
                severities={span.fault_id: span.severity for span in spans},
                present=tuple(sorted(span.fault_id for span in spans if span.present)),
                clean=bool(spans) and all(correct),
            )
        )
    return tuple(truths)


def views_of(clip: Clip, convention_name: str) -> Iterator[tuple[Truth, str, PoseSequence]]:
    """Yield every repetition of a clip from every camera: its truth, the view, what may be seen."""
    truths = truths_of(clip)
    for view in clip.views:
        sequence = from_clip(clip, view.camera.name, convention_name)
        for truth, span in zip(truths, clip.reps, strict=True):
            yield truth, view.camera.name, cut(sequence, span)
