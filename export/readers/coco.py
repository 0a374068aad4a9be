"""COCO keypoints: one stretch for each video's images, in the order of their frames.

Which video, camera and frame an image is of stands in our own extra fields; without them the folder
of `file_name` is the video and the order of names that of frames.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from export.readers.found import Found, Hints
from export.readers.text import field, read_object
from motions.conventions import COCO_17
from motions.errors import FormbenchError


def read_coco(path: Path, hints: Hints) -> Iterator[Found]:
    """Yield what a COCO keypoint file says."""
    if hints.fps is None:
        raise FormbenchError(f"{path}: COCO does not say the frame rate: give --fps")
    stored = read_object(path)
    _check_names(path, field(path, stored, "categories", list))
    people: dict[int, dict[str, Any]] = {}
    for annotation in field(path, stored, "annotations", list):
        image_id = annotation["image_id"]
        if image_id in people:
            raise FormbenchError(f"{path}: image {image_id}: expected one person, got two")
        people[image_id] = annotation
    videos: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for image in field(path, stored, "images", list):
        folder = Path(image["file_name"]).parent.as_posix().replace("/", "-")
        videos[image.get("clip_id", folder), image.get("camera", "camera")].append(image)
    for (name, camera), images in videos.items():
        yield _found(name, camera, images, people, hints)


def _check_names(path: Path, categories: list[dict[str, Any]]) -> None:
    for category in categories:
        names = category.get("keypoints")
        if names is not None and tuple(names) != COCO_17.keypoint_names:
            raise FormbenchError(f"{path}: expected COCO's 17 keypoints, got {', '.join(names)}")


def _found(
    name: str,
    camera: str,
    images: list[dict[str, Any]],
    people: dict[int, dict[str, Any]],
    hints: Hints,
) -> Found:
    images = sorted(images, key=lambda image: (image.get("frame_index", 0), image["file_name"]))
    frames = [image.get("frame_index", at) for at, image in enumerate(images)]
    n_frames = frames[-1] + 1
    points = np.full((n_frames, 17, 2), np.nan)
    visibility = np.zeros((n_frames, 17), dtype=np.uint8)
    box_px = np.zeros((n_frames, 4))
    labelled = np.zeros(n_frames, dtype=bool)
    labelled[frames] = True
    for frame, image in zip(frames, images, strict=True):
        person = people.get(image["id"])
        if person is not None:
            triples = np.array(person["keypoints"], dtype=float).reshape(17, 3)
            visibility[frame] = triples[:, 2]
            points[frame] = np.where(triples[:, 2:] > 0, triples[:, :2], np.nan)
            left, top, width, height = person["bbox"]
            box_px[frame] = left, top, left + width, top + height
    said = [image["faults"] for image in images if "faults" in image]
    return Found(
        name=f"{name}-{camera}",
        subject_id=images[0].get("subject_id", name),
        camera=camera,
        fps=hints.fps or 0.0,
        size_px=(images[0]["width"], images[0]["height"]),
        exercise=images[0].get("exercise") or hints.exercise or "unknown",
        convention=COCO_17.name,
        points_px=points,
        visibility=visibility,
        source="human",
        labelled=labelled,
        box_px=box_px,
        faults=dict.fromkeys(sorted({f for names in said for f in names})) if said else None,
    )
