"""MMAction2's skeleton file (PoseC3D, ST-GCN): every repetition from every camera is one sample.

    formbench_2d.pkl    17 COCO points, (1, T, 17, 2) pixels with scores (1, T, 17)
    formbench_3d.pkl    the 17 points in the world, (1, T, 17, 3) metres
    classes.txt         the class of each label: clean, then the faults, sorted

The label of a repetition is its most severe present fault; `faults` lists all with their severity.
The score of a point is 1 where visible, 0.5 where hidden, 0 outside the image. The files are
pickles, since MMAction2 reads nothing else here: never open those of others.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from export.formats.format import Format, Request, views
from export.pickling import PickleStream
from export.rows import ClipRow
from motions.conventions import COCO_17
from simulator.clip import Clip, View

CLEAN = "clean"


def write_mmaction(request: Request, out: Path) -> None:
    """Write the two pickles, sample after sample, and the list of classes."""
    classes = _classes(row for rows in request.sides.values() for row in rows)
    with ExitStack() as stack:
        flat, solid = (
            PickleStream(stack.enter_context((out / f"formbench_{name}.pkl").open("wb")))
            for name in ("2d", "3d")
        )
        for stream, names in ((flat, _flat_names), (solid, _solid_names)):
            stream.begin_dict()
            with stream.entry("split"):
                stream.begin_dict()
                for side, rows in request.sides.items():
                    with stream.entry(side):
                        stream.begin_list()
                        for name in names(rows):
                            with stream.item():
                                stream.leaf(name)
            # Both streams are left inside their last entry, which fills as clips are read.
            stack.callback(stream.end)
            stack.enter_context(stream.entry("annotations"))
            stream.begin_list()
        for rows in request.sides.values():
            for row, clip in request.clips(rows):
                _write_clip(request, row, clip, classes, flat, solid)
    (out / "classes.txt").write_text("".join(f"{name}\n" for name in classes), encoding="utf-8")


def _flat_names(rows: Iterable[ClipRow]) -> Iterator[str]:
    return (
        _flat_name(row.clip_id, camera, rep)
        for row in rows
        for rep in range(row.n_reps)
        for camera in row.cameras
    )


def _solid_names(rows: Iterable[ClipRow]) -> Iterator[str]:
    return (
        _solid_name(row.clip_id, rep)
        for row in rows
        if row.origin == "synthetic"
        for rep in range(row.n_reps)
    )


def _flat_name(clip_id: str, camera: str, rep: int) -> str:
    return f"{clip_id}_{camera}_rep{rep:03d}"


def _solid_name(clip_id: str, rep: int) -> str:
    return f"{clip_id}_rep{rep:03d}"


def _write_clip(
    request: Request,
    row: ClipRow,
    clip: Clip,
    classes: list[str],
    flat: PickleStream,
    solid: PickleStream,
) -> None:
    for rep in range(row.n_reps):
        frames = request.rep_frames(row, clip, rep)
        about = _labels(clip, rep, classes) | {"total_frames": len(frames)}
        if row.origin == "synthetic":
            with solid.item():
                solid.leaf(about | _in_3d(clip, rep, frames))
        for view in views(clip, row, COCO_17.name):
            with flat.item():
                flat.leaf(about | _in_2d(clip, view, rep, frames))


def _classes(rows: Iterable[ClipRow]) -> list[str]:
    return [CLEAN, *sorted({fault for row in rows for fault in row.faults})]


def _labels(clip: Clip, rep: int, classes: list[str]) -> dict[str, Any]:
    present = {f.fault_id: f.severity for f in clip.faults if f.rep == rep and f.present}
    worst = max(sorted(present), key=lambda fault_id: present[fault_id], default=CLEAN)
    return {"label": classes.index(worst), "faults": present}


def _in_2d(clip: Clip, view: View, rep: int, frames: list[int]) -> dict[str, Any]:
    visibility = view.visibility[COCO_17.name][frames]
    points_px = np.where(visibility[..., None] > 0, view.keypoints_px[COCO_17.name][frames], 0)
    size = (view.camera.height_px, view.camera.width_px)
    return {
        "frame_dir": _flat_name(clip.clip_id, view.camera.name, rep),
        "img_shape": size,
        "original_shape": size,
        "keypoint": points_px[None].astype(np.float32),
        "keypoint_score": (visibility[None] / 2).astype(np.float32),
    }


def _in_3d(clip: Clip, rep: int, frames: list[int]) -> dict[str, Any]:
    return {
        "frame_dir": _solid_name(clip.clip_id, rep),
        "keypoint": clip.keypoints_world_m[COCO_17.name][frames][None].astype(np.float32),
    }


MMACTION = Format(
    name="mmaction",
    title="MMAction2 skeletons (PoseC3D, ST-GCN)",
    kept=(
        "17 points of each repetition, from each camera and in 3D, in single precision",
        "visibility, as score 0, 0.5 and 1",
        "present faults with their severity",
    ),
    lost=(
        "boxes, masks, cameras, what lies between repetitions, subjects and exercises",
        "all but the most severe fault of a repetition, in the label",
        "the size of a fault in its own unit",
    ),
    read_by="MMAction2's documented layout",
    write=write_mmaction,
)
