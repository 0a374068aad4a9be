"""Tasks for Label Studio: what is shown, under names that give nothing away, and what is predicted.

A task's data holds an opaque uid, addresses of media with opaque names, the exercise and the frame
rate: the same keys for a simulated clip and for real footage. Known truth enters only as a
prediction, and only where it is asked for.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import numpy as np

from labeling import interface as ui
from labeling.annotations import read_results
from labeling.convert import from_percent, judged, to_percent, to_range, to_rating, whole_frames
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
from motions.errors import FormbenchError
from motions.motion import Span
from simulator.clip import Clip, View

TRUTH_MODEL = f"formbench-truth-{version('formbench')}"
"""The model that a prediction of known truth is said to be from."""
TEMPLATE_MODEL = "formbench-template"
"""The model of the standing figure that a pose task starts from when nothing better is known: a
skeleton drawn from nothing would have joints without names."""

_TEMPLATE_PERCENT = {
    "nose": (50, 14), "left_eye": (51, 12), "left_ear": (53, 13), "left_shoulder": (57, 26),
    "left_elbow": (60, 39), "left_wrist": (61, 51), "left_hip": (54, 52), "left_knee": (55, 71),
    "left_ankle": (55, 90),
}  # fmt: skip


@dataclass(frozen=True)
class Prediction:
    """Labels to start from, and the model that they are from."""

    model_version: str
    labels: Labels
    score: float | None = None
    """How sure the model is, 0 to 1; Label Studio can serve the lowest first."""


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


def pose_task(source: Source, chosen: Sequence[Chosen]) -> Task:
    """Make a task whose pages are the chosen frames, in this order."""
    pages = tuple(_page(source, choice) for choice in chosen)
    return Task(
        uid=opaque_id(source.identity, "poses", *(page.image for page in pages)),
        kind="poses",
        clip_id=source.clip_id,
        exercise=source.exercise,
        fps=source.fps,
        n_frames=source.n_frames,
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


def template(task: Task) -> PoseLabels:
    """Return a standing figure in the middle of every page of a pose task."""
    points = []
    for name in ui.JOINTS.keypoint_names:
        x, y = _TEMPLATE_PERCENT[name.replace("right", "left")]
        points.append((100 - x if name.startswith("right") else x, y))
    visible = np.full(len(points), 2)
    return PoseLabels(
        tuple(
            Pose(i, from_percent(np.array(points), page.width_px, page.height_px), visible)
            for i, page in enumerate(task.pages)
        )
    )


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


def prediction_json(task: Task, prediction: Prediction) -> dict[str, Any]:
    """Return a prediction as Label Studio imports it, checked by reading it back."""
    results = to_results(task, prediction.labels)
    back, problems = read_results(task, results)
    if problems or back != prediction.labels:
        reason = problems[0] if problems else "it does not come back as it went out"
        raise FormbenchError(f"prediction by {prediction.model_version}: {reason}")
    score = {} if prediction.score is None else {"score": prediction.score}
    return {"model_version": prediction.model_version, "result": results, **score}


def local_files_url(folder_in_root: str) -> str:
    """Return the address under which Label Studio serves a folder of its document root.

    >>> local_files_url("squats 1/media")
    '/data/local-files/?d=squats%201/media/'
    """
    return f"/data/local-files/?d={quote(folder_in_root)}/"


def to_results(task: Task, labels: Labels) -> list[dict[str, Any]]:
    """Write labels as Label Studio's results; `annotations.read_results` is the way back."""
    if isinstance(labels, PoseLabels):
        return [result for pose in labels.poses for result in _pose_results(task, pose)]
    if isinstance(labels, RepetitionLabels):
        return [_rep_result(task, i, rep) for i, rep in enumerate(labels.reps)]
    return [r for rep in range(len(labels.reps)) for r in _fault_results(task, labels, rep)]


def _pose_results(task: Task, pose: Pose) -> list[dict[str, Any]]:
    page = task.pages[pose.page]
    names = ui.JOINTS.keypoint_names
    # A joint outside the image still needs a vertex: it waits at the template's place.
    waiting = template(task).poses[pose.page].keypoints_px
    points = np.where(pose.visibility[:, None] == 0, waiting, pose.keypoints_px)
    percent = to_percent(points, page.width_px, page.height_px)
    parents = ui.bone_parents()
    vertices = [
        {"id": name, "x": x, "y": y, "prevPointId": parents[name], "isBezier": False}
        for name, (x, y) in zip(names, percent.tolist(), strict=True)
    ]
    region = {
        "id": f"pose{pose.page}",
        "to_name": ui.IMAGE,
        "item_index": pose.page,
        "original_width": page.width_px,
        "original_height": page.height_px,
        "image_rotation": 0,
    }
    shape = {"vertices": vertices, "closed": False, "vectorlabels": [ui.PERSON]}
    results = [{**region, "from_name": ui.POSE, "type": "vectorlabels", "value": shape}]
    for control, visibility in ((ui.HIDDEN, 1), (ui.OUTSIDE, 0)):
        chosen = [name for name, v in zip(names, pose.visibility, strict=True) if v == visibility]
        if chosen:
            value = {"choices": chosen}
            results.append({**region, "from_name": control, "type": "choices", "value": value})
    return results


def _rep_result(task: Task, index: int, rep: Span) -> dict[str, Any]:
    start, end = to_range(rep, task.fps, task.n_frames)
    value = {"ranges": [{"start": start, "end": end}], "timelinelabels": [ui.REP]}
    return {
        "id": f"rep{index}",
        "from_name": ui.REPS,
        "to_name": ui.VIDEO,
        "type": "timelinelabels",
        "value": value,
    }


def _fault_results(task: Task, labels: FaultLabels, rep: int) -> list[dict[str, Any]]:
    region: dict[str, Any] = {"to_name": ui.VIDEO}
    results = []
    shape: dict[str, Any] = {}
    if task.kind == "faults":
        region["id"] = f"rep{rep}"
        results.append(_rep_result(task, rep, labels.reps[rep]))
        shape["ranges"] = results[0]["value"]["ranges"]

    def say(control: str, kind: str, value: dict[str, Any]) -> None:
        names = {"id": f"{control}{rep}", **region, "from_name": control, "type": kind}
        results.append({**names, "value": {**shape, **value}})

    there = [fault for fault in labels.faults if fault.rep == rep and fault.present]
    seen = [fault.fault_id.partition(".")[2] for fault in there]
    say(ui.FAULTS_SEEN, "choices", {"choices": seen or [ui.NO_FAULT]})
    for name, fault in zip(seen, there, strict=True):
        say(ui.severity_control(name), "rating", {"rating": to_rating(fault.severity)})
        say(ui.side_control(name), "choices", {"choices": [fault.side]})
    if labels.comments[rep]:
        say(ui.COMMENT, "textarea", {"text": [labels.comments[rep]]})
    return results


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
    )


def _pose(index: int, page: Page, view: View) -> Pose:
    visibility = view.visibility[ui.JOINTS.name][page.frame_index]
    points = view.keypoints_px[ui.JOINTS.name][page.frame_index]
    width, height = page.width_px, page.height_px
    # On the grid that a label is kept on, so that the truth can come back equal.
    points = from_percent(to_percent(points, width, height), width, height)
    return Pose(index, np.where(visibility[:, None] == 0, np.nan, points), visibility)
