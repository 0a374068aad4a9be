"""MMAction2's skeleton file (PoseC3D, ST-GCN): every repetition from every camera is one sample.

    formbench_2d.pkl    17 COCO points, (1, T, 17, 2) pixels with scores (1, T, 17)
    formbench_3d.pkl    the 17 points in the world, (1, T, 17, 3) metres
    classes.txt         the class of each label: clean, then the faults, sorted

The label of a repetition is its most severe present fault; `faults` lists all with their severity.
The score of a point is 1 where visible, 0.5 where hidden, 0 outside the image. The files are
pickles, since MMAction2 reads nothing else here: never open those of others.
"""

import pickle  # noqa: TID251  written, never read
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from export.formats.format import Format, Request, views
from export.rows import ClipRow
from motions.conventions import COCO_17
from simulator.clip import Clip, View

CLEAN = "clean"
PROTOCOL = 4


def write_mmaction(request: Request, out: Path) -> None:
    """Write the two pickles and the list of classes."""
    classes = _classes(row for rows in request.sides.values() for row in rows)
    flat: list[dict[str, Any]] = []
    solid: list[dict[str, Any]] = []
    sides: dict[str, list[str]] = {side: [] for side in request.sides}
    solid_sides: dict[str, list[str]] = {side: [] for side in request.sides}
    for side, rows in request.sides.items():
        for row, clip in request.clips(rows):
            for rep in range(row.n_reps):
                frames = request.rep_frames(row, clip, rep)
                about = _labels(clip, rep, classes) | {"total_frames": len(frames)}
                if row.origin == "synthetic":
                    solid.append(about | _in_3d(clip, rep, frames))
                    solid_sides[side].append(solid[-1]["frame_dir"])
                for view in views(clip, row, COCO_17.name):
                    flat.append(about | _in_2d(clip, view, rep, frames))
                    sides[side].append(flat[-1]["frame_dir"])
    for name, split, samples in (("2d", sides, flat), ("3d", solid_sides, solid)):
        file = {"split": split, "annotations": samples}
        (out / f"formbench_{name}.pkl").write_bytes(pickle.dumps(file, protocol=PROTOCOL))
    (out / "classes.txt").write_text("".join(f"{name}\n" for name in classes), encoding="utf-8")


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
        "frame_dir": f"{clip.clip_id}_{view.camera.name}_rep{rep:03d}",
        "img_shape": size,
        "original_shape": size,
        "keypoint": points_px[None].astype(np.float32),
        "keypoint_score": (visibility[None] / 2).astype(np.float32),
    }


def _in_3d(clip: Clip, rep: int, frames: list[int]) -> dict[str, Any]:
    return {
        "frame_dir": f"{clip.clip_id}_rep{rep:03d}",
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
