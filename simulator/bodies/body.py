"""A body: a person's skeleton and skin, whatever model they came from.

A `Body` is plain data. Each model has one file beside this one that builds it; everything else
poses it through the two methods here, so no one needs to know which model it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from motions.arrays import frozen
from motions.conventions import CONVENTIONS, MADE_OF, made_points
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


@dataclass(frozen=True, eq=False)
class Body:
    """One person, ready to be posed by canonical joint orientations.

    Equal only to itself, so that what is worked out of it once can be kept.
    """

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
    """By convention name, of `motions.conventions.OWN`; the joints themselves are not here."""
    ankle_height_m: float
    """Height of the ankle joint above the sole of a flat foot."""
    wrist_height_m: float
    """Height of the wrist joint above a floor on which the palm lies flat."""
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
        bones = _stacked(self.bone_transforms(root_m, world_wxyz)).astype(np.float32)
        turns = bones.reshape(len(bones), -1, 4, 3)[:, :, :3].reshape(len(bones), -1, 3)
        return self._carried_vertices @ bones, self._carried_normals @ turns

    def skin_points_m(
        self, root_m: np.ndarray, world_wxyz: np.ndarray, vertices: np.ndarray
    ) -> np.ndarray:
        """Return some vertices (N,) as `skin` poses them. Shape (T, N, 3), float32."""
        bones = _stacked(self.bone_transforms(root_m, world_wxyz)).astype(np.float32)
        points: np.ndarray = self._carried_vertices[vertices] @ bones
        return points

    def skin_heights_m(
        self,
        root_m: np.ndarray,
        world_wxyz: np.ndarray,
        vertices: np.ndarray | slice = slice(None),
    ) -> np.ndarray:
        """Return the world z of vertices as `skin` poses them, all of them in a sixth of its time.

        Args:
            root_m: World position of the pelvis. Shape (T, 3).
            world_wxyz: Joint-to-world rotations. Shape (T, 22, 4).
            vertices: Which; all V when not given.

        Returns:
            Shape (T, N), float32.
        """
        bones = _stacked(self.bone_transforms(root_m, world_wxyz))[..., 2].astype(np.float32)
        return bones @ self._carried_vertices[vertices].T

    def keypoints_world_m(
        self, root_m: np.ndarray, world_wxyz: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Place every convention's keypoints in the world.

        Returns:
            By convention name, "smpl22" included: positions in metres. Shape (T, K, 3).
        """
        bones = _stacked(self.bone_transforms(root_m, world_wxyz))
        placed = {"smpl22": self.skeleton.positions(root_m, world_wxyz)}
        for name, carried in self._carried_keypoints.items():
            placed[name] = carried @ bones
        return self._with_made(placed)

    @cached_property
    def rest_keypoints_m(self) -> dict[str, np.ndarray]:
        """Where every convention's keypoints are in the model's own rest pose. Shape (K, 3)."""
        vertices_m = self.rest_vertices_m.astype(np.float64)
        own = {n: p.weights @ vertices_m[p.vertices] for n, p in self.keypoints.items()}
        return self._with_made({"smpl22": self.rest_joints_m, **own})

    def _with_made(self, points: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        made = {
            name: made_points(name, points) for name in self.convention_names if name in MADE_OF
        }
        return {name: (points | made)[name] for name in self.convention_names}

    # Blending is linear in the bones, so what each joint carries of a point, its weight times the
    # point's rest position (x, y, z, 1), is worked out once. Shapes (V or K, 22 * 4), for
    # normals, which do not shift, (V, 22 * 3).

    @cached_property
    def _carried_vertices(self) -> np.ndarray:
        return _carried(self.skin_weights, _with_one(self.rest_vertices_m))

    @cached_property
    def _carried_normals(self) -> np.ndarray:
        return _carried(self.skin_weights, self.rest_normals)

    @cached_property
    def _carried_keypoints(self) -> dict[str, np.ndarray]:
        return {
            name: points.weights
            @ _carried(
                self.skin_weights[points.vertices].astype(np.float64),
                _with_one(self.rest_vertices_m[points.vertices].astype(np.float64)),
            )
            for name, points in self.keypoints.items()
        }

    @cached_property
    def leg_m(self) -> float:
        """Length of thigh and shin together."""
        return _length(self.skeleton, "left_knee") + _length(self.skeleton, "left_ankle")

    @cached_property
    def arm_m(self) -> float:
        """Length of upper arm and forearm together."""
        return _length(self.skeleton, "left_elbow") + _length(self.skeleton, "left_wrist")

    @cached_property
    def standing_pelvis_m(self) -> float:
        """Height of the pelvis over the floor with straight legs on flat feet."""
        hip_m = self.skeleton.offsets_m[self.skeleton.index("left_hip"), 2]
        return float(self.ankle_height_m + self.leg_m - hip_m)

    @cached_property
    def convention_names(self) -> tuple[str, ...]:
        """The conventions that this body can give keypoints in."""
        own = {"smpl22", *self.keypoints}
        return tuple(
            name
            for name in CONVENTIONS
            if name in own or {source for source, _ in MADE_OF.get(name, ())} < own
        )


def _length(skeleton: Skeleton, joint_name: str) -> float:
    return float(np.linalg.norm(skeleton.offsets_m[skeleton.index(joint_name)]))


def _with_one(points: np.ndarray) -> np.ndarray:
    return np.concatenate([points, np.ones_like(points[:, :1])], axis=1)


def _carried(weights: np.ndarray, points: np.ndarray) -> np.ndarray:
    return (weights[:, :, None] * points[:, None, :]).reshape(len(points), -1)


def _stacked(bones: np.ndarray) -> np.ndarray:
    """Put the columns of all bones' transforms (T, 22, 3, 4) under one another, (T, 22 * 4, 3)."""
    return np.ascontiguousarray(np.swapaxes(bones, 2, 3)).reshape(len(bones), -1, 3)
