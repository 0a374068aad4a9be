"""What a coach would read off a repetition, as named numbers.

Curves over time are angles, segments of the body and distances, in radians or torso lengths, so
that they do not depend on the person's size, place or distance. Each is summed up by its value at
the start, its least, greatest and fastest, its value at the far end of the movement, and how its
mean on the way back differs from that on the way out. Tempo, pauses and bounces come from the way
that the body moves most.

In the image (two dimensions) components are to the right and up. In space (three) the person is
turned first, so that components are to their left, to their back and up. What cannot be seen is
NaN. Names do not depend on the person or the repetition, but on the keypoint convention and on the
number of dimensions.
"""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from motions.conventions import SMPL_22
from motions.measures import MEASURES
from scoring.methods.angles import MAIN_ANGLES, main_angles_rad
from scoring.methods.repetitions import moving_curve
from scoring.methods.tempo import tempo
from scoring.poses import PoseSequence, filled, mid_hip, torso_length

LONGEST_GAP_S = 0.5
"""A longer gap leaves a curve out."""
SMOOTH_S = 0.06
"""Standard deviation by which curves are smoothed before their extremes are taken."""
START_SHARE, FAR_SHARE = 0.1, 0.9
"""The start is this first share of the time; the far end what is farther along the way."""
STILL_SHARE = 0.1
"""Slower than this share of the way in a second is no movement."""
SUMMARIES = ("start", "least", "greatest", "fastest", "far", "back_less_out")

SIDES = ("front", "front oblique", "side", "back oblique", "back")
"""From where a camera may look, the person's left and right alike."""
SPACE = "space"
WIDE, NOSE = np.array([0.8, 0.5]), 0.35
"""How wide shoulders and hips look from the front, and how far the nose is off from the side, in
torso lengths."""

_SEGMENTS = {
    f"{side}_{name}": (f"{side}_{start}", f"{side}_{end}")
    for side in ("left", "right")
    for name, (start, end) in {
        "thigh": ("hip", "knee"), "shin": ("knee", "ankle"), "upper_arm": ("shoulder", "elbow"),
        "forearm": ("elbow", "wrist"), "arm": ("hip", "wrist"), "sole": ("heel", "foot_index"),
        "foot": ("ankle", "foot"),
    }.items()
} | {"trunk": ("mid_hip", "mid_shoulder"), "neck": ("mid_shoulder", "mid_ear"),
     "face": ("mid_ear", "nose"), "hands": ("mid_ankle", "mid_wrist"),
     "stand": ("mid_ankle", "mid_hip"), "upper_spine": ("spine3", "neck"),
     "lower_spine": ("pelvis", "spine1"), "skull": ("neck", "head")}  # fmt: skip
_PAIRS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "ear", "foot")
_MOVED = ("mid_hip", "mid_shoulder", "left_ankle", "right_ankle", "left_heel", "right_heel")


def features(sequence: PoseSequence) -> dict[str, float]:
    """Return the features of one repetition, by name.

    Raises:
        UnseenError: The hips or shoulders are not seen throughout, or nothing moves.
    """
    whole = filled(sequence, LONGEST_GAP_S)
    along = moving_curve(whole)  # refuses what is not seen
    times = tempo(whole)
    found = {
        "duration_s": whole.duration_s,
        "out_s": times.out_s,
        "hold_s": times.hold_s,
        "back_s": times.back_s,
        "log_out_over_back": float(np.log(times.out_s / times.back_s)),
        "way": float(np.ptp(along)),
        **_unevenness(along, whole.fps),
    }
    named = curves(whole)
    summed = _summed_up(np.stack(list(named.values()), axis=1), along, whole.fps)
    for name, values in zip(named, summed.T, strict=True):
        found |= {f"{name}.{what}": float(v) for what, v in zip(SUMMARIES, values, strict=True)}
    return found


def aspect(sequence: PoseSequence) -> np.ndarray:
    """Return what tells from where a camera looks, at the start of a repetition.

    How far the left shoulder and the left hip are to the right of the others in the image, and the
    nose of the ears' middle, in torso lengths: 0 for what is not seen, and in space. Shape (3,).
    """
    if sequence.keypoints.shape[2] == 3:
        return np.zeros(3)
    points = _points(filled(sequence, LONGEST_GAP_S))
    nothing = np.full((sequence.n_frames, 2), np.nan)
    n = _n_start(sequence.n_frames)
    off = [
        points.get(end, nothing) - points.get(start, nothing)
        for start, end in (
            ("right_shoulder", "left_shoulder"), ("right_hip", "left_hip"), ("mid_ear", "nose"),
        )
    ]  # fmt: skip
    found: np.ndarray = np.nan_to_num(np.array([one[:n, 0].mean() for one in off]))
    return found


def seen_from(sequence: PoseSequence) -> tuple[float, float]:
    """Return how wide a person looks, 1 from the front, -1 from the back, and which way they face,
    1 for the right of the image, -1 for its left; 0 and 0 in space.
    """
    looks = aspect(sequence)
    wide, faces = (looks[:2] / WIDE).mean(), looks[2] / NOSE
    return float(np.clip(wide, -1, 1)), float(np.clip(faces, -1.5, 1.5))


def side_of(sequence: PoseSequence) -> int:
    """Return which of SIDES a repetition is seen from; 0 in space."""
    if sequence.keypoints.shape[2] == 3:
        return 0
    from_front = np.arccos(seen_from(sequence)[0]) / np.pi
    return round(float(from_front * (len(SIDES) - 1)))


def _points(whole: PoseSequence) -> dict[str, np.ndarray]:
    """Return keypoints by name in torso lengths from where the hips begin, (T, C)."""
    n = _n_start(whole.n_frames)
    at = (whole.keypoints - mid_hip(whole)[:n].mean(axis=0)) / torso_length(whole)
    if at.shape[2] == 2:
        at = at * (1, -1)
    else:
        across = (whole.at("left_hip") - whole.at("right_hip"))[:n].mean(axis=0)
        x, y = across[:2] / np.hypot(*across[:2])
        at = at @ np.array([[x, -y, 0], [y, x, 0], [0, 0, 1]])
    points = dict(zip(whole.convention.keypoint_names, np.moveaxis(at, 1, 0), strict=True))
    for pair in _PAIRS:
        if f"left_{pair}" in points:
            points[f"mid_{pair}"] = (points[f"left_{pair}"] + points[f"right_{pair}"]) / 2
    return points


def curves(whole: PoseSequence) -> dict[str, np.ndarray]:
    """Return curves (T,) by name, of a repetition whose short gaps are filled."""
    points, n = _points(whole), _n_start(whole.n_frames)
    axes = ("right", "up") if whole.keypoints.shape[2] == 2 else ("left", "back", "up")
    found: dict[str, np.ndarray] = {}

    def add(name: str, vectors: np.ndarray) -> None:
        found.update({f"{name}_{axis}": vectors[:, i] for i, axis in enumerate(axes)})

    for name, (start, end) in _SEGMENTS.items():
        if start in points and end in points:
            segment = points[end] - points[start]
            add(name, segment)
            flat = np.linalg.norm(segment[:, :-1], axis=1)
            found[f"{name}_lean"] = np.arctan2(flat, segment[:, -1])
    for pair in _PAIRS:
        if f"left_{pair}" in points:
            add(f"between_{pair}s", points[f"left_{pair}"] - points[f"right_{pair}"])
    for side in ("left", "right"):
        hip, knee, ankle = (points[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle"))
        add(f"{side}_knee_off", knee - (hip + ankle) / 2)
    for name in _MOVED:
        if name in points:
            add(f"{name}_moved", points[name] - points[name][:n].mean(axis=0))
    angles = main_angles_rad(whole.keypoints, whole.convention)
    found |= {f"{name}_angle": curve for name, curve in zip(MAIN_ANGLES, angles.T, strict=True)}
    half = len(MAIN_ANGLES) // 2
    for name, curve in zip(MAIN_ANGLES, (angles[:, :half] - angles[:, half:]).T, strict=False):
        found[f"{name}_angle_less_right"] = curve
    if whole.convention == SMPL_22 and whole.keypoints.shape[2] == 3:
        found |= {name: measure(whole.keypoints) for name, measure in MEASURES.items()}
        hips, shoulders = found["between_hips_back"], found["between_shoulders_back"]
        found["twist"] = np.arctan2(shoulders, found["between_shoulders_left"]) - np.arctan2(
            hips, found["between_hips_left"]
        )
    return found


def _summed_up(curves: np.ndarray, along: np.ndarray, fps: float) -> np.ndarray:
    """Sum curves (T, N) up as SUMMARIES says; NaN for those with a gap. Shape (6, N)."""
    smooth = gaussian_filter1d(curves, SMOOTH_S * fps, axis=0, mode="nearest")
    peak = int(np.clip(along.argmax(), 1, len(along) - 2))
    low, high = along.min(), along.max()
    far = along >= low + FAR_SHARE * (high - low)
    found: np.ndarray = np.stack([
        smooth[: _n_start(len(curves))].mean(axis=0),
        smooth.min(axis=0),
        smooth.max(axis=0),
        np.abs(np.gradient(smooth, axis=0)).max(axis=0) * fps,
        smooth[far].mean(axis=0),
        smooth[peak:].mean(axis=0) - smooth[:peak].mean(axis=0),
    ])  # fmt: skip
    return found


def _unevenness(along: np.ndarray, fps: float) -> dict[str, float]:
    """Return how far the way goes back on itself, and how long it stands still."""
    smooth = gaussian_filter1d(along, SMOOTH_S * fps, mode="nearest")
    share = (smooth - smooth.min()) / np.ptp(smooth)
    peak = int(share.argmax())
    out, back = share[: peak + 1], share[peak:]
    under_way = (share > 0.05) & (np.abs(np.gradient(share)) * fps < STILL_SHARE)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], under_way.astype(int), [0]])))
    lengths = edges[1::2] - edges[::2]
    return {
        "backwards_out": float((np.maximum.accumulate(out) - out).max()),
        "backwards_back": float((back - np.minimum.accumulate(back)).max()),
        "still_s": float(lengths.max(initial=0) / fps),
        "fastest_out": float(np.diff(out, prepend=out[0]).max() * fps),
        "fastest_back": float(-np.diff(back, prepend=back[0]).min() * fps),
    }


def _n_start(n_frames: int) -> int:
    return max(1, round(START_SHARE * n_frames))
