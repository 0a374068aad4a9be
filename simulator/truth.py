"""What every camera sees of a performance: keypoints, their visibility, the person's box.

Nothing here needs pixels, so clips of keypoints only carry the same truth as rendered ones. 2D
points are the 3D points through `Camera.project`, no more.

Visibility is decided along the ray from the camera to the point, by the first surface on it:

* no surface before the point: visible (2), as for a point of the face;
* the person's own skin within the point's reach: visible. Where the ray pierces the skin is carried
  back to the rest pose, and its distance there from the point is compared. A knee centre seen from
  the front lies behind the kneecap, which is within its reach;
* anything else, a prop or the skin of another part: hidden (1). The far hip behind the near one, an
  elbow behind the trunk, a hip behind the hand that rests on it.

The reach of a point is how deep it lies in the rest pose, the distance to the skin that REACH_SHARE
of all directions do not exceed, times REACH_FACTOR, plus REACH_MARGIN_M: some 20 cm for a
hip, 12 cm for a knee, 5 cm for a wrist, 1 to 2 cm for a point on the skin. A point that is not
inside the image, half-open 0 <= u < width and 0 <= v < height, or not before the camera, has
visibility 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.bodies.body import Body
from simulator.cameras.camera import Camera
from simulator.clip import View
from simulator.performance import Performance
from simulator.raycast import first_hits
from simulator.rendering.scene import Prop

REACH_SHARE = 0.4
REACH_FACTOR = 1.8
REACH_MARGIN_M = 0.01

_FRAMES_AT_ONCE = 32
_STEPS = 6
"""Directions along each edge of the cube of rays that finds how deep a point lies."""


@dataclass(frozen=True)
class _Points:
    """All keypoints of all conventions in one row, with what their visibility needs."""

    counts: dict[str, int]
    """How many points each convention has, in the order of the row."""
    rest_m: np.ndarray
    """Where the points are in the body's rest pose. Shape (N, 3)."""
    reach_m: np.ndarray
    """How far from it skin still belongs to the point. Shape (N,)."""

    def by_convention(self, values: np.ndarray, axis: int) -> dict[str, np.ndarray]:
        """Part the row that `axis` of an array holds."""
        ends = np.cumsum(list(self.counts.values()))[:-1]
        return dict(zip(self.counts, np.split(values, ends, axis=axis), strict=True))


def measure_views(
    performance: Performance, cameras: Sequence[Camera], props: Sequence[Prop] = ()
) -> tuple[View, ...]:
    """Return one view a camera: points of every convention of the body, visibility and boxes.

    Args:
        performance: Who moves.
        cameras: Who looks.
        props: What else may stand in the way, at the same frames.
    """
    body = performance.body
    points = _points(body)
    world = body.keypoints_world_m(performance.root_m, performance.world_wxyz)
    world_m = np.concatenate([world[name] for name in points.counts], axis=1)
    in_sight = np.zeros((len(cameras), *world_m.shape[:2]), dtype=bool)
    boxes_px = np.zeros((len(cameras), performance.n_frames, 4))
    faces = _joined_faces(body, props)
    drawn = np.unique(body.faces)
    for start in range(0, performance.n_frames, _FRAMES_AT_ONCE):
        skins, _ = performance.skin(slice(start, start + _FRAMES_AT_ONCE))
        for frame, skin in enumerate(skins, start):
            surface = np.concatenate([skin, *(_placed(prop, frame) for prop in props)])
            outline = skin[drawn]
            for index, camera in enumerate(cameras):
                hit_faces, hit_weights, _ = first_hits(
                    camera.to_camera(surface), faces, camera.to_camera(world_m[frame]), False
                )
                in_sight[index, frame] = _in_sight(body, points, hit_faces, hit_weights)
                boxes_px[index, frame] = _box_px(camera, outline)
    return tuple(
        _view(camera, points, world_m, in_sight[index], boxes_px[index])
        for index, camera in enumerate(cameras)
    )


def reaches_m(body: Body) -> dict[str, np.ndarray]:
    """Return by convention how far the skin that belongs to each point may be. Shape (K,)."""
    points = _points(body)
    return points.by_convention(points.reach_m, axis=0)


def _points(body: Body) -> _Points:
    vertices = body.rest_vertices_m.astype(np.float64)
    rest = {"smpl22": body.rest_joints_m}
    for name in body.convention_names:
        if name != "smpl22":
            rest[name] = body.keypoints[name].weights @ vertices[body.keypoints[name].vertices]
    rest_m = np.concatenate(list(rest.values()))
    places_m, place = np.unique(rest_m, axis=0, return_inverse=True)  # conventions share points
    depths_m = _depths_m(places_m, vertices, body.faces)[place]
    counts = {name: len(points) for name, points in rest.items()}
    return _Points(counts, rest_m, REACH_FACTOR * depths_m + REACH_MARGIN_M)


def _depths_m(points_m: np.ndarray, vertices_m: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return how deep each point lies: REACH_SHARE of its distances to the skin all round. (N,)."""
    steps = np.tan(np.pi / 4 * (np.arange(_STEPS) - (_STEPS - 1) / 2) * 2 / _STEPS)
    rays = np.stack([*np.meshgrid(steps, steps), np.ones((_STEPS, _STEPS))], axis=-1).reshape(-1, 3)
    lengths = np.linalg.norm(rays, axis=-1)
    depths = np.zeros(len(points_m))
    for index, point in enumerate(points_m):
        distances = []
        # The six sides of a cube: even permutations of x, y, z, and their half turns about y.
        for axes in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
            seen = (vertices_m - point)[:, axes]
            for turned in (seen, seen * [-1.0, 1.0, -1.0]):
                hit_faces, _, along = first_hits(turned, faces, rays, True)
                distances.append(np.where(hit_faces < 0, 0, along * lengths))
        depths[index] = np.quantile(np.concatenate(distances), REACH_SHARE)
    return depths


def _joined_faces(body: Body, props: Sequence[Prop]) -> np.ndarray:
    """Return the faces of the skin and, after them, those of the props, on one row of vertices."""
    joined = [body.faces]
    start = len(body.rest_vertices_m)
    for prop in props:
        joined.append(prop.faces + np.int32(start))
        start += len(prop.vertices_m)
    return np.concatenate(joined)


def _placed(prop: Prop, frame: int) -> np.ndarray:
    T_world_prop = prop.T_world_prop[frame]
    return prop.vertices_m @ T_world_prop[:3, :3].T + T_world_prop[:3, 3]


def _in_sight(
    body: Body, points: _Points, hit_faces: np.ndarray, hit_weights: np.ndarray
) -> np.ndarray:
    on_skin = (hit_faces >= 0) & (hit_faces < len(body.faces))
    corners = body.rest_vertices_m[body.faces[np.where(on_skin, hit_faces, 0)]]
    pierced_m = np.einsum("nc,nca->na", hit_weights, corners)
    near = np.linalg.norm(pierced_m - points.rest_m, axis=-1) <= points.reach_m
    return (hit_faces < 0) | (on_skin & near)


def _box_px(camera: Camera, skin_m: np.ndarray) -> np.ndarray:
    px, _ = camera.project(skin_m)
    seen = px[~np.isnan(px[:, 0])]
    if not len(seen):
        return np.zeros(4)
    limits = [camera.width_px, camera.height_px]
    return np.concatenate([np.clip(seen.min(0), 0, limits), np.clip(seen.max(0), 0, limits)])


def _view(
    camera: Camera,
    points: _Points,
    world_m: np.ndarray,
    in_sight: np.ndarray,
    box_px: np.ndarray,
) -> View:
    px, _ = camera.project(world_m)
    inside = ((px >= 0) & (px < [camera.width_px, camera.height_px])).all(axis=-1)
    visibility = np.where(inside, np.where(in_sight, 2, 1), 0).astype(np.uint8)
    return View(
        camera=camera,
        keypoints_px=points.by_convention(px, axis=1),
        visibility=points.by_convention(visibility, axis=1),
        box_px=box_px,
    )
