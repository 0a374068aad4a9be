"""Two executions compared: the same, another's, one that is late, and what does not compare."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench
from motions.errors import FormbenchError
from scoring.comparison import compare
from scoring.estimators.arrays import write_poses
from scoring.methods.dtw_similarity import article_distance_px, heights_px
from scoring.sample import missing_person, squat


def test_an_execution_is_no_distance_from_itself() -> None:
    found = compare(squat(), squat())
    assert (found.median_px, found.torso, found.tempo) == (0.0, 0.0, 1.0)
    assert all(joint.article_px == joint.torso == 0 for joint in found.joints)


def test_the_median_is_the_articles() -> None:
    a, b = squat(), squat(depth=0.5, duration_s=3)
    assert compare(a, b).median_px == article_distance_px(heights_px(a), heights_px(b))
    assert compare(a, b).tempo == 1.5


def test_what_moves_less_is_what_is_off() -> None:
    found = {joint.joint: joint.torso for joint in compare(squat(), squat(depth=0.6)).joints}
    knees, shoulders = found["left_knee"], found["left_shoulder"]
    assert knees is not None and shoulders is not None
    assert knees > 0.1
    assert shoulders < 0.02


def test_size_and_place_in_the_image_change_only_the_articles_pixels() -> None:
    near = replace(squat(), keypoints=squat().keypoints * 2 + 50)
    found = compare(squat(), near)
    assert found.torso == pytest.approx(0, abs=1e-9)
    assert found.median_px > 30


def test_a_joint_that_one_does_not_show_is_left_out() -> None:
    found = {joint.joint: joint for joint in compare(squat(), squat(hidden="nose")).joints}
    assert (found["nose"].article_px, found["nose"].torso) == (None, None)
    assert found["left_knee"].torso == 0


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (missing_person(), "more than half of the keypoints are missing"),
        (replace(squat(), convention_name="coco18",
                 keypoints=np.zeros((60, 18, 2)), confidence=np.ones((60, 18))),
         "expected two of one convention, got coco17 and coco18"),
    ],
)  # fmt: skip
def test_what_does_not_compare_is_told(other: Any, message: str) -> None:
    with pytest.raises(FormbenchError, match=message):
        compare(squat(), other)


def test_the_page_has_a_curve_of_each_for_every_joint(tmp_path: Path, capfd: Any) -> None:
    for name, sequence in (("anna", squat()), ("<ben>", squat(depth=0.7, hidden="nose"))):
        write_poses(sequence, tmp_path / f"{name}.npz")
    out = tmp_path / "out"
    given = ["compare", tmp_path / "anna.npz", tmp_path / "<ben>.npz", "-o", out]
    with pytest.raises(SystemExit) as ended:
        workbench.main(list(map(str, given)))
    assert not ended.value.code
    assert "median" in capfd.readouterr().out
    page = (out / "comparison.html").read_text()
    assert page.count('class="curve"') == 2 * 16
    assert "&lt;ben&gt;" in page and "<ben>" not in page
    told = json.loads((out / "comparison.json").read_text())
    assert told["names"] == ["anna", "<ben>"]


def test_one_repetition_of_a_recording_is_compared(tmp_path: Path, capfd: Any) -> None:
    write_poses(squat(), tmp_path / "a.npz")
    given = ["compare", tmp_path / "a.npz", tmp_path / "a.npz", "-o", tmp_path / "out", "--rep", 2]
    with pytest.raises(SystemExit) as ended:
        workbench.main(list(map(str, given)))
    assert ended.value.code == 1
    assert "expected repetition 1 to 1, got 2" in capfd.readouterr().err
