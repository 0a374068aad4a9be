"""Cameras for other people's tools: COLMAP's text model and OpenCV's YAML, one folder a clip.

    <side>/<clip_id>/cameras.txt, images.txt, points3D.txt
    <side>/<clip_id>/<camera>.yaml

COLMAP counts pixels as we do, from the corner of the first one; OpenCV from its middle, so there
the principal point is half a pixel less. Both take world to camera coordinates. Layouts: COLMAP,
"Output Format", model FULL_OPENCV; OpenCV, "Camera Calibration and 3D Reconstruction", FileStorage.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from export.formats.format import Format, Request, clip_files, standing
from motions.geometry import to_wxyz
from simulator.cameras.camera import Camera


def write_colmap(request: Request, out: Path) -> None:
    """Write a model of no points, with an image for each camera, named after its video.

    A camera in a hand has one for each frame, named `<camera>/000000.jpg` and so on.
    """
    for row, clip, folder in clip_files(request, out, ""):
        folder.mkdir(exist_ok=True)
        cameras = [clip.view(name).camera for name in row.cameras]
        lines = [_colmap_camera(i, camera) for i, camera in enumerate(cameras, 1)]
        _write(folder / "cameras.txt", lines)
        # The second line of an image is its points, and there are none.
        images = [
            (number, *image)
            for number, camera in enumerate(cameras, 1)
            for image in _images(camera, request.frames(row))
        ]
        lines = [f"{_colmap_image(i, *image)}\n" for i, image in enumerate(images, 1)]
        _write(folder / "images.txt", lines)
        _write(folder / "points3D.txt", [])


def write_opencv(request: Request, out: Path) -> None:
    """Write a file a camera that cv2.FileStorage reads."""
    for row, clip, folder in clip_files(request, out, ""):
        folder.mkdir(exist_ok=True)
        for name in row.cameras:
            _write(
                folder / f"{name}.yaml", _opencv_lines(standing(clip.view(name).camera, "opencv"))
            )


def _colmap_camera(number: int, camera: Camera) -> str:
    k1, k2, p1, p2, k3 = camera.distortion
    lens = (
        camera.focal_px,
        camera.focal_px,
        *_principal(camera),
        k1,
        k2,
        p1,
        p2,
        k3,
        0.0,
        0.0,
        0.0,
    )
    return f"{number} FULL_OPENCV {camera.width_px} {camera.height_px} {_row(lens)}"


def _images(camera: Camera, frames: range) -> list[tuple[Camera, str]]:
    if camera.turns_rad is None:
        return [(camera, f"{camera.name}.mp4")]
    return [(camera.at(frame), f"{camera.name}/{frame:06d}.jpg") for frame in frames]


def _colmap_image(number: int, camera_number: int, camera: Camera, name: str) -> str:
    T_cam_world = np.linalg.inv(camera.T_world_cam)
    turn = to_wxyz(Rotation.from_matrix(T_cam_world[:3, :3]))
    return f"{number} {_row([*turn, *T_cam_world[:3, 3]])} {camera_number} {name}"


def _opencv_lines(camera: Camera) -> list[str]:
    u, v = _principal(camera)
    K = [camera.focal_px, 0.0, u - 0.5, 0.0, camera.focal_px, v - 0.5, 0.0, 0.0, 1.0]
    T_cam_world = np.linalg.inv(camera.T_world_cam)
    return [
        "%YAML:1.0",
        "---",
        f"image_width: {camera.width_px}",
        f"image_height: {camera.height_px}",
        *_matrix("camera_matrix", 3, K),
        *_matrix("distortion_coefficients", 1, camera.distortion),
        *_matrix("rotation", 3, T_cam_world[:3, :3].ravel()),
        *_matrix("translation", 3, T_cam_world[:3, 3]),
    ]


def _matrix(name: str, rows: int, values: Sequence[float] | np.ndarray) -> list[str]:
    return [
        f"{name}: !!opencv-matrix",
        f"   rows: {rows}",
        f"   cols: {len(values) // rows}",
        "   dt: d",
        f"   data: [ {_row(values, ', ')} ]",
    ]


def _principal(camera: Camera) -> tuple[float, float]:
    return float(camera.K[0, 2]), float(camera.K[1, 2])


def _row(values: Sequence[float] | np.ndarray, between: str = " ") -> str:
    return between.join(repr(float(value)) for value in values)


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


_LOST = (
    "keypoints, boxes, masks, repetitions, faults, subjects and exercises",
    "anything but the cameras: there are no points in the model and no pictures",
)
COLMAP = Format(
    name="colmap",
    title="COLMAP text model",
    kept=("each clip's cameras: size, lens with distortion, place",),
    lost=_LOST,
    read_by="OpenCV, with COLMAP's parameters",
    write=write_colmap,
    parted=True,
    simulated_only=True,
)
OPENCV = Format(
    name="opencv",
    title="OpenCV camera YAML",
    kept=COLMAP.kept,
    lost=_LOST,
    read_by="OpenCV",
    write=write_opencv,
    parted=True,
    simulated_only=True,
)
