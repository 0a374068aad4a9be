"""Where cameras stand: named places around the person, and sampled ones.

Azimuth is counted from in front of the person (-Y), positive towards the person's left (+X). Every
camera keeps a box of given height about the target in view, from as near as its lens allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from motions.errors import FormbenchError, unknown_name
from simulator.cameras.camera import Camera, look_at

FEWEST_CAMERAS = 2
MOST_CAMERAS = 8


@dataclass(frozen=True)
class Stand:
    """A place for a camera."""

    azimuth_deg: float
    height_m: float
    """Of the lens above the floor."""
    where: str
    """In words, for lists and documentation."""


STANDS = {
    "front": Stand(0, 1.25, "tripod in front"),
    "side": Stand(90, 1.2, "tripod at the person's left"),
    "oblique": Stand(45, 1.35, "tripod in front, to the person's left"),
    "back": Stand(180, 1.3, "tripod behind"),
    "right_side": Stand(-90, 1.2, "tripod at the person's right"),
    "phone": Stand(20, 0.15, "phone leaning on the floor, nearly in front"),
    "ceiling": Stand(-40, 2.75, "corner under the ceiling, in front, to the person's right"),
}
"""The named places, in the order they are listed."""

RING_HEIGHT_M = 1.3
_FILM_DIAGONAL_MM = 43.27  # of a 36 x 24 mm film frame, by which focal lengths are compared
_EQUIVALENT_FOCAL_MM = (24.0, 32.0)  # main cameras of phones and the wide end of zooms
_RADIAL_DISTORTION = (-0.04, 0.01)  # k1: what is left after a phone's own correction
_LEAST_HALF_M = 0.4  # of the box that must be in view, about the vertical through the target
_SIGNS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
_MARGIN = 0.03  # of the image, left free on every side
_NEAREST_M, _FARTHEST_M = 1.0, 30.0


def make_rig(
    names: Sequence[str],
    n_sampled: int,
    width_px: int,
    height_px: int,
    target_m: np.ndarray,
    reach_m: float,
    rng: np.random.Generator,
    half_widths_m: Sequence[float] = (_LEAST_HALF_M, _LEAST_HALF_M),
    n_ring: int = 0,
) -> tuple[Camera, ...]:
    """Set up named cameras, a ring and sampled ones, each a little off, as people put them.

    Those of a ring stand all around at one height, the first in front and the next to the person's
    left, and are called ring_0, ring_1, ... Sampled cameras stand all around at heights from knee
    to above the head, evenly spread but for the jitter, and are called sampled_0, sampled_1, ...

    Args:
        names: Which of STANDS, each at most once.
        n_sampled: How many more.
        width_px: Image width of every camera.
        height_px: Image height of every camera.
        target_m: Middle of what must be in view, world frame. Shape (3,).
        reach_m: Height of what must be in view, say the floor to the hands on a bar.
        rng: Where the jitter comes from; a camera's draws depend on its place in the rig only.
        half_widths_m: How far what must be in view goes to either side of the target, in x and y.
        n_ring: How many stand in a ring.

    Returns:
        The named cameras in the order asked for, then the ring, then the sampled ones.

    Raises:
        FormbenchError: An unknown or repeated name, fewer than 2 or more than 8 cameras, or a
            height that no camera gets into view.
    """
    for name in names:
        if name not in STANDS:
            raise unknown_name("camera", name, STANDS)
        if list(names).count(name) > 1:
            raise FormbenchError(f"cameras: expected each name once, got {name!r} again")
    n_cameras = len(names) + n_ring + n_sampled
    if min(n_sampled, n_ring) < 0 or not FEWEST_CAMERAS <= n_cameras <= MOST_CAMERAS:
        raise FormbenchError(
            f"cameras: expected {FEWEST_CAMERAS} to {MOST_CAMERAS}, "
            f"got {len(names)} named, {n_ring} in a ring and {n_sampled} sampled"
        )
    stands = {name: STANDS[name] for name in names}
    for i in range(n_ring):
        stands[f"ring_{i}"] = Stand(360 * i / n_ring, RING_HEIGHT_M, "in a ring")
    start_deg = rng.uniform(0, 360)
    for i in range(n_sampled):
        azimuth_deg = start_deg + 360 * (i + rng.uniform(-0.25, 0.25)) / n_sampled
        stands[f"sampled_{i}"] = Stand(azimuth_deg, rng.uniform(0.5, 2.2), "sampled")
    half_m = np.maximum(half_widths_m, _LEAST_HALF_M)
    box_m = np.array([*half_m, reach_m / 2])
    return tuple(
        _set_up(name, stand, width_px, height_px, np.asarray(target_m), box_m, rng)
        for name, stand in stands.items()
    )


def _set_up(
    name: str,
    stand: Stand,
    width_px: int,
    height_px: int,
    target_m: np.ndarray,
    box_m: np.ndarray,
    rng: np.random.Generator,
) -> Camera:
    azimuth_rad = np.radians(stand.azimuth_deg + rng.uniform(-4, 4))
    height_m = stand.height_m * rng.uniform(0.94, 1.06)
    aim_m = target_m + rng.uniform(-0.04, 0.04, 3)
    roll_rad = np.radians(rng.uniform(-1, 1))
    stepped_back = rng.uniform(1.0, 1.1)
    focal_px = (
        rng.uniform(*_EQUIVALENT_FOCAL_MM)
        / _FILM_DIAGONAL_MM
        * float(np.hypot(width_px, height_px))
    )
    k1 = rng.uniform(*_RADIAL_DISTORTION)

    def at(distance_m: float) -> Camera:
        position_m = np.array(
            [
                target_m[0] + distance_m * np.sin(azimuth_rad),
                target_m[1] - distance_m * np.cos(azimuth_rad),
                height_m,
            ]
        )
        T_world_cam = look_at(position_m, aim_m, roll_rad)
        lens = (k1, 0.0, 0.0, 0.0, 0.0)
        return Camera(name, width_px, height_px, focal_px, T_world_cam, distortion=lens)

    corners_m = target_m + _SIGNS * box_m
    if not _in_view(at(_FARTHEST_M / 1.1), corners_m):
        raise FormbenchError(
            f"camera {name}: {2 * box_m[2]:g} m about {target_m.tolist()} does not fit in "
            f"{width_px} x {height_px} pixels; give a height in metres, or a squarer image"
        )
    near_m, far_m = _NEAREST_M, _FARTHEST_M / 1.1
    while far_m - near_m > 1e-3:
        middle_m = (near_m + far_m) / 2
        if _in_view(at(middle_m), corners_m):
            far_m = middle_m
        else:
            near_m = middle_m
    return at(far_m * stepped_back)


def _in_view(camera: Camera, points_m: np.ndarray) -> bool:
    points_px, depth_m = camera.project(points_m)
    size_px = np.array([camera.width_px, camera.height_px])
    inside = (points_px > _MARGIN * size_px) & (points_px < (1 - _MARGIN) * size_px)
    return bool((depth_m > 0).all() and inside.all())
