"""The canonical skeleton: SMPL's 22 body joints, in a T-pose that stands on the floor and faces -Y.

At rest every joint frame is aligned with the world (right-handed, +Z up, +X the person's left), so
a joint's world orientation is how far its bone has turned from the T-pose. Knees, elbows and hips
therefore flex about their own X or Y axis, which the exercises and faults rely on.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from motions.arrays import frozen
from motions.errors import FormbenchError, unknown_name
from motions.geometry import inverse, multiply, rotate


@dataclass(frozen=True)
class Skeleton:
    """Joints in topological order with the rest position of each relative to its parent."""

    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    """Index of each joint's parent; -1 for the root, which comes first."""
    offsets_m: np.ndarray
    """From the parent to the joint, in the rest pose. Shape (J, 3)."""

    def __post_init__(self) -> None:
        if any(parent >= child for child, parent in enumerate(self.parents)):
            raise FormbenchError("Skeleton.parents: expected each parent before its child")
        sizes = {"J": len(self.joint_names)}
        object.__setattr__(
            self, "offsets_m", frozen("Skeleton.offsets_m", self.offsets_m, ("J", 3), sizes)
        )

    def index(self, joint_name: str) -> int:
        """Return the index of a joint, or raise with the nearest name."""
        if joint_name not in self.joint_names:
            raise unknown_name("joint", joint_name, self.joint_names)
        return self.joint_names.index(joint_name)

    @cached_property
    def mirror(self) -> tuple[int, ...]:
        """For each joint the index of its counterpart on the other side."""
        return tuple(self.index(swap_side(name)) for name in self.joint_names)

    def world_orientations(self, local_wxyz: np.ndarray) -> np.ndarray:
        """Chain joint-to-parent rotations to joint-to-world ones. Both (..., J, 4)."""
        world = np.array(local_wxyz, dtype=np.float64)
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                world[..., joint, :] = multiply(world[..., parent, :], world[..., joint, :])
        return world

    def local_rotations(self, world_wxyz: np.ndarray) -> np.ndarray:
        """Undo `world_orientations`. Both (..., J, 4)."""
        local = np.array(world_wxyz, dtype=np.float64)
        parents = np.array(self.parents[1:])
        local[..., 1:, :] = multiply(inverse(world_wxyz[..., parents, :]), world_wxyz[..., 1:, :])
        return local

    def positions(self, root_m: np.ndarray, world_wxyz: np.ndarray) -> np.ndarray:
        """Place the joints in the world, in metres.

        Args:
            root_m: World position of the root joint. Shape (..., 3).
            world_wxyz: Joint-to-world rotations. Shape (..., J, 4).

        Returns:
            World positions of all joints. Shape (..., J, 3).
        """
        parents = np.array(self.parents[1:])
        bones = rotate(world_wxyz[..., parents, :], self.offsets_m[1:])
        positions = np.zeros((*world_wxyz.shape[:-1], 3))
        positions[..., 0, :] = root_m
        for bone, parent in enumerate(parents):
            positions[..., bone + 1, :] = positions[..., parent, :] + bones[..., bone, :]
        return positions


def swap_side(name: str) -> str:
    """Return the name on the other side of the body.

    >>> swap_side("left_knee"), swap_side("pelvis")
    ('right_knee', 'pelvis')
    """
    for side, other in (("left", "right"), ("right", "left")):
        if name.startswith(f"{side}_"):
            return other + name.removeprefix(side)
    return name


def _smpl22() -> Skeleton:
    # Offsets of an average adult of 1.72 m, rounded from SMPL's published mean shape and levelled
    # so that the T-pose is exactly symmetric, limbs straight along the axes.
    table: list[tuple[str, str | None, tuple[float, float, float]]] = [
        ("pelvis", None, (0, 0, 0)),
        ("left_hip", "pelvis", (0.09, 0, -0.09)),
        ("right_hip", "pelvis", (-0.09, 0, -0.09)),
        ("spine1", "pelvis", (0, 0.02, 0.11)),
        ("left_knee", "left_hip", (0, 0, -0.40)),
        ("right_knee", "right_hip", (0, 0, -0.40)),
        ("spine2", "spine1", (0, 0, 0.13)),
        ("left_ankle", "left_knee", (0, 0, -0.40)),
        ("right_ankle", "right_knee", (0, 0, -0.40)),
        ("spine3", "spine2", (0, -0.01, 0.06)),
        ("left_foot", "left_ankle", (0, -0.13, -0.06)),
        ("right_foot", "right_ankle", (0, -0.13, -0.06)),
        ("neck", "spine3", (0, 0.01, 0.21)),
        ("left_collar", "spine3", (0.07, 0, 0.12)),
        ("right_collar", "spine3", (-0.07, 0, 0.12)),
        ("head", "neck", (0, -0.02, 0.10)),
        ("left_shoulder", "left_collar", (0.11, 0, 0.03)),
        ("right_shoulder", "right_collar", (-0.11, 0, 0.03)),
        ("left_elbow", "left_shoulder", (0.27, 0, 0)),
        ("right_elbow", "right_shoulder", (-0.27, 0, 0)),
        ("left_wrist", "left_elbow", (0.25, 0, 0)),
        ("right_wrist", "right_elbow", (-0.25, 0, 0)),
    ]
    names = tuple(name for name, _, _ in table)
    parents = tuple(-1 if parent is None else names.index(parent) for _, parent, _ in table)
    return Skeleton(names, parents, np.array([offset for _, _, offset in table]))


SMPL22 = _smpl22()
ANKLE_HEIGHT_M = 0.08
"""Height of the canonical ankle above the sole of a flat foot."""
STANDING_PELVIS_M = ANKLE_HEIGHT_M + 0.40 + 0.40 + 0.09
"""Height of the canonical pelvis in the T-pose."""


@dataclass(frozen=True)
class Limb:
    """Two bones between a root joint and an end joint, with the hinge of the middle one."""

    root: str
    middle: str
    end: str
    bend_axis: tuple[float, float, float]
    """In the upper bone's frame at rest; a positive turn bends the limb the way it may bend."""


LIMBS = {
    "left_foot": Limb("left_hip", "left_knee", "left_ankle", (1, 0, 0)),
    "right_foot": Limb("right_hip", "right_knee", "right_ankle", (1, 0, 0)),
    "left_hand": Limb("left_shoulder", "left_elbow", "left_wrist", (0, 0, -1)),
    "right_hand": Limb("right_shoulder", "right_elbow", "right_wrist", (0, 0, 1)),
}
"""The limb that carries each contact point. A knee bends back (+X turns -Z to +Y); an elbow brings
the hand forward (for the left arm along +X, a turn about -Z leads to -Y)."""
