"""A motion followed in simulation: what joints of human strength, a floor and gravity make of it.

Every joint has a motor, proportional and derivative and solved as a constraint together with the
contacts, which is stable however stiff it is, as Tan et al. 2011, "Stable proportional-derivative
controllers", are. The pelvis is free. Who falls like that is tried again with a hand at the pelvis
that helps with a twentieth and then a tenth of the body's weight; who falls even so is left as the
motion had it, and said to have fallen. What was simulated is read back, and feet are put again
where they were planted.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from motions.geometry import inverse, multiply, to_wxyz
from motions.skeleton import SMPL22, Skeleton
from simulator.held import PROP_MASS_KG
from simulator.performance import Performance
from simulator.physics.anthropometry import MassModel, mass_model
from simulator.physics.balancing import feet_kept, on_feet
from simulator.physics.ballistic import GRAVITY_M_S2
from simulator.physics.contact import soles
from simulator.physics.dynamics import holders
from simulator.physics.limits import strength_nm
from simulator.physics.report import plausibility
from simulator.physics.tpose import in_tpose

HANDS = (0.0, 0.05, 0.1)
"""What hands help with, in body weights, the weakest that is enough."""
HAND_ARM_M = 0.5
"""And turn with, as that force on such a lever."""
FALLEN_M = 0.1
"""Whose pelvis is so far from where it should be falls, or stands elsewhere."""
MOST_NM = 300.0
"""Of joints whose strength nobody tabled: the hips' is about as much."""
STEPS_HZ = 480
"""At least so many steps a second are simulated."""
LEAD_S = 0.5
"""So long the first posture is held, by as firm a hand as it needs, until the feet bear."""
LIGHT_SHARE, LIGHT_M = 0.004, 0.05
"""Joints without a segment get so much of the body's mass, in a ball of so large a radius of
gyration: nothing that weighs nothing can be simulated."""


@dataclass(frozen=True)
class Reference:
    """A motion to follow, and with what strength."""

    root_m: np.ndarray
    """World position of the pelvis. Shape (T, 3)."""
    local_wxyz: np.ndarray
    """Joint-to-parent rotations. Shape (T, 22, 4)."""
    fps: float
    strength_nm: np.ndarray
    """The most that each joint's motor turns with, about each axis. Shape (22,)."""
    hand_n: float
    """The most that a hand at the pelvis pushes with; 0 for none."""
    hand_nm: float
    """And turns with."""


@dataclass(frozen=True)
class Tracked:
    """What a body did that tried to follow a motion."""

    root_m: np.ndarray
    """Shape (T, 3)."""
    local_wxyz: np.ndarray
    """Shape (T, 22, 4)."""
    hand_n: np.ndarray
    """What the hand pushed with, the mean of each frame. Shape (T,)."""
    hand_nm: np.ndarray
    """And turned with. Shape (T,)."""


@dataclass(frozen=True)
class Settled:
    """What came of following a performance."""

    performance: Performance
    """As it was where the body fell."""
    figures: dict[str, float]
    """See `settle`."""


def can_settle(performance: Performance) -> bool:
    """Say whether nothing but feet carries a performance, and they do so throughout."""
    return on_feet(performance) and bool(performance.motion.contacts.any(axis=1).all())


def settle(performance: Performance) -> Settled:
    """Follow a performance in simulation with the weakest hand that keeps it from falling.

    Returns:
        The performance, and by name:

        settled_fell: 1 where it fell with the strongest hand too, else 0.
        settled_hand_force_bw, settled_hand_torque_bwm: What the hand helped with, the mean over
            time, in body weights, and these times metres; 0 where none was needed.
        settled_turn_mean_deg, settled_turn_max_deg: How far joints were turned against what they
            hang on, over all joints and frames.
        settled_root_mean_m, settled_root_max_m: How far the pelvis was shifted.
        unsettled_share: `unbalanced_share` of the motion as it was.
    """
    body, skeleton = performance.body, performance.body.skeleton
    pose = in_tpose(body)
    model = _loaded(mass_model(body, pose), performance)
    weight_n = model.mass_kg * float(np.linalg.norm(GRAVITY_M_S2))
    local = skeleton.local_rotations(performance.world_wxyz)
    strength = strength_nm(float(body.params.values.get("gender", 0.5)))
    reference = Reference(
        performance.root_m, local, performance.fps, np.minimum(strength, MOST_NM), 0.0, 0.0
    )
    for share in HANDS:
        hand_n = share * weight_n
        helped = replace(reference, hand_n=hand_n, hand_nm=hand_n * HAND_ARM_M)
        tracked = track(skeleton, model, soles(pose), helped)
        astray_m = np.linalg.norm(tracked.root_m - performance.root_m, axis=1)
        if astray_m.max() < FALLEN_M:
            break
    figures = {
        "settled_fell": float(astray_m.max() >= FALLEN_M),
        "settled_hand_force_bw": float(tracked.hand_n.mean() / weight_n),
        "settled_hand_torque_bwm": float(tracked.hand_nm.mean() / weight_n),
        "unsettled_share": plausibility(performance)["unbalanced_share"],
    }
    if not figures["settled_fell"]:
        world = skeleton.world_orientations(tracked.local_wxyz)
        performance = feet_kept(performance, tracked.root_m, world)
    turned = multiply(inverse(local), skeleton.local_rotations(performance.world_wxyz))
    turn_deg = np.rad2deg(2 * np.arccos(np.minimum(np.abs(turned[..., 0]), 1)))
    shift_m = np.linalg.norm(performance.root_m - reference.root_m, axis=1)
    return Settled(
        performance,
        figures
        | {
            "settled_turn_mean_deg": float(turn_deg.mean()),
            "settled_turn_max_deg": float(turn_deg.max()),
            "settled_root_mean_m": float(shift_m.mean()),
            "settled_root_max_m": float(shift_m.max()),
        },
    )


def track(
    skeleton: Skeleton, model: MassModel, soles: Mapping[int, np.ndarray], reference: Reference
) -> Tracked:
    """Simulate a body on the floor whose motors follow a motion.

    Args:
        skeleton: Bone lengths.
        model: Masses.
        soles: What may touch the floor: by joint, points (P, 3) of a convex shape in its frame.
        reference: The motion, and with what strength.
    """
    from simulator.physics.bullet import jointed  # says when it was built, as soon as imported

    model, fps = _without_massless(model), reference.fps
    n_steps = math.ceil(STEPS_HZ / fps)
    # Bullet turns a ball joint in the principal axes of what it carries.
    axes = to_wxyz(Rotation.from_matrix(model.axes))
    wanted = multiply(multiply(inverse(axes), reference.local_wxyz), axes)
    path_m, done = reference.root_m, []
    before_m = np.concatenate([path_m[:1], path_m[:-1]])
    with jointed(skeleton, model, soles, 1 / (fps * n_steps)) as body:
        body.put(path_m[0], wanted[0])
        for _ in range(round(LEAD_S * fps)):
            body.drive(wanted[0], reference.strength_nm)
            for _ in range(n_steps):
                body.step(path_m[0], np.zeros(3), wanted[0, 0], (np.inf, np.inf))
        for start_m, end_m, local in zip(before_m, path_m, wanted, strict=True):
            body.drive(local, reference.strength_nm)
            most, speed_m_s = (reference.hand_n, reference.hand_nm), (end_m - start_m) * fps
            helps = [
                body.step(place_m, speed_m_s, local[0], most)
                for place_m in np.linspace(start_m, end_m, n_steps + 1)[1:]
            ]
            done.append((*body.read(), *np.mean(helps, axis=0)))
    root_m, turned, hand_n, hand_nm = (np.array(part) for part in zip(*done, strict=True))
    return Tracked(root_m, multiply(multiply(axes, turned), inverse(axes)), hand_n, hand_nm)


def _loaded(model: MassModel, performance: Performance) -> MassModel:
    """Put the weight of what is held into the fists."""
    masses_kg = model.masses_kg.copy()
    for name in performance.props:
        if name in PROP_MASS_KG:
            hands = [SMPL22.index(wrist) for wrist in holders(name)]
            masses_kg[hands] += PROP_MASS_KG[name] / len(hands)
    return replace(model, masses_kg=masses_kg)


def _without_massless(model: MassModel) -> MassModel:
    light = model.masses_kg == 0
    masses_kg = np.where(light, LIGHT_SHARE * model.mass_kg, model.masses_kg)
    moments = np.where(light[:, None], masses_kg[:, None] * LIGHT_M**2, model.moments_kg_m2)
    share = model.mass_kg / masses_kg.sum()
    return replace(model, masses_kg=share * masses_kg, moments_kg_m2=share * moments)
