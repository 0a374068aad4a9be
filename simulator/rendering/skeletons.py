"""Keypoints drawn over a picture as a skeleton: left blue, right red, what is not seen dim."""

import numpy as np

from motions.conventions import Convention
from simulator.rendering.images import draw_lines

LEFT, RIGHT, MIDDLE = (40, 120, 255), (255, 90, 60), (245, 245, 90)
DIM = 0.45


def draw_skeleton(
    rgb: np.ndarray, points_px: np.ndarray, seen: np.ndarray, convention: Convention
) -> None:
    """Draw one frame's keypoints over its picture; bones with a NaN end are left out.

    Args:
        rgb: The picture at the camera's own size, changed in place.
        points_px: Shape (K, 2).
        seen: Which points are seen; bones to others are dim. Shape (K,), bool.
        convention: The order of the K points, and the bones.
    """
    starts, ends = np.array(convention.bone_indices).T
    names = convention.keypoint_names
    colours = np.array(
        [_colour(names[a], names[b]) for a, b in convention.bone_indices], dtype=float
    )
    colours[~(seen[starts] & seen[ends])] *= DIM
    thickness = max(1, rgb.shape[0] // 200)
    draw_lines(rgb, points_px[starts], points_px[ends], colours.astype(np.uint8), thickness)


def _colour(start: str, end: str) -> tuple[int, int, int]:
    if "left" in start and "left" in end:
        return LEFT
    return RIGHT if "right" in start and "right" in end else MIDDLE
