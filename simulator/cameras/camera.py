"""A pinhole camera with Brown-Conrady distortion, as OpenCV defines both.

Camera axes: +X right, +Y down, +Z forward. Image: u right, v down, (0, 0) the top-left corner of
the top-left pixel, so the first pixel's centre is (0.5, 0.5). OpenCV counts from pixel centres
instead: its principal point is ours minus half a pixel, and so are its points.

A camera in a hand turns a little about its own centre from frame to frame (`turns_rad`). Points
that it projects need an axis of frames first; `at(frame)` is the camera of one of them.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.spatial.transform import Rotation

from motions.arrays import frozen
from motions.errors import FormbenchError

NO_DISTORTION = (0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Camera:
    """Where a camera stands and how it sees."""

    name: str
    width_px: int
    height_px: int
    focal_px: float
    T_world_cam: np.ndarray
    """Takes camera coordinates to world coordinates, metres. Shape (4, 4), rigid."""
    principal_px: tuple[float, float] | None = None
    """Where the optical axis meets the image; the middle when not given."""
    distortion: tuple[float, float, float, float, float] = NO_DISTORTION
    """k1, k2, p1, p2, k3 in OpenCV's order."""
    turns_rad: np.ndarray | None = None
    """How far it is turned from `T_world_cam` in each frame, rotation vectors in camera axes; None
    on a tripod. Shape (T, 3)."""

    def __post_init__(self) -> None:
        if self.width_px < 2 or self.height_px < 2 or self.width_px % 2 or self.height_px % 2:
            raise FormbenchError(
                f"camera {self.name}: expected even width and height (H.264 needs them), "
                f"got {self.width_px} x {self.height_px}"
            )
        if not 0 < self.focal_px < float("inf"):
            raise FormbenchError(
                f"camera {self.name}: expected a positive focal_px, got {self.focal_px}"
            )
        T = frozen(f"camera {self.name}: T_world_cam", self.T_world_cam, (4, 4), {})
        R = T[:3, :3]
        if np.abs(R @ R.T - np.eye(3)).max() > 1e-6 or np.linalg.det(R) < 0:
            raise FormbenchError(
                f"camera {self.name}: T_world_cam: expected a rotation and a shift"
            )
        object.__setattr__(self, "T_world_cam", T)
        if self.turns_rad is not None:
            turns = frozen(f"camera {self.name}: turns_rad", self.turns_rad, ("T", 3), {})
            object.__setattr__(self, "turns_rad", turns)
        if self.principal_px is None:
            object.__setattr__(self, "principal_px", (self.width_px / 2, self.height_px / 2))

    @property
    def position_m(self) -> np.ndarray:
        """The camera's centre in the world. Shape (3,)."""
        return self.T_world_cam[:3, 3]

    @property
    def K(self) -> np.ndarray:
        """Intrinsic matrix in our pixel convention. Shape (3, 3)."""
        cx, cy = self.principal_px  # type: ignore[misc]  # set in __post_init__
        return np.array([[self.focal_px, 0, cx], [0, self.focal_px, cy], [0, 0, 1.0]])

    @cached_property
    def widest_tangent(self) -> float:
        """Tangent of the widest angle from the axis that the lens can show.

        Distortion with negative coefficients folds the image over beyond some angle, so that what
        is far outside would come back inside; what lies beyond has no image. Infinite where the
        polynomial grows for ever.
        """
        k1, k2, _, _, k3 = self.distortion
        turning = np.roots([7 * k3, 5 * k2, 3 * k1, 1.0])  # d(r radial) / dr = 0, in r^2
        real = turning[(np.abs(turning.imag) < 1e-12) & (turning.real > 0)].real
        return float(np.sqrt(real.min())) if len(real) else float("inf")

    @cached_property
    def R_world_cam(self) -> np.ndarray:
        """From camera axes to the world's. Shape (3, 3), or (T, 3, 3) in a hand."""
        R = self.T_world_cam[:3, :3]
        if self.turns_rad is None:
            return R
        return (
            R @ Rotation.from_rotvec(self.turns_rad.copy()).as_matrix()
        )  # it takes none that is read-only

    def at(self, frame_index: int) -> "Camera":
        """Return the camera as it stands in one frame."""
        if self.turns_rad is None:
            return self
        T = self.T_world_cam.copy()
        T[:3, :3] = self.R_world_cam[frame_index]
        return replace(self, T_world_cam=T, turns_rad=None)

    def to_camera(self, points_world_m: np.ndarray) -> np.ndarray:
        """Express world points (..., 3), in a hand (T, ..., 3), in camera coordinates, metres."""
        off_m = np.asarray(points_world_m) - self.position_m
        if self.turns_rad is None:
            return off_m @ self.R_world_cam
        if len(off_m) != len(self.turns_rad):
            raise FormbenchError(
                f"camera {self.name}: held in a hand, it expects points of "
                f"{len(self.turns_rad)} frames, got {len(off_m)}"
            )
        return (off_m.reshape(len(off_m), -1, 3) @ self.R_world_cam).reshape(off_m.shape)

    def project(self, points_world_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Project world points into this camera's image.

        Args:
            points_world_m: World-frame points in metres. Shape (..., 3).

        Returns:
            points_px: Image points (u right, v down) in pixels. Shape (..., 2). Not clipped to the
                image; NaN where the point is not in front of the camera or wider than
                `widest_tangent`.
            depth_m: Distance along the optical axis in metres. Shape (...).

        Example:
            A camera at the origin looking along world +Z sees a point two metres ahead at the
            centre of the image:

            >>> cam = Camera("front", 640, 480, 500.0, np.eye(4))
            >>> points_px, depth_m = cam.project(np.array([0.0, 0.0, 2.0]))
            >>> points_px.tolist(), depth_m.tolist()
            ([320.0, 240.0], 2.0)
        """
        points_cam_m = self.to_camera(points_world_m)
        return self.image(points_cam_m), points_cam_m[..., 2]

    def image(self, points_cam_m: np.ndarray) -> np.ndarray:
        """Project points in camera coordinates, (..., 3), as `project` does. Shape (..., 2)."""
        # One coordinate after the other, which numpy does twice as fast as rows of three.
        x, y, z = np.moveaxis(np.asarray(points_cam_m), -1, 0)
        ahead = np.where(z > 0, z, np.nan)
        plane = np.stack([x / ahead, y / ahead])
        if np.isfinite(self.widest_tangent):
            plane[:, np.hypot(*plane) >= self.widest_tangent] = np.nan
        bent = distort(np.moveaxis(plane, 0, -1), self.distortion)
        return bent * self.focal_px + np.array(self.principal_px)


def distort(
    plane: np.ndarray, coefficients: tuple[float, float, float, float, float]
) -> np.ndarray:
    """Bend ideal image-plane points (..., 2), in units of the focal length, as the lens does.

    Brown-Conrady with OpenCV's coefficients (OpenCV, calib3d, "Camera Calibration and 3D
    Reconstruction").
    """
    k1, k2, p1, p2, k3 = coefficients
    x, y = plane[..., 0], plane[..., 1]
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
            y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
        ],
        axis=-1,
    )


def look_at(position_m: np.ndarray, target_m: np.ndarray, roll_rad: float = 0.0) -> np.ndarray:
    """Return T_world_cam of a camera at `position_m` (3,) that looks at `target_m` (3,), level.

    A positive `roll_rad` then turns the camera clockwise about its axis, as its user sees it.
    """
    forward = np.asarray(target_m, dtype=np.float64) - position_m
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    if np.linalg.norm(right) < 1e-9:
        raise FormbenchError("look_at: a camera straight above or below its target has no upright")
    right = right / np.linalg.norm(right)
    down = np.cross(forward, right)
    cosine, sine = np.cos(roll_rad), np.sin(roll_rad)
    T = np.eye(4)
    T[:3, 0] = cosine * right + sine * down
    T[:3, 1] = cosine * down - sine * right
    T[:3, 2] = forward
    T[:3, 3] = position_m
    return T
