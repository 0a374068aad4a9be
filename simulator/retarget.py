"""A motion put on a body: joint angles kept, contacts kept, and the numbers that prove it.

World orientations carry over unchanged, because every body's skeleton stands in the same T-pose
(closed form, after retargeting notes section 2); then what carries the body is put where it
belongs and the limbs are pinned (`motions.planting`).
"""

import numpy as np

from motions.library import EXERCISES
from motions.limb_geometry import LEG_M
from motions.motion import Motion
from motions.pinning import end_joints, pin_limbs
from motions.planting import FEET, Figure, plant
from motions.skeleton import STANDING_PELVIS_M, Skeleton
from motions.trunk import trunk_direction, with_trunk_towards
from motions.walking import IS_HAND
from simulator.bodies.body import Body
from simulator.clearing import cleared
from simulator.fidelity import joint_fidelity
from simulator.held import bench_height_m, place_props, plate_radius_m
from simulator.lying import laid_down, lies
from simulator.performance import Performance
from simulator.physics.ballistic import fallen_freely
from simulator.physics.gate import UNJUDGED_BODIES
from simulator.plates import over_floor
from simulator.skin_fidelity import floor_figures


def retarget(motion: Motion, body: Body, *, metrics: bool = True, skin: bool = True) -> Performance:
    """Put a motion on a body.

    Planted feet lie on the floor, and hands on it or on a bench, and stay where they are until they
    are lifted. Hands on a fixed bar stay on it throughout.

    Args:
        motion: What to do.
        body: Who does it.
        metrics: Whether its fidelity is measured too.
        skin: Whether its skin is kept on the floor and out of it, rather than its joints only; that
            takes about two thirds as long as the rest.
    """
    scale = body.leg_m / LEG_M
    # Standing heights differ by more than leg length: hips sit higher or lower in the pelvis.
    root = motion.root_position_m * scale
    root[:, 2] += body.standing_pelvis_m - scale * STANDING_PELVIS_M
    # Gravity does not scale with stature: in flight the feet rise as the source's do, unscaled.
    source = motion.world_orientations_wxyz
    source_m = motion.skeleton.positions(motion.root_position_m, source)
    world = with_trunk_towards(body.skeleton, source, trunk_direction(source_m, motion.skeleton))
    flight = root.copy()
    flight[:, 2] += _feet_m(motion.skeleton, motion.root_position_m, source)
    flight[:, 2] -= _feet_m(body.skeleton, root, world)
    bar = EXERCISES[motion.exercise].bar if motion.exercise in EXERCISES else None
    planted = plant(
        Figure(
            body.skeleton,
            body.ankle_height_m,
            body.wrist_height_m,
            bench_height_m(motion, body),
        ),
        root,
        world,
        motion.contacts,
        flight,
        motion.fps,
        bar=bar,
    )
    contacts = motion.contacts
    pinned = contacts | (IS_HAND & (bar == "fixed"))
    root, world = planted.root_m, planted.world_wxyz
    flown = fallen_freely(body, root, world, contacts, motion.fps)
    led = (flown != root).any(axis=1)
    if led.any():
        ends_m = end_joints(body.skeleton, root, world)
        root, world = flown, pin_limbs(body.skeleton, flown, world, ends_m, contacts & led[:, None])
    if bar == "held":
        root, world = over_floor(body, root, world, contacts, plate_radius_m(motion.exercise))
    if skin and body.params.model not in UNJUDGED_BODIES:
        lying = lies(motion)
        root, world = laid_down(body, root, world, lying, pinned, motion.fps)
        root, world = cleared(body, root, world, contacts, pinned, lying, motion.fps)
    return Performance(
        motion=motion,
        body=body,
        root_m=root,
        world_wxyz=world,
        props=place_props(motion, body, root, world),
        metrics=_figures(motion, body, root, world) if metrics else {},
    )


def _figures(
    motion: Motion, body: Body, root_m: np.ndarray, world_wxyz: np.ndarray
) -> dict[str, float]:
    joints = joint_fidelity(motion, body, root_m, world_wxyz)
    return {**joints.figures(), **floor_figures(body, root_m, world_wxyz)}


def _feet_m(skeleton: Skeleton, root_m: np.ndarray, world_wxyz: np.ndarray) -> np.ndarray:
    """Return the mean height of both ankles. Shape (T,)."""
    return end_joints(skeleton, root_m, world_wxyz)[:, FEET, 2].mean(axis=1)
