"""Flipped performances: what is changed and nothing else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.dataset import seal_dataset
from scoring.evaluation import flips
from scoring.evaluation.evaluate import Wishes, evaluate
from scoring.evaluation.flips import (
    ATTRIBUTES,
    BODIES,
    CAMERAS,
    LOOKS,
    SEQUENCES,
    Flips,
    is_flipped,
)
from scoring.evaluation.pose_sources import POSE_SOURCES
from scoring.poses import from_clip
from simulator.config import parse_config
from simulator.faults.library import FAULTS
from simulator.generate import generate
from simulator.rendering.looks import other_skin, sample_looks
from simulator.rendering.stick import StickRenderer
from simulator.rendering.video import read_video


@pytest.fixture(scope="module")
def sticks(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A clean squat and one with a rounded back of three people of sticks, from two sides."""
    folder = tmp_path_factory.mktemp("sticks") / "dataset"
    config = parse_config(
        {
            "seed": 3, "exercises": ["squat"], "subjects": 3, "reps": 1, "fps": 10, "body": "stick",
            "faults": [{"fault": "squat.incomplete_range", "dose": 1}], "render": False,
        },
        "here",
    )  # fmt: skip
    generate(config, folder, workers=1)
    return seal_dataset(folder)


def flipped(dataset: Any, attribute: str, clip: Any) -> dict[str, Any]:
    found = Flips(dataset, "coco17").flipped(clip, 0, attribute)
    return {one.view: one.whole for one in found}


def test_every_attribute_has_a_way_and_a_name() -> None:
    assert {*CAMERAS, *SEQUENCES, *BODIES, *LOOKS} == set(ATTRIBUTES)


def test_a_farther_camera_sees_the_same_smaller(sticks: Any) -> None:
    clip = sticks.clip("clip_000000")
    near, far = from_clip(clip, "front", "coco17"), flipped(sticks, "distance", clip)["front"]
    height_px = [np.ptp(s.keypoints[0, :, 1]) for s in (near, far)]
    assert height_px[0] / height_px[1] == pytest.approx(1.5, rel=0.02)
    assert far.n_frames == near.n_frames


def test_a_turned_camera_keeps_its_distance(sticks: Any) -> None:
    clip = sticks.clip("clip_000000")
    points = clip.keypoints_world_m["coco17"]
    person_m = np.array([*points[..., :2].mean(axis=(0, 1)), 0.0])
    before = clip.view("front").camera
    after = CAMERAS["view"](before, person_m)
    ways = [(camera.position_m - person_m)[:2] for camera in (before, after)]
    turned = np.arccos(ways[0] @ ways[1] / np.linalg.norm(ways[0]) / np.linalg.norm(ways[1]))
    assert np.rad2deg(turned) == pytest.approx(15)
    assert np.linalg.norm(ways[0]) == pytest.approx(np.linalg.norm(ways[1]))
    # It looks where it looked: the person's axis stays where it was in the image.
    middles = [camera.project(person_m + np.array([0, 0, 1.0]))[0] for camera in (before, after)]
    np.testing.assert_allclose(middles[0], middles[1], atol=1e-6)


def test_fewer_frames_and_a_hidden_wrist(sticks: Any) -> None:
    clip = sticks.clip("clip_000000")
    whole = from_clip(clip, "front", "coco17")
    fewer, hidden = (flipped(sticks, name, clip)["front"] for name in ("fps", "occlusion"))
    np.testing.assert_array_equal(fewer.keypoints, whole.keypoints[::2])
    assert (fewer.fps, fewer.duration_s) == (5.0, pytest.approx(whole.duration_s, abs=0.1))
    wrist = whole.convention.keypoint_names.index("left_wrist")
    assert hidden.missing[:, wrist].all() and hidden.missing.sum() == whole.n_frames


def test_who_is_shorter_does_the_same(sticks: Any) -> None:
    clip = sticks.clip("clip_000000")
    before, after = from_clip(clip, "side", "coco17"), flipped(sticks, "height", clip)["side"]
    heights = [np.ptp(s.keypoints[0, :, 1]) for s in (before, after)]
    stature_m = clip.body["values"]["stature_m"]
    assert heights[1] / heights[0] == pytest.approx((stature_m - 0.15) / stature_m, abs=0.02)
    assert after.n_frames == before.n_frames


@pytest.mark.parametrize("attribute", LOOKS)
def test_looks_change_in_the_attribute_and_in_nothing_else(attribute: str) -> None:
    before = sample_looks(np.random.default_rng(1))
    after = LOOKS[attribute](before)
    changed = {name for name, rgb in before.part_rgb.items() if after.part_rgb[name] != rgb}
    others = replace(after, part_rgb=before.part_rgb)

    assert changed == {"skin": {"skin"}, "clothes": {"shirt", "shorts", "shoes"}}.get(
        attribute, set()
    )
    if attribute == "light":
        assert after.light_direction[0] == -before.light_direction[0]
    else:
        assert others == before


def test_the_other_skin_is_at_the_other_end() -> None:
    dark, light = other_skin((0.95, 0.81, 0.73)), other_skin((0.31, 0.20, 0.15))
    assert (other_skin(dark), other_skin(light)) == (light, dark)
    assert sum(dark) < 1 < 2 < sum(light)


def test_pixels_are_drawn_again_for_an_estimator(
    sticks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    brightness: dict[str, float] = {}

    def looking(clip: Any, folder: Path, camera_name: str, convention_name: str) -> Any:
        frames = read_video(folder / clip.view(camera_name).video).frames
        brightness[camera_name] = float(np.mean(next(iter(frames))))
        return from_clip(clip, camera_name, convention_name)

    monkeypatch.setattr(flips, "_renderer", StickRenderer)
    monkeypatch.setitem(POSE_SOURCES, "mediapipe", looking)
    clip, seen = sticks.clip("clip_000000"), []
    for attribute in ("clothes", "skin"):
        found = list(Flips(sticks, "coco17", "mediapipe").flipped(clip, 0, attribute))
        for one in found:  # nothing but pixels differs
            truth = from_clip(clip, one.view, "coco17").keypoints
            np.testing.assert_array_equal(one.whole.keypoints, truth)
        seen.append(dict(brightness))
    assert set(seen[0]) == {"front", "side"}
    assert seen[0]["front"] != seen[1]["front"]


def test_looks_are_told_apart_from_what_true_points_show(sticks: Any) -> None:
    row = sticks.rows[0]
    reasons = {
        (poses, name): Flips(sticks, "coco17", poses).why_not(name, row)
        for poses in ("truth", "mediapipe")
        for name in ("skin", "view")
    }
    assert reasons["truth", "skin"] == "is made on poses by mediapipe"
    assert reasons["mediapipe", "view"] == "is made on poses by truth"
    assert not reasons["truth", "view"] and not reasons["mediapipe", "skin"]


def test_plain_and_severe_clips_are_flipped(make_clip: Any) -> None:
    severe = FAULTS["squat.rounded_back"].severe
    clip = make_clip(faults={"rounded_back": severe + 10})
    odd = replace(make_clip(), plan={"variation": "slow_tempo"})
    assert [is_flipped(c) for c in (make_clip(), clip, odd)] == [True, True, False]
    assert not is_flipped(make_clip(faults={"rounded_back": 25.0}))


def test_flips_stand_in_the_results_and_what_has_no_body_says_why(
    sticks: Any, tmp_path: Path
) -> None:
    wishes = Wishes(validation_share=0.5, n_resamples=50, flips=("distance", "height", "weight"))
    results = evaluate(sticks, ["range", "always-correct"], tmp_path / "out", wishes)
    rows = {(row.attribute, row.scorer): row for row in results.flips}

    assert {name for name, _ in rows} == {"distance", "height"}
    assert results.skipped["flip of weight"] == "the dataset's bodies have no weight"
    # Two views of a clean and a shallow squat of each person who is judged.
    n_people = len(results.validation_subjects)
    for (_, scorer), row in rows.items():
        assert row.n_pairs == 4 * n_people and row.n_lost == 0
        if scorer == "always-correct":
            assert (row.auroc, row.gap, row.score_change, row.calls_changed) == (0.5, 0, 0, 0)
        else:
            assert row.auroc == 1
    page = (tmp_path / "out" / "report.html").read_text()
    assert "the camera stands half as far away again" in page
    told = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "| scorer | distance | height |" in told
    assert "| always-correct | +0.00, 0 % | +0.00, 0 % |" in told
    assert "| Bodyweight squat: incomplete range | too few people: 139 %, 1.00 |" in told
