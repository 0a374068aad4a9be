"""Where the keypoints come from that scorers are shown: the truth, or what stands in its way.

A source is a function of a clip, its folder, a camera's name and a keypoint convention. The same
scorer on one source after another shows what each stage of a real pipeline costs it.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from motions.conventions import convention
from motions.errors import FormbenchError, unknown_name
from scoring.poses import PoseSequence, from_clip
from simulator.clip import Clip

PoseSource = Callable[[Clip, Path, str, str], PoseSequence]
TRUTH = "truth"


def pose_source(name: str) -> PoseSource:
    """Return the source with a name of POSE_SOURCES, or raise with the nearest one."""
    if name not in POSE_SOURCES:
        raise unknown_name("poses", name, POSE_SOURCES)
    return POSE_SOURCES[name]


def in_convention(sequence: PoseSequence, name: str) -> PoseSequence:
    """Return the keypoints of another convention that have the same names.

    Raises:
        FormbenchError: One of them is not there.
    """
    have = sequence.convention.keypoint_names
    wanted = convention(name).keypoint_names
    missing = [point for point in wanted if point not in have]
    if missing:
        raise FormbenchError(
            f"poses: expected the points of {name}, {sequence.convention_name} has no {missing[0]}"
        )
    order = [have.index(point) for point in wanted]
    return replace(
        sequence,
        keypoints=sequence.keypoints[:, order],
        confidence=sequence.confidence[:, order],
        convention_name=name,
    )


def _true(clip: Clip, folder: Path, camera_name: str, convention_name: str) -> PoseSequence:
    return from_clip(clip, camera_name, convention_name)


def _mediapipe(clip: Clip, folder: Path, camera_name: str, convention_name: str) -> PoseSequence:
    """Return what MediaPipe sees in the clip's video; every point is missing where it is nobody."""
    from scoring.estimators.mediapipe import NobodySeenError, seen_poses
    from simulator.rendering.video import read_video

    view = clip.view(camera_name)
    if view.video is None:
        raise FormbenchError(
            f"clip {clip.clip_id}: poses by mediapipe need videos; generate with render: true"
        )
    video = read_video(folder / view.video)
    true = from_clip(clip, camera_name, convention_name)
    try:
        seen = seen_poses(video.frames, video.fps, exercise=clip.exercise, view=camera_name)
    except NobodySeenError:
        nowhere = np.full_like(true.keypoints, np.nan)
        nothing = np.zeros_like(true.confidence)
        return replace(true, keypoints=nowhere, confidence=nothing, source="mediapipe")
    return in_convention(seen.image, convention_name)


POSE_SOURCES: dict[str, PoseSource] = {TRUTH: _true, "mediapipe": _mediapipe}
"""By name: the true image points, and what MediaPipe sees in the videos."""
