"""Picture files: JPEG and PNG through OpenCV, the same bytes for the same pixels."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from motions.errors import FormbenchError

JPEG_QUALITY = 92
_SHIFT = 4  # OpenCV draws in sixteenths of a pixel
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


def read_hdr(path: Path) -> np.ndarray:
    """Read a Radiance picture (.hdr). Shape (height, width, 3), float32, linear light."""
    data = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH) if len(data) else None
    if bgr is None or bgr.dtype != np.float32 or not np.isfinite(bgr).all():
        raise FormbenchError(f"{path}: not a Radiance picture that can be read")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def draw_lines(
    rgb: np.ndarray,
    starts_px: np.ndarray,
    ends_px: np.ndarray,
    colours: np.ndarray,
    thickness_px: int,
) -> None:
    """Draw straight lines into a picture, smooth-edged; lines with a NaN end are left out.

    Args:
        rgb: The picture, changed in place. Shape (height, width, 3), uint8.
        starts_px: In our pixel convention. Shape (N, 2).
        ends_px: Shape (N, 2).
        colours: Shape (N, 3), uint8.
        thickness_px: Of every line.
    """
    shown = np.isfinite(starts_px).all(axis=1) & np.isfinite(ends_px).all(axis=1)
    for start, end, colour in zip(starts_px[shown], ends_px[shown], colours[shown], strict=True):
        draw_stroke(rgb, start, end, tuple(int(c) for c in colour), thickness_px)


def draw_stroke(
    image: np.ndarray,
    start_px: np.ndarray,
    end_px: np.ndarray,
    colour: Sequence[int] | int,
    thickness_px: int,
    smooth: bool = True,
) -> None:
    """Draw one straight line with round ends into a picture or a mask.

    Args:
        image: Changed in place. Shape (height, width) or (height, width, 3), uint8.
        start_px: In our pixel convention. Shape (2,).
        end_px: Shape (2,).
        colour: One value a channel.
        thickness_px: Across the line.
        smooth: Whether pixels on the edge are mixed; if not, each is either drawn or not.
    """
    start, end = ([int(c) for c in np.round((p - 0.5) * 2**_SHIFT)] for p in (start_px, end_px))
    kind = cv2.LINE_AA if smooth else cv2.LINE_8
    cv2.line(image, start, end, colour, thickness_px, kind, _SHIFT)


def draw_text(
    rgb: np.ndarray, text: str, left_top_px: tuple[int, int], height_px: int, ink: int = 0
) -> None:
    """Write one line of text into a picture, in grey `ink` from 0 (black) to 255."""
    face = cv2.FONT_HERSHEY_SIMPLEX
    scale = cv2.getFontScaleFromHeight(face, height_px)
    base = (left_top_px[0], left_top_px[1] + height_px)
    cv2.putText(rgb, text, base, face, scale, (ink,) * 3, max(1, height_px // 14), cv2.LINE_AA)


def resized(rgb: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    """Return a picture scaled down by averaging areas."""
    return cv2.resize(rgb, (width_px, height_px), interpolation=cv2.INTER_AREA)


def sampled_at(image: np.ndarray, off_px: np.ndarray) -> np.ndarray:
    """Return for each pixel the image so far (height, width, 2) from it, between pixels mixed."""
    height, width = image.shape[:2]
    u, v = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    at_u, at_v = (u + off_px[..., 0]).astype(np.float32), (v + off_px[..., 1]).astype(np.float32)
    return cv2.remap(image, at_u, at_v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
