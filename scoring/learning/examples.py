"""What networks are shown: a dataset's truth in space, seen by cameras that never were.

A take is one clip's true keypoints in the world with its repetitions. Virtual cameras look at it
from all around, so that every epoch of training sees it from somewhere else, and each can see it as
a pose estimator would (`scoring.estimators.simulated`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from export.dataset import Dataset
from motions.conventions import SMPL_22, convention
from motions.errors import FormbenchError
from motions.motion import Span
from scoring.methods.references import TORSO
from scoring.poses import PoseSequence
from simulator.cameras.camera import Camera, look_at
from simulator.clip import Clip

CONVENTION = "coco17"
ELEVATIONS_DEG = (-10.0, 45.0)
DISTANCES_M = (2.0, 4.5)
LOWEST_M = 0.05
"""No camera stands in the floor."""
EQUIVALENT_FOCAL_MM = (24.0, 32.0)
FILM_DIAGONAL_MM = 43.27
OFF_TARGET_M = 0.15
"""How far from the person's middle a camera may be aimed."""
_TRIES = 50
SIZES_PX = ((640, 480), (480, 640), (1280, 720), (720, 1280))


See = Callable[[Camera, PoseSequence, np.random.Generator], PoseSequence]
"""How a camera sees points in space: as they are (`truly`), or as an estimator would."""


@dataclass(frozen=True)
class Take:
    """One person's true keypoints in the world, and where the repetitions are."""

    poses: PoseSequence
    """In metres, +Z up."""
    reps: tuple[Span, ...]


def takes_of(dataset: Dataset, fps: float | None = None) -> list[Take]:
    """Return the takes of all simulated clips, `person` their subject.

    Args:
        dataset: Cameras and videos are not looked at.
        fps: Frames per second to bring them to; None leaves them.

    Raises:
        FormbenchError: No clip has its truth in space.
    """
    takes = []
    for clip, poses in in_world(dataset, CONVENTION):
        takes.append(Take(poses if fps is None else at_rate(poses, fps), clip.reps))
    return takes


def in_world(dataset: Dataset, convention_name: str) -> Iterator[tuple[Clip, PoseSequence]]:
    """Yield the simulated clips of a dataset, with their true points in metres, +Z up.

    Args:
        dataset: Cameras and videos are not looked at.
        convention_name: Which points: "smpl22" for joints, or one that clips have in the world.

    Raises:
        FormbenchError: No clip has these points in the world.
    """
    there = False
    for clip in dataset.clips():
        points_m = clip.keypoints_world_m.get(convention_name)
        if convention_name == SMPL_22.name and clip.joints_world_m.shape[1]:
            points_m = clip.joints_world_m
        if points_m is None:
            continue
        there = True
        yield (
            clip,
            PoseSequence(
                keypoints=points_m,
                confidence=np.ones(points_m.shape[:2]),
                convention_name=convention_name,
                fps=clip.fps,
                source="truth",
                unit="m",
                exercise=clip.exercise,
                person=clip.subject_id,
            ),
        )
    if not there:
        raise FormbenchError(
            f"{dataset.folder}: expected simulated clips with {convention_name} points in space, "
            "got none"
        )


def at_rate(sequence: PoseSequence, fps: float) -> PoseSequence:
    """Bring a sequence to a frame rate, linear between frames; frame 0 stays at 0 s.

    Between a seen and a missing frame the point is missing.
    """
    if fps == sequence.fps:
        return sequence
    last = (sequence.n_frames - 1) / sequence.fps
    at = np.arange(int(last * fps + 1e-9) + 1) * sequence.fps / fps
    below = np.clip(np.floor(at + 1e-9).astype(int), 0, max(0, sequence.n_frames - 2))
    above = np.minimum(below + 1, sequence.n_frames - 1)
    weight = (at - below)[:, None]
    exact = weight < 1e-6
    points = (1 - weight[..., None]) * sequence.keypoints[below]
    points += weight[..., None] * sequence.keypoints[above]
    return replace(
        sequence,
        # A weight of 0 must not let the other neighbour's NaN through.
        keypoints=np.where(exact[..., None], sequence.keypoints[below], points),
        confidence=np.where(
            exact,
            sequence.confidence[below],
            np.minimum(sequence.confidence[below], sequence.confidence[above]),
        ),
        fps=fps,
    )


def in_convention(sequence: PoseSequence, convention_name: str) -> PoseSequence:
    """Return the points of another convention, by their names.

    Raises:
        FormbenchError: The sequence lacks one of them.
    """
    wanted, given = convention(convention_name), sequence.convention.keypoint_names
    lacking = [name for name in wanted.keypoint_names if name not in given]
    if lacking:
        raise FormbenchError(
            f"expected the points of {convention_name}; "
            f"{sequence.convention_name} has no {', '.join(lacking)}"
        )
    columns = [given.index(name) for name in wanted.keypoint_names]
    return replace(
        sequence,
        keypoints=sequence.keypoints[:, columns],
        confidence=sequence.confidence[:, columns],
        convention_name=convention_name,
    )


def virtual_camera(points_m: np.ndarray, rng: np.random.Generator) -> Camera:
    """Put a camera anywhere around a person.

    Azimuth is uniform; elevation, distance and lens are uniform in the ranges above.

    Args:
        points_m: The person over time. Shape (T, K, 3).
        rng: Decides where.
    """
    target_m = (points_m.min(axis=(0, 1)) + points_m.max(axis=(0, 1))) / 2
    target_m = target_m + rng.uniform(-OFF_TARGET_M, OFF_TARGET_M, size=3)
    azimuth_rad, elevation_rad = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(*ELEVATIONS_DEG))
    distance_m = rng.uniform(*DISTANCES_M)
    flat_m = distance_m * np.cos(elevation_rad)
    away_m = [flat_m * np.sin(azimuth_rad), -flat_m * np.cos(azimuth_rad)]
    height_m = target_m[2] + distance_m * np.sin(elevation_rad)
    width_px, height_px = SIZES_PX[rng.integers(len(SIZES_PX))]
    focal = rng.uniform(*EQUIVALENT_FOCAL_MM) / FILM_DIAGONAL_MM
    position_m = np.array([*(target_m[:2] + away_m), max(LOWEST_M, height_m)])
    return Camera(
        name="virtual",
        width_px=width_px,
        height_px=height_px,
        focal_px=focal * float(np.hypot(width_px, height_px)),
        T_world_cam=look_at(position_m, target_m),
    )


def seen_by(camera: Camera, poses: PoseSequence) -> PoseSequence:
    """Project a take; points outside the image are missing, hidden ones are not."""
    points_px, _ = camera.project(poses.keypoints)
    inside = np.all((points_px >= 0) & (points_px < (camera.width_px, camera.height_px)), axis=-1)
    return replace(
        poses,
        keypoints=np.where(inside[..., None], points_px, np.nan),
        confidence=inside.astype(np.float64),
        unit="px",
        view=camera.name,
    )


def truly(camera: Camera, poses: PoseSequence, rng: np.random.Generator) -> PoseSequence:
    """See a take as it is."""
    return seen_by(camera, poses)


def from_anywhere(
    poses: PoseSequence, see: See, rng: np.random.Generator
) -> tuple[PoseSequence, Camera]:
    """Look at a take from a virtual camera that sees hips and shoulders half of the time.

    Raises:
        FormbenchError: No camera does.
    """
    for _ in range(_TRIES):
        camera = virtual_camera(poses.keypoints, rng)
        seen = see(camera, poses, rng)
        if trunk_seen(seen).mean() >= 0.5:
            return seen, camera
    raise FormbenchError(
        f"expected a camera that sees hips and shoulders of {poses.person} half of the time, "
        f"found none in {_TRIES}"
    )


def trunk_seen(sequence: PoseSequence) -> np.ndarray:
    """Return whether each frame shows hips and shoulders. Shape (T,), bool."""
    trunk = np.concatenate([sequence.at(name) for name in TORSO], axis=1)
    return ~np.isnan(trunk).any(axis=1)


def mirrored(sequence: PoseSequence) -> PoseSequence:
    """Return what a mirror shows: the first axis turned round, left and right exchanged."""
    other = list(sequence.convention.mirror)
    flip = np.ones(sequence.keypoints.shape[-1])
    flip[0] = -1
    return replace(
        sequence,
        keypoints=sequence.keypoints[:, other] * flip,
        confidence=sequence.confidence[:, other],
    )
