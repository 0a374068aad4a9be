"""Sizes read off finished bodies, from which the faults' measures are made.

A curve takes the joints of a repetition (frames, 22, 3), the body and a side, and gives one value a
frame: radians, metres, or a share of a length. `reading` makes a fault's measure of it. Curves of
angles that differ between bodies at rest count from the T-pose, in which everyone stands upright.
"""

from collections.abc import Callable

import numpy as np

from motions.geometry import IDENTITY_WXYZ, angle_between, signed_angle, unit
from motions.measures import MEASURES, SIDES, leftwards
from motions.motion import Span
from motions.skeleton import LIMBS, SMPL22
from simulator.bodies.body import Body
from simulator.held import GRIP_ALONG_SHARE
from simulator.performance import Performance

Curve = Callable[[np.ndarray, Body, str], np.ndarray]
Measure = Callable[[Performance, Span, str], float]
Over = Callable[[np.ndarray, np.ndarray], float]
"""Takes a curve (T,) and the phase (T,) of a repetition to one number."""

HEEL_SHARE, TOE_SHARE = -0.4, 1.5
"""Where a foot's heel and tip are, from the ankle, as shares of the way to the ball."""
MID_FOOT_SHARE = (HEEL_SHARE + TOE_SHARE) / 2
KNEE_RADIUS_SHARE = 0.0625
"""How thick a knee is in front of its joint, as a share of the leg: 5 cm of 80."""
CHIN_SHARE = 0.024
"""How far the chin is below the joint of the head, as a share of the stature."""
_UP = np.array([0.0, 0.0, 1.0])


def reading(curve: Curve, over: Over, scale: float = 1.0) -> Measure:
    """Make a measure that reads a curve over a repetition and scales the result."""

    def measure(performance: Performance, rep: Span, side: str) -> float:
        frames = rep.frames(performance.fps, performance.n_frames)
        values = curve(performance.joints_world_m[frames], performance.body, side)
        return float(scale * over(values, performance.motion.phase[frames]))

    return measure


def reading_deg(curve: Curve, over: Over) -> Measure:
    """Make a measure in degrees of a curve in radians."""
    return reading(curve, over, 180 / np.pi)


def peak(values: np.ndarray, phase: np.ndarray) -> float:
    """Return the largest value."""
    return float(values.max())


def least(values: np.ndarray, phase: np.ndarray) -> float:
    """Return the smallest value."""
    return float(values.min())


def swing(values: np.ndarray, phase: np.ndarray) -> float:
    """Return how far apart the largest and the smallest value are."""
    return float(np.ptp(values))


def to_and_fro(values: np.ndarray, phase: np.ndarray) -> float:
    """Return how far the curve swings to both sides of its first value: 0 if only to one."""
    return float(2 * max(0.0, min(values.max() - values[0], values[0] - values.min())))


def at_far_end(values: np.ndarray, phase: np.ndarray) -> float:
    """Return the value where the repetition has gone farthest."""
    return float(values[phase.argmax()])


def at_end(values: np.ndarray, phase: np.ndarray) -> float:
    """Return the value at the last frame."""
    return float(values[-1])


def named(name: str) -> Curve:
    """Read one of `motions.measures.MEASURES`, counted from the T-pose."""
    return from_rest(lambda joints, body, side: MEASURES[name](joints))


def from_rest(curve: Curve) -> Curve:
    """Count a curve from its value in the body's T-pose."""

    def changed(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
        upright = np.tile(IDENTITY_WXYZ, (len(SMPL22.joint_names), 1))
        rest = body.skeleton.positions(np.zeros(3), upright)
        return curve(joints, body, side) - curve(rest[None], body, side)

    return changed


def on_front_side(curve: Curve) -> Curve:
    """Read a curve of the side whose foot is ahead in the repetition."""

    def front(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
        apart = np.sum((at(joints, "left_ankle") - at(joints, "right_ankle")) * ahead(joints), -1)
        return curve(joints, body, SIDES[int(apart.sum() < 0)])

    return front


def at(joints: np.ndarray, name: str) -> np.ndarray:
    """Return where a joint is, or the middle of both where a name has no side. (..., 3)."""
    if name in SMPL22.joint_names:
        return joints[..., SMPL22.index(name), :]
    return (at(joints, f"left_{name}") + at(joints, f"right_{name}")) / 2


def ahead(joints: np.ndarray) -> np.ndarray:
    """Return the level direction that the hips face. Shape (..., 3)."""
    return unit(np.cross(leftwards(joints), _UP))


def mean_of_sides(curve: Curve) -> Curve:
    """Read the mean of both sides of a curve that has sides, if no side is named."""

    def mean(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
        if side != "both":
            return curve(joints, body, side)
        return (curve(joints, body, "left") + curve(joints, body, "right")) / 2

    return mean


def bend_rad(end: str) -> Curve:
    """Read the flexion of the knee (of the "foot") or elbow (of the "hand"), on a side or both."""

    @mean_of_sides
    def bend(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
        limb = LIMBS[f"{side}_{end}"]
        middle = at(joints, limb.middle)
        return angle_between(middle - at(joints, limb.root), at(joints, limb.end) - middle)

    return bend


def toes_to(joints: np.ndarray, side: str) -> np.ndarray:
    """Return the level direction in which a foot points. Shape (..., 3)."""
    foot = at(joints, f"{side}_foot") - at(joints, f"{side}_ankle")
    return unit(foot * [1, 1, 0])


def along_foot_m(joints: np.ndarray, side: str, name: str, share: float) -> np.ndarray:
    """Return how far a joint is ahead of a point of a foot, in the foot's own direction.

    Args:
        joints: Shape (..., 22, 3).
        side: Whose foot.
        name: The joint.
        share: Where the point is, from the ankle as a share of the way to the ball.
    """
    ankle, ball = at(joints, f"{side}_ankle"), at(joints, f"{side}_foot")
    point = ankle + share * (ball - ankle)
    return np.sum((at(joints, name) - point) * toes_to(joints, side), axis=-1)


def knee_in(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far a knee is inside the line from hip to ankle, as a share of the leg.

    Inside is across the direction of the foot, so a knee over its toes counts 0 however far the
    feet are apart and turned out.
    """
    hip, knee, ankle = (at(joints, f"{side}_{name}") for name in ("hip", "knee", "ankle"))
    shin_m = np.linalg.norm(body.skeleton.offsets_m[SMPL22.index(f"{side}_ankle")])
    off_line = knee - (ankle + shin_m / body.leg_m * (hip - ankle))
    inwards = np.cross(toes_to(joints, side), _UP) * (1 if side == "left" else -1)
    return np.sum(off_line * inwards, axis=-1) / body.leg_m


@mean_of_sides
def shin_pitch_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far a shin leans over its foot, from the vertical."""
    shin = at(joints, f"{side}_knee") - at(joints, f"{side}_ankle")
    return np.arctan2(np.sum(shin * toes_to(joints, side), axis=-1), shin[..., 2])


def knee_past_toes_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far a knee is ahead of the tip of its foot."""
    return along_foot_m(joints, side, f"{side}_knee", TOE_SHARE)


def heel_rise_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far a heel is off the floor that the ball of the foot stands on."""
    rest = body.skeleton.offsets_m[SMPL22.index(f"{side}_foot")]
    foot = at(joints, f"{side}_foot") - at(joints, f"{side}_ankle")
    level = np.linalg.norm(foot[..., :2], axis=-1)
    pitch = np.arctan2(-foot[..., 2], level) - np.arctan2(-rest[2], np.hypot(*rest[:2]))
    return (1 - HEEL_SHARE) * np.hypot(*rest[:2]) * np.sin(pitch)


def trunk_roll_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the trunk leans to a side, from the vertical."""
    trunk = at(joints, "neck") - at(joints, "pelvis")
    out = unit(leftwards(joints) * [1, 1, 0]) * (1 if side == "left" else -1)
    return np.arctan2(np.sum(trunk * out, axis=-1), trunk[..., 2])


@mean_of_sides
def bar_drift_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how much farther the wrists are ahead of the feet than in the first frame."""
    ahead_m = along_foot_m(joints, side, f"{side}_wrist", MID_FOOT_SHARE)
    return ahead_m - ahead_m[0]


def step_share(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far apart the ankles are, the way the hips face, as a share of the hips' height."""
    apart = at(joints, "left_ankle") - at(joints, "right_ankle")
    return np.abs(np.sum(apart * ahead(joints), axis=-1)) / (body.leg_m + body.ankle_height_m)


def hips_off_line_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the line from shoulders over hips to ankles is bent, positive at raised hips."""
    to_hips = at(joints, "hip") - at(joints, "shoulder")
    return signed_angle(to_hips, at(joints, "ankle") - at(joints, "hip"), -leftwards(joints))


def arm_abduction_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read the angle from trunk to upper arm of a body over the floor, seen from above."""
    arm = at(joints, f"{side}_elbow") - at(joints, f"{side}_shoulder")
    down = unit((at(joints, "pelvis") - at(joints, "neck")) * [1, 1, 0])
    out = leftwards(joints) * (1 if side == "left" else -1)
    return np.arctan2(np.sum(arm * out, axis=-1), np.sum(arm * down, axis=-1))


lumbar_extension_rad = from_rest(lambda joints, body, side: -MEASURES["lumbar_angle"](joints))
"""Read how far the lower back is arched, from the T-pose."""


def lockout_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far knees and hips are from straight, the mean of both."""
    return (bend_rad("foot")(joints, body, side) + MEASURES["hip_flexion"](joints)) / 2


def rear_knee_clearance_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the skin of the lower knee is over the floor, its radius a share of the leg."""
    knees_m = [at(joints, f"{s}_knee")[..., 2] for s in SIDES]
    return np.minimum(*knees_m) - KNEE_RADIUS_SHARE * body.leg_m


def shoulders_ahead_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the shoulders are ahead of the elbows, on the level."""
    return np.sum((at(joints, "shoulder") - at(joints, "elbow")) * ahead(joints), axis=-1)


def hip_drop_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the line of the hips slopes down towards a side."""
    return -np.arcsin(leftwards(joints)[..., 2]) * (1 if side == "left" else -1)


def lean_lost_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the trunk has come up since the first frame."""
    lean_rad = MEASURES["trunk_lean"](joints)
    return lean_rad[0] - lean_rad


def chin_over_bar_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the chin is over the bar that hands above the head hold."""
    chin_m = at(joints, "head")[..., 2] - CHIN_SHARE * body.height_m
    forearm_m = np.linalg.norm(body.skeleton.offsets_m[SMPL22.index("left_wrist")])
    return chin_m - at(joints, "wrist")[..., 2] - GRIP_ALONG_SHARE * forearm_m


def side_height_m(name: str) -> Curve:
    """Read by how much a joint is lower on a side than on the other."""

    def lower(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
        drop = at(joints, f"right_{name}") - at(joints, f"left_{name}")
        return drop[..., 2] * (1 if side == "left" else -1)

    return lower
