"""Rounded backs of people who were filmed: the person's pixels as MediaPipe or others tell them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from motions.terminal import told
from scoring.estimators.mediapipe import seen_poses
from scoring.methods.silhouette import RoundedBack, rounded_backs
from scoring.pipeline import Find
from scoring.poses import PoseSequence
from simulator.masks import decode_mask, encode_mask
from simulator.rendering.video import count_frames, read_video

BRIGHT = 128
"""From here on, of 255, a picture of a mask shows the person."""


def video_backs(
    path: Path,
    find: Find,
    on_frame: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[RoundedBack, ...]:
    """Measure the repetitions of a video by the points and pixels that MediaPipe sees.

    Raises:
        FormbenchError: It is no video, shows nobody, or MediaPipe is not there.
    """
    video, n_frames = read_video(path), count_frames(path)
    encoded: list[str] = []  # a mask is some kilobytes so, and half a megabyte as it is
    sizes: list[tuple[int, int]] = []

    def keep(mask: np.ndarray) -> None:
        encoded.append(encode_mask(mask))
        sizes.append((mask.shape[1], mask.shape[0]))

    seen = seen_poses(told(video.frames, n_frames, on_frame), video.fps, on_mask=keep).image
    masks = (decode_mask(one, *size) for one, size in zip(encoded, sizes, strict=True))
    return rounded_backs(seen, masks, find(seen))


def masked_backs(poses: PoseSequence, masks: Path, find: Find) -> tuple[RoundedBack, ...]:
    """Measure the repetitions of poses by a video whose bright pixels are the person.

    Raises:
        FormbenchError: The video is none, or has not one frame for each of the poses.
    """

    def bright() -> Iterator[np.ndarray]:
        for rgb in read_video(masks).frames:
            yield rgb.min(axis=-1) >= BRIGHT

    return rounded_backs(poses, bright(), find(poses))
