"""How true a motion on a body is to its source, read from the joints of both.

Positions are compared with the limb-scaled source: its bones, aligned in the T-pose and scaled one
by one to the lengths of the body's (the targets of Araujo et al. 2025, "GMR"). What counts as a
kept contact and as sliding follows the evaluation of holosoma (Yang et al. 2025, "OmniRetarget").
"""

from dataclasses import dataclass

import numpy as np

from motions.feet import sole_m
from motions.geometry import Z_AXIS, angle_between, rotate
from motions.library import EXERCISES
from motions.limb_geometry import LEG_M
from motions.measures import SIDES
from motions.motion import CONTACT_POINTS, Motion
from motions.planting import FEET
from motions.skeleton import LIMBS, SMPL22, Skeleton
from motions.trunk import trunk_direction
from simulator.bodies.body import Body
from simulator.held import bench_height_m

LIMB_ANGLES = (
    *(f"{side}_{joint}" for side in SIDES for joint in ("knee", "hip", "elbow", "shoulder")),
    "trunk",
)
"""The angles that faults are about, in the order of `limb_angles_rad`."""
COMPARED = (
    "pelvis", "spine3", "neck", "head",
    *(f"{side}_{joint}" for side in SIDES
      for joint in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")),
)  # fmt: skip
"""The 16 joints whose positions are compared."""
ENDS = tuple(f"{side}_{joint}" for side in SIDES for joint in ("wrist", "ankle", "foot"))
KEPT_M = 0.02
"""A contact within this distance is kept."""
SLIDES_M_S = 0.01
"""A contact that goes faster slides."""


@dataclass(frozen=True)
class JointFidelity:
    """What a body's joints do beside what the source's do."""

    angle_errors_deg: np.ndarray
    """Of LIMB_ANGLES. Shape (T, 9), not negative."""
    position_errors_m: np.ndarray
    """Of COMPARED, as seen from the pelvis. Shape (T, 16)."""
    end_errors: np.ndarray
    """Of ENDS, as seen from the pelvis, in statures. Shape (T, 6)."""
    contacts_kept: np.ndarray
    """Whether each of the source's contacts is there, one after another. Shape (N,), bool."""
    slides_m_s: np.ndarray
    """How fast each goes along what it rests on from one frame to the next. Shape (M,)."""
    jerk_ratio: float
    """Mean jerk of all joints over that of the source at the body's scale; 1 for a still one."""

    def figures(self) -> dict[str, float]:
        """Return the summary that goes with a clip."""
        return {
            "limb_angle_error_mean_deg": float(self.angle_errors_deg.mean()),
            "limb_angle_error_p95_deg": float(np.percentile(self.angle_errors_deg, 95)),
            "position_error_mean_m": float(self.position_errors_m.mean()),
            "end_effector_error_mean_statures": float(self.end_errors.mean()),
            "contacts_kept": _share(self.contacts_kept, of_none=1.0),
            "contact_slide_max_m_s": float(max(self.slides_m_s, default=0.0)),
            "contact_slide_fraction": _share(self.slides_m_s > SLIDES_M_S, of_none=0.0),
            "jerk_ratio": self.jerk_ratio,
        }


def joint_fidelity(
    motion: Motion, body: Body, root_m: np.ndarray, world_wxyz: np.ndarray
) -> JointFidelity:
    """Compare joints on a body with their source.

    Args:
        motion: The source.
        body: On which it was put.
        root_m: Where the body's pelvis is. Shape (T, 3).
        world_wxyz: The body's joint-to-world rotations. Shape (T, 22, 4).
    """
    skeleton = body.skeleton
    joints_m, source_m = skeleton.positions(root_m, world_wxyz), motion.joints_world_m
    angles_rad = limb_angles_rad(joints_m, skeleton) - limb_angles_rad(source_m, motion.skeleton)
    scaled_m = skeleton.positions(root_m, motion.world_orientations_wxyz)
    errors_m = np.linalg.norm(joints_m - scaled_m, axis=-1)
    kept, slides_m_s = _contacts(motion, body, joints_m, world_wxyz)
    return JointFidelity(
        angle_errors_deg=np.rad2deg(np.abs(angles_rad)),
        position_errors_m=errors_m[:, [SMPL22.index(name) for name in COMPARED]],
        end_errors=errors_m[:, [SMPL22.index(name) for name in ENDS]] / body.height_m,
        contacts_kept=kept,
        slides_m_s=slides_m_s,
        jerk_ratio=_jerk_ratio(joints_m, source_m * body.leg_m / LEG_M),
    )


def limb_angles_rad(joints_m: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """Measure LIMB_ANGLES: 0 where a limb is straight or hangs along the trunk, or is upright.

    Args:
        joints_m: World positions. Shape (T, 22, 3).
        skeleton: Whose they are.

    Returns:
        Shape (T, 9).
    """

    def bone(start: str, end: str) -> np.ndarray:
        return joints_m[:, SMPL22.index(end)] - joints_m[:, SMPL22.index(start)]

    up = trunk_direction(joints_m, skeleton)
    pairs = []
    for side in SIDES:
        thigh, shin = bone(f"{side}_hip", f"{side}_knee"), bone(f"{side}_knee", f"{side}_ankle")
        upper = bone(f"{side}_shoulder", f"{side}_elbow")
        forearm = bone(f"{side}_elbow", f"{side}_wrist")
        pairs += [(thigh, shin), (-up, thigh), (upper, forearm), (-up, upper)]
    pairs.append((np.broadcast_to(Z_AXIS, up.shape), up))
    return np.stack([angle_between(a, b) for a, b in pairs], axis=1)


def _contacts(
    motion: Motion, body: Body, joints_m: np.ndarray, world_wxyz: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return which contacts are kept, and how fast they slide; see `JointFidelity`.

    A foot rests on its ball or its heel, whichever is lower, and slides as fast as the one that
    moves less. Hands on a fixed bar belong where they are most of the time.
    """
    hangs = motion.exercise in EXERCISES and EXERCISES[motion.exercise].hangs
    kept, slides_m_s = [], []
    for point, name in enumerate(CONTACT_POINTS):
        planted = motion.contacts[:, point]
        if not planted.any():
            continue
        end = SMPL22.index(LIMBS[name].end)
        rests_m = joints_m[:, end, None]
        if point in FEET:
            sole = sole_m(body.skeleton, name.removesuffix("_foot"))
            rests_m = rests_m + rotate(world_wxyz[:, end, None], sole)
            off_m = rests_m[..., 2].min(axis=1) - (body.ankle_height_m + sole[0, 2])
        elif hangs:
            off_m = np.linalg.norm(rests_m - np.median(rests_m[planted], axis=0), axis=-1)[:, 0]
        else:
            off_m = rests_m[:, 0, 2] - (body.wrist_height_m + bench_height_m(motion, body))
        kept.append(np.abs(off_m[planted]) <= KEPT_M)
        steps_m = np.diff(rests_m if hangs else rests_m[..., :2], axis=0)
        slower_m = np.linalg.norm(steps_m, axis=-1).min(axis=1)
        slides_m_s.append(slower_m[planted[1:] & planted[:-1]] * motion.fps)
    nothing = np.zeros(0)
    return np.concatenate([nothing > 0, *kept]), np.concatenate([nothing, *slides_m_s])


def _share(found: np.ndarray, *, of_none: float) -> float:
    """Return how much of some flags (N,) is true."""
    return float(found.mean()) if len(found) else of_none


def _jerk_ratio(joints_m: np.ndarray, source_m: np.ndarray) -> float:
    """Return the mean size of the third differences of one path over the other's."""
    ours, theirs = (
        np.linalg.norm(np.diff(path, n=3, axis=0), axis=-1) for path in (joints_m, source_m)
    )
    return float(ours.mean() / theirs.mean()) if theirs.any() else 1.0
