"""Where keypoints come from: points in space by a lifter, of whatever another source sees."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from export.dataset import read_dataset
from motions.errors import FormbenchError
from scoring.evaluation import pose_sources
from scoring.evaluation.evaluate import Wishes, evaluate
from scoring.evaluation.pose_sources import pose_source
from scoring.learning.examples import takes_of
from scoring.learning.lifter import read_lifter, train
from scoring.learning.model_file import write_model
from scoring.poses import PoseSequence, from_clip


@pytest.fixture(scope="module")
def model(make_clip: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lifter that learnt for a moment."""
    data: Any = SimpleNamespace(
        folder="made up", clips=lambda: [make_clip(subject_id=name) for name in "abc"]
    )
    folder = tmp_path_factory.mktemp("lifter") / "model"
    write_model(train(takes_of(data), "ab" * 32, epochs=1), folder)
    return folder


def test_true_points_are_lifted_where_no_other_source_is_named(
    make_clip: Any, model: Path, tmp_path: Path
) -> None:
    clip = make_clip()
    found = pose_source(f"lifted:{model}")(clip, tmp_path, "side", "coco17")
    true, camera = from_clip(clip, "side", "coco17"), clip.view("side").camera

    assert (found.unit, found.view, found.exercise) == ("m", "side", "squat")
    expected = read_lifter(model).lift(true, camera.width_px, camera.height_px)
    np.testing.assert_array_equal(found.keypoints, expected.keypoints)


def test_what_another_source_sees_is_lifted_and_nobody_stays_nobody(
    make_clip: Any, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(clip: Any, folder: Path, camera_name: str, name: str) -> PoseSequence:
        true = from_clip(clip, camera_name, name)
        nowhere = np.full_like(true.keypoints, np.nan)
        return replace(true, keypoints=nowhere, confidence=0 * true.confidence)

    monkeypatch.setitem(pose_sources.POSE_SOURCES, "nobody", nobody)
    found = pose_source(f"lifted:{model}@nobody")(make_clip(), tmp_path, "front", "coco17")

    assert found.missing.all() and found.keypoints.shape[-1] == 3 and found.unit == "m"
    with pytest.raises(FormbenchError, match="mediapip"):
        pose_source(f"lifted:{model}@mediapip")


def test_the_stage_stands_in_the_attribution(
    dataset_folder: Path, model: Path, tmp_path: Path
) -> None:
    wishes = Wishes(validation_share=0.5, n_resamples=50, poses=("truth", f"lifted:{model}"))
    results = evaluate(
        read_dataset(dataset_folder), ["dtw", "always-correct"], tmp_path / "o", wishes
    )
    lost = {one.scorer: one for one in results.attribution}

    assert lost["always-correct"].difference == 0
    assert lost["dtw"].poses == f"lifted:{model}" and lost["dtw"].other_poses == "truth"
    macro = {(s.scorer, s.poses): s.macro_auroc or 0 for s in results.standings}
    assert lost["dtw"].difference == macro["dtw", f"lifted:{model}"] - macro["dtw", "truth"]
