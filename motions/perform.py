"""An exercise in a style becomes a motion."""

from dataclasses import replace

import numpy as np

from motions.exercise import Exercise
from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about, unit
from motions.motion import CONTACT_POINTS, Motion, Span, turned_by
from motions.pinning import end_joints, lift_into_reach, pin_limbs
from motions.skeleton import SMPL22
from motions.variation import RepStyle, Style


def perform(exercise: Exercise, style: Style, fps: float) -> Motion:
    """Make the reference motion of one set.

    Args:
        exercise: What to do.
        style: Who does it and when.
        fps: Frames per second of the result.

    Returns:
        A motion whose repetitions span the ways out and back with the hold between, so that rests
        belong to none.
    """
    reps = _spans(style)
    n_frames = int(np.floor((reps[-1].end_s + style.reps[-1].rest_s) * fps)) + 1
    times_s = np.arange(n_frames) / fps
    phase = np.zeros(n_frames)
    for span, rep in zip(reps, style.reps, strict=True):
        phase += rep.depth * _excursion(times_s - span.start_s, rep)
    pose = exercise.pose(phase, style)
    motion = Motion(
        exercise=exercise.name,
        fps=fps,
        root_position_m=pose.root_m,
        joint_rotations_wxyz=unit(SMPL22.local_rotations(pose.world_wxyz)),
        contacts=np.tile([point in exercise.contacts for point in CONTACT_POINTS], (n_frames, 1)),
        reps=reps,
        phase=phase,
    )
    for wave in style.waves:
        sway = wave.amplitude_rad * np.sin(2 * np.pi * wave.frequency_hz * times_s + wave.phase_rad)
        motion = turned_by(motion, wave.joint, about((X_AXIS, Y_AXIS, Z_AXIS)[wave.axis], sway))
    return _held_to_the_bar(motion) if exercise.hangs else motion


def _held_to_the_bar(motion: Motion) -> Motion:
    """Put swaying hands back where they were at first: the body moves, then the arms bend."""
    root, world = motion.root_position_m, motion.world_orientations_wxyz
    ends = end_joints(SMPL22, root, world)
    # A bar is straight and level: both hands at one height, equally far to the sides.
    level = (ends[0] + ends[0][[1, 0, 3, 2]] * np.array([-1.0, 1.0, 1.0])) / 2
    targets = np.broadcast_to(level, ends.shape)
    on_bar = motion.contacts
    root = root + (targets - ends)[:, on_bar[0]].mean(axis=1)
    root = lift_into_reach(SMPL22, root, world, targets, on_bar)
    world = pin_limbs(SMPL22, root, world, targets, on_bar)
    return replace(
        motion,
        root_position_m=root,
        joint_rotations_wxyz=unit(SMPL22.local_rotations(world)),
    )


def minimum_jerk(share: np.ndarray) -> np.ndarray:
    """Go from 0 to 1 with the least jerk, at rest at both ends (Flash and Hogan 1985).

    `share` is the share of the time that has passed; before 0 and after 1 the value stays.

    >>> minimum_jerk(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])).tolist()
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    s = np.clip(share, 0, 1)
    return s**3 * (10 - 15 * s + 6 * s**2)


def _excursion(times_s: np.ndarray, rep: RepStyle) -> np.ndarray:
    out = minimum_jerk(times_s / rep.out_s)
    back = minimum_jerk((times_s - rep.out_s - rep.hold_s) / rep.back_s)
    return out - back


def _spans(style: Style) -> tuple[Span, ...]:
    spans, start_s = [], style.settle_s
    for rep in style.reps:
        end_s = start_s + rep.out_s + rep.hold_s + rep.back_s
        spans.append(Span(start_s, end_s))
        start_s = end_s + rep.rest_s
    return tuple(spans)
