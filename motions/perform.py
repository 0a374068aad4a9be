"""An exercise in a style becomes a motion."""

from dataclasses import replace

import numpy as np

from motions.easing import minimum_jerk
from motions.exercise import Exercise
from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about, unit
from motions.motion import CONTACT_POINTS, MIRRORED_CONTACTS, Motion, Span, turned_by
from motions.planting import CANONICAL, HANDS, Bar, plant
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
    pose = exercise.pose(_course(times_s, style, reps) if exercise.one_way else phase, style)
    carries = [point in exercise.contacts for point in CONTACT_POINTS]
    contacts = np.tile(carries, (n_frames, 1)) if pose.contacts is None else pose.contacts
    root_m, world_wxyz = pose.root_m, pose.world_wxyz
    by_right = _led_by_right(exercise, style, times_s, reps)
    if by_right.any():
        root_m = np.where(by_right[:, None], root_m * [-1.0, 1.0, 1.0], root_m)
        mirrored = world_wxyz[:, SMPL22.mirror] * [1.0, 1.0, -1.0, -1.0]
        world_wxyz = np.where(by_right[:, None, None], mirrored, world_wxyz)
        contacts = np.where(by_right[:, None], contacts[:, MIRRORED_CONTACTS], contacts)
    motion = Motion(
        exercise=exercise.name,
        fps=fps,
        root_position_m=root_m,
        joint_rotations_wxyz=unit(SMPL22.local_rotations(world_wxyz)),
        contacts=contacts,
        reps=reps,
        phase=phase,
        source=exercise.source,
        licence=exercise.licence,
        bench_m=style.bench_m,
    )
    for wave in style.waves:
        sway = wave.amplitude_rad * np.sin(2 * np.pi * wave.frequency_hz * times_s + wave.phase_rad)
        motion = turned_by(motion, wave.joint, about((X_AXIS, Y_AXIS, Z_AXIS)[wave.axis], sway))
    # Feet that an exercise plants itself stay put whatever sways above them.
    if motion.contacts[:, HANDS].any() or exercise.bar or exercise.one_way:
        return _planted(motion, exercise.bar)
    return motion


def _led_by_right(
    exercise: Exercise, style: Style, times_s: np.ndarray, reps: tuple[Span, ...]
) -> np.ndarray:
    """Say at which frames the right side leads. Shape (T,), bool."""
    if exercise.sides == "both":
        return np.zeros(len(times_s), dtype=bool)
    first = np.full(len(times_s), style.side == "right")
    if exercise.sides == "one":
        return first
    starts_s = [rep.start_s for rep in reps]
    index = np.maximum(np.searchsorted(starts_s, times_s, side="right") - 1, 0)
    return first ^ (index % 2 == 1)


def _course(times_s: np.ndarray, style: Style, reps: tuple[Span, ...]) -> np.ndarray:
    """Return how far each frame is: from 2 k to 2 k + 1 in repetition k, to 2 k + 2 in its rest."""
    edges_s = [edge_s for span in reps for edge_s in (span.start_s, span.end_s)]
    end_s = edges_s[-1] + style.reps[-1].rest_s
    return np.interp(times_s, [*edges_s, end_s], np.arange(len(edges_s) + 1))


def _planted(motion: Motion, bar: Bar | None) -> Motion:
    """Put swaying hands and feet back where they belong: the body moves, then the limbs bend."""
    planted = plant(
        replace(CANONICAL, bench_m=motion.bench_m),
        motion.root_position_m,
        motion.world_orientations_wxyz,
        motion.contacts,
        motion.root_position_m,
        motion.fps,
        bar=bar,
    )
    return replace(
        motion,
        root_position_m=planted.root_m,
        joint_rotations_wxyz=unit(SMPL22.local_rotations(planted.world_wxyz)),
    )


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
