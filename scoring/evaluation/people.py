"""Annotators beside scorers: what people said of the same videos, as `label opinions` writes it.

Who judged a stretch of a video judged the repetition that lies in it for more than half; one that
covers several repetitions says nothing of any of them. A repetition without a fault scores 100, one
with a mild fault 50 and one with a severe fault 0. Beside each annotator stands what they say
together, the mean of those who judged a repetition.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from motions.errors import FormbenchError
from motions.motion import Span
from scoring.contract import Verdict, abstain
from scoring.evaluation.asking import Answer
from scoring.evaluation.material import Filmed, Seen
from scoring.evaluation.metrics.grading import shared_s
from scoring.evaluation.recordings import Found, held_against_truth
from scoring.evaluation.results import Judged

SCHEMA = "formbench.opinions/1"
TOGETHER = "annotators"
"""The name of what they say together."""
Video = tuple[str, str]
"""A clip and a camera."""


@dataclass(frozen=True)
class Opinion:
    """What one annotator said of one video."""

    repetitions: tuple[Span, ...] | None
    """None where nobody asked for them."""
    judged: tuple[tuple[Span, Mapping[str, float], Mapping[str, str]], ...]
    """Stretches, with the severities and sides of faults."""


@dataclass(frozen=True)
class Annotator:
    """A person, in the place of a scorer."""

    name: str
    opinions: Mapping[Video, Sequence[Opinion]]
    version: str = "human"

    def judge(self, seen: Seen, reps: Sequence[Span]) -> Answer:
        """Return what the person said of one of a clip's repetitions."""
        said = self.opinions.get((seen.truth.clip_id, seen.view), ())
        for span, severities, sides in (one for opinion in said for one in opinion.judged):
            covered = [n for n, rep in enumerate(reps) if 2 * shared_s(span, rep) > rep.duration_s]
            if covered == [seen.truth.rep]:
                return Answer(_verdict(severities, sides))
        return Answer(abstain("not judged"))

    def found(self, filmed: Filmed) -> tuple[Span, ...] | None:
        """Return the repetitions that the person marked in a video, None if not asked to."""
        said = self.opinions.get((filmed.clip.clip_id, filmed.view), ())
        marked = [one.repetitions for one in said if one.repetitions is not None]
        return marked[0] if marked else None


@dataclass(frozen=True)
class Together:
    """Several annotators as one."""

    people: Sequence[Annotator]
    name: str = TOGETHER
    version: str = "human"

    def judge(self, seen: Seen, reps: Sequence[Span]) -> Answer:
        """Return the mean of what those say who judged a repetition, and what most of them say."""
        answers = [person.judge(seen, reps) for person in self.people]
        verdicts = [a.verdict for a in answers if a.verdict and a.verdict.score is not None]
        if not verdicts:
            return Answer(abstain("not judged"))
        sizes: dict[str, list[float]] = {}
        votes: dict[str, Counter[str]] = {}
        for verdict in verdicts:
            for fault_id, severity in verdict.fault_severities.items():
                sizes.setdefault(fault_id, []).append(severity)
            for fault_id, side in verdict.fault_sides.items():
                votes.setdefault(fault_id, Counter())[side] += 1
        scores = [v.score for v in verdicts if v.score is not None]
        n_passed = sum(bool(v.good) for v in verdicts)
        return Answer(
            Verdict(
                score=float(np.mean(scores)),
                good=2 * n_passed > len(verdicts),
                fault_severities={name: float(np.mean(some)) for name, some in sizes.items()},
                fault_sides={name: some.most_common(1)[0][0] for name, some in votes.items()},
            )
        )

    def found(self, filmed: Filmed) -> tuple[Span, ...] | None:
        """Return None: each marks repetitions of their own."""
        return None


Person = Annotator | Together


def read_people(path: Path) -> tuple[Person, ...]:
    """Read opinions: each annotator, and all together where there are several.

    Raises:
        FormbenchError: A line is not what `label opinions` writes, or there is none.
    """
    people: dict[str, dict[Video, list[Opinion]]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            said = json.loads(line)
            if said["schema"] != SCHEMA:
                raise ValueError(f"expected schema {SCHEMA}, got {said['schema']!r}")
            opinion = _opinion(said)
            videos = people.setdefault(str(said["annotator"]), {})
            videos.setdefault((said["clip_id"], said["view"]), []).append(opinion)
        except (ValueError, KeyError, TypeError, FormbenchError) as error:
            told = f"no {error}" if isinstance(error, KeyError) else str(error)
            raise FormbenchError(
                f"{path}, line {number}: expected what `label opinions` writes: {told}"
            ) from error
    if not people:
        raise FormbenchError(f"{path}: expected opinions, got none")
    each = [Annotator(name, videos) for name, videos in sorted(people.items())]
    return (*each, Together(each)) if len(each) > 1 else tuple(each)


def anybody_saw(people: Sequence[Person], filmed: Filmed) -> bool:
    """Whether any annotator said something of a video."""
    video = filmed.clip.clip_id, filmed.view
    return any(video in person.opinions for person in people if isinstance(person, Annotator))


def judged_by(
    people: Sequence[Person], filmed: Filmed, poses: str
) -> tuple[list[Judged], list[Found]]:
    """Return what people say of a video's repetitions, and of where they are."""
    reps = filmed.clip.reps
    judged = [
        Judged(person.name, poses, seen.view, seen.truth, person.judge(seen, reps))
        for seen in filmed.repetitions()
        for person in people
    ]
    marked = [(person.name, person.found(filmed)) for person in people]
    return judged, [
        held_against_truth(name, poses, filmed, spans)
        for name, spans in marked
        if spans is not None
    ]


def _verdict(severities: Mapping[str, float], sides: Mapping[str, str]) -> Verdict:
    worst = max((severities[fault_id] for fault_id in sides), default=None)
    score = 100.0 if worst is None else 50 * (1 - min(max(worst, 0.0), 1.0))
    return Verdict(score=score, good=worst is None, fault_severities=severities, fault_sides=sides)


def _opinion(said: Mapping[str, Any]) -> Opinion:
    reps = said["repetitions"]
    judged = [
        (Span(*one["span"]), one["fault_severities"], one["fault_sides"]) for one in said["judged"]
    ]
    for _, severities, sides in judged:
        _verdict(severities, sides)
    return Opinion(None if reps is None else tuple(Span(*rep) for rep in reps), tuple(judged))
