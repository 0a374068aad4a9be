"""What is asked of an annotator, and what was answered: plain data, no Label Studio.

A `Task` is one thing to look at. Its labels come from annotators, from a pose estimator or from the
simulator, and are the same type from all three, so that one can be held against another.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from labeling.interface import JOINTS, KINDS
from motions.arrays import frozen
from motions.errors import FormbenchError, unknown_name
from motions.motion import Span
from simulator.faults.spec import FaultSpan


@dataclass(frozen=True)
class Source:
    """What tasks are made of: a clip of a dataset, or real footage."""

    identity: str
    """A hash of where it is from, so that uids of two datasets differ."""
    clip_id: str
    exercise: str
    fps: float
    n_frames: int
    sizes_px: Mapping[str, tuple[int, int]]
    """Width and height of each camera's image, by the camera's name."""

    def size_px(self, camera: str) -> tuple[int, int]:
        """Return the width and height of a camera's image, or raise with the nearest name."""
        if camera not in self.sizes_px:
            raise unknown_name(f"camera of {self.clip_id}", camera, self.sizes_px)
        return self.sizes_px[camera]


@dataclass(frozen=True)
class Chosen:
    """A frame of one camera that someone should label, and why."""

    camera: str
    frame_index: int
    reason: str


@dataclass(frozen=True)
class Page:
    """One image of a pose task: one camera at one instant."""

    image: str
    """File name in the media folder."""
    camera: str
    frame_index: int
    width_px: int
    height_px: int
    reason: str
    """Why this frame was chosen."""
    clip_id: str
    """The clip of the dataset or the footage that it is from: real cameras have one each."""


@dataclass(frozen=True)
class Task:
    """One thing to label. `pages` for poses, `video` and `camera` for the other kinds."""

    uid: str
    """Tells nothing about the clip; the only name that Label Studio is given."""
    kind: str
    """One of `labeling.interface.KINDS`."""
    clip_id: str
    """The clip of the dataset or the footage that is shown; the first page's."""
    exercise: str
    fps: float
    n_frames: int
    pages: tuple[Page, ...] = ()
    video: str = ""
    """File name in the media folder."""
    camera: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise unknown_name("kind of task", self.kind, KINDS)
        if bool(self.pages) != (self.kind == "poses") or bool(self.video) == (self.kind == "poses"):
            raise FormbenchError(f"task {self.uid}: expected pages for poses, else a video")
        if not 0 < self.fps < float("inf") or self.n_frames < 1:
            raise FormbenchError(
                f"task {self.uid}: expected a positive frame rate and at least one frame, "
                f"got {self.fps} and {self.n_frames}"
            )

    def shows(self, clip_id: str) -> bool:
        """Whether a clip or a piece of footage is shown."""
        return bool(self.pages_of(clip_id)) if self.pages else self.clip_id == clip_id

    def pages_of(self, clip_id: str) -> dict[int, Page]:
        """Return the pages that are from a clip or a piece of footage, by their index."""
        return {i: page for i, page in enumerate(self.pages) if page.clip_id == clip_id}


@dataclass(frozen=True)
class Pose:
    """One person on one page."""

    page: int
    """Index into the task's pages."""
    keypoints_px: np.ndarray
    """In the order of COCO-17; NaN where the visibility is 0. Shape (17, 2)."""
    visibility: np.ndarray
    """0 outside the image, 1 inside but hidden, 2 visible. Shape (17,), uint8."""

    def __post_init__(self) -> None:
        sizes = {"K": len(JOINTS.keypoint_names)}
        visibility = frozen("Pose.visibility", self.visibility, ("K",), sizes, dtype=np.uint8)
        points = frozen("Pose.keypoints_px", self.keypoints_px, ("K", 2), sizes, nan_allowed=True)
        if (
            visibility.max(initial=0) > 2
            or (np.isnan(points).any(axis=1) != (visibility == 0)).any()
        ):
            raise FormbenchError(
                "Pose: expected visibilities of 0, 1 or 2, and NaN exactly where one is 0"
            )
        object.__setattr__(self, "keypoints_px", points)
        object.__setattr__(self, "visibility", visibility)

    def __eq__(self, other: object) -> bool:
        """Whether page, points and visibilities are the same to the bit."""
        return isinstance(other, Pose) and (
            self.page == other.page
            and np.array_equal(self.keypoints_px, other.keypoints_px, equal_nan=True)
            and np.array_equal(self.visibility, other.visibility)
        )

    def __hash__(self) -> int:
        return hash((self.page, self.keypoints_px.tobytes(), self.visibility.tobytes()))


@dataclass(frozen=True)
class PoseLabels:
    """The person on the pages of a task, by page; pages without a person are left out."""

    poses: tuple[Pose, ...]


@dataclass(frozen=True)
class RepetitionLabels:
    """The repetitions of a video, in order."""

    reps: tuple[Span, ...]


@dataclass(frozen=True)
class FaultLabels:
    """The faults of each repetition of a video, or of the video as a whole."""

    reps: tuple[Span, ...]
    """In order; for clip_faults one span, the whole video."""
    faults: tuple[FaultSpan, ...]
    """One for each repetition and each fault of the exercise, by repetition, then fault id;
    `present` says which are there."""
    comments: tuple[str, ...]
    """One a repetition, empty where nothing was said."""


Labels = PoseLabels | RepetitionLabels | FaultLabels


@dataclass(frozen=True)
class Annotation:
    """What one annotator answered to one task."""

    uid: str
    """The task's."""
    kind: str
    annotation_id: int
    """Label Studio's."""
    link: str
    """Where the task is shown in Label Studio."""
    annotator: str
    """An e-mail address."""
    created_at: str
    updated_at: str
    """ISO 8601, the server's clock."""
    seconds: float | None
    """How long it took; None where the editor did not say."""
    skipped: bool
    """The annotator gave the task back without an answer."""
    ground_truth: bool
    """Marked in Label Studio as an answer to hold others against."""
    started_from: str
    """The model whose prediction was changed into this; empty for none."""
    labels: Labels
    problems: tuple[str, ...]
    """What could not become a label, and why."""
