"""The same way at another time: edits of when a repetition is where, and readings of it."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.interpolate import CubicSpline

from motions.geometry import unit
from motions.library import EXERCISES
from motions.measures import measure
from motions.motion import Motion, Span
from simulator.faults.window import Part
from simulator.performance import Performance

STILL, MIDDLE = 0.2, (0.15, 0.85)
"""Share of the mean speed below which it has stopped, and between which shares of its way."""
LEFT, ARRIVED = 0.02, 0.95
"""The shares of its way at which a repetition has left its start, and as good as arrived."""


def retimed(motion: Motion, part: Part, at: np.ndarray) -> Motion:
    """Play a repetition at other fractional frame numbers; what follows is earlier or later.

    It moves by whole frames, so that its postures keep their bits.

    Args:
        motion: What to change.
        part: Which repetition.
        at: Frame numbers of the motion, from the repetition's first frame to the one after its
            last. Shape (frames from now on,).
    """
    frames = part.span.frames(motion.fps, motion.n_frames)
    nearest = np.clip(np.round(at).astype(int), 0, motion.n_frames - 1)
    by_s = (len(at) - (frames.stop - frames.start)) / motion.fps

    def joined(own: np.ndarray, new: np.ndarray) -> np.ndarray:
        return np.concatenate([own[: frames.start], new, own[frames.stop :]])

    # Cubic, because the accelerations of what is read between frames count (see `rhythm`).
    numbers, rotations = np.arange(motion.n_frames), motion.joint_rotations_wxyz
    flips = np.sum(rotations[1:] * rotations[:-1], axis=-1, keepdims=True) < 0
    signs = np.cumprod(np.where(flips, -1, 1), axis=0)
    one_way = np.concatenate([rotations[:1], signs * rotations[1:]])
    phase = np.clip(CubicSpline(numbers, motion.phase)(at), 0, motion.phase.max())

    end_s = part.span.end_s
    moved = (
        Span(rep.start_s + by_s * (rep.start_s >= end_s), rep.end_s + by_s * (rep.end_s >= end_s))
        for rep in motion.reps
    )
    return replace(
        motion,
        root_position_m=joined(
            motion.root_position_m, CubicSpline(numbers, motion.root_position_m)(at)
        ),
        joint_rotations_wxyz=joined(rotations, unit(CubicSpline(numbers, one_way)(at))),
        contacts=joined(motion.contacts, motion.contacts[nearest]),
        phase=joined(motion.phase, phase),
        reps=tuple(moved),
    )


def progress(moving: Motion | Performance, span: Span) -> np.ndarray:
    """Return how far a repetition's driving measure has gone of all its way. Shape (frames,)."""
    motion = moving.motion if isinstance(moving, Performance) else moving
    frames = span.frames(motion.fps, motion.n_frames)
    driving = measure(EXERCISES[motion.exercise].driving, moving.joints_world_m[frames])
    gone = driving - np.linspace(driving[0], driving[-1], len(driving))
    return gone / gone.max()


@dataclass(frozen=True)
class Times:
    """When a repetition is where, seconds from its first frame, read between frames."""

    left_s: float
    """When the driving measure has gone LEFT of its way."""
    arrived_s: float
    """When it has gone ARRIVED of its way."""
    starts_back_s: float
    """When it has less than that left again."""
    back_s: float

    @property
    def out_s(self) -> float:
        """How long the way out takes."""
        return self.arrived_s - self.left_s

    @property
    def return_s(self) -> float:
        """How long the way back takes."""
        return self.back_s - self.starts_back_s


def times(share: np.ndarray, fps: float) -> Times:
    """Read the times of a repetition off its progress (frames,)."""
    top = int(share.argmax())
    times_s = np.arange(len(share)) / fps
    left_s, arrived_s = np.interp(
        [LEFT, ARRIVED], np.maximum.accumulate(share[: top + 1]), times_s[: top + 1]
    )
    starts_s, back_s = coming(share, (ARRIVED, LEFT)) / fps
    return Times(float(left_s), float(arrived_s), float(starts_s), float(back_s))


def coming(share: np.ndarray, levels: tuple[float, float]) -> np.ndarray:
    """Return when a progress is at two levels on its way back, in frames: the higher one for the
    last time, then the lower one for the first, as a landing may bend the knees again."""
    high, low = levels
    starts = int(np.flatnonzero(share >= high)[-1])
    way = np.minimum.accumulate(share[starts:])
    return starts + np.interp([-high, -low], -way, np.arange(len(way)))


def still_s(share: np.ndarray, fps: float, way: Literal["out", "back"]) -> float:
    """Read how long a repetition stands still in the middle of one of its ways, off its progress.

    Still is slower than STILL of the mean speed of its faster way.
    """
    top = int(share.argmax())
    on_way = share[: top + 1] if way == "out" else share[top:]
    if len(on_way) < 3:
        return 0.0
    read = times(share, fps)
    typical = 1 / min(read.out_s, read.return_s)
    speed = np.abs(np.gradient(on_way)) * fps
    still = (speed < STILL * typical) & (on_way > MIDDLE[0]) & (on_way < MIDDLE[1])
    return float(still.sum() / fps)
