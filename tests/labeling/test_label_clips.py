"""What two annotators said about real footage, as a clip of a dataset."""

import json
from pathlib import Path

import numpy as np
import pytest

from labeling.clips import labelled_clips
from labeling.convert import from_range, judged
from labeling.folder import LabelFolder, read_label_folder
from labeling.footage import read_footage
from labeling.interface import faults_of_exercise
from labeling.labels import FaultLabels, Labels, Pose, PoseLabels, Task
from labeling.predictions import to_results
from labeling.prepare import Wishes, prepare_labelling
from motions.errors import FormbenchError
from simulator.clip import read_clip
from simulator.rendering.video import VideoWriter, count_frames

N_FRAMES = 20
AT_PX = np.stack([np.linspace(100, 300, 17), np.linspace(50, 200, 17)], axis=-1)


@pytest.fixture
def campaign(tmp_path: Path) -> LabelFolder:
    """Tasks about one video of ann and one of bo, 10 frames a second, two seconds each."""
    footage = tmp_path / "footage"
    footage.mkdir()
    items = []
    for person in ("ann", "bo"):
        with VideoWriter(footage / f"{person}.mp4", 640, 480, 10.0) as video:
            for index in range(N_FRAMES):
                video.write(np.full((480, 640, 3), 20 + 8 * index, dtype=np.uint8))
        items.append(
            f"  - {{file: {person}.mp4, person: {person}, session: monday, camera: side, "
            "exercise: squat}\n"
        )
    (footage / "footage.yaml").write_text("items:\n" + "".join(items), encoding="utf-8")
    wishes = Wishes(kinds=("poses", "faults"), mixed_frames=False)
    prepare_labelling(tmp_path / "tasks", footage=read_footage(footage), wishes=wishes)
    return read_label_folder(tmp_path / "tasks")


def said(task: Task, off_px: float, sees: bool) -> Labels:
    if task.kind == "poses":
        visibility = np.full(17, 2)
        visibility[9] = 0
        points = np.where(visibility[:, None] > 0, AT_PX + np.array([off_px, 0]), np.nan)
        return PoseLabels(tuple(Pose(i, points, visibility) for i in range(len(task.pages))))
    span = from_range(1, 10, task.fps)
    specs = faults_of_exercise("squat")
    faults = [judged(s, 0, span, 3 if sees and s is specs[0] else None, "both") for s in specs]
    return FaultLabels((span,), tuple(faults), ("",))


def pulled(folder: LabelFolder, clip_id: str, ground_truth: bool = False) -> None:
    """Write what two annotators answered about one piece of footage, as `pull` keeps it."""
    (folder.folder / "annotations").mkdir(exist_ok=True)
    for kind in folder.kinds:
        stored = {}
        for number, task in enumerate(folder.tasks_of(kind), 1):
            answers = [
                {
                    "id": 10 * number + who,
                    "completed_by": who,
                    "created_at": "2026-01-01T00:00:00Z",
                    "updated_at": "2026-01-01T00:00:00Z",
                    "lead_time": 5.0,
                    "was_cancelled": False,
                    "ground_truth": ground_truth,
                    "parent_prediction": None,
                    "result": to_results(task, said(task, off_px, sees=True)),
                }
                for who, off_px in ((1, -2.0), (2, 2.0))
            ]
            kept = answers[:1] if ground_truth else answers
            asked = task.clip_id == clip_id
            stored[str(number)] = {
                "uid": task.uid, "models": {}, "annotations": kept if asked else [],
            }  # fmt: skip
        store = {
            "schema": "formbench.labeling.annotations/1",
            "url": "http://server",
            "project": 1,
            "changed_after": None,
            "annotators": {"1": "ann@x", "2": "bob@x"},
            "tasks": stored,
        }
        path = folder.folder / "annotations" / f"{kind}.json"
        path.write_text(json.dumps(store), encoding="utf-8")


def test_the_consensus_becomes_a_clip_that_says_how_sure_it_is(campaign: LabelFolder) -> None:
    pulled(campaign, "ann.monday.side")
    (clip,) = [
        (read_clip(folder), count_frames(folder / "side.mp4"))
        for folder in labelled_clips(campaign.folder, "CC-BY-4.0")
    ]
    clip, n_in_video = clip
    view = clip.view("side")
    frames = np.flatnonzero(view.labelled)

    assert (clip.clip_id, clip.subject_id, clip.exercise) == ("ann-monday-side", "ann", "squat")
    assert clip.footage is not None and clip.footage["session"] == "monday"
    assert clip.licences == {"footage": "CC-BY-4.0"}
    assert set(clip.sources.values()) == {"human"}
    assert n_in_video == clip.n_frames == N_FRAMES
    assert len(frames) == 3
    points = view.keypoints_px["coco17"]
    placed = np.arange(17) != 9
    # One is two pixels to the left, the other to the right: in the middle, two pixels of error.
    np.testing.assert_allclose(points[frames][:, placed], np.stack([AT_PX[placed]] * 3), atol=1e-6)
    assert np.isnan(points[frames, 9]).all() and np.isnan(np.delete(points, frames, 0)).all()
    assert np.isnan(view.error_px["coco17"][frames, 9]).all()
    # Neither has answered a known task, so each is taken to be 5 px off: 5 / sqrt(2) for two.
    np.testing.assert_allclose(view.error_px["coco17"][frames][:, placed], 5 / np.sqrt(2))
    assert view.visibility["coco17"][frames[0]].tolist() == [2] * 9 + [0] + [2] * 7
    left, top, right, bottom = view.box_px[frames[0]]
    assert (left, top) == pytest.approx((80.0, 35.0))
    assert (right, bottom) == pytest.approx((320.0, 215.0))


def test_faults_carry_the_probability_that_they_are_judged_rightly(campaign: LabelFolder) -> None:
    pulled(campaign, "bo.monday.side")
    (clip,) = [read_clip(f) for f in labelled_clips(campaign.folder, "CC-BY-4.0")]
    specs = faults_of_exercise("squat")
    seen = [fault for fault in clip.faults if fault.present]

    assert [(rep.start_s, rep.end_s) for rep in clip.reps] == [(0.0, 1.0)]
    assert len(clip.rep_error_s) == 1
    assert [fault.fault_id for fault in seen] == [specs[0].id]
    assert seen[0].source == "human" and seen[0].requested is None
    # Three of five stars are the middle between mild and severe.
    assert seen[0].measured == pytest.approx((specs[0].mild + specs[0].severe) / 2)
    assert 0.5 < seen[0].confidence < 1
    assert all(
        f.measured == s.neutral for f, s in zip(clip.faults, specs, strict=True) if not f.present
    )


def test_ground_truth_counts_as_sure(campaign: LabelFolder) -> None:
    pulled(campaign, "ann.monday.side", ground_truth=True)
    (clip,) = [read_clip(f) for f in labelled_clips(campaign.folder, "CC-BY-4.0")]
    frames = np.flatnonzero(clip.view("side").labelled)

    assert np.nanmax(clip.view("side").error_px["coco17"]) == 0.5
    np.testing.assert_allclose(
        clip.view("side").keypoints_px["coco17"][frames[0], 0], AT_PX[0] - [2, 0], atol=1e-6
    )


def test_a_campaign_without_answers_about_footage_is_refused(campaign: LabelFolder) -> None:
    with pytest.raises(FormbenchError, match="holds no annotations; pull some first"):
        list(labelled_clips(campaign.folder, "MIT"))
    (campaign.folder / "footage.json").unlink()
    with pytest.raises(FormbenchError, match="holds no real footage"):
        list(labelled_clips(campaign.folder, "MIT"))
