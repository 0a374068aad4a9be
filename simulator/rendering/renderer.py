"""What a renderer is: one method from a scene and cameras to frames."""

from collections.abc import Iterator, Sequence
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


class Renderer(Protocol):
    """Draws scenes."""

    def render(self, scene: Scene, cameras: Sequence[Camera]) -> Iterator[tuple[Frame, ...]]:
        """Yield, for each frame of the scene's performance, one `Frame` a camera."""
        ...
