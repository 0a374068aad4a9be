"""Is a performance physically plausible? Numbers for every clip; `gate` decides on them."""

import numpy as np
from scipy.ndimage import minimum_filter1d

from simulator.performance import Performance
from simulator.physics.anthropometry import mass_model
from simulator.physics.ballistic import GRAVITY_M_S2, centre_of_mass, contactless
from simulator.physics.capsules import far_pairs, fit_capsules, overlaps_m
from simulator.physics.contact import touch, zero_moment_point
from simulator.physics.dynamics import Loads, joint_torques, loads
from simulator.physics.limits import beyond_reach_deg, strength_nm
from simulator.physics.tpose import TPose, in_tpose

PUSHES_BW = 0.2
"""A body that floor or bar pushes up with less of its weight is falling, not standing."""
COLLISION_STEP = 3
"""Capsules are compared at every third frame."""
FLIGHT_FRAMES = 4
"""Fewer frames than this in the air say nothing about acceleration."""
FALLING = 0.25
"""Who is off the floor and accelerates less like a falling body than this is no jumper."""
BLUR_S = 0.1
"""How far smoothing carries a take-off or a landing into the time on the ground."""


def plausibility(performance: Performance) -> dict[str, float]:
    """Measure a performance by mechanics.

    Returns:
        By name:

        mass_kg: Of the body, without what it holds.
        ground_force_max_bw, ground_force_min_bw: Upward push of floor or bar, in weights of body
            and load together; the least away from flights.
        balance_margin_min_m, balance_margin_median_m: How far the zero-moment point is inside the
            hull of what carries the body, over the frames in which something does, but for those
            next to a flight.
        unbalanced_share: Share of those frames in which it is outside.
        torque_share_max: The greatest joint torque as a share of that joint's strength, over the
            frames in balance.
        beyond_reach_max_deg: How far any joint is beyond its range.
        self_overlap_max_m: How deep any two capsules are in each other.
        flight_s: Time in flight: without contact, and falling.
        flight_gravity_error: How far the centre of mass's acceleration in flight is from gravity,
            as a share of gravity; the worst flight.
        floating_s: Time without contact that is no flight.
    """
    pose = in_tpose(performance.body)
    model = mass_model(performance.body, pose)
    needed = loads(performance, model)
    weight_n = needed.mass_kg * np.linalg.norm(GRAVITY_M_S2)
    up_bw = needed.total_force_n[:, 2] / weight_n
    near = 2 * round(BLUR_S * performance.fps) + 1
    grounded = minimum_filter1d(performance.motion.contacts.any(axis=1), near)
    return {
        "mass_kg": model.mass_kg,
        "ground_force_max_bw": float(up_bw.max()),
        "ground_force_min_bw": float(up_bw.min(initial=1.0, where=grounded)),
        **_balance(performance, pose, needed, grounded & (up_bw > PUSHES_BW)),
        **_posture(performance, pose),
        **_flight(performance),
    }


def _balance(
    performance: Performance, pose: TPose, needed: Loads, pushed: np.ndarray
) -> dict[str, float]:
    force_n, moment_nm = needed.total_force_n, needed.total_moment_nm
    touched = touch(performance, pose)
    carried = touched.supported & pushed
    if not carried.any():
        return dict.fromkeys(
            ("balance_margin_min_m", "balance_margin_median_m", "unbalanced_share",
             "torque_share_max"),
            0.0,
        )  # fmt: skip
    margin_m = touched.margin_m(zero_moment_point(force_n, moment_nm, touched.height_m))[carried]
    skeleton = performance.body.skeleton
    torques = joint_torques(skeleton, needed, *touched.pushes(force_n, moment_nm))[carried]
    strength = strength_nm(float(performance.body.params.values.get("gender", 0.5)))
    shares = np.linalg.norm(torques, axis=-1)[margin_m >= 0] / strength
    return {
        "balance_margin_min_m": float(margin_m.min()),
        "balance_margin_median_m": float(np.median(margin_m)),
        "unbalanced_share": float((margin_m < 0).mean()),
        "torque_share_max": float(shares.max(initial=0.0)),
    }


def _posture(performance: Performance, pose: TPose) -> dict[str, float]:
    local = performance.body.skeleton.local_rotations(performance.world_wxyz)
    capsules = fit_capsules(pose)
    some = slice(None, None, COLLISION_STEP)
    ends_m = capsules.placed(performance.joints_world_m[some], performance.world_wxyz[some])
    deepest_m = overlaps_m(capsules, ends_m, far_pairs(pose, capsules)).max()
    return {
        "beyond_reach_max_deg": float(beyond_reach_deg(local).max()),
        "self_overlap_max_m": max(0.0, float(deepest_m)),
    }


def _flight(performance: Performance) -> dict[str, float]:
    motion = performance.motion
    stretches = contactless(motion.contacts)
    if not len(stretches):
        return dict.fromkeys(("flight_s", "flight_gravity_error", "floating_s"), 0.0)
    centre_m = centre_of_mass(performance.body, performance.root_m, performance.world_wxyz)
    lasting = [(a, b) for a, b in stretches if b - a >= FLIGHT_FRAMES]
    errors = {(a, b): _gravity_error(centre_m[a:b], motion.fps) for a, b in lasting}
    flights = {stretch: error for stretch, error in errors.items() if error < FALLING}
    flying_s = sum(b - a for a, b in flights) / motion.fps
    return {
        "flight_s": float(flying_s),
        "flight_gravity_error": max(flights.values(), default=0.0),
        "floating_s": float(sum(b - a for a, b in stretches) / motion.fps - flying_s),
    }


def _gravity_error(centre_m: np.ndarray, fps: float) -> float:
    """Compare the acceleration of the best parabola with gravity."""
    times_s = np.arange(len(centre_m)) / fps
    acceleration = 2 * np.polyfit(times_s, centre_m, 2)[0]
    return float(np.linalg.norm(acceleration - GRAVITY_M_S2) / np.linalg.norm(GRAVITY_M_S2))
