"""The user's own pictures as the room: a panorama all around, or a photograph on every wall.

A picture twice as wide as high is taken for a panorama of all directions (equirectangular: its
middle is what the front camera looks at, its edges meet behind that camera), as HDRIs are. It is
thrown from where its own camera stood onto floor, walls and ceiling of the room, so that people
stand on its floor and cameras that stand apart see it apart. Any other picture covers each wall.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from simulator.rendering.images import read_hdr, read_image, resized

LARGEST_PX = 8192
_MIDDLE_GREY = 0.18
"""What the average light of an HDRI is brought to, as photographers expose."""


@lru_cache(maxsize=2)
def surroundings_rgb(file: str) -> np.ndarray:
    """Read a picture of surroundings.

    Returns:
        Shape (height, width, 3), uint8, sRGB; no side longer than LARGEST_PX.

    Raises:
        FormbenchError: There is no such file, or it is no picture, or an HDRI of another shape.
    """
    path = Path(file)
    try:
        rgb = _exposed(path) if path.suffix.lower() == ".hdr" else read_image(path)
    except OSError as error:
        raise FormbenchError(f"surroundings: {path}: {error.strerror}") from error
    height, width = rgb.shape[:2]
    share = min(1.0, LARGEST_PX / max(height, width))
    return rgb if share == 1 else resized(rgb, round(share * width), round(share * height))


def is_panorama(rgb: np.ndarray) -> bool:
    """Whether a picture (height, width, 3) shows all directions."""
    return bool(rgb.shape[1] == 2 * rgb.shape[0])


def _exposed(path: Path) -> np.ndarray:
    light = read_hdr(path)
    if not is_panorama(light):
        raise FormbenchError(
            f"surroundings: {path}: expected an HDRI twice as wide as high, "
            f"got {light.shape[1]} x {light.shape[0]}"
        )
    brightness = light.mean(axis=-1)
    average = np.exp(np.log(np.maximum(brightness, 1e-4)).mean())
    exposed = light * (_MIDDLE_GREY / average)
    # Gamma 2, as the shaders have it; what is brighter than white is white.
    return np.round(255 * np.sqrt(np.clip(exposed, 0, 1))).astype(np.uint8)
