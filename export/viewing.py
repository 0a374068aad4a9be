"""A clip as a Rerun recording: skeleton, cameras, videos, keypoints and spans on one timeline.

    world/joints, world/bones             the person's SMPL-22 joints, metres, Z up
    world/CAMERA                          where each camera stands, and what it sees
    world/CAMERA/picture                  its video
    world/CAMERA/coco17                   its keypoints, pixels
    phase, faults/ID                      curves: the phase, and the severity where it is present
    spans                                 when repetitions begin and end

The timeline is called "clip" and counts seconds. Times of writing are left out.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from motions.conventions import COCO_17, SMPL_22, Convention
from motions.errors import FormbenchError
from simulator.clip import Clip, View, read_clip

TIMELINE = "clip"
_LEFT, _RIGHT, _MIDDLE = (40, 120, 255), (255, 90, 60), (245, 245, 90)


def write_recording(clip_folder: Path, path: Path) -> None:
    """Write a clip as a recording that the Rerun viewer opens.

    Args:
        clip_folder: The clip's folder.
        path: The file to write, `.rrd`.

    Raises:
        FormbenchError: Rerun is not installed.
    """
    try:
        import rerun as rr
    except ImportError as error:
        raise FormbenchError(
            "view: expected Rerun, which is not installed: pip install 'formbench[view]'"
        ) from error
    clip = read_clip(clip_folder)
    times = rr.TimeColumn(TIMELINE, duration=np.arange(clip.n_frames) / clip.fps)
    with rr.RecordingStream("formbench", recording_id=clip.clip_id) as recording:
        recording.save(path)
        rr.log("world", rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
        _points(rr.Points3D, "world/joints", clip.joints_world_m, SMPL_22, times)
        bones = clip.joints_world_m[:, SMPL_22.bone_indices]
        lines = rr.LineStrips3D.columns(strips=bones.reshape(-1, 2, 3))
        lines = lines.partition([bones.shape[1]] * clip.n_frames)
        rr.send_columns("world/bones", [times], lines)
        for view in clip.views:
            _camera(clip_folder, clip, view, times)
        _curve("phase", clip.phase, times)
        for fault_id in sorted({fault.fault_id for fault in clip.faults}):
            _curve(f"faults/{fault_id}", _severity(clip, fault_id), times)
        for number, rep in enumerate(clip.reps, 1):
            for said, at_s in (("begins", rep.start_s), ("ends", rep.end_s)):
                rr.set_time(TIMELINE, duration=at_s)
                rr.log("spans", rr.TextLog(f"repetition {number} {said}"))
        recording.flush()


def open_viewer(recording: Path) -> None:
    """Start the Rerun viewer on a recording, and go on while it is open."""
    subprocess.Popen(
        [sys.executable, "-m", "rerun", str(recording)], stdin=subprocess.DEVNULL, close_fds=True
    )


def _camera(clip_folder: Path, clip: Clip, view: View, times: object) -> None:
    import rerun as rr

    camera = view.camera
    at = f"world/{camera.name}"
    place, turn = camera.position_m, camera.R_world_cam
    if camera.turns_rad is None:
        rr.log(at, rr.Transform3D(translation=place, mat3x3=turn), static=True)
    else:
        places = np.broadcast_to(place, (clip.n_frames, 3))
        rr.send_columns(at, [times], rr.Transform3D.columns(translation=places, mat3x3=turn))
    size = [camera.width_px, camera.height_px]
    pinhole = rr.Pinhole(
        image_from_camera=camera.K, resolution=size, camera_xyz=rr.ViewCoordinates.RDF
    )
    rr.log(at, pinhole, static=True)
    if view.video:
        asset = rr.AssetVideo(path=clip_folder / view.video)
        rr.log(f"{at}/picture", asset, static=True)
        shown_ns = asset.read_frame_timestamps_nanos()
        if len(shown_ns) != clip.n_frames:
            raise FormbenchError(
                f"{clip_folder / view.video}: expected {clip.n_frames} frames, got {len(shown_ns)}"
            )
        frames = rr.VideoFrameReference.columns_nanos(shown_ns)
        rr.send_columns(f"{at}/picture", [times], frames)
    _points(rr.Points2D, f"{at}/coco17", view.keypoints_px[COCO_17.name], COCO_17, times)


def _points(
    kind: object, at: str, points: np.ndarray, convention: Convention, times: object
) -> None:
    import rerun as rr

    names = convention.keypoint_names
    look = {"colors": [_colour(name) for name in names], "labels": names, "show_labels": False}
    rr.log(at, kind.from_fields(**look), static=True)  # type: ignore[attr-defined]
    n_frames, n_points = points.shape[:2]
    flat = points.reshape(n_frames * n_points, -1)
    columns = kind.columns(positions=flat).partition([n_points] * n_frames)  # type: ignore[attr-defined]
    rr.send_columns(at, [times], columns)


def _curve(at: str, values: Iterable[float], times: object) -> None:
    import rerun as rr

    rr.send_columns(at, [times], rr.Scalars.columns(scalars=np.asarray(values, dtype=float)))


def _severity(clip: Clip, fault_id: str) -> np.ndarray:
    """Return a fault's severity during the repetitions that it is present in, else NaN. (T,)."""
    values = np.full(clip.n_frames, np.nan)
    for fault in clip.faults:
        if fault.fault_id == fault_id and fault.present:
            values[fault.span.frames(clip.fps, clip.n_frames)] = fault.severity
    return values


def _colour(name: str) -> tuple[int, int, int]:
    return _LEFT if "left" in name else _RIGHT if "right" in name else _MIDDLE
