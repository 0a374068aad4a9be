"""What a scorer sees: keypoints over time from one source, and how they are cleaned.

Keypoints follow a named convention of `motions.conventions`; a missing point is NaN with confidence
0, never zero. No clip or subject id and no label travels with a sequence, so a scorer cannot find
the truth through it. The usual order is cut, fill, normalise, resample.
"""

from dataclasses import dataclass, replace

import numpy as np

from motions.arrays import frozen
from motions.conventions import Convention, convention
from motions.errors import FormbenchError, unknown_name
from motions.motion import Span
from simulator.clip import Clip

UNITS = ("px", "m", "torso")
"""Image pixels (u right, v down), world metres (+Z up), torso lengths after `normalised`."""


class UnseenError(FormbenchError):
    """What is to be judged is not seen: hips and shoulders, or any movement of them."""


@dataclass(frozen=True)
class PoseSequence:
    """One person's keypoints over time."""

    keypoints: np.ndarray
    """In `unit`; NaN where missing. Shape (T, K, 2) or (T, K, 3)."""
    confidence: np.ndarray
    """0 where the source saw nothing, up to 1. Shape (T, K)."""
    convention_name: str
    """One of `motions.conventions.CONVENTIONS`."""
    fps: float
    source: str
    """What made the keypoints: "truth", an estimator's name."""
    unit: str = "px"
    """One of UNITS."""
    exercise: str = ""
    """What the person was asked to do; empty when nobody said."""
    view: str = ""
    """The camera's name within its rig ("front", "side"); empty when unknown."""
    person: str = ""
    """The same made-up name for all sequences of one person, where a scorer learns; empty where it
    judges."""

    def __post_init__(self) -> None:
        names = self.convention.keypoint_names
        sizes = {"K": len(names)}
        points = frozen(
            "PoseSequence.keypoints", self.keypoints, ("T", "K", "C"), sizes, nan_allowed=True
        )
        confidence = frozen("PoseSequence.confidence", self.confidence, ("T", "K"), sizes)
        if sizes["T"] == 0 or sizes["C"] not in (2, 3):
            raise FormbenchError(
                "PoseSequence.keypoints: expected at least one frame of 2 or 3 coordinates, "
                f"got shape {points.shape}"
            )
        if not 0 < self.fps < float("inf"):
            raise FormbenchError(f"PoseSequence.fps: expected a positive number, got {self.fps}")
        if self.unit not in UNITS:
            raise unknown_name("PoseSequence.unit", self.unit, UNITS)
        if confidence.min() < 0 or confidence.max() > 1:
            raise FormbenchError(
                "PoseSequence.confidence: expected values from 0 to 1, "
                f"got {confidence.min():g} to {confidence.max():g}"
            )
        unseen = np.isnan(points)
        if (unseen.any(axis=-1) != unseen.all(axis=-1)).any():
            raise FormbenchError(
                "PoseSequence.keypoints: expected all coordinates of a missing point to be NaN"
            )
        if confidence[unseen.any(axis=-1)].any():
            raise FormbenchError(
                "PoseSequence.confidence: expected 0 where the keypoint is missing (NaN)"
            )
        object.__setattr__(self, "keypoints", points)
        object.__setattr__(self, "confidence", confidence)

    @property
    def convention(self) -> Convention:
        """The keypoints' names, order and bones."""
        return convention(self.convention_name)

    @property
    def n_frames(self) -> int:
        """Number of frames T."""
        return len(self.keypoints)

    @property
    def duration_s(self) -> float:
        """Time from the first frame to one frame after the last."""
        return self.n_frames / self.fps

    @property
    def missing(self) -> np.ndarray:
        """Whether each keypoint is missing. Shape (T, K)."""
        return np.isnan(self.keypoints[..., 0])

    def at(self, keypoint_name: str) -> np.ndarray:
        """Return one keypoint over time. Shape (T, 2) or (T, 3)."""
        names = self.convention.keypoint_names
        if keypoint_name not in names:
            raise unknown_name(f"{self.convention_name} keypoint", keypoint_name, names)
        return self.keypoints[:, names.index(keypoint_name)]


def from_clip(clip: Clip, camera_name: str, convention_name: str) -> PoseSequence:
    """Take the true image points of one camera, as a perfect pose estimator would see them.

    Points outside the image are missing; points hidden behind the body are not.
    """
    view = clip.view(camera_name)
    if convention_name not in view.keypoints_px:
        raise unknown_name(
            f"clip {clip.clip_id}: keypoint convention", convention_name, view.keypoints_px
        )
    inside = view.visibility[convention_name] > 0
    return PoseSequence(
        keypoints=np.where(inside[..., None], view.keypoints_px[convention_name], np.nan),
        confidence=inside,
        convention_name=convention_name,
        fps=clip.fps,
        source="truth",
        exercise=clip.exercise,
        view=camera_name,
    )


def cut(sequence: PoseSequence, span: Span) -> PoseSequence:
    """Return the frames whose instants lie in the span."""
    frames = span.frames(sequence.fps, sequence.n_frames)
    if frames.stop <= frames.start:
        raise FormbenchError(
            f"cut: no frame from {span.start_s:g} to {span.end_s:g} s; "
            f"the sequence lasts {sequence.duration_s:g} s"
        )
    return replace(
        sequence, keypoints=sequence.keypoints[frames], confidence=sequence.confidence[frames]
    )


def filled(sequence: PoseSequence, max_gap_s: float = 0.25) -> PoseSequence:
    """Bridge short gaps: straight lines within, the nearest point held at either end.

    A longer gap stays missing. Confidence stays 0, so a bridged point can be told from a seen one.
    """
    points = sequence.keypoints.copy()
    frames = np.arange(sequence.n_frames)
    for k, missing in enumerate(sequence.missing.T):
        if not missing.any() or missing.all():
            continue
        edges = np.diff(missing.astype(np.int8), prepend=0, append=0)
        starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        short = (stops - starts) / sequence.fps <= max_gap_s + 1e-9
        gaps = [frames[a:b] for a, b in zip(starts[short], stops[short], strict=True)]
        if gaps:
            bridged = np.concatenate(gaps)
            for c in range(points.shape[2]):
                points[bridged, k, c] = np.interp(bridged, frames[~missing], points[~missing, k, c])
    return replace(sequence, keypoints=points)


def normalised(sequence: PoseSequence) -> PoseSequence:
    """Take out where the person stands, how far away and how tall.

    The middle of the hips becomes the origin of every frame, and the median torso length over the
    sequence, from mid-hip to mid-shoulder, becomes 1. The median and not each frame's own length,
    because a torso that leans towards the camera looks shorter and must stay so. Ranges are never
    stretched to a common one: that would hide an incomplete repetition.

    Raises:
        FormbenchError: No frame shows both hips and both shoulders.
    """
    return replace(
        sequence,
        keypoints=(sequence.keypoints - mid_hip(sequence)[:, None]) / torso_length(sequence),
        confidence=np.where(np.isnan(mid_hip(sequence)[:, :1]), 0, sequence.confidence),
        unit="torso",
    )


def mid_hip(sequence: PoseSequence) -> np.ndarray:
    """Return the middle of the hips over time. Shape (T, 2) or (T, 3)."""
    return (sequence.at("left_hip") + sequence.at("right_hip")) / 2


def torso_length(sequence: PoseSequence) -> float:
    """Return the median length from mid-hip to mid-shoulder, in the sequence's unit."""
    shoulders = (sequence.at("left_shoulder") + sequence.at("right_shoulder")) / 2
    lengths = np.linalg.norm(shoulders - mid_hip(sequence), axis=-1)
    seen = lengths[~np.isnan(lengths)]
    if not len(seen):
        raise UnseenError(
            "torso length: expected a frame with both hips and both shoulders, found none"
        )
    length = float(np.median(seen))
    if length == 0:
        raise UnseenError("torso length: hips and shoulders lie on one point")
    return length


def resampled(sequence: PoseSequence, n_frames: int) -> PoseSequence:
    """Give the sequence a number of frames, first and last kept, linear in between.

    Between a seen and a missing frame the point is missing.
    """
    if n_frames < 2 or sequence.n_frames < 2:
        raise FormbenchError(
            f"resampled: expected at least 2 frames, got {sequence.n_frames} to become {n_frames}"
        )
    at = np.linspace(0, sequence.n_frames - 1, n_frames)
    below = np.minimum(at.astype(int), sequence.n_frames - 2)
    weight = (at - below)[:, None]
    # A weight of exactly 0 or 1 must not let the other neighbour's NaN through.
    first, second = sequence.keypoints[below], sequence.keypoints[below + 1]
    mixed = first * (1 - weight[..., None]) + second * weight[..., None]
    mixed = np.where(weight[..., None] == 0, first, np.where(weight[..., None] == 1, second, mixed))
    confidence = np.minimum(
        np.where(weight == 1, 1, sequence.confidence[below]),
        np.where(weight == 0, 1, sequence.confidence[below + 1]),
    )
    return replace(
        sequence,
        keypoints=mixed,
        confidence=confidence,
        fps=(n_frames - 1) / (sequence.n_frames - 1) * sequence.fps,
    )
