"""From how likely a repetition begins, ends and is under way at each frame to repetitions.

Of all ways to cut a recording into repetitions that do not overlap, the likeliest is taken, by
dynamic programming over the peaks of both curves. A repetition weighs the log odds of its start and
of its end, which must be positive together, and of each second between to be under way.
"""

from typing import NamedTuple

import numpy as np

from motions.motion import Span

SHORTEST_S = 0.5
"""What is over sooner is no repetition."""
LONGEST_S = 30.0
_LEAST = 0.1
"""Probability of a peak that may be a boundary."""
_SURE = 4.0
"""Log odds beyond which a network is not believed more."""
_SECOND = 2.0
"""What a second under way weighs beside a boundary."""
_SHARED_S = 0.1
"""So far a repetition may begin before the last has ended: peaks are not exact."""


class _Peak(NamedTuple):
    at_s: float
    log_odds: float


def decode(curves: np.ndarray, fps: float) -> tuple[Span, ...]:
    """Return the repetitions.

    Args:
        curves: Probability of a start, of an end, and of being within. Shape (T, 3).
        fps: Frames per second.
    """
    log_odds = np.clip(np.log(curves + 1e-9) - np.log1p(1e-9 - curves), -_SURE, _SURE)
    until = np.concatenate([[0.0], np.cumsum(log_odds[:, 2])]) * _SECOND / fps
    starts, ends = (_peaks(curves[:, column], log_odds[:, column], fps) for column in (0, 1))
    # After each end in turn: the best weight so far, and the repetitions that have it.
    best: list[tuple[float, float, tuple[Span, ...]]] = [(-np.inf, 0.0, ())]
    for end in ends:
        weight, spans = best[-1][1:]
        for start in starts:
            lasts_s = end.at_s - start.at_s
            if not SHORTEST_S <= lasts_s <= LONGEST_S:
                continue
            before = next(b for b in reversed(best) if b[0] <= start.at_s + _SHARED_S)
            first, last = (round(one.at_s * fps) for one in (start, end))
            gain = start.log_odds + end.log_odds + until[last] - until[first]
            if gain > 0 and before[1] + gain > weight:
                weight = before[1] + gain
                begin_s = max(start.at_s, before[2][-1].end_s if before[2] else 0.0)
                spans = (*before[2], Span(begin_s, end.at_s))
        best.append((end.at_s, weight, spans))
    return best[-1][2]


def _peaks(curve: np.ndarray, log_odds: np.ndarray, fps: float) -> list[_Peak]:
    """Return the local maxima of a curve, between frames by a parabola through three."""
    padded = np.concatenate([[-1.0], curve, [-1.0]])
    high = (padded[1:-1] >= padded[:-2]) & (padded[1:-1] > padded[2:]) & (curve >= _LEAST)
    peaks = []
    for frame in np.flatnonzero(high):
        shift = 0.0
        if 0 < frame < len(curve) - 1:
            # Of logarithms, since that through those of a bell is exact.
            left, middle, right = np.log(curve[frame - 1 : frame + 2] + 1e-9)
            shift = 0.5 * (left - right) / (left - 2 * middle + right)
        peaks.append(_Peak(float((frame + shift) / fps), float(log_odds[frame])))
    return peaks
