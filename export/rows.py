"""The rows of a dataset's two tables, and how a clip gives them."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from motions.errors import FormbenchError
from simulator.clip import faults_of
from simulator.physics.gate import failures


@dataclass(frozen=True)
class ClipRow:
    """One clip of a dataset, without its truth."""

    clip_id: str
    exercise: str
    subject_id: str
    group_id: str
    n_frames: int
    fps: float
    n_reps: int
    cameras: tuple[str, ...]
    faults: tuple[str, ...]
    """The ids of the faults that are present in some repetition, sorted."""
    licences: tuple[str, ...]
    """SPDX identifiers of what the clip was made from, sorted."""
    origin: str
    """"synthetic" or "real"."""
    session: str
    """What was recorded in one go: the recording session, or the set of a simulated person."""
    motion: str
    """The same for clips that show one and the same movement, on whatever body."""
    background: str
    """What is behind the person, as far as that is known."""
    body_shape: str
    """One of BODY_SHAPES, or "unknown"."""
    body_id: str = ""
    """The same for clips of one simulated body, under whatever subject id; empty for the real."""
    variation: str = ""
    """What looks odd in it and is correct, see `simulator.variations`; "" for none."""
    attempt: int = 0
    """How often the clip was planned before and given up as implausible."""
    broken_limits: tuple[str, ...] = ()
    """The mechanical limits that it breaks all the same, see `simulator.physics.gate`."""


BODY_SHAPES = ("short", "middling", "tall")
"""Below, within and above MIDDLING_M."""
MIDDLING_M = (1.62, 1.78)
"""About the middle third of adults' heights."""


@dataclass(frozen=True)
class FaultRow:
    """One measured fault of one repetition; fields as in `simulator.faults.spec.FaultSpan`."""

    clip_id: str
    rep: int
    fault_id: str
    start_s: float
    end_s: float
    side: str
    unit: str
    requested: float | None
    measured: float
    severity: float
    present: bool
    source: str
    grey: bool
    confidence: float
    requested_side: str = ""


def clip_row(about: Mapping[str, Any]) -> ClipRow:
    """Return the row of a clip from its clip.json."""
    return ClipRow(
        **{
            name: about[name]
            for name in ("clip_id", "exercise", "subject_id", "group_id", "n_frames", "fps")
        },
        n_reps=len(about["reps"]),
        cameras=tuple(view["camera"]["name"] for view in about["views"]),
        faults=tuple(sorted({f.fault_id for f in faults_of(about) if f.present})),
        licences=tuple(sorted(set(about["licences"].values()))),
        **_where_from(about),
        variation=about["plan"].get("variation", ""),
        attempt=about["plan"].get("attempt", 0),
        broken_limits=failures(about["metrics"], str(about["body"].get("model"))),
    )


def _where_from(about: Mapping[str, Any]) -> dict[str, Any]:
    footage, plan, height_m = about["footage"], about["plan"], about["body"].get("height_m")
    if footage is not None:
        session = f"{about['subject_id']}-{footage['session']}"
        origin = {"origin": "real", "session": session, "motion": session, "background": session}
    else:
        looks = plan.get("looks") or {}
        origin = {
            "origin": "synthetic",
            "session": about["group_id"],
            "motion": plan.get("recording") or about["group_id"],
            "background": looks.get("background") or looks.get("floor") or "unknown",
        }
    body = json.dumps(about["body"], sort_keys=True).encode() if about["body"] else b""
    body_id = hashlib.sha256(body).hexdigest()[:16] if body else ""
    shape = "unknown"
    if height_m is not None:
        shape = BODY_SHAPES[sum(height_m > limit for limit in MIDDLING_M)]
    return origin | {"body_shape": shape, "body_id": body_id}


def check_names(row: ClipRow) -> None:
    """Refuse what would be no plain name of a file or folder."""
    for kind, name in (("clip id", row.clip_id), *(("camera", name) for name in row.cameras)):
        if not re.fullmatch(r"\w[\w.-]*", name, re.ASCII):
            raise FormbenchError(
                f"clip {row.clip_id}: expected a {kind} of letters, digits, '_', '-' and '.', "
                f"got {name!r}"
            )


def fault_rows(about: Mapping[str, Any]) -> Iterator[FaultRow]:
    """Yield the rows of a clip's faults from its clip.json."""
    for fault in faults_of(about):
        yield FaultRow(
            clip_id=about["clip_id"],
            rep=fault.rep,
            fault_id=fault.fault_id,
            start_s=fault.span.start_s,
            end_s=fault.span.end_s,
            side=fault.side,
            unit=fault.unit,
            requested=fault.requested,
            measured=fault.measured,
            severity=fault.severity,
            present=fault.present,
            source=fault.source,
            grey=fault.grey,
            confidence=fault.confidence,
            requested_side=fault.requested_side,
        )
