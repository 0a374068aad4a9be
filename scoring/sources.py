"""What can be scored: a video, in which MediaPipe finds the person, or poses from a file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from motions.errors import FormbenchError
from motions.library import exercise
from motions.motion import Span
from motions.terminal import told
from scoring.estimators.arrays import read_poses
from scoring.estimators.mediapipe import seen_poses
from scoring.pipeline import Find
from scoring.poses import PoseSequence, cut
from scoring.recognition import Guess, guesses
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


def named(recording: Recording, name: str, find: Find) -> tuple[Recording, tuple[Guess, ...]]:
    """Say what is done in a recording.

    Args:
        recording: One person doing one exercise.
        name: Of the exercise; empty to find it by what is done from the first repetition to the
            last, where the recording is known in space, and to leave it open where it is not.
        find: Finds the repetitions.

    Returns:
        The recording with the exercise, and the guesses where it was found.

    Raises:
        FormbenchError: There is no such exercise, or no repetition to find it by.
    """
    found: tuple[Guess, ...] = ()
    if name:
        exercise(name)
    elif recording.space is not None:
        spans = find(recording.poses)
        if not spans:
            raise FormbenchError("score: expected repetitions in the recording, found none")
        found = guesses(cut(recording.space, Span(spans[0].start_s, spans[-1].end_s)))
        name = found[0].exercise
    return replace(recording, poses=replace(recording.poses, exercise=name)), found


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
