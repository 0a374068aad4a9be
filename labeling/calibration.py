"""Where real cameras stand: OpenCV's YAML, as `workbench export --format opencv` writes it too.

    image_width, image_height
    camera_matrix               3 x 3, OpenCV's pixels: (0, 0) is the middle of the first one
    distortion_coefficients     k1, k2, p1, p2, k3; more must be 0
    rotation, translation       3 x 3 and 3, from the world to the camera, metres

OpenCV's files begin with a line that is no YAML and mark matrices with a tag of their own.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import yaml
from pydantic import BaseModel, Field, ValidationError

from motions.errors import FormbenchError
from simulator.cameras.camera import Camera

SQUARE_WITHIN = 0.01
"""How far the two focal lengths may differ, as a share: pixels are square, ours too."""


class _Matrix(BaseModel):
    rows: int
    cols: int
    data: list[Annotated[float, Field(allow_inf_nan=False)]]

    def of_shape(self, *shape: int) -> np.ndarray:
        if len(self.data) != int(np.prod(shape)):
            raise ValueError(f"expected {shape} numbers, got {len(self.data)}")
        return np.array(self.data).reshape(shape)


class _Calibration(BaseModel):
    image_width: int
    image_height: int
    camera_matrix: _Matrix
    distortion_coefficients: _Matrix
    rotation: _Matrix
    translation: _Matrix


class _Loader(yaml.SafeLoader):
    """YAML with OpenCV's tag for matrices."""


_Loader.add_constructor(
    "tag:yaml.org,2002:opencv-matrix",
    lambda loader, node: loader.construct_mapping(node, deep=True),
)


def read_calibration(path: Path, name: str, size_px: tuple[int, int]) -> Camera:
    """Read a camera.

    Args:
        path: The file.
        name: What the camera is called.
        size_px: Width and height of its video, which must be those of the calibration but for an
            odd last row or column.

    Raises:
        FormbenchError: The file is not as it should be, or is of a camera of another size.
    """
    try:
        text = path.read_text(encoding="utf-8").replace("%YAML:1.0", "", 1)
        stored = _Calibration.model_validate(yaml.load(text, _Loader))  # a kind of safe loader
        K = stored.camera_matrix.of_shape(3, 3)
        R, shift_m = stored.rotation.of_shape(3, 3), stored.translation.of_shape(3)
    except ValidationError as error:
        first = error.errors()[0]
        raise FormbenchError(
            f"{path}: {'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
        ) from error
    except (UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        raise FormbenchError(f"{path}: no calibration: {' '.join(str(error).split())}") from error
    width_px, height_px = (size // 2 * 2 for size in size_px)
    if (stored.image_width // 2 * 2, stored.image_height // 2 * 2) != (width_px, height_px):
        raise FormbenchError(
            f"{path}: expected the calibration of a video of {size_px[0]} x {size_px[1]}, "
            f"got {stored.image_width} x {stored.image_height}"
        )
    lens = (*stored.distortion_coefficients.data, 0.0, 0.0, 0.0, 0.0, 0.0)
    if any(lens[5:]) or abs(K[0, 0] - K[1, 1]) > SQUARE_WITHIN * K[0, 0]:
        raise FormbenchError(
            f"{path}: expected square pixels and a lens of k1, k2, p1, p2, k3; calibrate with "
            "cv2.CALIB_FIX_ASPECT_RATIO and without a rational or thin prism model"
        )
    T_world_cam = np.eye(4)
    T_world_cam[:3, :3], T_world_cam[:3, 3] = R.T, -R.T @ shift_m
    return Camera(
        name=name,
        width_px=width_px,
        height_px=height_px,
        focal_px=float((K[0, 0] + K[1, 1]) / 2),
        T_world_cam=T_world_cam,
        principal_px=(float(K[0, 2]) + 0.5, float(K[1, 2]) + 0.5),
        distortion=(lens[0], lens[1], lens[2], lens[3], lens[4]),
    )
