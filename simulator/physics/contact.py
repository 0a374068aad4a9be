"""Where a body touches the floor, a bench or a bar, and with what force.

What may touch is a set of points on the skin of hands, forearms and feet, spread in all
directions; those of a planted hand or foot that are near the floor carry it. How a force is shared
between several contacts no motion can tell; here it is spread as evenly as balance allows, that is
with the smallest sum of squares over the points, as one stiff body on an even bed of springs.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from motions.geometry import cross, rotate, unit
from motions.motion import CONTACT_POINTS
from motions.planting import HANDS
from motions.skeleton import SMPL22
from simulator.held import GRIP_ALONG_SHARE, bench_height_m
from simulator.performance import Performance
from simulator.physics.tpose import KEPT_BODIES, TPose

TOUCHES_M = 0.02
"""What is planted and no higher above the floor, or a bench, than this carries."""
GRIP_HALF_M = 0.04
"""Half the width of a hand on a bar."""
FULCRUM_M = 0.014
"""Radius of a bar: how far to either side of its middle a hand can push."""
_JOINTS = {
    "left_foot": ("left_ankle", "left_foot"),
    "right_foot": ("right_ankle", "right_foot"),
    "left_hand": ("left_elbow", "left_wrist"),
    "right_hand": ("right_elbow", "right_wrist"),
}
_N_DIRECTIONS, _N_ROUNDS = 72, 8
_ANGLES = 2 * np.pi * np.arange(_N_DIRECTIONS) / _N_DIRECTIONS
_LEVEL = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)])  # unit vectors all round, (2, K)


@dataclass(frozen=True)
class Touch:
    """Points that may carry a body over time."""

    points_m: np.ndarray
    """World positions. Shape (T, P, 3)."""
    carries: np.ndarray
    """Which of them do. Shape (T, P), bool."""
    joints: np.ndarray
    """The joint that each rides on. Shape (P,)."""
    height_m: np.ndarray
    """Height of the floor or bar that they are on; the floor's where some are on a bench. (T,)."""

    @cached_property
    def supported(self) -> np.ndarray:
        """Whether anything carries the body. Shape (T,), bool."""
        return np.asarray(self.carries.any(axis=1))

    def pushes(self, force_n: np.ndarray, moment_nm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Share a force and its moment about the world's origin, both (T, 3), over the points.

        Each point x pushes with p + q x x, which is the smallest in the mean of squares; p and q
        follow from force and moment by one 6 by 6 system a frame.

        Returns:
            Forces on each joint's segment, and their moments about the origin. Both (T, 22, 3).
        """
        x, weight = self.points_m, self.carries.astype(np.float64)
        # Sums over points of v, of x x v and of x x (x x v) = x (x . v) - (x . x) v.
        weighted = np.swapaxes(x * weight[..., None], 1, 2)
        first, outer = _cross_matrix(weighted.sum(axis=2)), weighted @ x
        second = outer - np.trace(outer, axis1=1, axis2=2)[:, None, None] * np.eye(3)
        count = weight.sum(axis=1)[:, None, None] * np.eye(3)
        system = np.block([[count, -first], [first, -second]])
        wanted = np.concatenate([force_n, moment_nm], axis=-1)
        solved = np.linalg.pinv(system, rcond=1e-9, hermitian=True) @ wanted[..., None]
        p, q = solved[:, None, :3, 0], solved[:, None, 3:, 0]
        at_points = weight[..., None] * (p + cross(q, x))
        pushes = np.zeros((len(x), len(SMPL22.joint_names), 3))
        twists = np.zeros_like(pushes)
        for joint in np.unique(self.joints):
            of = self.joints == joint
            pushes[:, joint] = at_points[:, of].sum(axis=1)
            twists[:, joint] = cross(x[:, of], at_points[:, of]).sum(axis=1)
        return pushes, twists

    def margin_m(self, places_m: np.ndarray) -> np.ndarray:
        """Say how far level points (T, 2) are inside the hull of what carries; outside is negative.

        The hull is taken from _N_DIRECTIONS sides, which is exact to a few millimetres.

        Returns:
            Shape (T,); minus infinity where nothing carries.
        """
        return np.asarray(self._room_m(places_m).min(axis=-1))

    def nearest_m(self, places_m: np.ndarray, inside_m: float) -> np.ndarray:
        """Move level points (T, 2) at least `inside_m` into the hull, by the shortest way.

        Where the hull is too small, into its middle as far as the sides allow in turn.
        """
        moved = places_m.copy()
        for _ in range(_N_ROUNDS):
            room = np.where(self.supported[:, None], self._room_m(moved) - inside_m, 0.0)
            worst = room.argmin(axis=-1)
            short = np.minimum(np.take_along_axis(room, worst[:, None], axis=-1), 0)
            moved += short * _LEVEL.T[worst]
        return moved

    def _room_m(self, places_m: np.ndarray) -> np.ndarray:
        """Return how far points (T, 2) are from the hull's edge on each side. Shape (T, K)."""
        return self._edges_m - places_m @ _LEVEL

    @cached_property
    def _edges_m(self) -> np.ndarray:
        """How far the hull reaches in each direction. Shape (T, K)."""
        reach = self.points_m[..., :2] @ _LEVEL
        reach[~self.carries] = -np.inf
        return np.asarray(reach.max(axis=1, initial=-np.inf))


def touch(performance: Performance, pose: TPose) -> Touch:
    """Find what carries a performance: planted hands and feet, or hands on a bar."""
    contacts = performance.motion.contacts
    if "pullup_bar" in performance.props:
        return _on_bar(performance, contacts[:, HANDS])
    joints, offsets_m = _skin_points(pose)
    places = performance.joints_world_m[:, joints]
    points_m = places + rotate(performance.world_wxyz[:, joints], offsets_m)
    contact_of = {SMPL22.index(j): CONTACT_POINTS.index(c) for c, js in _JOINTS.items() for j in js}
    planted = contacts[:, [contact_of[joint] for joint in joints]]
    bench_m = bench_height_m(performance.motion, performance.body)
    on_m = np.array([bench_m * (contact_of[joint] in HANDS) for joint in joints])
    carries = planted & (points_m[..., 2] <= on_m + TOUCHES_M)
    ever = carries.any(axis=0)
    return Touch(points_m[:, ever], carries[:, ever], joints[ever], np.zeros(len(points_m)))


def zero_moment_point(
    force_n: np.ndarray, moment_nm: np.ndarray, height_m: np.ndarray
) -> np.ndarray:
    """Return where on a level plane a force has no level moment (Vukobratovic & Borovac 2004).

    While all contacts are in that plane it is the centre of pressure.

    Args:
        force_n: Shape (T, 3).
        moment_nm: About the world's origin. Shape (T, 3).
        height_m: Of the plane. Shape (T,).

    Returns:
        x and y, metres. Shape (T, 2); NaN where nothing pushes up.
    """
    up = np.where(force_n[:, 2] > 0, force_n[:, 2], np.nan)
    x = (height_m * force_n[:, 0] - moment_nm[:, 1]) / up
    y = (height_m * force_n[:, 1] + moment_nm[:, 0]) / up
    return np.stack([x, y], axis=-1)


def soles(pose: TPose) -> dict[int, np.ndarray]:
    """Return what feet stand on, by joint, in its frame: the lowest TOUCHES_M of the skin flat.

    So far flesh and a shoe give way. Points of a convex shape. Shape (P, 3) each.
    """
    joints, offsets_m = _skin_points(pose)
    flat: dict[int, np.ndarray] = {}
    for name in CONTACT_POINTS:
        if name.endswith("foot"):
            parts = [SMPL22.index(joint) for joint in _JOINTS[name]]
            heights_m = pose.joints_m[joints, 2] + offsets_m[:, 2]
            sole_m = heights_m[np.isin(joints, parts)].min()
            for joint in set(parts) & set(joints.tolist()):
                points_m, high_m = offsets_m[joints == joint].copy(), heights_m[joints == joint]
                points_m[high_m < sole_m + TOUCHES_M, 2] = sole_m - pose.joints_m[joint, 2]
                flat[joint] = points_m
    return dict(sorted(flat.items()))


@lru_cache(maxsize=KEPT_BODIES)
def _skin_points(pose: TPose) -> tuple[np.ndarray, np.ndarray]:
    """Return the joints (P,) that points ride on, and where from them (P, 3).

    Of the skin that is mostly a joint's, what goes farthest in each of 26 directions.
    """
    grid = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3), axis=-1).reshape(-1, 3)
    directions = unit(grid[np.any(grid, axis=1)].astype(np.float64))
    joints, offsets = [], []
    for names in _JOINTS.values():
        for joint in map(SMPL22.index, names):
            own = pose.skin_m[pose.owners == joint] - pose.joints_m[joint]
            if len(own):
                chosen = np.unique((own @ directions.T).argmax(axis=0))
                joints += [joint] * len(chosen)
                offsets.append(own[chosen])
    return np.array(joints), np.concatenate(offsets)


def _on_bar(performance: Performance, holds: np.ndarray) -> Touch:
    T_world_bar = performance.props["pullup_bar"]
    wrists = [SMPL22.index(f"{side}_wrist") for side in ("left", "right")]
    forearm_m = performance.body.skeleton.offsets_m[wrists]
    grips = performance.joints_world_m[:, wrists] + rotate(
        performance.world_wxyz[:, wrists], GRIP_ALONG_SHARE * forearm_m
    )
    bar, along, across = T_world_bar[:, :3, 3], T_world_bar[:, :3, 0], T_world_bar[:, :3, 1]
    on_bar = np.einsum("tpc,tc->tp", grips - bar[:, None], along)
    points, joints = [], []
    for hand, wrist in enumerate(wrists):
        for out in (-GRIP_HALF_M, GRIP_HALF_M):
            for side in (-FULCRUM_M, FULCRUM_M):
                points.append(bar + (on_bar[:, hand, None] + out) * along + side * across)
                joints.append(wrist)
    return Touch(np.stack(points, axis=1), np.repeat(holds, 4, axis=1), np.array(joints), bar[:, 2])


def _cross_matrix(vectors: np.ndarray) -> np.ndarray:
    """Return the matrices (..., 3, 3) that take v to x x v."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    zero = np.zeros_like(x)
    rows = [[zero, -z, y], [z, zero, -x], [-y, x, zero]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
