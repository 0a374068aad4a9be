"""One training sample: a stretch of frames of one repetition from one camera, as arrays.

The same dictionary comes out of a dataset's folder and out of shards:

    keypoints     (T, K, 2) float32, pixels; 0 where a point is missing or outside the image
    visibility    (T, K) uint8
    mask          (T,) bool: frames that are there and that somebody labelled
    present       (F,) float32: for each fault 1, 0, or NaN where nobody says
    severity      (F,) float32, likewise
    video         (T, H, W, 3) uint8, where it was asked for
    clip_id, camera, rep, start_frame, fps

Stretches that end early are filled up with zeros, and their mask is false.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from motions.conventions import convention
from motions.errors import FormbenchError
from motions.motion import Span
from simulator.picking import pick_arrays

Sample = dict[str, Any]


@dataclass(frozen=True)
class Wishes:
    """What a sample is made of."""

    convention_name: str = "coco17"
    n_frames: int | None = None
    """Length of every sample; None for whole repetitions of any length."""
    stride: int | None = None
    """Frames from one sample's start to the next; `n_frames` when None."""
    faults: tuple[str, ...] = ()
    """Which faults `present` and `severity` tell of, in this order."""
    video: bool = False
    """Whether the pictures are decoded too."""

    def __post_init__(self) -> None:
        convention(self.convention_name)
        for name in ("n_frames", "stride"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise FormbenchError(f"samples: expected {name} of at least 1, got {value}")


@dataclass(frozen=True)
class Stretch:
    """Where a sample is: frames start_frame to stop_frame of one view, in one repetition."""

    clip_id: str
    camera: str
    rep: int
    start_frame: int
    stop_frame: int


def stretches(
    about: Mapping[str, Any], cameras: Sequence[str], wishes: Wishes
) -> Iterator[Stretch]:
    """Yield the samples of a clip from its clip.json, by camera, repetition and time."""
    for camera in cameras:
        for rep, span in enumerate(about["reps"]):
            frames = Span(**span).frames(about["fps"], about["n_frames"])
            length = wishes.n_frames or frames.stop - frames.start
            for start in range(frames.start, frames.stop, wishes.stride or max(length, 1)):
                stop = min(start + length, frames.stop)
                yield Stretch(about["clip_id"], camera, rep, start, stop)


def arrays_of(
    npz: bytes, cameras: Sequence[str], convention_name: str
) -> dict[str, dict[str, np.ndarray]]:
    """Return by camera points and visibility, and which frames are labelled, from a truth.npz."""
    names = {
        (camera, what): f"{camera}/{name}"
        for camera in cameras
        for what, name in (
            ("px", f"{convention_name}_px"),
            ("visibility", f"{convention_name}_visibility"),
            ("labelled", "labelled"),
        )
    }
    arrays = pick_arrays(npz, names.values())
    found: dict[str, dict[str, np.ndarray]] = {camera: {} for camera in cameras}
    for (camera, what), name in names.items():
        if name in arrays:
            found[camera][what] = arrays[name]
        elif what != "labelled":
            raise FormbenchError(f"camera {camera}: expected {convention_name} keypoints, got none")
    return found


def sample(
    about: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    stretch: Stretch,
    wishes: Wishes,
    video: np.ndarray | None = None,
) -> Sample:
    """Return one sample.

    Args:
        about: The clip's clip.json.
        arrays: What `arrays_of` gave for the camera.
        stretch: Which frames.
        wishes: What to make of them.
        video: The stretch's pictures. Shape (n, H, W, 3).
    """
    frames = slice(stretch.start_frame, stretch.stop_frame)
    length = wishes.n_frames or stretch.stop_frame - stretch.start_frame
    visibility = arrays["visibility"][frames]
    points = np.where(visibility[..., None] > 0, arrays["px"][frames], 0)
    labelled = arrays["labelled"][frames] if "labelled" in arrays else np.ones(len(points), bool)
    said = {f["fault_id"]: f for f in about["faults"] if f["rep"] == stretch.rep}
    made: Sample = {
        "keypoints": filled(points.astype(np.float32), length),
        "visibility": filled(visibility, length),
        "mask": filled(labelled, length),
        "present": _column(said, "present", wishes.faults),
        "severity": _column(said, "severity", wishes.faults),
        "clip_id": stretch.clip_id,
        "camera": stretch.camera,
        "rep": stretch.rep,
        "start_frame": stretch.start_frame,
        "fps": float(about["fps"]),
    }
    if video is not None:
        made["video"] = filled(video, length)
    return made


def filled(array: np.ndarray, length: int) -> np.ndarray:
    """Return an array with zeros after it, so many rows in all."""
    if len(array) == length:
        return array.copy()  # arrays out of archives are read-only, which torch warns of
    return np.concatenate([array, np.zeros((length - len(array), *array.shape[1:]), array.dtype)])


def _column(said: Mapping[str, Any], key: str, faults: Sequence[str]) -> np.ndarray:
    return np.array([said[f][key] if f in said else np.nan for f in faults], dtype=np.float32)
