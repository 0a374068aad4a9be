"""The passes of `simulator.rendering.passes` on the graphics card, drawn together with the picture.

What moves is drawn once, into the picture and what the passes need at the same time; each pixel's
centre is then looked up, what shows the room is filled in, and what was asked for is read back.
Nothing is drawn for a pass that nobody asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.rendering.card import UNITS, Card
from simulator.rendering.framing import Region

N_PICTURE = 2
"""Colours and identities are drawn before what the passes need."""


class _Kind(NamedTuple):
    """What several passes share: a part of the shaders that is left out where none is wanted."""

    map: str | None
    """The texture that it is drawn into; labels lie with the identities, which are always there."""
    channels: int
    """Of that texture, floats."""
    coded: tuple[int, str]
    """Channels and type of what is read back."""


_KINDS = {
    "DEPTH": _Kind("depths", 1, (1, "u2")),
    "NORMALS": _Kind("normals", 4, (4, "u2")),
    "FLOW": _Kind("flows", 4, (4, "u2")),
    "LABELS": _Kind(None, 0, (4, "u1")),
}


class _Source(NamedTuple):
    """Where a pass comes from."""

    kind: str
    take: Callable[[np.ndarray], np.ndarray]
    """From what is read of it, (height, width, channels), to the pass."""


def _flow(first: int) -> Callable[[np.ndarray], np.ndarray]:
    def take(read: np.ndarray) -> np.ndarray:
        known = (read[..., first] > 0).astype(np.uint16)
        return np.stack([read[..., first], read[..., first + 1], known], axis=-1)

    return take


_SOURCES = {
    "depth": _Source("DEPTH", lambda read: read[..., 0]),
    "normals": _Source("NORMALS", lambda read: read[..., :3]),
    "flow": _Source("FLOW", _flow(0)),
    "flow_back": _Source("FLOW", _flow(2)),
    "instances": _Source("LABELS", lambda read: read[..., 0]),
    "parts": _Source("LABELS", lambda read: read[..., 1]),
    "whole_parts": _Source("LABELS", lambda read: read[..., 2]),
}


def kinds_of(passes: Sequence[str]) -> tuple[str, ...]:
    """Return the kinds that passes need, as the shaders name them."""
    wanted = {_SOURCES[name].kind for name in passes}
    return tuple(kind for kind in _KINDS if kind in wanted)


def mapped(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return those of the kinds that what moves is drawn into a texture of its own for."""
    return tuple(kind for kind in kinds if _KINDS[kind].map)


def drawn_for(card: Card, kinds: Sequence[str], size: tuple[int, int]) -> dict[str, Any]:
    """Make the textures that what moves is drawn into, by name, in the order of their targets."""
    return {
        str(_KINDS[kind].map): card.texture(size, _KINDS[kind].channels, "f4")
        for kind in mapped(kinds)
    }


class Layers:
    """The passes of images of one size.

    Args:
        card: Where they are drawn.
        size: Width and height in pixels.
        passes: Which are read back.
    """

    def __init__(self, card: Card, size: tuple[int, int], passes: Sequence[str]) -> None:
        self._card, self._passes, self._kinds = card, passes, kinds_of(passes)
        self.program = card.truth(self._kinds)
        """What draws them from the textures."""
        coded = [card.texture(size, *_KINDS[kind].coded) for kind in self._kinds]
        self._once = card.context.framebuffer(coded)
        self._screen = card.over_screen(self.program)
        self.has_flow = "FLOW" in self._kinds
        """Whether what is drawn depends on there being a frame before and after."""

    def read(self, room_surface: Any, region: Region) -> Mapping[str, np.ndarray]:
        """Return the passes of a region of the frame and camera that were drawn last.

        Args:
            room_surface: The texture of the empty room's normals and depth.
            region: Which pixels.
        """
        room_surface.use(UNITS.index("room_surface"))
        self._card.draws_pictures()
        self._once.scissor = region
        self._once.use()
        self._screen.render(vertices=3)
        found = {kind: self._read(index, kind, region) for index, kind in enumerate(self._kinds)}
        return {name: _SOURCES[name].take(found[_SOURCES[name].kind]) for name in self._passes}

    def _read(self, attachment: int, kind: str, region: Region) -> np.ndarray:
        channels, dtype = _KINDS[kind].coded
        read = self._once.read(region, channels, attachment, alignment=1, dtype=dtype)
        values = np.frombuffer(read, dtype={"u1": np.uint8, "u2": np.uint16}[dtype])
        return values.reshape(region.height, region.width, channels)
