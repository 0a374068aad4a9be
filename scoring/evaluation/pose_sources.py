"""Where the keypoints come from that scorers are shown: the truth, or what stands in its way.

A source is a function of a clip, its folder, a camera's name and a keypoint convention. The same
scorer on one source after another shows what each stage of a real pipeline costs it.
"""

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from motions.conventions import COCO_17, convention
from motions.errors import FormbenchError, unknown_name
from scoring.poses import PoseSequence, from_clip
from simulator.clip import Clip

PoseSource = Callable[[Clip, Path, str, str], PoseSequence]
TRUTH = "truth"


def pose_source(name: str) -> PoseSource:
    """Return the source with a name of POSE_SOURCES or as told beneath it.

    Raises:
        FormbenchError: There is no such source, or no noise or lifter where one is named.
    """
    kind, _, path = name.partition(":")
    if kind == "simulated" and path:
        return _simulated(Path(path))
    if kind == "files" and path:
        return _files(Path(path))
    if kind == "lifted" and path:
        model, _, other = path.partition("@")
        return _lifted(Path(model), pose_source(other or TRUTH))
    if name not in POSE_SOURCES:
        named = ("simulated:FILE", "files:FOLDER", "lifted:MODEL@SOURCE")
        raise unknown_name("poses", name, (*POSE_SOURCES, *named))
    return POSE_SOURCES[name]


def in_convention(sequence: PoseSequence, name: str) -> PoseSequence:
    """Return the keypoints of another convention that have the same names.

    Raises:
        FormbenchError: One of them is not there.
    """
    have = sequence.convention.keypoint_names
    wanted = convention(name).keypoint_names
    missing = [point for point in wanted if point not in have]
    if missing:
        raise FormbenchError(
            f"poses: expected the points of {name}, {sequence.convention_name} has no {missing[0]}"
        )
    order = [have.index(point) for point in wanted]
    return replace(
        sequence,
        keypoints=sequence.keypoints[:, order],
        confidence=sequence.confidence[:, order],
        convention_name=name,
    )


def _true(clip: Clip, folder: Path, camera_name: str, convention_name: str) -> PoseSequence:
    return from_clip(clip, camera_name, convention_name)


def _mediapipe(clip: Clip, folder: Path, camera_name: str, convention_name: str) -> PoseSequence:
    """Return what MediaPipe sees in the clip's video; every point is missing where it is nobody."""
    from scoring.estimators.mediapipe import NobodySeenError, seen_poses
    from simulator.rendering.video import read_video

    view = clip.view(camera_name)
    if view.video is None:
        raise FormbenchError(
            f"clip {clip.clip_id}: poses by mediapipe need videos; generate with render: true"
        )
    video = read_video(folder / view.video)
    true = from_clip(clip, camera_name, convention_name)
    try:
        seen = seen_poses(video.frames, video.fps, exercise=clip.exercise, view=camera_name)
    except NobodySeenError:
        nowhere = np.full_like(true.keypoints, np.nan)
        nothing = np.zeros_like(true.confidence)
        return replace(true, keypoints=nowhere, confidence=nothing, source="mediapipe")
    return in_convention(seen.image, convention_name)


def _files(folder: Path) -> PoseSource:
    """Return the source of poses that someone else wrote, see `scoring.estimators.arrays`."""
    from scoring.estimators.arrays import read_poses

    def read(clip: Clip, _: Path, camera_name: str, convention_name: str) -> PoseSequence:
        path = folder / f"{clip.clip_id}.{camera_name}.npz"
        found = in_convention(read_poses(path, fps=clip.fps), convention_name)
        if found.n_frames != clip.n_frames:
            raise FormbenchError(f"{path}: expected {clip.n_frames} frames, got {found.n_frames}")
        return replace(found, exercise=clip.exercise, view=camera_name)

    return read


def _simulated(path: Path) -> PoseSource:
    """Return the source that sees the truth as an estimator would; see `workbench train noise`."""
    from scoring.estimators.simulated import read_noise

    noise = read_noise(path)

    def see(clip: Clip, folder: Path, camera_name: str, convention_name: str) -> PoseSequence:
        true = from_clip(clip, camera_name, COCO_17.name)
        in_space = replace(
            true,
            keypoints=clip.keypoints_world_m[COCO_17.name],
            confidence=1.0 + 0 * true.confidence,
        )
        # The same draws in every run, others for every clip and camera.
        seeds = [zlib.crc32(text.encode()) for text in (clip.clip_id, camera_name)]
        camera = clip.view(camera_name).camera
        seen = noise.see(camera, in_space, np.random.default_rng(seeds))
        return in_convention(seen, convention_name)

    return see


def _lifted(model: Path, source: PoseSource) -> PoseSource:
    """Return the source that puts the image points of another into space."""
    from scoring.learning.lifter import read_lifter

    lifter = read_lifter(model)

    def see(clip: Clip, folder: Path, camera_name: str, convention_name: str) -> PoseSequence:
        points = source(clip, folder, camera_name, COCO_17.name)
        if points.missing.all():
            nowhere = np.full((*points.confidence.shape, 3), np.nan)
            return in_convention(replace(points, keypoints=nowhere, unit="m"), convention_name)
        camera = clip.view(camera_name).camera
        lifted = lifter.lift(points, camera.width_px, camera.height_px)
        return in_convention(lifted, convention_name)

    return see


POSE_SOURCES: dict[str, PoseSource] = {TRUTH: _true, "mediapipe": _mediapipe}
"""By name: the true image points, and what MediaPipe sees in the videos. Besides there is
"simulated:FILE": what an estimator would see whose errors `workbench train noise` wrote there, and
"files:FOLDER": what stands in FOLDER/<clip_id>.<camera>.npz, as `workbench poses` writes it, and
"lifted:MODEL@SOURCE": the image points of another of these, the true ones where none is named, put
into space by what `workbench train lifter` wrote."""
