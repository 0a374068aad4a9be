"""What a renderer is: one method from a scene and cameras to frames."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from simulator.cameras.camera import Camera
from simulator.rendering.scene import Scene


class Frame(NamedTuple):
    """One camera's picture of one instant."""

    rgb: np.ndarray
    """Shape (height, width, 3), uint8."""
    person: np.ndarray
    """Where the person is the nearest thing. Shape (height, width), bool."""
    whole: np.ndarray
    """Where the person would be seen if nothing stood before. Same shape."""
    passes: Mapping[str, np.ndarray]
    """By name: the pixels of each of PASSES that was asked for, in its code."""


class Renderer(Protocol):
    """Draws scenes."""

    def render(
        self, scene: Scene, cameras: Sequence[Camera], passes: Sequence[str] = ()
    ) -> Iterator[tuple[Frame, ...]]:
        """Yield, for each frame of the scene's performance, one `Frame` a camera.

        Raises:
            FormbenchError: A name in `passes` that is none of PASSES, or that it does not draw.
        """
        ...
