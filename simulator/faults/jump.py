"""Jumps: a take-off speed, ballistic flight at g, and what comes before and after.

The motion's own way gives the postures: the height of the pelvis is prescribed, and each frame
shows the posture that has this height. In flight the posture is that of the take-off.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from motions.errors import FormbenchError
from motions.geometry import (
    IDENTITY_WXYZ,
    X_AXIS,
    about,
    inverse,
    multiply,
    slerp,
    two_bone_ik,
    unit,
)
from motions.motion import Motion, Span
from motions.skeleton import ANKLE_HEIGHT_M, LIMBS, SMPL22
from simulator.faults.incomplete_range import along_own_way
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part
from simulator.performance import Performance

GRAVITY_M_S2 = 9.81
TAKE_OFF_PHASE = 0.14
"""Where on the way up the feet leave the floor: legs almost straight, as in a real jump."""
LANDING_S = 0.5
JUMP_JOINTS = SMPL22.joint_names
"""The repetition's timing changes, and with it whatever moves."""
POINTED_TOES_RAD = np.deg2rad(25)
"""How far the feet point down in flight."""


def jump(
    exercise: str, *, sentence: str, cue: str, edit: Callable[[Motion, Part, float], Motion]
) -> FaultSpec:
    """Describe an exercise's jump: the speed at which the feet leave the floor."""
    return FaultSpec(
        id=f"{exercise}.jump",
        title="Jump",
        sentence=sentence,
        cue=cue,
        unit="m/s",
        neutral=0.0,
        correct=0.1,
        mild=0.8,
        severe=2.0,
        joints=JUMP_JOINTS,
        edit=edit,
        measure=measure_jump,
        window=None,
        excludes=("tempo",),
    )


def jump_off_the_floor(motion: Motion, part: Part, speed_m_s: float) -> Motion:
    """End a repetition's way back up with a jump, and land within the repetition.

    Half way up the drive goes on to the take-off speed; flight follows, then a landing whose dip
    takes the speed away. What comes before is hurried a little to make room.
    """
    frames = part.frames(motion)
    own = motion.phase[frames]
    last_top = len(own) - 1 - int(own[::-1].argmax())
    n_frames, dt = len(own), 1 / motion.fps
    height = motion.root_position_m[frames, 2]
    # Phase as a function of height, on the way up.
    up_height, up_phase = np.maximum.accumulate(height[last_top:]), own[last_top:]
    stand_m = height[-1]
    off_m = float(np.interp(-TAKE_OFF_PHASE, -up_phase, up_height))
    drive = last_top + int(np.argmax(own[last_top:] < 0.5 * own.max()))
    drive_m = height[drive]
    drive_speed = (height[drive + 1] - height[drive - 1]) / (2 * dt)
    flight_s = 2 * speed_m_s / GRAVITY_M_S2
    push_s = 2 * (off_m - drive_m) / (drive_speed + speed_m_s)
    before_s = (n_frames - 1) * dt - push_s - flight_s - LANDING_S
    hurry = before_s / (drive * dt)
    if hurry < 0.5:
        raise FormbenchError(
            f"{motion.exercise}: a jump at {speed_m_s:g} m/s needs a repetition of at least "
            f"{0.5 * drive * dt + push_s + flight_s + LANDING_S:.1f} s, "
            f"got {part.span.duration_s:.1f} s"
        )
    push_s = 2 * (off_m - drive_m) / (drive_speed / hurry + speed_m_s)
    before_s = (n_frames - 1) * dt - push_s - flight_s - LANDING_S
    hurry = before_s / (drive * dt)
    times = np.arange(n_frames) * dt
    since_push, since_off = times - before_s, times - before_s - push_s
    since_land = since_off - flight_s
    wanted_height = _hermite(since_push / push_s, drive_m, off_m, drive_speed / hurry * push_s,
                             speed_m_s * push_s)  # fmt: skip
    landing_height = _hermite(since_land / LANDING_S, off_m, stand_m, -speed_m_s * LANDING_S, 0.0)
    flying = (since_off > 0) & (since_land < 0)
    wanted = np.interp(times / hurry, times, own)
    pushing, landing = (since_push >= 0) & ~flying, since_land >= 0
    wanted[pushing] = np.interp(wanted_height[pushing], up_height, up_phase)
    wanted[flying] = TAKE_OFF_PHASE
    wanted[landing] = np.interp(landing_height[landing], up_height, up_phase)
    jumped = along_own_way(motion, frames, wanted)
    rise = np.where(flying, speed_m_s * since_off - GRAVITY_M_S2 / 2 * since_off**2, 0.0)
    return _lifted(jumped, frames, rise, flying)


def _lifted(motion: Motion, frames: slice, rise_m: np.ndarray, flying: np.ndarray) -> Motion:
    root, contacts = motion.root_position_m.copy(), motion.contacts.copy()
    rotations = motion.joint_rotations_wxyz.copy()
    root[frames, 2] += rise_m
    contacts[frames.start + np.flatnonzero(flying)] = False
    at = frames.start + np.flatnonzero(rise_m > 0)
    # The toes go down less than the ankle goes up, so that they clear the floor.
    turn = about(X_AXIS, POINTED_TOES_RAD * np.tanh(rise_m[rise_m > 0] / 0.25))
    for joint in ("left_ankle", "right_ankle"):
        index = SMPL22.index(joint)
        rotations[at, index] = unit(multiply(rotations[at, index], turn))
    return replace(motion, root_position_m=root, contacts=contacts, joint_rotations_wxyz=rotations)


SWING_S = 0.40
"""Time to bring the feet to the floor under a bar."""
DRAW_UP_RAD = np.deg2rad([-70, 45, -25])
"""How far hip, knee and ankle are bent beyond the way they go, half way to the floor."""
PUSH_M, PUSH_S = 0.12, 0.30
"""The push off the floor is this long or takes this much time, whichever is less."""


def jump_to_the_bar(motion: Motion, part: Part, speed_m_s: float) -> Motion:
    """Start a pull from the bar with a jump off the floor.

    The legs come down, the feet are planted, the legs push to the take-off speed, the body flies
    with the hands loose on the bar, and the arms take over what is left of the way.
    """
    frames = part.frames(motion)
    own, dt = motion.phase[frames], 1 / motion.fps
    top = int(own.argmax())
    height = motion.root_position_m[frames, 2]
    times = np.arange(len(own)) * dt
    push_m = min(PUSH_M, speed_m_s * PUSH_S / 2)
    push_s = 2 * push_m / speed_m_s
    # At least two frames fly, so that the take-off can be seen.
    flight_s = max(0.7 * speed_m_s / GRAVITY_M_S2, 2.2 * dt)
    since_push, since_off = times - SWING_S, times - SWING_S - push_s
    since_caught = since_off - flight_s
    catch_s = times[top] - SWING_S - push_s - flight_s
    if catch_s < 0.2:
        raise FormbenchError(
            f"{motion.exercise}: a jump at {speed_m_s:g} m/s needs at least "
            f"{SWING_S + push_s + flight_s + 0.2:.1f} s to the top, got {times[top]:.1f} s"
        )
    ballistic = speed_m_s * since_off - GRAVITY_M_S2 / 2 * since_off**2
    caught_m = push_m + speed_m_s * flight_s - GRAVITY_M_S2 / 2 * flight_s**2
    caught_speed = speed_m_s - GRAVITY_M_S2 * flight_s
    rise = np.where(since_push > 0, push_m * np.clip(since_push / push_s, 0, 1) ** 2, 0.0)
    flying = (since_off > 0) & (since_caught < 0)
    rise[flying] = push_m + ballistic[flying]
    pulling = (since_caught >= 0) & (times < times[top])
    rise[pulling] = _hermite(since_caught / catch_s, caught_m, height[top] - height[0],
                             caught_speed * catch_s, 0.0)[pulling]  # fmt: skip
    wanted = own.copy()
    wanted[:top] = np.interp(height[0] + rise[:top], np.maximum.accumulate(height[: top + 1]),
                             own[: top + 1])  # fmt: skip
    jumped = along_own_way(motion, frames, wanted)
    standing = (times >= SWING_S) & (since_off <= 0)
    down = np.clip(times / SWING_S, 0, 1)
    up = np.clip(since_caught / min(catch_s + 0.3, 0.6), 0, 1)
    weight = down**2 * (3 - 2 * down) - up**2 * (3 - 2 * up)
    last_push_m = push_m - rise[np.flatnonzero(standing)[-1]]
    return _legs_to_floor(jumped, frames, weight, standing, flying, last_push_m)


def _legs_to_floor(
    motion: Motion,
    frames: slice,
    weight: np.ndarray,
    standing: np.ndarray,
    flying: np.ndarray,
    last_push_m: float,
) -> Motion:
    """Blend the legs from their own posture to flat feet under the hips.

    In flight they are held as at the take-off, when the hips are `last_push_m` higher than at the
    last frame on the floor.
    """
    root = motion.root_position_m[frames]
    world = SMPL22.world_orientations(motion.joint_rotations_wxyz[frames])
    joints = SMPL22.positions(root, world)
    last_stand = int(np.flatnonzero(standing)[-1])
    held = np.minimum(np.arange(len(root)), last_stand)
    taken_off = (np.arange(len(root)) > last_stand)[:, None] * np.array([0, 0, last_push_m])
    active = np.flatnonzero(weight > 0)
    at = frames.start + active
    rotations, contacts = motion.joint_rotations_wxyz.copy(), motion.contacts.copy()
    flat = np.broadcast_to(IDENTITY_WXYZ, (len(root), 4))
    for limb in (LIMBS["left_foot"], LIMBS["right_foot"]):
        hip, knee, ankle = (SMPL22.index(n) for n in (limb.root, limb.middle, limb.end))
        planted = np.array([joints[0, hip, 0], joints[0, hip, 1] - 0.05, ANKLE_HEIGHT_M])
        # A first guess with the knee ahead; the reach makes it exact where the feet stand.
        thigh = np.broadcast_to(about(X_AXIS, -0.4), (len(root), 4))
        shin = np.broadcast_to(about(X_AXIS, 0.3), (len(root), 4))
        thigh, shin = two_bone_ik(
            thigh, shin, SMPL22.offsets_m[knee], SMPL22.offsets_m[ankle],
            planted - joints[held, hip] - taken_off, np.array(limb.bend_axis),
        )  # fmt: skip
        chain = (world[:, 0], thigh, shin, flat)
        goal = [multiply(inverse(parent), child) for parent, child in pairwise(chain)]
        # Half way the knees are drawn up and the toes lifted, so that the feet clear the floor.
        half_way = 4 * weight * (1 - weight)
        goal = [
            multiply(turn, about(X_AXIS, extra * half_way))
            for turn, extra in zip(goal, DRAW_UP_RAD, strict=True)
        ]
        for step, joint in enumerate((hip, knee, ankle)):
            share = 1 - (1 - weight) ** 3 if joint == ankle else weight
            rotations[at, joint] = unit(
                slerp(rotations[at, joint], goal[step][active], share[active])
            )
    contacts[frames.start + np.flatnonzero(standing)] = [True, True, True, True]
    contacts[frames.start + np.flatnonzero(flying)] = False
    return replace(motion, joint_rotations_wxyz=rotations, contacts=contacts)


STANDING_M = 2.5e-3
"""An ankle this near to its height on a flat foot stands."""
RIGID_M = 2e-3
"""Legs whose length changes no more than this fly as one with the pelvis."""


def measure_jump(performance: Performance, rep: Span, side: str) -> float:
    """Return the speed at which the feet leave the floor in a repetition, m/s; 0 if they do not.

    Read from the ankles: while they rise as one with the pelvis after having stood, their height
    over the floor is c0 + c1 t - g t^2 / 2 (least squares), so the speed at height 0 is
    sqrt(c1^2 + 2 g c0).
    """
    frames = rep.frames(performance.fps, performance.n_frames)
    joints = performance.joints_world_m[frames]
    ankles = joints[:, [SMPL22.index("left_ankle"), SMPL22.index("right_ankle")], 2].mean(axis=1)
    height = ankles - performance.body.ankle_height_m
    leg = joints[:, 0, 2] - ankles
    standing = np.abs(height) < STANDING_M
    best = 0.0
    for last in np.flatnonzero(standing[:-1] & (height[1:] >= STANDING_M)):
        stop = last + 2
        while (
            stop < len(height)
            and height[stop] >= STANDING_M
            and (abs(leg[stop] - leg[last + 1]) < RIGID_M)
        ):
            stop += 1
        if stop - last - 1 < 2:
            continue
        t = np.arange(1, stop - last) / performance.fps
        rise = height[last + 1 : stop] + GRAVITY_M_S2 / 2 * t**2
        c1, c0 = np.polyfit(t, rise, 1)
        best = max(best, float(np.sqrt(max(c1**2 + 2 * GRAVITY_M_S2 * c0, 0))))
    return best


def _hermite(
    share: np.ndarray, start: float, end: float, start_slope: float, end_slope: float
) -> np.ndarray:
    """Cubic from start to end over share 0..1 with the given slopes per unit of share."""
    s = np.clip(share, 0, 1)
    return (
        (2 * s**3 - 3 * s**2 + 1) * start
        + (s**3 - 2 * s**2 + s) * start_slope
        + (-2 * s**3 + 3 * s**2) * end
        + (s**3 - s**2) * end_slope
    )
