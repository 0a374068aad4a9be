"""The jumping jack's faults. Ranges and evidence: faults reference, section 3.9."""

from dataclasses import replace

import numpy as np

from motions.exercises.jumping_jack import RISE_M, TOUCH_DOWN
from motions.motion import Motion, Span
from simulator.bodies.body import Body
from simulator.faults.arm_faults import LEFT_OR_RIGHT, arms_low, bent_elbows
from simulator.faults.arm_readings import arm_elevation_rad
from simulator.faults.edits import ARMS, FEET, HANDS, LEGS, WHOLE_BODY, delay, move
from simulator.faults.jump import GRAVITY_M_S2
from simulator.faults.limb_edits import bend_knees, bring, canonical
from simulator.faults.readings import at, bend_rad, peak, reading, reading_deg
from simulator.faults.spec import FaultSpec
from simulator.faults.window import Part, Window
from simulator.performance import Performance

LANDING = Window(from_phase=0.3, onset=0.5, release=0.5)
"""From before the feet come down apart until after they have left again."""
CYCLE_S = 1.05
"""How long a jack takes on average."""


def ankles_apart(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the ankles are apart, in widths of the shoulders as they are in the T-pose."""
    joints_m = body.skeleton.offsets_m
    half_m = sum(
        joints_m[body.skeleton.index(f"left_{name}"), 0] for name in ("collar", "shoulder")
    )
    gap_m = np.linalg.norm((at(joints, "left_ankle") - at(joints, "right_ankle"))[..., :2], axis=-1)
    return gap_m / (2 * half_m)


def feet_clear_m(joints: np.ndarray, body: Body, side: str) -> np.ndarray:
    """Read how far the lower one of the balls of the feet is off the floor."""
    standing_m = body.ankle_height_m + body.skeleton.offsets_m[body.skeleton.index("left_foot"), 2]
    balls = [at(joints, f"{one}_foot")[..., 2] for one in LEFT_OR_RIGHT]
    return np.minimum(*balls) - standing_m


def over_landing(values: np.ndarray, phase: np.ndarray) -> float:
    """Return the largest value from when the feet come down apart until they leave."""
    return float(values[phase >= TOUCH_DOWN * phase.max()].max())


def measure_lag(performance: Performance, rep: Span, side: str) -> float:
    """Return how much later the arms are half way up than the feet are half way apart.

    As a share of the repetition.
    """
    frames = rep.frames(performance.fps, performance.n_frames)
    joints, body = performance.joints_world_m[frames], performance.body
    arms = arm_elevation_rad(joints, body, "left") + arm_elevation_rad(joints, body, "right")
    crossings = [_half_way_up(curve) for curve in (arms, ankles_apart(joints, body, side))]
    return (crossings[0] - crossings[1]) / (frames.stop - frames.start)


def _half_way_up(values: np.ndarray) -> float:
    """Return the frame, between frames, at which a curve last rises through half of its range."""
    above = values - (values.max() + values.min()) / 2
    rises = np.flatnonzero((above[:-1] < 0) & (above[1:] >= 0))
    first = int(rises[-1])
    return first + float(above[first] / (above[first] - above[first + 1]))


def keep_feet_narrow(motion: Motion, part: Part, width: float) -> Motion:
    """Hop only so many shoulder widths apart, the knees bent as before."""
    frames, _ = part.weights(motion)
    joints = motion.joints_world_m[frames]
    apart = ankles_apart(joints, canonical(), "both")
    share = (width - apart[0]) / (apart.max() - apart[0])
    less = (1 - share) * (apart - apart[0]) / apart / 2
    feet_m = (at(joints, "left_ankle") - at(joints, "right_ankle")) * [1, 1, 0] * less[:, None]
    return bend_knees(
        motion, part, dict.fromkeys(LEFT_OR_RIGHT, 0.0), {"left": -feet_m, "right": feet_m}
    )


def step_apart(motion: Motion, part: Part, clear_m: float) -> Motion:
    """Step from foot to foot, the left one first, so that both are up at once for less time.

    In a flight of t seconds feet rise by g t^2 / 8; whole frames of it are taken away.
    """
    frames, _ = part.weights(motion)
    flying = np.logical_not(motion.contacts[frames].any(axis=1))
    n_flights = int(np.sum(flying[1:] & ~flying[:-1]))
    # Between the last frame on the floor and the first one again lies one more than flies.
    flight = round(float(flying.sum()) / n_flights) + 1
    wanted = round(np.sqrt(8 * max(clear_m, 0.0) / GRAVITY_M_S2) * motion.fps)
    apart = flight - min(max(wanted, 1), flight)
    early = {"left": apart // 2, "right": apart // 2 - apart}
    joints = motion.joints_world_m[frames]
    number = np.arange(len(joints))
    contacts = motion.contacts.copy()
    offsets_m = {}
    for column, (side, by) in enumerate(early.items()):
        then = np.clip(number + by, 0, number[-1])
        ankle = at(joints, f"{side}_ankle")
        offsets_m[f"{side}_foot"] = ankle[then] - ankle
        contacts[frames, column] = motion.contacts[frames.start + then, column]
        motion = delay(motion, part, (f"{side}_ankle", f"{side}_foot"), -by / motion.fps)
    phase = motion.phase[frames]
    sunk_m = RISE_M * 4 * np.maximum(phase * (1 - phase), 0.0) * apart / flight
    offsets_m["pelvis"] = sunk_m[:, None] * [0.0, 0.0, -1.0]
    return replace(move(motion, part, offsets_m), contacts=contacts)


def land_stiffly(motion: Motion, part: Part, more_rad: float) -> Motion:
    """Bend the knees less on landing."""
    return bend_knees(motion, part, dict.fromkeys(LEFT_OR_RIGHT, more_rad))


def delay_arms(motion: Motion, part: Part, share: float) -> Motion:
    """Let the arms go a share of a jack later than the legs."""
    bones = (*(f"{side}_collar" for side in LEFT_OR_RIGHT), *ARMS, *HANDS)
    return delay(motion, part, bones, share * CYCLE_S)


JUMPING_JACK_FAULTS = (
    arms_low(
        "jumping_jack",
        (166.0, 150.0, 140.0, 80.0),
        "The arm does not come up overhead.",
        "Swing your arms all the way up over your head.",
        "E",
    ),
    FaultSpec(
        id="jumping_jack.feet_narrow",
        title="Feet too close",
        sentence="The feet land too close together.",
        cue="Hop wider than your shoulders.",
        unit="",
        neutral=1.75,
        correct=1.4,
        mild=1.2,
        severe=0.7,
        joints=(*LEGS, *FEET),
        edit=keep_feet_narrow,
        measure=reading(ankles_apart, peak),
        window=None,
        excludes=("stance",),
    ),
    FaultSpec(
        id="jumping_jack.out_of_sync",
        title="Arms out of time",
        sentence="The arms come up later than the feet go apart.",
        cue="Move arms and legs together: out and up, in and down.",
        unit="",
        neutral=0.0,
        correct=0.05,
        mild=0.1,
        severe=0.4,
        joints=WHOLE_BODY,
        edit=delay_arms,
        measure=measure_lag,
        whole_set=True,
        window=None,
    ),
    FaultSpec(
        id="jumping_jack.no_jump",
        title="No hop",
        sentence="The feet step out one after the other instead of hopping.",
        cue="Hop off both feet at once.",
        unit="m",
        neutral=0.04,
        correct=0.02,
        mild=0.012,
        severe=0.0,
        joints=(*LEGS, *FEET),
        edit=step_apart,
        measure=reading(feet_clear_m, peak),
        window=None,
        excludes=("hop",),
    ),
    FaultSpec(
        id="jumping_jack.stiff_landing",
        title="Stiff landing",
        sentence="The legs land straight and do not take up the shock.",
        cue="Land softly, with bent knees.",
        unit="deg",
        neutral=36.0,
        correct=25.0,
        mild=20.0,
        severe=8.0,
        joints=(*LEGS, *FEET),
        edit=bring(land_stiffly, bend_rad("foot")),
        measure=reading_deg(bend_rad("foot"), over_landing),
        window=LANDING,
    ),
    bent_elbows(
        "jumping_jack",
        (14.0, 25.0, 40.0, 90.0),
        "The elbow is bent while the arms swing.",
        "Keep your arms long.",
        "E",
    ),
)
