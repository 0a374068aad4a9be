"""MediaPipe Pose landmarks, as its Python results name them: JSON lines, or Parquet.

    <side>/<clip_id>_<camera>.jsonl     a file a view, a line a frame
    <side>.parquet                      a row a landmark, its place in metres as world_x and so on

`pose_landmarks`: x and y as shares of the image's width and height; z the depth from between the
hips, nearer is less, as a share of the width like x; visibility 1 where visible, else 0; presence 1
where inside the image, else 0. `pose_world_landmarks`: metres from between the hips, along the
camera's axes: +x right, +y down, +z away. A point behind the camera is nowhere in the image: null.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from export.formats.format import Format, Request, views
from export.rows import ClipRow
from export.tables import write_rows
from motions.conventions import MEDIAPIPE_33
from simulator.clip import Clip, View

_HIPS = [MEDIAPIPE_33.keypoint_names.index(f"{side}_hip") for side in ("left", "right")]


@dataclass(frozen=True)
class LandmarkRow:
    """One landmark of one frame of one view."""

    clip_id: str
    camera: str
    frame_index: int
    timestamp_ms: int
    landmark: str
    x: float | None
    y: float | None
    z: float | None
    world_x: float | None
    world_y: float | None
    world_z: float | None
    visibility: float | None
    presence: float | None


def write_mediapipe_table(request: Request, out: Path) -> None:
    """Write one table a side."""
    for side, clips in request.each_side():
        write_rows(LandmarkRow, _rows(request, clips), out / f"{side}.parquet")


def _rows(request: Request, clips: Iterable[tuple[ClipRow, Clip]]) -> Iterator[LandmarkRow]:
    for row, clip in clips:
        for view in views(clip, row, MEDIAPIPE_33.name):
            for line in _lines(clip, view, request.frames(row)):
                at = {name: line[name] for name in ("frame_index", "timestamp_ms")}
                for name, point, world in zip(
                    MEDIAPIPE_33.keypoint_names,
                    line["pose_landmarks"],
                    line["pose_world_landmarks"],
                    strict=True,
                ):
                    metres = {f"world_{axis}": world[axis] for axis in "xyz"}
                    yield LandmarkRow(
                        row.clip_id, view.camera.name, landmark=name, **at, **point, **metres
                    )


def write_mediapipe(request: Request, out: Path) -> None:
    """Write one file of lines a view."""
    for side, row, clip in request.each_clip():
        (out / side).mkdir(exist_ok=True)
        for view in views(clip, row, MEDIAPIPE_33.name):
            lines = _lines(clip, view, request.frames(row))
            path = out / side / f"{row.clip_id}_{view.camera.name}.jsonl"
            path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")


def _lines(clip: Clip, view: View, frames: range) -> list[dict[str, Any]]:
    camera = view.camera
    cam_m = camera.to_camera(clip.keypoints_world_m[MEDIAPIPE_33.name])
    hips_m = cam_m[:, _HIPS].mean(axis=1, keepdims=True)
    away_m = cam_m - hips_m
    shares = view.keypoints_px[MEDIAPIPE_33.name] / [camera.width_px, camera.height_px]
    depths = away_m[..., 2:] * camera.focal_px / hips_m[..., 2:] / camera.width_px
    depths = np.where(np.isnan(shares[..., :1]), np.nan, depths)
    visibility = view.visibility[MEDIAPIPE_33.name]
    marks = np.stack([visibility == 2, visibility > 0], axis=-1).astype(np.float64)
    image = np.concatenate([shares, depths, marks], axis=-1)
    world = np.concatenate([away_m, marks], axis=-1)
    return [
        {
            "frame_index": frame,
            "timestamp_ms": round(1000 * frame / clip.fps),
            "pose_landmarks": _landmarks(image[frame]),
            "pose_world_landmarks": _landmarks(world[frame]),
        }
        for frame in frames
    ]


def _landmarks(rows: np.ndarray) -> list[dict[str, float | None]]:
    keys = ("x", "y", "z", "visibility", "presence")
    return [
        {k: None if np.isnan(v) else round(v, 6) for k, v in zip(keys, row, strict=True)}
        for row in rows.tolist()
    ]


MEDIAPIPE = Format(
    name="mediapipe",
    title="MediaPipe Pose landmarks, JSON lines",
    kept=(
        "33 points in the image and in metres along the camera's axes",
        "visibility, as visibility and presence 0 or 1",
    ),
    lost=(
        "where person and camera are in the world",
        "boxes, masks, repetitions, faults, subjects and exercises",
        "places beyond a millionth of the image's size or a micrometre",
    ),
    read_by="MediaPipe's documented fields, and the camera itself",
    write=write_mediapipe,
    parted=True,
    simulated_only=True,
)
MEDIAPIPE_TABLE = Format(
    name="mediapipe-parquet",
    title="MediaPipe Pose landmarks, Parquet",
    kept=MEDIAPIPE.kept,
    lost=MEDIAPIPE.lost,
    read_by="pandas, against the JSON lines",
    write=write_mediapipe_table,
    simulated_only=True,
)
