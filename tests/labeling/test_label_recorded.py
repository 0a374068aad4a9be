"""What `pull` stored of a real Label Studio 1.23.2 and its editor, read to the last digit.

In `recorded/` lie three tasks that the browser test answered, as the server gave them back; only
their address and dates were replaced.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from labeling.convert import judged
from labeling.folder import LabelFolder, read_label_folder
from labeling.interface import JOINTS, faults_of_exercise
from labeling.labels import Annotation, FaultLabels, PoseLabels, RepetitionLabels
from labeling.predictions import template
from labeling.pull import read_annotations
from motions.motion import Span


@pytest.fixture
def folder(tmp_path: Path) -> LabelFolder:
    recorded = Path(__file__).parent / "recorded"
    (tmp_path / "annotations").mkdir()
    shutil.copy(recorded / "key.json", tmp_path)
    for kind in ("poses", "repetitions", "faults"):
        shutil.copy(recorded / f"{kind}.json", tmp_path / "annotations")
    empty = {"schema": "formbench.labeling.answers/1", "results": {}}
    (tmp_path / "answers.json").write_text(json.dumps(empty))
    return read_label_folder(tmp_path)


def recorded(folder: LabelFolder, kind: str) -> Annotation:
    (annotation,) = (a for a in read_annotations(folder) if a.kind == kind)
    assert annotation.annotator == "admin@formbench.local"
    assert (annotation.problems, annotation.skipped, annotation.ground_truth) == ((), False, False)
    assert annotation.created_at == annotation.updated_at == "2000-01-01T00:00:00+00:00"
    return annotation


def test_two_pages_are_two_cameras_with_one_dragged_joint_each(folder: LabelFolder) -> None:
    annotation = recorded(folder, "poses")
    (task,) = folder.tasks_of("poses")
    assert annotation.seconds == 11.948
    assert annotation.started_from == "formbench-template"
    assert annotation.link == "http://127.0.0.1:8080/projects/1/data?task=73"
    assert isinstance(annotation.labels, PoseLabels)
    assert [page.camera for page in task.pages] == ["front", "side"]
    dragged = [("left_knee", [398.002378, 306.587396]), ("right_wrist", [295.858748, 210.337079])]
    for pose, untouched, (name, at_px) in zip(
        annotation.labels.poses, template(task).poses, dragged, strict=True
    ):
        expected = untouched.keypoints_px.copy()
        expected[JOINTS.keypoint_names.index(name)] = at_px
        assert np.array_equal(pose.keypoints_px, expected)
        assert pose.visibility.tolist() == [2] * 17


def test_frames_5_to_15_are_the_span_from_the_fourth_tenth(folder: LabelFolder) -> None:
    annotation = recorded(folder, "repetitions")
    assert (annotation.seconds, annotation.started_from) == (3.323, "")
    assert annotation.labels == RepetitionLabels((Span(0.4, 1.5),))


def test_a_fault_has_its_stars_side_and_comment(folder: LabelFolder) -> None:
    annotation = recorded(folder, "faults")
    rep = Span(0.1, 0.9)
    assert isinstance(annotation.labels, FaultLabels)
    assert annotation.labels.reps == (rep,)
    assert annotation.labels.comments == ("as it came up",)
    spec = next(s for s in faults_of_exercise("squat") if s.name == "uncontrolled_eccentric")
    present = [fault for fault in annotation.labels.faults if fault.present]
    assert present == [judged(spec, 0, rep, 4, "left")]
