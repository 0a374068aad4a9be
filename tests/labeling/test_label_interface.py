from xml.etree import ElementTree

import pytest
from label_studio_sdk.label_interface import LabelInterface

from labeling.interface import (
    JOINTS,
    KINDS,
    bone_parents,
    faults_of_exercise,
    fingerprint,
    interface,
)
from motions.errors import FormbenchError
from simulator.faults.library import FAULTS

EXERCISES = sorted({spec.exercise for spec in FAULTS.values()})


@pytest.mark.parametrize("kind", KINDS)
def test_label_studio_accepts_every_configuration(kind: str) -> None:
    xml = interface(kind, FAULTS.values())
    LabelInterface(xml).validate()
    assert interface(kind, FAULTS.values()) == xml


def test_bones_are_a_spanning_tree_of_the_joints() -> None:
    parents = bone_parents()
    bones = {frozenset(bone) for bone in JOINTS.bones}
    assert tuple(parents) == JOINTS.keypoint_names
    assert [child for child, parent in parents.items() if parent is None] == ["nose"]
    for child, parent in parents.items():
        assert parent is None or frozenset((child, parent)) in bones
        at: str | None = child
        for _ in parents:  # no cycle: every way up ends at the nose
            at = parents[at] if at else None
        assert at is None


def test_a_skeleton_may_neither_lose_nor_gain_joints() -> None:
    vector = ElementTree.fromstring(interface("poses")).find("VectorLabels")
    assert vector is not None
    assert vector.get("minPoints") == vector.get("maxPoints") == str(len(JOINTS.keypoint_names))
    assert vector.get("skeleton") == "true"


@pytest.mark.parametrize("kind", ["repetitions", "faults", "clip_faults"])
def test_videos_take_their_frame_rate_from_the_task(kind: str) -> None:
    video = ElementTree.fromstring(interface(kind, FAULTS.values())).find("Video")
    assert video is not None and video.get("frameRate") == "$fps"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_fault_can_be_chosen_rated_and_given_a_side(exercise: str) -> None:
    specs = faults_of_exercise(exercise)
    tree = ElementTree.fromstring(interface("faults", specs))
    choices = tree.findall("Choices[@name='faults']/Choice")
    assert [c.get("value") for c in choices] == ["none", *sorted(spec.name for spec in specs)]
    for spec in specs:
        block = tree.find(f"View[@whenChoiceValue='{spec.name}']")
        assert block is not None
        assert block.find(f"Rating[@name='severity_{spec.name}'][@perRegion='true']") is not None
        assert block.find(f"Choices[@name='side_{spec.name}'][@perRegion='true']") is not None


def test_a_clip_is_judged_without_repetitions() -> None:
    tree = ElementTree.fromstring(interface("clip_faults", FAULTS.values()))
    assert tree.find("TimelineLabels") is None
    assert not [tag for tag in tree.iter() if tag.get("perRegion")]


def test_faults_of_the_same_name_are_one_choice() -> None:
    tree = ElementTree.fromstring(interface("faults", FAULTS.values()))
    names = [c.get("value") for c in tree.findall("Choices[@name='faults']/Choice")]
    assert names == ["none", *sorted({spec.name for spec in FAULTS.values()})]


def test_a_fingerprint_ignores_layout_and_nothing_else() -> None:
    xml = interface("repetitions")
    assert fingerprint(xml.replace("\n", "\n  ")) == fingerprint(xml)
    assert fingerprint(xml.replace('"rep"', '"set"')) != fingerprint(xml)


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(FormbenchError, match="Did you mean 'poses'"):
        interface("pose")
    with pytest.raises(FormbenchError, match="at least one fault"):
        interface("faults")
    with pytest.raises(FormbenchError, match="'chess' has no faults to ask for"):
        faults_of_exercise("chess")
