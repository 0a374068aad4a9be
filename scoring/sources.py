"""What can be scored: a video, in which MediaPipe finds the person, or poses from a file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from motions.terminal import told
from scoring.estimators.arrays import read_poses
from scoring.estimators.mediapipe import seen_poses
from scoring.poses import PoseSequence
from simulator.rendering.video import count_frames, read_video

ARRAYS = (".npz", ".npy")


@dataclass(frozen=True)
class Recording:
    """One person doing one exercise."""

    poses: PoseSequence
    """What is judged: image points of a video."""
    space: PoseSequence | None
    """The same frames in metres, where they are known."""
    video: Path | None


def read_recording(
    path: Path, on_frame: Callable[[int, int], None] = lambda done, total: None
) -> Recording:
    """Read poses, or find them in a video.

    Args:
        path: An `.npz` or `.npy` with keypoints, or a video.
        on_frame: Is told how many frames of how many of a video were looked at.

    Raises:
        FormbenchError: The file cannot be read, or shows nobody.
    """
    if path.suffix in ARRAYS:
        poses = read_poses(path)
        return Recording(poses, poses if poses.unit == "m" else None, None)
    video, n_frames = read_video(path), count_frames(path)
    seen = seen_poses(told(video.frames, n_frames, on_frame), video.fps)
    return Recording(seen.image, seen.world, path)
