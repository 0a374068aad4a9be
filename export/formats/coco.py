"""COCO keypoints: one JSON a side, 17 points with visibility, boxes, areas and masks.

Points and boxes count from the top-left corner of the top-left pixel, as ours do, to a thousandth
of a pixel. One person an image: an image and its annotation share their id, which depends on the
dataset alone, not on the split or on how many frames are taken.

    annotations/<side>.json
    images/<clip_id>/<camera>/<frame>.jpg     where images were asked for

Without images `file_name` says what the picture would be called; clip_id, camera, frame_index and,
for rendered clips, video say where it is. Layout: cocodataset.org, "Data format".
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from export.dataset import Dataset
from export.formats.format import (
    Format,
    Request,
    has_person,
    shown_px,
    together,
    views,
    write_pictures,
)
from export.rows import ClipRow
from motions.conventions import COCO_17
from simulator.clip import Clip, View
from simulator.masks import mask_area_px

SKELETON = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9),
    (8, 10), (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7),
)  # fmt: skip
"""COCO's own bones, counting from 1."""
_LISTS = (('"images": [', "],"), ('"annotations": [', "]}"))
"""How the two lists begin and end; between stands an entry a line."""


def write_coco(request: Request, out: Path) -> None:
    """Write one JSON a side and, where asked for, the pictures."""
    (out / "annotations").mkdir(exist_ok=True)
    first_ids = _first_ids(request.dataset)
    for side, clips in request.each_side():
        with (
            (out / "annotations" / f"{side}.json").open("w", encoding="utf-8") as file,
            tempfile.TemporaryFile("w+", encoding="utf-8") as later,
        ):
            # Images and annotations are made together but stand apart: the second list waits.
            file.write(_head(request)[:-1] + ',\n"images": [')
            comma, later_comma = "\n", "\n"
            for row, clip in clips:
                first_id = first_ids[row.clip_id]
                for image, annotation in _entries(request, out, row, clip, first_id):
                    file.write(comma + _text(image))
                    comma = ",\n"
                    if annotation:
                        later.write(later_comma + _text(annotation))
                        later_comma = ",\n"
            file.write('\n],\n"annotations": [')
            later.seek(0)
            shutil.copyfileobj(later, file)
            file.write("\n]}\n")


def join_coco(parts: Sequence[Path], out: Path) -> None:
    """Put the lists of several exports behind each other, line by line."""
    (out / "annotations").mkdir(exist_ok=True)
    for name in sorted(path.name for path in (parts[0] / "annotations").iterdir()):
        files = [part / "annotations" / name for part in parts]
        with (out / "annotations" / name).open("w", encoding="utf-8") as file:
            with files[0].open(encoding="utf-8") as first:
                file.write(first.readline())
            for begin, end in _LISTS:
                file.write(begin)
                comma = "\n"
                for path in files:
                    for line in _between(path, begin, end):
                        file.write(comma + line.removesuffix(","))
                        comma = ",\n"
                file.write(f"\n{end}\n")
        for path in files:
            path.unlink()
    together(parts, out)


def _between(path: Path, begin: str, end: str) -> Iterator[str]:
    """Yield the lines of a file after one and before another."""
    with path.open(encoding="utf-8") as file:
        lines = (line.rstrip("\n") for line in file)
        next(line for line in lines if line == begin)
        yield from takewhile(lambda line: line != end, lines)


@lru_cache(maxsize=1)
def _first_ids(dataset: Dataset) -> dict[str, int]:
    first_ids, next_id = {}, 1
    for row in dataset.rows:
        first_ids[row.clip_id] = next_id
        next_id += row.n_frames * len(row.cameras)
    return first_ids


def _head(request: Request) -> str:
    dataset = request.dataset
    return _text(
        {
            "info": {
                "description": "Formbench dataset",
                "version": dataset.formbench,
                "content_sha256": dataset.content_sha256,
            },
            "licenses": [
                {"id": i, "name": name, "url": f"https://spdx.org/licenses/{name}.html"}
                for i, name in enumerate(dataset.licences, 1)
            ],
            "categories": [
                {
                    "id": 1,
                    "name": "person",
                    "supercategory": "person",
                    "keypoints": COCO_17.keypoint_names,
                    "skeleton": SKELETON,
                }
            ],
        }
    )


def _entries(
    request: Request, out: Path, row: ClipRow, clip: Clip, first_id: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Yield the image of every frame and its annotation, None where nobody is in the image."""
    # A side may have some of the cameras only; ids count them all.
    numbers = {view.camera.name: number for number, view in enumerate(clip.views)}
    for view in views(clip, row, COCO_17.name):
        names = {
            frame: f"{row.clip_id}/{view.camera.name}/{frame:06d}.jpg"
            for frame in request.labelled_frames(row, view)
        }
        if request.images:
            files = {frame: out / "images" / name for frame, name in names.items()}
            write_pictures(request, row, view, files)
        for frame, name in names.items():
            image_id = first_id + numbers[view.camera.name] * row.n_frames + frame
            image = _image(clip, view, frame) | {"id": image_id, "file_name": name}
            annotation = None
            if has_person(view, frame):
                annotation = _annotation(view, frame) | {"id": image_id, "image_id": image_id}
            yield image, annotation


def _image(clip: Clip, view: View, frame: int) -> dict[str, Any]:
    time_s = frame / clip.fps
    video = {"video": f"clips/{clip.clip_id}/{view.video}"} if view.video else {}
    return {
        "width": view.camera.width_px,
        "height": view.camera.height_px,
        "clip_id": clip.clip_id,
        "camera": view.camera.name,
        "frame_index": frame,
        "subject_id": clip.subject_id,
        "exercise": clip.exercise,
        "faults": sorted(
            {
                fault.fault_id
                for fault in clip.faults
                if fault.present and fault.span.start_s <= time_s < fault.span.end_s
            }
        ),
        **video,
    }


def _annotation(view: View, frame: int) -> dict[str, Any]:
    points_px, visibility = shown_px(view, COCO_17.name, frame)
    keypoints: list[float] = []
    for (u, v), seen in zip(points_px.tolist(), visibility.tolist(), strict=True):
        keypoints += [round(u, 3), round(v, 3), seen]
    left, top, right, bottom = view.box_px[frame].tolist()
    size = [view.camera.height_px, view.camera.width_px]
    mask = view.masks[frame] if view.masks else None
    return {
        "category_id": 1,
        "iscrowd": 0,
        "keypoints": keypoints,
        "num_keypoints": int((visibility > 0).sum()),
        "bbox": [round(value, 3) for value in (left, top, right - left, bottom - top)],
        "area": mask_area_px(mask) if mask else round((right - left) * (bottom - top), 3),
        "segmentation": {"size": size, "counts": mask} if mask else [],
    }


def _text(value: object) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False, sort_keys=True)


COCO = Format(
    name="coco",
    title="COCO keypoints",
    kept=(
        "17 points an image with visibility 0, 1, 2",
        "boxes, and masks of rendered clips as compressed run lengths",
        "clip, camera, frame, subject, exercise and present faults of each image, as extra fields",
    ),
    lost=(
        "3D, cameras, repetitions, and the size and span of faults",
        "places beyond a thousandth of a pixel",
        "the area without masks: that of the box stands for it",
    ),
    read_by="pycocotools",
    write=write_coco,
    has_images=True,
    parted=True,
    join=join_coco,
)
