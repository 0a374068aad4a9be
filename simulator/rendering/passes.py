"""What can be drawn beside the picture: truth for every pixel, its code and its file.

All are whole numbers, kept in lossless video (FFV1 in Matroska), one file a camera and pass:

    depth       millimetres along the optical axis to what is seen; 0 from 65.535 m on
    normals     of what is seen, in camera axes: 1 + 65534 (n + 1) / 2 for x, y, z; 0 for none
    instances   0 the room, 1 a thing, 2 the person, 3 and on the others
    parts       of the person: 1 + the index of the SMPL-22 joint that carries it; 0 elsewhere
    whole_parts the same as if nothing stood before the person
    flow        to where what is seen is in the next frame, as KITTI codes it: 64 u + 32768,
                64 v + 32768, and 1 where that is known; in the last frame it nowhere is
    flow_back   the same to the frame before

KITTI: Menze and Geiger 2015, "Object Scene Flow for Autonomous Vehicles", development kit.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from motions.errors import FormbenchError, unknown_name


@dataclass(frozen=True)
class Pass:
    """One kind of truth for every pixel."""

    meaning: str
    channels: int
    dtype: type[np.unsignedinteger]

    @property
    def pixel_format(self) -> str:
        """What FFmpeg calls its pixels."""
        if self.channels == 3:
            return "gbrp16le"
        return "gray16le" if self.dtype is np.uint16 else "gray"


PASSES = {
    "depth": Pass("millimetres along the optical axis", 1, np.uint16),
    "normals": Pass("unit normals in camera axes", 3, np.uint16),
    "instances": Pass("who or what is seen", 1, np.uint8),
    "parts": Pass("which part of the person is seen", 1, np.uint8),
    "whole_parts": Pass(
        "which part of the person would be seen without what hides it", 1, np.uint8
    ),
    "flow": Pass("motion to the next frame", 3, np.uint16),
    "flow_back": Pass("motion to the frame before", 3, np.uint16),
}

FLOW_STEPS, FLOW_ZERO = 64, 2**15
_NORMAL_STEPS = 2**16 - 2


def check_passes(names: Iterable[str], drawn: Iterable[str] = PASSES) -> None:
    """Raise for a name that is no pass, or none of those that a renderer draws."""
    for name in names:
        if name not in PASSES:
            raise unknown_name("pass", name, PASSES)
        if name not in drawn:
            raise FormbenchError(
                f"pass {name}: this renderer draws {', '.join(drawn) or 'none'}; use the OpenGL one"
            )


def flow_px(coded: np.ndarray) -> np.ndarray:
    """Decode a flow pass (..., 3) to pixels u right, v down, NaN where unknown. Shape (..., 2)."""
    moved = (coded[..., :2].astype(np.float32) - FLOW_ZERO) / FLOW_STEPS
    return np.where(coded[..., 2:] > 0, moved, np.nan)


def normals_cam(coded: np.ndarray) -> np.ndarray:
    """Decode a normals pass (..., 3) to unit vectors, NaN where there is none. Same shape."""
    turned = (coded.astype(np.float32) - 1) / _NORMAL_STEPS * 2 - 1
    return np.where(coded.any(axis=-1, keepdims=True), turned, np.nan)
