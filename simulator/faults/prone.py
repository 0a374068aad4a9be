"""Faults of the line from shoulders over hips to ankles, in the push-up and the plank.

Their size is how far that line is bent at the hips, downwards or upwards.
"""

from typing import Literal

import numpy as np

from motions.geometry import Z_AXIS
from motions.limb_geometry import UPPER_ARM_M
from motions.motion import CONTACT_POINTS, Motion, Span
from simulator.bodies.body import Body
from simulator.faults.edits import (
    ARMS,
    CHEST,
    FEET,
    HANDS,
    HEAD,
    LEGS,
    LUMBAR,
    TRUNK,
    Amount,
    move,
    put_back,
    turn,
)
from simulator.faults.limb_edits import bring
from simulator.faults.readings import Over, at, hips_off_line_rad, reading_deg
from simulator.faults.spec import FaultSpec
from simulator.faults.trunk_edits import round_upper_back
from simulator.faults.window import Part, Window
from simulator.performance import Performance

LINE_JOINTS = (*TRUNK, *HEAD, *ARMS, *HANDS, *LEGS, *FEET)
LEGS_SHARE = 0.4
"""How much of the bend is the legs turning; with the rest for the trunk the shoulders stay as high.
"""
LAG_RAD_S = 1.5
"""How far hips hang below the line that come up a second later, in a usual push-up."""
LINE_M = 1.3
"""From the ankles to the shoulders."""
HELD = 0.98
"""The share of the farthest phase from which on a pose is held."""
PLAY_M = 0.01
"""How far hips come towards the feet for each radian that they are turned."""
_FEET_AND_HANDS = (("left_foot", "right_foot"), ("left_hand", "right_hand"))


def hips_off_line(
    exercise: str,
    way: Literal["low", "high"],
    *,
    name: str,
    title: str,
    sentence: str,
    cue: str,
    correct: float,
    mild: float,
    severe: float,
    window: Window,
    over: Over,
    evidence: str,
) -> FaultSpec:
    """Describe hips that hang below the line with an arched lower back, or are bent over it."""
    bend, curve = (arch, hips_below_rad) if way == "low" else (pike, hips_off_line_rad)
    return FaultSpec(
        id=f"{exercise}.{name}",
        title=title,
        sentence=sentence,
        cue=cue,
        unit="deg",
        neutral=0.0,
        correct=correct,
        mild=mild,
        severe=severe,
        joints=LINE_JOINTS,
        edit=bring(bend, curve),
        measure=reading_deg(curve, over),
        window=window,
        excludes=("hip line",),
        evidence=evidence,
    )


def hips_below_rad(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the line at the hips is bent downwards."""
    return -hips_off_line_rad(joints, body, side)


def arch(motion: Motion, part: Part, angle_rad: Amount) -> Motion:
    """Lower the hips by an angle of the line; the back arches, and the arms stay as bent.

    The body is put back on hands and feet by the retargeting.
    """
    legs, chest = LEGS_SHARE * angle_rad, (LEGS_SHARE - 1) * angle_rad
    turns = dict.fromkeys(LEGS, legs) | {"pelvis": legs / 2}
    turns |= {LUMBAR[0]: chest / 2} | dict.fromkeys((LUMBAR[1], *CHEST, *HEAD), chest)
    return turn(motion, part, turns, of="pelvis")


def sink(motion: Motion, part: Part, growth_deg: float) -> Motion:
    """Lower the hips more and more, evenly while the pose is held."""
    frames, _ = part.weights(motion)
    held = np.flatnonzero(_is_held(motion.phase[frames]))
    numbers = np.arange(frames.stop - frames.start)
    share = np.interp(numbers, held[[0, -1]], [0.0, 1.0])
    # Between the middles of the first and the last third lie two thirds of the way.
    return arch(motion, part, 1.5 * np.deg2rad(growth_deg) * share)


def growth_held(values: np.ndarray, phase: np.ndarray) -> float:
    """Return how much more a curve is in the last third of the time held than in the first."""
    held = values[_is_held(phase)]
    third = max(1, len(held) // 3)
    return float(held[-third:].mean() - held[:third].mean())


def _is_held(phase: np.ndarray) -> np.ndarray:
    return phase >= HELD * phase.max()


def pike(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Raise the hips by an angle of the line, over hands and feet that stay; the hips bend."""
    turns = dict.fromkeys(LEGS, -LEGS_SHARE * angle_rad)
    turns |= dict.fromkeys(TRUNK, (1 - LEGS_SHARE) * angle_rad)
    return put_back(turn(motion, part, turns, of="pelvis"), part, motion, *_FEET_AND_HANDS)


def measure_worming(performance: Performance, rep: Span, side: str) -> float:
    """Return how long after the shoulders the hips are half way up, in seconds.

    Half way up is where hips would be in one piece with shoulders that have come half of their way,
    so that hips that stick up are not late.
    """
    frames = rep.frames(performance.fps, performance.n_frames)
    phase = performance.motion.phase[frames]
    start = len(phase) - 1 - int(phase[::-1].argmax())
    joints = performance.joints_world_m[frames]
    ankles_m, hips_m, shoulders_m = (at(joints, n)[:, 2] for n in ("ankle", "hip", "shoulder"))
    share = (shoulders_m[0] - ankles_m[0]) / (hips_m[0] - ankles_m[0])
    in_one_piece_m = ankles_m + share * (hips_m - ankles_m)
    half_way_m = (shoulders_m[start] + shoulders_m[0]) / 2
    times = [
        np.interp(half_way_m, np.maximum.accumulate(way_m[start:]), np.arange(len(way_m) - start))
        for way_m in (shoulders_m, in_one_piece_m)
    ]
    return float(times[1] - times[0]) / performance.fps


def let_hips_lag(motion: Motion, part: Part, lag_s: float) -> Motion:
    """Let the hips come up some time after the shoulders, by hanging below the line meanwhile."""
    return arch(motion, part, LAG_RAD_S * lag_s)


def round_on_elbows(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Hunch the upper back of a body on elbows and toes."""
    turned = round_upper_back(motion, part, angle_rad)
    return put_back(turned, part, motion, *_FEET_AND_HANDS)


def shift_ahead(motion: Motion, part: Part, ahead_m: float) -> Motion:
    """Put the elbows so far behind the shoulders; the upper arms slope and the body is lower."""
    slope_rad = np.arcsin(np.clip(ahead_m / UPPER_ARM_M, -1, 1))
    lower_rad = UPPER_ARM_M * (1 - np.cos(slope_rad)) / LINE_M
    turns = dict.fromkeys((*LEGS, *TRUNK), lower_rad)
    turns |= dict.fromkeys(("left_shoulder", "right_shoulder"), slope_rad)
    return put_back(turn(motion, part, turns, of="pelvis"), part, motion, _FEET_AND_HANDS[0])


def turn_hips(motion: Motion, part: Part, angle_rad: float) -> Motion:
    """Turn hips and lower back about the trunk so that the hip on the part's side drops."""
    down = -angle_rad if part.side == "left" else angle_rad
    turns = {"pelvis": down, LUMBAR[0]: 0.6 * down, LUMBAR[1]: 0.3 * down}
    turned = put_back(turn(motion, part, turns, Z_AXIS), part, motion, *_FEET_AND_HANDS)
    # The legs need some play, or the higher one is straight and its knee jerks.
    back_m = (0.0, PLAY_M * angle_rad, 0.0)
    return move(turned, part, {"pelvis": back_m}, keep=CONTACT_POINTS)
