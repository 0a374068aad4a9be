"""What forces a motion needs: Newton's and Euler's equations, all frames at once.

A body's segments are free rigid bodies whose motion is known, so what moves each follows without a
recursion over joints; for a centre c, mass m, inertia I and angular velocity w:

    force  m (a - g)        moment about the world's origin  c x m (a - g) + d(I w)/dt

Motions are smoothed first as in gait analysis (Winter 2009, "Biomechanics and Motor Control of
Human Movement", section 3.4.4: zero-lag Butterworth at 6 Hz), because forces hang on second
derivatives. Held things are point masses. World axes; metres, newtons, newton metres.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, filtfilt

from motions.geometry import cross, inverse, multiply, rotate, rotation, unit
from motions.skeleton import Skeleton
from simulator.held import PROP_MASS_KG
from simulator.performance import Performance
from simulator.physics.anthropometry import MassModel
from simulator.physics.ballistic import GRAVITY_M_S2

CUTOFF_HZ = 6.0


@dataclass(frozen=True)
class Loads:
    """What each joint's own segment, and what it holds, needs from outside."""

    joints_m: np.ndarray
    """Smoothed joint positions. Shape (T, 22, 3)."""
    forces_n: np.ndarray
    """Shape (T, 22, 3)."""
    moments_nm: np.ndarray
    """About the world's origin. Shape (T, 22, 3)."""
    mass_kg: float
    """Of the body and what it holds."""

    @property
    def total_force_n(self) -> np.ndarray:
        """What the surroundings must push with. Shape (T, 3)."""
        return self.forces_n.sum(axis=1)

    @property
    def total_moment_nm(self) -> np.ndarray:
        """The same pushes' moment about the world's origin. Shape (T, 3)."""
        return self.moments_nm.sum(axis=1)


def smoothed(values: np.ndarray, fps: float) -> np.ndarray:
    """Pass what is slower than CUTOFF_HZ, without delay, along the first axis."""
    if len(values) < 3 or fps <= 2 * CUTOFF_HZ:
        return values
    b, a = butter(2, CUTOFF_HZ, fs=fps)
    return filtfilt(b, a, values, axis=0, padlen=min(len(values) - 1, int(fps)))


def derivative(values: np.ndarray, fps: float) -> np.ndarray:
    """Return the rate of change along the first axis, of second order at the ends too."""
    if len(values) < 3:
        return np.zeros_like(values)
    return np.gradient(values, 1 / fps, axis=0, edge_order=2)


def second_derivative(values: np.ndarray, fps: float) -> np.ndarray:
    """Return the rate of change of the rate of change; the ends take their neighbours'."""
    if len(values) < 3:
        return np.zeros_like(values)
    inner = np.diff(values, n=2, axis=0) * fps**2
    return np.concatenate([inner[:1], inner, inner[-1:]])


def angular_velocity(world_wxyz: np.ndarray, fps: float) -> np.ndarray:
    """Return how fast orientations (T, ..., 4) turn, in world axes, rad/s. Shape (T, ..., 3)."""
    turning = _continuous(world_wxyz)
    return 2 * multiply(derivative(turning, fps), inverse(turning))[..., 1:]


def loads(performance: Performance, model: MassModel) -> Loads:
    """Work out what every segment of a performance needs, held things included."""
    fps, skeleton = performance.fps, performance.body.skeleton
    root_m = smoothed(performance.root_m, fps)
    world = unit(smoothed(_continuous(performance.world_wxyz), fps))
    joints_m = skeleton.positions(root_m, world)
    turns = rotation(world).as_matrix()
    centres_m = joints_m + rotate(world, model.centres_m)
    forces = model.masses_kg[:, None] * (second_derivative(centres_m, fps) - GRAVITY_M_S2)
    inertias = turns @ model.inertias_kg_m2 @ np.swapaxes(turns, -1, -2)
    spin = (inertias @ angular_velocity(world, fps)[..., None])[..., 0]
    moments = cross(centres_m, forces) + derivative(spin, fps)
    mass_kg = model.mass_kg
    for name, T_world_prop in performance.props.items():
        if name in PROP_MASS_KG:
            mass_kg += PROP_MASS_KG[name]
            place_m = smoothed(T_world_prop[:, :3, 3], fps)
            push = PROP_MASS_KG[name] * (second_derivative(place_m, fps) - GRAVITY_M_S2)
            hands = [skeleton.index(wrist) for wrist in holders(name)]
            forces[:, hands] += push[:, None] / len(hands)
            moments[:, hands] += np.cross(place_m, push)[:, None] / len(hands)
    return Loads(joints_m, forces, moments, mass_kg)


def joint_torques(
    skeleton: Skeleton, loads: Loads, pushes_n: np.ndarray, twists_nm: np.ndarray
) -> np.ndarray:
    """Return the torque of each joint on what hangs on it, in world axes.

    Args:
        skeleton: Which joint hangs on which.
        loads: What the segments need.
        pushes_n: Forces of the surroundings on each joint's segment. Shape (T, 22, 3).
        twists_nm: Their moments about the world's origin. Shape (T, 22, 3).

    Returns:
        Newton metres. Shape (T, 22, 3); at the root, what the surroundings fail to give.
    """
    forces, moments = loads.forces_n - pushes_n, loads.moments_nm - twists_nm
    for joint in range(len(skeleton.parents) - 1, 0, -1):
        forces[:, skeleton.parents[joint]] += forces[:, joint]
        moments[:, skeleton.parents[joint]] += moments[:, joint]
    return moments - cross(loads.joints_m, forces)


def holders(prop: str) -> tuple[str, ...]:
    """Return the wrists of the hands that hold a prop."""
    side = prop.removesuffix("_dumbbell")
    return (f"{side}_wrist",) if side in ("left", "right") else ("left_wrist", "right_wrist")


def _continuous(wxyz: np.ndarray) -> np.ndarray:
    """Give quaternions (T, ..., 4) the signs with which none is far from the one before."""
    same = np.sum(wxyz[1:] * wxyz[:-1], axis=-1, keepdims=True) >= 0
    signs = np.cumprod(np.where(same, 1.0, -1.0), axis=0)
    return np.concatenate([wxyz[:1], wxyz[1:] * signs])
