"""A body as a PyBullet multibody: the only file that imports it.

Inverse dynamics: `calculateInverseDynamics` refuses a floating base, and with `flags=1`, which
takes one, leaves out the base's own weight and the joints' positions (Bullet issues 3188, 3264 and
4045). So the body hangs on a fixed base by three slides and three hinges, and every ball joint is
three hinges with massless links between: Bullet's recursion handles those exactly. Where the middle
hinge is a quarter turn out, the three hinges cannot tell all directions apart and no torque is
given; `simulator.physics.dynamics`, which needs no hinges, has no such place.
"""

from dataclasses import dataclass

import numpy as np
import pybullet
from scipy.spatial.transform import Rotation

from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, rotation
from motions.skeleton import SMPL22, Skeleton
from simulator.physics.anthropometry import MassModel
from simulator.physics.ballistic import GRAVITY_M_S2
from simulator.physics.dynamics import derivative, second_derivative


def _depth_first(joint: int) -> list[int]:
    children = [child for child, parent in enumerate(SMPL22.parents) if parent == joint]
    return [joint, *(below for child in children for below in _depth_first(child))]


LOCKED = 0.05
"""The sine of the angle between hinges below which torques are not resolved."""
_N_JOINTS = len(SMPL22.joint_names)
_ORDERS = ["ZYX" if "shoulder" in name else "XYZ" for name in SMPL22.joint_names]
"""The axes of each joint's hinges, outermost first; a T-posed upper arm swings about Y and Z."""
_DEPTH_FIRST = _depth_first(0)
"""Bullet renumbers links so that each branch is in one piece; joints are built in that order."""
_SLOTS = np.argsort(_DEPTH_FIRST)
_AXES = {"X": X_AXIS, "Y": Y_AXIS, "Z": Z_AXIS}


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
    q = np.concatenate([root_m, angles[:, _DEPTH_FIRST].reshape(len(root_m), -1)], axis=1)
    qd, qdd = derivative(q, fps), second_derivative(q, fps)
    client = pybullet.connect(pybullet.DIRECT)
    try:
        pybullet.setGravity(*GRAVITY_M_S2, physicsClientId=client)
        body = _hinged(skeleton, model, client)
        taus = np.array(
            [
                pybullet.calculateInverseDynamics(
                    body, list(a), list(b), list(c), physicsClientId=client
                )
                for a, b, c in zip(q, qd, qdd, strict=True)
            ]
        )
    finally:
        pybullet.disconnect(client)
    # A hinge's torque is the part of the joint's torque along it: turn three parts into a vector.
    along = taus[:, 3:].reshape(len(q), _N_JOINTS, 3)[:, _SLOTS]
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
            axes[:, joint, hinge] = frame.apply(_AXES[letter])
            frame = frame * Rotation.from_rotvec(angles[:, joint, hinge, None] * _AXES[letter])
    return np.unwrap(angles, axis=0), axes


def _hinged(skeleton: Skeleton, model: MassModel, client: int) -> int:
    """Build the body from slides and hinges; a joint's third hinge carries its segment."""
    positions, axes, kinds = [(0, 0, 0)] * 3, [_AXES[letter] for letter in "XYZ"], [True] * 3
    parents = [0, 1, 2]  # a link's parent counts from 1; 0 is the base
    for joint in _DEPTH_FIRST:
        parent = skeleton.parents[joint]
        above = 3 if parent < 0 else _segment_link(parent) + 1
        for hinge, letter in enumerate(_ORDERS[joint]):
            positions.append(tuple(skeleton.offsets_m[joint]) if hinge == 0 else (0, 0, 0))
            axes.append(_AXES[letter])
            kinds.append(False)
            parents.append(above if hinge == 0 else len(parents))
    n_links = len(parents)
    segments = {_segment_link(joint): joint for joint in range(_N_JOINTS)}
    of_link = [segments.get(link) for link in range(n_links)]
    body = pybullet.createMultiBody(
        baseMass=0.0,
        linkMasses=[0.0 if j is None else model.masses_kg[j] for j in of_link],
        linkCollisionShapeIndices=[-1] * n_links,
        linkVisualShapeIndices=[-1] * n_links,
        linkPositions=positions,
        linkOrientations=[(0, 0, 0, 1)] * n_links,
        linkInertialFramePositions=[
            (0, 0, 0) if j is None else tuple(model.centres_m[j]) for j in of_link
        ],
        linkInertialFrameOrientations=[
            (0, 0, 0, 1) if j is None else tuple(Rotation.from_matrix(model.axes[j]).as_quat())
            for j in of_link
        ],
        linkParentIndices=parents,
        linkJointTypes=[
            pybullet.JOINT_PRISMATIC if slides else pybullet.JOINT_REVOLUTE for slides in kinds
        ],
        linkJointAxis=axes,
        physicsClientId=client,
    )
    for link, joint in segments.items():
        pybullet.changeDynamics(
            body,
            link,
            localInertiaDiagonal=tuple(model.moments_kg_m2[joint]),
            physicsClientId=client,
        )
    return body


def _segment_link(joint: int) -> int:
    return 3 + 3 * int(_SLOTS[joint]) + 2
