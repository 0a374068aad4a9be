"""A body in the canonical T-pose, pelvis at the origin: where masses and shapes are measured.

There every joint frame has the world's axes, so what is measured from a joint is in its frame.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from motions.geometry import IDENTITY_WXYZ
from simulator.bodies.body import Body

KEPT_BODIES = 16
"""What is worked out of a body's T-pose is kept for so many bodies."""


@dataclass(frozen=True, eq=False)
class TPose:
    """Joints and skin. Equal only to itself, as a body is."""

    joints_m: np.ndarray
    """Shape (22, 3)."""
    skin_m: np.ndarray
    """Shape (V, 3)."""
    faces: np.ndarray
    """Shape (F, 3)."""
    areas_m2: np.ndarray
    """Of the skin round each vertex; zero for vertices that no face has. Shape (V,)."""
    weights: np.ndarray
    """How much each joint carries each vertex. Shape (V, 22)."""
    owners: np.ndarray
    """The joint that carries each vertex most. Shape (V,)."""

    @property
    def volume_m3(self) -> float:
        """What the skin encloses: the sum of the signed tetrahedra from the origin to its faces."""
        a, b, c = (self.skin_m[self.faces[:, corner]] for corner in range(3))
        return float(np.einsum("fi,fi->", a, np.cross(b, c)) / 6)


@lru_cache(maxsize=KEPT_BODIES)
def in_tpose(body: Body) -> TPose:
    """Put a body in the T-pose."""
    at_rest = np.tile(IDENTITY_WXYZ, (1, len(body.skeleton.joint_names), 1))
    origin_m = np.zeros((1, 3))
    skin_m = body.skin(origin_m, at_rest)[0][0].astype(np.float64)
    a, b, c = (skin_m[body.faces[:, corner]] for corner in range(3))
    thirds = np.linalg.norm(np.cross(b - a, c - a), axis=-1) / 6
    return TPose(
        joints_m=body.skeleton.positions(origin_m, at_rest)[0],
        skin_m=skin_m,
        faces=body.faces,
        areas_m2=np.bincount(body.faces.ravel(), np.repeat(thirds, 3), minlength=len(skin_m)),
        weights=body.skin_weights,
        owners=body.skin_weights.argmax(axis=1),
    )
