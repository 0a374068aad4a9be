"""Where repetitions begin and end, without training: along the way that a person moves most.

Points in torso lengths from the hips, over the whole recording, move along one direction more than
along any other (the first principal component). How far along it they are is a curve that is cut to
repetitions as a recording's driving measure is (`motions.segment`). It counts well and ends less
exactly: a still start and an even pace are all it knows of a repetition.
"""

import numpy as np

from motions.errors import FormbenchError
from motions.motion import Span
from motions.segment import find_reps
from scoring.methods.references import TORSO
from scoring.poses import PoseSequence, UnseenError, cut, filled, normalised

LEAST_TORSO = 0.15
"""What moves less, all points together, is no repetition."""
SHIFTING = 0.1
"""So much of the way out and back may be shifting about at rest."""
REST_S = 0.3
"""At both ends of a recording the person is taken to be at rest for so long."""


def find_repetitions(sequence: PoseSequence) -> tuple[Span, ...]:
    """Return the repetitions of one exercise in a recording of it, none of which overlap.

    None at all for a still one.

    Raises:
        UnseenError: The hips or shoulders are not seen throughout, short gaps aside.
    """
    curve = moving_curve(sequence)
    found = [
        _trimmed(curve, span, sequence.fps) for span in find_reps(curve, sequence.fps, LEAST_TORSO)
    ]
    # One that begins within the frame in which the last one ends has that frame too.
    ends_s = [0.0, *(span.end_s for span in found)]
    return tuple(
        Span(max(span.start_s, end_s), span.end_s)
        for span, end_s in zip(found, ends_s, strict=False)
    )


def cut_repetition(sequence: PoseSequence, number: int) -> PoseSequence:
    """Return one repetition of a recording, counted from 1.

    Raises:
        FormbenchError: There are not so many.
    """
    found = find_repetitions(sequence)
    if not 1 <= number <= len(found):
        raise FormbenchError(
            f"{sequence.source}: expected repetition 1 to {len(found)}, got {number}"
        )
    return cut(sequence, found[number - 1])


def _trimmed(curve: np.ndarray, span: Span, fps: float) -> Span:
    """Take off a repetition's ends where the person only shifts about."""
    frames = span.frames(fps, len(curve))
    own = curve[frames]
    peak = int(own.argmax())
    before = _still(own[: peak + 1])
    after = _still(own[: peak - 1 if peak else None : -1])
    return Span((frames.start + before) / fps, (frames.stop - after) / fps)


def _still(rise: np.ndarray) -> int:
    """Return how many frames at the beginning of a rise are not yet part of it."""
    half = int(np.argmax(rise >= (rise[0] + rise[-1]) / 2))
    level = np.percentile(rise[: half + 1], 10)
    low = np.flatnonzero(rise[: half + 1] < level + SHIFTING * (rise[-1] - level))
    return int(low[-1]) if len(low) else 0


def moving_curve(sequence: PoseSequence) -> np.ndarray:
    """Return how far from rest a person is along the way that they move most.

    In torso lengths, all points together; low at rest. Shape (T,).

    Raises:
        UnseenError: The hips or shoulders are not seen throughout, short gaps aside.
    """
    whole = filled(sequence)
    for name in TORSO:
        if np.isnan(whole.at(name)).any():
            raise UnseenError(
                f"repetitions: expected to see the {name.replace('_', ' ')} throughout; it is "
                f"missing in {np.isnan(whole.at(name)[:, 0]).sum()} of {whole.n_frames} frames"
            )
    points = normalised(whole).keypoints
    seen = ~np.isnan(points).any(axis=(0, 2))
    vectors = points[:, seen].reshape(len(points), -1)
    off = vectors - vectors.mean(axis=0)
    direction = np.linalg.svd(off, full_matrices=False)[2][0]
    curve: np.ndarray = off @ direction
    n_rest = max(1, round(REST_S * sequence.fps))
    rest = np.median(np.concatenate([curve[:n_rest], curve[-n_rest:]]))
    low, high = np.percentile(curve, [2, 98])
    return curve if rest - low <= high - rest else -curve
