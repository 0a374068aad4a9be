"""PyBullet at arm's length: the only file that imports it.

A body is a tree of links on a fixed base: three slides first, so that its pelvis goes where it
will. Bullet renumbers links so that each branch is in one piece, so they are built depth first.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pybullet
from scipy.spatial.transform import Rotation

from motions.geometry import IDENTITY_WXYZ, X_AXIS, Y_AXIS, Z_AXIS, inverse, multiply
from motions.skeleton import SMPL22, Skeleton
from simulator.physics.anthropometry import MassModel
from simulator.physics.ballistic import GRAVITY_M_S2


def _depth_first(joint: int) -> list[int]:
    children = [child for child, parent in enumerate(SMPL22.parents) if parent == joint]
    return [joint, *(below for child in children for below in _depth_first(child))]


SLIDE, HINGE, BALL = pybullet.JOINT_PRISMATIC, pybullet.JOINT_REVOLUTE, pybullet.JOINT_SPHERICAL
AXES = {"X": X_AXIS, "Y": Y_AXIS, "Z": Z_AXIS}
DEPTH_FIRST = _depth_first(0)
"""The order in which joints are built."""
SLOTS = np.argsort(DEPTH_FIRST)
"""Where in it each joint is."""
SOLVER_ROUNDS = 100
FRICTION = 1.0
MOTOR_GAIN = 0.5
"""How much of its error a motor aims to undo in a step."""
HAND_HZ = 1.0
"""The hand pulls back as a spring of this frequency on the body's mass, critically damped."""
HAND_TURN_M = 0.3
"""And turns it as such a spring does a body of this radius of gyration."""


@dataclass(frozen=True)
class Link:
    """What hangs on a joint of Bullet's, or only connects two."""

    kind: int
    above: int
    """What it hangs on, counting from 1; 0 is the base."""
    axis: np.ndarray
    place_m: tuple[float, ...] = (0.0, 0.0, 0.0)
    joint: int | None = None
    """Whose segment it is; None for what only connects."""


SLIDES = [Link(SLIDE, number, AXES[letter]) for number, letter in enumerate("XYZ")]


def _built(links: list[Link], model: MassModel, shapes: Mapping[int, int], client: int) -> int:
    """Make a multibody on a fixed base; `shapes` are the joints' that may touch something."""
    turns = Rotation.from_matrix(model.axes).as_quat()
    still = (0.0, 0.0, 0.0, 1.0)
    of_link = [link.joint for link in links]
    body = pybullet.createMultiBody(
        baseMass=0.0,
        linkMasses=[0.0 if j is None else model.masses_kg[j] for j in of_link],
        linkCollisionShapeIndices=[-1 if j is None else shapes.get(j, -1) for j in of_link],
        linkVisualShapeIndices=[-1] * len(links),
        linkPositions=[link.place_m for link in links],
        linkOrientations=[still] * len(links),
        linkInertialFramePositions=[
            (0.0, 0.0, 0.0) if j is None else tuple(model.centres_m[j]) for j in of_link
        ],
        linkInertialFrameOrientations=[still if j is None else tuple(turns[j]) for j in of_link],
        linkParentIndices=[link.above for link in links],
        linkJointTypes=[link.kind for link in links],
        linkJointAxis=[link.axis for link in links],
        physicsClientId=client,
    )
    for number, joint in enumerate(of_link):
        if joint is not None:
            pybullet.changeDynamics(
                body,
                number,
                localInertiaDiagonal=tuple(model.moments_kg_m2[joint]),
                lateralFriction=FRICTION,
                linearDamping=0.0,
                angularDamping=0.0,
                jointDamping=0.0,
                physicsClientId=client,
            )
    return body


def recursive_newton_euler(
    links: list[Link], model: MassModel, q: np.ndarray, qd: np.ndarray, qdd: np.ndarray
) -> np.ndarray:
    """Return the forces and torques, one a link, that slides and hinges need. All (T, links)."""
    with _client() as client:
        body = _built(links, model, {}, client)
        return np.array(
            [
                pybullet.calculateInverseDynamics(
                    body, list(a), list(b), list(c), physicsClientId=client
                )
                for a, b, c in zip(q, qd, qdd, strict=True)
            ]
        )


@contextmanager
def _client() -> Iterator[int]:
    client = pybullet.connect(pybullet.DIRECT)
    try:
        pybullet.setGravity(*GRAVITY_M_S2, physicsClientId=client)
        yield client
    finally:
        pybullet.disconnect(client)


@contextmanager
def jointed(
    skeleton: Skeleton, model: MassModel, soles: Mapping[int, np.ndarray], step_s: float
) -> "Iterator[Jointed]":
    """Simulate a body on a floor.

    Args:
        skeleton: Bone lengths.
        model: Masses, of every joint.
        soles: What may touch the floor: by joint, points (P, 3) of a convex shape in its frame.
        step_s: How long a step is.
    """
    with _client() as client:
        yield Jointed(skeleton, model, soles, step_s, client)


class Jointed:
    """A body of ball joints on a floor; its pelvis hangs on three slides and a ball joint.

    Ball joints' quaternions are in the principal axes of what they carry, scalar first.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        model: MassModel,
        soles: Mapping[int, np.ndarray],
        step_s: float,
        client: int,
    ) -> None:
        self.client, self.mass_kg = client, model.mass_kg
        pybullet.setPhysicsEngineParameter(
            fixedTimeStep=step_s,
            numSolverIterations=SOLVER_ROUNDS,
            deterministicOverlappingPairs=1,
            physicsClientId=client,
        )
        plane = pybullet.createCollisionShape(pybullet.GEOM_PLANE, physicsClientId=client)
        floor = pybullet.createMultiBody(0.0, plane, physicsClientId=client)
        pybullet.changeDynamics(floor, -1, lateralFriction=FRICTION, physicsClientId=client)
        shapes = {
            joint: pybullet.createCollisionShape(
                pybullet.GEOM_MESH, vertices=points_m.tolist(), physicsClientId=client
            )
            for joint, points_m in soles.items()
        }
        self.links = 3 + SLOTS
        links = list(SLIDES)
        for joint in DEPTH_FIRST:
            parent = skeleton.parents[joint]
            above = 3 if parent < 0 else int(self.links[parent]) + 1
            place_m = tuple(skeleton.offsets_m[joint])
            links.append(Link(BALL, above, Z_AXIS, place_m, joint))
        self.body = _built(links, model, shapes, client)
        for slide in range(3):  # slides and ball joints are made with a motor that brakes
            pybullet.setJointMotorControl2(
                self.body, slide, pybullet.VELOCITY_CONTROL, force=0.0, physicsClientId=client
            )
        self._motor(0, IDENTITY_WXYZ, 0.0, 0.0)

    def put(self, root_m: np.ndarray, local_wxyz: np.ndarray) -> None:
        """Put the body in a posture, at rest."""
        for slide in range(3):
            pybullet.resetJointState(self.body, slide, root_m[slide], physicsClientId=self.client)
        for joint, link in enumerate(self.links):
            pybullet.resetJointStateMultiDof(
                self.body, link, _xyzw(local_wxyz[joint]), [0.0] * 3, physicsClientId=self.client
            )

    def drive(self, local_wxyz: np.ndarray, strength_nm: np.ndarray) -> None:
        """Set the motors of all joints but the root on a posture."""
        for joint in range(1, len(self.links)):
            self._motor(joint, local_wxyz[joint], MOTOR_GAIN, strength_nm[joint])

    def step(
        self,
        root_m: np.ndarray,
        speed_m_s: np.ndarray,
        turn_wxyz: np.ndarray,
        most: tuple[float, float],
    ) -> tuple[float, float]:
        """Let a hand pull the pelvis, and go one step on.

        Args:
            root_m: Where it pulls to.
            speed_m_s: How fast that moves.
            turn_wxyz: How the pelvis should be turned.
            most: Force and torque that it does not go beyond.

        Returns:
            Force and torque.
        """
        slides = pybullet.getJointStates(self.body, [0, 1, 2], physicsClientId=self.client)
        place_m, moves_m_s = np.array([state[:2] for state in slides]).T
        quaternion, spin = pybullet.getJointStateMultiDof(
            self.body, self.links[0], physicsClientId=self.client
        )[:2]
        off = multiply(inverse(_wxyz(quaternion)), turn_wxyz)
        off_rad = 2 * np.sign(off[0] or 1.0) * off[1:]
        spring, damper = (2 * np.pi * HAND_HZ) ** 2, 4 * np.pi * HAND_HZ
        force = self.mass_kg * (spring * (root_m - place_m) + damper * (speed_m_s - moves_m_s))
        torque = self.mass_kg * HAND_TURN_M**2 * (spring * off_rad - damper * np.array(spin))
        force, torque = _at_most(force, most[0]), _at_most(torque, most[1])
        for slide in range(3):
            pybullet.setJointMotorControl2(
                self.body,
                slide,
                pybullet.TORQUE_CONTROL,
                force=force[slide],
                physicsClientId=self.client,
            )
        pybullet.setJointMotorControlMultiDof(
            self.body,
            self.links[0],
            pybullet.TORQUE_CONTROL,
            targetPosition=[0.0, 0.0, 0.0, 1.0],
            force=torque.tolist(),
            physicsClientId=self.client,
        )
        pybullet.stepSimulation(physicsClientId=self.client)
        return float(np.linalg.norm(force)), float(np.linalg.norm(torque))

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Return where the pelvis is, (3,), and how all joints are turned, (22, 4)."""
        slides = pybullet.getJointStates(self.body, [0, 1, 2], physicsClientId=self.client)
        joints = pybullet.getJointStatesMultiDof(
            self.body, self.links.tolist(), physicsClientId=self.client
        )
        return np.array([s[0] for s in slides]), np.array([_wxyz(j[0]) for j in joints])

    def _motor(self, joint: int, wxyz: np.ndarray, gain: float, strength_nm: float) -> None:
        pybullet.setJointMotorControlMultiDof(
            self.body,
            self.links[joint],
            pybullet.POSITION_CONTROL,
            targetPosition=_xyzw(wxyz),
            targetVelocity=[0.0] * 3,
            positionGain=gain,
            velocityGain=1.0 if gain else 0.0,
            force=[strength_nm] * 3,
            physicsClientId=self.client,
        )


def _xyzw(wxyz: np.ndarray) -> list[float]:
    return [*wxyz[1:].tolist(), float(wxyz[0])]


def _wxyz(xyzw: Sequence[float]) -> np.ndarray:
    return np.array([xyzw[3], *xyzw[:3]])


def _at_most(vector: np.ndarray, most: float) -> np.ndarray:
    return vector * min(1.0, most / max(float(np.linalg.norm(vector)), 1e-9))
