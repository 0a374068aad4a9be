"""The page of a recording: its figures, its curves, and in a browser its skeleton."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench
from motions.motion import Span
from scoring.annotate import seen_angles_deg
from scoring.contract import Verdict
from scoring.estimators.arrays import write_poses
from scoring.pipeline import JudgedRepetition
from scoring.poses import PoseSequence
from scoring.recognition import good_sets
from scoring.sample import squat
from scoring.score_report import FILES, against, farthest, write_score_report
from scoring.sources import Recording
from simulator.rendering.video import VideoWriter

FAULTY = Verdict(
    score=41.0, good=False, joint_distances={"left_knee": 0.4, "nose": 0.0, "left_hip": 0.1},
    fault_severities={"squat.<depth>": 0.3, "squat.lean": -0.2},
)  # fmt: skip


def reps(*verdicts: Verdict) -> list[JudgedRepetition]:
    spans = [Span(0.25, 0.75), Span(1.0, 1.5)]
    return [
        JudgedRepetition(n, span, verdict)
        for n, (span, verdict) in enumerate(zip(spans, verdicts, strict=False), 1)
    ]


def page(tmp_path: Path, recording: Recording, *verdicts: Verdict) -> str:
    write_score_report(reps(*verdicts), recording, tmp_path / "out", "<me>", against([]))
    return (tmp_path / "out" / "report.html").read_text()


def test_the_page_says_what_the_verdicts_say(tmp_path: Path) -> None:
    text = page(tmp_path, Recording(squat(), None, None), Verdict(score=99.6, good=True), FAULTY)
    assert "<h1>&lt;me&gt;</h1>" in text and "<me>" not in text
    assert "2 repetitions of squat, compared with the first of them." in text
    first, second = text.partition("</table>")[0].split("<tbody>")[1].split("</tr>")[:2]
    assert ">100<" in first and ">good<" in first
    assert ">41<" in second and ">not good<" in second
    assert "left knee, left hip" in second and "nose" not in second
    assert "&lt;depth&gt;" in second and "lean" not in second
    told = json.loads((tmp_path / "out" / "score.json").read_text())
    assert told["repetitions"][1]["joint_distances"] == FAULTY.joint_distances
    assert told["repetitions"][0]["end_s"] == 0.75
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["report.html", "score.json"]


def test_advice_is_said_where_there_is_any(tmp_path: Path) -> None:
    rounded = Verdict(score=20, fault_severities={"squat.rounded_back": 1.0})
    text = page(tmp_path, Recording(squat(), None, None), rounded)
    assert f"<td>{rounded.advice}</td>" in text
    assert "stop where your back stays flat" in text


def test_one_that_abstains_says_why(tmp_path: Path) -> None:
    verdict = Verdict(score=None, abstained="no <knee> is seen")
    assert "no &lt;knee&gt; is seen" in page(tmp_path, Recording(squat(), None, None), verdict)


def test_repetitions_are_shaded_where_they_are_and_hidden_joints_leave_gaps(tmp_path: Path) -> None:
    hidden = squat(hidden="left_ankle")
    text = page(tmp_path, Recording(hidden, None, None), FAULTY)
    # 2 s on 700 px from 34: the repetition from 0.25 to 0.75 s.
    assert text.count('class="marked" x="121.5" y="10" width="175.0"') == 4
    assert text.count('class="curve"') == 7, "all main angles but the left knee's"


def test_unsure_points_make_no_angles() -> None:
    sure = squat()
    confidence = np.ones(sure.confidence.shape)
    confidence[10, sure.convention.keypoint_names.index("right_knee")] = 0.4
    angles = seen_angles_deg(replace(sure, confidence=confidence))
    assert np.isnan(angles[10]).sum() == 2, "knee and hip"
    assert np.isnan(angles).sum() == 2


def test_farthest_joints_come_first_and_those_in_place_not_at_all() -> None:
    rep = reps(FAULTY)[0]
    assert farthest(rep, 5) == ["left_knee", "left_hip"]
    assert farthest(rep, 1) == ["left_knee"]


def test_the_command_writes_the_page_with_the_video(tmp_path: Path, capfd: Any) -> None:
    space = good_sets("squat", 1)[0]
    write_poses(space, tmp_path / "space.npz")
    with pytest.raises(SystemExit) as ended:
        workbench.main(
            ["score", str(tmp_path / "space.npz"), "--report", str(tmp_path / "page"), "--json"]
        )
    assert not ended.value.code
    n_reps = len(json.loads(capfd.readouterr().out))
    text = (tmp_path / "page" / "report.html").read_text()
    assert text.count("<button") == n_reps + 1 == 3
    script = (tmp_path / "page" / "poses.js").read_text()
    told = json.loads(script.removeprefix("showPoses(").removesuffix(");\n"))
    assert len(told["frames"]) == space.n_frames
    knee = told["names"].index("left_knee")
    assert told["frames"][5][knee] == pytest.approx(space.at("left_knee")[5], abs=6e-4)
    assert told["frames"][5][told["names"].index("nose")] is None


def recorded(tmp_path: Path) -> Recording:
    """Squats in an empty picture and in space, the same number of frames each."""
    space = good_sets("squat", 1)[0]
    image: PoseSequence = replace(
        squat(),
        keypoints=np.repeat(squat().keypoints[:1], space.n_frames, axis=0),
        confidence=np.ones((space.n_frames, 17)),
        fps=space.fps,
    )
    with VideoWriter(tmp_path / "in.mp4", 640, 480, space.fps) as writer:
        for _ in range(space.n_frames):
            writer.write(np.full((480, 640, 3), 90, np.uint8))
    return Recording(image, space, tmp_path / "in.mp4")


def test_in_a_browser_the_skeleton_follows_repetitions_and_turns(
    open_browser: Callable[..., Any], tmp_path: Path
) -> None:
    page(tmp_path, recorded(tmp_path), Verdict(score=80.0), FAULTY)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(FILES)
    browser = open_browser()
    browser.get((tmp_path / "out" / "report.html").as_uri())
    drawn = "return document.getElementById('space').toDataURL()"
    before = browser.execute_script(drawn)
    browser.find_element("css selector", "button[data-start='15']").click()
    assert browser.find_element("id", "where").text == "1.00 s"
    squatting = browser.execute_script(drawn)
    assert squatting != before
    browser.find_element("id", "space").send_keys("\ue014")  # the right arrow
    assert browser.execute_script(drawn) != squatting
    assert browser.execute_script("return document.querySelector('video').currentTime") > 0.9
    assert browser.get_log("browser") == []
