"""The renderer: OpenGL 3.3 on EGL, on a graphics card or on Mesa's llvmpipe without one.

The empty room is drawn once a camera and kept. Each frame the person's skin is posed and sent once
for all cameras, and its shadow on the floor drawn once; then each camera draws what moves, at twice
the resolution and only where something moves, and lays it over the room. Images have row 0 at the
top, which is GL's bottom, so nothing is ever flipped. The same scene gives the same bytes on the
same driver.
"""

import os
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import moderngl
import numpy as np

from motions.errors import FormbenchError
from motions.geometry import unit
from motions.skeleton import SMPL22
from simulator.cameras.camera import Camera
from simulator.rendering.framing import (
    AROUND_JOINTS_M,
    Box,
    Region,
    apart,
    box_of,
    detail_m,
    grown,
    region_of,
    room_about,
    shadow_of_box,
)
from simulator.rendering.paint import coarse_faces, paint_person, paint_thing
from simulator.rendering.renderer import Frame
from simulator.rendering.scene import FLOORS, Rgb, Scene

MEND = "apt-get install libegl1 libgl1-mesa-dri"

_CHUNK = 16  # frames posed at once: enough to be fast, few enough to stay small
_NEAR_M, _FAR_M = 0.05, 60.0
_SHADOWS_TO_M = 4.0  # height up to which things cast one
_HEIGHTS_SIZE, _FLOOR_LIGHT_SIZE = 512, 256
_SOFT_EDGE_M = 0.1
_NEAR_FLOOR = {
    # radius in metres of the ball about a joint that keeps light from the floor under it
    "left_ankle": 0.06, "left_foot": 0.07, "right_ankle": 0.06, "right_foot": 0.07,
    "left_wrist": 0.05, "right_wrist": 0.05,
}  # fmt: skip
_SHADOW_DETAIL_M = 0.02
_SUNK_M = 0.002  # what is less far below the floor than this, no one sees
_SOLID = moderngl.DEPTH_TEST | moderngl.CULL_FACE
_CLIP_DISTANCE0 = 0x3000  # moderngl has no name for it


@cache
def _context() -> moderngl.Context:
    # llvmpipe's own threads are no faster on frames this small, and a worker has one core.
    os.environ.setdefault("LP_NUM_THREADS", "1")
    # libEGL hands out every GL function itself; naming it twice spares libGL.
    libraries: dict[str, Any] = {"backend": "egl", "libegl": "libEGL.so.1", "libgl": "libEGL.so.1"}
    try:
        context = moderngl.create_context(require=330, standalone=True, **libraries)
    except Exception as error:  # glcontext raises the bare class
        reason = " ".join(str(error).split())
        raise FormbenchError(f"no OpenGL 3.3 on EGL: {reason}; mend it with: {MEND}") from error
    context.gc_mode = "auto"
    return context


def gl_renderer_name() -> str:
    """Say which driver draws, for example "llvmpipe (LLVM 15.0.6, 256 bits)".

    Raises:
        FormbenchError: There is none; the message has the line that mends it.
    """
    return str(_context().info["GL_RENDERER"])


class GlRenderer:
    """Draws scenes with OpenGL; a `Renderer`.

    Raises:
        FormbenchError: No context can be made; the message has the line that mends it.
    """

    def __init__(self) -> None:
        self._programs = _Programs(_context())

    def render(self, scene: Scene, cameras: Sequence[Camera]) -> Iterator[tuple[Frame, ...]]:
        """Yield, for each frame of the scene's performance, one `Frame` a camera."""
        movers = _Movers(self._programs, scene, detail_m(scene.performance, cameras))
        floor = _Floor(self._programs, scene)
        self._programs.set_scene(scene, room_about(cameras), floor.footprint)
        sizes = {(camera.width_px, camera.height_px) for camera in cameras}
        targets = {size: _Targets(self._programs.context, *size) for size in sorted(sizes)}
        views = [
            _View(self._programs, camera, targets[camera.width_px, camera.height_px])
            for camera in cameras
        ]
        for frame_index in movers.each_frame():
            floor.light_up(movers, frame_index)
            yield tuple(view.draw(movers, floor) for view in views)


class _Programs:
    """What runs on the card."""

    def __init__(self, context: moderngl.Context) -> None:
        self.context = context
        lens, light, screen = (_source(name) for name in ("lens", "light", "screen.vert"))
        self.mesh = self._built(lens + light + _source("mesh.vert"), _source("mesh.frag"))
        self.shadow = self._built(_source("shadow.vert"), _source("shadow.frag"))
        self.soften = self._built(screen, _source("soften.frag"))
        self.room = self._built(screen, lens + light + _source("room.frag"))
        self.compose = self._built(screen, _source("compose.frag"))

    def _built(self, vertex: str, fragment: str) -> moderngl.Program:
        version = "#version 330\n"
        return self.context.program(
            vertex_shader=version + vertex, fragment_shader=version + fragment
        )

    def set_scene(self, scene: Scene, room_m: np.ndarray, footprint: np.ndarray) -> None:
        """Hand over what is the same for all frames and cameras of a scene."""
        looks = scene.looks
        for program in (self.mesh, self.shadow, self.soften, self.room, self.compose):
            _set(
                program,
                light=_lamp(scene),
                light_strength=looks.light_strength,
                floor_linear=_linear(looks.floor_rgb),
                wall_linear=_linear(looks.wall_rgb),
                mat_linear=_linear(looks.mat_rgb or looks.floor_rgb),
                has_mat=looks.mat_rgb is not None,
                floor_kind=FLOORS.index(looks.floor),
                room_m=room_m,
                footprint=footprint,
                shadows_to_m=_SHADOWS_TO_M,
                depth_range_m=(_NEAR_M, _FAR_M),
            )


class _Movers:
    """What moves: the person's skin first, then the things, as buffers on the card."""

    def __init__(self, programs: _Programs, scene: Scene, finest_m: float) -> None:
        context = programs.context
        self._programs, self._scene = programs, scene
        body = scene.performance.body
        painted = paint_person(body, scene.looks)
        seen = painted.coarse(body.rest_vertices_m, finest_m)
        self._doubled = painted.doubled
        self._positions, self._normals = (
            context.buffer(reserve=len(painted.paint) * 12, dynamic=True) for _ in range(2)
        )
        coarse = coarse_faces(body.rest_vertices_m, body.faces, _SHADOW_DETAIL_M)
        meshes: list[tuple[Any, ...]] = [
            (self._positions, self._normals, painted.paint, seen, coarse)
        ]
        for prop in scene.props:
            normals, paint = paint_thing(prop)
            surface = (context.buffer(_floats(prop.vertices_m)), context.buffer(_floats(normals)))
            meshes.append((*surface, paint, prop.faces, prop.faces))
        self._seen, self._casting = [], []
        for positions, normals, paint, faces, casting in meshes:
            place, facing = (positions, "3f", "position"), (normals, "3f", "normal")
            colour = (context.buffer(paint), "4f1", "paint")
            self._seen.append(
                context.vertex_array(programs.mesh, [place, facing, colour], _order(context, faces))
            )
            self._casting.append(
                context.vertex_array(programs.shadow, [place], _order(context, casting))
            )
        self._transforms = [np.eye(4)] * len(meshes)
        self.boxes: list[Box] = []
        """What bounds each of them in the frame that is set."""

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
        if sinks:  # only then, for clipping costs half as much again
            self._programs.context.enable_direct(_CLIP_DISTANCE0)
        self._each(self._programs.mesh, self._seen)
        if sinks:
            self._programs.context.disable_direct(_CLIP_DISTANCE0)

    def cast(self) -> None:
        """Draw them as the light sees them."""
        self._each(self._programs.shadow, self._casting)

    def _each(self, program: moderngl.Program, arrays: list[moderngl.VertexArray]) -> None:
        for array, T_world_mesh in zip(arrays, self._transforms, strict=True):
            _set(program, T_world_mesh=T_world_mesh)
            array.render()


class _Floor:
    """How much light reaches the floor: a map of the part that shadows can fall on."""

    def __init__(self, programs: _Programs, scene: Scene) -> None:
        self._programs = programs
        self._lamp = _lamp(scene)
        self._joints_m = scene.performance.joints_world_m
        boxes = [grown(box_of(self._joints_m), AROUND_JOINTS_M)] + [
            box_of(_placed(prop.vertices_m, prop.T_world_prop)) for prop in scene.props
        ]
        shadows = [self._shadow(box) for box in boxes]
        reach = box_of(np.array([[box.low_m, box.high_m] for box in shadows]))
        self.footprint = np.concatenate(
            [(reach.low_m + reach.high_m)[:2] / 2, (reach.high_m - reach.low_m)[:2] / 2]
        )
        """Middle and half size of the map in the world's x and y, metres."""
        context = programs.context
        self.heights = context.depth_texture((_HEIGHTS_SIZE, _HEIGHTS_SIZE))
        self.heights.compare_func = "<="
        self.light = context.texture((_FLOOR_LIGHT_SIZE, _FLOOR_LIGHT_SIZE), 4)
        for texture in (self.heights, self.light):
            texture.repeat_x = texture.repeat_y = False
        self._cast = context.framebuffer(depth_attachment=self.heights)
        self._softened = context.framebuffer([self.light])
        self._screen = context.vertex_array(programs.soften, [])
        self.boxes: list[Box] = []
        """Where on the floor shadows lie in the frame that is set."""

    def _shadow(self, box: Box) -> Box:
        return grown(shadow_of_box(box, self._lamp), _SOFT_EDGE_M)

    def light_up(self, movers: _Movers, frame_index: int) -> None:
        """Draw the map for the frame that the movers are set to."""
        context = self._programs.context
        self.boxes = [self._shadow(box) for box in movers.boxes]
        context.enable_only(_SOLID)
        context.front_face = "ccw"
        self._cast.use()
        self._cast.clear()
        movers.cast()
        context.enable_only(moderngl.NOTHING)
        self.heights.use(0)
        joints_m = self._joints_m[frame_index]
        balls = [
            (*joints_m[SMPL22.index(name)], radius_m) for name, radius_m in _NEAR_FLOOR.items()
        ]
        _set(self._programs.soften, heights=0, near_floor=balls, texel=1 / _FLOOR_LIGHT_SIZE)
        whole = (0, 0, _FLOOR_LIGHT_SIZE, _FLOOR_LIGHT_SIZE)
        self._softened.clear(1.0, 1.0, 1.0, 1.0, viewport=whole)
        self._softened.scissor = self._texels()
        self._softened.use()
        self._screen.render(vertices=3)

    def _texels(self) -> Region:
        """Return the part of the map that this frame's shadows lie in."""
        reach = box_of(np.array(self.boxes))
        low, high = (
            ((m[:2] - self.footprint[:2]) / self.footprint[2:] + 1) / 2 * _FLOOR_LIGHT_SIZE
            for m in reach
        )
        first = np.clip(np.floor(low), 0, _FLOOR_LIGHT_SIZE).astype(int)
        size = np.clip(np.ceil(high), 0, _FLOOR_LIGHT_SIZE).astype(int) - first
        return Region(*first.tolist(), *size.tolist())


class _Targets:
    """What cameras of one size draw into, one after the other."""

    def __init__(self, context: moderngl.Context, width_px: int, height_px: int) -> None:
        twice = (2 * width_px, 2 * height_px)
        self.moving = context.texture(twice, 4)
        self.identities = context.texture(twice, 1)
        for texture in (self.moving, self.identities):
            texture.repeat_x = texture.repeat_y = False
        depth = context.depth_renderbuffer(twice)
        self.twice = context.framebuffer([self.moving, self.identities], depth)
        self.once = context.framebuffer([context.texture((width_px, height_px), 4)])
        self.bytes = bytearray(4 * width_px * height_px)

    def clear(self, regions: Sequence[Region]) -> None:
        """Make parts of `twice` show nothing."""
        for region in regions:
            left, top, width, height = region.twice
            # One sample more all round, which smoothing reads.
            self.twice.clear(viewport=(left - 1, top - 1, width + 2, height + 2))


class _View:
    """One camera, with its picture of the empty room."""

    def __init__(self, programs: _Programs, camera: Camera, targets: _Targets) -> None:
        self._programs, self._camera, self._targets = programs, camera, targets
        context = programs.context
        size = (camera.width_px, camera.height_px)
        self._lit, self._shaded = context.texture(size, 4), context.texture(size, 4)
        self._floor_m = context.texture(size, 2, dtype="f4")
        T_cam_world = np.eye(4)
        T_cam_world[:3, :3] = camera.T_world_cam[:3, :3].T
        T_cam_world[:3, 3] = -camera.T_world_cam[:3, :3].T @ camera.position_m
        self._lens = {
            "T_cam_world": T_cam_world,
            "R_world_cam": camera.T_world_cam[:3, :3],
            "camera_m": camera.position_m,
            "focal_px": camera.focal_px,
            "principal_px": camera.principal_px,
            "size_px": size,
            "distortion": camera.distortion,
            "widest_tangent": min(camera.widest_tangent, 1e6),
        }
        room = context.framebuffer([self._lit, self._shaded, self._floor_m])
        room.use()
        context.enable_only(moderngl.NOTHING)
        _set(programs.room, **self._lens)
        context.vertex_array(programs.room, []).render(vertices=3)
        pixels = np.frombuffer(room.read(components=3), dtype=np.uint8)
        self._empty = pixels.reshape(camera.height_px, camera.width_px, 3)
        self._screen = context.vertex_array(programs.compose, [])

    def draw(self, movers: _Movers, floor: _Floor) -> Frame:
        """Draw the frame that movers and floor are set to."""
        rgb = self._empty.copy()
        person = np.zeros(rgb.shape[:2], dtype=bool)
        context, programs, targets = self._programs.context, self._programs, self._targets
        solid = region_of(self._camera, movers.boxes)
        shadow = region_of(self._camera, floor.boxes)
        regions = apart(solid, shadow)
        targets.clear(regions)
        context.enable_only(_SOLID)
        context.front_face = "cw"  # for row 0 is at the top
        targets.twice.scissor = solid.twice
        targets.twice.use()
        floor.heights.use(0)
        _set(programs.mesh, heights=0, **self._lens)
        movers.draw()
        context.enable_only(moderngl.NOTHING)
        sources = {
            "moving": targets.moving, "identities": targets.identities, "lit": self._lit,
            "shaded": self._shaded, "floor_m": self._floor_m, "light_on_floor": floor.light,
        }  # fmt: skip
        for unit_index, (name, texture) in enumerate(sources.items()):
            texture.use(unit_index)
            _set(programs.compose, **{name: unit_index})
        for region in regions:
            targets.once.scissor = region
            targets.once.use()
            self._screen.render(vertices=3)
            targets.once.read_into(targets.bytes, viewport=region, components=4)
            pixels = np.frombuffer(targets.bytes, np.uint8, 4 * region.width * region.height)
            pixels = pixels.reshape(region.height, region.width, 4)
            rgb[region.rows, region.columns] = pixels[..., :3]
            person[region.rows, region.columns] = pixels[..., 3] > 127
        return Frame(rgb, person)


def _source(name: str) -> str:
    return (files("simulator.rendering") / "shaders" / f"{name}.glsl").read_text(encoding="utf-8")


def _set(program: moderngl.Program, **uniforms: Any) -> None:
    """Set those of the values that a program has; matrices as numpy has them, row by row."""
    for name, value in uniforms.items():
        if name in program:
            uniform: Any = program[name]
            if isinstance(value, bool | int):
                uniform.value = value
            else:
                array = np.asarray(value, dtype=np.float32)
                is_matrix = array.ndim == 2 and array.shape[0] == array.shape[1]
                uniform.write((array.T if is_matrix else array).tobytes())


def _lamp(scene: Scene) -> np.ndarray:
    """Return the unit vector towards the key light. Shape (3,)."""
    return unit(np.array(scene.looks.light_direction, dtype=np.float64))


def _linear(rgb: Rgb) -> np.ndarray:
    return np.array(rgb) ** 2


def _floats(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float32)


def _order(context: moderngl.Context, faces: np.ndarray) -> moderngl.Buffer:
    return context.buffer(np.ascontiguousarray(faces, dtype=np.int32))


def _placed(points_m: np.ndarray, T_world_prop: np.ndarray) -> np.ndarray:
    """Bring a thing's points (V, 3) to the world at each of (..., 4, 4). Shape (..., V, 3)."""
    turned = points_m @ np.swapaxes(T_world_prop[..., :3, :3], -1, -2)
    return turned + T_world_prop[..., None, :3, 3]
