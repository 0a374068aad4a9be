"""A motion put on a body: joint angles kept, contacts kept, and the numbers that prove it.

World orientations carry over unchanged, because every body's skeleton stands in the same T-pose
(closed form, after retargeting notes section 2); then what carries the body is put where it
belongs and the limbs are pinned (`simulator.contacts`).
"""

import numpy as np

from motions.geometry import IDENTITY_WXYZ
from motions.library import EXERCISES
from motions.measures import MEASURES
from motions.motion import CONTACT_POINTS, Motion
from motions.pinning import end_joints, lift_into_reach, pin_limbs
from motions.skeleton import SMPL22, STANDING_PELVIS_M, Skeleton
from simulator.bodies.body import Body
from simulator.contacts import FEET, HANDS, contact_targets, shift_to_support
from simulator.held import place_props
from simulator.performance import Performance

LIMB_ANGLES = ("knee_flexion", "elbow_flexion", "hip_flexion", "trunk_lean")
KEPT_M = 0.02
"""A contact within this distance is kept (holosoma's evaluation)."""
PENETRATION_STEP = 4
"""The mesh is tested against the floor at every fourth frame."""
IS_HAND = np.isin(np.arange(len(CONTACT_POINTS)), HANDS)
_CANONICAL_LEG_M = 0.80


def retarget(motion: Motion, body: Body) -> Performance:
    """Put a motion on a body.

    Planted feet are flat on the floor and stay where they are until they are lifted. Hands on a
    fixed bar stay on it throughout.
    """
    source = motion.world_orientations_wxyz
    scale = body.leg_m / _CANONICAL_LEG_M
    # Standing heights differ by more than leg length: hips sit higher or lower in the pelvis.
    root = motion.root_position_m * scale
    root[:, 2] += body.standing_pelvis_m - scale * STANDING_PELVIS_M
    ends = end_joints(body.skeleton, root, source)
    source_ends = end_joints(motion.skeleton, motion.root_position_m, source)
    targets = contact_targets(ends, source_ends, motion.contacts, scale)
    planted_feet = motion.contacts[:, FEET].any(axis=0)
    for foot in np.array(FEET)[planted_feet]:
        first = int(np.argmax(motion.contacts[:, foot]))
        targets[:, foot, 2] += body.ankle_height_m - targets[first, foot, 2]
    pinned = motion.contacts.copy()
    if motion.exercise in EXERCISES and EXERCISES[motion.exercise].hangs:
        pinned[:, HANDS] = True
        targets[:, HANDS] = _on_a_level_bar(ends[0, HANDS])
    root = shift_to_support(
        ends, targets, motion.contacts, root, motion.root_position_m, motion.fps
    )
    root = lift_into_reach(body.skeleton, root, source, targets, pinned & IS_HAND)
    world = pin_limbs(body.skeleton, root, source, targets, pinned)
    return Performance(
        motion=motion,
        body=body,
        root_m=root,
        world_wxyz=world,
        props=place_props(motion, body, root, world),
        metrics=_metrics(motion, body, root, world, targets),
    )


def _on_a_level_bar(wrists_m: np.ndarray) -> np.ndarray:
    """Put both wrists (2, 3) at one height and equally far to the sides."""
    mirror = np.array([-1.0, 1.0, 1.0])
    left = (wrists_m[0] + wrists_m[1] * mirror) / 2
    return np.stack([left, left * mirror])


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
    ends = end_joints(body.skeleton, root, world)
    distance = np.linalg.norm(ends - targets, axis=-1)[motion.contacts]
    both = motion.contacts[1:] & motion.contacts[:-1]
    speed = np.linalg.norm(np.diff(ends, axis=0), axis=-1)[both] * motion.fps
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
