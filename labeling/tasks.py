"""Tasks for Label Studio: what is shown, under names that give nothing away, and what is predicted.

A task's data holds an opaque uid, addresses of media with opaque names, the exercise and the frame
rate: the same keys for a simulated clip and for real footage. Known truth enters only as a
prediction, and only where it is asked for.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

import numpy as np

from labeling import interface as ui
from labeling.convert import from_percent, judged, to_percent, to_rating, whole_frames
from labeling.labels import (
    Chosen,
    FaultLabels,
    Labels,
    Page,
    Pose,
    PoseLabels,
    RepetitionLabels,
    Source,
    Task,
)
from labeling.predictions import Prediction, prediction_json
from motions.errors import FormbenchError
from motions.motion import Span
from simulator.clip import Clip, View

LOCAL_FILES = "/data/local-files/?d="
"""How the addresses of files that Label Studio itself serves begin."""


def opaque_id(*parts: object) -> str:
    """Return sixteen hexadecimal digits that are always the same for `parts` and never tell them.

    >>> opaque_id("clip_000007", "front", 12)
    '8b5d89cf417bca20'
    """
    text = "\0".join(["formbench.labeling/1", *map(str, parts)])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def clip_source(clip: Clip, identity: str) -> Source:
    """Return a clip as a source of tasks; `identity` is its dataset's hash."""
    cameras = [view.camera for view in clip.views]
    return Source(
        identity=identity,
        clip_id=clip.clip_id,
        exercise=clip.exercise,
        fps=clip.fps,
        n_frames=clip.n_frames,
        sizes_px={camera.name: (camera.width_px, camera.height_px) for camera in cameras},
    )


def pose_task(shown: Sequence[tuple[Source, Chosen]]) -> Task:
    """Make a task whose pages are these frames, in this order: of one camera, or one of each."""
    pages = tuple(_page(source, choice) for source, choice in shown)
    first, _ = shown[0]
    return Task(
        uid=opaque_id(first.identity, "poses", *(page.image for page in pages)),
        kind="poses",
        clip_id=first.clip_id,
        exercise=first.exercise,
        fps=first.fps,
        n_frames=first.n_frames,
        pages=pages,
    )


def video_task(kind: str, source: Source, camera: str) -> Task:
    """Make a task of one of the kinds that show a video, as one camera sees it."""
    source.size_px(camera)
    return Task(
        uid=opaque_id(source.identity, kind, source.clip_id, camera),
        kind=kind,
        clip_id=source.clip_id,
        exercise=source.exercise,
        fps=source.fps,
        n_frames=source.n_frames,
        video=f"{opaque_id(source.identity, source.clip_id, camera)}.mp4",
        camera=camera,
    )


def truth(task: Task, clip: Clip) -> Labels:
    """Return what a perfect annotator would answer: whole frames, whole stars.

    Args:
        task: A task made of this clip.
        clip: The clip.
    """
    if task.kind == "poses":
        seen = [_pose(i, page, clip.view(page.camera)) for i, page in enumerate(task.pages)]
        return PoseLabels(tuple(pose for pose in seen if pose.visibility.any()))
    reps = tuple(whole_frames(rep, clip.fps, clip.n_frames) for rep in clip.reps)
    if task.kind == "repetitions":
        return RepetitionLabels(reps)
    spans = reps if task.kind == "faults" else (Span(0.0, clip.n_frames / clip.fps),)
    faults = []
    for index, span in enumerate(spans):
        for spec in ui.faults_of_exercise(clip.exercise):
            there = [
                fault
                for fault in clip.faults
                if fault.fault_id == spec.id
                and fault.present
                and (task.kind == "clip_faults" or fault.rep == index)
            ]
            worst = max(there, key=lambda fault: fault.severity, default=None)
            rating = to_rating(worst.severity) if worst else None
            faults.append(judged(spec, index, span, rating, worst.side if worst else "both"))
    return FaultLabels(spans, tuple(faults), ("",) * len(spans))


def task_json(
    task: Task,
    media_url: str,
    predictions: Iterable[Prediction] = (),
) -> dict[str, Any]:
    """Return a task as Label Studio imports it.

    Args:
        task: The task.
        media_url: What comes before the names of media, see `local_files_url`.
        predictions: Labels to start from; every one is read back before it is let out, because
            the editor drops, without a word, what it cannot show.
    """
    data: dict[str, Any] = {"uid": task.uid, "exercise": task.exercise}
    if task.kind == "poses":
        data["frames"] = [media_url + quote(page.image) for page in task.pages]
    else:
        data["video"] = media_url + quote(task.video)
        data["fps"] = task.fps
        data["n_frames"] = task.n_frames
    return {
        "data": data,
        "predictions": [prediction_json(task, p) for p in predictions],
    }


def local_files_url(folder_in_root: str) -> str:
    """Return the address under which Label Studio serves a folder of its document root.

    >>> local_files_url("squats 1/media")
    '/data/local-files/?d=squats%201/media/'
    """
    return f"{LOCAL_FILES}{quote(folder_in_root)}/"


def _page(source: Source, chosen: Chosen) -> Page:
    width_px, height_px = source.size_px(chosen.camera)
    if not 0 <= chosen.frame_index < source.n_frames:
        raise FormbenchError(
            f"{source.clip_id}: expected a frame from 0 to {source.n_frames - 1}, "
            f"got {chosen.frame_index}"
        )
    identity = (source.identity, source.clip_id, chosen.camera, chosen.frame_index)
    return Page(
        image=f"{opaque_id(*identity)}.jpg",
        camera=chosen.camera,
        frame_index=chosen.frame_index,
        width_px=width_px,
        height_px=height_px,
        reason=chosen.reason,
        clip_id=source.clip_id,
    )


def _pose(index: int, page: Page, view: View) -> Pose:
    visibility = view.visibility[ui.JOINTS.name][page.frame_index]
    points = view.keypoints_px[ui.JOINTS.name][page.frame_index]
    width, height = page.width_px, page.height_px
    # On the grid that a label is kept on, so that the truth can come back equal.
    points = from_percent(to_percent(points, width, height), width, height)
    return Pose(index, np.where(visibility[:, None] == 0, np.nan, points), visibility)
