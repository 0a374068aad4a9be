"""A video with what was seen in it: the skeleton, the repetition and its score."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from scoring.pipeline import JudgedRepetition
from scoring.poses import PoseSequence
from simulator.rendering.images import draw_text
from simulator.rendering.skeletons import draw_skeleton
from simulator.rendering.video import VideoWriter, count_frames, read_video

CONFIDENT = 0.5
"""Bones to points that the estimator is less sure of are dim."""
_LINES, _SHADE = 24, 0.4


def write_annotated(
    video: Path,
    poses: PoseSequence,
    judged: Sequence[JudgedRepetition],
    out: Path,
    on_frame: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write a video again with skeleton, repetition and score over it.

    Args:
        video: The video that the poses are of.
        poses: In pixels, one frame a frame.
        judged: Its repetitions in order.
        out: The file to write, `.mp4`.
        on_frame: Is told how many frames of how many are written.

    Raises:
        FormbenchError: Poses and video do not have the same number of frames.
    """
    if poses.unit != "px" or count_frames(video) != poses.n_frames:
        raise FormbenchError(
            f"{video}: expected poses in px of its {count_frames(video)} frames, "
            f"got {poses.n_frames} in {poses.unit}"
        )
    source = read_video(video)
    first = next(source.frames)
    # H.264 wants an even size.
    height, width = (size // 2 * 2 for size in first.shape[:2])
    with VideoWriter(out, width, height, source.fps) as writer:
        for frame in range(poses.n_frames):
            whole = next(source.frames) if frame else first
            rgb = np.ascontiguousarray(whole[:height, :width])
            seen = poses.confidence[frame] >= CONFIDENT
            draw_skeleton(rgb, poses.keypoints[frame], seen, poses.convention)
            _draw_words(rgb, _words(judged, frame / poses.fps))
            writer.write(rgb)
            on_frame(frame + 1, poses.n_frames)


def _words(judged: Sequence[JudgedRepetition], at_s: float) -> list[str]:
    """Return what is said of a moment: the repetition that goes on, or the last one's score."""
    begun = [rep for rep in judged if rep.span.start_s <= at_s]
    if not begun:
        return [f"0 of {len(judged)}"]
    now = begun[-1]
    words = [f"{now.number} of {len(judged)}"]
    if at_s >= now.span.end_s:
        verdict = now.verdict
        words.append(verdict.abstained or f"score {verdict.score:.0f}")
        if now.worst_joint:
            words.append(f"farthest off: {now.worst_joint.replace('_', ' ')}")
    return words


def _draw_words(rgb: np.ndarray, words: Sequence[str]) -> None:
    line_px = max(12, rgb.shape[0] // _LINES)
    band = rgb[: line_px * (len(words) + 1)]
    band[:] = (band * _SHADE).astype(np.uint8)
    for number, text in enumerate(words):
        draw_text(rgb, text, (line_px // 2, line_px // 2 + number * line_px), line_px // 2, 255)
