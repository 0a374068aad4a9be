"""Where a body settles on what carries it, so that its joint angles change least.

The hips move first; then heels are lifted or lowered, which none of the angles depends on that
faults are about; only what is left over is taken up by bending the limbs. The three are weighed
against one another in one least-squares problem a frame. The hips' path is then made smooth: it
gives way where the limbs do, before a foot lands and after one has left, rather than where two
straight legs stand.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solveh_banded

from motions.feet import Heels
from motions.stiffness import Limbs

HEEL_WEIGHT = 0.02
"""Lifting a heel by seven degrees is as bad as changing another angle by one."""
ROUNDS = 3
"""Each takes the limbs' resistance at what the round before found."""
SMOOTH_S = 0.05
"""Faster changes of the hips' way are made slower where the limbs give way..."""
SMOOTH_STIFFNESS = 20.0
"""...as a pair of well bent legs does: squared radians a square metre."""
_FEET = slice(0, 2)


@dataclass(frozen=True)
class Support:
    """What carries a body in some frames."""

    off_m: np.ndarray
    """From where each ankle and wrist is to where it belongs. Shape (T, 4, 3)."""
    carries: np.ndarray
    """Which of them carry. Shape (T, 4), bool."""
    limbs: Limbs
    """As they are before they are bent."""
    heels: Heels
    """As they are before they are lifted."""

    @classmethod
    def of(cls, off_m: np.ndarray, carries: np.ndarray, limbs: Limbs, heels: Heels) -> "Support":
        """The same points (4,), or each frame's own (T, 4), carry."""
        return cls(off_m, np.broadcast_to(carries, off_m.shape[:2]), limbs, heels)

    def settle(self) -> tuple[np.ndarray, np.ndarray]:
        """Find the best place of the root in each frame, in all of which the same points carry.

        Returns:
            The shift of the root (T, 3), and how much it resists being moved on (T, 3, 3).
        """
        lift_rad, moved_m = np.zeros(self.off_m[:, _FEET, 0].shape), np.zeros_like(self.off_m)
        held = ~self.carries[:, _FEET]
        for _ in range(ROUNDS):
            stiffness, off_m, per_rad_m = self._about(moved_m, lift_rad)
            # A heel that is free gives way: eliminate its lift (a Schur complement).
            pull, resists = _heels_resist(stiffness, per_rad_m)
            gives = pull[..., :, None] * pull[..., None, :] / resists[..., None, None]
            stiffness[:, _FEET] -= np.where(held[..., None, None], 0.0, gives)
            still_m = off_m.copy()
            still_m[:, _FEET] += np.where(held, lift_rad, 0.0)[..., None] * per_rad_m
            total = stiffness.sum(axis=1)
            wanted = (stiffness @ still_m[..., None]).sum(axis=1)
            shift_m = np.linalg.solve(total, wanted)[..., 0]
            lift_rad, held = self._lifted(pull, resists, off_m - shift_m[:, None])
            moved_m = off_m - shift_m[:, None]
            moved_m[:, _FEET] += per_rad_m * lift_rad[..., None]
        return shift_m, total

    def lift(self, shift_m: np.ndarray) -> np.ndarray:
        """Return by how much to lift each heel (T, 2) with the root shifted (T, 3)."""
        lift_rad, moved_m = np.zeros(self.off_m[:, _FEET, 0].shape), self.off_m - shift_m[:, None]
        for _ in range(ROUNDS):
            stiffness, off_m, per_rad_m = self._about(moved_m, lift_rad)
            left_m = off_m - shift_m[:, None]
            lift_rad, _ = self._lifted(*_heels_resist(stiffness, per_rad_m), left_m)
            moved_m = left_m
            moved_m[:, _FEET] += per_rad_m * lift_rad[..., None]
        return lift_rad

    def _about(
        self, moved_m: np.ndarray, lift_rad: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Make the problem linear: what is to be moved is the second plus lift times the third."""
        stiffness = self.limbs.stiffness(moved_m) * self.carries[..., None, None]
        lifted_m, per_rad_m = self.heels.moved_m(lift_rad)
        off_m = self.off_m.copy()
        off_m[:, _FEET] += lifted_m - per_rad_m * lift_rad[..., None]
        return stiffness, off_m, per_rad_m

    def _lifted(
        self, pull: np.ndarray, resists: np.ndarray, left_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the best lift within bounds (T, 2), and whether it is at one of them."""
        carries = self.carries[:, _FEET]
        least, most = carries * self.heels.least_rad, carries * self.heels.most_rad
        best = -np.sum(pull * left_m[:, _FEET], axis=-1) / resists
        return np.clip(best, least, most), (best <= least) | (best >= most)


def _heels_resist(stiffness: np.ndarray, per_rad_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what lifting a heel does to its leg (T, 2, 3), and how much that resists (T, 2)."""
    pull = (stiffness[:, _FEET] @ per_rad_m[..., None])[..., 0]
    return pull, HEEL_WEIGHT + np.sum(pull * per_rad_m, axis=-1)


def smooth_path(
    wanted_m: np.ndarray, stiffness: np.ndarray, free_m: np.ndarray, fps: float
) -> np.ndarray:
    """Find the path near wanted places whose velocity changes least (a smoothing spline).

    Minimises the sum of (s - wanted)' K (s - wanted) and of the squared second differences of
    s - free, weighted so that a stiffness of SMOOTH_STIFFNESS gives way within SMOOTH_S.

    Args:
        wanted_m: Shape (T, 3).
        stiffness: K of each frame; zero where nothing is wanted. Shape (T, 3, 3).
        free_m: A path that is smooth already where nothing is wanted. Shape (T, 3).
        fps: Frames per second.

    Returns:
        Shape (T, 3).
    """
    n = len(wanted_m)
    weight = SMOOTH_STIFFNESS * (SMOOTH_S * fps) ** 4
    bends = weight * np.array([1.0, -2.0, 1.0])
    # In the order of x, y, z of frame 0, of frame 1, ...: second differences reach two frames on.
    upper = np.zeros((7, 3 * n))
    target = (stiffness @ wanted_m[..., None])[..., 0]
    for row in range(3):
        for column in range(row, 3):
            upper[6 - (column - row), column::3] = stiffness[:, row, column]
    for k, bend in enumerate((1, -2, 1)):
        for later in range(k, 3):
            upper[6 - 3 * (later - k), 3 * later : 3 * (n - 2 + later)] += bends[later] * bend
        target[k : n - 2 + k] += bends[k] * np.diff(free_m, n=2, axis=0)
    return solveh_banded(upper, target.ravel()).reshape(n, 3)
