"""Parquet, as Hugging Face datasets and most table tools read it: one row a repetition and camera.

    <side>.parquet
    README.md         the splits, for `datasets.load_dataset` of the folder

Arrays are flat lists in row-major order, to be shaped by the columns beside them: keypoints_px is
(T, 17, 2), visibility (T, 17), joints_world_m (T, 22, 3), T_world_cam (4, 4). A point behind the
camera is NaN, and so is what nobody knows of real footage: where the camera stood, and points on
frames that were not labelled; its joints_world_m is empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from export.formats.format import Format, Request, views
from export.rows import ClipRow
from export.tables import write_rows
from motions.conventions import COCO_17
from simulator.clip import Clip, View

ROWS_AT_ONCE = 100


@dataclass(frozen=True)
class RepRow:
    """One repetition from one camera."""

    clip_id: str
    rep: int
    camera: str
    exercise: str
    subject_id: str
    group_id: str
    fps: float
    """Of the frames in this row."""
    n_frames: int
    """T, the frames of this repetition."""
    width_px: int
    height_px: int
    focal_px: float
    T_world_cam: np.ndarray
    keypoints_px: np.ndarray
    visibility: np.ndarray
    joints_world_m: np.ndarray
    faults: tuple[str, ...]
    """The ids of the faults that are present."""
    severities: np.ndarray
    """Their severities, in the same order."""


def write_parquet(request: Request, out: Path) -> None:
    """Write one table a side."""
    for side, clips in request.each_side():
        write_rows(RepRow, _rows(request, clips), out / f"{side}.parquet", ROWS_AT_ONCE)
    # "all" means every split at once to Hugging Face.
    lines = [f"      - split: {'whole' if s == 'all' else s}\n        path: {s}.parquet\n"
             for s in request.sides]  # fmt: skip
    head = "---\nconfigs:\n  - config_name: default\n    data_files:\n"
    (out / "README.md").write_text(head + "".join(lines) + "---\n", encoding="utf-8")


def _rows(request: Request, clips: Iterator[tuple[ClipRow, Clip]]) -> Iterator[RepRow]:
    for row, clip in clips:
        for rep in range(row.n_reps):
            for view in views(clip, row, COCO_17.name):
                frames = request.rep_frames(row, clip, rep)
                yield _row(clip, view, rep, frames, row.fps / request.every)


def _row(clip: Clip, view: View, rep: int, frames: list[int], fps: float) -> RepRow:
    present = [fault for fault in clip.faults if fault.rep == rep and fault.present]
    return RepRow(
        clip_id=clip.clip_id,
        rep=rep,
        camera=view.camera.name,
        exercise=clip.exercise,
        subject_id=clip.subject_id,
        group_id=clip.group_id,
        fps=fps,
        n_frames=len(frames),
        width_px=view.camera.width_px,
        height_px=view.camera.height_px,
        focal_px=view.camera.focal_px if clip.footage is None else float("nan"),
        T_world_cam=view.camera.T_world_cam.ravel()
        if clip.footage is None
        else np.full(16, np.nan),
        keypoints_px=view.keypoints_px[COCO_17.name][frames].ravel(),
        visibility=view.visibility[COCO_17.name][frames].ravel(),
        joints_world_m=clip.joints_world_m[frames].ravel(),
        faults=tuple(fault.fault_id for fault in present),
        severities=np.array([fault.severity for fault in present]),
    )


PARQUET = Format(
    name="parquet",
    title="Parquet, for Hugging Face datasets",
    kept=(
        "17 points with visibility and 22 joint centres of each repetition, in single precision",
        "subjects, groups, exercises and present faults with their severity",
        "size, focal length and place of the cameras",
    ),
    lost=(
        "boxes, masks, lens distortion, what lies between repetitions",
        "how a camera in a hand turns from frame to frame",
        "the size of a fault in its own unit",
    ),
    read_by="pandas and datasets",
    write=write_parquet,
)
