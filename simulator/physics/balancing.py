"""A motion out of balance is brought into balance, changing it as little as mechanics allows.

Shifting a whole body by d moves its zero-moment point by d - z / (g + z'') d'', z being the height
of the centre of mass over the floor (Kagami et al. 2000, "A fast dynamically equilibrated walking
trajectory generation method of humanoid robot"). Asked for the shift that brings the point back
over what carries the body, this is one tridiagonal system for all frames, and its answer leans
into a step before the foot leaves the floor. Feet stay where they are; the legs bend.

`simulator.physics.tracking` follows a motion in simulation instead: what is far out of balance
falls there, unless it is balanced first.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import solve_banded

from motions.errors import FormbenchError
from motions.geometry import Z_AXIS
from motions.measures import SIDES
from motions.motion import CONTACT_POINTS
from motions.pinning import STRETCH, end_joints, pin_limbs
from motions.planting import FEET
from motions.skeleton import LIMBS, SMPL22
from simulator.held import place_props
from simulator.performance import Performance
from simulator.physics.anthropometry import MassModel, mass_model
from simulator.physics.ballistic import GRAVITY_M_S2, centre_of_mass
from simulator.physics.contact import touch, zero_moment_point
from simulator.physics.dynamics import loads, second_derivative, smoothed
from simulator.physics.report import plausibility
from simulator.physics.tpose import TPose, in_tpose

INSIDE_M = 0.01
"""How far inside its base of support the zero-moment point is brought."""
AT_MOST_M = 0.08
"""No frame is asked for a larger shift at once: a step that is far out of balance needs other
footholds, not another posture."""
ROUNDS = 4
"""Bent legs shift the centre of mass a little, so that the system is solved again and again."""
_FOOT_JOINTS = [SMPL22.index(f"{side}_{name}") for side in SIDES for name in ("ankle", "foot")]
_IS_FOOT = np.isin(np.arange(len(CONTACT_POINTS)), FEET)


@dataclass(frozen=True)
class Balanced:
    """A performance in better balance, and what that took."""

    performance: Performance
    moved_mean_m: float
    """How far joints were moved, over all joints and frames."""
    moved_max_m: float
    unbalanced_share_before: float
    unbalanced_share_after: float


def on_feet(performance: Performance) -> bool:
    """Say whether nothing but feet ever carries a performance."""
    contacts = performance.motion.contacts
    return "pullup_bar" not in performance.props and not contacts[:, ~_IS_FOOT].any()


def balance(performance: Performance) -> Balanced:
    """Bring a performance on its feet into balance.

    Raises:
        FormbenchError: It hangs, or stands on its hands: the legs cannot put it right.
    """
    if not on_feet(performance):
        raise FormbenchError(
            f"balance: expected a motion that only feet carry, got {performance.motion.exercise}"
        )
    pose = in_tpose(performance.body)
    model = mass_model(performance.body, pose)
    balanced, total_m = performance, np.zeros((performance.n_frames, 2))
    for _ in range(ROUNDS):
        total_m += _shift_m(balanced, pose, model)
        total_m *= np.minimum(1, AT_MOST_M / np.maximum(_length(total_m), AT_MOST_M))
        root_m = performance.root_m + np.pad(total_m, ((0, 0), (0, 1)))
        balanced = feet_kept(performance, root_m, performance.world_wxyz)
    moved_m = np.linalg.norm(balanced.joints_world_m - performance.joints_world_m, axis=-1)
    before, after = (plausibility(p)["unbalanced_share"] for p in (performance, balanced))
    return Balanced(balanced, float(moved_m.mean()), float(moved_m.max()), before, after)


def _shift_m(performance: Performance, pose: TPose, model: MassModel) -> np.ndarray:
    """Return the level shift (T, 2) that brings the zero-moment point where it is carried."""
    needed, touched = loads(performance, model), touch(performance, pose)
    force_n = needed.total_force_n
    point_m = zero_moment_point(force_n, needed.total_moment_nm, touched.height_m)
    centre_m = smoothed(
        centre_of_mass(performance.body, performance.root_m, performance.world_wxyz),
        performance.fps,
    )
    stands = touched.supported & np.isfinite(point_m[:, 0])
    wanted_m = np.zeros_like(point_m)
    wanted_m[stands] = (touched.nearest_m(point_m, INSIDE_M) - point_m)[stands]
    wanted_m *= np.minimum(1, AT_MOST_M / np.maximum(_length(wanted_m), AT_MOST_M))
    gravity = np.linalg.norm(GRAVITY_M_S2)
    up = np.maximum(second_derivative(centre_m[:, 2], performance.fps) + gravity, gravity / 4)
    stiff = centre_m[:, 2] / up * performance.fps**2
    # d - stiff * (d before - 2 d + d after) = wanted; at both ends the shift has come to rest.
    bands = np.stack([-stiff, 1 + 2 * stiff, -stiff])
    bands[0, 1:], bands[2, :-1] = bands[0, :-1].copy(), bands[2, 1:].copy()
    bands[1, [0, -1]] -= stiff[[0, -1]]
    return solve_banded((1, 1), bands, wanted_m)


def feet_kept(performance: Performance, root_m: np.ndarray, world_wxyz: np.ndarray) -> Performance:
    """Give a performance another posture, with feet that go where they went.

    The pelvis is lowered into reach of both feet, and the legs bend.

    Args:
        performance: Whose feet.
        root_m: World position of the pelvis. Shape (T, 3).
        world_wxyz: Joint-to-world rotations; the feet's are not asked for. Shape (T, 22, 4).
    """
    skeleton, world_wxyz = performance.body.skeleton, world_wxyz.copy()
    world_wxyz[:, _FOOT_JOINTS] = performance.world_wxyz[:, _FOOT_JOINTS]
    targets_m = end_joints(skeleton, performance.root_m, performance.world_wxyz)
    joints_m = skeleton.positions(root_m, world_wxyz)
    drop_m: np.ndarray = np.zeros(len(root_m))
    for point in FEET:
        limb = LIMBS[CONTACT_POINTS[point]]
        bones_m = skeleton.offsets_m[[SMPL22.index(limb.middle), SMPL22.index(limb.end)]]
        leg_m = STRETCH * np.linalg.norm(bones_m, axis=-1).sum()
        away_m = joints_m[:, SMPL22.index(limb.root)] - targets_m[:, point]
        over_m = np.sqrt(np.maximum(leg_m**2 - np.sum(away_m[:, :2] ** 2, axis=-1), 0))
        drop_m = np.maximum(drop_m, away_m[:, 2] - over_m)
    root_m = root_m - np.outer(drop_m, Z_AXIS)
    pinned = np.tile(_IS_FOOT, (len(root_m), 1))
    world = pin_limbs(skeleton, root_m, world_wxyz, targets_m, pinned)
    props = place_props(performance.motion, performance.body, root_m, world)
    return replace(performance, root_m=root_m, world_wxyz=world, props=props)


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.linalg.norm(vectors, axis=-1, keepdims=True)
