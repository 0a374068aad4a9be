"""Poses of many clips and videos: the same on any engine, made once, told where there are none."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import workbench
from export.dataset import read_dataset
from motions.errors import FormbenchError
from scoring import estimating
from scoring.estimating import Wishes, estimate_poses
from scoring.estimators.arrays import read_poses
from scoring.estimators.mediapipe import NobodySeenError
from scoring.evaluation.evaluate import Wishes as EvaluationWishes
from scoring.evaluation.evaluate import evaluate
from scoring.evaluation.material import Looking
from scoring.poses import from_clip
from scoring.sample import squat
from simulator.engines.engine import SetAside

TRUTH = Wishes(by="truth")


def all_bytes(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_dataset_gives_a_file_a_camera_the_same_in_any_order(
    dataset_folder, tmp_path, backward_engine
):
    told = []
    made, set_aside = estimate_poses([dataset_folder], tmp_path / "one", TRUTH)
    estimate_poses(
        [dataset_folder], tmp_path / "many", TRUTH, backward_engine(),
        lambda done, total: told.append((done, total)),
    )  # fmt: skip
    dataset = read_dataset(dataset_folder)
    row = dataset.rows[0]
    read = read_poses(tmp_path / "one" / f"{row.clip_id}.{row.cameras[0]}.npz")

    assert len(made) == sum(len(row.cameras) for row in dataset.rows)
    assert set_aside == 0
    assert all_bytes(tmp_path / "many") == all_bytes(tmp_path / "one")
    assert told == [(n, len(dataset.rows)) for n in range(1, len(dataset.rows) + 1)]
    true = from_clip(dataset.clip(row.clip_id), row.cameras[0], "coco17")
    np.testing.assert_array_equal(read.keypoints, true.keypoints)


def test_what_is_there_from_the_same_stays_and_from_something_else_is_made_anew(
    dataset_folder, tmp_path
):
    def times():
        return {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}

    estimate_poses([dataset_folder], tmp_path / "out", TRUTH)
    first = times()
    estimate_poses([dataset_folder], tmp_path / "out", TRUTH)
    again = times()
    estimate_poses(
        [dataset_folder], tmp_path / "out", replace(TRUTH, convention_name="mediapipe33")
    )
    other = times()

    assert again == first
    assert all(other[path] > first[path] for path in first)


def test_cameras_together_are_in_space(make_dataset, make_clip, tmp_path):
    clip = make_clip(n_cameras=3)
    folder = make_dataset([clip]) / "clips" / clip.clip_id
    estimate_poses([folder], tmp_path / "out", replace(TRUTH, together=True))
    (path,) = (tmp_path / "out").iterdir()
    found = read_poses(path)

    assert (path.name, found.unit) == (f"{clip.clip_id}.npz", "m")
    np.testing.assert_allclose(found.keypoints, clip.keypoints_world_m["coco17"], atol=1e-6)


@pytest.fixture
def videos(tmp_path, monkeypatch):
    """Three files that say what they show, and an estimator that reads them."""
    for name, shows in (("a", "squat"), ("b", "nobody"), ("c", "squat")):
        (tmp_path / f"{name}.mp4").write_text(shows)

    def seen(path, wishes):
        if path.read_text() == "nobody":
            raise NobodySeenError("mediapipe: expected a person, found none in 9 frames")
        return squat()

    monkeypatch.setattr(estimating, "video_poses", seen)
    monkeypatch.setattr(estimating, "environment_python", lambda name: None)
    return [tmp_path / f"{name}.mp4" for name in "abc"]


def test_a_video_that_shows_nobody_is_set_aside_with_the_reason(videos, tmp_path):
    out, told = tmp_path / "out", []
    made, set_aside = estimate_poses(videos, out, Wishes(), on_set_aside=told.append)
    (log,) = (out / "failed").iterdir()

    assert [path.name for path in sorted(out.glob("*.npz"))] == ["a.npz", "c.npz"]
    assert [one.frames for one in made] == [squat().n_frames] * 2
    assert (set_aside, told) == (1, [1])
    assert log.read_text() == "b\nmediapipe: expected a person, found none in 9 frames\n"


def test_the_command_goes_on_and_ends_with_an_exit_code_of_its_own(videos, tmp_path):
    ran = CliRunner().invoke(
        workbench.app, ["poses", *map(str, videos), "-o", str(tmp_path / "out"), "--json"]
    )

    assert isinstance(ran.exception, SetAside)
    assert str(ran.exception).startswith("1 videos and clips were set aside; ")
    assert [row["frames with the person"] for row in json.loads(ran.stdout)] == [1.0, 1.0]
    with pytest.raises(SystemExit) as stop:
        workbench.main(["poses", *map(str, videos), "-o", str(tmp_path / "out")])
    assert stop.value.code == 2


@pytest.mark.parametrize(
    ("wishes", "line"),
    [
        ({"by": "truth"}, "--by, --camera and --triangulate are for clips"),
        ({"by": "mediapipe", "together": True}, "--triangulate are for clips"),
    ],
)
def test_what_only_clips_have_is_refused_of_videos(videos, tmp_path, wishes, line):
    with pytest.raises(FormbenchError, match=line):
        estimate_poses(videos, tmp_path / "out", Wishes(**wishes))


def test_what_only_videos_have_is_refused_of_clips(dataset_folder, tmp_path):
    with pytest.raises(FormbenchError, match="--world and --lift are for videos"):
        estimate_poses([dataset_folder], tmp_path / "out", Wishes(world=True))
    with pytest.raises(FormbenchError, match="expected --world or --lift, got both"):
        Wishes(world=True, lift="model")
    with pytest.raises(FormbenchError, match="--stature is for --lift"):
        Wishes(stature_m=1.8)


def test_two_sources_of_one_name_are_refused(videos, tmp_path):
    with pytest.raises(FormbenchError, match="two sources are called a; name them apart"):
        estimate_poses([videos[0], videos[0]], tmp_path / "out", Wishes())


def test_an_evaluation_on_an_engine_is_the_same(dataset_folder, tmp_path, backward_engine):
    data, wishes = read_dataset(dataset_folder), EvaluationWishes(n_resamples=50)
    evaluate(data, ["dtw"], tmp_path / "one", wishes)
    engine = backward_engine()
    evaluate(data, ["dtw"], tmp_path / "many", wishes, looking=Looking(engine))
    one, many = (all_bytes(tmp_path / name) for name in ("one", "many"))

    assert len(engine.done) == len(data.rows)
    assert {name for name in one if one[name] != many.get(name)} <= {
        path for path in one if path.name == "cost.json"
    }
    assert one.keys() == many.keys()


def test_clips_that_an_engine_fails_on_are_left_out_of_an_evaluation(
    dataset_folder, tmp_path, backward_engine
):
    data, looking = read_dataset(dataset_folder), Looking(backward_engine(fails=(0,)))
    wishes = EvaluationWishes(n_resamples=50)
    results = evaluate(data, ["dtw"], tmp_path / "out", wishes, looking=looking)
    whole = evaluate(data, ["dtw"], tmp_path / "whole", wishes)

    assert [outcome.log for outcome in looking.set_aside] == ["ValueError: a bug"] * 2
    assert results.counts != whole.counts
