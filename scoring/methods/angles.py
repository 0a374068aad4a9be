"""The body's main angles, from keypoints of any convention, in two or three dimensions.

An angle is that between two bones at a joint, 0 to pi, pi for a straight limb. It does not change
with the person's height or place, nor when left and right are swapped or the image is mirrored.
"""

import numpy as np

from motions.conventions import Convention

MAIN_ANGLES = {
    f"{side}_{name}": tuple(f"{side}_{point}" for point in points)
    for side in ("left", "right")
    for name, points in {
        "elbow": ("shoulder", "elbow", "wrist"),
        "shoulder": ("elbow", "shoulder", "hip"),
        "hip": ("shoulder", "hip", "knee"),
        "knee": ("hip", "knee", "ankle"),
    }.items()
}
"""By name: a point, the joint, and another point."""


def main_angles_rad(points: np.ndarray, convention: Convention) -> np.ndarray:
    """Return the main angles, in the order of MAIN_ANGLES.

    By the arctangent of sine and cosine, which is exact for straight limbs too; NaN where a point
    is missing or two fall together.

    Args:
        points: Shape (..., K, 2) or (..., K, 3).
        convention: The order of the K points.

    Returns:
        Shape (..., 8).
    """
    at = convention.keypoint_names.index
    first, joint, last = (
        points[..., [at(names[i]) for names in MAIN_ANGLES.values()], :] for i in range(3)
    )
    a, b = first - joint, last - joint
    dot = (a * b).sum(axis=-1)
    # |a|^2 |b|^2 = dot^2 + cross^2 in any number of dimensions (Lagrange's identity).
    cross = sum(
        (a[..., i] * b[..., j] - a[..., j] * b[..., i]) ** 2
        for i in range(a.shape[-1])
        for j in range(i)
    )
    lengths = (a * a).sum(axis=-1) * (b * b).sum(axis=-1)
    return np.where(lengths > 0, np.arctan2(np.sqrt(cross), dot), np.nan)
