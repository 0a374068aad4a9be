"""What annotators answered about a dataset's clips, to be held against scorers by `evaluate`.

One JSON object a line for each annotator and video:

    schema        "formbench.opinions/1"
    annotator     "annotator-1", in the order of their addresses, which are not told
    clip_id       of the dataset
    view          the camera that was shown
    repetitions   [[start, end], ...] in seconds; null where they were not asked for
    judged        what was said of a stretch of the video, each with its `span` in seconds,
                  `fault_severities` by fault id, 0 for mild and 1 for severe and below 0 for none,
                  and `fault_sides` of those that are there

What started from the truth, or was marked as ground truth, is no answer and is left out.
"""

import json
from pathlib import Path
from typing import Any

from export.dataset import Dataset
from export.files import replacing
from labeling.folder import LabelFolder
from labeling.labels import FaultLabels, Labels, PoseLabels, RepetitionLabels
from labeling.pull import read_annotations
from labeling.tasks import opaque_id
from labeling.trust import is_no_test, last_of_each
from motions.errors import FormbenchError

SCHEMA = "formbench.opinions/1"


def write_opinions(folder: LabelFolder, dataset: Dataset, path: Path) -> tuple[str, ...]:
    """Write what was pulled about the videos of a dataset.

    Args:
        folder: What `label pull` wrote into.
        dataset: The one that its tasks were made of.
        path: A .jsonl.

    Returns:
        The annotators' addresses: of annotator-1, annotator-2 and so on.

    Raises:
        FormbenchError: Nobody answered a task about repetitions or faults of this dataset.
    """
    tasks = {
        task.uid: task
        for task in folder.tasks
        if task.uid == opaque_id(dataset.content_sha256, task.kind, task.clip_id, task.camera)
    }
    answers = [
        a
        for a in last_of_each(read_annotations(folder))
        if a.uid in tasks and not is_no_test(a) and not isinstance(a.labels, PoseLabels)
    ]
    if not answers:
        raise FormbenchError(
            f"{folder.folder}: expected answers about repetitions or faults of {dataset.folder}, "
            "got none; pull them, and name the dataset that the tasks were made of"
        )
    people = tuple(sorted({a.annotator for a in answers}))
    lines = [
        json.dumps(
            {
                "schema": SCHEMA,
                "annotator": f"annotator-{people.index(a.annotator) + 1}",
                "clip_id": tasks[a.uid].clip_id,
                "view": tasks[a.uid].camera,
                **_said(tasks[a.uid].kind, a.labels),
            },
            sort_keys=True,
        )
        for a in answers
    ]
    with replacing(path) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return people


def _said(kind: str, labels: Labels) -> dict[str, Any]:
    reps = labels.reps if isinstance(labels, RepetitionLabels | FaultLabels) else ()
    faults = labels.faults if isinstance(labels, FaultLabels) else ()
    judged = [
        {
            "span": [rep.start_s, rep.end_s],
            "fault_severities": {f.fault_id: f.severity for f in faults if f.rep == number},
            "fault_sides": {f.fault_id: f.side for f in faults if f.rep == number and f.present},
        }
        for number, rep in enumerate(reps)
    ]
    return {
        # A video that is judged as a whole is no place to look for repetitions.
        "repetitions": None if kind == "clip_faults" else [one["span"] for one in judged],
        "judged": judged if isinstance(labels, FaultLabels) else [],
    }
