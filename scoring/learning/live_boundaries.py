"""Repetitions while they are done: frames go in one by one, finished repetitions come out.

Every CHECK_S the last WINDOW_S are looked at as a recording. A repetition is given once its end is
SETTLED_S ago, when what follows hardly moves it any more: DELAY_S after it ended at the latest, if
it is seen as one by then, or else when it is. What was given is not taken back, and nothing that
begins before its end is given.
"""

from collections import deque
from collections.abc import Callable

import numpy as np

from motions.motion import Span
from scoring.learning.examples import trunk_seen
from scoring.poses import PoseSequence

CHECK_S = 0.2
SETTLED_S = 0.8
DELAY_S = CHECK_S + SETTLED_S
WINDOW_S = 30.0
_OVERLAP_S = 0.3
"""So far a repetition may seem to begin before the last one ended."""


class LiveBoundaries:
    """Finds repetitions in frames as they come.

    Args:
        find: Finds them in a recording, `Boundaries.find` for example.
        convention_name: The keypoints of the frames.
        fps: Frames per second.
    """

    def __init__(
        self,
        find: Callable[[PoseSequence], tuple[Span, ...]],
        convention_name: str,
        fps: float,
    ) -> None:
        self._find, self._convention_name, self._fps = find, convention_name, fps
        self._frames: deque[tuple[np.ndarray, np.ndarray]] = deque(maxlen=round(WINDOW_S * fps))
        self._n_frames = 0
        self._given_s = 0.0

    def push(self, keypoints: np.ndarray, confidence: np.ndarray) -> tuple[Span, ...]:
        """Take a frame, (K, 2) and (K,), and give the repetitions that are known to be finished.

        Times are counted from the first frame.
        """
        self._frames.append((keypoints, confidence))
        self._n_frames += 1
        if self._n_frames % max(1, round(CHECK_S * self._fps)):
            return ()
        return self._new(self._n_frames / self._fps - SETTLED_S)

    def finish(self) -> tuple[Span, ...]:
        """Give the repetitions that no frame will follow any more."""
        return self._new(np.inf) if self._frames else ()

    def _new(self, until_s: float) -> tuple[Span, ...]:
        before_s = (self._n_frames - len(self._frames)) / self._fps
        keypoints, confidence = (np.stack(one) for one in zip(*self._frames, strict=True))
        seen = PoseSequence(keypoints, confidence, self._convention_name, self._fps, "live")
        new = []
        for span in self._find(seen) if trunk_seen(seen).any() else ():
            start_s, end_s = span.start_s + before_s, span.end_s + before_s
            if end_s <= until_s and start_s >= self._given_s - _OVERLAP_S:
                new.append(Span(max(start_s, self._given_s), end_s))
                self._given_s = end_s
        return tuple(new)
