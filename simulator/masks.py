"""Masks as text: COCO's compressed run lengths, as pycocotools writes them.

The runs count pixels down the columns, alternately outside and inside the mask; from the fourth on
each is written as its difference from the run two before, five bits a character, least first.
"""

import numpy as np
from pycocotools import mask as coco_mask

from motions.errors import FormbenchError


def encode_mask(mask: np.ndarray) -> str:
    """Return the run-length string of a mask of shape (height, width), bool.

    >>> encode_mask(np.array([[False, True], [False, True]]))
    '22'
    """
    columns_first = np.asfortranarray(mask, dtype=np.uint8)
    return coco_mask.encode(columns_first)["counts"].decode("ascii")


def decode_mask(encoded: str, width_px: int, height_px: int) -> np.ndarray:
    """Undo `encode_mask`: a mask of shape (height, width), bool."""
    runs = _runs(encoded)
    # pycocotools would leave what too few runs do not cover unset, and say nothing.
    if runs is None or sum(runs) != width_px * height_px or min(runs) < 0:
        raise FormbenchError(
            f"mask: expected run lengths of {width_px} x {height_px} pixels, got {encoded[:40]!r}"
        )
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return flat.reshape(width_px, height_px).T


def mask_area_px(encoded: str) -> int:
    """Return how many pixels a mask covers.

    >>> mask_area_px("22")
    2
    """
    return sum((_runs(encoded) or [])[1::2])


def _runs(encoded: str) -> list[int] | None:
    runs: list[int] = []
    value, shift = 0, 0
    for character in encoded:
        bits = ord(character) - 48
        if not 0 <= bits < 64:
            return None
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:  # the last character of this run; its fifth bit is the sign
            if bits & 0x10:
                value -= 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value, shift = 0, 0
    return None if shift or not runs else runs
