"""A scene becomes videos, masks and passes in a clip's folder.

Encoding runs in a thread of its own while the next frames are drawn, at most a few frames behind,
so that few are kept. What it writes does not depend on how fast either is.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import numpy as np

from motions.errors import FormbenchError
from simulator.cameras.camera import Camera
from simulator.masks import encode_mask
from simulator.rendering.passes import PASSES
from simulator.rendering.renderer import Frame, Renderer
from simulator.rendering.scene import Scene
from simulator.rendering.sensor import Sensor, take
from simulator.rendering.video import QUALITY_CRF, LosslessWriter, VideoWriter
from simulator.view import View

_NEAREST_M = 0.2
"""Nearer to a joint than this is inside a person, or as good as."""
_MOST_WAITING = 2
"""So many instants may be drawn and not yet written."""


def film(
    scene: Scene,
    views: Sequence[View],
    renderer: Renderer,
    folder: Path,
    passes: Sequence[str] = (),
    sensors: Sequence[Sensor] = (),
) -> tuple[View, ...]:
    """Draw and write every view at once, and return the views with what pixels say.

    Args:
        scene: What there is to see.
        views: The cameras, with the truth that needs no pixels.
        renderer: Who draws.
        folder: Where the videos go.
        passes: Which of PASSES are drawn and written too.
        sensors: How each camera takes pictures; none for pictures as they are drawn.

    Raises:
        FormbenchError: A pass that the renderer does not draw, a camera inside somebody, or a video
            that cannot be written.
    """
    for view in views:
        _check_place(view.camera, scene)
    with ExitStack() as stack:
        fps, drawn = scene.performance.fps, tuple(passes)
        films = [
            _Film(view, folder, fps, passes, sensor, stack)
            for view, sensor in zip_longest(views, sensors)
        ]
        if sensors:
            drawn += tuple(name for name in ("flow", "flow_back") if name not in passes)
        encoder = stack.enter_context(ThreadPoolExecutor(1))
        waiting: deque[Future[None]] = deque()
        for frames in renderer.render(scene, [view.camera for view in views], drawn):
            waiting.append(encoder.submit(_write, films, frames))
            if len(waiting) > _MOST_WAITING:
                waiting.popleft().result()
        for future in waiting:
            future.result()
    return tuple(film.finished() for film in films)


def _check_place(camera: Camera, scene: Scene) -> None:
    for person in scene.people:
        off_m = np.linalg.norm(person.performance.joints_world_m - camera.position_m, axis=-1)
        frame = int(off_m.min(axis=1).argmin())
        if off_m[frame].min() < _NEAREST_M:
            raise FormbenchError(
                f"camera {camera.name}: in frame {frame} it is {off_m[frame].min():.2f} m from a "
                f"joint and so inside somebody; put it {_NEAREST_M} m off or farther"
            )


def _write(films: Sequence["_Film"], frames: Sequence[Frame]) -> None:
    for film, frame in zip(films, frames, strict=True):
        film.write(frame)


class _Film:
    """What is written of one view."""

    def __init__(
        self,
        view: View,
        folder: Path,
        fps: float,
        passes: Sequence[str],
        sensor: Sensor | None,
        stack: ExitStack,
    ) -> None:
        camera = view.camera
        size = (camera.width_px, camera.height_px)
        self._view, self._sensor = view, sensor
        crf = sensor.crf if sensor else QUALITY_CRF
        self._files = {name: f"{camera.name}.{name}.mkv" for name in passes}
        self._video = stack.enter_context(
            VideoWriter(folder / f"{camera.name}.mp4", *size, fps, crf)
        )
        self._passes = {
            name: stack.enter_context(
                LosslessWriter(folder / file, *size, fps, PASSES[name].pixel_format)
            )
            for name, file in self._files.items()
        }
        self._masks: list[str] = []
        self._whole_masks: list[str] = []
        self._boxes_px: list[tuple[int, int, int, int]] = []
        self._occluded: list[float] = []

    def write(self, frame: Frame) -> None:
        """Append one frame."""
        rgb = frame.rgb
        if self._sensor:
            flow = frame.passes["flow"]
            moves = flow if flow[..., 2].any() else frame.passes["flow_back"]
            rgb = take(rgb, moves, self._sensor, len(self._masks))
        self._video.write(rgb)
        for name, writer in self._passes.items():
            writer.write(frame.passes[name])
        hidden = not np.array_equal(frame.person, frame.whole)
        self._masks.append(encode_mask(frame.person))
        self._whole_masks.append(encode_mask(frame.whole) if hidden else self._masks[-1])
        self._boxes_px.append(box_of_mask(frame.person))
        n_whole = np.count_nonzero(frame.whole)
        self._occluded.append(1 - np.count_nonzero(frame.person) / n_whole if n_whole else 0.0)

    def finished(self) -> View:
        """Return the view with what was written."""
        return replace(
            self._view,
            video=f"{self._view.camera.name}.mp4",
            passes=self._files,
            masks=tuple(self._masks),
            whole_masks=tuple(self._whole_masks),
            seen_box_px=np.array(self._boxes_px, dtype=np.float64),
            occluded=np.array(self._occluded),
        )


def box_of_mask(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the pixels in a mask (height, width), zeros for none.

    >>> box_of_mask(np.array([[False, True, True], [False, False, False]]))
    (1, 0, 3, 1)
    """
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
