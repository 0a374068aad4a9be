"""How much a body's limbs resist being pulled at their ends, in closed form."""

from dataclasses import dataclass, replace

import numpy as np

from motions.geometry import cross, rotate, unit
from motions.motion import CONTACT_POINTS
from motions.skeleton import LIMBS, SMPL22, Skeleton

STRAIGHT_SINE = 0.05
"""No limb counts as straighter than this; its bend would resist without bound."""
_SMALL_M = 1e-5
_ROOTS, _MIDDLES, _ENDS = (
    [SMPL22.index(getattr(LIMBS[name], part)) for name in CONTACT_POINTS]
    for part in ("root", "middle", "end")
)
_BEND_AXES = np.array([LIMBS[name].bend_axis for name in CONTACT_POINTS], dtype=np.float64)


@dataclass(frozen=True)
class Limbs:
    """The four limbs as they are before they are bent, in the order of CONTACT_POINTS."""

    along: np.ndarray
    """Direction from the root to the end. Shape (T, 4, 3)."""
    across: np.ndarray
    """The way the limb bends, across that. Shape (T, 4, 3)."""
    reach_m: np.ndarray
    """From the root to the end. Shape (T, 4)."""
    bones_m: np.ndarray
    """Lengths of upper and lower bone. Shape (2, 4)."""
    alike: bool = False
    """Whether all resist alike, whatever they do."""

    @classmethod
    def of(
        cls, skeleton: Skeleton, root_m: np.ndarray, world_wxyz: np.ndarray, *, alike: bool = False
    ) -> "Limbs":
        """Take the limbs of a body with its pelvis at root_m (T, 3), turned (T, 22, 4)."""
        joints_m = skeleton.positions(root_m, world_wxyz)
        away_m = joints_m[:, _ENDS] - joints_m[:, _ROOTS]
        reach_m = np.linalg.norm(away_m, axis=-1)
        along = away_m / reach_m[..., None]
        hinge = rotate(world_wxyz[:, _ROOTS], _BEND_AXES)
        bones_m = np.linalg.norm(skeleton.offsets_m[[_MIDDLES, _ENDS]], axis=-1)
        return cls(along, unit(cross(hinge, along)), reach_m, bones_m, alike)

    def __getitem__(self, frames: slice) -> "Limbs":
        return replace(
            self,
            along=self.along[frames],
            across=self.across[frames],
            reach_m=self.reach_m[frames],
        )

    def stiffness(self, moved_m: np.ndarray) -> np.ndarray:
        """Say how much angles resist moving the ends so far: their squared change a square metre.

        With bones a and b, reach r and bend k, r^2 = a^2 + b^2 + 2 a b cos(k), so stretching bends
        the middle joint by -r / (a b sin(k)) a metre, which for a nearly straight limb is very
        much, but not for long: what counts is the bend from here to there. The upper bone is at an
        angle to the line of reach that changes by (b^2 + a b cos(k)) / r^2 with k, and turns with
        that line besides, in the plane of the limb and out of it.

        Args:
            moved_m: How far the ends are to move. Shape (T, 4, 3).

        Returns:
            One symmetric matrix an end. Shape (T, 4, 3, 3).
        """
        if self.alike:
            return np.tile(np.eye(3), (*self.reach_m.shape, 1, 1))
        a, b = self.bones_m
        reach_m = self.reach_m
        new_m = np.linalg.norm(reach_m[..., None] * self.along + moved_m, axis=-1)
        cosine, new = (np.clip((r**2 - a**2 - b**2) / (2 * a * b), -1, 1) for r in (reach_m, new_m))
        tangent = -reach_m / (a * b * np.maximum(np.sqrt(1 - cosine**2), STRAIGHT_SINE))
        longer_m = new_m - reach_m
        is_small = np.abs(longer_m) < _SMALL_M
        secant = (np.arccos(new) - np.arccos(cosine)) / np.where(is_small, 1.0, longer_m)
        bend = np.where(is_small, tangent, secant)[..., None] * self.along
        reach_m = reach_m[..., None]
        with_bend = (b**2 + a * b * cosine)[..., None] / reach_m**2
        upper = self.across / reach_m - bend * with_bend
        angles = np.stack([bend, upper, cross(self.along, self.across) / reach_m], axis=-2)
        return np.swapaxes(angles, -1, -2) @ angles
