"""How scorers outside this process are asked and answer: JSON objects, one a line.

A request is about one repetition; a prediction answers it. Both carry the repetition's `id`, a hash
of what the scorer is shown: the same repetition has the same id in every run, and the id tells
nothing else. Points that were not seen are null. Keys that a prediction does not need it may leave
out; keys that nobody knows are errors. The JSON Schema is scoring/prediction.schema.json.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from motions.errors import FormbenchError, unknown_name
from motions.motion import Span
from scoring.contract import Verdict
from scoring.poses import PoseSequence

REQUEST = "formbench.request/1"
PREDICTION = "formbench.prediction/1"
FAILURES = {
    "hung": "no answer in time",
    "died": "ended, or nobody there",
    "invalid": "an answer that is no prediction",
    "twice": "two predictions for one repetition",
    "raised": "an exception, for a scorer in Python",
}
"""How a scorer may fail on a repetition."""
COMPLAINTS = {
    "noise": "lines that are no prediction",
    "repeated": "second answers",
    "unknown": "answers to what was not asked",
}
"""What a scorer may say beside its answers; it is counted, and none of it is believed."""
_ABOUT = ("convention_name", "fps", "source", "unit", "exercise", "view", "person")
_ANSWERS = (
    "score", "good", "joint_distances", "fault_severities", "fault_sides", "fault_spans",
    "fault_confidences", "repetitions", "abstained",
)  # fmt: skip


class ScorerFailure(FormbenchError):
    """What a stranger's scorer did in place of an answer.

    Args:
        kind: One of FAILURES.
        message: What happened, in a line.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def request(sequence: PoseSequence) -> dict[str, Any]:
    """Return a sequence as a request."""
    points = sequence.keypoints.astype(object)
    points[np.isnan(sequence.keypoints)] = None
    body = {name: getattr(sequence, name) for name in _ABOUT}
    body |= {"keypoints": points.tolist(), "confidence": sequence.confidence.tolist()}
    text = json.dumps(body, sort_keys=True, allow_nan=False)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {"schema": REQUEST, "id": digest, **body}


def sequence_of(asked: Mapping[str, Any]) -> PoseSequence:
    """Return the sequence of a request, equal in every value to the one it was made from."""
    if asked.get("schema") != REQUEST:
        raise FormbenchError(f"request: expected schema {REQUEST}, got {asked.get('schema')!r}")
    return PoseSequence(
        keypoints=np.array(asked["keypoints"], dtype=np.float64),
        confidence=np.array(asked["confidence"], dtype=np.float64),
        **{name: asked[name] for name in _ABOUT},
    )


def prediction(request_id: str, verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as a prediction."""
    said: dict[str, Any] = {name: getattr(verdict, name) for name in _ANSWERS}
    if verdict.repetitions is not None:
        said["repetitions"] = [[rep.start_s, rep.end_s] for rep in verdict.repetitions]
    maps = {name: dict(value) for name, value in said.items() if isinstance(value, Mapping)}
    maps["fault_spans"] = {n: [s.start_s, s.end_s] for n, s in verdict.fault_spans.items()}
    return {"schema": PREDICTION, "id": request_id, **said, **maps}


def verdict_of(said: Mapping[str, Any]) -> Verdict:
    """Return the verdict of a prediction.

    Raises:
        ScorerFailure: It has another schema or unknown keys, or a value is not what it should be.
    """
    try:
        return _verdict(said)
    except FormbenchError as error:
        raise ScorerFailure("invalid", f"prediction: {error}") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise ScorerFailure(
            "invalid", f"prediction: expected values as in its schema: {error}"
        ) from error


def _verdict(said: Mapping[str, Any]) -> Verdict:
    if said.get("schema") != PREDICTION:
        raise FormbenchError(f"expected schema {PREDICTION}, got {said.get('schema')!r}")
    given = {name: value for name, value in said.items() if name not in ("schema", "id")}
    for name in given:
        if name not in _ANSWERS:
            raise unknown_name("key", name, _ANSWERS)
    reps = given.pop("repetitions", None)
    spans = None if reps is None else tuple(Span(start_s, end_s) for start_s, end_s in reps)
    found = {name: Span(*ends) for name, ends in given.pop("fault_spans", {}).items()}
    return Verdict(score=given.pop("score", None), repetitions=spans, fault_spans=found, **given)


def to_line(message: Mapping[str, Any]) -> str:
    """Return a message as a line, the same bytes for the same message."""
    return json.dumps(message, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"


def from_line(line: str | bytes) -> dict[str, Any]:
    """Return the object in a line; an empty one for a line that holds none."""
    try:
        said = json.loads(line)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return said if isinstance(said, dict) else {}
