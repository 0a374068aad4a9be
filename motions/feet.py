"""Feet on the floor: level, toes flat, rolling from heel to ball without slipping.

Ball and heel are spheres that stand on the floor when the foot is flat; the lower one is what the
foot turns about. The ball is at the toes' joint, the heel as far behind the ankle as HEEL_SHARE
says. Recordings have feet that stand on their edge, or with their toes in the air, because markers
sit askew on shoes; what carries a body is put level.
"""

from dataclasses import dataclass

import numpy as np

from motions.easing import fade
from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about, between, cross, multiply, rotate
from motions.measures import SIDES
from motions.skeleton import SMPL22, Skeleton

HEEL_SHARE = 0.4
"""How far the heel is behind the ankle, as a share of how far the ball is ahead."""
ASKEW_RAD = np.deg2rad(20.0)
"""A planted foot whose heel or toes are less than this off the floor is meant to be flat."""
TOES_DOWN_RAD = np.deg2rad(10.0)
"""Toes of a planted foot that are in the air are lowered by so much."""
MOST_LIFT_RAD = np.deg2rad(25.0)
"""A heel is lifted or lowered by so much to spare the leg."""
TOES_BEND_RAD = np.deg2rad(90.0)
"""Toes bend so far up from the sole."""

_NOISE = 1e-6
_ANKLES = [SMPL22.index(f"{side}_ankle") for side in SIDES]


def sole_m(skeleton: Skeleton, side: str) -> np.ndarray:
    """Return ball and heel of a foot in the ankle's frame. Shape (2, 3)."""
    ball_m = skeleton.offsets_m[SMPL22.index(f"{side}_foot")]
    return np.array([ball_m, [0.0, -HEEL_SHARE * ball_m[1], ball_m[2]]])


def rolled_path(
    skeleton: Skeleton, ankle_height_m: float, foot_wxyz: np.ndarray, side: str
) -> np.ndarray:
    """Say how the ankle of a planted foot goes: its path, and its height.

    Args:
        skeleton: The body's.
        ankle_height_m: Of the ankle above the sole of a flat foot.
        foot_wxyz: World orientations of the foot. Shape (T, 4).
        side: "left" or "right".

    Returns:
        Shape (T, 3). Only differences of x and y mean anything, z is the height itself.
    """
    sole = sole_m(skeleton, side)
    spheres_m = rotate(foot_wxyz[:, None], sole)
    steps_m = spheres_m[:-1] - spheres_m[1:]
    lower = (spheres_m[:-1] + spheres_m[1:])[..., 2].argmin(axis=1)
    path_m = np.zeros((len(foot_wxyz), 3))
    path_m[1:] = np.cumsum(steps_m[np.arange(len(steps_m)), lower], axis=0)
    path_m[:, 2] = ankle_height_m + sole[0, 2] - spheres_m[..., 2].min(axis=1)
    return path_m


def heel_up_rad(foot_wxyz: np.ndarray) -> np.ndarray:
    """Return how far a level foot (T, 4) is pitched: positive with the heel up. Shape (T,)."""
    ahead = cross(rotate(foot_wxyz, X_AXIS), Z_AXIS)
    toes = rotate(foot_wxyz, -Y_AXIS)
    return np.arctan2(-toes[..., 2], np.sum(toes * ahead, axis=-1))


def levelled(
    world_wxyz: np.ndarray, contacts: np.ndarray, n_blend: int
) -> tuple[np.ndarray, np.ndarray]:
    """Put planted feet level and their toes flat, and lead them there and away gradually.

    Args:
        world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
        contacts: Whether left and right foot are planted. Shape (T, 2).
        n_blend: Frames before and after a contact in which a foot comes to be level.

    Returns:
        New joint-to-world rotations (T, 22, 4), and whether each foot was askew (2,). One that was
        not is left as it is in the air too.
    """
    world, was_askew = world_wxyz.copy(), np.zeros(len(SIDES), dtype=bool)
    for foot, side in enumerate(SIDES):
        planted = contacts[:, foot]
        if not planted.any():
            continue
        ankle, toes = (SMPL22.index(f"{side}_{joint}") for joint in ("ankle", "foot"))
        weight = 1 - ramp(~planted, n_blend)
        across = rotate(world[:, ankle], X_AXIS)
        level = across.copy()
        level[:, 2] *= 1 - weight
        turn = between(across, level)
        pitch = heel_up_rad(multiply(turn, world[:, ankle]))
        flat = planted & (np.abs(pitch) < ASKEW_RAD)
        # A foot that is ever truly flat is not askew, however much it rolls.
        rolls = (np.abs(pitch[planted]) < _NOISE).any()
        askew = 0.0 if rolls or not flat.any() else float(np.median(pitch[flat]))
        lowered = np.clip(askew - pitch, 0, TOES_DOWN_RAD) - askew
        across = rotate(turn, across)
        turn = multiply(about(across, lowered * weight), turn)
        was_askew[foot] = np.abs(turn[planted, 1:]).max() > _NOISE
        if was_askew[foot]:
            world[:, [ankle, toes]] = multiply(turn[:, None], world[:, [ankle, toes]])
        up = np.clip(heel_up_rad(world[:, toes]), 0, TOES_BEND_RAD)
        if up[planted].max() > _NOISE:
            world[:, toes] = multiply(about(across, -weight * up), world[:, toes])
    return world, was_askew


def ramp(on: np.ndarray, n_blend: int) -> np.ndarray:
    """Return weights (T,) that are 0 where a state is off and reach 1 in n_blend frames inside."""
    off = np.flatnonzero(~on)
    if not len(off):
        return np.ones(len(on))
    frames = np.arange(len(on))
    at = np.searchsorted(off, frames)
    before = frames - off[np.maximum(at - 1, 0)]
    after = off[np.minimum(at, len(off) - 1)] - frames
    return 1 - fade(np.where(on, np.minimum(np.abs(before), np.abs(after)), 0) / n_blend)


@dataclass(frozen=True)
class Heels:
    """How ankles move when heels are lifted, about the balls of the feet."""

    axis: np.ndarray
    """What a foot is pitched about. Shape (T, 2, 3)."""
    ankle_m: np.ndarray
    """From the ball to the ankle. Shape (T, 2, 3)."""
    least_rad: np.ndarray
    """How far each may be lowered, negative. Shape (T, 2)."""
    most_rad: np.ndarray
    """How far each may be lifted. Shape (T, 2)."""

    @classmethod
    def of(cls, skeleton: Skeleton, world_wxyz: np.ndarray, was_askew: np.ndarray) -> "Heels":
        """Take the heels of level feet.

        A foot that stands on its heel stays there; one that was as it should be keeps a flat heel
        down, and lifts a raised one by at most as much again.

        Args:
            skeleton: The body's.
            world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
            was_askew: As `levelled` says. Shape (2,).
        """
        feet = world_wxyz[:, _ANKLES]
        balls_m = np.stack([sole_m(skeleton, side)[0] for side in SIDES])
        up_rad = heel_up_rad(feet)
        down_rad = np.minimum(np.maximum(up_rad, 0.0), MOST_LIFT_RAD)
        most_rad = np.where(was_askew & (up_rad > -_NOISE), MOST_LIFT_RAD, down_rad)
        return cls(rotate(feet, X_AXIS), -rotate(feet, balls_m), -down_rad, most_rad)

    def __getitem__(self, frames: slice) -> "Heels":
        return Heels(
            self.axis[frames], self.ankle_m[frames], self.least_rad[frames], self.most_rad[frames]
        )

    def moved_m(self, lift_rad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how far the ankles move when heels are lifted by (T, 2), and the derivative.

        Both have shape (T, 2, 3).
        """
        swung_m = rotate(about(self.axis, lift_rad), self.ankle_m)
        return swung_m - self.ankle_m, cross(self.axis, swung_m)

    def lifted(self, world_wxyz: np.ndarray, lift_rad: np.ndarray) -> np.ndarray:
        """Lift the heels (T, 2) in joint-to-world rotations (T, 22, 4); toes stay as they are."""
        world = world_wxyz.copy()
        world[:, _ANKLES] = multiply(about(self.axis, lift_rad), world[:, _ANKLES])
        return world
