"""What a motion needs, by PyBullet: inverse dynamics by another code path than ours.

`calculateInverseDynamics` refuses a floating base, and with `flags=1`, which
takes one, leaves out the base's own weight and the joints' positions (Bullet issues 3188, 3264 and
4045). So the body hangs on a fixed base by three slides and three hinges, and every ball joint is
three hinges with massless links between: Bullet's recursion handles those exactly. Where the middle
hinge is a quarter turn out, the three hinges cannot tell all directions apart and no torque is
given; `simulator.physics.dynamics`, which needs no hinges, has no such place.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from motions.geometry import rotation
from motions.skeleton import SMPL22, Skeleton
from simulator.physics.anthropometry import MassModel
from simulator.physics.bullet import (
    AXES,
    DEPTH_FIRST,
    HINGE,
    SLIDES,
    SLOTS,
    Link,
    recursive_newton_euler,
)
from simulator.physics.dynamics import derivative, second_derivative

LOCKED = 0.05
"""The sine of the angle between hinges below which torques are not resolved."""
_N_JOINTS = len(SMPL22.joint_names)
_ORDERS = ["ZYX" if "shoulder" in name else "XYZ" for name in SMPL22.joint_names]
"""The axes of each joint's hinges, outermost first; a T-posed upper arm swings about Y and Z."""


@dataclass(frozen=True)
class Needs:
    """What a motion needs according to PyBullet."""

    force_n: np.ndarray
    """Of the surroundings on the whole body. Shape (T, 3)."""
    torques_nm: np.ndarray
    """Of each joint on what hangs on it, in world axes; of the surroundings, about the pelvis, at
    the root; NaN where hinges are locked. Shape (T, 22, 3)."""


def inverse_dynamics(
    skeleton: Skeleton, model: MassModel, root_m: np.ndarray, world_wxyz: np.ndarray, fps: float
) -> Needs:
    """Work out what a motion needs with Bullet's recursive Newton-Euler algorithm.

    Args:
        skeleton: Bone lengths.
        model: Masses.
        root_m: World position of the pelvis, smooth. Shape (T, 3).
        world_wxyz: Joint-to-world rotations, smooth. Shape (T, 22, 4).
        fps: Frames per second.
    """
    angles, axes = _hinges(skeleton, world_wxyz)
    q = np.concatenate([root_m, angles[:, DEPTH_FIRST].reshape(len(root_m), -1)], axis=1)
    qd, qdd = derivative(q, fps), second_derivative(q, fps)
    taus = recursive_newton_euler(_hinged(skeleton), model, q, qd, qdd)
    # A hinge's torque is the part of the joint's torque along it: turn three parts into a vector.
    along = taus[:, 3:].reshape(len(q), _N_JOINTS, 3)[:, SLOTS]
    determinant = np.linalg.det(axes)
    locked = np.abs(determinant) < LOCKED
    solvable = np.where(locked[..., None, None], np.eye(3), axes)
    torques = np.linalg.solve(solvable, along[..., None])[..., 0]
    torques[locked] = np.nan
    return Needs(taus[:, :3], torques)


def _hinges(skeleton: Skeleton, world_wxyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return hinge angles (T, 22, 3) without jumps, and the hinges' world axes (T, 22, 3, 3).

    Of the last, rows are axes.
    """
    local = skeleton.local_rotations(world_wxyz)
    n_frames = len(local)
    angles = np.zeros((n_frames, _N_JOINTS, 3))
    axes = np.zeros((n_frames, _N_JOINTS, 3, 3))
    for joint, order in enumerate(_ORDERS):
        angles[:, joint] = rotation(local[:, joint]).as_euler(order, suppress_warnings=True)
        parent = skeleton.parents[joint]
        frame = rotation(world_wxyz[:, parent]) if parent >= 0 else Rotation.identity(n_frames)
        for hinge, letter in enumerate(order):
            axes[:, joint, hinge] = frame.apply(AXES[letter])
            frame = frame * Rotation.from_rotvec(angles[:, joint, hinge, None] * AXES[letter])
    return np.unwrap(angles, axis=0), axes


def _hinged(skeleton: Skeleton) -> list[Link]:
    """Return the links of a body of slides and hinges; a third hinge carries its segment."""
    links = list(SLIDES)
    for joint in DEPTH_FIRST:
        parent = skeleton.parents[joint]
        for hinge, letter in enumerate(_ORDERS[joint]):
            above = len(links) if hinge or parent < 0 else _segment_link(parent) + 1
            place_m = (0.0, 0.0, 0.0) if hinge else tuple(skeleton.offsets_m[joint])
            segment = joint if hinge == 2 else None
            links.append(Link(HINGE, above, AXES[letter], place_m, segment))
    return links


def _segment_link(joint: int) -> int:
    return 3 + 3 * int(SLOTS[joint]) + 2
