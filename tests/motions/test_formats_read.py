"""Any file by its content; hints; name maps."""

import numpy as np
import pytest
from format_samples import ABOUT, FPS, write_samples

from motions.errors import FormbenchError
from motions.formats.names import NAME_MAPS, REQUIRED, find_names, plain, read_name_map
from motions.formats.read import FORMATS, format_of, read_motion
from motions.formats.reading import About, Hints
from motions.geometry import rotate
from motions.skeleton import SMPL22


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    return write_samples(tmp_path_factory.mktemp("samples"))


def test_there_is_a_sample_of_every_format(samples):
    assert list(samples) == list(FORMATS)


@pytest.mark.parametrize("kind", list(FORMATS))
def test_a_file_is_known_by_its_content_not_by_its_name(samples, tmp_path, kind):
    path, hints = samples[kind]
    renamed = tmp_path / "nameless"
    renamed.write_bytes(path.read_bytes())
    if kind == "amc":
        hints = Hints(fps=FPS, skeleton=path.parent / "sample.asf")

    assert format_of(renamed) == kind
    reading = read_motion(renamed, ABOUT, hints)

    motion = reading.motion
    assert reading.format == kind
    assert (motion.exercise, motion.source, motion.licence) == (
        ABOUT.exercise,
        ABOUT.source,
        ABOUT.licence,
    )
    np.testing.assert_allclose(motion.root_position_m[0, :2], 0, atol=1e-12)
    facing = rotate(motion.world_orientations_wxyz[0, 0], np.array([0, -1.0, 0]))
    assert facing @ [0, -1, 0] > 0.99


@pytest.mark.parametrize("kind", list(FORMATS))
def test_a_hint_that_a_format_has_no_use_for_is_refused(samples, kind):
    path, hints = samples[kind]
    every = {"up": "+y", "fps": 30.0, "names": {}, "convention": "coco17", "skeleton": path}
    for name in set(every) - set(FORMATS[kind].hints):
        given = Hints(**{**vars(hints), name: every[name]})
        with pytest.raises(FormbenchError, match=f"{name}: a file of format {kind} says that"):
            read_motion(path, ABOUT, given)


def test_a_hint_that_is_no_axis_is_refused(samples):
    with pytest.raises(FormbenchError, match=r"up axis: no 'z'\. .* Known: \+x, \+y"):
        read_motion(samples["bvh"][0], ABOUT, Hints(up="z"))


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 1000, b"# just a note\n", b"time,angle\n0,1\n", b"\x89PNG\r\n"]
)
def test_what_is_no_motion_file_is_refused_with_the_formats(tmp_path, content):
    (tmp_path / "note.txt").write_bytes(content)

    with pytest.raises(FormbenchError, match=r"expected a motion file .*BVH.*C3D.*got something"):
        format_of(tmp_path / "note.txt")


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(FormbenchError, match="cannot be read: No such file"):
        read_motion(tmp_path / "none.bvh", ABOUT)
    with pytest.raises(FormbenchError, match="cannot be read: Is a directory"):
        read_motion(tmp_path, ABOUT)


@pytest.mark.parametrize("field", ["exercise", "source", "licence"])
def test_exercise_source_and_licence_are_asked_for(field):
    given = {"exercise": "squat", "source": "us", "licence": "CC0-1.0", field: "  "}

    with pytest.raises(FormbenchError, match=f"{field}: expected a text, got nothing"):
        About(**given)


def test_a_byte_order_mark_does_not_matter(samples, tmp_path):
    path = tmp_path / "bom.bvh"
    path.write_bytes(b"\xef\xbb\xbf" + samples["bvh"][0].read_bytes())

    reading = read_motion(path, ABOUT)

    assert reading.format == "bvh"


@pytest.mark.parametrize("style", list(NAME_MAPS))
def test_every_name_map_names_canonical_joints_and_all_that_are_needed(style):
    assert set(NAME_MAPS[style]) <= set(SMPL22.joint_names)
    assert set(REQUIRED) <= set(NAME_MAPS[style])
    assert find_names("a", list(NAME_MAPS[style].values())) == NAME_MAPS[style]


def test_the_style_with_most_joints_wins():
    both = [*NAME_MAPS["mixamo"].values(), *NAME_MAPS["cmu-bvh"].values()]

    assert find_names("a", both)["spine3"] == "Spine2"
    without = [name for name in both if name != "Spine2"]
    assert find_names("a", without)["spine3"] == "Spine1"


def test_a_users_map_is_read_from_yaml(tmp_path):
    path = tmp_path / "names.yaml"
    path.write_text("pelvis: Root bone\nleft_knee: 'L:Knee'\n")

    assert read_name_map(path) == {"pelvis": "Root bone", "left_knee": "L:Knee"}
    assert plain("L:Knee") == "knee"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "expected lines such as 'left_knee: LeftLeg'"),
        ("a: b: c", "expected YAML"),
        ("lef_knee: LeftLeg", "canonical joint: no 'lef_knee'. Did you mean 'left_knee'?"),
        ("left_knee: 3", "left_knee: expected a name, got 3"),
        ("1: a", "canonical joint: no '1'"),
    ],
)
def test_a_bad_map_is_said(tmp_path, text, message):
    path = tmp_path / "names.yaml"
    path.write_text(text)

    with pytest.raises(FormbenchError) as caught:
        read_name_map(path)

    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_map_to_a_name_that_is_not_there_is_refused():
    with pytest.raises(FormbenchError, match=r"name map: no 'LKnee'\. Did you mean 'LeftKnee'"):
        find_names("a.bvh", ["LeftKnee"], {"left_knee": "LKnee"})
