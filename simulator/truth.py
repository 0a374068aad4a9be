"""What every camera sees of a performance: keypoints, their visibility, the person's boxes.

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
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from motions.conventions import COCO_17
from simulator.bodies.body import Body
from simulator.cameras.camera import Camera
from simulator.performance import Performance
from simulator.raycast import first_hits
from simulator.rendering.scene import Prop
from simulator.view import View

REACH_SHARE = 0.4
REACH_FACTOR = 1.8
REACH_MARGIN_M = 0.01

_FRAMES_AT_ONCE = 32
_BODIES_KEPT = 4  # a set's clips of one person come one after the other
_STEPS = 6
"""Directions along each edge of the cube of rays that finds how deep a point lies."""


@dataclass(frozen=True)
class _Points:
    """All keypoints of all conventions in one row, with what their visibility needs.

    Conventions share points: what is worked out at N places serves all M keypoints.
    """

    counts: dict[str, int]
    """How many keypoints each convention has, in the order of the row."""
    place: np.ndarray
    """Which place each keypoint has. Shape (M,)."""
    first: np.ndarray
    """The first keypoint at each place. Shape (N,)."""
    rest_m: np.ndarray
    """Where the places are in the body's rest pose. Shape (N, 3)."""
    reach_m: np.ndarray
    """How far from it skin still belongs to the point. Shape (N,)."""

    def by_convention(self, values: np.ndarray, axis: int) -> dict[str, np.ndarray]:
        """Part the row that `axis` of an array holds."""
        ends = np.cumsum(list(self.counts.values()))[:-1]
        return dict(zip(self.counts, np.split(values, ends, axis=axis), strict=True))


def measure_views(
    performance: Performance,
    cameras: Sequence[Camera],
    props: Sequence[Prop] = (),
    others: Sequence[Performance] = (),
) -> tuple[View, ...]:
    """Return one view a camera: points of every convention of the body, visibility and boxes.

    Args:
        performance: Who moves.
        cameras: Who looks.
        props: What else may stand in the way, at the same frames.
        others: Who else may, at the same frames; their points are in the views too.
    """
    if not cameras:
        return ()
    views = _views(performance, cameras, props, others)
    if not others:
        return views
    people = (performance, *others)
    theirs = [
        _views(other, cameras, props, people[:index] + people[index + 1 :])
        for index, other in enumerate(others, 1)
    ]
    name = COCO_17.name
    return tuple(
        replace(
            view,
            others_px=np.stack([other.keypoints_px[name] for other in seen], axis=1),
            others_visibility=np.stack([other.visibility[name] for other in seen], axis=1),
            others_box_px=np.stack([other.box_px for other in seen], axis=1),
        )
        for view, *seen in zip(views, *theirs, strict=True)
    )


def _views(
    performance: Performance,
    cameras: Sequence[Camera],
    props: Sequence[Prop],
    others: Sequence[Performance],
) -> tuple[View, ...]:
    body = performance.body
    points = _points(body)
    world = body.keypoints_world_m(performance.root_m, performance.world_wxyz)
    world_m = np.concatenate([world[name] for name in points.counts], axis=1)
    places_m = world_m[:, points.first]
    n_frames = performance.n_frames
    in_sight = np.zeros((len(cameras), *places_m.shape[:2]), dtype=bool)
    boxes_px = np.zeros((len(cameras), n_frames, 4))
    in_view = np.zeros((len(cameras), n_frames))
    faces = _joined_faces(body, others, props)
    drawn = np.unique(body.faces)
    share = _area_shares(body)[drawn]
    for start in range(0, n_frames, _FRAMES_AT_ONCE):
        chunk = slice(start, start + _FRAMES_AT_ONCE)
        skins = zip(*(p.skin(chunk)[0] for p in (performance, *others)), strict=True)
        for frame, everyone in enumerate(skins, start):
            surface = np.concatenate([*everyone, *(_placed(prop, frame) for prop in props)])
            for index, camera in enumerate(camera.at(frame) for camera in cameras):
                surface_cam_m = camera.to_camera(surface)
                hit_faces, hit_weights, _ = first_hits(
                    surface_cam_m, faces, camera.to_camera(places_m[frame]), False
                )
                in_sight[index, frame] = _in_sight(body, points, hit_faces, hit_weights)
                outline_px = camera.image(surface_cam_m[drawn])
                boxes_px[index, frame] = _box_px(outline_px)
                in_view[index, frame] = share[_inside(camera, outline_px)].sum()
    return tuple(
        _view(camera, points, world_m, in_sight[index], boxes_px[index], in_view[index])
        for index, camera in enumerate(cameras)
    )


def reaches_m(body: Body) -> dict[str, np.ndarray]:
    """Return by convention how far the skin that belongs to each point may be. Shape (K,)."""
    points = _points(body)
    return points.by_convention(points.reach_m[points.place], axis=0)


@lru_cache(maxsize=_BODIES_KEPT)
def _points(body: Body) -> _Points:
    rest = body.rest_keypoints_m
    every_m = np.round(np.concatenate(list(rest.values())), 9)  # some sum up in another order
    places_m, place = np.unique(every_m, axis=0, return_inverse=True)
    depths_m = _depths_m(places_m, body.rest_vertices_m.astype(np.float64), body.faces)
    counts = {name: len(points) for name, points in rest.items()}
    first = np.unique(place, return_index=True)[1]
    return _Points(counts, place, first, places_m, REACH_FACTOR * depths_m + REACH_MARGIN_M)


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


def _joined_faces(body: Body, others: Sequence[Performance], props: Sequence[Prop]) -> np.ndarray:
    """Return the faces of the skin and, after them, the others' and the props', on one row."""
    surfaces = [
        (body.faces, len(body.rest_vertices_m)),
        *((other.body.faces, len(other.body.rest_vertices_m)) for other in others),
        *((prop.faces, len(prop.vertices_m)) for prop in props),
    ]
    starts = np.cumsum([0, *(n_vertices for _, n_vertices in surfaces)])
    return np.concatenate(
        [f + np.int32(start) for (f, _), start in zip(surfaces, starts, strict=False)]
    )


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


def _box_px(outline_px: np.ndarray) -> np.ndarray:
    """Return left, top, right, bottom of points (N, 2), zeros where none is before the camera."""
    u, v = outline_px.T
    if np.isnan(u).any():
        u, v = u[~np.isnan(u)], v[~np.isnan(u)]
    return np.array([u.min(), v.min(), u.max(), v.max()]) if len(u) else np.zeros(4)


def _inside(camera: Camera, points_px: np.ndarray) -> np.ndarray:
    """Say which points (..., 2) are inside the image. Shape (...)."""
    u, v = np.moveaxis(points_px, -1, 0)
    return (u >= 0) & (u < camera.width_px) & (v >= 0) & (v < camera.height_px)


@lru_cache(maxsize=_BODIES_KEPT)
def _area_shares(body: Body) -> np.ndarray:
    """Return each vertex's share of the skin's area at rest. Shape (V,)."""
    a, b, c = np.moveaxis(body.rest_vertices_m[body.faces].astype(np.float64), 1, 0)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    shares = np.bincount(body.faces.ravel(), np.repeat(area, 3), len(body.rest_vertices_m))
    return shares / shares.sum()


def _view(
    camera: Camera,
    points: _Points,
    world_m: np.ndarray,
    in_sight: np.ndarray,
    whole_box_px: np.ndarray,
    in_view: np.ndarray,
) -> View:
    px, _ = camera.project(world_m)
    seen = np.where(in_sight[:, points.place], 2, 1)
    visibility = np.where(_inside(camera, px), seen, 0).astype(np.uint8)
    return View(
        camera=camera,
        keypoints_px=points.by_convention(px, axis=1),
        visibility=points.by_convention(visibility, axis=1),
        box_px=np.clip(whole_box_px, 0, 2 * [camera.width_px, camera.height_px]),
        whole_box_px=whole_box_px,
        in_view=np.minimum(in_view, 1.0),
    )
