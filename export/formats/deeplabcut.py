"""DeepLabCut: labelled data, as a project has them, and tracks, as it writes them of a video.

    <side>/labeled-data/<clip_id>_<camera>/CollectedData_formbench.csv
    <side>/labeled-data/<clip_id>_<camera>/img<frame>.png        where images were asked for
    <side>/tracks/<clip_id>_<camera>.csv

The 17 COCO points in pixels; a point outside the image is an empty cell, which DeepLabCut takes as
not labelled. The rows are the labelled frames. `deeplabcut.convertcsv2h5` makes the .h5 beside it.
The likelihood in the tracks is 1 for a visible point, 0.5 for a hidden one and 0 outside.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

from export.formats.format import Format, Request, views, write_pictures
from motions.conventions import COCO_17
from simulator.clip import View

SCORER = "formbench"


def write_deeplabcut(request: Request, out: Path) -> None:
    """Write one table a view and, where asked for, the pictures."""
    for side, row, clip in request.each_clip():
        for view in views(clip, row, COCO_17.name):
            folder = out / side / "labeled-data" / f"{row.clip_id}_{view.camera.name}"
            folder.mkdir(parents=True, exist_ok=True)
            frames = request.labelled_frames(row, view)
            names = {frame: folder / f"img{frame:06d}.png" for frame in frames}
            _write_table(view, names, folder / f"CollectedData_{SCORER}.csv")
            (out / side / "tracks").mkdir(exist_ok=True)
            _write_tracks(view, frames, out / side / "tracks" / f"{folder.name}.csv")
            if request.images:
                write_pictures(request, row, view, names)


def _write_table(view: View, names: dict[int, Path], path: Path) -> None:
    rows = (["labeled-data", name.parent.name, name.name, *_cells(view, frame, likelihood=False)]
            for frame, name in names.items())  # fmt: skip
    _write_csv(path, 3, ("x", "y"), rows)


def _write_tracks(view: View, frames: list[int], path: Path) -> None:
    rows = ([str(frame), *_cells(view, frame, likelihood=True)] for frame in frames)
    _write_csv(path, 1, ("x", "y", "likelihood"), rows)


def _write_csv(
    path: Path, n_index: int, coordinates: tuple[str, ...], rows: Iterable[list[str]]
) -> None:
    points = COCO_17.keypoint_names
    beside = [""] * (n_index - 1)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["scorer", *beside, *[SCORER] * (len(coordinates) * len(points))])
        table.writerow(["bodyparts", *beside, *(name for name in points for _ in coordinates)])
        table.writerow(["coords", *beside, *coordinates * len(points)])
        table.writerows(rows)


def _cells(view: View, frame: int, likelihood: bool) -> list[str]:
    cells: list[str] = []
    points_px = view.keypoints_px[COCO_17.name][frame].tolist()
    for point_px, seen in zip(
        points_px, view.visibility[COCO_17.name][frame].tolist(), strict=True
    ):
        cells += [f"{value:.3f}" if seen else "" for value in point_px]
        cells += [f"{seen / 2:g}"] if likelihood else []
    return cells


DEEPLABCUT = Format(
    name="deeplabcut",
    title="DeepLabCut labelled data and tracks",
    kept=("17 points an image", "the clip, camera and frame, in the picture's name"),
    lost=(
        "whether a point inside the image is hidden, but in the tracks' likelihood",
        "boxes, masks, 3D, cameras, repetitions, faults, subjects and exercises",
        "places beyond a thousandth of a pixel",
    ),
    read_by="sleap-io, pandas and movement",
    write=write_deeplabcut,
    parted=True,
    has_images=True,
)
