"""Runs in MediaPipe's own environment: pictures in on stdin, landmarks out on stdout.

Started by `scoring.estimators.mediapipe` as a script, so it imports nothing of ours. Its arguments
are model complexity, whether to track from picture to picture, and whether masks are wanted, each a
digit. A picture is two little-endian int32, width and height, then its RGB bytes. The answer is one
byte, 1 where a person was found, and if so float32 image landmarks (33, 4), world landmarks
(33, 4), both x, y, z, visibility, and where masks are wanted one byte a pixel.
"""

import struct
import sys
from typing import Any, BinaryIO

import numpy as np


def main(complexity: str, tracking: str, masks: str) -> None:
    """Answer pictures until stdin ends."""
    import mediapipe  # here, so that this file can be read where it is not installed

    pictures, answers = sys.stdin.buffer, sys.stdout.buffer
    # MediaPipe and its libraries must not print into the answers.
    sys.stdout = sys.stderr
    with mediapipe.solutions.pose.Pose(
        static_image_mode=tracking == "0",
        model_complexity=int(complexity),
        enable_segmentation=masks == "1",
    ) as pose:
        while header := pictures.read(8):
            width, height = struct.unpack("<ii", header)
            rgb = np.frombuffer(pictures.read(3 * width * height), np.uint8)
            _answer(pose.process(rgb.reshape(height, width, 3)), answers, masks == "1")


def _answer(found: Any, answers: BinaryIO, wants_mask: bool) -> None:
    if found.pose_landmarks is None:
        answers.write(b"\0")
    else:
        answers.write(b"\1")
        for landmarks in (found.pose_landmarks, found.pose_world_landmarks):
            numbers = [(p.x, p.y, p.z, p.visibility) for p in landmarks.landmark]
            answers.write(np.asarray(numbers, "<f4").tobytes())
        if wants_mask:
            answers.write((found.segmentation_mask > 0.5).astype(np.uint8).tobytes())
    answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
