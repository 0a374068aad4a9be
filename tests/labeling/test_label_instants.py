"""All cameras of one instant: which frames belong together, and which are the most doubtful."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest

from export.dataset import Dataset
from export.formats.table import export_dataset
from labeling.annotations import read_results
from labeling.calibration import read_calibration
from labeling.clips import labelled_clips
from labeling.disagreement import disagreement
from labeling.footage import read_footage
from labeling.instants import Angle, choose_shown, common_times_s
from labeling.labels import Chosen, PoseLabels, Source
from labeling.predictions import to_results
from labeling.prepare import Wishes, prepare_labelling
from labeling.tasks import pose_task, truth
from motions.errors import FormbenchError
from simulator.cameras.camera import Camera, look_at
from simulator.cameras.triangulation import ray_directions, triangulate
from simulator.clip import Clip, read_clip
from simulator.rendering.images import read_image

LENS = (-0.3, 0.1, 0.002, -0.001, 0.0)


def cameras(distortion: tuple[float, ...] = LENS) -> list[Camera]:
    target_m = np.array([0.0, 0.0, 1.0])
    places_m = {"front": [0.0, -3.0, 1.2], "side": [3.0, 0.5, 0.8], "back": [-1.0, 2.5, 1.5]}
    return [
        Camera(name, 640, 480, 500.0, look_at(np.array(place), target_m), distortion=distortion)
        for name, place in places_m.items()
    ]


class Seen(NamedTuple):
    points_px: np.ndarray
    confidence: np.ndarray


def body_m() -> np.ndarray:
    return np.random.default_rng(0).normal([0, 0, 1], [0.2, 0.2, 0.4], (17, 3))


def test_rays_through_a_bent_lens_go_back_to_the_points() -> None:
    for camera in cameras():
        points_px, _ = camera.project(body_m())
        expected = body_m() - camera.position_m
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        np.testing.assert_allclose(ray_directions(camera, points_px), expected, atol=1e-9)


def test_points_that_fit_are_found_where_they_are_as_by_opencv() -> None:
    front, side, back = cameras()
    seen_px = np.array([camera.project(body_m())[0] for camera in (front, side, back)])
    placed_m = triangulate((front, side, back), seen_px, np.ones((3, 17)))
    np.testing.assert_allclose(placed_m, body_m(), atol=1e-6)
    straight = cameras((0.0, 0.0, 0.0, 0.0, 0.0))[:2]
    seen_px = np.array([camera.project(body_m())[0] for camera in straight])
    matrices = [camera.K @ np.linalg.inv(camera.T_world_cam)[:3] for camera in straight]
    theirs = cv2.triangulatePoints(*matrices, *(points.T for points in seen_px))
    ours_m = triangulate(straight, seen_px, np.ones((2, 17)))
    np.testing.assert_allclose(ours_m, (theirs[:3] / theirs[3]).T, atol=1e-6)


def test_disagreement_is_none_where_poses_fit_and_grows_with_a_joint_that_is_off() -> None:
    rig = cameras()
    exact = [Seen(camera.project(body_m())[0], np.ones(17)) for camera in rig]
    off = []
    for shift_px in (0.0, 20.0, 40.0):
        moved = exact[0].points_px.copy()
        moved[9] += [0.0, shift_px]
        off.append(disagreement(rig, [Seen(moved, np.ones(17)), *exact[1:]]))
    assert off[0] < 1e-8
    assert off[2] == pytest.approx(2 * off[1], rel=0.1) and off[1] > 1e-4
    # A camera that says it does not know is not believed.
    unsure = np.where(np.arange(17) == 9, 0.0, 1.0)
    assert disagreement(rig, [Seen(moved, unsure), *exact[1:]]) < off[1] / 10


def test_a_joint_that_lies_along_the_same_ray_of_both_cameras_is_no_error() -> None:
    camera = cameras()[0]
    seen = Seen(camera.project(body_m())[0], np.ones(17))
    assert disagreement([camera, camera], [seen, seen]) < 1e-8


def angle(name: str, fps: float, n_frames: int, start_s: float) -> Angle:
    source = Source(name, f"anna.mon.{name}", "squat", fps, n_frames, {name: (640, 480)})
    return Angle(source, name, Path(f"{name}.mp4"), start_s)


def test_cameras_that_start_and_run_differently_meet_at_the_same_instants() -> None:
    front, side = angle("front", 30.0, 90, 0.0), angle("side", 50.0, 100, 0.7)
    times_s = common_times_s([front, side])
    assert (times_s[0], times_s[-1]) == (pytest.approx(21 / 30), pytest.approx(80 / 30))
    (shown,) = choose_shown(
        [front, side], 1, np.random.default_rng(0), mixed=False, together=True, estimate=None
    )
    (_, one), (_, other) = shown
    # Frame 51 of front is at 1.7 s, which is frame 50 of side.
    assert (one, other) == (Chosen("front", 51, "even"), Chosen("side", 50, "even"))
    with pytest.raises(FormbenchError, match=r"anna\.mon\.front, anna\.mon\.late: never filmed"):
        common_times_s([front, angle("late", 30.0, 90, 9.0)])


class Estimator:
    """Sees the person exactly where the clip has it, but for one camera at one instant.

    The frame's number is read from the grey of its picture, and the camera from the order of calls.
    """

    model_version = "exact-but-once-1"

    def __init__(self, clip: Clip, wrong_frame: int) -> None:
        self.clip, self.wrong_frame = clip, wrong_frame
        self.last_frame, self.camera = -1, -1

    def __call__(self, rgb: np.ndarray) -> Seen:
        frame = round((float(rgb.mean()) - 20) / 10)
        self.camera += frame < self.last_frame or self.last_frame < 0
        self.last_frame = frame
        view = self.clip.views[self.camera % len(self.clip.views)]
        points_px = view.keypoints_px["coco17"][frame].copy()
        if frame == self.wrong_frame and self.camera == 1:
            points_px[9:11] += [25.0, 60.0]
        return Seen(points_px, np.full(17, 0.9))


def test_the_instant_on_which_cameras_disagree_is_chosen_for_that_reason(
    filmed_dataset: Callable[..., Dataset], make_clip: Callable[..., Clip], tmp_path: Path
) -> None:
    clip = make_clip(n_reps=1, n_cameras=3)
    dataset = filmed_dataset(clip)
    chosen = {}
    for together in (True, False):
        wishes = Wishes(
            kinds=("poses",), together=together, frames_per_view=4, estimate=Estimator(clip, 3)
        )
        out = tmp_path / f"together {together}"
        folder = prepare_labelling(out, dataset=dataset, wishes=wishes)
        chosen[together] = {
            (page.camera, page.frame_index)
            for task in folder.tasks
            for page in task.pages
            if page.reason == "cameras disagree"
        }
    names = [view.camera.name for view in clip.views]
    assert chosen[True] == chosen[False] == {(name, 3) for name in names}


def test_a_task_of_one_instant_shows_every_camera_once(
    filmed_dataset: Callable[..., Dataset], tmp_path: Path
) -> None:
    dataset = filmed_dataset()
    wishes = Wishes(kinds=("poses",), together=True, frames_per_view=2, with_truth=True)
    folder = prepare_labelling(tmp_path / "out", dataset=dataset, wishes=wishes)
    assert len(folder.tasks) == 4 and len({task.uid for task in folder.tasks}) == 4
    for task, as_json in zip(folder.tasks, folder.tasks_json("poses"), strict=True):
        assert [page.camera for page in task.pages] == ["front", "side"]
        assert len({page.frame_index for page in task.pages}) == 1
        assert len(as_json["data"]["frames"]) == 2
        clip = dataset.clip(task.clip_id)
        labels = truth(task, clip)
        assert folder.answers[task.uid] == labels
        assert read_results(task, to_results(task, labels)) == (labels, ())
        for pose, page in zip(labels.poses, task.pages, strict=True):
            expected = clip.view(page.camera).keypoints_px["coco17"][page.frame_index]
            np.testing.assert_allclose(pose.keypoints_px, expected, atol=1e-6)
            grey = read_image(folder.folder / "media" / page.image).mean()
            assert grey == pytest.approx(20 + 10 * page.frame_index, abs=3)


def test_a_camera_of_opencvs_file_sees_as_ours_does(
    filmed_dataset: Callable[..., Dataset], tmp_path: Path
) -> None:
    dataset = filmed_dataset()
    export_dataset(dataset, "opencv", tmp_path / "cameras")
    (first, *_) = sorted((tmp_path / "cameras").rglob("front.yaml"))
    ours = dataset.clip(first.parent.name).view("front").camera
    back = read_calibration(first, "front", (ours.width_px, ours.height_px))
    np.testing.assert_allclose(back.project(body_m())[0], ours.project(body_m())[0], atol=1e-9)
    # As OpenCV itself writes it.
    camera = cameras()[1]
    T_cam_world = np.linalg.inv(camera.T_world_cam)
    K = camera.K - [[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]]
    path = tmp_path / "side.yaml"
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    for name, value in (
        ("image_width", 640), ("image_height", 480), ("camera_matrix", K),
        ("distortion_coefficients", np.array(LENS)), ("rotation", T_cam_world[:3, :3]),
        ("translation", T_cam_world[:3, 3]),
    ):  # fmt: skip
        storage.write(name, value)
    storage.release()
    read = read_calibration(path, "side", (640, 480))
    np.testing.assert_allclose(read.project(body_m())[0], camera.project(body_m())[0], atol=1e-9)


@pytest.mark.parametrize(
    ("replaced", "by", "problem"),
    [
        (
            "image_width: 640",
            "image_width: 320",
            "expected the calibration of a video of 640 x 480",
        ),
        ("camera_matrix", "matrix", "camera_matrix: Field required"),
        (
            "image_height: 480",
            "image_height: high",
            "image_height: Input should be a valid integer",
        ),
        ("image_height: 480", "image_height: [", "no calibration:"),
        ("data: [ ", "data: [ 0.0, ", "no calibration: expected"),
        ("data: [ 500.0", "data: [ 700.0", "expected square pixels"),
    ],
)
def test_a_calibration_that_is_not_right_is_refused_by_name(
    filmed_dataset: Callable[..., Dataset], tmp_path: Path, replaced: str, by: str, problem: str
) -> None:
    export_dataset(filmed_dataset(), "opencv", tmp_path / "cameras")
    path = min((tmp_path / "cameras").rglob("front.yaml"))
    assert replaced in path.read_text()
    path.write_text(path.read_text().replace(replaced, by))
    with pytest.raises(FormbenchError, match=rf"front\.yaml: {problem}"):
        read_calibration(path, "front", (640, 480))


def filmed_session(dataset: Dataset, clip_id: str, folder: Path, calibrated: bool = True) -> None:
    """Make a folder of footage of a clip's videos, as if two cameras had filmed a real person."""
    folder.mkdir()
    export_dataset(dataset, "opencv", folder / "cameras")
    items = []
    for name in ("front", "side"):
        video = dataset.clip_folder(clip_id) / f"{name}.mp4"
        (folder / f"{name}.mp4").write_bytes(video.read_bytes())
        item: dict[str, Any] = {"file": f"{name}.mp4", "person": "anna", "session": "mon"}
        item |= {"camera": name, "exercise": "squat"}
        if calibrated:
            item["calibration"] = f"cameras/all/{clip_id}/{name}.yaml"
        items.append(f"  - {item}\n")
    (folder / "footage.yaml").write_text("items:\n" + "".join(items), encoding="utf-8")


def test_real_cameras_of_one_session_come_back_as_a_clip_each(
    filmed_dataset: Callable[..., Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = filmed_dataset()
    filmed_session(dataset, "clip_000000", tmp_path / "footage")
    wishes = Wishes(kinds=("poses",), together=True, frames_per_view=2, mixed_frames=False)
    folder = prepare_labelling(
        tmp_path / "out", footage=read_footage(tmp_path / "footage"), wishes=wishes
    )
    assert len(folder.tasks) == 2
    clip = dataset.clip("clip_000000")
    said = {}
    for task in folder.tasks:
        assert [page.clip_id for page in task.pages] == ["anna.mon.front", "anna.mon.side"]
        said[task.uid] = truth(task, clip)
        assert isinstance(said[task.uid], PoseLabels)
    monkeypatch.setattr("labeling.clips.assess", lambda folder: _agreed(said))
    monkeypatch.setattr("labeling.clips.read_annotations", lambda folder: ())
    labelled = [read_clip(path) for path in labelled_clips(folder.folder, "CC0-1.0")]
    assert [c.clip_id for c in labelled] == ["anna-mon-front", "anna-mon-side"]
    for one in labelled:
        (view,) = one.views
        frames = np.flatnonzero(view.labelled)
        assert len(frames) == 2 and one.n_frames == clip.n_frames
        np.testing.assert_allclose(
            view.keypoints_px["coco17"][frames],
            clip.view(view.camera.name).keypoints_px["coco17"][frames],
            atol=1e-6,
        )


def _agreed(said: dict[str, PoseLabels]) -> Any:
    """Return what `assess` returns, as far as it matters here: one consensus a task."""
    from labeling.consensus import Skill, agree_on_poses
    from labeling.trust import Consensus

    class Agreed(NamedTuple):
        consensus: tuple[Consensus, ...]

    return Agreed(
        tuple(Consensus(uid, 1, agree_on_poses([(x, Skill())])) for uid, x in said.items())
    )


def test_the_tasks_of_a_session_and_of_a_clip_have_one_form(
    filmed_dataset: Callable[..., Dataset], tmp_path: Path
) -> None:
    dataset = filmed_dataset()
    filmed_session(dataset, "clip_000000", tmp_path / "footage", calibrated=False)
    wishes = Wishes(
        kinds=("poses",), together=True, known_answer_rate=0.5, clean_share=1.0, frames_per_view=1
    )
    footage = read_footage(tmp_path / "footage")
    folder = prepare_labelling(tmp_path / "out", dataset=dataset, footage=footage, wishes=wishes)
    real = [task for task in folder.tasks if task.uid not in folder.answers]
    assert (len(folder.tasks), len(real)) == (2, 1)
    shapes = {len(as_json["data"]["frames"]) for as_json in folder.tasks_json("poses")}
    assert shapes == {2}


def test_a_task_of_several_sources_is_named_by_all_it_shows() -> None:
    sources = [angle(name, 30.0, 90, 0.0).source for name in ("front", "side")]
    shown = [(source, Chosen(camera, 3, "even"))
             for source, camera in zip(sources, ("front", "side"), strict=True)]  # fmt: skip
    both, one = pose_task(shown), pose_task(shown[:1])
    assert both.uid != one.uid
    assert both.shows("anna.mon.side") and not one.shows("anna.mon.side")
    assert list(both.pages_of("anna.mon.side")) == [1]
