"""Labelling configurations: the XML that tells Label Studio what annotators see and may say.

Generated, so that no list is kept twice: joints and bones from the keypoint convention, faults from
the fault table. The names of the controls here are the `from_name` of every result.

    poses          a skeleton to drag on each page, and which joints are hidden or outside
    repetitions    spans on the timeline of a video
    faults         one span a repetition with faults, severity, side and a comment
    clip_faults    the same questions once for the whole video
"""

import hashlib
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, canonicalize, indent, tostring

from motions.conventions import COCO_17
from motions.errors import FormbenchError, unknown_name
from simulator.faults.library import FAULTS
from simulator.faults.spec import FaultSpec
from simulator.faults.window import SIDES

KINDS = ("poses", "repetitions", "faults", "clip_faults")
"""The kinds of task, each a project of its own."""

JOINTS = COCO_17
"""The keypoints that annotators place."""

IMAGE, VIDEO = "image", "video"
POSE, HIDDEN, OUTSIDE = "pose", "hidden_joints", "outside_joints"
REPS, FAULTS_SEEN, COMMENT = "reps", "faults", "comment"
PERSON, REP, NO_FAULT = "person", "rep", "none"
MAX_RATING = 5
"""Severity in stars: 1 the least that counts as the fault, MAX_RATING the largest."""

_GREEN = "#1BB500"


def severity_control(fault_name: str) -> str:
    """Return the name of the control that rates a fault."""
    return f"severity_{fault_name}"


def side_control(fault_name: str) -> str:
    """Return the name of the control that tells a fault's side."""
    return f"side_{fault_name}"


def bone_parents() -> dict[str, str | None]:
    """Choose for each joint the one it hangs on, since Label Studio draws bones as a tree.

    Bones that close a cycle are left out: breadth first from the nose.

    >>> bone_parents()["nose"], bone_parents()["left_wrist"]
    (None, 'left_elbow')
    """
    parents: dict[str, str | None] = {JOINTS.keypoint_names[0]: None}
    reached = [JOINTS.keypoint_names[0]]
    for name in reached:
        for a, b in JOINTS.bones:
            for here, there in ((a, b), (b, a)):
                if here == name and there not in parents:
                    parents[there] = name
                    reached.append(there)
    return {name: parents[name] for name in JOINTS.keypoint_names}


def faults_of_exercise(exercise: str) -> list[FaultSpec]:
    """Return the faults of an exercise, by id; raise if there are none to ask for."""
    found = [FAULTS[fault_id] for fault_id in sorted(FAULTS)]
    found = [spec for spec in found if spec.exercise == exercise]
    if not found:
        known = sorted({spec.exercise for spec in FAULTS.values()})
        raise FormbenchError(
            f"exercise {exercise!r} has no faults to ask for; known: {', '.join(known)}"
        )
    return found


def interface(kind: str, specs: Iterable[FaultSpec] = ()) -> str:
    """Return the configuration of one kind of task as XML.

    Args:
        kind: One of KINDS.
        specs: The faults that annotators may choose, for the two kinds that ask for faults. Faults
            of the same name in several exercises are one choice.
    """
    if kind == "poses":
        return _xml(_poses())
    if kind == "repetitions":
        return _xml(_repetitions())
    if kind in ("faults", "clip_faults"):
        return _xml(_faults(tuple(specs), per_rep=kind == "faults"))
    raise unknown_name("kind of task", kind, KINDS)


def fingerprint(xml: str) -> str:
    """Return a short hash of a configuration, the same however it is indented."""
    canonical = canonicalize(xml, strip_text=True)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:16]


def _poses() -> Element:
    view = _view("$exercise: put every joint in its place, on every page")
    shown = {"name": IMAGE, "valueList": "$frames", "zoom": "true", "zoomControl": "true"}
    # The editor fits the image as if its toolbar took no room, and would cut off the edges.
    shown["maxWidth"] = "calc(100% - 70px)"
    SubElement(view, "Image", {**shown, "brightnessControl": "true"})
    n_joints = str(len(JOINTS.keypoint_names))
    skeleton = SubElement(
        view,
        "VectorLabels",
        {
            "name": POSE,
            "toName": IMAGE,
            "skeleton": "true",
            "closable": "false",
            "curves": "false",
            "minPoints": n_joints,
            "maxPoints": n_joints,
            "pointSize": "medium",
            "strokeWidth": "2",
            "opacity": "0.9",
        },
    )
    SubElement(skeleton, "Label", {"value": PERSON, "background": _GREEN})
    for name, asked in (
        (HIDDEN, "Inside the image, but hidden (by the body or by things)"),
        (OUTSIDE, "Outside the image"),
    ):
        block = SubElement(view, "View", {"visibleWhen": "region-selected", "whenTagName": POSE})
        SubElement(block, "Header", {"value": asked, "size": "5"})
        about = {"choice": "multiple", "perRegion": "true", "whenTagName": POSE}
        _choices(block, name, IMAGE, JOINTS.keypoint_names, about)
    return view


def _repetitions() -> Element:
    view = _view("$exercise: mark every repetition, from the first moving frame to the last")
    _video(view)
    _rep_labels(view)
    return view


def _faults(specs: Sequence[FaultSpec], per_rep: bool) -> Element:
    if not specs:
        raise FormbenchError("faults interface: expected at least one fault to choose, got none")
    by_name: dict[str, FaultSpec] = {}
    for spec in specs:
        by_name.setdefault(spec.name, spec)
    asked = "mark every repetition and judge it" if per_rep else "judge the whole video"
    view = _view(f"$exercise: {asked}")
    _video(view)
    if per_rep:
        _rep_labels(view)
    about = {"perRegion": "true"} if per_rep else {}
    when = {"whenTagName": REPS} if per_rep else {}
    needed = {"required": "true", "requiredMessage": f"Choose the faults you see, or {NO_FAULT!r}"}
    seen = _choices(
        view, FAULTS_SEEN, VIDEO, [NO_FAULT], {"choice": "multiple", **about, **when, **needed}
    )
    for name, spec in sorted(by_name.items()):
        SubElement(seen, "Choice", {"value": name, "hint": spec.sentence})
    for name, spec in sorted(by_name.items()):
        when = {"whenTagName": FAULTS_SEEN, "whenChoiceValue": name}
        block = SubElement(view, "View", {"visibleWhen": "choice-selected", **when})
        SubElement(block, "Header", {"value": f"{spec.title}: how large, and where?", "size": "5"})
        stars = {"name": severity_control(name), "toName": VIDEO, "maxRating": str(MAX_RATING)}
        SubElement(block, "Rating", stars | about)
        _choices(block, side_control(name), VIDEO, SIDES, {"choice": "single-radio", **about})
    comment = {"name": COMMENT, "toName": VIDEO, "rows": "2", "maxSubmissions": "1"}
    SubElement(view, "TextArea", {**comment, "editable": "true", "placeholder": "Comment", **about})
    return view


def _view(header: str) -> Element:
    view = Element("View")
    SubElement(view, "Header", {"value": header, "size": "4"})
    return view


def _video(view: Element) -> None:
    # Without frameRate the editor counts 24 frames a second, whatever the video.
    shown = {"name": VIDEO, "value": "$video", "frameRate": "$fps", "muted": "true"}
    SubElement(view, "Video", {**shown, "height": "360", "timelineHeight": "120"})


def _rep_labels(view: Element) -> None:
    labels = SubElement(view, "TimelineLabels", {"name": REPS, "toName": VIDEO})
    SubElement(labels, "Label", {"value": REP, "background": _GREEN, "hotkey": "1"})


def _choices(
    parent: Element, name: str, to_name: str, values: Iterable[str], about: dict[str, str]
) -> Element:
    choices = SubElement(
        parent, "Choices", {"name": name, "toName": to_name, "showInline": "true", **about}
    )
    for value in values:
        SubElement(choices, "Choice", {"value": value})
    return choices


def _xml(view: Element) -> str:
    indent(view)
    return tostring(view, encoding="unicode") + "\n"
