"""YOLO pose, as Ultralytics reads it: a text file an image, all numbers as shares of its size.

    data.yaml                              where the sides are (beside it), points, mirror order
    labels/<side>/<picture>.txt            "0 cx cy w h" and "x y v" for each of 17 points
    images/<side>/<picture>.jpg            where images were asked for

A picture is named `<clip_id>_<camera>_<frame>`; one without a person has an empty text file. Points
outside the image are "0 0 0", because the reader drops images with coordinates beyond the edge.
"""

from pathlib import Path

from export.formats.format import Format, Request, has_person, shown_px, views, write_pictures
from motions.conventions import COCO_17
from simulator.clip import View


def write_yolo(request: Request, out: Path) -> None:
    """Write the labels of every side, data.yaml and, where asked for, the pictures."""
    for side, row, clip in request.each_clip():
        labels = out / "labels" / side
        labels.mkdir(parents=True, exist_ok=True)
        for view in views(clip, row, COCO_17.name):
            names = {
                frame: f"{row.clip_id}_{view.camera.name}_{frame:06d}"
                for frame in request.labelled_frames(row, view)
            }
            for frame, name in names.items():
                text = _label(view, frame) if has_person(view, frame) else ""
                (labels / f"{name}.txt").write_text(text, encoding="utf-8")
            if request.images:
                pictures = out / "images" / side
                files = {frame: pictures / f"{name}.jpg" for frame, name in names.items()}
                write_pictures(request, row, view, files)
    (out / "data.yaml").write_text(_description(request), encoding="utf-8")


def _label(view: View, frame: int) -> str:
    width, height = view.camera.width_px, view.camera.height_px
    left, top, right, bottom = view.box_px[frame]
    box = ((left + right) / 2 / width, (top + bottom) / 2 / height)
    size = ((right - left) / width, (bottom - top) / height)
    points_px, visibility = shown_px(view, COCO_17.name, frame)
    points = [
        f"{u / width:.6f} {v / height:.6f} {seen}"
        for (u, v), seen in zip(points_px.tolist(), visibility.tolist(), strict=True)
    ]
    return " ".join(["0", *(f"{value:.6f}" for value in box + size), *points]) + "\n"


def _description(request: Request) -> str:
    keys = {"train": "train", "validation": "val", "test": "test"}
    return (
        "".join(f"{keys[side]}: images/{side}\n" for side in request.sides)
        + f"kpt_shape: [{len(COCO_17.keypoint_names)}, 3]\n"
        f"flip_idx: {list(COCO_17.mirror)}\n"
        "names:\n"
        "  0: person\n"
        "kpt_names:\n"
        f"  0: [{', '.join(COCO_17.keypoint_names)}]\n"
    )


YOLO = Format(
    name="yolo",
    title="Ultralytics YOLO pose",
    kept=("17 points an image with visibility 0, 1, 2", "boxes"),
    lost=(
        "masks, 3D, cameras, repetitions, faults, subjects and exercises",
        "places beyond a millionth of the image's size",
        "the video that a label belongs to, but for its name",
    ),
    read_by="Ultralytics' own label check",
    write=write_yolo,
    parted=True,
    has_images=True,
    needs_split=True,
)
