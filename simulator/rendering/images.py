"""Picture files: JPEG and PNG through OpenCV, the same bytes for the same pixels."""

from pathlib import Path

import cv2
import numpy as np

from motions.errors import FormbenchError

JPEG_QUALITY = 92
_ENCODINGS = {".jpg": [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY], ".png": []}


def write_image(path: Path, rgb: np.ndarray) -> None:
    """Write a picture of shape (height, width, 3), uint8, sRGB, as its file name's ending says."""
    if path.suffix not in _ENCODINGS:
        raise FormbenchError(f"{path}: expected a name ending in .jpg or .png")
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise FormbenchError(
            f"{path}: expected a picture of shape (height, width, 3) in uint8, "
            f"got {rgb.shape} in {rgb.dtype}"
        )
    _, encoded = cv2.imencode(
        path.suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), _ENCODINGS[path.suffix]
    )
    path.write_bytes(encoded.tobytes())


def read_image(path: Path) -> np.ndarray:
    """Read a picture, turned upright as its EXIF says. Shape (height, width, 3), uint8, sRGB."""
    data = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if bgr is None:
        raise FormbenchError(f"{path}: not a picture that can be read")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
