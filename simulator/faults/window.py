"""Which part of a motion a fault may change: one repetition, one side or both, a window in it.

A repetition goes out from phase 0 to its farthest point and comes back. A window is named by the
phase, as a share of the repetition's own farthest, and by the way; inside it a fault fades in and
out in time, so that no joint jumps.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from motions.errors import FormbenchError
from motions.motion import Motion, Span

SIDES = ("both", "left", "right")
WAYS = ("both", "out", "back")


@dataclass(frozen=True)
class Window:
    """When within a repetition a fault is there."""

    from_phase: float = 0.0
    to_phase: float = 1.0
    way: Literal["both", "out", "back"] = "both"
    onset: float = 0.3
    """Share of the window's time in which the fault fades in. Where a window goes through the
    repetition's turn, the share of its way out."""
    release: float = 0.3
    """The same for fading out; where a window goes through the turn, of its way back."""
    rests: bool = False
    """Whether the fault is one of the posture at rest: full at phase 0, and there in the rests
    beside the repetition too, over the whole of which it fades in and out."""

    def __post_init__(self) -> None:
        if not 0 <= self.from_phase < self.to_phase <= 1:
            raise FormbenchError(
                "window: expected 0 <= from < to <= 1 within the repetition, "
                f"got {self.from_phase:g} to {self.to_phase:g}"
            )
        if self.way not in WAYS:
            raise FormbenchError(f"window: expected way {', '.join(WAYS)}, got {self.way!r}")
        if min(self.onset, self.release) <= 0 or max(self.onset, self.release) > 1:
            raise FormbenchError(
                "window: expected onset and release above 0 and up to 1, "
                f"got {self.onset:g} and {self.release:g}"
            )
        if self.rests and (self.from_phase > 0 or self.to_phase == 1):
            raise FormbenchError("window: expected one at rest to go from 0 to less than 1")
        if not (self.turns or self.rests) and self.onset + self.release > 1:
            raise FormbenchError(
                "window: expected onset and release of at most 1 together, "
                f"got {self.onset:g} and {self.release:g}"
            )

    @property
    def turns(self) -> bool:
        """Whether the window goes through the repetition's turn."""
        return self.way == "both" and self.to_phase == 1

    def weights(self, phase: np.ndarray) -> np.ndarray:
        """Return weights from 0 outside the window to 1, at the frames of one repetition.

        Args:
            phase: The repetition's phase; it must leave 0. Shape (T,).
        """
        times = np.arange(len(phase), dtype=np.float64)
        first_top = int(phase.argmax())
        last_top = len(phase) - 1 - int(phase[::-1].argmax())
        share = phase / phase.max()
        out = np.maximum.accumulate(share[: first_top + 1])
        back = np.maximum.accumulate(share[last_top:][::-1])

        def going(at: float) -> float:
            return float(np.interp(at, out, times[: first_top + 1])) if at > 0 else times[0]

        def coming(at: float) -> float:
            return float(np.interp(at, back, times[last_top:][::-1])) if at > 0 else times[-1]

        low, high = self.from_phase, self.to_phase
        if self.turns:
            onset = self.onset * (first_top - going(low))
            release = self.release * (coming(low) - last_top)
            return _hump(times, going(low), coming(low), onset, release)
        weights = np.zeros(len(phase))
        stretches = ((going(low), going(high), "out"), (coming(high), coming(low), "back"))
        for start, stop, way in stretches:
            if self.way in ("both", way):
                length = stop - start
                onset, release = self.onset * length, self.release * length
                if self.rests:
                    # At rest it is full already, or still.
                    start, stop = (-1.0, stop) if way == "out" else (start, len(phase))
                    onset, release = (1.0, release) if way == "out" else (onset, 1.0)
                weights += _hump(times, start, stop, onset, release)
        return weights


FAR_END = Window(from_phase=0.1, onset=1.0, release=1.0)
"""Grows all the way out, is full at the far end, goes all the way back."""
THROUGHOUT = Window()
"""The whole repetition, with soft ends."""
START = Window(to_phase=0.6, way="out")
WAY_OUT, WAY_BACK = Window(way="out"), Window(way="back")
AT_REST = Window(to_phase=0.8, onset=0.9, release=0.9, rests=True)
"""Before and after the repetition, and while it leaves and comes back to its start."""
AT_END = Window(to_phase=0.6, way="back", onset=0.8, rests=True)
"""While the repetition comes back to its start, and after."""


@dataclass(frozen=True)
class Part:
    """What a fault may change: one repetition of a motion, on one side or both."""

    span: Span
    """The repetition."""
    side: str = "both"
    """One of SIDES; the person's own left and right."""
    window: Window | None = None
    """When in the repetition; None for the fault's own window, or all of it if it has none."""

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides by name: "left", "right" or both."""
        return ("left", "right") if self.side == "both" else (self.side,)

    def frames(self, motion: Motion) -> slice:
        """Return the repetition's frames, or raise if it does not move.

        Raises:
            FormbenchError: The repetition's phase never leaves 0.
        """
        frames = self.span.frames(motion.fps, motion.n_frames)
        if frames.stop - frames.start < 3 or motion.phase[frames].max() <= 0:
            raise FormbenchError(
                f"{motion.exercise}: expected a repetition with a phase that leaves 0, got none "
                f"between {self.span.start_s:g} and {self.span.end_s:g} s"
            )
        return frames

    def weights(self, motion: Motion) -> tuple[slice, np.ndarray]:
        """Return the repetition's frames and how much of the fault each shows, 0 to 1, (frames,).

        Without a window all weights are 1; with one those of the first and the last frame are 0.
        A window at rest brings the frames of the rests with it, in which its weights and those of
        the next repetition's add up to 1.
        """
        frames, window = self.frames(motion), self.window
        if window is None:
            return frames, np.ones(frames.stop - frames.start)
        weights = window.weights(motion.phase[frames])
        if not window.rests:
            return frames, weights
        first, last = 0, motion.n_frames
        for rep in motion.reps:
            if rep.end_s <= self.span.start_s:
                first = rep.frames(motion.fps, motion.n_frames).stop
            elif rep.start_s >= self.span.end_s:
                last = min(last, rep.frames(motion.fps, motion.n_frames).start)
        first = frames.start if window.way == "back" else first
        last = frames.stop if window.way == "out" else last
        into, out_of = _ramp(frames.start - first), _ramp(last - frames.stop)[::-1]
        return slice(first, last), np.concatenate([into, weights, out_of])


def _ramp(n_frames: int) -> np.ndarray:
    """Return weights that rise smoothly from 0 before the first of n frames to 1 after the last."""
    share = np.arange(1, n_frames + 1) / (n_frames + 1)
    return share**2 * (3 - 2 * share)


def _hump(times: np.ndarray, start: float, stop: float, onset: float, release: float) -> np.ndarray:
    """Rise smoothly from 0 at start to 1, and fall to 0 at stop."""
    rise = np.clip((times - start) / max(onset, 1e-9), 0, 1)
    fall = np.clip((stop - times) / max(release, 1e-9), 0, 1)
    return rise**2 * (3 - 2 * rise) * fall**2 * (3 - 2 * fall)
