"""A motion put on a body: joint angles kept, contacts kept, and the numbers that prove it.

World orientations carry over unchanged, because every body's skeleton stands in the same T-pose
(closed form, after retargeting notes section 2); then what carries the body is put where it
belongs and the limbs are pinned (`motions.planting`).
"""

import numpy as np

from motions.geometry import IDENTITY_WXYZ
from motions.library import EXERCISES
from motions.measures import MEASURES
from motions.motion import Motion
from motions.pinning import end_joints
from motions.planting import FEET, Figure, plant
from motions.skeleton import SMPL22, STANDING_PELVIS_M, Skeleton
from simulator.bodies.body import Body
from simulator.held import place_props
from simulator.performance import Performance

LIMB_ANGLES = ("knee_flexion", "elbow_flexion", "hip_flexion", "trunk_lean")
KEPT_M = 0.02
"""A contact within this distance is kept (holosoma's evaluation)."""
PENETRATION_STEP = 4
"""The mesh is tested against the floor at every fourth frame."""
_CANONICAL_LEG_M = 0.80


def retarget(motion: Motion, body: Body) -> Performance:
    """Put a motion on a body.

    Planted feet and hands lie on the floor and stay where they are until they are lifted. Hands on
    a fixed bar stay on it throughout.
    """
    scale = body.leg_m / _CANONICAL_LEG_M
    # Standing heights differ by more than leg length: hips sit higher or lower in the pelvis.
    root = motion.root_position_m * scale
    root[:, 2] += body.standing_pelvis_m - scale * STANDING_PELVIS_M
    # Gravity does not scale with stature: in flight the feet rise as the source's do, unscaled.
    world = motion.world_orientations_wxyz
    flight = root.copy()
    flight[:, 2] += _feet_m(motion.skeleton, motion.root_position_m, world)
    flight[:, 2] -= _feet_m(body.skeleton, root, world)
    planted = plant(
        Figure(body.skeleton, body.ankle_height_m, body.wrist_height_m),
        root,
        world,
        motion.contacts,
        flight,
        motion.fps,
        bar=EXERCISES[motion.exercise].bar if motion.exercise in EXERCISES else None,
    )
    root, world = planted.root_m, planted.world_wxyz
    return Performance(
        motion=motion,
        body=body,
        root_m=root,
        world_wxyz=world,
        props=place_props(motion, body, root, world),
        metrics=_metrics(motion, body, root, world, planted.targets_m),
    )


def _feet_m(skeleton: Skeleton, root_m: np.ndarray, world_wxyz: np.ndarray) -> np.ndarray:
    """Return the mean height of both ankles. Shape (T,)."""
    return end_joints(skeleton, root_m, world_wxyz)[:, FEET, 2].mean(axis=1)


def _angles_from_rest(joints_m: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """Return LIMB_ANGLES as turned since the T-pose, in which spines differ. Shape (angles, T)."""
    rest = skeleton.positions(np.zeros(3), np.tile(IDENTITY_WXYZ, (len(SMPL22.joint_names), 1)))
    return np.stack([MEASURES[n](joints_m) - MEASURES[n](rest) for n in LIMB_ANGLES])


def _metrics(
    motion: Motion, body: Body, root: np.ndarray, world: np.ndarray, targets: np.ndarray
) -> dict[str, float]:
    joints = body.skeleton.positions(root, world)
    angles = _angles_from_rest(joints, body.skeleton)
    source_angles = _angles_from_rest(motion.joints_world_m, motion.skeleton)
    angle_errors = np.rad2deg(np.abs(angles - source_angles))
    off_target = end_joints(body.skeleton, root, world) - targets
    distance = np.linalg.norm(off_target, axis=-1)[motion.contacts]
    both = motion.contacts[1:] & motion.contacts[:-1]
    # Targets roll on the floor without slipping, so what an end moves against its own slides.
    speed = np.linalg.norm(np.diff(off_target, axis=0), axis=-1)[both] * motion.fps
    lowest = body.skin(root[::PENETRATION_STEP], world[::PENETRATION_STEP])[0][..., 2].min(axis=1)
    return {
        "limb_angle_error_mean_deg": float(angle_errors.mean()),
        "limb_angle_error_p95_deg": float(np.percentile(angle_errors, 95)),
        "contacts_kept": float((distance <= KEPT_M).mean()) if distance.size else 1.0,
        "contact_slide_max_m_s": float(speed.max()) if speed.size else 0.0,
        "penetration_max_m": float(max(0.0, -lowest.min())),
        "joint_acceleration_max_m_s2": float(
            np.abs(np.diff(joints, n=2, axis=0)).max() * motion.fps**2
        )
        if len(joints) > 2
        else 0.0,
    }
