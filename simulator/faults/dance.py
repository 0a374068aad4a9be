"""The dance phrase's faults. Ranges and evidence: faults reference, section 3.14."""

import numpy as np

from motions.motion import Motion, Span
from simulator.faults.arm_faults import ARM_JOINTS
from simulator.faults.arm_readings import arm_elevation_rad
from simulator.faults.edits import WHOLE_BODY, delay
from simulator.faults.incomplete_range import measure_range
from simulator.faults.limb_edits import bend_elbows, bring, raise_less
from simulator.faults.phrase import (
    WHOLE_ARMS,
    even_out,
    measure_pulse,
    measure_sway,
    measure_wrong_arm,
    swap_arms,
    sway_on,
    thrown,
)
from simulator.faults.readings import bend_rad
from simulator.faults.spec import FaultSpec
from simulator.faults.window import THROUGHOUT, Part, Window
from simulator.performance import Performance


def measure_late(performance: Performance, rep: Span, side: str) -> float:
    """Return how many seconds the arms' throw comes after the middle of the phrase's accent.

    Each is taken half way between rising through half of its range and falling through it.
    """
    frames = rep.frames(performance.fps, performance.n_frames)
    joints, body = performance.joints_world_m[frames], performance.body
    arms = arm_elevation_rad(joints, body, "left") + arm_elevation_rad(joints, body, "right")
    accent = performance.motion.phase[frames]
    return (_middle(arms) - _middle(accent)) / performance.fps


def measure_thrown_bend(performance: Performance, rep: Span, side: str) -> float:
    """Return how far the elbow of the thrown arm is bent where that arm is highest, in degrees."""
    frames = rep.frames(performance.fps, performance.n_frames)
    joints, body = performance.joints_world_m[frames], performance.body
    arm = thrown(joints)
    highest = int(arm_elevation_rad(joints, body, arm).argmax())
    return float(np.rad2deg(bend_rad("hand")(joints, body, arm)[highest]))


def _middle(values: np.ndarray) -> float:
    above = values - (values.max() + values.min()) / 2
    rises, falls = (np.flatnonzero((s * above[:-1] < 0) & (s * above[1:] >= 0)) for s in (1, -1))
    edges = [i + above[i] / (above[i] - above[i + 1]) for i in (rises[0], falls[-1])]
    return float(sum(edges) / 2)


def delay_arms(motion: Motion, part: Part, late_s: float) -> Motion:
    """Let the arms go so much later than everything else."""
    return delay(motion, part, WHOLE_ARMS, late_s)


DANCE_FAULTS = (
    FaultSpec(
        id="dance.late_arms",
        title="Arms behind the beat",
        sentence="The arms come after the beat.",
        cue="Throw your arms on the beat, together with the hop.",
        unit="s",
        neutral=0.0,
        correct=0.05,
        mild=0.08,
        severe=0.2,
        joints=WHOLE_BODY,
        edit=delay_arms,
        measure=measure_late,
        window=Window(onset=0.4, release=0.5),
        evidence="D",
    ),
    FaultSpec(
        id="dance.small_arms",
        title="Small movement",
        sentence="The arms are thrown only part of the way.",
        cue="Make it big: all the way out and up.",
        unit="",
        neutral=1.0,
        correct=0.85,
        mild=0.8,
        severe=0.4,
        joints=ARM_JOINTS,
        edit=raise_less,
        measure=measure_range,
        window=THROUGHOUT,
        excludes=("range",),
        evidence="D",
    ),
    FaultSpec(
        id="dance.arm_line",
        title="Broken line of the arm",
        sentence="The thrown arm is bent at the accent.",
        cue="Stretch the arm to the fingertips.",
        unit="deg",
        neutral=2.0,
        correct=8.0,
        mild=12.0,
        severe=40.0,
        joints=ARM_JOINTS,
        edit=bring(bend_elbows, bend_rad("hand"), on=thrown),
        measure=measure_thrown_bend,
    ),
    FaultSpec(
        id="dance.missed_accent",
        title="Missed accent",
        sentence="The arms drift up, and the accent goes by without its pulse.",
        cue="Hold back, then throw the arm: hit the accent.",
        unit="",
        neutral=2.8,
        correct=2.4,
        mild=2.2,
        severe=1.7,
        joints=WHOLE_BODY,
        edit=even_out,
        measure=measure_pulse,
        window=None,
    ),
    FaultSpec(
        id="dance.mirrored_arms",
        title="Arms mirrored",
        sentence="The wrong arm is thrown: the arms do the phrase's mirror image.",
        cue="Throw the arm that is away from the side you hop to.",
        unit="",
        neutral=0.33,
        correct=0.42,
        mild=0.5,
        severe=0.65,
        joints=WHOLE_ARMS,
        edit=swap_arms,
        measure=measure_wrong_arm,
        window=THROUGHOUT,
    ),
    FaultSpec(
        id="dance.balance_loss",
        title="Landing not held",
        sentence="After the hop the body sways on over its feet.",
        cue="Land softly, and be still over your foot before you go again.",
        unit="m",
        neutral=0.0,
        correct=0.02,
        mild=0.03,
        severe=0.15,
        joints=WHOLE_BODY,
        edit=sway_on,
        measure=measure_sway,
        window=Window(to_phase=0.35, way="back", onset=0.9, rests=True),
    ),
)
