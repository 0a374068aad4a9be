"""What moves, on the graphics card, and the light it leaves on the floor: once for all cameras."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from motions.geometry import unit
from motions.skeleton import SMPL22
from simulator.rendering.card import Card, set_uniforms
from simulator.rendering.framing import (
    AROUND_JOINTS_M,
    Box,
    Region,
    box_of,
    grown,
    shadow_of_box,
)
from simulator.rendering.paint import coarse_faces, paint_person, paint_thing
from simulator.rendering.scene import Scene

SHADOWS_TO_M = 4.0
"""Height up to which things cast shadows."""

_CHUNK = 16  # frames posed at once: enough to be fast, few enough to stay small
_SHADOW_DETAIL_M = 0.02
_SUNK_M = 0.002  # what is less far below the floor than this, no one sees
_HEIGHTS_SIZE, _LIGHT_SIZE = 512, 256
_SOFT_EDGE_M = 0.1
_NEAR_FLOOR = {
    # radius in metres of the ball about a joint that keeps light from the floor under it
    "left_ankle": 0.06, "left_foot": 0.07, "right_ankle": 0.06, "right_foot": 0.07,
    "left_wrist": 0.05, "right_wrist": 0.05,
}  # fmt: skip


class Movers:
    """The person's skin first, then the things."""

    def __init__(self, card: Card, scene: Scene, detail_m: float) -> None:
        self._card, self._scene = card, scene
        body = scene.performance.body
        painted = paint_person(body, scene.looks)
        self._doubled = painted.doubled
        self._positions, self._normals = (
            card.context.buffer(reserve=len(painted.paint) * 12, dynamic=True) for _ in range(2)
        )
        seen = painted.coarse(body.rest_vertices_m, detail_m)
        casting = coarse_faces(body.rest_vertices_m, body.faces, _SHADOW_DETAIL_M)
        self._seen: list[Any] = []
        self._casting: list[Any] = []
        self._add(self._positions, self._normals, painted.paint, seen, casting)
        for prop in scene.props:
            normals, paint = paint_thing(prop)
            surface = (card.floats(prop.vertices_m), card.floats(normals))
            self._add(*surface, paint, prop.faces, prop.faces)
        self._transforms = [np.eye(4)] * len(self._seen)
        self.boxes: list[Box] = []
        """What bounds each of them in the frame that is set."""

    def _add(
        self,
        positions: Any,
        normals: Any,
        paint: np.ndarray,
        seen: np.ndarray,
        casting: np.ndarray,
    ) -> None:
        card, context = self._card, self._card.context
        place, facing = (positions, "3f", "position"), (normals, "3f", "normal")
        colour = (context.buffer(paint), "4f1", "paint")
        self._seen.append(
            context.vertex_array(card.mesh, [place, facing, colour], card.indices(seen))
        )
        self._casting.append(context.vertex_array(card.shadow, [place], card.indices(casting)))

    def each_frame(self) -> Iterator[int]:
        """Set one frame after the other, and yield its index."""
        performance, props = self._scene.performance, self._scene.props
        for start in range(0, performance.n_frames, _CHUNK):
            skins = performance.skin(slice(start, min(start + _CHUNK, performance.n_frames)))
            for frame_index, (vertices_m, normals) in enumerate(zip(*skins, strict=True), start):
                for buffer, values in ((self._positions, vertices_m), (self._normals, normals)):
                    buffer.write(values)
                    buffer.write(values[self._doubled], offset=values.nbytes)
                self._transforms[1:] = [prop.T_world_prop[frame_index] for prop in props]
                self.boxes = [
                    box_of(vertices_m),
                    *(box_of(_placed(p.vertices_m, p.T_world_prop[frame_index])) for p in props),
                ]
                yield frame_index

    def draw(self) -> None:
        """Draw them as the camera sees them."""
        sinks = min(box.low_m[2] for box in self.boxes) < -_SUNK_M
        self._card.clips(sinks)  # only when needed, for clipping costs half as much again
        self._each(self._card.mesh, self._seen)
        self._card.clips(False)

    def cast(self) -> None:
        """Draw them as the light sees them."""
        self._each(self._card.shadow, self._casting)

    def _each(self, program: Any, arrays: list[Any]) -> None:
        for array, T_world_mesh in zip(arrays, self._transforms, strict=True):
            set_uniforms(program, T_world_mesh=T_world_mesh)
            array.render()


class Floor:
    """How much light reaches the floor: a map of the part that shadows can fall on."""

    def __init__(self, card: Card, scene: Scene) -> None:
        self._card = card
        self._lamp = lamp(scene)
        self._joints_m = scene.performance.joints_world_m
        boxes = [grown(box_of(self._joints_m), AROUND_JOINTS_M)] + [
            box_of(_placed(prop.vertices_m, prop.T_world_prop)) for prop in scene.props
        ]
        reach = box_of(np.array([self._shadow(box) for box in boxes]))
        middle_m, half_m = (reach.low_m + reach.high_m) / 2, (reach.high_m - reach.low_m) / 2
        self.footprint = np.concatenate([middle_m[:2], half_m[:2]])
        """Middle and half size of the map in the world's x and y, metres."""
        self.heights = card.context.depth_texture((_HEIGHTS_SIZE, _HEIGHTS_SIZE))
        self.heights.compare_func = "<="
        self.heights.repeat_x = self.heights.repeat_y = False
        self.light = card.texture((_LIGHT_SIZE, _LIGHT_SIZE), 4)
        self._cast = card.context.framebuffer(depth_attachment=self.heights)
        self._softened = card.context.framebuffer([self.light])
        self._screen = card.over_screen(card.soften)
        self.boxes: list[Box] = []
        """Where on the floor shadows lie in the frame that is set."""

    def _shadow(self, box: Box) -> Box:
        return grown(shadow_of_box(box, self._lamp), _SOFT_EDGE_M)

    def light_up(self, movers: Movers, frame_index: int) -> None:
        """Draw the map for the frame that the movers are set to."""
        self.boxes = [self._shadow(box) for box in movers.boxes]
        self._card.draws_surfaces("ccw")
        self._cast.use()
        self._cast.clear()
        movers.cast()
        self._card.draws_pictures()
        self.heights.use(0)
        joints_m = self._joints_m[frame_index]
        balls = [
            (*joints_m[SMPL22.index(name)], radius_m) for name, radius_m in _NEAR_FLOOR.items()
        ]
        set_uniforms(self._card.soften, heights=0, near_floor=balls, texel=1 / _LIGHT_SIZE)
        self._softened.clear(1.0, 1.0, 1.0, 1.0, viewport=(0, 0, _LIGHT_SIZE, _LIGHT_SIZE))
        self._softened.scissor = self._texels()
        self._softened.use()
        self._screen.render(vertices=3)

    def _texels(self) -> Region:
        """Return the part of the map that this frame's shadows lie in."""
        low, high = (
            ((m[:2] - self.footprint[:2]) / self.footprint[2:] + 1) / 2 * _LIGHT_SIZE
            for m in box_of(np.array(self.boxes))
        )
        first = np.clip(np.floor(low), 0, _LIGHT_SIZE).astype(int)
        size = np.clip(np.ceil(high), 0, _LIGHT_SIZE).astype(int) - first
        return Region(*first.tolist(), *size.tolist())


def lamp(scene: Scene) -> np.ndarray:
    """Return the unit vector towards the key light. Shape (3,)."""
    return unit(np.array(scene.looks.light_direction, dtype=np.float64))


def _placed(points_m: np.ndarray, T_world_prop: np.ndarray) -> np.ndarray:
    """Bring a thing's points (V, 3) to the world at each of (..., 4, 4). Shape (..., V, 3)."""
    turned = points_m @ np.swapaxes(T_world_prop[..., :3, :3], -1, -2)
    return turned + T_world_prop[..., None, :3, 3]
