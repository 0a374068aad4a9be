"""The second back end: pyrender, slower, as an independent check of the first.

The same people, things, cameras and light on a plain floor, without the room. pyrender has no lens,
so what is drawn is moved to where an ideal camera sees it at the place where the lens shows it.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

os.environ.setdefault("PYOPENGL_PLATFORM", "egl")  # pyrender reads it when it is imported
import pyrender

from motions.geometry import unit
from simulator.cameras.camera import NO_DISTORTION, Camera, distort, look_at
from simulator.rendering.looks import Mesh
from simulator.rendering.paint import paint_person, paint_thing
from simulator.rendering.passes import check_passes
from simulator.rendering.renderer import Frame
from simulator.rendering.scene import Rgb, Scene

_FLOOR_HALF_M, _FLOOR_CELLS = 4.0, 80
_UPRIGHT = np.diag([1.0, -1.0, -1.0, 1.0])  # OpenGL's camera looks along -Z with +Y up
_KEY_INTENSITY, _FILL = 4.0, 0.5
_PERSON, _OTHER = (255, 0, 0), (0, 255, 0)


class _Mesh(pyrender.Mesh):
    """pyrender 0.1.45 works bounds out with a name that numpy 2 no longer has."""

    @property
    def bounds(self) -> np.ndarray:
        """Least and greatest coordinates. Shape (2, 3)."""
        (primitive,) = self.primitives
        return np.stack([primitive.positions.min(axis=0), primitive.positions.max(axis=0)])


class PyrenderRenderer:
    """Draws scenes with pyrender; a `Renderer`.

    It has a graphics context of its own: do not use it in a process with `GlRenderer`.

    Args:
        masks: Whether to draw person masks, which takes a second pass; if not, they are empty.
    """

    def __init__(self, masks: bool = True) -> None:
        self._masks = masks

    def render(
        self, scene: Scene, cameras: Sequence[Camera], passes: Sequence[str] = ()
    ) -> Iterator[tuple[Frame, ...]]:
        """Yield, for each frame of the scene's performance, one `Frame` a camera."""
        check_passes(passes, drawn=("depth",))
        sizes = {(camera.width_px, camera.height_px) for camera in cameras}
        screens = {size: pyrender.OffscreenRenderer(*size) for size in sorted(sizes)}
        surfaces = _Surfaces(scene)
        try:
            for frame_index in range(scene.performance.n_frames):
                surfaces.set(frame_index)
                stages: dict[Any, _Stage] = {}
                frames = []
                for camera in (camera.at(frame_index) for camera in cameras):
                    # Without a lens all cameras can share what was sent to the card.
                    key = None if camera.distortion == NO_DISTORTION else camera.name
                    if key not in stages:
                        stages[key] = _Stage(surfaces, scene, camera)
                    screen = screens[camera.width_px, camera.height_px]
                    frames.append(stages[key].draw(screen, camera, self._masks, passes))
                yield tuple(frames)
        finally:
            for screen in screens.values():
                screen.delete()


class _Surfaces:
    """Everything that is drawn, in the world: positions, normals, colours and faces."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._painted = [
            paint_person(p.performance.body, p.part_rgb, pattern=p.pattern) for p in scene.people
        ]
        self._floor = _floor()
        self.all: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
        """The floor, the person, the others, then the things."""

    def set(self, frame_index: int) -> None:
        """Put everything where it is at a frame."""
        scene = self._scene
        up = np.tile([0.0, 0.0, 1.0], (len(self._floor.vertices_m), 1))
        grey = np.tile(_linear(np.array(scene.looks.floor_rgb)), (len(up), 1))
        self.all = [(self._floor.vertices_m, up, grey, self._floor.faces)]
        for person, painted in zip(scene.people, self._painted, strict=True):
            skin = person.performance.skin(slice(frame_index, frame_index + 1))
            vertices_m, normals = (
                np.concatenate([values[0], values[0][painted.doubled]]) for values in skin
            )
            colours = _linear(painted.paint[:, :3] / 255)
            self.all.append((vertices_m, unit(normals), colours, painted.faces))
        for prop in scene.props:
            R, t = prop.T_world_prop[frame_index, :3, :3], prop.T_world_prop[frame_index, :3, 3]
            thing_normals, paint = paint_thing(prop)
            placed = (prop.vertices_m @ R.T + t, thing_normals @ R.T)
            self.all.append((*placed, _linear(paint[:, :3] / 255), prop.faces))


class _Stage:
    """pyrender's scene of one instant, as one lens bends it."""

    def __init__(self, surfaces: _Surfaces, scene: Scene, lens: Camera) -> None:
        looks = scene.looks
        fill = _FILL * (1 - looks.light_strength)
        self._scene = pyrender.Scene(ambient_light=[fill] * 3, bg_color=[*looks.wall_rgb, 1.0])
        self._colours = {}
        self._before: list[pyrender.Node] = []  # what may hide the person
        for index, (positions_m, normals, colours, faces) in enumerate(surfaces.all):
            primitive = pyrender.Primitive(
                positions=_as_seen(positions_m, lens),
                normals=normals,
                color_0=np.concatenate([colours, np.ones((len(colours), 1))], axis=1),
                indices=faces,
                material=pyrender.MetallicRoughnessMaterial(metallicFactor=0, roughnessFactor=1),
            )
            node = self._scene.add(_Mesh([primitive]))
            self._colours[node] = _PERSON if index == 1 else _OTHER
            if index > 1:
                self._before.append(node)
        lamp_m = 5 * unit(np.array(looks.light_direction, dtype=np.float64))
        light = pyrender.DirectionalLight(intensity=_KEY_INTENSITY * looks.light_strength)
        self._scene.add(light, pose=look_at(lamp_m, np.zeros(3)) @ _UPRIGHT)

    def draw(
        self,
        screen: pyrender.OffscreenRenderer,
        camera: Camera,
        masks: bool,
        passes: Sequence[str],
    ) -> Frame:
        """Draw what one camera sees."""
        (fx, _, cx), (_, fy, cy), _ = camera.K
        ideal = pyrender.IntrinsicsCamera(fx, fy, cx, cy)
        eye = self._scene.add(ideal, pose=camera.T_world_cam @ _UPRIGHT)
        rgb, _ = screen.render(self._scene, pyrender.RenderFlags.SHADOWS_DIRECTIONAL)
        person = whole = np.zeros(rgb.shape[:2], dtype=bool)
        depth_m = np.zeros(rgb.shape[:2], dtype=np.float32)
        if masks or passes:
            person, depth_m = self._person(screen)
            whole = person
            for node in self._before:
                node.mesh.is_visible = False
            if self._before:
                whole, _ = self._person(screen)
            for node in self._before:
                node.mesh.is_visible = True
        self._scene.remove_node(eye)
        depth_mm = np.round(np.where(depth_m < 65.535, depth_m, 0) * 1000).astype(np.uint16)
        return Frame(rgb.copy(), person, whole, dict.fromkeys(passes, depth_mm))

    def _person(self, screen: pyrender.OffscreenRenderer) -> tuple[np.ndarray, np.ndarray]:
        """Return where the person is seen and the depth, both at each pixel's centre."""
        labels, depth_m = screen.render(self._scene, pyrender.RenderFlags.SEG, self._colours)
        return (labels == _PERSON).all(axis=-1), depth_m


def _as_seen(points_m: np.ndarray, camera: Camera) -> np.ndarray:
    """Move points (N, 3) sideways to where the camera's lens shows them; depth stays."""
    if camera.distortion == NO_DISTORTION:
        return points_m
    seen = camera.to_camera(points_m)
    ahead = seen[:, 2] > 0
    plane = seen[ahead, :2] / seen[ahead, 2:]
    # Far outside the image the lens matters to nobody, and its polynomial runs away.
    corner = float(np.hypot(camera.width_px, camera.height_px)) / camera.focal_px
    near = np.linalg.norm(plane, axis=1) < min(camera.widest_tangent, corner)
    plane[near] = distort(plane[near], camera.distortion)
    seen[ahead, :2] = plane * seen[ahead, 2:]
    return seen @ camera.T_world_cam[:3, :3].T + camera.position_m


def _floor() -> Mesh:
    """Return a floor of many squares, so that a lens can bend it."""
    n = _FLOOR_CELLS + 1
    along = np.linspace(-_FLOOR_HALF_M, _FLOOR_HALF_M, n)
    x, y = np.meshgrid(along, along)
    corner = (np.arange(_FLOOR_CELLS)[:, None] * n + np.arange(_FLOOR_CELLS)).ravel()
    faces = [(corner, corner + 1, corner + n + 1), (corner, corner + n + 1, corner + n)]
    return Mesh(
        np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3),
        np.concatenate([np.stack(face, axis=-1) for face in faces]).astype(np.int32),
    )


def _linear(srgb: Rgb | np.ndarray) -> np.ndarray:
    return np.asarray(srgb) ** 2.2
