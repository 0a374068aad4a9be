"""Which part of an image and of the floor can change: what is drawn anew each frame.

Everything here errs to the large side: a rectangle too big costs time, one too small would cut
something off.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from simulator.cameras.camera import Camera, distort
from simulator.performance import Performance

AROUND_JOINTS_M = 0.4
"""No skin is farther than this from every joint."""

_NEAR_M = 0.05
_DETAIL_PX = 0.75
_EDGE_PX = 2  # for rounding and for the filter that smooths edges
_ROOM_HALF_M, _ROOM_HEIGHT_M = 4.0, 3.2  # at least
_BEHIND_CAMERAS_M = 0.5


class Box(NamedTuple):
    """A box along the world's axes."""

    low_m: np.ndarray
    """Least coordinates. Shape (3,)."""
    high_m: np.ndarray
    """Greatest coordinates. Shape (3,)."""


def box_of(points_m: np.ndarray) -> Box:
    """Return the smallest box about points (..., 3)."""
    columns = points_m.reshape(-1, 3).T  # one after the other: numpy is 25 times slower along rows
    return Box(np.array([c.min() for c in columns]), np.array([c.max() for c in columns]))


def shadow_of_box(box: Box, light: np.ndarray) -> Box:
    """Return a flat box on the floor that holds a box's shadow and its own outline.

    Args:
        box: What casts the shadow; what is below the floor casts none.
        light: Direction towards the light, from above. Shape (3,).
    """
    shift = -light[:2] / light[2] * max(box.high_m[2], 0.0)
    low = box.low_m[:2] + np.minimum(shift, 0)
    high = box.high_m[:2] + np.maximum(shift, 0)
    return Box(np.append(low, 0.0), np.append(high, 0.0))


def grown(box: Box, by_m: float) -> Box:
    """Return a box with its sides moved outwards."""
    return Box(box.low_m - by_m, box.high_m + by_m)


def room_about(cameras: Sequence[Camera]) -> np.ndarray:
    """Return half width, half depth and height, (3,), of a room that holds all the cameras."""
    at_m = np.abs([camera.position_m for camera in cameras]).max(axis=0) + _BEHIND_CAMERAS_M
    half_m = max(_ROOM_HALF_M, at_m[:2].max())
    return np.array([half_m, half_m, max(_ROOM_HEIGHT_M, at_m[2])])


def detail_m(performance: Performance, cameras: Sequence[Camera]) -> float:
    """Return the size of what no camera sees: three quarters of a pixel where they are nearest."""
    joints_m = performance.joints_world_m
    return min(
        max(camera.to_camera(joints_m)[..., 2].min() - AROUND_JOINTS_M, _NEAR_M)
        * _DETAIL_PX
        / camera.focal_px
        for camera in cameras
    )


class Region(NamedTuple):
    """A rectangle of whole pixels."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def about(cls, regions: Sequence["Region"]) -> "Region":
        """Return the smallest one that holds all of some regions."""
        left, top = min(r.left for r in regions), min(r.top for r in regions)
        right, bottom = max(r.columns.stop for r in regions), max(r.rows.stop for r in regions)
        return cls(left, top, right - left, bottom - top)

    @property
    def twice(self) -> "Region":
        """The same in an image of twice the resolution."""
        return Region(2 * self.left, 2 * self.top, 2 * self.width, 2 * self.height)

    def holds(self, other: "Region") -> bool:
        """Whether another region lies in this one; an empty one lies in every one."""
        return other.empty or (
            self.left <= other.left
            and self.top <= other.top
            and self.rows.stop >= other.rows.stop
            and self.columns.stop >= other.columns.stop
        )

    @property
    def empty(self) -> bool:
        """Whether there is no pixel in it."""
        return self.width == 0 or self.height == 0

    @property
    def rows(self) -> slice:
        """Its rows of an image."""
        return slice(self.top, self.top + self.height)

    @property
    def columns(self) -> slice:
        """Its columns of an image."""
        return slice(self.left, self.left + self.width)


def region_of(camera: Camera, boxes: Iterable[Box]) -> Region:
    """Return a rectangle of a camera's image that holds the images of all the boxes."""
    size = np.array([camera.width_px, camera.height_px])
    bounds = np.array([_bounds_px(camera, box) for box in boxes])
    first = np.clip(np.floor(bounds[:, 0].min(axis=0)) - _EDGE_PX, 0, size).astype(int)
    last = np.clip(np.ceil(bounds[:, 1].max(axis=0)) + _EDGE_PX, 0, size).astype(int)
    return Region(*first.tolist(), *np.maximum(last - first, 0).tolist())


def _bounds_px(camera: Camera, box: Box) -> np.ndarray:
    """Return least and greatest image coordinates of a box. Shape (2, 2)."""
    share = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    corners = camera.to_camera(box.low_m + share * (box.high_m - box.low_m))
    whole = np.array([[0.0, 0.0], [camera.width_px, camera.height_px]])
    if corners[:, 2].max() < _NEAR_M:
        return whole[::-1]  # nothing: its least lies beyond its greatest
    if corners[:, 2].min() < _NEAR_M:
        return whole
    # Without the lens the corners' bound holds the image of the box. The lens keeps inside inside,
    # so the bound's own border, bent, holds the bent image.
    plane = corners[:, :2] / corners[:, 2:]
    low, high = plane.min(axis=0), plane.max(axis=0)
    if np.linalg.norm(np.maximum(-low, high)) >= camera.widest_tangent:
        return whole
    border = distort(low + _BORDER * (high - low), camera.distortion)
    bent_px = border * camera.focal_px + np.array(camera.principal_px)
    bulge_px = np.ptp(bent_px, axis=0) / _STEPS**2  # at most, between two points of the border
    return np.stack([bent_px.min(axis=0) - bulge_px, bent_px.max(axis=0) + bulge_px])


_STEPS = 16
_ALONG = np.linspace(0, 1, _STEPS + 1)
_BORDER = np.concatenate(
    [np.stack(np.broadcast_arrays(_ALONG, end), axis=-1) for end in (0.0, 1.0)]
    + [np.stack(np.broadcast_arrays(end, _ALONG), axis=-1) for end in (0.0, 1.0)]
)
