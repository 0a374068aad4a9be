"""A body: a person's skeleton and skin, whatever model they came from.

A `Body` is plain data. Each model has one file beside this one that builds it; everything else
poses it through the two methods here, so no one needs to know which model it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from motions.arrays import frozen
from motions.conventions import CONVENTIONS
from motions.geometry import multiply, rotation
from motions.skeleton import Skeleton

BODY_PARTS = ("skin", "hair", "shirt", "shorts", "shoes", "eyes")
"""What a face of the skin is painted as."""


@dataclass(frozen=True)
class BodyParams:
    """Which person: the model's name and version, and its own parameters by name."""

    model: str
    version: str
    values: Mapping[str, float]
    licence: str


@dataclass(frozen=True)
class Keypoints:
    """Named points that ride on the skin: each a weighted mean of a few vertices."""

    vertices: np.ndarray
    """Indices of the vertices in use. Shape (N,)."""
    weights: np.ndarray
    """Rows sum to one. Shape (K, N)."""


@dataclass(frozen=True)
class Body:
    """One person, ready to be posed by canonical joint orientations."""

    params: BodyParams
    skeleton: Skeleton
    """The 22 joints with this person's bone lengths, in the canonical T-pose."""
    rest_joints_m: np.ndarray
    """The joints where the model's own rest pose has them. Shape (22, 3)."""
    align_wxyz: np.ndarray
    """Takes each bone from the model's rest pose to the canonical T-pose. Shape (22, 4)."""
    rest_vertices_m: np.ndarray
    """Skin in the model's own rest pose. Shape (V, 3)."""
    rest_normals: np.ndarray
    """Outward unit normals of the same. Shape (V, 3)."""
    faces: np.ndarray
    """Triangles, counter-clockwise seen from outside. Shape (F, 3), int32."""
    face_parts: np.ndarray
    """Index into BODY_PARTS of each face. Shape (F,), uint8."""
    skin_weights: np.ndarray
    """How much each joint carries each vertex; rows sum to one. Shape (V, 22), float32."""
    keypoints: Mapping[str, Keypoints]
    """By convention name; "smpl22" is not here, it is the joints themselves."""
    ankle_height_m: float
    """Height of the ankle joint above the sole of a flat foot."""
    height_m: float
    """Standing height."""

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {"J": len(self.skeleton.joint_names)}
        for name, dims, dtype in (
            ("rest_joints_m", ("J", 3), np.float64),
            ("align_wxyz", ("J", 4), np.float64),
            ("rest_vertices_m", ("V", 3), np.float32),
            ("rest_normals", ("V", 3), np.float32),
            ("faces", ("F", 3), np.int32),
            ("face_parts", ("F",), np.uint8),
            ("skin_weights", ("V", "J"), np.float32),
        ):
            value = frozen(f"Body.{name}", getattr(self, name), dims, sizes, dtype=dtype)
            object.__setattr__(self, name, value)

    def bone_transforms(self, root_m: np.ndarray, world_wxyz: np.ndarray) -> np.ndarray:
        """Return what carries rest vertices to the world, one rigid transform a joint.

        Args:
            root_m: World position of the pelvis. Shape (T, 3).
            world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).

        Returns:
            The upper three rows of the matrices. Shape (T, 22, 3, 4).
        """
        joints_m = self.skeleton.positions(root_m, world_wxyz)
        turns = rotation(multiply(world_wxyz, self.align_wxyz)).as_matrix()
        shifts = joints_m - np.einsum("tjab,jb->tja", turns, self.rest_joints_m)
        return np.concatenate([turns, shifts[..., None]], axis=-1)

    def skin(self, root_m: np.ndarray, world_wxyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pose the skin by linear blend skinning.

        Args:
            root_m: World position of the pelvis. Shape (T, 3).
            world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).

        Returns:
            vertices_m: World positions. Shape (T, V, 3), float32.
            normals: Outward normals, unit length only where one joint rules. Same shape.
        """
        bones = self.bone_transforms(root_m, world_wxyz).astype(np.float32)
        blended = np.matmul(self.skin_weights, bones.reshape(len(bones), -1, 12))
        blended = blended.reshape(len(bones), -1, 3, 4)
        vertices = np.einsum("tvab,vb->tva", blended[..., :3], self.rest_vertices_m)
        normals = np.einsum("tvab,vb->tva", blended[..., :3], self.rest_normals)
        return vertices + blended[..., 3], normals

    def keypoints_world_m(
        self, root_m: np.ndarray, world_wxyz: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Place every convention's keypoints in the world.

        Returns:
            By convention name, "smpl22" included: positions in metres. Shape (T, K, 3).
        """
        bones = self.bone_transforms(root_m, world_wxyz)
        placed = {"smpl22": self.skeleton.positions(root_m, world_wxyz)}
        for name, points in self.keypoints.items():
            used = points.vertices
            weights = self.skin_weights[used].astype(np.float64)
            blended = np.einsum("nj,tjab->tnab", weights, bones)
            rest = self.rest_vertices_m[used].astype(np.float64)
            vertices = np.einsum("tnab,nb->tna", blended[..., :3], rest) + blended[..., 3]
            placed[name] = np.einsum("kn,tna->tka", points.weights, vertices)
        return placed

    @cached_property
    def leg_m(self) -> float:
        """Length of thigh and shin together."""
        return _length(self.skeleton, "left_knee") + _length(self.skeleton, "left_ankle")

    @cached_property
    def arm_m(self) -> float:
        """Length of upper arm and forearm together."""
        return _length(self.skeleton, "left_elbow") + _length(self.skeleton, "left_wrist")

    @cached_property
    def convention_names(self) -> tuple[str, ...]:
        """The conventions that this body can give keypoints in."""
        return tuple(name for name in CONVENTIONS if name == "smpl22" or name in self.keypoints)


def _length(skeleton: Skeleton, joint_name: str) -> float:
    return float(np.linalg.norm(skeleton.offsets_m[skeleton.index(joint_name)]))
