"""What a lifted pose must agree with where its truth is not known: the image that it came from.

A pose in space and the way of the hips, as the network answers, are put back into the image and
compared with the points that it was given, and bones must keep the lengths that people's have, as
Pavllo et al. 2019, "3D human pose estimation in video with temporal convolutions", learn from
videos without labels. The camera's lens is not known: the way of the hips is that before a usual
one, farther away for a longer lens, which looks the same but for the perspective within the body.

Arrays here may be numpy's or torch's: nothing is used that differs, and torch is not imported.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from motions.conventions import COCO_17
from scoring.learning.examples import EQUIVALENT_FOCAL_MM, FILM_DIAGONAL_MM

K = len(COCO_17.keypoint_names)
USUAL_FOCAL = sum(EQUIVALENT_FOCAL_MM) / 2 / FILM_DIAGONAL_MM
"""Over the image's diagonal."""
NEAREST_M = 0.5
"""Nothing is nearer to the camera."""
BONES = tuple(
    tuple(COCO_17.keypoint_names.index(f"{side}_{name}") for name in pair)
    for side in ("left", "right")
    for pair in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"),
                 ("shoulder", "hip"))
)  # fmt: skip
BONES_WEIGHT = 1.0
"""What a metre of bone weighs beside a point that is off by as far as points usually are from the
hips."""


def image_of(points_m: Any, root_m: Any) -> Any:
    """Put points into the image.

    Args:
        points_m: From the hips along the camera's axes (right, down, away). Shape (..., 17, 3).
        root_m: The hips before a usual lens. Shape (..., 3).

    Returns:
        From the image's middle, over its diagonal. Shape (..., 17, 2).
    """
    at = points_m + root_m[..., None, :]
    return USUAL_FOCAL * at[..., :2] / at[..., 2:].clip(NEAREST_M, None)


def seen_in(given: Any) -> tuple[Any, Any, Any]:
    """Take apart what the lifter is given, `scoring.learning.lifter.features`.

    Returns:
        Points from the image's middle over its diagonal, (..., 17, 2); which were seen, (..., 17);
        and how large the person looks, (..., 1).
    """
    reach = given[..., 3 * K + 2 :]
    off = given[..., : 2 * K].reshape(*given.shape[:-1], K, 2)
    place = given[..., 3 * K : 3 * K + 2]
    return place[..., None, :] + off * reach[..., None], given[..., 2 * K : 3 * K] > 0, reach


def bone_lengths(points_m: Any) -> Any:
    """Return the lengths of BONES. Shape (..., 10)."""
    starts, ends = zip(*BONES, strict=True)
    off = points_m[..., list(starts), :] - points_m[..., list(ends), :]
    return ((off**2).sum(-1) + 1e-8) ** 0.5


def mean_lengths(poses_m: Sequence[np.ndarray]) -> list[float]:
    """Return how long BONES are on average, of points (T, 17, 3)."""
    found = [bone_lengths(points).mean(axis=0) for points in poses_m]
    lengths: list[float] = np.mean(found, axis=0).tolist()
    return lengths


def disagreement(usual_m: Sequence[float]) -> Callable[[Any, Any, Any], Any]:
    """Return what is to be made small where the truth is not known.

    Args:
        usual_m: Lengths of BONES.

    Returns:
        A function of what the network answers, points and root in turn, (B, T, 54), what it was
        given (B, T, 54) and which frames are there (B, T, 1). It gives how far points are from
        where they were seen, over how large the person looks, and how far mean bone lengths of a
        recording are from the usual, and those of its frames from their mean.
    """

    def loss(answered: Any, given: Any, there: Any) -> Any:
        points_m = answered[..., : 3 * K].reshape(*answered.shape[:-1], K, 3)
        seen, known, reach = seen_in(given)
        known = known * there
        far = abs(image_of(points_m, answered[..., 3 * K :]) - seen).sum(-1) / reach.clip(
            1e-3, None
        )
        lengths, n_frames = bone_lengths(points_m), there.sum(1)
        means = (lengths * there).sum(1) / n_frames
        uneven = (abs(lengths - means[:, None]) * there).sum(1) / n_frames
        unlike = sum(abs(means[:, k].mean() - usual) for k, usual in enumerate(usual_m))
        bones = unlike / len(usual_m) + uneven.mean()
        return (far * known).sum() / known.sum().clip(1, None) + BONES_WEIGHT * bones

    return loss
