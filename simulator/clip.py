"""A clip, the unit on disk: one performance with its truth and one view per camera.

    clip_000007/
        clip.json     what and who: plan, body, cameras, spans, faults, licences; sorted keys
        truth.npz     arrays, named as the properties below; no pickles
        front.mp4     one H.264 video a camera, absent when only keypoints were made

The folder is written under a temporary name and renamed, so a clip that is there is whole.

Real footage is a clip too, of which less is known: no place in the world (0 joints), no contacts,
no phase. `sources` says who says what, and the views say how sure that is.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from motions.arrays import frozen
from motions.conventions import CONVENTIONS
from motions.errors import FormbenchError, unknown_name
from motions.motion import CONTACT_POINTS, Span
from simulator.faults.spec import FaultSpan
from simulator.picking import pick_arrays
from simulator.view import View, view_from

__all__ = ["Clip", "View", "faults_of", "read_about", "read_clip", "write_clip"]

SCHEMA = "formbench.clip/3"
SOURCES = ("simulator", "human", "estimator", "scorer")
"""Who may say something about a clip."""
SIMULATED = dict.fromkeys(("keypoints", "boxes", "reps", "faults"), "simulator")
"""`Clip.sources` of a clip that was made here."""
_ARRAYS = ("joints_world_m", "world_wxyz", "rest_offsets_m", "contacts", "phase")


def clip_id(index: int) -> str:
    """Return the name of a dataset's clip, counted from 0.

    >>> clip_id(7)
    'clip_000007'
    """
    return f"clip_{index:06d}"


@dataclass(frozen=True)
class Clip:
    """One performance, its truth and its views."""

    clip_id: str
    exercise: str
    subject_id: str
    """The same for every clip of one body; splits keep a subject on one side."""
    group_id: str
    """The same for counterfactual siblings: all else equal but the faults."""
    fps: float
    joints_world_m: np.ndarray
    """SMPL-22 joint centres. Shape (T, 22, 3), or (T, 0, 3) for real footage."""
    world_wxyz: np.ndarray
    """How far each bone has turned from the T-pose. Shape (T, 22, 4), or (T, 0, 4)."""
    rest_offsets_m: np.ndarray
    """From each joint's parent to it in this person's T-pose. Shape (22, 3), or (0, 3)."""
    keypoints_world_m: Mapping[str, np.ndarray]
    """By convention, "smpl22" not among them. Shape (T, K, 3)."""
    contacts: np.ndarray
    """Whether each of CONTACT_POINTS is planted. Shape (T, 4), or (T, 0); bool."""
    phase: np.ndarray
    """0 at rest to 1 at the far end of the working range; NaN for footage. Shape (T,)."""
    reps: tuple[Span, ...]
    faults: tuple[FaultSpan, ...]
    """One for each repetition and each fault of the exercise, measured; `present` says which are
    there."""
    views: tuple[View, ...]
    body: Mapping[str, Any]
    """Model, version, parameters, height and licence of the body."""
    metrics: Mapping[str, float]
    """Quality of the retargeting."""
    licences: Mapping[str, str]
    """SPDX identifiers of what the clip was made from: motion, body, textures."""
    plan: Mapping[str, Any]
    """The complete description that the clip was made from."""
    sources: Mapping[str, str] = field(default_factory=lambda: dict(SIMULATED))
    """Who of SOURCES says where the keypoints, boxes, repetitions and faults are."""
    rep_error_s: tuple[float, ...] = ()
    """Standard error of each repetition's boundaries where humans marked them."""
    footage: Mapping[str, Any] | None = None
    """Where real footage is from: session, and what else is known; None for a simulated clip."""

    def __post_init__(self) -> None:
        real = self.footage is not None
        sizes: dict[str, int] = {"P": 0 if real else len(CONTACT_POINTS), "J": 0 if real else 22}
        at = f"clip {self.clip_id}:"
        for name, dims in (
            ("joints_world_m", ("T", "J", 3)),
            ("world_wxyz", ("T", "J", 4)),
            ("rest_offsets_m", ("J", 3)),
        ):
            _set(self, name, frozen(f"{at} {name}", getattr(self, name), dims, sizes))
        _set(
            self, "contacts", frozen(f"{at} contacts", self.contacts, ("T", "P"), sizes, dtype=bool)
        )
        _set(self, "phase", frozen(f"{at} phase", self.phase, ("T",), sizes, nan_allowed=real))
        for what, source in self.sources.items():
            if source not in SOURCES:
                raise unknown_name(f"{at} source of {what}", source, SOURCES)
        for name, points in self.keypoints_world_m.items():
            frozen(f"{at} {name}", points, ("T", _count(name), 3), sizes)
        for view in self.views:
            view.check(f"{at} {view.camera.name}", sizes)

    @property
    def n_frames(self) -> int:
        """Number of frames T."""
        return len(self.joints_world_m)

    def view(self, camera_name: str) -> View:
        """Return the view of one camera, or raise with the cameras there are."""
        for view in self.views:
            if view.camera.name == camera_name:
                return view
        raise FormbenchError(
            f"clip {self.clip_id}: no camera {camera_name!r}; "
            f"it has {', '.join(v.camera.name for v in self.views)}"
        )


def write_clip(clip: Clip, folder: Path) -> None:
    """Write the truth of a clip into an existing folder, beside the videos that are there."""
    about = {
        "schema": SCHEMA,
        **{
            name: getattr(clip, name)
            for name in ("clip_id", "exercise", "subject_id", "group_id", "fps", "n_frames")
        },
        **{
            name: dict(getattr(clip, name))
            for name in ("body", "metrics", "licences", "plan", "sources")
        },
        "footage": None if clip.footage is None else dict(clip.footage),
        "rep_error_s": list(clip.rep_error_s),
        "reps": [asdict(rep) for rep in clip.reps],
        "faults": [asdict(fault) for fault in clip.faults],
        "views": [view.about() for view in clip.views],
    }
    arrays: dict[str, np.ndarray] = {name: getattr(clip, name) for name in _ARRAYS}
    for name, points in clip.keypoints_world_m.items():
        arrays[f"{name}_world_m"] = points
    for view in clip.views:
        arrays.update(view.arrays())
    _write_arrays(arrays, folder / "truth.npz")
    text = json.dumps(about, indent=1, sort_keys=True, allow_nan=False)
    (folder / "clip.json").write_text(text + "\n", encoding="utf-8")


def _write_arrays(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Write what `numpy.load` reads; doubles stand as they are, because deflating them takes a
    third of a clip's time and saves a fifth of its bytes."""
    with zipfile.ZipFile(path, "w") as file:
        for name, array in arrays.items():
            doubles = array.dtype == np.float64
            member = zipfile.ZipInfo(f"{name}.npy")  # of 1980: the same bytes at any time
            member.compress_type = zipfile.ZIP_STORED if doubles else zipfile.ZIP_DEFLATED
            with file.open(member, "w") as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)


def read_about(folder: Path) -> dict[str, Any]:
    """Read what and who a clip is, without its arrays: clip.json as it was written."""
    try:
        about = json.loads((folder / "clip.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FormbenchError(f"{folder}: not a clip: clip.json is missing") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FormbenchError(f"{folder}: damaged clip: {error}") from error
    schema = about.get("schema") if isinstance(about, dict) else None
    if schema != SCHEMA:
        raise FormbenchError(
            f"{folder}: expected schema {SCHEMA}, got {schema!r}; generate the clips of one "
            "dataset with one version of formbench"
        )
    return about


def read_clip(folder: Path) -> Clip:
    """Read a clip back, equal in every value to the one written."""
    about = read_about(folder)
    try:
        arrays: dict[str, Any] = pick_arrays((folder / "truth.npz").read_bytes())
    except FileNotFoundError as error:
        raise FormbenchError(f"{folder}: not a clip: truth.npz is missing") from error
    except FormbenchError as error:
        raise FormbenchError(f"{folder}: damaged clip: {error}") from error
    world = [name for name in CONVENTIONS if f"{name}_world_m" in arrays]
    return Clip(
        **{
            name: about[name]
            for name in ("clip_id", "exercise", "subject_id", "group_id", "fps", "body", "metrics",
                         "licences", "plan", "sources", "footage")
        },
        **{name: arrays[name] for name in _ARRAYS},
        rep_error_s=tuple(about["rep_error_s"]),
        keypoints_world_m={name: arrays[f"{name}_world_m"] for name in world},
        reps=tuple(Span(**rep) for rep in about["reps"]),
        faults=faults_of(about),
        views=tuple(view_from(view, arrays) for view in about["views"]),
    )  # fmt: skip


def faults_of(about: Mapping[str, Any]) -> tuple[FaultSpan, ...]:
    """Return the fault spans in what `read_about` read."""
    return tuple(FaultSpan(**{**f, "span": Span(**f["span"])}) for f in about["faults"])


def _set(clip: Clip, name: str, value: np.ndarray) -> None:
    object.__setattr__(clip, name, value)


def _count(convention_name: str) -> int:
    return len(CONVENTIONS[convention_name].keypoint_names)
