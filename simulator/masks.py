"""Masks as text: COCO's compressed run lengths, as pycocotools writes and reads them."""

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
    try:
        mask = coco_mask.decode(_with_size(encoded, width_px, height_px)).astype(bool)
        # The decoder leaves what too few runs do not cover unset, so the way back is checked too.
        fits = encode_mask(mask) == encoded
    except ValueError:
        fits = False
    if not fits:
        raise FormbenchError(
            f"mask: expected run lengths of {width_px} x {height_px} pixels, got {encoded[:40]!r}"
        )
    return mask


def mask_area_px(encoded: str, width_px: int, height_px: int) -> int:
    """Return how many pixels a mask covers."""
    return int(coco_mask.area(_with_size(encoded, width_px, height_px)))


def _with_size(encoded: str, width_px: int, height_px: int) -> dict[str, object]:
    return {"size": [height_px, width_px], "counts": encoded.encode("ascii")}
