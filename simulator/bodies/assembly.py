"""From a model's own rest shape to a `Body`: aligned, gathered under the 22 joints, dressed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from motions.skeleton import SMPL22, Skeleton
from simulator.bodies.alignment import Hand, align_to_t_pose, palm_depth_m, t_pose_offsets
from simulator.bodies.body import Body, BodyParams, Keypoints
from simulator.bodies.clothes import dress, hemmed, vertex_normals, worn


@dataclass(frozen=True)
class RestShape:
    """A person in a model's own rest pose: upright, facing -Y, elbows bent at least a little."""

    vertices_m: np.ndarray
    """Shape (V, 3)."""
    faces: np.ndarray
    """Counter-clockwise seen from outside. Shape (F, 3)."""
    joints_m: np.ndarray
    """The canonical joints. Shape (22, 3)."""
    weights: np.ndarray
    """Of the model's own joints or bones on each vertex. Shape (V, B)."""
    joint_of_bone: np.ndarray
    """The canonical joint that each of these rides with. Shape (B,)."""
    hands: Mapping[str, Hand]
    """Of the sides "left" and "right"."""
    is_eye: np.ndarray
    """Whether a vertex belongs to an eyeball. Shape (V,)."""


def assemble(shape: RestShape, params: BodyParams, keypoints: Mapping[str, Keypoints]) -> Body:
    """Build the body of a rest shape; keypoints are given on the vertices of that shape."""
    vertices, joints = shape.vertices_m, shape.joints_m
    weights = np.zeros((len(vertices), len(SMPL22.joint_names)))
    np.add.at(weights.T, shape.joint_of_bone, shape.weights.T)
    weights /= weights.sum(axis=1, keepdims=True)
    align = align_to_t_pose(joints, shape.hands)
    parts = dress(vertices, shape.faces, weights, joints, shape.is_eye)
    # Cloth adds vertices after the old ones, so keypoints stay where they are.
    worn_vertices, faces, parts, worn_weights = hemmed(vertices, shape.faces, parts, weights)
    worn_vertices = worn(worn_vertices, faces, parts)
    sole_m = vertices[:, 2].min()
    return Body(
        params=params,
        skeleton=Skeleton(SMPL22.joint_names, SMPL22.parents, t_pose_offsets(joints, align)),
        rest_joints_m=joints,
        align_wxyz=align,
        rest_vertices_m=worn_vertices,
        rest_normals=vertex_normals(worn_vertices, faces),
        faces=faces,
        face_parts=parts,
        skin_weights=worn_weights,
        keypoints=keypoints,
        ankle_height_m=float(joints[SMPL22.index("left_ankle"), 2] - sole_m),
        wrist_height_m=palm_depth_m(vertices, joints, align, weights),
        height_m=float(np.ptp(vertices[:, 2])),
    )
