"""A motion on a body: what every later stage looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from motions.arrays import frozen
from motions.errors import FormbenchError
from motions.motion import Motion
from simulator.bodies.body import Body


class Unperformable(FormbenchError):
    """A body cannot show the faults that were asked of it; that of other clips may."""


@dataclass(frozen=True)
class Performance:
    """Joints of a body over time, with contacts kept and the numbers that prove it."""

    motion: Motion
    body: Body
    root_m: np.ndarray
    """World position of the pelvis. Shape (T, 3)."""
    world_wxyz: np.ndarray
    """Joint-to-world rotations. Shape (T, 22, 4)."""
    props: Mapping[str, np.ndarray]
    """T_world_prop of each prop by name. Shape (T, 4, 4)."""
    metrics: Mapping[str, float]
    """Quality of the retargeting; see `simulator.retarget`."""

    def __post_init__(self) -> None:
        sizes = {"T": self.motion.n_frames, "J": len(self.body.skeleton.joint_names)}
        for name, dims in (("root_m", ("T", 3)), ("world_wxyz", ("T", "J", 4))):
            object.__setattr__(
                self, name, frozen(f"Performance.{name}", getattr(self, name), dims, sizes)
            )

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self.motion.fps

    @property
    def n_frames(self) -> int:
        """Number of frames T."""
        return self.motion.n_frames

    @cached_property
    def joints_world_m(self) -> np.ndarray:
        """World positions of the 22 joints, read-only. Shape (T, 22, 3)."""
        joints_m = self.body.skeleton.positions(self.root_m, self.world_wxyz)
        joints_m.flags.writeable = False
        return joints_m

    def skin(self, frames: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """Return vertices and normals of some frames, both (n, V, 3) float32, metres."""
        return self.body.skin(self.root_m[frames], self.world_wxyz[frames])
