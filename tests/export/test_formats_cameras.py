"""Cameras written for other tools project our points to where they are in our images."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from export.dataset import read_dataset
from export.formats.table import export_dataset
from motions.errors import FormbenchError
from simulator.cameras.camera import look_at

LENS = (-0.08, 0.02, 0.003, -0.002, 0.001)


@pytest.fixture
def dataset(make_dataset, make_clip):
    """One clip whose cameras roll, are off the middle and bend lines."""
    clip = make_clip(clip_id="one", subject_id="ada")
    views = []
    for index, view in enumerate(clip.views):
        camera = replace(
            view.camera,
            distortion=LENS,
            principal_px=(300.0 + index, 250.25),
            T_world_cam=look_at(np.array([2.0, -2.5 - index, 1.4]), np.array([0, 0, 0.9]), 0.2),
        )
        points = {"smpl22": clip.joints_world_m, **clip.keypoints_world_m}
        seen = {name: camera.project(values)[0] for name, values in points.items()}
        views.append(replace(view, camera=camera, keypoints_px=seen))
    return read_dataset(make_dataset([replace(clip, views=tuple(views))]))


def with_opencv(points_m, turn, shift_m, K, lens):
    """Project as OpenCV does, which counts pixels from the middle of the first."""
    px, _ = cv2.projectPoints(points_m.reshape(-1, 3), cv2.Rodrigues(turn)[0], shift_m, K, lens)
    return px.reshape(*points_m.shape[:2], 2) + 0.5


def test_colmap_models_see_joints_where_we_do(dataset, tmp_path):
    export_dataset(dataset, "colmap", tmp_path / "out")
    folder, clip = tmp_path / "out" / "all" / "one", dataset.clip("one")
    cameras = [line.split() for line in (folder / "cameras.txt").read_text().splitlines()]
    images = (folder / "images.txt").read_text().split("\n")[::2][: len(cameras)]

    assert [c[:4] for c in cameras] == [[str(i), "FULL_OPENCV", "640", "480"] for i in (1, 2)]
    assert (folder / "images.txt").read_text().count("\n") == 2 * len(cameras)
    assert (folder / "points3D.txt").read_text() == ""
    for camera, line, view in zip(cameras, images, clip.views, strict=True):
        fx, fy, cx, cy, *lens = map(float, camera[4:])
        number, *pose, camera_id, name = line.split()
        turn = Rotation.from_quat(np.roll(np.array(pose[:4], dtype=float), -1)).as_matrix()
        K = np.array([[fx, 0, cx - 0.5], [0, fy, cy - 0.5], [0, 0, 1]])
        px = with_opencv(
            clip.joints_world_m, turn, np.array(pose[4:], dtype=float), K, np.array(lens)
        )

        assert (number, name) == (camera_id, f"{view.camera.name}.mp4")
        np.testing.assert_allclose(px, view.keypoints_px["smpl22"], atol=1e-6)


def test_opencv_reads_its_files_and_sees_joints_where_we_do(dataset, tmp_path):
    export_dataset(dataset, "opencv", tmp_path / "out")
    clip = dataset.clip("one")
    for view in clip.views:
        path = tmp_path / "out" / "all" / "one" / f"{view.camera.name}.yaml"
        stored = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)
        names = ("rotation", "translation", "camera_matrix", "distortion_coefficients")
        turn, shift_m, K, lens = (stored.getNode(name).mat() for name in names)
        px = with_opencv(clip.joints_world_m, turn, shift_m, K, lens)

        assert stored.getNode("image_width").real() == 640
        np.testing.assert_allclose(px, view.keypoints_px["smpl22"], atol=1e-6)


@pytest.fixture
def in_hand(make_dataset, make_clip):
    """One clip whose cameras turn from frame to frame."""
    clip = make_clip(clip_id="one", subject_id="ada")
    turns_rad = np.random.default_rng(0).normal(0, 0.02, (clip.n_frames, 3))
    views = []
    for view in clip.views:
        camera = replace(view.camera, distortion=LENS, turns_rad=turns_rad)
        seen = {"smpl22": camera.project(clip.joints_world_m)[0]}
        views.append(replace(view, camera=camera, keypoints_px=view.keypoints_px | seen))
    return read_dataset(make_dataset([replace(clip, views=tuple(views))]))


def test_colmap_has_an_image_for_each_frame_of_a_camera_in_a_hand(in_hand, tmp_path):
    export_dataset(in_hand, "colmap", tmp_path / "out")
    folder, clip = tmp_path / "out" / "all" / "one", in_hand.clip("one")
    cameras = [line.split() for line in (folder / "cameras.txt").read_text().splitlines()]
    images = (folder / "images.txt").read_text().split("\n")[:-1:2]

    assert len(images) == len(clip.views) * clip.n_frames
    for number, line in enumerate(images):
        index, frame = divmod(number, clip.n_frames)
        view = clip.views[index]
        fx, fy, cx, cy, *lens = map(float, cameras[index][4:])
        _, *pose, camera_id, name = line.split()
        turn = Rotation.from_quat(np.roll(np.array(pose[:4], dtype=float), -1)).as_matrix()
        K = np.array([[fx, 0, cx - 0.5], [0, fy, cy - 0.5], [0, 0, 1]])
        px = with_opencv(
            clip.joints_world_m[[frame]], turn, np.array(pose[4:], dtype=float), K, np.array(lens)
        )

        assert (camera_id, name) == (str(index + 1), f"{view.camera.name}/{frame:06d}.jpg")
        np.testing.assert_allclose(px[0], view.keypoints_px["smpl22"][frame], atol=1e-6)


@pytest.mark.parametrize("format_name", ["opencv", "videopose3d"])
def test_formats_with_one_place_for_a_camera_refuse_one_in_a_hand(in_hand, tmp_path, format_name):
    with pytest.raises(FormbenchError, match=f"{format_name} has one place for a camera"):
        export_dataset(in_hand, format_name, tmp_path / "out")
    assert not (tmp_path / "out").exists()
