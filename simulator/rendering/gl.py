"""The renderer: OpenGL on a graphics card, or on Mesa's llvmpipe without one.

The empty room is drawn once a camera and kept; anew each frame for a camera in a hand. Each frame
the person's skin is posed and sent once for all cameras, and its shadow on the floor drawn once;
then each camera draws what moves, at twice the resolution and only where something moves, and lays
it over the room. Images have row 0 at the top, which is GL's bottom, so nothing is ever flipped.
The same scene gives the same bytes on the same driver.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulator.cameras.camera import Camera
from simulator.held import MAT_M
from simulator.rendering.card import UNITS, Card, gl_renderer_name, set_uniforms
from simulator.rendering.framing import Region, region_of, room_about
from simulator.rendering.layers import Layers, drawn_for, kinds_of
from simulator.rendering.moving import SHADOWS_TO_M, Floor, Movers, lamp
from simulator.rendering.passes import check_passes
from simulator.rendering.renderer import Frame
from simulator.rendering.scene import FLOORS, Rgb, Scene
from simulator.rendering.surroundings import is_panorama, surroundings_rgb

__all__ = ["GlRenderer", "gl_renderer_name"]

_NEAR_M, _FAR_M = 0.05, 60.0
_TILE = 64  # samples: llvmpipe draws squares of so many
_THERE, _SEEN = 63, 191  # alpha above which the person is there, and is seen


class GlRenderer:
    """Draws scenes with OpenGL; a `Renderer`.

    Raises:
        FormbenchError: No context can be made; the message has the line that mends it.
    """

    def __init__(self) -> None:
        self._card = Card()

    def render(
        self, scene: Scene, cameras: Sequence[Camera], passes: Sequence[str] = ()
    ) -> Iterator[tuple[Frame, ...]]:
        """Yield, for each frame of the scene's performance, one `Frame` a camera."""
        check_passes(passes)
        card = self._card
        movers = Movers(card, scene, cameras, passes)
        floor = Floor(card, scene)
        card.set_all(**_surroundings(scene), room_m=room_about(cameras), footprint=floor.footprint)
        sizes = {(camera.width_px, camera.height_px) for camera in cameras}
        targets = {size: _Targets(card, *size, passes) for size in sorted(sizes)}
        picture = _hang(card, scene)
        views = [
            _View(card, camera, targets[camera.width_px, camera.height_px]) for camera in cameras
        ]
        last = scene.performance.n_frames - 1
        for frame_index in movers.each_frame():
            floor.light_up(movers, frame_index)
            has_flow = (frame_index < last, frame_index > 0)
            yield tuple(view.draw(frame_index, has_flow, movers, floor) for view in views)
        del picture  # only now: the card keeps no picture that nobody holds


def _surroundings(scene: Scene) -> dict[str, object]:
    """Return the uniforms that all frames and cameras of a scene share."""
    looks = scene.looks
    return {
        "light": lamp(scene),
        "light_strength": looks.light_strength,
        "rim_strength": looks.rim_strength,
        "floor_linear": _linear(looks.floor_rgb),
        "wall_linear": _linear(looks.wall_rgb),
        "mat_linear": _linear(looks.mat_rgb or looks.floor_rgb),
        "has_mat": looks.mat_rgb is not None,
        "mat": _mat(scene),
        "floor_kind": FLOORS.index(looks.floor),
        "shadows_to_m": SHADOWS_TO_M,
        "depth_range_m": (_NEAR_M, _FAR_M),
    }


def _hang(card: Card, scene: Scene) -> Any:
    """Put the scene's own picture into the room, and return its texture."""
    surroundings = scene.looks.surroundings
    if surroundings is None:
        set_uniforms(card.room, shown=0)
        return None
    rgb = surroundings_rgb(surroundings.file)
    texture = card.picture(rgb)
    texture.use(UNITS.index("surroundings"))
    set_uniforms(card.room, shown=2 if is_panorama(rgb) else 1)
    return texture


def _mat(scene: Scene) -> np.ndarray:
    """Return where the mat is on the floor: its middle, and half its size along X and Y, metres."""
    T = scene.performance.props["mat"][0] if "mat" in scene.performance.props else np.eye(4)
    return np.concatenate([T[:2, 3], np.abs(T[:2, :2]) @ MAT_M / 2])


def _linear(rgb: Rgb) -> np.ndarray:
    return np.array(rgb) ** 2  # as light.glsl has it


class _Targets:
    """What cameras of one size draw into, one after the other."""

    def __init__(self, card: Card, width_px: int, height_px: int, passes: Sequence[str]) -> None:
        size = (width_px, height_px)
        self._card, self._size, self._kinds = card, size, kinds_of(passes)
        self.layers = Layers(card, size, passes) if passes else None
        self.once = card.context.framebuffer([card.texture(size, 4)])
        self.bytes = bytearray(4 * width_px * height_px)
        self.origin = (0, 0)
        """The first sample that `twice` holds, of an image of twice the resolution."""
        self._grow(_TILE, _TILE)

    def _grow(self, width: int, height: int) -> None:
        """Make `twice` hold so many samples."""
        card, size = self._card, (width, height)
        self.drawn = {"moving": card.texture(size, 4), "identities": card.texture(size, 2)}
        self.drawn |= drawn_for(card, self._kinds, size)
        textures = list(self.drawn.values())
        self.twice = card.context.framebuffer(textures, card.context.depth_renderbuffer(size))
        self.twice.scissor = (0, 0, *size)
        everything = (True, True, True, True)
        self._masks = [[everything] * len(textures) for _ in range(2)]
        self._masks[1][1] = (True, False, False, False)

    def clear(self, region: Region) -> None:
        """Make `twice` show nothing, and begin where a region does."""
        twice = region.twice
        held = self.twice.size
        if held[0] < twice.width or held[1] < twice.height:
            self._grow(
                *(_TILE * -(-max(pair) // _TILE) for pair in zip(held, twice[2:], strict=True))
            )
        self.origin = (twice.left, twice.top)
        self.twice.viewport = (-twice.left, -twice.top, 2 * self._size[0], 2 * self._size[1])
        self.twice.use()
        self.twice.clear()  # all of it: llvmpipe clears a part by drawing over it

    def keep_whole(self, does: bool) -> None:
        """From now on what is drawn hides the person without changing the person's shape."""
        masks: Any = tuple(self._masks[does])
        self.twice.color_mask = masks


class _View:
    """One camera, with its picture of the empty room."""

    def __init__(self, card: Card, camera: Camera, targets: _Targets) -> None:
        self._card, self._camera, self._targets = card, camera, targets
        size = (camera.width_px, camera.height_px)
        self._room, self._on_floor = card.texture(size, 4), card.texture(size, 2, "nu2")
        surface = [card.texture(size, 4, "f4")] if targets.layers else []
        self._room_drawn = card.context.framebuffer([self._room, self._on_floor, *surface])
        self._room_surface = surface[0] if surface else None
        self._screen, self._whole, self._only_floor = (
            card.over_screen(program) for program in (card.room, card.compose, card.compose_floor)
        )
        self._empty_passes: Mapping[str, np.ndarray] | None = None
        self._empty_has_flow = (True, True)
        self._look(0)

    def _look(self, frame_index: int) -> None:
        """Turn the camera to where it is in a frame, and draw the empty room."""
        camera = self._camera
        self._now = camera.at(frame_index)
        last = len(camera.turns_rad) - 1 if camera.turns_rad is not None else 0
        before, after = (camera.at(min(max(frame_index + by, 0), last)) for by in (-1, 1))
        self._lens = {
            "T_cam_world": np.linalg.inv(self._now.T_world_cam),
            "T_cam_before": np.linalg.inv(before.T_world_cam),
            "T_cam_after": np.linalg.inv(after.T_world_cam),
            "focal_px": camera.focal_px,
            "principal_px": camera.principal_px,
            "size_px": (camera.width_px, camera.height_px),
            "distortion": camera.distortion,
            "widest_tangent": min(camera.widest_tangent, 1e6),
        }
        self._room_drawn.use()
        self._card.draws_pictures()
        set_uniforms(
            self._card.room,
            R_world_cam=self._now.R_world_cam,
            camera_m=camera.position_m,
            **self._lens,
        )
        self._screen.render(vertices=3)
        pixels = np.frombuffer(self._room_drawn.read(components=3), dtype=np.uint8)
        self._empty = pixels.reshape(camera.height_px, camera.width_px, 3)
        self._empty_passes = None

    def draw(
        self, frame_index: int, has_flow: tuple[bool, bool], movers: Movers, floor: Floor
    ) -> Frame:
        """Draw the frame that movers and floor are set to.

        Args:
            frame_index: Which it is.
            has_flow: Whether there is a frame after it, and one before.
            movers: What moves.
            floor: Its shadows.
        """
        turns = self._camera.turns_rad is not None
        if turns:
            self._look(frame_index)
        solid = region_of(self._now, movers.boxes)
        shadow = region_of(self._now, floor.boxes)
        self._targets.clear(solid)
        self._use_maps(floor)
        drawn = []
        if not solid.holds(shadow):
            self._compose(self._only_floor, shadow)
            drawn.append(shadow)
        if not solid.empty:
            self._draw_movers(movers)
            self._compose(self._whole, solid)
            drawn.append(solid)
        frame, layers = self._read(drawn), self._targets.layers
        if not layers:
            return frame
        about = {"origin": self._targets.origin, "has_flow": has_flow, "camera_turns": turns}
        set_uniforms(layers.program, **about, **self._lens)
        return frame._replace(passes=self._passes(layers, solid, has_flow))

    def _passes(
        self, layers: Layers, region: Region, has_flow: tuple[bool, bool]
    ) -> dict[str, np.ndarray]:
        """Return the passes of the empty room, with what moves in its region."""
        if not layers.has_flow:
            has_flow = (True, True)
        if self._empty_passes is None or has_flow != self._empty_has_flow:
            set_uniforms(layers.program, empty=True)
            whole = Region(0, 0, *self._empty.shape[1::-1])
            self._empty_passes = layers.read(self._room_surface, whole)
            self._empty_has_flow = has_flow
        passes = {name: pixels.copy() for name, pixels in self._empty_passes.items()}
        if not region.empty:
            set_uniforms(layers.program, empty=False)
            for name, pixels in layers.read(self._room_surface, region).items():
                passes[name][region.rows, region.columns] = pixels
        return passes

    def _use_maps(self, floor: Floor) -> None:
        maps = {
            "room": self._room, "on_floor": self._on_floor, "light_on_floor": floor.light,
            "heights": floor.heights, **self._targets.drawn,
        }  # fmt: skip
        for name, texture in maps.items():
            texture.use(UNITS.index(name))

    def _draw_movers(self, movers: Movers) -> None:
        twice = self._targets.twice
        self._card.draws_surfaces("cw")  # for row 0 is at the top
        set_uniforms(movers.program, **self._lens)
        for only_rest in (False, True):
            self._targets.keep_whole(only_rest)
            twice.use()
            movers.draw(only_rest)
        self._targets.keep_whole(False)

    def _compose(self, screen: Any, region: Region) -> None:
        """Put one region's picture together."""
        self._card.draws_pictures()
        set_uniforms(self._card.compose, origin=self._targets.origin)
        self._targets.once.scissor = region
        self._targets.once.use()
        screen.render(vertices=3)

    def _read(self, regions: Sequence[Region]) -> Frame:
        """Return the empty room with what was drawn in some regions, the last on top."""
        nobody = np.zeros(self._empty.shape[:2], dtype=bool)
        frame = Frame(self._empty.copy(), nobody, nobody.copy(), {})
        if regions:
            about, kept = Region.about(regions), self._targets.bytes
            # All at once, for each reading waits until everything is drawn.
            self._targets.once.read_into(kept, viewport=about, components=4)
            pixels = np.frombuffer(kept, np.uint8, 4 * about.width * about.height)
            pixels = pixels.reshape(about.height, about.width, 4)
            for region in regions:
                left, top = region.left - about.left, region.top - about.top
                found = pixels[top : top + region.height, left : left + region.width]
                frame.rgb[region.rows, region.columns] = found[..., :3]
                frame.person[region.rows, region.columns] = found[..., 3] > _SEEN
                frame.whole[region.rows, region.columns] = found[..., 3] > _THERE
        return frame
