"""A renderer without graphics hardware: the person as sausages, things as wires.

For tests and quick looks. Every bone is a capsule between its projected ends, as thick as the limb
is there, painted back to front with the things; the mask is painted by the same strokes. Bones stay
straight between their ends, so lens distortion bends the body only at its joints.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from motions.geometry import rotate
from motions.skeleton import SMPL22
from simulator.cameras.camera import Camera
from simulator.rendering.images import draw_stroke
from simulator.rendering.passes import check_passes
from simulator.rendering.renderer import Frame
from simulator.rendering.scene import Prop, Rgb, Scene

_HEAD_RADIUS_M = 0.11
_HEAD_CENTRE_M = np.array([0.0, -0.02, 0.09])  # from the head joint, in its own frame
_BONES = {
    # the joint a bone ends in: radius in metres, what it wears
    "spine1": (0.13, "shorts"), "spine2": (0.13, "shirt"), "spine3": (0.13, "shirt"),
    "neck": (0.08, "shirt"), "head": (0.06, "skin"),
    "hip": (0.10, "shorts"), "knee": (0.07, "shorts"), "ankle": (0.05, "skin"),
    "foot": (0.04, "shoes"), "collar": (0.07, "shirt"), "shoulder": (0.07, "shirt"),
    "elbow": (0.045, "shirt"), "wrist": (0.04, "skin"),
}  # fmt: skip
_GRID_M = np.arange(-3.0, 3.01, 0.5)  # where lines on the floor run
_NEAR_M = 0.05


class StickRenderer:
    """Draws scenes with lines; a `Renderer`."""

    def render(
        self, scene: Scene, cameras: Sequence[Camera], passes: Sequence[str] = ()
    ) -> Iterator[tuple[Frame, ...]]:
        """Yield, for each frame of the scene's performance, one `Frame` a camera."""
        check_passes(passes, drawn=())
        empty: dict[str, np.ndarray] = {}
        for frame_index in range(scene.performance.n_frames):
            frames = []
            for camera in cameras:
                now = camera.at(frame_index)
                if frame_index == 0 or now is not camera:
                    empty[camera.name] = _room(now, scene)
                frames.append(_draw(scene, frame_index, now, empty[camera.name].copy()))
            yield tuple(frames)


def _draw(scene: Scene, frame_index: int, camera: Camera, rgb: np.ndarray) -> Frame:
    person, whole = (np.zeros(rgb.shape[:2], dtype=np.uint8) for _ in range(2))
    strokes = [
        *_person_strokes(scene, frame_index, camera),
        *(stroke for prop in scene.props for stroke in _prop_strokes(prop, frame_index, camera)),
    ]
    for _, colour, is_person, ends_px, thickness_px in sorted(
        strokes, key=lambda stroke: stroke[0], reverse=True
    ):
        painted = [(rgb, colour), (person, 255 if is_person else 0)]
        for image, value in painted + ([(whole, 255)] if is_person else []):
            draw_stroke(image, ends_px[0], ends_px[1], value, thickness_px, smooth=False)
    return Frame(rgb, person > 0, whole > 0, {})


_Stroke = tuple[float, tuple[int, int, int], bool, np.ndarray, int]
"""Depth in metres, colour, whether it is the person, ends (2, 2) in pixels, thickness in pixels."""


def _person_strokes(scene: Scene, frame_index: int, camera: Camera) -> Iterator[_Stroke]:
    performance = scene.performance
    joints_m = performance.joints_world_m[frame_index]
    head = SMPL22.index("head")
    head_m = joints_m[head] + rotate(performance.world_wxyz[frame_index, head], _HEAD_CENTRE_M)
    bones = [
        (joints_m[[parent, child]], *_BONES[SMPL22.joint_names[child].split("_")[-1]])
        for child, parent in enumerate(SMPL22.parents)
        if parent >= 0
    ]
    bones.append((np.stack([head_m, head_m]), _HEAD_RADIUS_M, "skin"))
    for ends_m, radius_m, part in bones:
        ends_px, depth_m = camera.project(ends_m)
        if depth_m.min() > _NEAR_M and np.isfinite(ends_px).all():
            thickness_px = max(1, round(2 * radius_m * camera.focal_px / depth_m.mean()))
            colour = _bytes(scene.looks.part_rgb[part])
            yield float(depth_m.mean()), colour, True, ends_px, thickness_px


def _prop_strokes(prop: Prop, frame_index: int, camera: Camera) -> Iterator[_Stroke]:
    T_world_prop = prop.T_world_prop[frame_index]
    world_m = prop.vertices_m @ T_world_prop[:3, :3].T + T_world_prop[:3, 3]
    points_px, depth_m = camera.project(world_m)
    edges = np.sort(prop.faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    for edge in np.unique(edges, axis=0):
        if depth_m[edge].min() > _NEAR_M and np.isfinite(points_px[edge]).all():
            yield float(depth_m[edge].mean()), _bytes(prop.rgb), False, points_px[edge], 1


def _room(camera: Camera, scene: Scene) -> np.ndarray:
    """Draw wall and floor, and a grid of half metres on the floor."""
    u, v = np.meshgrid(np.arange(camera.width_px) + 0.5, np.arange(camera.height_px) + 0.5)
    rays_cam = np.stack([u, v, np.ones_like(u)], axis=-1) @ np.linalg.inv(camera.K).T
    looks_down = rays_cam @ camera.T_world_cam[2, :3] < 0
    floor, wall = _bytes(scene.looks.floor_rgb), _bytes(scene.looks.wall_rgb)
    rgb = np.where(looks_down[..., None], floor, wall).astype(np.uint8)
    line = tuple(round(0.8 * channel) for channel in floor)
    along = np.linspace(_GRID_M[0], _GRID_M[-1], 97)
    for at in _GRID_M:
        for x, y in ((along, np.full_like(along, at)), (np.full_like(along, at), along)):
            points_px, depth_m = camera.project(np.stack([x, y, np.zeros_like(x)], axis=-1))
            shown = (depth_m > _NEAR_M) & (np.abs(points_px) < 1e4).all(axis=-1)
            for start in np.flatnonzero(shown[:-1] & shown[1:]):
                draw_stroke(rgb, points_px[start], points_px[start + 1], line, 1)
    return rgb


def _bytes(rgb: Rgb) -> tuple[int, int, int]:
    return tuple(round(255 * channel) for channel in rgb)  # type: ignore[return-value]
