"""What can be scored: a video, in which MediaPipe finds the person, or poses from a file."""

from collections.abc import Callable, Sequence
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
SURELY = 0.4
"""So much nearer must each of two sets be to an exercise of its own to be of different ones."""


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
        found = _guesses(recording.space, find(recording.poses), "the recording")
        name = found[0].exercise
    return replace(recording, poses=replace(recording.poses, exercise=name)), found


def check_references(found: tuple[Guess, ...], references: Sequence[Recording], find: Find) -> None:
    """Refuse a reference that surely shows another exercise than was found.

    Raises:
        FormbenchError: One does; with what each looks like.
    """
    own = dict(found)
    for number, reference in enumerate(references if found else (), 1):
        if reference.space is None:
            continue
        where = f"reference {number}"
        others = dict(_guesses(reference.space, find(reference.poses), where))
        ours, theirs = found[0].exercise, next(iter(others))
        nearer = min(own[theirs] - own[ours], others[ours] - others[theirs])
        if nearer > SURELY:
            raise FormbenchError(
                f"score: expected {where} to show what the recording shows, but one looks like "
                f"{theirs} and the other like {ours}: give --exercise if they are the same"
            )


def _guesses(space: PoseSequence, spans: tuple[Span, ...], where: str) -> tuple[Guess, ...]:
    if not spans:
        raise FormbenchError(f"score: expected repetitions in {where}, found none")
    return guesses(cut(space, Span(spans[0].start_s, spans[-1].end_s)))


def read_recording(
    path: Path,
    on_frame: Callable[[int, int], None] = lambda done, total: None,
    *,
    fps: float | None = None,
    convention_name: str | None = None,
) -> Recording:
    """Read poses, or find them in a video.

    Args:
        path: An `.npz` or `.npy` with keypoints, or a video.
        on_frame: Is told how many frames of how many of a video were looked at.
        fps: Where an array's file does not say.
        convention_name: Likewise.

    Raises:
        FormbenchError: The file cannot be read, or shows nobody.
    """
    if path.suffix in ARRAYS:
        poses = read_poses(path, fps=fps, convention_name=convention_name)
        return Recording(poses, poses if poses.unit == "m" else None, None)
    video, n_frames = read_video(path), count_frames(path)
    seen = seen_poses(told(video.frames, n_frames, on_frame), video.fps)
    return Recording(seen.image, seen.world, path)
