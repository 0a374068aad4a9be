"""Pose estimators held against the truth, on the clips of conftest."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import workbench
from export.dataset import read_dataset
from motions.errors import FormbenchError
from scoring.estimators.arrays import write_poses
from scoring.evaluation.estimators import evaluate_poses, in_space
from scoring.evaluation.pose_sources import pose_source
from scoring.poses import PoseSequence, from_clip, torso_length


def test_the_truth_is_perfect(dataset_folder: Path, tmp_path: Path) -> None:
    rows = evaluate_poses(read_dataset(dataset_folder), "truth", tmp_path / "out")

    assert [(row.exercise, row.view) for row in rows] == [
        (exercise, view) for exercise in ("deadlift", "squat") for view in ("front", "side")
    ]
    for row in rows:
        assert row.n_clips == 8
        assert row.found == row.pck_torso_0_1 == row.pck_box_0_1 == row.oks == row.ap == 1
        assert row.error_torso == row.acceleration_error == row.angle_error_deg == 0
        assert row.mpjpe_mm is None  # image points tell nothing of space
    written = json.loads((tmp_path / "out" / "poses.json").read_text())
    assert len(written["rows"]) == 4 and written["poses"] == "truth"
    assert (tmp_path / "out" / "poses.md").read_text().count("\n") == 2 + 4


def test_what_someone_else_wrote_is_read_by_clip_and_camera(
    dataset_folder: Path, tmp_path: Path
) -> None:
    dataset = read_dataset(dataset_folder)
    (tmp_path / "seen").mkdir()
    for clip in dataset.clips():
        for name in ("front", "side"):
            true = from_clip(clip, name, "coco17")
            off = true.keypoints + np.array([0.15 * torso_length(true), 0])
            write_poses(
                replace(true, keypoints=off), tmp_path / "seen" / f"{clip.clip_id}.{name}.npz"
            )
    rows = evaluate_poses(dataset, f"files:{tmp_path / 'seen'}", tmp_path / "out")
    for row in rows:
        assert (row.pck_torso_0_1, row.pck_torso_0_2) == (0, 1)
        assert row.error_torso == pytest.approx(0.15)
        assert row.acceleration_error == pytest.approx(0, abs=1e-9)
    (tmp_path / "seen" / "clip_000003.side.npz").unlink()
    with pytest.raises(FormbenchError, match=r"clip_000003\.side\.npz: cannot be read"):
        evaluate_poses(dataset, f"files:{tmp_path / 'seen'}", tmp_path / "again")


def test_points_in_space_are_compared_from_the_hips(make_clip: Any) -> None:
    clip = make_clip()
    true = clip.keypoints_world_m["coco17"]
    seen = PoseSequence(true + np.arange(3), np.ones(true.shape[:2]), "coco17", 10, "me", unit="m")
    figures = in_space(clip, seen)
    assert figures["mpjpe_mm"] == pytest.approx(0, abs=1e-9)
    larger = replace(seen, keypoints=1.1 * seen.keypoints)
    figures = in_space(clip, larger)
    assert figures["pa_mpjpe_mm"] == pytest.approx(0, abs=1e-6)
    assert figures["mpjpe_mm"] > 10
    assert figures["left_knee"] == pytest.approx(0, abs=1e-4)


def test_a_file_of_other_frames_is_refused(make_clip: Any, tmp_path: Path) -> None:
    clip = make_clip()
    short = from_clip(make_clip(n_reps=1), "front", "coco17")
    write_poses(short, tmp_path / "clip_000000.front.npz")
    with pytest.raises(FormbenchError, match="expected 20 frames, got 10"):
        pose_source(f"files:{tmp_path}")(clip, tmp_path, "front", "coco17")


def test_the_command_prints_a_row_for_each_view(
    dataset_folder: Path, tmp_path: Path, capfd: Any
) -> None:
    wanted = ["--data", str(dataset_folder), "--poses", "truth", "-o", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as ended:
        workbench.main(["evaluate-poses", *wanted, "--json"])
    assert not ended.value.code
    assert [row["ap"] for row in json.loads(capfd.readouterr().out)] == [1.0] * 4
