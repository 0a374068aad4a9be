"""A made-up person who squats before a camera: sequences to try a scorer on."""

import numpy as np

from motions.conventions import COCO_17
from scoring.poses import PoseSequence

_FPS = 30.0
_HEIGHT_PX = {
    # Above the floor and beside the middle, a person of 400 px seen from the front.
    "nose": (375, 0), "left_eye": (385, 8), "left_ear": (380, 16), "left_shoulder": (330, 45),
    "left_elbow": (270, 60), "left_wrist": (215, 62), "left_hip": (210, 30),
    "left_knee": (112, 32), "left_ankle": (20, 32),
}  # fmt: skip


def squat(depth: float = 1.0, duration_s: float = 2.0, hidden: str = "") -> PoseSequence:
    """Make one repetition, seen from the front in COCO-17.

    Args:
        depth: How far down, 1 for thighs that are level.
        duration_s: From standing to standing.
        hidden: A keypoint that is missing throughout.
    """
    n_frames = round(duration_s * _FPS)
    down = depth * np.sin(np.pi * np.arange(n_frames) / n_frames) ** 2
    points = np.zeros((n_frames, len(COCO_17.keypoint_names), 2))
    for k, name in enumerate(COCO_17.keypoint_names):
        height, beside = _HEIGHT_PX[name.replace("right", "left")]
        # Ankles stay, hips sink by the length of a thigh, knees go out; all above sinks alike.
        sunk = {"ankle": 0, "knee": 10}.get(name.partition("_")[2], 98) * down
        out = {"knee": 25}.get(name.partition("_")[2], 0) * down
        side = -1 if name.startswith("right") else 1
        points[:, k, 0] = 320 + side * (beside + out)
        points[:, k, 1] = 460 - (height - sunk)
    confidence = np.ones(points.shape[:2])
    if hidden:
        points[:, COCO_17.keypoint_names.index(hidden)] = np.nan
        confidence[:, COCO_17.keypoint_names.index(hidden)] = 0
    return PoseSequence(
        points, confidence, "coco17", _FPS, "made up", exercise="squat", view="front"
    )


def missing_person() -> PoseSequence:
    """Make a second in which nobody was seen."""
    n_frames, n_points = round(_FPS), len(COCO_17.keypoint_names)
    return PoseSequence(
        np.full((n_frames, n_points, 2), np.nan),
        np.zeros((n_frames, n_points)),
        "coco17",
        _FPS,
        "made up",
        exercise="squat",
        view="front",
    )
