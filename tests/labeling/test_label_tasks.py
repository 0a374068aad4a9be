import json
from collections.abc import Callable

import numpy as np
import pytest
from label_studio_sdk.label_interface import LabelInterface

from labeling.annotations import read_results
from labeling.convert import from_rating
from labeling.interface import KINDS, faults_of_exercise, interface
from labeling.labels import Chosen, FaultLabels, Pose, PoseLabels, RepetitionLabels, Task
from labeling.predictions import TRUTH_MODEL, Prediction, prediction_json, template, to_results
from labeling.tasks import clip_source, pose_task, task_json, truth, video_task
from motions.errors import FormbenchError
from motions.motion import Span
from simulator.clip import Clip

URL = "/data/local-files/?d=media/"
SECRETS = ("clip_000007", "ada", "front", "side", "rounded", "synthetic", "identity")


def tasks_of(clip: Clip) -> dict[str, Task]:
    source = clip_source(clip, "identity")
    chosen = [Chosen("front", 5, "even"), Chosen("side", 5, "even"), Chosen("front", 12, "even")]
    tasks = [video_task(kind, source, "side") for kind in KINDS[1:]]
    return {task.kind: task for task in [pose_task([(source, one) for one in chosen]), *tasks]}


@pytest.fixture
def clip(make_clip: Callable[..., Clip]) -> Clip:
    return make_clip(clip_id="clip_000007", faults={"rounded_back": 35.0}, n_reps=3)


@pytest.mark.parametrize("kind", KINDS)
def test_truth_goes_out_and_comes_back_equal(clip: Clip, kind: str) -> None:
    task = tasks_of(clip)[kind]
    known = truth(task, clip)
    results = json.loads(json.dumps(to_results(task, known)))
    assert read_results(task, results) == (known, ())


@pytest.mark.parametrize("kind", KINDS)
def test_label_studios_own_check_passes_what_we_predict(clip: Clip, kind: str) -> None:
    task = tasks_of(clip)[kind]
    prediction = prediction_json(task, Prediction(TRUTH_MODEL, truth(task, clip), 0.5))
    config = LabelInterface(interface(kind, faults_of_exercise("squat")))
    assert config.validate_prediction(prediction, return_errors=True) == []
    assert config.validate_task({"data": task_json(task, URL)["data"]}) is True


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_without_truth_names_neither_clip_nor_camera_nor_fault(
    clip: Clip, kind: str
) -> None:
    text = json.dumps(task_json(tasks_of(clip)[kind], URL)).lower()
    assert not [secret for secret in SECRETS if secret in text]
    assert json.loads(text)["predictions"] == []


def test_truth_of_poses_is_the_clips_own(clip: Clip) -> None:
    labels = truth(tasks_of(clip)["poses"], clip)
    assert isinstance(labels, PoseLabels)
    assert [pose.page for pose in labels.poses] == [0, 1, 2]
    side = labels.poses[1]
    view = clip.view("side")
    assert np.abs(side.keypoints_px - view.keypoints_px["coco17"][5]).max() <= 5e-7
    assert np.array_equal(side.visibility, view.visibility["coco17"][5])
    assert set(side.visibility.tolist()) == {1, 2}  # the side camera hides what is on the right


def test_joints_outside_the_image_are_said_to_be_there(make_clip: Callable[..., Clip]) -> None:
    clip = make_clip(distance_m=1.0)
    task = tasks_of(clip)["poses"]
    labels = truth(task, clip)
    assert isinstance(labels, PoseLabels)
    outside = clip.view("front").visibility["coco17"][5] == 0
    assert 0 < outside.sum() < 17
    assert np.array_equal(np.isnan(labels.poses[0].keypoints_px[:, 0]), outside)
    assert read_results(task, to_results(task, labels)) == (labels, ())


def test_truth_of_repetitions_counts_frames_from_one(clip: Clip) -> None:
    task = tasks_of(clip)["repetitions"]
    results = to_results(task, truth(task, clip))
    assert [result["value"]["ranges"] for result in results] == [
        [{"start": 1, "end": 10}],
        [{"start": 11, "end": 20}],
        [{"start": 21, "end": 30}],
    ]


def test_truth_of_faults_is_the_measured_size_in_whole_stars(clip: Clip) -> None:
    labels = truth(tasks_of(clip)["faults"], clip)
    assert isinstance(labels, FaultLabels)
    specs = faults_of_exercise("squat")
    assert [(f.rep, f.fault_id) for f in labels.faults] == [
        (rep, spec.id) for rep in range(3) for spec in specs
    ]
    present = [fault for fault in labels.faults if fault.present]
    assert [(f.rep, f.fault_id) for f in present] == [(i, "squat.rounded_back") for i in range(3)]
    in_clip = next(f for f in clip.faults if f.present)
    for fault in present:
        assert abs(fault.severity - in_clip.severity) <= (from_rating(2) - from_rating(1)) / 2
        assert fault.source == "human"  # what a perfect annotator would say


def test_the_whole_clip_has_a_fault_that_any_repetition_has(clip: Clip) -> None:
    labels = truth(tasks_of(clip)["clip_faults"], clip)
    assert isinstance(labels, FaultLabels)
    assert labels.reps == (Span(0.0, 3.0),)
    assert [f.fault_id for f in labels.faults if f.present] == ["squat.rounded_back"]


def test_uids_differ_by_everything_that_a_task_shows(make_clip: Callable[..., Clip]) -> None:
    uids = set()
    for clip_id in ("a", "b"):
        for identity in ("x", "y"):
            source = clip_source(make_clip(clip_id=clip_id), identity)
            for camera in ("front", "side"):
                uids |= {video_task(kind, source, camera).uid for kind in KINDS[1:]}
                uids |= {pose_task([(source, Chosen(camera, i, "even"))]).uid for i in range(3)}
    assert len(uids) == 2 * 2 * 2 * (3 + 3)


def test_the_template_stands_in_the_middle_of_every_page(pose_task: Task) -> None:
    labels = template(pose_task)
    assert [pose.page for pose in labels.poses] == [0, 1]
    for pose in labels.poses:
        assert pose.visibility.tolist() == [2] * 17
        left, right = pose.keypoints_px[5::2], pose.keypoints_px[6::2]
        assert np.allclose(left[:, 0] + right[:, 0], 640, rtol=0, atol=1e-9)
        assert np.array_equal(left[:, 1], right[:, 1])
    assert read_results(pose_task, to_results(pose_task, labels)) == (labels, ())


def test_a_prediction_that_would_not_come_back_is_refused(
    pose_task: Task, video_task: Callable[[str], Task]
) -> None:
    off_grid = Pose(0, np.full((17, 2), 1 / 3), np.full(17, 2))
    with pytest.raises(FormbenchError, match="by m: it does not come back as it went out"):
        prediction_json(pose_task, Prediction("m", PoseLabels((off_grid,))))
    twice = RepetitionLabels((Span(1.0, 2.0), Span(1.5, 3.0)))
    with pytest.raises(FormbenchError, match=r"begins before the one at 1\.00 s ends"):
        prediction_json(video_task("repetitions"), Prediction("m", twice))


def test_a_frame_or_camera_that_is_not_there_is_refused(clip: Clip) -> None:
    source = clip_source(clip, "identity")
    with pytest.raises(FormbenchError, match="expected a frame from 0 to 29, got 30"):
        pose_task([(source, Chosen("front", 30, "even"))])
    with pytest.raises(FormbenchError, match="camera of clip_000007: no 'fron'"):
        video_task("faults", source, "fron")
