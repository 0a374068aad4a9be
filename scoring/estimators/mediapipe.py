"""MediaPipe Pose on pictures and videos, run as a worker process in its own environment.

Release 0.10.21 still ships its models; it wants an older numpy than we do, hence the environment
(`workbench setup mediapipe`). It finds one person at most.
"""

import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from motions.conventions import COCO_17, MEDIAPIPE_33
from motions.errors import FormbenchError
from scoring.poses import PoseSequence
from simulator.environments import environment, environment_python

COMPLEXITIES = {"lite": 0, "full": 1, "heavy": 2}
SHIPPED = ("full",)
"""The models that the release's wheel holds; it would fetch the others."""
WORKER = Path(__file__).with_name("mediapipe_worker.py")
_N = len(MEDIAPIPE_33.keypoint_names)
_COCO = tuple(MEDIAPIPE_33.keypoint_names.index(name) for name in COCO_17.keypoint_names)


class Landmarks(NamedTuple):
    """What MediaPipe sees of one person in one picture."""

    image_px: np.ndarray
    """Image points, also outside the picture. Shape (33, 2)."""
    world_m: np.ndarray
    """From the middle of the hips; X to the picture's right, Y away from the camera, Z up for a
    level camera. Shape (33, 3)."""
    visibility: np.ndarray
    """From 0 to 1. Shape (33,)."""
    mask: np.ndarray | None
    """Which pixels show the person. Shape (height, width), bool; None where not asked for."""


class Seen(NamedTuple):
    """One person as COCO-17."""

    points_px: np.ndarray
    """Shape (17, 2)."""
    confidence: np.ndarray
    """From 0 to 1. Shape (17,)."""


class MediaPipe:
    """MediaPipe Pose; a context manager that starts and ends its process.

    Args:
        model: A key of COMPLEXITIES that the release ships.
        tracking: Whether pictures follow one another, so that each helps the next; a new video
            needs a new `MediaPipe` then.
        masks: Whether the person's pixels are wanted too.

    Raises:
        FormbenchError: It is not set up, or the model is not among those shipped.
    """

    def __init__(self, model: str = "full", *, tracking: bool = True, masks: bool = False) -> None:
        if model not in SHIPPED:
            raise FormbenchError(
                f"mediapipe: expected model {' or '.join(SHIPPED)}, which its release ships, "
                f"got {model!r}"
            )
        self.model_version = f"{environment('mediapipe').requirements[0]} {model}"
        self._masks = masks
        wishes = [str(COMPLEXITIES[model]), str(int(tracking)), str(int(masks))]
        # -P: beside the worker lies this file, which must not be taken for MediaPipe itself.
        self._command = [str(environment_python("mediapipe")), "-P", str(WORKER), *wishes]

    def __enter__(self) -> Self:
        self._said = tempfile.TemporaryFile()
        self._worker = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
        )
        return self

    def __exit__(self, *error: object) -> None:
        # Closing its stdin ends the worker; one in the middle of a picture is ended.
        self._pipes()[0].close()
        try:
            self._worker.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait()
        self._pipes()[1].close()
        self._said.close()

    def __call__(self, rgb: np.ndarray) -> Seen | None:
        """Find the person in a picture (height, width, 3), uint8, as COCO-17; None for nobody."""
        found = self.landmarks(rgb)
        if found is None:
            return None
        return Seen(found.image_px[list(_COCO)], found.visibility[list(_COCO)])

    def landmarks(self, rgb: np.ndarray) -> Landmarks | None:
        """Find the person in a picture (height, width, 3), uint8; None for nobody."""
        height, width = rgb.shape[:2]
        try:
            pictures = self._pipes()[0]
            pictures.write(struct.pack("<ii", width, height))
            pictures.write(np.ascontiguousarray(rgb, np.uint8).tobytes())
            pictures.flush()
            if self._read(1) == b"\0":
                return None
            image, world = (self._floats() for _ in range(2))
            mask = self._read(height * width) if self._masks else None
        except (BrokenPipeError, EOFError) as error:
            self._said.seek(0)
            lines = self._said.read().decode(errors="replace").strip().splitlines()
            raise FormbenchError(f"mediapipe ended: {lines[-1] if lines else 'no word'}") from error
        return Landmarks(
            image_px=image[:, :2] * (width, height),
            world_m=np.stack([world[:, 0], world[:, 2], -world[:, 1]], axis=1),
            visibility=np.clip(image[:, 3], 0, 1),
            mask=None if mask is None else np.frombuffer(mask, bool).reshape(height, width),
        )

    def _floats(self) -> np.ndarray:
        return np.frombuffer(self._read(16 * _N), "<f4").reshape(_N, 4).astype(np.float64)

    def _read(self, n_bytes: int) -> bytes:
        got = self._pipes()[1].read(n_bytes)
        if len(got) < n_bytes:
            raise EOFError
        return bytes(got)

    def _pipes(self) -> tuple[Any, Any]:
        return self._worker.stdin, self._worker.stdout


class NobodySeenError(FormbenchError):
    """A whole video in which nobody was found."""


class SeenPoses(NamedTuple):
    """A person over a video: the same frames in the image and in space."""

    image: PoseSequence
    """In pixels, points outside the picture missing."""
    world: PoseSequence
    """In metres from the middle of the hips."""


def seen_poses(
    pictures: Iterable[np.ndarray],
    fps: float,
    *,
    exercise: str = "",
    view: str = "",
    on_mask: Callable[[np.ndarray], None] | None = None,
) -> SeenPoses:
    """Follow the person through the frames of a video.

    Args:
        pictures: The frames, each (height, width, 3), uint8.
        fps: Frames per second.
        exercise: What is done, where it is known.
        view: The camera's name, where it is known.
        on_mask: Called with the person's pixels in each frame, (height, width), bool.

    Raises:
        NobodySeenError: There is no frame, or no frame shows a person.
        FormbenchError: MediaPipe ended.
    """
    found: list[Landmarks | None] = []
    inside: list[np.ndarray] = []
    nowhere = np.full((_N, 3), np.nan)
    with MediaPipe(masks=on_mask is not None) as mediapipe:
        for rgb in pictures:
            one = mediapipe.landmarks(rgb)
            if on_mask is not None:
                shown = None if one is None else one.mask
                on_mask(np.zeros(rgb.shape[:2], bool) if shown is None else shown)
                one = None if one is None else one._replace(mask=None)
            found.append(one)
            points = nowhere[:, :2] if one is None else one.image_px
            size = np.array([rgb.shape[1], rgb.shape[0]])
            inside.append(np.all((points >= 0) & (points <= size), axis=1))
        version = mediapipe.model_version
    if not any(found):
        raise NobodySeenError(f"mediapipe: expected a person, found none in {len(found)} frames")
    confidence = np.stack([np.zeros(_N) if one is None else one.visibility for one in found])
    image = np.stack([nowhere[:, :2] if one is None else one.image_px for one in found])
    world = np.stack([nowhere if one is None else one.world_m for one in found])
    in_view = np.stack(inside)
    about: dict[str, Any] = {
        "convention_name": MEDIAPIPE_33.name,
        "fps": fps,
        "source": version,
        "exercise": exercise,
        "view": view,
    }
    return SeenPoses(
        PoseSequence(
            keypoints=np.where(in_view[..., None], image, np.nan),
            confidence=np.where(in_view, confidence, 0),
            **about,
        ),
        PoseSequence(keypoints=world, confidence=confidence, unit="m", **about),
    )
