"""What labelling costs: seconds a task, and corrections of what tasks started from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labeling.annotations import read_results
from labeling.folder import LabelFolder
from labeling.labels import Annotation, PoseLabels
from labeling.predictions import TEMPLATE_MODEL

MOVED_PX = 0.5
"""A joint that lies farther than this from where it started was corrected."""


@dataclass(frozen=True)
class Effort:
    """What one kind of task cost, by what it started from."""

    kind: str
    started_from: str
    """A model; empty for tasks that start from nothing."""
    n_annotations: int
    median_s: float | None
    """Seconds a task; None where the editor did not say."""
    corrected: float | None
    """For poses, the share of joints that were moved or whose visibility was changed."""
    moved_px: float | None
    """For poses, how far the joints that were moved went, in the median."""


def efforts(folder: LabelFolder, annotations: Sequence[Annotation]) -> tuple[Effort, ...]:
    """Return what labelling cost, by kind, then by what tasks started from.

    The standing figure is a start as well: what a model saves is the time of its tasks against
    those that start from the figure.
    """
    started = _predicted_poses(folder)
    found = []
    keys = sorted({(folder.kinds.index(a.kind), a.started_from) for a in annotations})
    for index, model in keys:
        kind = folder.kinds[index]
        of_key = [a for a in annotations if (a.kind, a.started_from) == (kind, model)]
        seconds = [a.seconds for a in of_key if a.seconds is not None]
        changed: list[bool] = []
        moved_px: list[float] = []
        for annotation in of_key:
            before = started.get((annotation.uid, model))
            if before is not None and isinstance(annotation.labels, PoseLabels):
                for distance_px, other_visibility in _changes(before, annotation.labels):
                    changed.append(distance_px > MOVED_PX or other_visibility)
                    if distance_px > MOVED_PX:
                        moved_px.append(distance_px)
        found.append(
            Effort(
                kind,
                model,
                len(of_key),
                float(np.median(seconds)) if seconds else None,
                float(np.mean(changed)) if changed else None,
                float(np.median(moved_px)) if moved_px else None,
            )
        )
    return tuple(found)


def saved_s(found: Sequence[Effort]) -> Mapping[str, float]:
    """Return the seconds a pose task that each model saves against the standing figure."""
    poses = {e.started_from: e.median_s for e in found if e.kind == "poses"}
    base = poses.get(TEMPLATE_MODEL)
    return {
        model: base - median
        for model, median in poses.items()
        if base is not None and median is not None and model not in ("", TEMPLATE_MODEL)
    }


def _predicted_poses(folder: LabelFolder) -> dict[tuple[str, str], PoseLabels]:
    """Return what pose tasks start from, by uid and model."""
    by_uid = {task.uid: task for task in folder.tasks}
    found = {}
    for stored in folder.tasks_json("poses") if "poses" in folder.kinds else []:
        for prediction in stored["predictions"]:
            uid = stored["data"]["uid"]
            labels, _ = read_results(by_uid[uid], prediction["result"])
            if isinstance(labels, PoseLabels):
                found[uid, prediction["model_version"]] = labels
    return found


def _changes(before: PoseLabels, after: PoseLabels) -> list[tuple[float, bool]]:
    """Return for each joint how far it was moved, 0 for one outside, and whether it looks else."""
    first = {pose.page: pose for pose in before.poses}
    changes = []
    for pose in after.poses:
        if pose.page in first:
            was = first[pose.page]
            off = np.linalg.norm(pose.keypoints_px - was.keypoints_px, axis=1)
            other = pose.visibility != was.visibility
            changes += list(zip(np.nan_to_num(off).tolist(), other.tolist(), strict=True))
    return changes
