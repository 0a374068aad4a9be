"""A rounded back, from the outline of the person's pixels, or from points on the spine.

Shoulders and hips say nothing of what the back does between them. Seen from the side, the outline
of the back does: from the line hip to neck, which becomes the horizontal, it is followed outwards
to where the person's pixels end, on the side that the nose does not point to. A parabola through
it gives its curvature, and its height over its own chord the sagitta, both per length of the
trunk: 0 for a flat back, positive for a rounded one, negative for a hollow one. Clothes and muscles
curve an outline too, so a repetition is measured by how far the far end is from its own start.

It holds only near a side view: `view_deg` is 0 from the side and 90 from the front or the back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from motions.motion import Span
from scoring.methods.features import FAR_SHARE, START_SHARE
from scoring.methods.repetitions import moving_curve
from scoring.poses import PoseSequence, cut, from_clip, torso_length
from simulator.clip import Clip
from simulator.masks import decode_mask

FARTHEST_VIEW_DEG = 30.0
"""Farther from the side the outline is no longer that of the back."""
FROM, TO = 0.1, 0.9
"""The part of the way from hip to neck that is followed: above the buttocks, below the collar."""
N_POINTS = 41
DEPTH = 0.6
"""Of the trunk's length: no back is farther from the line hip to neck."""
WIDE = 0.8
"""Breadth of the shoulders over the trunk's length."""


@dataclass(frozen=True)
class Back:
    """The outline of a back in one picture."""

    curvature: float
    """Second derivative of the outline over the way from hip to neck, sign turned."""
    sagitta: float
    """Greatest height of the outline over the line between its ends, signed as the curvature."""
    outline_px: np.ndarray
    """Image points from hip to neck. Shape (n, 2)."""


def outline_of(mask: np.ndarray, hip_px: np.ndarray, neck_px: np.ndarray, nose_px: np.ndarray,
               ear_px: np.ndarray) -> Back | None:  # fmt: skip
    """Follow the back in one picture.

    Args:
        mask: The person's pixels. Shape (height, width), bool.
        hip_px: Middle of the hips. Shape (2,).
        neck_px: Middle of the shoulders. Shape (2,).
        nose_px: What lies ahead of the ears. Shape (2,).
        ear_px: Middle of the ears. Shape (2,).

    Returns:
        None where a point is missing or outside the mask's person, or most of the outline is.
    """
    points = np.stack([hip_px, neck_px, nose_px, ear_px])
    trunk = neck_px - hip_px
    length_px = float(np.hypot(*trunk))
    if np.isnan(points).any() or length_px < 10:
        return None
    along = trunk / length_px
    away = np.array([-along[1], along[0]])
    if (nose_px - ear_px) @ away > 0:
        away = -away
    shares = np.linspace(FROM, TO, N_POINTS)
    steps = np.arange(0, DEPTH * length_px, 0.5)
    rays = hip_px + shares[:, None, None] * trunk + steps[:, None] * away  # (n, S, 2)
    inside = _inside(mask, rays)
    # Where each ray first leaves the person.
    depth_px = np.where(inside.all(axis=1), np.nan, steps[inside.argmin(axis=1)])
    seen = inside[:, 0] & ~np.isnan(depth_px)
    if seen.sum() < N_POINTS // 2:
        return None
    shares, heights = shares[seen], depth_px[seen] / length_px
    bend, _, _ = np.polyfit(shares, heights, 2)
    chord = np.interp(shares, shares[[0, -1]], heights[[0, -1]])
    over = heights - chord
    outline = hip_px + shares[:, None] * trunk + depth_px[seen][:, None] * away
    return Back(float(-2 * bend), float(over[np.abs(over).argmax()]), outline)


def view_deg(sequence: PoseSequence) -> float:
    """Return how far from the side a person is seen, from how wide the shoulders look.

    0 from either side, 90 from the front or the back.
    """
    across = np.abs(sequence.at("left_shoulder")[:, 0] - sequence.at("right_shoulder")[:, 0])
    wide = float(np.nanmedian(across)) / (WIDE * torso_length(sequence))
    return float(np.degrees(np.arcsin(min(wide, 1.0))))


@dataclass(frozen=True)
class RoundedBack:
    """How a back changes in a repetition."""

    applicable: bool
    """Whether the view shows the back's outline, at the start and at the far end."""
    view_deg: float
    """How far from the side it is seen."""
    curvature: float | None
    """At the far end, less that at the start; None where the view does not show it."""
    sagitta: float | None
    """Likewise."""


def rounded_back(sequence: PoseSequence, backs: Sequence[Back | None]) -> RoundedBack:
    """Measure one repetition.

    Args:
        sequence: Image points of one repetition with shoulders and hips.
        backs: What `outline_of` gave for the same frames.
    """
    angle_deg = view_deg(sequence)
    along = moving_curve(sequence)
    far = along >= along.min() + FAR_SHARE * np.ptp(along)
    start = np.arange(len(backs)) < max(1, round(START_SHARE * len(backs)))
    found = []
    for frames in (start, far):
        some = [back for back, use in zip(backs, frames, strict=True) if use and back is not None]
        if angle_deg > FARTHEST_VIEW_DEG or not some:
            return RoundedBack(False, angle_deg, None, None)
        found.append(np.median([[back.curvature, back.sagitta] for back in some], axis=0))
    curvature, sagitta = found[1] - found[0]
    return RoundedBack(True, angle_deg, float(curvature), float(sagitta))


def rounded_backs(
    sequence: PoseSequence, masks: Iterable[np.ndarray], spans: Sequence[Span]
) -> tuple[RoundedBack, ...]:
    """Measure the repetitions of a recording, one after the other.

    Args:
        sequence: Image points with nose, ears, shoulders and hips.
        masks: The person's pixels in the same frames, each (height, width), bool; taken one by one.
        spans: The repetitions.

    Raises:
        FormbenchError: The frames differ in number.
    """
    points = landmarks_px(sequence)
    found: list[Back | None] = []
    for n, mask in enumerate(masks):
        found.append(outline_of(mask, *points[n]) if n < len(points) else None)
    if len(found) != sequence.n_frames:
        raise FormbenchError(
            f"rounded back: expected a mask for each of {sequence.n_frames} frames, "
            f"got {len(found)}"
        )
    frames = [span.frames(sequence.fps, sequence.n_frames) for span in spans]
    return tuple(
        rounded_back(cut(sequence, span), found[some])
        for span, some in zip(spans, frames, strict=True)
    )


def clip_backs(clip: Clip, camera_name: str) -> tuple[RoundedBack, ...]:
    """Measure the repetitions of a clip by the person's true pixels.

    Raises:
        FormbenchError: There is no such camera, or the clip has no masks.
    """
    view = clip.view(camera_name)
    if not view.masks:
        raise FormbenchError(
            f"clip {clip.clip_id}: expected masks of {camera_name}, got none; generate it with "
            "pixels"
        )
    size = view.camera.width_px, view.camera.height_px
    masks = (decode_mask(encoded, *size) for encoded in view.masks)
    return rounded_backs(from_clip(clip, camera_name, COCO_17.name), masks, clip.reps)


def spine_turn_rad(points_px: np.ndarray) -> np.ndarray:
    """Return by how much a spine turns from its lowest piece to its highest, in the image.

    By how much it rounds in a repetition is how far this moves from where it began; which way that
    is depends on the side that is seen.

    Args:
        points_px: C7, T8, L1, L5 and sacrum, as the "spine5" convention has them. Shape (T, 5, 2).

    Returns:
        The sum of the turns at T8, L1 and L5, clockwise as seen. Radians, shape (T,).
    """
    pieces = points_px[:, :-1] - points_px[:, 1:]
    above, below = pieces[:, :-1], pieces[:, 1:]
    cross = below[..., 0] * above[..., 1] - below[..., 1] * above[..., 0]
    turn: np.ndarray = np.arctan2(cross, (above * below).sum(axis=-1)).sum(axis=-1)
    return turn


def landmarks_px(sequence: PoseSequence) -> np.ndarray:
    """Return mid-hip, mid-shoulder, nose and mid-ear over time. Shape (T, 4, 2)."""
    hips, shoulders, ears = (
        (sequence.at(f"left_{name}") + sequence.at(f"right_{name}")) / 2
        for name in ("hip", "shoulder", "ear")
    )
    return np.stack([hips, shoulders, sequence.at("nose"), ears], axis=1)


def _inside(mask: np.ndarray, points_px: np.ndarray) -> np.ndarray:
    """Return which image points (..., 2) lie on the mask; none outside the picture."""
    column, row = np.floor(points_px[..., 0]).astype(int), np.floor(points_px[..., 1]).astype(int)
    height, width = mask.shape
    within = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    found: np.ndarray = within & mask[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    return found
