"""A video with what was seen in it: the skeleton, main angles, the repetition and its verdict."""

from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import wrap

import numpy as np

from motions.errors import FormbenchError
from scoring.methods.angles import MAIN_ANGLES, main_angles_rad
from scoring.pipeline import CONFIDENT, JudgedRepetition
from scoring.poses import PoseSequence
from simulator.rendering.images import draw_text
from simulator.rendering.skeletons import draw_skeleton
from simulator.rendering.video import VideoWriter, count_frames, read_video

_LINES, _SHADE = 24, 0.4
N_LETTERS = 32
"""So many of a cue fit into a line of an upright video."""
_APART = 0.08
"""Of the picture's height: left and right joints that are nearer than this get one number."""


def write_annotated(
    video: Path,
    poses: PoseSequence,
    judged: Sequence[JudgedRepetition],
    out: Path,
    on_frame: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Write a video again with skeleton, angles, repetition and verdict over it.

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
    angles_deg = seen_angles_deg(poses)
    with VideoWriter(out, width, height, source.fps) as writer:
        for frame in range(poses.n_frames):
            whole = next(source.frames) if frame else first
            rgb = np.ascontiguousarray(whole[:height, :width])
            seen = poses.confidence[frame] >= CONFIDENT
            draw_skeleton(rgb, poses.keypoints[frame], seen, poses.convention)
            _draw_angles(rgb, poses, frame, angles_deg[frame])
            _draw_words(rgb, _words(judged, frame / poses.fps))
            _draw_count(rgb, sum(rep.span.end_s <= frame / poses.fps for rep in judged))
            writer.write(rgb)
            on_frame(frame + 1, poses.n_frames)


def _words(judged: Sequence[JudgedRepetition], at_s: float) -> list[str]:
    """Return what is said of a moment: the repetition that goes on, or the last one's verdict."""
    begun = [rep for rep in judged if rep.span.start_s <= at_s]
    if not begun:
        return [f"{len(judged)} to come"]
    now = begun[-1]
    words = [f"repetition {now.number} of {len(judged)}"]
    if at_s >= now.span.end_s:
        verdict = now.verdict
        line = {None: "", True: ": good", False: ": not good"}[verdict.good]
        words.append(verdict.abstained or f"score {verdict.score:.0f}{line}")
        if verdict.advice is not None:
            words += wrap(verdict.advice.cue, N_LETTERS)
        elif now.worst_joint:
            words.append(f"farthest off: {now.worst_joint.replace('_', ' ')}")
    return words


def _draw_words(rgb: np.ndarray, words: Sequence[str]) -> None:
    line_px = max(12, rgb.shape[0] // _LINES)
    _shade(rgb[: line_px * (len(words) + 1)])
    for number, text in enumerate(words):
        draw_text(rgb, text, (line_px // 2, line_px // 2 + number * line_px), line_px // 2, 255)


def _draw_count(rgb: np.ndarray, count: int) -> None:
    """Write how many repetitions are done, large, in the upper right corner."""
    size_px = max(24, rgb.shape[0] // 14)
    left = rgb.shape[1] - size_px * (len(str(count)) + 1)
    _shade(rgb[: 2 * size_px, left:])
    draw_text(rgb, str(count), (left + size_px // 2, size_px // 2), size_px, 255)


def seen_angles_deg(poses: PoseSequence) -> np.ndarray:
    """Return the main angles over time, NaN where a point is not surely seen. Shape (T, 8)."""
    at = poses.convention.keypoint_names.index
    joints = np.array([[at(name) for name in names] for names in MAIN_ANGLES.values()])
    sure = (poses.confidence[:, joints] >= CONFIDENT).all(axis=2)
    return np.where(sure, np.rad2deg(main_angles_rad(poses.keypoints, poses.convention)), np.nan)


def _draw_angles(rgb: np.ndarray, poses: PoseSequence, frame: int, angles_deg: np.ndarray) -> None:
    """Write the main angles beside their joints, one for two that are all but in one place."""
    seen = {name: angle for name, angle in zip(MAIN_ANGLES, angles_deg, strict=True) if angle >= 0}
    names = poses.convention.keypoint_names
    at = {name: names.index(name) for name in seen}
    points, confidence = poses.keypoints[frame], poses.confidence[frame]
    for joint in dict.fromkeys(name.partition("_")[2] for name in seen):
        pair = [name for name in (f"left_{joint}", f"right_{joint}") if name in seen]
        apart_px = np.linalg.norm(points[at[pair[0]]] - points[at[pair[-1]]])
        if apart_px < _APART * rgb.shape[0]:
            pair = [max(pair, key=lambda name: confidence[at[name]])]
        for name in pair:
            _draw_number(rgb, f"{seen[name]:.0f}", points[at[name]])


def _draw_number(rgb: np.ndarray, text: str, place_px: np.ndarray) -> None:
    size_px = max(8, rgb.shape[0] // 60)
    left, top = (int(c) for c in (place_px[0] + size_px, place_px[1] - size_px / 2))
    _shade(rgb[max(0, top - 2) : top + size_px + 3, max(0, left - 2) : left + size_px * len(text)])
    draw_text(rgb, text, (left, top), size_px, 255)


def _shade(part: np.ndarray) -> None:
    part[:] = (part * _SHADE).astype(np.uint8)
