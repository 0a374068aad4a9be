"""A dance phrase on real motion capture: a hop to the side with thrown arms, and its mirror image.

The phrase is the first half of DeepMimic's `dance_b` (Peng et al. 2018), read from where
`pybullet_data` has it: from one touch step to the next, which is about its mirror image, so that
the sides take turns. The recording is smoothed and its sliding feet are planted; each repetition
plays it at its own tempo and size. Correct ranges and sources: docs/faults.md.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import butter, sosfiltfilt

from motions.easing import minimum_jerk
from motions.exercise import Exercise, Pose
from motions.formats.placing import heading_rad
from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about, multiply, rotate, slerp, unit
from motions.limb_geometry import planted
from motions.pinning import end_joints
from motions.planting import CANONICAL, plant
from motions.recordings import recording
from motions.skeleton import SMPL22
from motions.variation import Range, Style

CLIP = "pybullet:dance_b"
FPS = 60.0
N_FRAMES = 82
"""Of the clip, from its beginning: from touch step to touch step."""
STANDS = {"left_foot": ((0, 20), (64, N_FRAMES)), "right_foot": ((0, 4), (47, N_FRAMES))}
"""The frames in which each foot stands; in the clip it slides too much to be asked."""
SMOOTH_HZ = 6.0
"""Cut-off of the low-pass filter; voluntary movement lies below (Winter 2009, "Biomechanics and
Motor Control of Human Movement", chapter 3)."""
LANDING = 14
"""How many frames before and after a foot stands it turns its sole to the floor."""
CLOSING = 34
"""Over so many frames the end is led to the mirror image of the beginning."""
ROUNDS = 3
"""Each time the feet are planted the end moves a little, so both are done in turn."""
ACCENT = 0.42
"""Share of the phrase at which the arms are highest."""
RAMP = 0.15
"""Share of a repetition in which the phrase starts from rest, and comes to it."""
FULL_RANGE_RAD = np.deg2rad(70)
"""Of the arms' elevation, from the touch step to the accent."""
_MIRROR, _MIRROR_WXYZ = np.array([-1.0, 1, 1]), np.array([1.0, 1, -1, -1])
_SIZED = [SMPL22.index(n) for n in ("spine1", "spine2", "spine3", "neck", "head")] + [
    SMPL22.index(f"{side}_{joint}") for side in ("left", "right") for joint in ("shoulder", "elbow")
]


def _pose(course: np.ndarray, style: Style) -> Pose:
    rep = np.clip(course // 2, 0, len(style.reps) - 1).astype(int)
    share = np.clip(course - 2 * rep, 0, 1)
    # Time is bent evenly, so that the accent comes when the way out is over.
    out = np.array([(r.out_s + r.hold_s / 2) / (r.out_s + r.hold_s + r.back_s) for r in style.reps])
    late = (out * (1 - ACCENT) / (ACCENT * (1 - out)))[rep]
    played = _eased(share / (share + late * (1 - share)))
    root, local = _phrase().at(played)
    start_m, start = _phrase().at(np.zeros(1))
    depth = np.array([r.depth for r in style.reps])[rep]
    local[:, _SIZED] = slerp(start[:, _SIZED], local[:, _SIZED], depth[:, None])
    # In the rest what is left of the way to the mirror image of the beginning is made up.
    over = minimum_jerk(course - 2 * rep - 1)
    root = root + over[:, None] * (start_m * _MIRROR - root)
    local = slerp(local, start[:, SMPL22.mirror] * _MIRROR_WXYZ, over[:, None])
    return Pose(root, SMPL22.world_orientations(local), _stands(played * (N_FRAMES - 1)))


def _eased(share: np.ndarray) -> np.ndarray:
    """Go from 0 to 1 at an even pace but for RAMP of the way at both ends."""
    ends = np.minimum(share, 1 - share)
    ramp = np.where(ends < RAMP, RAMP * _ramp(ends / RAMP), ends - RAMP / 2) / (1 - RAMP)
    return np.where(share <= 0.5, ramp, 1 - ramp)


def _ramp(share: np.ndarray) -> np.ndarray:
    """Return the integral of the smooth step s^2 (3 - 2 s) from 0."""
    return share**3 - share**4 / 2


@dataclass(frozen=True)
class _Phrase:
    """The phrase as smooth curves of the share that has passed."""

    root: CubicSpline
    local: CubicSpline

    def at(self, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the root (T, 3) and joint-to-parent rotations (T, 22, 4)."""
        return self.root(share), unit(self.local(share))


@cache
def _phrase() -> _Phrase:
    """Return the phrase from a place on the left to its mirror image on the right."""
    clip = recording(CLIP)
    sos = butter(2, SMOOTH_HZ, fs=clip.fps, output="sos")
    root, local = (
        sosfiltfilt(sos, curve, axis=0)[:N_FRAMES]
        for curve in (clip.root_position_m, _continuous(clip.joint_rotations_wxyz))
    )
    world = _on_soles(SMPL22.world_orientations(unit(local)))
    # Turned and moved so that the mirror image of the end is where the beginning is.
    middle = (heading_rad(world[0, 0]) + heading_rad(world[-1, 0])) / 2
    turn = about(Z_AXIS, -middle)
    root, local = _standing(rotate(turn, root), multiply(turn, world))
    closing = minimum_jerk((np.arange(N_FRAMES) - (N_FRAMES - 1 - CLOSING)) / CLOSING)[:, None]
    for _ in range(ROUNDS):
        root = root + _to_mirror_image(root, local)
        root = root + closing * (root[0] * _MIRROR - root)
        local = slerp(local, local[0, SMPL22.mirror] * _MIRROR_WXYZ, closing)
        root, local = _standing(root, SMPL22.world_orientations(local))
    shares = np.linspace(0, 1, N_FRAMES)
    return _Phrase(CubicSpline(shares, root), CubicSpline(shares, _continuous(local)))


def _on_soles(world_wxyz: np.ndarray) -> np.ndarray:
    """Roll standing feet flat and bend their toes flat; the clip has feet on edge, without toes."""
    world = world_wxyz.copy()
    frames = np.arange(N_FRAMES)
    for foot, stretches in STANDS.items():
        weight = sum(
            minimum_jerk(np.interp(frames, [a - LANDING, a, b, b + LANDING], [0, 1, 1, 0]))
            for a, b in stretches
        )
        ankle, toes = (SMPL22.index(foot.replace("foot", name)) for name in ("ankle", "foot"))
        ahead = rotate(world[:, ankle], -Y_AXIS)
        yaw = about(Z_AXIS, np.arctan2(ahead[:, 0], -ahead[:, 1]))
        flat = multiply(yaw, about(X_AXIS, -np.arcsin(ahead[:, 2])))
        world[:, ankle] = slerp(world[:, ankle], flat, weight)
        world[:, toes] = slerp(world[:, toes], yaw, weight)
    return world


def _to_mirror_image(root_m: np.ndarray, local_wxyz: np.ndarray) -> np.ndarray:
    """Return shifts (T, 3) after which the last foothold is the mirror image of the first."""
    ends = end_joints(SMPL22, root_m, SMPL22.world_orientations(local_wxyz))
    first, last = ends[0, 0, :2], ends[-1, 1, :2]
    shifts = np.zeros((N_FRAMES, 3))
    shifts[:, 0] = -(first[0] + last[0]) / 2
    # In flight, for feet that stand would hold it back.
    (_, off), (on, _) = STANDS["left_foot"][0], STANDS["right_foot"][1]
    over = minimum_jerk((np.arange(N_FRAMES) - off) / (on - off))
    shifts[:, 1] = over * (first[1] - last[1]) - first[1]
    return shifts


def _standing(root_m: np.ndarray, world_wxyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep feet where they stand; return the root and joint-to-parent rotations."""
    stands = _stands(np.arange(N_FRAMES))
    body = plant(CANONICAL, root_m, world_wxyz, stands, root_m, FPS)
    return body.root_m, SMPL22.local_rotations(body.world_wxyz)


def _stands(frames: np.ndarray) -> np.ndarray:
    """Return contacts (T, 4) at frames (T,) of the phrase."""
    return planted(
        len(frames),
        **{
            foot: np.logical_or.reduce([(a <= frames) & (frames <= b) for a, b in stretches])
            for foot, stretches in STANDS.items()
        },
    )


def _continuous(wxyz: np.ndarray) -> np.ndarray:
    """Choose the signs of quaternions (T, J, 4) so that none jumps to its negative."""
    turns_over = np.sum(wxyz[1:] * wxyz[:-1], axis=-1) < 0
    signs = np.cumprod(np.where(turns_over, -1.0, 1.0), axis=0)
    return np.concatenate([wxyz[:1], wxyz[1:] * signs[..., None]])


DANCE = Exercise(
    name="dance",
    title="Dance phrase",
    phases=("throw", "accent", "landing", "touch step"),
    contacts=("left_foot", "right_foot"),
    props=(),
    habits={},
    driving="arm_elevation",
    full_range_rad=FULL_RANGE_RAD,
    good_deg={"arm_elevation": Range(90, 120), "elbow_flexion": Range(10, 45)},
    out_s=Range(0.62, 0.74),
    back_s=Range(0.86, 1.02),
    hold_s=Range(0.01, 0.03),
    rest_s=Range(0.25, 0.5),
    sides="alternate",
    one_way=True,
    source="DeepMimic humanoid3d_dance_b, as pybullet_data brings it",
    licence="MIT",
    pose=_pose,
)
