"""What people do around their repetitions: stand, walk about, fidget, get into position, rest.

Clips of exercises hold little else than repetitions, so a network that learnt from them alone would
find one in every movement. Here a take's repetitions, or a run of them, or none, are put between
movements that are none. A pose is a tree of bones from the middle of the hips; what lies between
two poses turns each bone the shortest way, as long as it is in this person.
"""

from dataclasses import dataclass, replace

import numpy as np

from motions.conventions import COCO_17
from motions.geometry import X_AXIS, Y_AXIS, Z_AXIS, about, rotate
from motions.motion import Span
from scoring.learning.examples import Take

_NAMES = (*COCO_17.keypoint_names, "mid_shoulder", "mid_hip")
_ARMS = tuple(
    (parent, child)
    for side in ("left_", "right_")
    for parent, child in ((side + "shoulder", side + "elbow"), (side + "elbow", side + "wrist"))
)
_LEGS = tuple(
    (parent, child)
    for side in ("left_", "right_")
    for parent, child in ((side + "hip", side + "knee"), (side + "knee", side + "ankle"))
)
_FACE = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
BONES = (
    ("mid_hip", "left_hip"), ("mid_hip", "right_hip"), ("mid_hip", "mid_shoulder"),
    ("mid_shoulder", "left_shoulder"), ("mid_shoulder", "right_shoulder"),
    *(("mid_shoulder", name) for name in _FACE), *_ARMS, *_LEGS,
)  # fmt: skip
"""Parents before children."""
_UPPER = tuple(child for _, child in BONES if not child.endswith(("hip", "knee", "ankle")))
_PARENTS = np.array([_NAMES.index(parent) for parent, _ in BONES])
_CHILDREN = np.array([_NAMES.index(child) for _, child in BONES])
_AT_REST = {
    # Facing -Y, +X the person's left, as takes begin.
    "left_hip": (1, 0, 0), "left_shoulder": (1, 0, -0.1), "mid_shoulder": (0, 0, 1),
    "nose": (0, -0.5, 1), "left_eye": (0.15, -0.4, 1), "left_ear": (0.4, -0.1, 1),
    "left_elbow": (0.2, 0, -1), "left_wrist": (0.1, -0.2, -1),
    "left_knee": (0.05, 0, -1), "left_ankle": (0, 0.05, -1),
}  # fmt: skip
_STEP_S = (0.4, 1.4)
"""How long people take from one pose to the next."""
_STRIDE_S = 0.5
_MOST_PHASES = 5
_ABOUT_M = 0.6
"""How far they walk to either side."""


@dataclass(frozen=True)
class _Pose:
    """One instant: where the middle of the hips is, and which way each bone points."""

    root_m: np.ndarray  # (3,)
    ways: np.ndarray  # (bones, 3), unit vectors


def surrounded(take: Take, rng: np.random.Generator) -> Take:
    """Put a run of a take's repetitions between movements that are none.

    Args:
        take: Points of COCO-17, at rest between its repetitions.
        rng: Decides how many repetitions, which movements, and for how long.
    """
    fps, points = take.poses.fps, take.poses.keypoints
    first, last = _run(len(take.reps), rng)
    lengths = _lengths(points)
    stand = _standing(points, lengths)
    pieces: list[np.ndarray] = []
    reps: list[Span] = []

    def go(poses: list[tuple[float, _Pose]], start: _Pose | None = None) -> None:
        if poses:
            pieces.append(_between(poses, lengths, fps, start))

    def ended() -> int:
        return sum(len(piece) for piece in pieces)

    before = _moves(stand, rng) if rng.random() < 0.75 else []
    if first == last:
        go(_moves(stand, rng) + _moves(stand, rng), stand)
    cuts = _cuts(take, first, last)
    for number in range(first, last):
        start, stop = cuts[number - first], cuts[number - first + 1]
        here = _pose(points[start])
        if number == first and before:
            go([*before, (rng.uniform(0.8, 2.0), here), (rng.uniform(0, 2), here)], stand)
        elif rng.random() < 0.25:
            go([*_fidgets(here, rng), (rng.uniform(*_STEP_S), here)], here)
        # Where there is hardly a rest, a cut between frames may lie a little within a repetition.
        rep, shift_s = take.reps[number], (ended() - start) / fps
        pieces.append(points[start:stop])
        earliest_s = (ended() - (stop - start)) / fps
        start_s = max(rep.start_s + shift_s, earliest_s)
        reps.append(Span(start_s, min(rep.end_s + shift_s, ended() / fps)))
    if first < last and rng.random() < 0.75:
        go([(rng.uniform(0.8, 2.0), stand), *_moves(stand, rng)], _pose(pieces[-1][-1]))
    found = np.concatenate(pieces)
    poses = replace(take.poses, keypoints=found, confidence=np.ones(found.shape[:2]))
    return Take(poses, tuple(reps))


def _run(n_reps: int, rng: np.random.Generator) -> tuple[int, int]:
    """Draw which repetitions to keep, half-open: none now and then, often all."""
    if n_reps == 0 or rng.random() < 0.1:
        return 0, 0
    if rng.random() < 0.5:
        return 0, n_reps
    first = int(rng.integers(n_reps))
    return first, int(rng.integers(first + 1, n_reps + 1))


def _cuts(take: Take, first: int, last: int) -> list[int]:
    """Return the frames, in the rests, between which each repetition of a run lies."""
    fps, ends = take.poses.fps, [0.0]
    for one, following in zip(take.reps, take.reps[1:], strict=False):
        ends.append((one.end_s + following.start_s) / 2)
    ends.append(take.poses.duration_s)
    return [round(end * fps) for end in ends[first : last + 1]]


def _moves(stand: _Pose, rng: np.random.Generator) -> list[tuple[float, _Pose]]:
    """Return poses with the seconds it takes to each: walking, reaching, waiting, stooping."""
    poses: list[tuple[float, _Pose]] = []
    for _ in range(rng.integers(1, _MOST_PHASES + 1)):
        yaw_rad = rng.uniform(-np.pi, np.pi) if rng.random() < 0.4 else rng.normal(0, 0.3)
        place_m = stand.root_m + np.append(rng.uniform(-_ABOUT_M, _ABOUT_M, size=2), 0)
        here = _turned(replace(stand, root_m=place_m), None, Z_AXIS, yaw_rad)
        if rng.random() < 0.3:
            swings = rng.uniform(0.25, 0.5) * np.tile([1.0, -1.0], int(rng.integers(1, 4)))
            poses += [(_STRIDE_S * rng.uniform(0.8, 1.3), _stride(here, s)) for s in swings]
        else:
            poses += _fidgets(here, rng)
        if rng.random() < 0.5:
            poses.append((rng.uniform(0.2, 2.5), poses[-1][1]))
    return poses


def _stride(pose: _Pose, swing_rad: float) -> _Pose:
    """Swing the legs, one forward, and the arms the other way, about the hips' own line."""
    line = pose.ways[0]
    for side, sign in (("left_", 1), ("right_", -1)):
        pose = _turned(pose, (side + "knee", side + "ankle"), line, sign * swing_rad)
        pose = _turned(pose, (side + "ankle",), line, abs(swing_rad) * (1.2 if sign < 0 else 0.3))
        pose = _turned(pose, (side + "elbow", side + "wrist"), line, -sign * swing_rad)
    return pose


def _fidgets(pose: _Pose, rng: np.random.Generator) -> list[tuple[float, _Pose]]:
    """Return one or two small movements from a pose: an arm, the trunk, the head or the knees."""
    poses = []
    for _ in range(rng.integers(1, 3)):
        moved = pose
        line = pose.ways[0]
        if rng.random() < 0.6:
            # One arm alone: both together are what raises and curls begin with.
            side = rng.choice(["left_", "right_"])
            lift_rad, bend_rad = rng.uniform(-1.6, 0.3), rng.uniform(-2.2, 0)
            moved = _turned(moved, (side + "elbow", side + "wrist"), line, lift_rad)
            moved = _turned(moved, (side + "wrist",), line, bend_rad)
        if rng.random() < 0.4:
            axis = (line, Y_AXIS, Z_AXIS)[rng.integers(3)]
            upper = tuple(
                c for _, c in BONES if "hip" not in c and "knee" not in c and "ank" not in c
            )
            moved = _turned(moved, upper, axis, rng.normal(0, 0.2))
        if rng.random() < 0.3:
            moved = _turned(moved, _FACE, (X_AXIS, Z_AXIS)[rng.integers(2)], rng.normal(0, 0.4))
        if rng.random() < 0.3:
            side = rng.choice(["left_", "right_"])
            bend_rad = rng.uniform(0, 0.5)
            moved = _turned(moved, (side + "knee",), line, -bend_rad / 2)
            moved = _turned(moved, (side + "ankle",), line, bend_rad / 2)
        poses.append((rng.uniform(*_STEP_S), moved))
    return poses


def _turned(
    pose: _Pose, children: tuple[str, ...] | None, axis: np.ndarray, angle_rad: float
) -> _Pose:
    """Turn the bones to some points, or all, about an axis."""
    turned = [children is None or child in children for _, child in BONES]
    ways = pose.ways.copy()
    ways[turned] = rotate(about(axis, angle_rad), ways[turned])
    return replace(pose, ways=ways)


def _with_middles(points: np.ndarray) -> np.ndarray:
    """Append the middles of shoulders and hips to points (..., 17, 3)."""
    at = {name: points[..., k, :] for k, name in enumerate(COCO_17.keypoint_names)}
    middles = [(at["left_" + what] + at["right_" + what]) / 2 for what in ("shoulder", "hip")]
    return np.concatenate([points, np.stack(middles, axis=-2)], axis=-2)


def _lengths(points: np.ndarray) -> np.ndarray:
    """Return how long each bone is, the median over frames. Shape (bones,)."""
    whole = _with_middles(points)
    bones = whole[:, _CHILDREN] - whole[:, _PARENTS]
    lengths: np.ndarray = np.median(np.linalg.norm(bones, axis=-1), axis=0)
    return lengths


def _pose(points: np.ndarray) -> _Pose:
    whole = _with_middles(points)
    bones = whole[_CHILDREN] - whole[_PARENTS]
    return _Pose(whole[-1], bones / np.linalg.norm(bones, axis=-1, keepdims=True))


def _standing(points: np.ndarray, lengths: np.ndarray) -> _Pose:
    """Return this person upright, where the take begins, facing as its hips do there."""
    ways = []
    for _, child in BONES:
        way = np.array(_AT_REST[child.replace("right_", "left_")], dtype=np.float64)
        ways.append(way * ((-1, 1, 1) if child.startswith("right_") else 1))
    legs_m = lengths[[child in ("left_knee", "left_ankle") for _, child in BONES]].sum()
    here = _pose(points[0])
    floor_m = points[0, :, 2].min()
    root_m = np.array([*here.root_m[:2], floor_m + legs_m])
    pose = _Pose(root_m, np.array(ways) / np.linalg.norm(ways, axis=-1, keepdims=True))
    yaw_rad = np.arctan2(here.ways[0][1], here.ways[0][0])
    return _turned(pose, None, Z_AXIS, yaw_rad)


def _between(
    poses: list[tuple[float, _Pose]], lengths: np.ndarray, fps: float, start: _Pose | None
) -> np.ndarray:
    """Return the points on the way through poses, each reached after its seconds. (T, 17, 3)."""
    last = start or poses[0][1]
    roots, ways = [], []
    for seconds, pose in poses:
        n_frames = max(1, round(seconds * fps))
        weight = (np.arange(n_frames) + 1) / n_frames
        weight = (weight**2 * (3 - 2 * weight))[:, None]
        roots.append((1 - weight) * last.root_m + weight * pose.root_m)
        mixed = (1 - weight[..., None]) * last.ways + weight[..., None] * pose.ways
        # Bones that turn right round would vanish halfway.
        ways.append(mixed / np.maximum(np.linalg.norm(mixed, axis=-1, keepdims=True), 1e-2))
        last = pose
    root, way = np.concatenate(roots), np.concatenate(ways)
    points = np.zeros((len(root), len(_NAMES), 3))
    points[:, -1] = root
    for bone, (parent, child) in enumerate(zip(_PARENTS, _CHILDREN, strict=True)):
        points[:, child] = points[:, parent] + lengths[bone] * way[:, bone]
    return points[:, : len(COCO_17.keypoint_names)]
