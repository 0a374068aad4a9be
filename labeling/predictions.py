"""Labels as Label Studio's results: what a task starts from, from the truth or from a model.

`annotations.read_results` is the way back, and nothing goes out that would not come back equal: the
editor drops, without a word, what it cannot show.
"""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from labeling import interface as ui
from labeling.annotations import read_results
from labeling.convert import from_percent, to_percent, to_range, to_rating
from labeling.labels import FaultLabels, Labels, Pose, PoseLabels, RepetitionLabels, Task
from motions.errors import FormbenchError
from motions.motion import Span

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


def prediction_json(task: Task, prediction: Prediction) -> dict[str, Any]:
    """Return a prediction as Label Studio imports it, checked by reading it back."""
    results = to_results(task, prediction.labels)
    back, problems = read_results(task, results)
    if problems or back != prediction.labels:
        reason = problems[0] if problems else "it does not come back as it went out"
        raise FormbenchError(f"prediction by {prediction.model_version}: {reason}")
    score = {} if prediction.score is None else {"score": prediction.score}
    return {"model_version": prediction.model_version, "result": results, **score}


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
