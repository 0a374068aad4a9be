"""The dance phrase's faults. Ranges and evidence: faults reference, section 3.14."""

import numpy as np

from motions.motion import Motion, Span
from simulator.faults.arm_faults import ARM_JOINTS, LEFT_OR_RIGHT
from simulator.faults.arm_readings import arm_elevation_rad
from simulator.faults.edits import ARMS, HANDS, WHOLE_BODY, delay
from simulator.faults.incomplete_range import measure_range
from simulator.faults.limb_edits import bend_elbows, bring, canonical, raise_less
from simulator.faults.readings import bend_rad
from simulator.faults.spec import FaultSpec
from simulator.faults.window import THROUGHOUT, Part, Window
from simulator.performance import Performance


def thrown(joints: np.ndarray) -> str:
    """Return the side whose arm is thrown up higher."""
    return max(LEFT_OR_RIGHT, key=lambda s: arm_elevation_rad(joints, canonical(), s).max())


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
    bones = (*(f"{side}_collar" for side in LEFT_OR_RIGHT), *ARMS, *HANDS)
    return delay(motion, part, bones, late_s)


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
)
