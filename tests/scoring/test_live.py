"""A person followed live: what counts and when, and the display against a target."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import workbench
from motions.conventions import COCO_17, MEDIAPIPE_33
from motions.errors import FormbenchError
from motions.motion import Motion, Span
from scoring.display import FIGHTING, PERFECT
from scoring.estimators.mediapipe import Landmarks
from scoring.learning.live_boundaries import DELAY_S
from scoring.live import Follower, LiveCounter, exercise_target, named_target, picture_target
from scoring.methods.repetitions import find_repetitions
from scoring.poses import PoseSequence
from simulator.rendering.images import write_image

SeenSet = Callable[..., tuple[np.ndarray, Motion]]


def landmarks(points_m: np.ndarray, visibility: float = 1.0) -> Landmarks:
    return Landmarks(100 * points_m[:, [0, 2]], points_m, np.full(33, visibility), None)


@pytest.mark.parametrize("name", ["squat", "push_up", "biceps_curl", "pull_up", "barbell_row"])
def test_each_repetition_counts_once_and_soon(seen_set: SeenSet, name: str) -> None:
    points_m, motion = seen_set(name, 4)
    noise = np.random.default_rng(0).normal(0, 0.01, points_m.shape)
    counter = LiveCounter()
    counted_s: list[float] = []
    for frame, points in enumerate(points_m + noise):
        counter.add(points, frame / 30)
        if counter.count > len(counted_s):
            counted_s.append(frame / 30)
    assert counter.count == 4
    late_s = np.array(counted_s) - [rep.end_s for rep in motion.reps]
    assert late_s.min() > 0 and late_s.max() < 0.7


def test_standing_about_counts_nothing(seen_set: SeenSet) -> None:
    points_m, _ = seen_set("squat", 1)
    sway = np.cumsum(np.random.default_rng(1).normal(0, 0.002, (600, 33, 3)), axis=0)
    counter = LiveCounter()
    for frame in range(600):
        counter.add(points_m[0] + sway[frame] * np.exp(-frame / 300), frame / 30)
    assert counter.count == 0


def test_frames_may_come_unevenly_and_slowly(seen_set: SeenSet) -> None:
    points_m, _ = seen_set("squat", 3)
    frames = np.arange(0, len(points_m) - 4, 4)
    frames += np.random.default_rng(2).integers(0, 4, len(frames))
    counter = LiveCounter()
    for frame in frames:
        counter.add(points_m[frame], float(frame) / 30)
    assert counter.count == 3


def test_a_movement_cut_off_by_leaving_does_not_count(seen_set: SeenSet) -> None:
    points_m, motion = seen_set("squat", 1)
    halfway = round((motion.reps[0].start_s + motion.reps[0].end_s) / 2 * 30)
    counter = LiveCounter()
    for frame in range(halfway):
        counter.add(points_m[frame], frame / 30)
    for frame in range(60):
        counter.add(points_m[0], halfway / 30 + 1 + frame / 30)
    assert counter.count == 0


def test_the_far_end_is_perfect_and_rest_is_not_whichever_way_one_faces(seen_set: SeenSet) -> None:
    points_m, _ = seen_set("squat", 1)
    turned = points_m @ Rotation.from_euler("z", 130, degrees=True).as_matrix().T
    follower = Follower(exercise_target("squat"))
    moments = [follower.see(landmarks(p), frame / 30) for frame, p in enumerate(turned)]
    words = [moment.word for moment in moments]
    assert words[0] == words[-1] == FIGHTING and PERFECT in words
    first = moments[0].match
    assert first is not None
    assert {change.limb for change in first.changes[:4]} == {
        "left hip", "right hip", "left knee", "right knee",
    }  # fmt: skip
    assert all(change.way == "bend" for change in first.changes[:4])


def test_a_pose_from_a_picture_is_faced_as_it_is(seen_set: SeenSet) -> None:
    points_m, motion = seen_set("lunge", 1)
    far = points_m[round((motion.reps[0].start_s + motion.reps[0].end_s) / 2 * 30)]
    target = picture_target(landmarks(far))
    assert Follower(target).see(landmarks(far), 0.0).word == PERFECT
    other = far @ Rotation.from_euler("z", 180, degrees=True).as_matrix().T
    match = Follower(target).see(landmarks(other), 0.0).match
    assert match is not None and match.suggestions == ("face the other way",)


def test_points_hardly_seen_are_not_held_against_a_target(seen_set: SeenSet) -> None:
    points_m, _ = seen_set("squat", 1)
    follower = Follower(exercise_target("squat"))
    moment = follower.see(landmarks(points_m[0], visibility=0.3), 0.0)
    assert (moment.match, moment.word) == (None, "")
    gone = follower.see(None, 0.1)
    assert (gone.image_px, gone.world_m, gone.word) == (None, None, "")


def test_without_a_target_there_is_no_word(seen_set: SeenSet) -> None:
    moment = Follower().see(landmarks(seen_set("squat", 1)[0][0]), 0.0)
    assert (moment.match, moment.word, moment.count) == (None, "", 0)


def test_a_model_counts_what_it_finds_a_second_after_it_ended(seen_set: SeenSet) -> None:
    points_m, motion = seen_set("squat", 3)
    follower = Follower(find=find_repetitions)
    counts = [follower.see(landmarks(p), 5 + n / 30).count for n, p in enumerate(points_m)]
    at_end = follower.finish(5 + len(points_m) / 30).count
    for n, rep in enumerate(motion.reps, 1):
        counted_s = (counts.index(n) if n in counts else len(counts)) / 30
        assert rep.end_s - 0.4 < counted_s < rep.end_s + DELAY_S + 0.4
    assert at_end == 3


def test_a_model_sees_nobody_as_nobody(seen_set: SeenSet) -> None:
    points_m, _ = seen_set("squat", 1)
    looked: list[int] = []

    def find(sequence: PoseSequence) -> tuple[Span, ...]:
        looked.append(int(sequence.missing.all(axis=1).sum()))
        return ()

    follower = Follower(find=find)
    for frame in range(60):
        follower.see(None if 20 <= frame < 40 else landmarks(points_m[0]), frame / 15)
    assert looked[-1] == 20


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        workbench.main([str(word) for word in words])
    return int(ended.value.code or 0)


def test_the_command_prints_what_happens_and_how_fast(
    tmp_path: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch, estimator: Any
) -> None:
    from simulator.rendering import video

    shown = range(len(estimator.points_m))
    frames = [np.full((8, 8, 3), estimator.brightness(n), np.uint8) for n in shown]
    monkeypatch.setattr(video, "read_video", lambda path: video.Video(15.0, iter(frames)))
    assert run("score", tmp_path / "any.mp4", "--live", "--target", "squat") == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.split()[-2:] for line in lines if "repetition " in line] == [
        ["repetition", "1"], ["repetition", "2"],
    ]  # fmt: skip
    words = [line.split()[2] for line in lines if PERFECT in line or FIGHTING in line]
    assert words == [FIGHTING, PERFECT] * 2 + [FIGHTING]
    assert lines[-2].split() == ["frames", "repetitions", "seconds", "frames", "per", "second"]
    assert lines[-1].split()[:2] == [str(len(frames)), "2"]


def test_a_target_is_a_picture_or_an_exercise_and_only_for_live(
    tmp_path: Path, capfd: Any, estimator: Any
) -> None:
    write_image(tmp_path / "pose.png", np.full((8, 8, 3), estimator.brightness(20), np.uint8))
    target = named_target(str(tmp_path / "pose.png"))
    knee = COCO_17.keypoint_names.index("left_knee")
    in_picture = estimator.points_m[20][MEDIAPIPE_33.keypoint_names.index("left_knee")]
    assert target.points_m[knee].tolist() == in_picture.tolist() and not target.any_facing
    with pytest.raises(FormbenchError, match="Did you mean 'squat'"):
        named_target("sqat")
    assert run("score", tmp_path / "any.mp4", "--target", "squat") == 1
    assert "--target is for --live" in capfd.readouterr().err
