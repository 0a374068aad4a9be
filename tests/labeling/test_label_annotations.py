"""What comes back from Label Studio; the recorded results are from a real 1.23.2 editor."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from labeling.annotations import read_results
from labeling.convert import judged
from labeling.interface import faults_of_exercise
from labeling.labels import FaultLabels, PoseLabels, RepetitionLabels, Task
from labeling.predictions import template, to_results
from motions.motion import Span

VideoTask = Callable[[str], Task]

RECORDED_REPETITION = {
    "value": {"ranges": [{"start": 5, "end": 20}], "timelinelabels": ["rep"]},
    "id": "DPskHD9v98",
    "from_name": "reps",
    "to_name": "video",
    "type": "timelinelabels",
    "origin": "manual",
}
"""Drawn from the 5th to the 20th frame column and submitted."""

RECORDED_VERTICES = [
    # An untouched skeleton, as the editor gave it back: rounding errors, a wrist outside.
    ("nose", 50, 11.999999999999998), ("left_eye", 52, 10), ("right_eye", 48, 10),
    ("left_ear", 54, 11.999999999999998), ("right_ear", 46.00000000000001, 11.999999999999998),
    ("left_shoulder", 57.99999999999999, 25), ("right_shoulder", 42.00000000000001, 25),
    ("left_elbow", 64, 38), ("right_elbow", 36, 38), ("left_wrist", 104, 50),
    ("right_wrist", -6, 50), ("left_hip", 55.00000000000001, 52), ("right_hip", 45, 52),
    ("left_knee", 55.00000000000001, 75), ("right_knee", 45, 75),
    ("left_ankle", 55.00000000000001, 95), ("right_ankle", 45, 104.12345678900002),
]  # fmt: skip


def recorded_pose() -> list[dict[str, Any]]:
    region = {
        "original_width": 640,
        "original_height": 480,
        "image_rotation": 0,
        "item_index": 0,
        "id": "pose0",
        "to_name": "image",
        "origin": "prediction",
    }
    vertices = [
        {"id": name, "x": x, "y": y, "prevPointId": None, "isBezier": False}
        for name, x, y in RECORDED_VERTICES
    ]
    shape = {"vertices": vertices, "closed": False}
    return [
        {
            **region,
            "from_name": "pose",
            "type": "vectorlabels",
            "value": {**shape, "vectorlabels": ["person"]},
        },
        {
            **region,
            "from_name": "hidden_joints",
            "type": "choices",
            "value": {**shape, "choices": ["left_ear", "left_elbow"]},
        },
        {
            **region,
            "from_name": "outside_joints",
            "type": "choices",
            "value": {**shape, "choices": ["left_hip"]},
        },
    ]


def test_a_recorded_pose_is_read_to_the_millionth_of_a_pixel(pose_task: Task) -> None:
    labels, problems = read_results(pose_task, recorded_pose())
    assert problems == ()
    assert isinstance(labels, PoseLabels)
    (pose,) = labels.poses
    assert pose.keypoints_px[0].tolist() == [320.0, 57.6]
    assert pose.keypoints_px[4].tolist() == [294.4, 57.6]
    names = [name for name, _, _ in RECORDED_VERTICES]
    told = {name: v for name, v in zip(names, pose.visibility.tolist(), strict=True) if v != 2}
    assert told == {
        "left_ear": 1,
        "left_elbow": 1,
        "left_hip": 0,  # the annotator says so
        "left_wrist": 0,  # the next three lie outside
        "right_wrist": 0,
        "right_ankle": 0,
    }
    assert np.array_equal(np.isnan(pose.keypoints_px[:, 0]), pose.visibility == 0)


def test_a_recorded_repetition_is_the_frames_4_to_19(video_task: VideoTask) -> None:
    labels, problems = read_results(video_task("repetitions"), [RECORDED_REPETITION])
    assert (labels, problems) == (RepetitionLabels((Span(0.4, 2.0),)), ())


def test_repetitions_are_put_in_order(video_task: VideoTask) -> None:
    labels, _ = read_results(
        video_task("repetitions"), [rep("b", 31, 40), rep("a", 1, 10), rep("c", 11, 30)]
    )
    assert labels == RepetitionLabels((Span(0.0, 1.0), Span(1.0, 3.0), Span(3.0, 4.0)))


def rep(region_id: str, start: Any, end: Any, label: str = "rep") -> dict[str, Any]:
    value = {"ranges": [{"start": start, "end": end}], "timelinelabels": [label]}
    return {"id": region_id, "from_name": "reps", "type": "timelinelabels", "value": value}


def said(region_id: str, control: str, **value: Any) -> dict[str, Any]:
    return {"id": region_id, "from_name": control, "type": "any", "value": value}


def test_every_answer_about_a_repetition_finds_its_way(video_task: VideoTask) -> None:
    specs = {spec.name: spec for spec in faults_of_exercise("squat")}
    labels, problems = read_results(
        video_task("faults"),
        [
            said("b", "faults", choices=["none"]),
            rep("b", 11, 20),
            rep("a", 1, 10),
            said("a", "side_jump", choices=["left"]),
            said("a", "severity_jump", rating=4),
            said("a", "faults", choices=["jump", "rounded_back"]),
            said("a", "severity_rounded_back", rating=1),
            said("a", "comment", text=["left foot first"]),
        ],
    )
    spans = (Span(0.0, 1.0), Span(1.0, 2.0))
    stars = {("jump", 0): 4, ("rounded_back", 0): 1}
    sides = {("jump", 0): "left"}
    assert problems == ()
    assert labels == FaultLabels(
        reps=spans,
        faults=tuple(
            judged(spec, i, span, stars.get((name, i)), sides.get((name, i), "both"))
            for i, span in enumerate(spans)
            for name, spec in sorted(specs.items())
        ),
        comments=("left foot first", ""),
    )


def test_answers_about_the_whole_clip_need_no_region(video_task: VideoTask) -> None:
    labels, problems = read_results(
        video_task("clip_faults"),
        [
            said("x1", "faults", choices=["jump"]),
            said("x2", "severity_jump", rating=5),
            said("x3", "comment", text="one string"),
        ],
    )
    assert problems == ()
    assert isinstance(labels, FaultLabels)
    assert (labels.reps, labels.comments) == ((Span(0.0, 10.0),), ("one string",))
    assert [(f.fault_id, f.severity) for f in labels.faults if f.present] == [("squat.jump", 1.0)]


@pytest.mark.parametrize(
    ("results", "problem"),
    [
        ([rep("a", 0, 10)], "region a: expected frames from 1 to 100, .*got 0 to 10"),
        ([rep("a", 90, 101)], "region a: expected frames from 1 to 100, .*got 90 to 101"),
        ([rep("a", 10, 9)], "the first before the last, got 10 to 9"),
        ([rep("a", 1.5, 9)], r"result 0: value\.ranges\.0\.start: .*integer"),
        ([rep("a", 1, 10, "rest")], "region a: expected the label 'rep', got \\['rest'\\]"),
        ([{**rep("a", 1, 2), "from_name": "laps"}], "result a: no control 'laps' is asked for"),
        ([rep("a", 1, 9), rep("a", 1, 9)], "result a: reps was answered twice"),
        ([said("a", "reps", timelinelabels=["rep"])], "expected one range, got 0"),
        ([rep("a", 1, 9), "noise"], "result 1: : Input should be a valid dictionary"),
    ],
)
def test_a_bad_repetition_is_told_and_the_others_are_kept(
    video_task: VideoTask, results: list[Any], problem: str
) -> None:
    labels, problems = read_results(video_task("repetitions"), [*results, rep("good", 21, 30)])
    assert len(problems) == 1
    assert_matches(problem, problems[0])
    assert isinstance(labels, RepetitionLabels)
    assert labels.reps[-1] == Span(2.0, 3.0)
    assert len(labels.reps) == len(results)  # what is good of the cases with two, and the last


def test_the_later_of_two_overlapping_repetitions_is_told(video_task: VideoTask) -> None:
    labels, problems = read_results(
        video_task("repetitions"), [rep("b", 10, 30), rep("a", 1, 10), rep("c", 31, 40)]
    )
    assert labels == RepetitionLabels((Span(0.0, 1.0), Span(3.0, 4.0)))
    assert problems == ("region b: repetition at 0.90 s begins before the one at 0.00 s ends",)


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ([], "not judged: expected faults or 'none'"),
        ([("faults", {"choices": ["none", "jump"]})], "expected faults or 'none', got none, jump"),
        ([("faults", {"choices": ["hiccup"]})], "squat has no fault 'hiccup'"),
        ([("faults", {"choices": ["jump"]})], "jump was chosen without a severity"),
        (
            [("faults", {"choices": ["jump"]}), ("severity_jump", {"rating": 6})],
            "jump: expected 1 to 5 stars, got 6",
        ),
        (
            [
                ("faults", {"choices": ["jump"]}),
                ("severity_jump", {"rating": 2}),
                ("side_jump", {"choices": ["up"]}),
            ],
            r"jump: expected a side of .*, got \['up'\]",
        ),
    ],
)
def test_a_bad_judgement_is_told_and_its_repetition_left_out(
    video_task: VideoTask, answers: list[tuple[str, dict[str, Any]]], problem: str
) -> None:
    labels, problems = read_results(
        video_task("faults"),
        [
            rep("a", 1, 10),
            *(said("a", control, **value) for control, value in answers),
            rep("b", 11, 20),
            said("b", "faults", choices=["none"]),
        ],
    )
    assert len(problems) == 1
    assert_matches(f"repetition at 0.00 s: {problem}", problems[0])
    assert isinstance(labels, FaultLabels)
    assert labels.reps == (Span(1.0, 2.0),)
    assert {fault.rep for fault in labels.faults} == {0}


def test_an_answer_without_its_repetition_is_told(video_task: VideoTask) -> None:
    _, problems = read_results(video_task("faults"), [said("a", "faults", choices=["none"])])
    assert problems == ("region a: an answer that belongs to no repetition",)


def change(results: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    return [{**results[0], **more}, *results[1:]]


def change_value(results: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    return change(results, value={**results[0]["value"], **more})


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda r: change(r, item_index=2), "expected a page from 1 to 2, got 3"),
        (lambda r: change(r, item_index=1), "a second person on page 2"),
        (lambda r: change(r, original_width=641), "expected an image of 640 x 480, got 641 x 480"),
        (lambda r: change_value(r, vectorlabels=["dog"]), "expected the label 'person'"),
        (
            lambda r: change_value(r, vertices=r[0]["value"]["vertices"][1:]),
            "expected the 17 named joints, got 16 without nose",
        ),
        (
            lambda r: change_value(r, vertices=r[0]["value"]["vertices"] * 2),
            "expected the 17 named joints, got 34 with others besides",
        ),
        (
            lambda r: [*r, said("p", "hidden_joints", choices=["left_thumb"])],
            "there is no skeleton",
        ),
        (
            lambda r: [*r, {**said("pose0", "hidden_joints", choices=["tail"])}],
            "no joint is called 'tail'",
        ),
        (
            lambda r: [
                *r,
                said("pose0", "hidden_joints", choices=["nose", "left_eye"]),
                said("pose0", "outside_joints", choices=["left_eye"]),
            ],
            "left_eye: hidden inside the image and outside at once",
        ),
    ],
)
def test_a_bad_pose_is_told_and_the_other_page_is_kept(
    pose_task: Task, spoil: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], problem: str
) -> None:
    good = template(pose_task)
    first, second = to_results(pose_task, good)
    labels, problems = read_results(pose_task, [second, *spoil([first])])
    assert len(problems) == 1
    assert_matches(problem, problems[0])
    assert isinstance(labels, PoseLabels)
    assert labels.poses[-1] == good.poses[1]


def assert_matches(pattern: str, text: str) -> None:
    with pytest.raises(AssertionError, match=pattern):
        raise AssertionError(text)
