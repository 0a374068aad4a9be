"""One side does less than the other, or later: an arm that lags behind, hips that favour a leg."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, unit
from motions.motion import Motion, Span
from motions.skeleton import SMPL22
from simulator.bodies.body import Body
from simulator.faults.edits import CHEST, LUMBAR, TRUNK, delay, move, put_back, turn
from simulator.faults.incomplete_range import along_own_way
from simulator.faults.limb_edits import bring, canonical
from simulator.faults.readings import Curve, at, bend_rad, peak, reading
from simulator.faults.spec import FaultSpec
from simulator.faults.window import THROUGHOUT, Part
from simulator.performance import Performance

ARM = ("collar", "shoulder", "elbow", "wrist")
LEG = ("hip", "knee", "ankle")
OTHER = {"left": "right", "right": "left"}
_OUT = {"left": 1.0, "right": -1.0}
ROLL_SHARE, YAW_SHARE, SHIFT_M = 0.6, 0.6, 0.42
"""How far hips that favour a leg tip, turn and shift, for each radian between the knees."""


def uneven_arms(
    exercise: str,
    curve: Curve,
    *,
    sentence: str = "One arm does not go as far as the other.",
    cue: str = "Move both arms together, and stop where the weaker one can follow.",
    correct: float = 6.7,
    mild: float = 8.0,
    severe: float = 20.0,
) -> FaultSpec:
    """Describe an exercise's arm that does not go as far as the other, on the weak side.

    Args:
        exercise: Its name.
        curve: What the arms drive, by side.
        sentence: What a coach would say.
        cue: What a coach would say to mend it.
        correct: The largest difference that is correct, degrees; here and below the defaults are
            those of UI-PRMD's knees: 6.7 at the 90th percentile of correct repetitions, 12 to 15
            of incorrect ones.
        mild: The least that is the fault.
        severe: The largest made.
    """
    return _uneven(
        exercise, curve, tuple(f"{s}_{n}" for s in OTHER for n in ARM),
        partial(weaken_arm, curve=curve), sentence, cue, (correct, mild, severe),
    )  # fmt: skip


def uneven_legs(
    exercise: str,
    *,
    sentence: str = "The hips shift over to one leg, and the other bends less.",
    cue: str = "Push through both feet evenly and keep your hips level.",
) -> FaultSpec:
    """Describe an exercise's leg that bends less than the other, on the weak side."""
    shoulders = ("neck", "left_shoulder", "right_shoulder")
    joints = (*TRUNK, *shoulders, *(f"{s}_{n}" for s in OTHER for n in LEG))
    edit, marks = bring(_favour_leg, _less_bent_rad), (6.7, 8.0, 15.0)
    return _uneven(exercise, bend_rad("foot"), joints, edit, sentence, cue, marks)


def lateral_shift(
    exercise: str,
    *,
    sentence: str = "The hips shift over to one side.",
    cue: str = "Keep your hips in the middle, with as much weight on either foot.",
) -> FaultSpec:
    """Describe an exercise's hips that shift to one side of the middle of the feet."""
    return FaultSpec(
        id=f"{exercise}.lateral_shift",
        title="Hips to one side",
        sentence=sentence,
        cue=cue,
        unit="m",
        neutral=0.0,
        correct=0.012,
        mild=0.02,
        severe=0.08,
        joints=tuple(f"{s}_{n}" for s in OTHER for n in (*LEG, "foot")),
        edit=bring(_shift_hips, _hips_aside_m, scale=1.0),
        measure=reading(_hips_aside_m, peak),
        sides=("left", "right"),
        one_sided=True,
        excludes=("sides",),
    )


def late_arm(
    exercise: str,
    curve: Curve,
    *,
    sentence: str = "One arm comes after the other.",
    cue: str = "Start both arms together.",
) -> FaultSpec:
    """Describe an exercise's arm that comes later than the other, seconds, on the late side.

    Args:
        exercise: Its name.
        curve: What the arms drive, by side.
        sentence: What a coach would say.
        cue: What a coach would say to mend it.
    """
    return FaultSpec(
        id=f"{exercise}.late_arm",
        title="One arm late",
        sentence=sentence,
        cue=cue,
        unit="s",
        neutral=0.0,
        correct=0.04,
        mild=0.05,
        severe=0.25,
        joints=tuple(f"{s}_{n}" for s in OTHER for n in ARM),
        edit=_delay_arm,
        measure=partial(measure_late_arm, curve=curve),
        sides=("left", "right"),
        one_sided=True,
        window=THROUGHOUT,
        excludes=("sides",),
    )


def _uneven(
    exercise: str,
    curve: Curve,
    joints: tuple[str, ...],
    edit: Callable[[Motion, Part, float], Motion],
    sentence: str,
    cue: str,
    marks: tuple[float, float, float],
) -> FaultSpec:
    correct, mild, severe = marks
    return FaultSpec(
        id=f"{exercise}.asymmetry",
        title="One side does less",
        sentence=sentence,
        cue=cue,
        unit="deg",
        neutral=0.0,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=joints,
        edit=edit,
        measure=partial(measure_asymmetry, curve=curve),
        sides=("left", "right"),
        one_sided=True,
        excludes=("sides",),
        evidence="M",
    )


def weaken_arm(motion: Motion, part: Part, less_deg: float, curve: Curve) -> Motion:
    """Let the arm of the part's side go so much less far than the other."""
    frames, weights = part.weights(motion)
    top = frames.start + int(weights.argmax())
    joints = motion.joints_world_m[frames.start : top + 1]
    driving = curve(joints, canonical(), part.side)
    strong = curve(joints[-1:], canonical(), OTHER[part.side])[0]
    wanted = strong - np.deg2rad(less_deg)
    phase = motion.phase[frames]
    reached = float(np.interp(wanted, np.maximum.accumulate(driving), phase[: len(driving)]))
    share = 1 - weights * (1 - reached / phase[len(driving) - 1])
    weaker = along_own_way(motion, frames, phase * share)
    rotations = motion.joint_rotations_wxyz.copy()
    moved = [SMPL22.index(f"{part.side}_{name}") for name in ARM]
    rotations[frames, moved] = weaker.joint_rotations_wxyz[frames, moved]
    return replace(motion, joint_rotations_wxyz=rotations)


def _shift_hips(motion: Motion, part: Part, more_m: float) -> Motion:
    return move(motion, part, {"pelvis": _OUT[part.side] * more_m * X_AXIS})


def _hips_aside_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the pelvis is from the middle of the ankles to a side, from foot to foot."""
    across = unit((at(joints, "left_ankle") - at(joints, "right_ankle")) * [1, 1, 0])
    return np.sum((at(joints, "pelvis") - at(joints, "ankle")) * across, axis=-1) * _OUT[side]


def _delay_arm(motion: Motion, part: Part, late_s: float) -> Motion:
    return delay(motion, part, [f"{part.side}_{name}" for name in ARM], late_s)


def measure_late_arm(performance: Performance, span: Span, side: str, curve: Curve) -> float:
    """Return how long after the other side's arm that of a side is half way out, in seconds."""
    frames = span.frames(performance.fps, performance.n_frames)
    joints, body = performance.joints_world_m[frames], performance.body
    times = [_half_way_out(curve(joints, body, which)) for which in (side, OTHER[side])]
    return (times[0] - times[1]) / performance.fps


def _half_way_out(values: np.ndarray) -> float:
    out = np.maximum.accumulate(values[: int(values.argmax()) + 1])
    return float(np.interp((out[0] + out[-1]) / 2, out, np.arange(len(out))))


def _favour_leg(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Tip, turn and shift the hips to the other side, so that this side's leg bends less."""
    more = _OUT[part.side] * angle_rad
    trunk = dict.fromkeys((*LUMBAR, *CHEST), 0.6 * YAW_SHARE * more)
    tipped = turn(motion, part, {"pelvis": -ROLL_SHARE * more}, Y_AXIS)
    turned = turn(tipped, part, {"pelvis": YAW_SHARE * more, **trunk}, Z_AXIS, of="pelvis")
    standing = put_back(turned, part, motion, ("left_foot", "right_foot"))
    return move(standing, part, {"pelvis": -SHIFT_M * more * X_AXIS})


def _less_bent_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    bend = bend_rad("foot")
    return bend(joints, body, OTHER[side]) - bend(joints, body, side)


def measure_asymmetry(performance: Performance, span: Span, side: str, curve: Curve) -> float:
    """Return by how much a side's angle is below the other's where both together peak, degrees."""
    frames = span.frames(performance.fps, performance.n_frames)
    joints, body = performance.joints_world_m[frames], performance.body
    weak, strong = (curve(joints, body, which) for which in (side, OTHER[side]))
    return float(np.rad2deg((strong - weak)[(strong + weak).argmax()]))
