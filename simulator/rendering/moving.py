"""What moves, on the graphics card, and the light it leaves on the floor: once for all cameras."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from motions.geometry import unit
from motions.skeleton import SMPL22
from simulator.cameras.camera import Camera
from simulator.rendering.card import UNITS, Card, set_uniforms
from simulator.rendering.framing import (
    AROUND_JOINTS_M,
    Box,
    Region,
    box_of,
    grown,
    shadow_of_box,
)
from simulator.rendering.layers import kinds_of, mapped
from simulator.rendering.paint import PERSON, paint_thing
from simulator.rendering.people import PersonOnCard
from simulator.rendering.scene import Scene

SHADOWS_TO_M = 4.0
"""Height up to which things cast shadows."""

_SUNK_M = 0.002  # what is less far below the floor than this, no one sees
_HEIGHTS_SIZE, _LIGHT_SIZE = 512, 256
_SOFT_EDGE_M = 0.1
_NEAR_FLOOR = {
    # radius in metres of the ball about a joint that keeps light from the floor under it
    "left_ankle": 0.06, "left_foot": 0.07, "right_ankle": 0.06, "right_foot": 0.07,
    "left_wrist": 0.05, "right_wrist": 0.05,
}  # fmt: skip


class Movers:
    """The people first, the one whom the scene is about before the others, then the things."""

    def __init__(
        self, card: Card, scene: Scene, cameras: Sequence[Camera], passes: Sequence[str] = ()
    ) -> None:
        self._card, self._props = card, scene.props
        kinds = kinds_of(passes)
        self.program = card.mesh(kinds, mapped(kinds))
        """What draws them as cameras see them."""
        self._people = [
            PersonOnCard(card, person, identity, cameras, self.program)
            for identity, person in enumerate(scene.people, PERSON)
        ]
        self._seen = [person.seen for person in self._people]
        self._casting = [person.casting for person in self._people]
        for prop in scene.props:
            normals, paint = paint_thing(prop)
            place, faces = card.floats(prop.vertices_m), card.indices(prop.faces)
            surface = [
                (place, "3f", "position"),
                (card.floats(normals), "3f", "normal"),
                (card.bytes(paint), "4f1", "paint"),
                (place, "3f", "before"),
                (place, "3f", "after"),
                (card.bytes(np.zeros(len(paint))), "1f1", "carrier"),
            ]
            self._seen.append(
                card.context.vertex_array(self.program, _read_by(self.program, surface), faces)
            )
            self._casting.append(card.context.vertex_array(card.shadow, surface[:1], faces))
        self._n_frames = scene.performance.n_frames
        self._transforms: list[dict[str, np.ndarray]] = []
        self.boxes: list[Box] = []
        """What bounds each of them in the frame that is set."""

    def each_frame(self) -> Iterator[int]:
        """Set one frame after the other, and yield its index."""
        last = self._n_frames - 1
        still = dict.fromkeys(("T_world_mesh", "T_world_before", "T_world_after"), np.eye(4))
        for frame_index, boxes in enumerate(
            zip(*(p.each_frame() for p in self._people), strict=True)
        ):
            self._transforms = [still] * len(self._people) + [
                {
                    "T_world_mesh": prop.T_world_prop[frame_index],
                    "T_world_before": prop.T_world_prop[max(frame_index - 1, 0)],
                    "T_world_after": prop.T_world_prop[min(frame_index + 1, last)],
                }
                for prop in self._props
            ]
            self.boxes = [
                *boxes,
                *(box_of(_placed(p.vertices_m, p.T_world_prop[frame_index])) for p in self._props),
            ]
            yield frame_index

    def draw(self, only_rest: bool) -> None:
        """Draw the person whom the scene is about, or the rest, as the camera sees them."""
        sinks = min(box.low_m[2] for box in self.boxes) < -_SUNK_M
        self._card.clips(sinks)  # only when needed, for clipping costs half as much again
        part = slice(1, None) if only_rest else slice(0, 1)
        self._each(self.program, self._seen[part], self._transforms[part])
        self._card.clips(False)

    def cast(self) -> None:
        """Draw them as the light sees them."""
        self._each(self._card.shadow, self._casting, self._transforms)

    def _each(
        self, program: Any, arrays: list[Any], transforms: list[dict[str, np.ndarray]]
    ) -> None:
        for array, around in zip(arrays, transforms, strict=True):
            set_uniforms(program, **around)
            array.render()


class Floor:
    """How much light reaches the floor: a map of the part that shadows can fall on."""

    def __init__(self, card: Card, scene: Scene) -> None:
        self._card = card
        self._lamp = lamp(scene)
        self._joints_m = scene.performance.joints_world_m
        boxes = [
            grown(box_of(person.performance.joints_world_m), AROUND_JOINTS_M)
            for person in scene.people
        ]
        boxes += [box_of(_placed(prop.vertices_m, prop.T_world_prop)) for prop in scene.props]
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
        self.heights.use(UNITS.index("heights"))
        joints_m = self._joints_m[frame_index]
        balls = [
            (*joints_m[SMPL22.index(name)], radius_m) for name, radius_m in _NEAR_FLOOR.items()
        ]
        set_uniforms(self._card.soften, near_floor=balls, texel=1 / _LIGHT_SIZE)
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


def _read_by(program: Any, surface: list[tuple]) -> list[tuple]:
    return [part for part in surface if part[-1] in program]


def lamp(scene: Scene) -> np.ndarray:
    """Return the unit vector towards the key light. Shape (3,)."""
    return unit(np.array(scene.looks.light_direction, dtype=np.float64))


def _placed(points_m: np.ndarray, T_world_prop: np.ndarray) -> np.ndarray:
    """Bring a thing's points (V, 3) to the world at each of (..., 4, 4). Shape (..., V, 3)."""
    turned = points_m @ np.swapaxes(T_world_prop[..., :3, :3], -1, -2)
    return turned + T_world_prop[..., None, :3, 3]
