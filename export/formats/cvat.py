"""CVAT for images 1.1: skeletons in XML, one file a side, written as it streams.

    <side>.xml
    images/<side>/<clip_id>_<camera>_<frame>.jpg     where images were asked for

One skeleton a person with 17 points. A point that is hidden is `occluded`, one that is not inside
the image `outside`. The head is that of a task, named after the side, and names the labels.
Layout: CVAT's documentation, "CVAT for images 1.1".
"""

from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from export.formats.format import Format, Request, has_person, shown_px, views, write_pictures
from motions.conventions import COCO_17
from simulator.clip import Clip, View

LABEL = "person"


def write_cvat(request: Request, out: Path) -> None:
    """Write one file a side and, where asked for, the pictures."""
    for side, clips in request.each_side():
        with (out / f"{side}.xml").open("w", encoding="utf-8") as file:
            file.write('<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n')
            file.write("<version>1.1</version>\n" + _text(_meta(side)))
            number = 0
            for row, clip in clips:
                for view in views(clip, row, COCO_17.name):
                    frames = request.labelled_frames(row, view)
                    names = {f: f"{row.clip_id}_{view.camera.name}_{f:06d}.jpg" for f in frames}
                    for frame, name in names.items():
                        file.write(_text(_image(clip, view, frame, name, number)))
                        number += 1
                    if request.images:
                        files = {f: out / "images" / side / name for f, name in names.items()}
                        write_pictures(request, row, view, files)
            file.write("</annotations>\n")


def _text(element: Element) -> str:
    indent(element)
    return tostring(element, encoding="unicode") + "\n"


def _meta(side: str) -> Element:
    meta = Element("meta")
    task = SubElement(meta, "task")
    SubElement(task, "name").text = side
    labels = SubElement(task, "labels")
    _label(labels, LABEL, "skeleton")
    for name in COCO_17.keypoint_names:
        SubElement(_label(labels, name, "points"), "parent").text = LABEL
    return meta


def _label(labels: Element, name: str, kind: str) -> Element:
    label = SubElement(labels, "label")
    SubElement(label, "name").text = name
    SubElement(label, "type").text = kind
    SubElement(label, "attributes")
    if kind == "skeleton":
        SubElement(label, "svg").text = "".join(_drawing())
    return label


def _drawing() -> list[str]:
    """Draw the skeleton as CVAT wants it: bones between numbered circles, in a square of 100."""
    names = COCO_17.keypoint_names
    lines = [
        f'<line data-type="edge" data-node-from="{a + 1}" data-node-to="{b + 1}"></line>'
        for a, b in COCO_17.bone_indices
    ]
    return lines + [
        f'<circle r="1" cx="{10 + 20 * (i % 5)}" cy="{10 + 20 * (i // 5)}" data-type="element node"'
        f' data-element-id="{i + 1}" data-node-id="{i + 1}" data-label-name="{name}"></circle>'
        for i, name in enumerate(names)
    ]


def _image(clip: Clip, view: View, frame: int, name: str, number: int) -> Element:
    size = {"width": str(view.camera.width_px), "height": str(view.camera.height_px)}
    image = Element("image", {"id": str(number), "name": name, **size})
    if has_person(view, frame):
        skeleton = SubElement(image, "skeleton", {"label": LABEL, "source": "file", "z_order": "0"})
        points_px, visibility = shown_px(view, COCO_17.name, frame)
        for part, (u, v), seen in zip(
            COCO_17.keypoint_names, points_px.tolist(), visibility.tolist(), strict=True
        ):
            about = {"label": part, "source": "file", "outside": str(int(seen == 0))}
            place = {"occluded": str(int(seen == 1)), "points": f"{u:.3f},{v:.3f}"}
            SubElement(skeleton, "points", about | place)
    return image


CVAT = Format(
    name="cvat",
    title="CVAT for images 1.1, skeletons",
    kept=("17 points an image: visible, occluded or outside", "the labels and bones"),
    lost=(
        "boxes, masks, 3D, cameras, repetitions, faults, subjects and exercises",
        "places beyond a thousandth of a pixel",
    ),
    read_by="datumaro, and CVAT's documented schema",
    write=write_cvat,
    has_images=True,
)
