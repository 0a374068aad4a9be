"""What the dance phrase can lose: its accent, its sides, its balance. Edits and measures."""

from dataclasses import replace

import numpy as np

from motions.geometry import Y_AXIS, slerp, unit
from motions.motion import Motion, Span
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.faults.arm_readings import arm_elevation_rad
from simulator.faults.edits import ARMS, FEET, HANDS, WHOLE_BODY, delay, turn
from simulator.faults.limb_edits import canonical
from simulator.faults.readings import at
from simulator.faults.window import Part
from simulator.performance import Performance

SIDES = ("left", "right")
WHOLE_ARMS = (*(f"{side}_collar" for side in SIDES), *ARMS, *HANDS)
RAMP = 0.2
"""Share of an even rise of the arms in which they start, and in which they stop."""
EVEN_PULSE = 1 / (1 - RAMP)
"""Of a rise at one pace but for its ramps."""
LANDED_PHASE = 0.4
"""On the way back, when the hips have come to their place after the hop."""
SWAY_M = 0.55
"""How far the hips go aside for a radian of roll: less than they are high, for the legs give."""
_MIRROR_WXYZ = np.array([1.0, 1, -1, -1])


def thrown(joints: np.ndarray) -> str:
    """Return the side whose arm is thrown up higher."""
    return max(SIDES, key=lambda s: arm_elevation_rad(joints, canonical(), s).max())


def measure_pulse(performance: Performance, rep: Span, side: str) -> float:
    """Return how fast the thrown arm is at its fastest on its way up, for its mean speed there."""
    frames = rep.frames(performance.fps, performance.n_frames)
    return _pulse(_rise_rad(performance.joints_world_m[frames], performance.body))


def even_out(motion: Motion, part: Part, pulse: float) -> Motion:
    """Let both arms rise to the accent, along their own way, at a more even pace."""
    frames = part.frames(motion)
    rise_rad = _rise_rad(motion.joints_world_m[frames], canonical())
    own = _pulse(rise_rad)
    # A little more each frame, so that each height is passed once.
    rise_rad = np.maximum.accumulate(rise_rad) + 1e-3 * np.arange(len(rise_rad))
    even_rad = rise_rad[0] + (rise_rad[-1] - rise_rad[0]) * _even(len(rise_rad))
    wanted_rad = rise_rad + np.clip((own - pulse) / (own - EVEN_PULSE), 0, 1) * (
        even_rad - rise_rad
    )
    now = np.arange(len(rise_rad))
    late = np.zeros(frames.stop - frames.start)
    late[now] = now - np.interp(wanted_rad, rise_rad, now)
    return delay(motion, replace(part, window=None), WHOLE_ARMS, late / motion.fps)


def measure_wrong_arm(performance: Performance, rep: Span, side: str) -> float:
    """Return how high the arm rises on the side that the hop goes to, as a share of both arms."""
    frames = rep.frames(performance.fps, performance.n_frames)
    return _wrong_share(performance.joints_world_m[frames], performance.body)


def swap_arms(motion: Motion, part: Part, share: float) -> Motion:
    """Let each arm do what the other does, seen in a mirror, so far that the shares are so."""
    frames, weights = part.weights(motion)
    own = _wrong_share(motion.joints_world_m[frames], canonical())
    weights = weights * (share - own) / (1 - 2 * own)
    arms = [SMPL22.index(joint) for joint in WHOLE_ARMS]
    local = motion.joint_rotations_wxyz[frames]
    mirrored = local[:, SMPL22.mirror] * _MIRROR_WXYZ
    rotations = motion.joint_rotations_wxyz.copy()
    active = frames.start + np.flatnonzero(weights)
    swapped = unit(slerp(local[:, arms], mirrored[:, arms], weights[:, None]))
    rotations[active[:, None], arms] = swapped[active - frames.start]
    return replace(motion, joint_rotations_wxyz=rotations)


def measure_sway(performance: Performance, rep: Span, side: str) -> float:
    """Return how far the hips go on to the side again once they have landed, in metres."""
    frames = rep.frames(performance.fps, performance.n_frames)
    aside_m = at(performance.joints_world_m[frames], "pelvis") @ _hop(performance.motion, rep)
    phase = performance.motion.phase[frames]
    landed = np.arange(len(phase)) > phase.argmax()
    landed_m = aside_m[landed & (phase < LANDED_PHASE)]
    return float((landed_m - np.minimum.accumulate(landed_m)).max())


def sway_on(motion: Motion, part: Part, size_m: float) -> Motion:
    """Sway as one piece over the feet, the way that the hop went."""
    roll_rad = np.sign(_hop(motion, part.span)[0]) * size_m / SWAY_M
    bones = [bone for bone in WHOLE_BODY if bone not in FEET]
    return turn(motion, part, dict.fromkeys(bones, roll_rad), Y_AXIS, of="pelvis")


def _hop(motion: Motion, rep: Span) -> np.ndarray:
    """Return the level direction in which a repetition hops. Shape (3,)."""
    root_m = motion.root_position_m[rep.frames(motion.fps, motion.n_frames)]
    return unit((root_m[-1] - root_m[0]) * [1, 1, 0])


def _rise_rad(joints: np.ndarray, body: Body) -> np.ndarray:
    """Return the elevation of the thrown arm until it is highest."""
    up_rad = arm_elevation_rad(joints, body, thrown(joints))
    return up_rad[: int(up_rad.argmax()) + 1]


def _pulse(rise: np.ndarray) -> float:
    """Return the largest step over two frames for the mean of all.

    >>> _pulse(np.array([0.0, 1.0, 5.0, 6.0]))
    1.25
    """
    return float((rise[2:] - rise[:-2]).max() / 2 * (len(rise) - 1) / np.ptp(rise))


def _even(n_frames: int) -> np.ndarray:
    """Return a way from 0 to 1 at one pace, but for RAMP of the time at both ends."""
    share = np.linspace(0, 1, n_frames)
    ends = np.minimum(share, 1 - share)
    gone = np.where(ends < RAMP, ends**2 / (2 * RAMP), ends - RAMP / 2) / (1 - RAMP)
    return np.where(share <= 0.5, gone, 1 - gone)


def _wrong_share(joints: np.ndarray, body: Body) -> float:
    gone = at(joints, "pelvis")[-1] - at(joints, "pelvis")[0]
    leftwards = gone @ (at(joints, "left_hip") - at(joints, "right_hip")).mean(axis=0)
    right, wrong = SIDES if leftwards < 0 else SIDES[::-1]
    up = {s: arm_elevation_rad(joints, body, s).max() for s in SIDES}
    return float(up[wrong] / (up[wrong] + up[right]))
