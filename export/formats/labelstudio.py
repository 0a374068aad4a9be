"""Label Studio JSON: a task a picture with the points and the box as annotations.

    <side>.json, config.xml
    images/<side>/<clip_id>_<camera>_<frame>.jpg     where images were asked for

Make a project of config.xml, serve `images` as local files from the export's folder, and import the
JSON. Hidden points say `hidden`; points outside the image are left out. For asking annotators about
clips without showing them the truth there is `workbench label`.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from export.formats.format import Format, Request, has_person, views, write_pictures
from motions.conventions import COCO_17
from simulator.clip import Clip, View

DOT_PERCENT = 0.5
"""Width of a point's dot; without it the editor drops the point."""


def write_labelstudio(request: Request, out: Path) -> None:
    """Write one JSON a side, the configuration and, where asked for, the pictures."""
    (out / "config.xml").write_text(_config(), encoding="utf-8")
    for side, clips in request.each_side():
        with (out / f"{side}.json").open("w", encoding="utf-8") as file:
            comma = "[\n"
            for row, clip in clips:
                for view in views(clip, row, COCO_17.name):
                    frames = request.labelled_frames(row, view)
                    names = {f: f"{row.clip_id}_{view.camera.name}_{f:06d}.jpg" for f in frames}
                    for frame, name in names.items():
                        task = _task(clip, view, frame, f"images/{side}/{name}")
                        file.write(comma + json.dumps(task, allow_nan=False, sort_keys=True))
                        comma = ",\n"
                    if request.images:
                        files = {f: out / "images" / side / name for f, name in names.items()}
                        write_pictures(request, row, view, files)
            file.write("\n]\n" if comma == ",\n" else "[]\n")


def _config() -> str:
    root = Element("View")
    SubElement(root, "Image", {"name": "image", "value": "$image", "zoom": "true"})
    points = SubElement(root, "KeyPointLabels", {"name": "kp", "toName": "image"})
    for name in COCO_17.keypoint_names:
        SubElement(points, "Label", {"value": name})
    asked = {"name": "visibility", "toName": "image", "perRegion": "true", "whenTagName": "kp"}
    choices = SubElement(root, "Choices", asked | {"choice": "single-radio"})
    for name in ("visible", "hidden"):
        SubElement(choices, "Choice", {"value": name})
    boxes = SubElement(root, "RectangleLabels", {"name": "person", "toName": "image"})
    SubElement(boxes, "Label", {"value": "person"})
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def _task(clip: Clip, view: View, frame: int, picture: str) -> dict[str, Any]:
    about = {"clip_id": clip.clip_id, "camera": view.camera.name, "frame_index": frame}
    address = f"/data/local-files/?d={quote(picture)}"
    result = _result(view, frame) if has_person(view, frame) else []
    return {
        "data": {"image": address, **about, "exercise": clip.exercise},
        "annotations": [{"result": result}],
    }


def _result(view: View, frame: int) -> list[dict[str, Any]]:
    width, height = view.camera.width_px, view.camera.height_px
    same = {
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "to_name": "image",
    }
    results: list[dict[str, Any]] = []
    points = view.keypoints_px[COCO_17.name][frame] / [width, height] * 100
    seen = view.visibility[COCO_17.name][frame].tolist()
    for name, (x, y), visible in zip(COCO_17.keypoint_names, points.tolist(), seen, strict=True):
        if visible == 0:
            continue
        place = {"x": x, "y": y, "width": DOT_PERCENT}
        region = {**same, "id": f"kp_{name}"}
        results += [
            {**region, "from_name": "kp", "type": "keypointlabels",
             "value": {**place, "keypointlabels": [name]}},
            {**region, "from_name": "visibility", "type": "choices",
             "value": {**place, "choices": [("hidden", "visible")[visible - 1]]}},
        ]  # fmt: skip
    left, top, right, bottom = (view.box_px[frame] / [width, height, width, height] * 100).tolist()
    box = {"x": left, "y": top, "width": right - left, "height": bottom - top, "rotation": 0}
    # Last, because the editor gives clicks inside a box that comes first to the box.
    return [
        *results,
        {**same, "id": "person", "from_name": "person", "type": "rectanglelabels",
         "value": {**box, "rectanglelabels": ["person"]}},
    ]  # fmt: skip


LABELSTUDIO = Format(
    name="labelstudio",
    title="Label Studio JSON",
    kept=("17 points an image: visible or hidden", "boxes", "clip, camera, frame and exercise"),
    lost=("masks, 3D, cameras, repetitions, faults and subjects",),
    read_by="a real Label Studio server, and its SDK",
    write=write_labelstudio,
    has_images=True,
)
