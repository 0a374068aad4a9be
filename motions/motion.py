"""A reference motion: what the joints do, on no particular body.

Time is in seconds, frame i is the instant i / fps, spans are half-open.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from motions.arrays import frozen
from motions.errors import FormbenchError
from motions.geometry import multiply, slerp, unit
from motions.skeleton import SMPL22, Skeleton

CONTACT_POINTS = ("left_foot", "right_foot", "left_hand", "right_hand")
MIRRORED_CONTACTS = [1, 0, 3, 2]
"""For each contact point the index of its counterpart on the other side."""


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of time, start_s <= t < end_s."""

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.end_s < float("inf"):
            raise FormbenchError(
                f"Span: expected 0 <= start_s < end_s, got {self.start_s} to {self.end_s}"
            )

    @property
    def duration_s(self) -> float:
        """Length of the span in seconds."""
        return self.end_s - self.start_s

    def frames(self, fps: float, n_frames: int) -> slice:
        """Return the frames whose instants lie in the span.

        >>> Span(0.1, 0.3).frames(10.0, 100)
        slice(1, 3, None)
        """
        # Instants are compared in whole millionths of a frame, so that 0.3 * 10 counts as 3.
        first = int(np.ceil(np.round(self.start_s * fps, 6)))
        last = int(np.ceil(np.round(self.end_s * fps, 6)))
        return slice(min(first, n_frames), min(last, n_frames))


@dataclass(frozen=True)
class Motion:
    """Joint rotations over time on the canonical skeleton, with what is known about them."""

    exercise: str
    fps: float
    root_position_m: np.ndarray
    """World position of the pelvis on the canonical skeleton. Shape (T, 3)."""
    joint_rotations_wxyz: np.ndarray
    """Joint to parent; the pelvis to the world. Shape (T, 22, 4)."""
    contacts: np.ndarray
    """Whether each of CONTACT_POINTS is planted. Shape (T, 4), bool."""
    reps: tuple[Span, ...] = ()
    phase: np.ndarray = field(default_factory=lambda: np.zeros(0))
    """How far into the working range each frame is, 0 at rest, 1 at the far end. Shape (T,);
    all zero for a motion that has none."""
    source: str = "formbench"
    """Where the motion came from: a file, a generator."""
    licence: str = "Apache-2.0"
    """SPDX identifier of the motion's licence."""
    bench_m: float = 0.0
    """Height, beside the canonical skeleton, of the bench that planted hands rest on; beside other
    bodies it goes with stature, as people choose theirs. 0 where it is the floor."""

    def __post_init__(self) -> None:
        if not 0 < self.fps < float("inf"):
            raise FormbenchError(f"Motion.fps: expected a positive number, got {self.fps}")
        if not 0 <= self.bench_m < float("inf"):
            raise FormbenchError(f"Motion.bench_m: expected a height, got {self.bench_m}")
        n_frames = len(self.root_position_m)
        if n_frames == 0:
            raise FormbenchError("Motion: expected at least one frame, got none")
        sizes = {"T": n_frames, "J": len(SMPL22.joint_names), "P": len(CONTACT_POINTS)}
        phase = self.phase if len(self.phase) else np.zeros(n_frames)
        for name, value, dims, dtype in (
            ("root_position_m", self.root_position_m, ("T", 3), np.float64),
            ("joint_rotations_wxyz", self.joint_rotations_wxyz, ("T", "J", 4), np.float64),
            ("contacts", self.contacts, ("T", "P"), np.bool_),
            ("phase", phase, ("T",), np.float64),
        ):
            object.__setattr__(
                self, name, frozen(f"Motion.{name}", value, dims, sizes, dtype=dtype)
            )
        norms = np.linalg.norm(self.joint_rotations_wxyz, axis=-1)
        if np.abs(norms - 1).max() > 1e-6:
            raise FormbenchError(
                "Motion.joint_rotations_wxyz: expected unit quaternions, got one of length "
                f"{norms.flat[np.abs(norms - 1).argmax()]:.6g}"
            )
        for rep in self.reps:
            if rep.end_s > self.duration_s + 1e-9:
                raise FormbenchError(
                    f"Motion.reps: expected spans within {self.duration_s:g} s, got {rep}"
                )

    @property
    def skeleton(self) -> Skeleton:
        """The canonical skeleton."""
        return SMPL22

    @property
    def n_frames(self) -> int:
        """Number of frames T."""
        return len(self.root_position_m)

    @property
    def duration_s(self) -> float:
        """Time from the first frame to one frame after the last."""
        return self.n_frames / self.fps

    @property
    def world_orientations_wxyz(self) -> np.ndarray:
        """Joint-to-world rotations. Shape (T, 22, 4)."""
        return SMPL22.world_orientations(self.joint_rotations_wxyz)

    @property
    def joints_world_m(self) -> np.ndarray:
        """Joint positions on the canonical skeleton. Shape (T, 22, 3)."""
        return SMPL22.positions(self.root_position_m, self.world_orientations_wxyz)


def crop(motion: Motion, span: Span) -> Motion:
    """Cut out a span of time; repetitions that do not lie wholly inside are left out."""
    frames = span.frames(motion.fps, motion.n_frames)
    start_s = frames.start / motion.fps
    end_s = frames.stop / motion.fps
    inside = [r for r in motion.reps if r.start_s >= start_s - 1e-9 and r.end_s <= end_s + 1e-9]
    return replace(
        motion,
        root_position_m=motion.root_position_m[frames],
        joint_rotations_wxyz=motion.joint_rotations_wxyz[frames],
        contacts=motion.contacts[frames],
        phase=motion.phase[frames],
        reps=_shifted(inside, -start_s),
    )


def resample(motion: Motion, fps: float) -> Motion:
    """Give the same motion at another frame rate; the same rate gives the same motion."""
    if fps == motion.fps:
        return motion
    if not 0 < fps < float("inf"):
        raise FormbenchError(f"resample: expected a positive frame rate, got {fps}")
    n_frames = max(1, int(np.floor((motion.n_frames - 1) / motion.fps * fps + 1e-9)) + 1)
    return at_frames(motion, np.arange(n_frames) / fps * motion.fps, fps)


def at_frames(motion: Motion, at: np.ndarray, fps: float) -> Motion:
    """Sample a motion at fractional frame numbers `at` (N,), to be played at `fps`.

    Positions and phase are linear between frames, rotations spherical, contacts the nearest's.
    Repetitions keep their times, so `at` must not warp time outside them.
    """
    below = np.clip(np.floor(at).astype(int), 0, motion.n_frames - 1)
    above = np.minimum(below + 1, motion.n_frames - 1)
    weight = np.clip(at - below, 0, 1)
    nearest = np.where(weight < 0.5, below, above)
    duration_s = len(at) / fps
    rotations = motion.joint_rotations_wxyz[below]
    between = weight > 0  # whole frames keep their bits
    rotations[between] = unit(
        slerp(
            rotations[between],
            motion.joint_rotations_wxyz[above[between]],
            weight[between, None],
        )
    )
    return replace(
        motion,
        fps=fps,
        root_position_m=_mix(motion.root_position_m, below, above, weight[:, None]),
        joint_rotations_wxyz=rotations,
        contacts=motion.contacts[nearest],
        phase=_mix(motion.phase, below, above, weight),
        reps=tuple(r for r in motion.reps if r.end_s <= duration_s + 1e-9),
    )


def mirror(motion: Motion) -> Motion:
    """Swap left and right: reflect in the plane x = 0."""
    swapped = motion.joint_rotations_wxyz[:, motion.skeleton.mirror, :]
    return replace(
        motion,
        root_position_m=motion.root_position_m * np.array([-1.0, 1.0, 1.0]),
        joint_rotations_wxyz=swapped * np.array([1.0, 1.0, -1.0, -1.0]),
        contacts=motion.contacts[:, MIRRORED_CONTACTS],
    )


def concatenate(first: Motion, second: Motion) -> Motion:
    """Play one motion after another on the same exercise and frame rate."""
    if (first.exercise, first.fps) != (second.exercise, second.fps):
        raise FormbenchError(
            f"concatenate: expected {first.exercise} at {first.fps:g} fps, "
            f"got {second.exercise} at {second.fps:g} fps"
        )
    return replace(
        first,
        root_position_m=np.concatenate([first.root_position_m, second.root_position_m]),
        joint_rotations_wxyz=np.concatenate(
            [first.joint_rotations_wxyz, second.joint_rotations_wxyz]
        ),
        contacts=np.concatenate([first.contacts, second.contacts]),
        phase=np.concatenate([first.phase, second.phase]),
        reps=first.reps + _shifted(second.reps, first.duration_s),
    )


def turned_by(motion: Motion, joint: str, turns_wxyz: np.ndarray) -> Motion:
    """Turn one joint by extra rotations (T, 4) in its own frame, after what it does already.

    Frames whose turn is the identity keep their bits.
    """
    index = SMPL22.index(joint)
    rotations = motion.joint_rotations_wxyz.copy()
    moved = (turns_wxyz != np.array([1.0, 0, 0, 0])).any(axis=-1)
    rotations[moved, index] = unit(multiply(rotations[moved, index], turns_wxyz[moved]))
    return replace(motion, joint_rotations_wxyz=rotations)


def _mix(
    values: np.ndarray, below: np.ndarray, above: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    return values[below] * (1 - weight) + values[above] * weight


def _shifted(spans: Iterable[Span], by_s: float) -> tuple[Span, ...]:
    return tuple(Span(max(0.0, s.start_s + by_s), s.end_s + by_s) for s in spans)
