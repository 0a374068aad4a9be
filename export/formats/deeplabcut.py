"""DeepLabCut's labelled data: a project's folder of pictures and a table a view.

    <side>/labeled-data/<clip_id>_<camera>/CollectedData_formbench.csv
    <side>/labeled-data/<clip_id>_<camera>/img<frame>.png        where images were asked for

The 17 COCO points in pixels; a point outside the image is an empty cell, which DeepLabCut takes as
not labelled. The rows are the labelled frames. `deeplabcut.convertcsv2h5` makes the .h5 beside it.
"""

import csv
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
            if request.images:
                write_pictures(request, row, view, names)


def _write_table(view: View, names: dict[int, Path], path: Path) -> None:
    points = COCO_17.keypoint_names
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["scorer", "", "", *[SCORER] * (2 * len(points))])
        table.writerow(["bodyparts", "", "", *(name for name in points for _ in "xy")])
        table.writerow(["coords", "", "", *("x", "y") * len(points)])
        for frame, picture in names.items():
            seen = view.visibility[COCO_17.name][frame]
            row = view.keypoints_px[COCO_17.name][frame].tolist()
            cells = [f"{v:.3f}" if s else "" for p, s in zip(row, seen, strict=True) for v in p]
            table.writerow(["labeled-data", picture.parent.name, picture.name, *cells])


DEEPLABCUT = Format(
    name="deeplabcut",
    title="DeepLabCut labelled data",
    kept=("17 points an image", "the clip, camera and frame, in the picture's name"),
    lost=(
        "whether a point inside the image is hidden",
        "boxes, masks, 3D, cameras, repetitions, faults, subjects and exercises",
        "places beyond a thousandth of a pixel",
    ),
    read_by="sleap-io",
    write=write_deeplabcut,
    has_images=True,
)
