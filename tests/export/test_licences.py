import pytest

from export.dataset import read_dataset
from export.datasheet import datasheet
from export.formats.table import export_dataset
from export.licences import LICENCES, allows, check_use, duties
from export.splits import SIDES, split_by_subject
from motions.errors import FormbenchError


@pytest.fixture
def mixed(make_dataset, make_clip):
    """One free clip, and two whose motion or body is for research only or of unknown terms."""
    return read_dataset(
        make_dataset(
            [
                make_clip(clip_id="a", subject_id="ada"),
                make_clip(
                    clip_id="b",
                    subject_id="ben",
                    licences={"motion": "CC-BY-NC-4.0", "body": "CC0-1.0"},
                ),
                make_clip(
                    clip_id="c",
                    subject_id="cleo",
                    faults={"rounded_back": 40.0},
                    licences={"motion": "MIT", "body": "LicenseRef-SMPL"},
                ),
            ],
            name="mixed",
        )
    )


@pytest.mark.parametrize("name", LICENCES)
def test_only_non_commercial_licences_forbid_commerce(name):
    assert allows(name, "commercial") == ("-NC" not in name)
    assert allows(name, "research")


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT AND CC-BY-NC-4.0", False),
        ("MIT OR CC-BY-NC-4.0", True),
        ("CC-BY-NC-4.0 OR MIT AND CC0-1.0", True),
        ("CC-BY-NC-4.0 AND MIT OR CC-BY-NC-SA-4.0", False),
        ("LicenseRef-mine", False),
        ("apache-2.0", False),
    ],
)
def test_and_needs_both_or_needs_one_and_the_unknown_allows_nothing(expression, allowed):
    assert allows(expression, "commercial") is allowed


def test_what_is_no_expression_or_no_use_is_refused():
    with pytest.raises(FormbenchError, match="joined by AND and OR, got 'MIT, Zlib'"):
        allows("MIT, Zlib", "research")
    with pytest.raises(FormbenchError, match=r"use: no 'comercial'. Did you mean 'commercial'"):
        allows("MIT", "comercial")


def test_a_dataset_is_refused_with_the_first_culprit(mixed, dataset_folder, tmp_path):
    with pytest.raises(
        FormbenchError,
        match=r"clip b: the motion is under CC-BY-NC-4.0, which does not allow commercial use; "
        "2 of 3 clips",
    ):
        check_use(mixed, "commercial")
    with pytest.raises(FormbenchError, match="clip c: the body is under LicenseRef-SMPL"):
        export_dataset(mixed, "coco", tmp_path / "out", use="research")
    assert not (tmp_path / "out").exists()
    check_use(read_dataset(dataset_folder), "commercial")


def test_duties_name_every_licence_once(mixed):
    assert list(duties(mixed)) == [
        "Apache-2.0",
        "CC-BY-NC-4.0",
        "CC0-1.0",
        "LicenseRef-SMPL",
        "MIT",
    ]
    assert duties(mixed)["CC0-1.0"] == "none"
    assert duties(mixed)["LicenseRef-SMPL"].startswith("not known here")


def test_the_datasheet_counts_what_is_there(mixed, tmp_path):
    split = split_by_subject(mixed, 0.3, 0)
    sides = {side: split.rows(mixed, side) for side in SIDES}
    text = datasheet(mixed, sides)
    export_dataset(mixed, "trc", tmp_path / "out", split=split)

    assert (tmp_path / "out" / "datasheet.md").read_text() == text
    assert mixed.content_sha256 in text
    assert "| subjects | 2 | 1 |" in text
    assert "| repetitions | 4 | 2 |" in text
    assert "| seconds | 4 | 2 |" in text
    by_side = [sum("squat.rounded_back" in row.faults for row in sides[side]) for side in SIDES]
    assert f"| squat | squat.rounded_back | {by_side[0]} | {by_side[1]} |" in text
    assert "- commercial use: not allowed by CC-BY-NC-4.0, LicenseRef-SMPL" in text
    assert "- research use: not allowed by LicenseRef-SMPL" in text
    assert "| [MIT](https://spdx.org/licenses/MIT.html) | keep the licence text" in text
