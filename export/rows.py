"""The rows of a dataset's two tables, and how a clip gives them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from motions.errors import FormbenchError
from simulator.clip import faults_of


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
    )


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
        )
