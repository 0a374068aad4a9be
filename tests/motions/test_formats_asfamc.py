"""ASF/AMC: a made-up skeleton with random axis frames, hand-worked bones, and damaged files."""

from pathlib import Path

import numpy as np
import pytest
from format_samples import ABOUT, FPS, make_motion, write_acclaim

from motions.errors import FormbenchError
from motions.formats.asfamc import read_amc, read_asf
from motions.formats.reading import Hints

GIVEN = Hints(fps=FPS)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    amc, asf = tmp_path / "person_07.amc", tmp_path / "person.asf"
    write_acclaim(make_motion(), amc, asf)
    return amc, asf


def test_the_motion_is_the_one_that_was_written(files):
    wanted = make_motion()

    reading = read_amc(files[0], ABOUT, GIVEN)

    assert (reading.up, reading.doubts, dict(reading.assumed)) == ("+y", (), {})
    dots = np.sum(reading.motion.joint_rotations_wxyz * wanted.joint_rotations_wxyz, axis=-1)
    np.testing.assert_allclose(np.abs(dots), 1, atol=1e-9)
    steps_m = np.diff(reading.motion.root_position_m, axis=0)
    np.testing.assert_allclose(steps_m, np.diff(wanted.root_position_m, axis=0), atol=1e-9)
    np.testing.assert_allclose(reading.scale, 0.0254 / 0.45)
    assert reading.motion.fps == FPS


def test_a_bone_has_its_direction_length_and_channels(files):
    acclaim = read_asf(files[1])

    bone = next(b for b in acclaim.bones if b.name == "lfemur")
    np.testing.assert_allclose(bone.vector, [0, -0.4 * 0.45 / 0.0254, 0], atol=1e-12)
    assert bone.channels == ("rx", "ry", "rz")
    link = next(b for b in acclaim.bones if b.name == "to_lfemur")
    # From the pelvis to the left hip, in inches over 0.45 and y up.
    wanted = np.array([0.09, -0.09, 0]) * 0.45 / 0.0254
    np.testing.assert_allclose(link.vector, wanted, atol=1e-12)
    assert link.channels == ()
    assert acclaim.bones[0].name == "root"
    assert all(parent < at for at, parent in enumerate(acclaim.parents))


def test_the_skeleton_may_be_given_and_is_found_beside_by_its_name(files, tmp_path):
    amc, asf = files
    (tmp_path / "pers.asf").write_text("a shorter name that fits too")
    (tmp_path / "other.asf").write_text("one that does not")
    beside = read_amc(amc, ABOUT, GIVEN).motion
    elsewhere = asf.rename(tmp_path / "x.skeleton")
    (tmp_path / "pers.asf").unlink()

    given = read_amc(amc, ABOUT, Hints(fps=FPS, skeleton=elsewhere)).motion

    np.testing.assert_array_equal(given.joint_rotations_wxyz, beside.joint_rotations_wxyz)
    with pytest.raises(FormbenchError, match=r"no ASF file beside it .* give skeleton"):
        read_amc(amc, ABOUT, GIVEN)


def test_the_frame_rate_must_be_given(files):
    with pytest.raises(FormbenchError, match="does not say its frame rate: give fps"):
        read_amc(files[0], ABOUT, Hints())
    with pytest.raises(FormbenchError, match="expected 1 to 10000 frames a second, got 0"):
        read_amc(files[0], ABOUT, Hints(fps=0.0))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":hierarchy", ":hierarch", "found no section :hierarchy"),
        ("angle deg", "angle turns", "asf:5: expected deg or rad, got 'turns'"),
        ("order TX TY TZ RX RY RZ", "order TX TX", "asf:9: expected some of tx ty tz rx ry rz"),
        ("axis XYZ", "axis XYY", "asf:10: expected an order such as XYZ, got 'XYY'"),
        ("     length 0.0\n", "", "a bone without 'length'"),
        ("direction 0.0 1.0 0.0\n", "direction 0.0 1.0\n", "expected 3 numbers, got 2"),
        ("name lfemur", "name rfemur", "a second bone called 'rfemur'"),
        ("    to_lfemur lfemur", "    to_lfemur thigh", "no bone 'thigh' in :bonedata"),
        ("    to_lfemur lfemur", "    ltoes lfemur", "'lfemur' does not hang on the root"),
        ("    to_lfemur lfemur", "    to_lfemur lfemur rfemur", "'rfemur' has a second parent"),
        ("    to_lfemur lfemur", "    to_lfemur root", "'root' has a second parent"),
        ("  end\n:hierarchy", ":hierarchy", "a bone without 'end': the file was cut short"),
        (":bonedata\n  begin", ":bonedata", "expected 'begin', got 'id'"),
    ],
)
def test_a_damaged_skeleton_is_named_with_its_line(files, old, new, message):
    amc, asf = files
    text = asf.read_text(encoding="latin-1")
    assert old in text
    asf.write_text(text.replace(old, new, 1), encoding="latin-1")

    with pytest.raises(FormbenchError) as caught:
        read_amc(amc, ABOUT, GIVEN)

    assert message in str(caught.value)
    assert str(asf) in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":DEGREES", ":RADIANS", "amc:3: radians, but the ASF says degrees"),
        ("\n2\n", "\n3\n", "expected frame 2, got 3"),
        ("\nltibia", "\nshin", "bone 'shin' is not in the ASF"),
        ("\nltibia", "\nlfemur", "bone 'lfemur' is twice in a frame"),
        ("\nltibia ", "\nltibia 1 ", "expected 3 numbers, got 4"),
    ],
)
def test_a_damaged_motion_is_named_with_its_line(files, old, new, message):
    amc, _ = files
    text = amc.read_text(encoding="latin-1")
    assert old in text
    amc.write_text(text.replace(old, new, 1), encoding="latin-1")

    with pytest.raises(FormbenchError) as caught:
        read_amc(amc, ABOUT, GIVEN)

    assert message in str(caught.value)
    assert f"{amc}:" in str(caught.value)


def test_a_motion_that_was_cut_short_is_refused(files):
    amc, _ = files
    lines = amc.read_text(encoding="latin-1").splitlines()
    amc.write_text("\n".join(lines[:-1]), encoding="latin-1")

    with pytest.raises(FormbenchError, match=r"frame 15 has no values for 'rwrist'"):
        read_amc(amc, ABOUT, GIVEN)

    amc.write_text(":FULLY-SPECIFIED\n:DEGREES\n", encoding="latin-1")
    with pytest.raises(FormbenchError, match="expected an AMC file, found no frame"):
        read_amc(amc, ABOUT, GIVEN)
