"""Pulled annotations as clips: what annotators agree on about real footage, in the dataset's form.

One clip a piece of footage. Joints are there on the frames that were labelled, with the standard
error of the consensus; repetitions have the error of their boundaries, and each fault the
probability that it is judged rightly. A fault's measured size is what its stars mean. Nobody
knows where the camera stood: it has its image's size and a nominal focal length.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from export.files import read_json
from labeling.consensus import (
    LEAST_ERROR_PX,
    LEAST_ERROR_S,
    ConsensusFault,
    ConsensusPose,
    ConsensusRep,
)
from labeling.folder import LabelFolder, read_label_folder
from labeling.footage import SCHEMA as FOOTAGE_SCHEMA
from labeling.interface import JOINTS
from labeling.labels import FaultLabels, Page, PoseLabels, RepetitionLabels, Task
from labeling.pull import read_annotations
from labeling.tasks import opaque_id
from labeling.trust import Consensus, assess
from motions.errors import FormbenchError
from simulator.cameras.camera import Camera
from simulator.clip import Clip, View, write_clip
from simulator.faults.library import FAULTS
from simulator.faults.spec import FaultSpan
from simulator.rendering.images import read_image
from simulator.rendering.video import VideoWriter, read_video

BOX_MARGIN = 0.1
"""How much larger than the labelled joints a person's box is, on each side."""


def labelled_clips(folder: Path, licence: str) -> Iterator[Path]:
    """Yield a folder for each labelled piece of footage of a labelling folder, one after another.

    Each folder is gone when the next is asked for.

    Args:
        folder: What `label pull` wrote.
        licence: SPDX expression of what the people in the footage and its owner consented to.

    Raises:
        FormbenchError: There is no footage in it, nothing was pulled, or nothing was answered.
    """
    tasks = read_label_folder(folder)
    if not (folder / "footage.json").is_file():
        raise FormbenchError(f"{folder}: holds no real footage; its simulated clips have the truth")
    footage = read_json(folder / "footage.json", FOOTAGE_SCHEMA)["footage"]
    said = {one.uid: one for one in assess(tasks).consensus} | _ground_truth(tasks)
    n_labelled = 0
    for row in footage:
        of_clip = [t for t in tasks.tasks if t.uid in said and t.shows(row["clip_id"])]
        if not of_clip:
            continue
        n_labelled += 1
        with tempfile.TemporaryDirectory() as temporary:
            there = Path(temporary)
            pages = [page for task in of_clip for page in task.pages_of(row["clip_id"]).values()]
            video = _take_video(folder / "media", row, pages, there)
            size_px = _size_px(row, pages, there / video if video else None)
            write_clip(_clip(row, of_clip, said, licence, video, size_px), there)
            yield there
    if not n_labelled:
        raise FormbenchError(f"{folder}: nobody has answered a task about its footage")


def _ground_truth(folder: LabelFolder) -> dict[str, Consensus]:
    """Return what someone marked as ground truth, as a consensus that is as sure as any is."""
    found = {}
    for a in read_annotations(folder):
        if not a.ground_truth or a.skipped:
            continue
        labels = a.labels
        poses = labels.poses if isinstance(labels, PoseLabels) else ()
        spans = labels.reps if isinstance(labels, RepetitionLabels | FaultLabels) else ()
        faults = labels.faults if isinstance(labels, FaultLabels) else ()
        found[a.uid] = Consensus(
            uid=a.uid,
            n_annotators=1,
            poses=tuple(
                ConsensusPose(p, np.where(p.visibility > 0, LEAST_ERROR_PX, np.nan)) for p in poses
            ),
            reps=tuple(ConsensusRep(span, LEAST_ERROR_S, 1.0) for span in spans),
            faults=tuple(
                ConsensusFault(
                    f.rep, f.fault_id, float(f.present), f.severity if f.present else None
                )
                for f in faults
            ),
        )
    return found


def _clip(
    row: Mapping[str, Any],
    tasks: Sequence[Task],
    said: Mapping[str, Consensus],
    licence: str,
    video: str | None,
    size_px: tuple[int, int],
) -> Clip:
    n_frames = len(row["source_frames"])
    # Faults are told of repetitions, so those that they were told of come before others.
    judging = [said[t.uid] for t in tasks if t.kind in ("faults", "clip_faults")]
    marking = [*judging, *(said[t.uid] for t in tasks if t.kind == "repetitions")]
    marked = marking[0] if marking else Consensus("", 0)
    return Clip(
        clip_id=row["clip_id"].replace(".", "-"),
        exercise=row["exercise"],
        subject_id=row["person"],
        group_id=f"{row['person']}-{row['session']}-{row['exercise']}",
        fps=row["fps"],
        joints_world_m=np.zeros((n_frames, 0, 3)),
        world_wxyz=np.zeros((n_frames, 0, 4)),
        rest_offsets_m=np.zeros((0, 3)),
        keypoints_world_m={},
        contacts=np.zeros((n_frames, 0), dtype=bool),
        phase=np.full(n_frames, np.nan),
        reps=tuple(rep.span for rep in marked.reps),
        rep_error_s=tuple(rep.error_s for rep in marked.reps),
        faults=tuple(_fault(fault, marked) for fault in marked.faults),
        views=(_view(row, tasks, said, video, size_px),),
        body={},
        metrics={},
        licences={"footage": licence},
        plan={},
        sources=dict.fromkeys(("keypoints", "boxes", "reps", "faults"), "human"),
        footage={name: row[name] for name in ("session", "file", "sha256")},
    )


def _fault(fault: ConsensusFault, marked: Consensus) -> FaultSpan:
    spec = FAULTS[fault.fault_id]
    present = fault.probability >= 0.5 and fault.severity is not None
    size = spec.size_at_severity(fault.severity or 0.0) if present else spec.neutral
    return FaultSpan(
        fault_id=fault.fault_id,
        rep=fault.rep,
        span=marked.reps[fault.rep].span,
        side="both",
        unit=spec.unit,
        requested=None,
        measured=size,
        severity=spec.severity(size),
        present=present,
        source="human",
        confidence=max(fault.probability, 1 - fault.probability),
    )


def _view(
    row: Mapping[str, Any],
    tasks: Sequence[Task],
    said: Mapping[str, Consensus],
    video: str | None,
    size_px: tuple[int, int],
) -> View:
    n_frames, n_joints = len(row["source_frames"]), len(JOINTS.keypoint_names)
    points = np.full((n_frames, n_joints, 2), np.nan)
    error_px = np.full((n_frames, n_joints), np.nan)
    visibility = np.zeros((n_frames, n_joints), dtype=np.uint8)
    labelled = np.zeros(n_frames, dtype=bool)
    box_px = np.zeros((n_frames, 4))
    width, height = size_px
    for task in tasks:
        pages = task.pages_of(row["clip_id"])
        labelled[[page.frame_index for page in pages.values()]] = True
        for one in said[task.uid].poses:
            if one.pose.page not in pages:
                continue  # another camera's
            frame = pages[one.pose.page].frame_index
            points[frame], visibility[frame] = one.pose.keypoints_px, one.pose.visibility
            error_px[frame] = one.error_px
            box_px[frame] = _box_px(points[frame], width, height)
    return View(
        camera=Camera(row["camera"], width, height, float(max(width, height)), np.eye(4)),
        keypoints_px={JOINTS.name: points},
        visibility={JOINTS.name: visibility},
        box_px=box_px,
        video=video,
        labelled=labelled,
        error_px={JOINTS.name: error_px},
    )


def _box_px(points: np.ndarray, width: int, height: int) -> np.ndarray:
    there = points[~np.isnan(points[:, 0])]
    if not len(there):
        return np.zeros(4)
    low, high = there.min(axis=0), there.max(axis=0)
    margin = BOX_MARGIN * (high - low)
    limits = [width, height]
    return np.concatenate([np.clip(low - margin, 0, limits), np.clip(high + margin, 0, limits)])


def _size_px(row: Mapping[str, Any], pages: Sequence[Page], video: Path | None) -> tuple[int, int]:
    """Return width and height, even as those of videos are."""
    if pages:
        return pages[0].width_px // 2 * 2, pages[0].height_px // 2 * 2
    if video is None:
        raise FormbenchError(f"{row['clip_id']}: its video is not in the folder's media")
    rgb = next(read_video(video).frames)
    return rgb.shape[1], rgb.shape[0]


def _take_video(
    media: Path, row: Mapping[str, Any], pages: Sequence[Page], there: Path
) -> str | None:
    """Copy the footage's video beside its clip, a photo as a video of one frame."""
    name = f"{row['camera']}.mp4"
    video = media / f"{opaque_id(row['sha256'], row['clip_id'], row['camera'])}.mp4"
    if video.is_file():
        shutil.copyfile(video, there / name)
        return name
    photos = [media / page.image for page in pages]
    if len(row["source_frames"]) > 1 or not photos or not photos[0].is_file():
        return None
    rgb = read_image(photos[0])
    height, width = (size // 2 * 2 for size in rgb.shape[:2])
    with VideoWriter(there / name, width, height, row["fps"]) as writer:
        writer.write(np.ascontiguousarray(rgb[:height, :width]))
    return name
