"""A recording judged repetition by repetition, and the video that shows it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench
from motions.errors import FormbenchError
from motions.motion import Span
from scoring.annotate import write_annotated
from scoring.contract import Scorer, Verdict, abstain, fit, load_scorer
from scoring.estimators.arrays import write_poses
from scoring.pipeline import COMPARED_WITH, judge
from scoring.poses import PoseSequence
from scoring.sample import squat
from simulator.rendering.video import VideoWriter, read_video


def set_of(*depths: float) -> PoseSequence:
    """Squats of some depths with half a second of standing about each."""
    one = squat()
    standing = np.repeat(one.keypoints[:1], 15, axis=0)
    reps = [part for depth in depths for part in (squat(depth=depth).keypoints, standing)]
    points = np.concatenate([standing, *reps])
    return replace(one, keypoints=points, confidence=np.ones(points.shape[:2]))


def test_a_shallow_repetition_scores_lowest_of_its_set() -> None:
    judged = judge(set_of(1.0, 0.97, 0.6), load_scorer("dtw"))
    scores = [rep.verdict.score for rep in judged]
    assert [rep.number for rep in judged] == [1, 2, 3]
    assert scores[0] is None and judged[0].verdict.abstained == COMPARED_WITH
    assert scores[1] is not None and scores[2] is not None
    assert scores[2] < scores[1] < 100
    # Hips are the origin, so it is the legs that are off.
    assert judged[2].worst_joint.partition("_")[2] in ("knee", "ankle")
    assert judged[0].worst_joint == ""


def test_references_of_another_recording_are_what_is_good() -> None:
    judged = judge(set_of(0.6, 0.62), load_scorer("dtw"), [set_of(1.0), set_of(0.95)])
    assert all(rep.verdict.score is not None and rep.verdict.score < 90 for rep in judged)
    again = judge(set_of(1.0), load_scorer("dtw"), [set_of(1.0)])
    assert again[0].verdict.score == pytest.approx(100)


def test_nothing_to_judge_and_nothing_to_compare_with_are_errors() -> None:
    with pytest.raises(FormbenchError, match="expected repetitions in the recording, found none"):
        judge(set_of(), load_scorer("dtw"))
    with pytest.raises(FormbenchError, match="expected repetitions in reference 1, found none"):
        judge(set_of(1.0), load_scorer("dtw"), [set_of()])
    other = replace(
        squat(), convention_name="coco18", keypoints=np.ones((60, 18, 2)),
        confidence=np.ones((60, 18)),
    )  # fmt: skip
    with pytest.raises(FormbenchError, match="expected references in coco17, got coco18"):
        judge(set_of(1.0), load_scorer("dtw"), [other])


def test_one_repetition_alone_has_no_score() -> None:
    (alone,) = judge(set_of(0.5), load_scorer("dtw"))
    assert (alone.verdict.score, alone.verdict.abstained) == (None, COMPARED_WITH)


def test_repetitions_that_nobody_can_do_so_fast_are_of_another_frame_rate() -> None:
    hasty = replace(set_of(1.0, 0.97), fps=240.0)
    spans = (Span(0.0, 0.3), Span(0.4, 0.72))
    with pytest.raises(FormbenchError, match=r"of 0\.31 s .* are 240 frames per second right\?"):
        judge(hasty, load_scorer("dtw"), find=lambda _: spans)


def test_a_line_of_ones_own_is_drawn_from_the_first_repetitions() -> None:
    class Own:
        name, version = "own", "1"

        def score(self, sequence: PoseSequence) -> Verdict:
            return abstain("asked before a line was drawn")

        def for_person(self, first: Sequence[PoseSequence]) -> Scorer:
            return fit(load_scorer("dtw"), first[1:])

    recording = set_of(1.0, 0.97, 0.6)
    judged = judge(recording, Own(), n_own=2)

    scores = [rep.verdict.score for rep in judged]
    assert scores[1] == 100  # it is what the others are compared with
    assert scores[2] is not None and scores[2] < 100
    with pytest.raises(FormbenchError, match=r"a model of .* got dtw"):
        judge(set_of(1.0, 0.97), load_scorer("dtw"), n_own=1)


def test_a_joint_that_was_guessed_is_not_blamed() -> None:
    recording = set_of(1.0, 0.6)
    worst = judge(recording, load_scorer("dtw"))[1].worst_joint
    at = recording.convention.keypoint_names.index(worst)
    confidence = recording.confidence.copy()
    confidence[:, at] = 0.4
    judged = judge(replace(recording, confidence=confidence), load_scorer("dtw"))
    assert worst not in judged[1].verdict.joint_distances
    assert judged[1].worst_joint not in ("", worst)


def film(path: Path, n_frames: int, width: int = 640, height: int = 480) -> Path:
    with VideoWriter(path, width, height, 30.0) as writer:
        for _ in range(n_frames):
            writer.write(np.full((height, width, 3), 128, np.uint8))
    return path


def test_the_video_shows_the_skeleton_where_it_is(tmp_path: Path) -> None:
    recording = set_of(1.0)
    video = film(tmp_path / "in.mp4", recording.n_frames)
    judged = judge(recording, load_scorer("dtw"))
    write_annotated(video, recording, judged, tmp_path / "out.mp4")
    frames = list(read_video(tmp_path / "out.mp4").frames)
    assert len(frames) == recording.n_frames
    middle = (recording.at("left_knee")[40] + recording.at("left_ankle")[40]) / 2
    column, row = middle.astype(int)
    red, _, blue = frames[40][row, column].astype(int)
    assert blue > red + 60, "the left leg is blue"
    assert np.abs(frames[40][row, column - 20].astype(int) - 128).max() < 12
    assert (frames[-1][:60] > 200).any(), "words are white"


def test_the_video_counts_and_writes_angles_beside_their_joints(tmp_path: Path) -> None:
    recording = set_of(1.0, 0.8)
    video = film(tmp_path / "in.mp4", recording.n_frames)
    judged = judge(recording, load_scorer("dtw"))
    write_annotated(video, recording, judged, tmp_path / "out.mp4")
    frames = list(read_video(tmp_path / "out.mp4").frames)
    corners = [frames[k][:60, -60:] for k in (0, round(judged[0].span.end_s * 30) + 1, -1)]
    # 0 is a ring, 1 is a stroke, 2 is neither: what is white differs.
    whites = [int((corner.min(axis=2) > 200).sum()) for corner in corners]
    assert len(set(whites)) == 3 and min(whites) > 20
    left_knee = recording.at("left_knee")[40].astype(int)
    beside = frames[40][left_knee[1] - 4 : left_knee[1] + 8, left_knee[0] + 8 : left_knee[0] + 30]
    assert (beside.min(axis=2) > 150).any() and (beside.max(axis=2) < 70).any()


def test_poses_of_another_video_are_refused(tmp_path: Path) -> None:
    video = film(tmp_path / "in.mp4", 10)
    with pytest.raises(FormbenchError, match="expected poses in px of its 10 frames, got 90 in px"):
        write_annotated(video, set_of(1.0), (), tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_the_command_prints_a_row_for_each_repetition(tmp_path: Path, capfd: Any) -> None:
    write_poses(set_of(1.0, 0.6), tmp_path / "set.npz")
    write_poses(set_of(1.0), tmp_path / "good.npz")
    given = ["score", tmp_path / "set.npz", "--reference", tmp_path / "good.npz", "--json"]
    with pytest.raises(SystemExit) as ended:
        workbench.main(list(map(str, given)))
    assert not ended.value.code
    first, second = json.loads(capfd.readouterr().out)
    assert (first["repetition"], second["repetition"]) == (1, 2)
    assert first["score"] > second["score"]
