"""The graphics card: OpenGL 3.3 on EGL, on Mesa's llvmpipe where there is no card.

The only file that imports moderngl. One context a process. Shaders are in shaders/; a program is
named after what it draws.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import moderngl
import numpy as np

from motions.errors import FormbenchError

MEND = "apt-get install libegl1 libgl1-mesa-dri"

UNITS = (
    "room", "on_floor", "light_on_floor", "moving", "identities", "heights", "depths", "normals",
    "flows", "room_surface", "surroundings",
)  # fmt: skip
"""The textures that shaders read, each in the texture unit of its place here."""

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


class Card:
    """The context with the programs that run on it.

    Raises:
        FormbenchError: No context can be made; the message has the line that mends it.
    """

    def __init__(self) -> None:
        self.context = _context()
        lens, light, screen = (_source(name) for name in ("lens", "light", "screen.vert"))
        self._meshes: dict[str, moderngl.Program] = {}
        self._truths: dict[str, moderngl.Program] = {}
        self.shadow = self._program(_source("shadow.vert"), _source("shadow.frag"))
        self.soften = self._program(screen, _source("soften.frag"))
        self.room = self._program(screen, lens + light + _source("room.frag"))
        compose = _source("compose.frag")
        self.compose = self._program(screen, compose)
        self.compose_floor = self._program(screen, "#define ONLY_FLOOR\n" + compose)

    def mesh(self, kinds: Sequence[str], targets: Sequence[str]) -> moderngl.Program:
        """Return what draws what moves as cameras see it.

        Args:
            kinds: What it draws beside the picture, see `simulator.rendering.layers`.
            targets: Which of them have targets of their own, in that order.
        """
        defines = _defines(
            {kind: 2 + targets.index(kind) if kind in targets else 0 for kind in kinds}
        )
        if defines not in self._meshes:
            lens, light = _source("lens"), _source("light")
            vertex, fragment = lens + light + _source("mesh.vert"), lens + _source("mesh.frag")
            self._meshes[defines] = self._program(defines + vertex, defines + fragment)
        return self._meshes[defines]

    def truth(self, kinds: Sequence[str]) -> moderngl.Program:
        """Return what puts passes together, each into the target of its place in `kinds`."""
        defines = _defines({kind: target for target, kind in enumerate(kinds)})
        if defines not in self._truths:
            fragment = defines + _source("lens") + _source("truth.frag")
            self._truths[defines] = self._program(_source("screen.vert"), fragment)
        return self._truths[defines]

    def _program(self, vertex: str, fragment: str) -> moderngl.Program:
        version = "#version 330\n"
        program = self.context.program(
            vertex_shader=version + vertex, fragment_shader=version + fragment
        )
        set_uniforms(program, **{name: unit for unit, name in enumerate(UNITS)})
        return program

    def set_all(self, **uniforms: Any) -> None:
        """Set uniforms in every program that has them."""
        for program in (*self._meshes.values(), self.shadow, self.soften, self.room):
            set_uniforms(program, **uniforms)

    def draws_surfaces(self, front_face: str) -> None:
        """From now on the nearest front faces show; `front_face` is "ccw" or "cw"."""
        self.context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self.context.front_face = front_face

    def draws_pictures(self) -> None:
        """From now on what is drawn covers what was there."""
        self.context.enable_only(moderngl.NOTHING)

    def clips(self, does: bool) -> None:
        """From now on surfaces are cut off where a shader's gl_ClipDistance[0] is negative."""
        if does:
            self.context.enable_direct(_CLIP_DISTANCE0)
        else:
            self.context.disable_direct(_CLIP_DISTANCE0)

    def floats(self, values: np.ndarray) -> moderngl.Buffer:
        """Send float32 values to the card."""
        return self.context.buffer(np.ascontiguousarray(values, dtype=np.float32))

    def bytes(self, values: np.ndarray) -> moderngl.Buffer:
        """Send uint8 values to the card."""
        return self.context.buffer(np.ascontiguousarray(values, dtype=np.uint8))

    def indices(self, faces: np.ndarray) -> moderngl.Buffer:
        """Send the vertex numbers of faces to the card."""
        return self.context.buffer(np.ascontiguousarray(faces, dtype=np.int32))

    def texture(self, size: tuple[int, int], components: int, dtype: str = "f1") -> Any:
        """Make a texture whose edge goes on for ever."""
        texture = self.context.texture(size, components, dtype=dtype)
        texture.repeat_x = texture.repeat_y = False
        return texture

    def picture(self, rgb: np.ndarray) -> Any:
        """Send a picture (height, width, 3), uint8, that goes on for ever to its sides."""
        height_px, width_px = rgb.shape[:2]
        texture = self.context.texture((width_px, height_px), 3, rgb.tobytes(), alignment=1)
        texture.repeat_y = False
        texture.build_mipmaps()
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        return texture

    def over_screen(self, program: moderngl.Program) -> moderngl.VertexArray:
        """Return what draws a program over a whole target: `render(vertices=3)`."""
        return self.context.vertex_array(program, [])


def set_uniforms(program: moderngl.Program, **uniforms: Any) -> None:
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


def _defines(values: Mapping[str, int]) -> str:
    return "".join(f"#define {name} {value}\n" for name, value in values.items())


def _source(name: str) -> str:
    return (files("simulator.rendering") / "shaders" / f"{name}.glsl").read_text(encoding="utf-8")
