"""Cameras written for other tools project our points to where they are in our images."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from export.dataset import read_dataset
from export.formats.table import export_dataset
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
