"""The passes of `simulator.rendering.passes` on the graphics card, drawn together with the picture.

What moves is drawn once, into the picture and the passes at the same time; each pixel's centre is
then looked up, what shows the room is filled in, and what was asked for is read back.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.rendering.card import UNITS, Card

_DEPTH, _NORMALS, _FLOW, _LABELS = range(4)


class _Source(NamedTuple):
    """Where a pass comes from."""

    attachment: int
    take: Callable[[np.ndarray], np.ndarray]
    """From what is read of it, (height, width, channels), to the pass."""


def _flow(first: int) -> Callable[[np.ndarray], np.ndarray]:
    def take(read: np.ndarray) -> np.ndarray:
        known = (read[..., first] > 0).astype(np.uint16)
        return np.stack([read[..., first], read[..., first + 1], known], axis=-1)

    return take


_SOURCES = {
    "depth": _Source(_DEPTH, lambda read: read[..., 0]),
    "normals": _Source(_NORMALS, lambda read: read[..., :3]),
    "flow": _Source(_FLOW, _flow(0)),
    "flow_back": _Source(_FLOW, _flow(2)),
    "instances": _Source(_LABELS, lambda read: read[..., 0]),
    "parts": _Source(_LABELS, lambda read: read[..., 1]),
    "whole_parts": _Source(_LABELS, lambda read: read[..., 2]),
}


class Layers:
    """The passes of images of one size.

    Args:
        card: Where they are drawn.
        size: Width and height in pixels.
        passes: Which are read back.
    """

    def __init__(self, card: Card, size: tuple[int, int], passes: Sequence[str]) -> None:
        self._card, self._size, self._passes = card, size, passes
        twice = (2 * size[0], 2 * size[1])
        self.drawn = (card.texture(twice, 4, "f4"), card.texture(twice, 4, "f4"))
        """Normals and depth, then flows: what moves is drawn into them."""
        kinds = ((1, "u2"), (4, "u2"), (4, "u2"), (4, "u1"))
        self._once = card.context.framebuffer([card.texture(size, *kind) for kind in kinds])
        self._screen = card.over_screen(card.truth)
        self._kinds = kinds

    def read(self, room_surface: Any) -> Mapping[str, np.ndarray]:
        """Return the passes of the frame and camera that were drawn last.

        Args:
            room_surface: The texture of the empty room's normals and depth.
        """
        surfaces, flows = self.drawn
        maps = {"surfaces": surfaces, "flows": flows, "room_surface": room_surface}
        for name, texture in maps.items():
            texture.use(UNITS.index(name))
        self._card.draws_pictures()
        self._once.use()
        self._screen.render(vertices=3)
        wanted = sorted({_SOURCES[name].attachment for name in self._passes})
        found = {attachment: self._read(attachment) for attachment in wanted}
        return {
            name: np.ascontiguousarray(_SOURCES[name].take(found[_SOURCES[name].attachment]))
            for name in self._passes
        }

    def _read(self, attachment: int) -> np.ndarray:
        channels, dtype = self._kinds[attachment]
        read = self._once.read(components=channels, attachment=attachment, dtype=dtype)
        width_px, height_px = self._size
        values = np.frombuffer(read, dtype={"u1": np.uint8, "u2": np.uint16}[dtype])
        return values.reshape(height_px, width_px, channels)
