"""People on the graphics card: their skin, posed and sent once a frame for all cameras."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from simulator.cameras.camera import Camera
from simulator.performance import Performance
from simulator.rendering.card import Card
from simulator.rendering.framing import Box, box_of, detail_m
from simulator.rendering.paint import coarse_faces, paint_person
from simulator.rendering.scene import Person

_CHUNK = 16  # frames posed at once: enough to be fast, few enough to stay small
_SHADOW_DETAIL_M = 0.02


class PersonOnCard:
    """One person's buffers.

    Args:
        card: Where they are.
        person: Who.
        identity: What their pixels say.
        cameras: Who looks; what none of them sees is left out.
        program: What draws it as cameras see it: buffers hold what that reads.
    """

    def __init__(
        self, card: Card, person: Person, identity: int, cameras: Sequence[Camera], program: Any
    ) -> None:
        self._performance = person.performance
        body = person.performance.body
        painted = paint_person(body, person.part_rgb, identity, person.pattern)
        self._doubled = painted.doubled
        size = len(painted.paint) * 12
        names = [name for name in ("position", "normal", "before", "after") if name in program]
        self._buffers = {name: card.context.buffer(reserve=size, dynamic=True) for name in names}
        seen = painted.coarse(body.rest_vertices_m, detail_m(person.performance, cameras))
        casting = coarse_faces(body.rest_vertices_m, body.faces, _SHADOW_DETAIL_M)
        moving = [(buffer, "3f", name) for name, buffer in self._buffers.items()]
        colour = [(card.context.buffer(painted.paint), "4f1", "paint")]
        if "carrier" in program:
            colour.append((card.context.buffer(painted.segments), "1f1", "carrier"))
        self.seen: Any = card.context.vertex_array(program, [*moving, *colour], card.indices(seen))
        """Draws the person as cameras see them."""
        self.casting: Any = card.context.vertex_array(
            card.shadow, [(self._buffers["position"], "3f", "position")], card.indices(casting)
        )
        """Draws the person as the light sees them."""

    def each_frame(self) -> Iterator[Box]:
        """Set one frame after the other, and yield what bounds the person in it."""
        frames = _posed(self._performance)
        now, after = next(frames), next(frames, None)
        before = now
        while True:
            self._send("position", now[0])
            self._send("normal", now[1])
            self._send("before", before[0])
            self._send("after", (after or now)[0])
            yield box_of(now[0])
            if after is None:
                return
            before, now, after = now, after, next(frames, None)

    def _send(self, name: str, values: np.ndarray) -> None:
        if name in self._buffers:
            self._buffers[name].write(values)
            self._buffers[name].write(values[self._doubled], offset=values.nbytes)


def _posed(performance: Performance) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield each frame's vertices and normals."""
    for start in range(0, performance.n_frames, _CHUNK):
        chunk = slice(start, min(start + _CHUNK, performance.n_frames))
        yield from zip(*performance.skin(chunk), strict=True)
