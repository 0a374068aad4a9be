import errno
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import yaml

from export.balance import Cell, balance_of, filling_config
from export.build import build_dataset
from export.dataset import read_dataset, seal_dataset, verify_dataset
from export.formats.table import export_dataset
from export.leaks import check_duplicate_frames, check_leaks
from export.rows import BODY_SHAPES
from export.spec import read_spec
from export.splits import read_split, split_dataset
from motions.errors import FormbenchError
from simulator.clip import SCHEMA, Clip, View, write_clip
from simulator.config import parse_config
from simulator.faults.library import faults_of
from simulator.generate import generate
from simulator.rendering.video import VideoWriter


@pytest.fixture
def footage(make_clip, tmp_path):
    """A function that writes clips of real people, each one seen by one camera."""

    def write(clip_id, subject_id, session="monday"):
        seen = make_clip(clip_id=clip_id, subject_id=subject_id, faults={"rounded_back": 40.0})
        n = seen.n_frames
        view = seen.views[0]
        real = Clip(
            clip_id=clip_id,
            exercise="squat",
            subject_id=subject_id,
            group_id=clip_id,
            fps=seen.fps,
            joints_world_m=np.zeros((n, 0, 3)),
            world_wxyz=np.zeros((n, 0, 4)),
            rest_offsets_m=np.zeros((0, 3)),
            keypoints_world_m={},
            contacts=np.zeros((n, 0), dtype=bool),
            phase=np.full(n, np.nan),
            reps=seen.reps,
            faults=seen.faults,
            views=(
                View(
                    camera=view.camera,
                    keypoints_px={"coco17": view.keypoints_px["coco17"]},
                    visibility={"coco17": view.visibility["coco17"]},
                    box_px=view.box_px,
                    labelled=np.arange(n) % 5 == 0,
                ),
            ),
            body={},
            metrics={},
            licences={"footage": "CC-BY-NC-4.0"},
            plan={},
            sources=dict.fromkeys(("keypoints", "boxes", "reps", "faults"), "human"),
            footage={"session": session},
        )
        folder = tmp_path / "real" / clip_id
        folder.mkdir(parents=True)
        write_clip(real, folder)
        return folder

    return write


@pytest.fixture
def spec(tmp_path):
    """A function that writes a spec of the given keys, reads it and builds it."""

    def build(labels=(), name="out", **keys):
        path = tmp_path / "spec.yaml"
        path.write_text(yaml.safe_dump({"seed": 0, **keys}))
        return build_dataset(read_spec(path), tmp_path / name, lambda folder, licence: labels)

    return build


GYM = [{"name": "gym", "dataset": "dataset"}]


def sides_of(folder):
    dataset, split = read_dataset(folder), read_split(folder / "splits.json")
    return {side: split.rows(dataset, side) for side in split.sides}


def test_a_dataset_of_simulated_and_real_clips_has_one_schema(
    dataset_folder, spec, footage, tmp_path
):
    labels = [footage("anna-1", "anna"), footage("bo-1", "bo"), footage("cy-1", "cy")]
    sources = [*GYM, {"name": "film", "labels": "campaign", "licence": "CC-BY-NC-4.0"}]
    dataset = spec(labels, sources=sources)

    assert verify_dataset(tmp_path / "out").ok
    assert len(dataset.rows) == 19
    real = [row for row in dataset.rows if row.origin == "real"]
    assert [(row.clip_id, row.subject_id) for row in real] == [
        ("film-anna-1", "anna"), ("film-bo-1", "bo"), ("film-cy-1", "cy"),
    ]  # fmt: skip
    simulated = dataset.clip("gym-clip_000000")
    assert simulated.subject_id == "gym-ada"
    assert simulated.sources["keypoints"] == "simulator"
    assert dataset.clip("film-anna-1").sources["keypoints"] == "human"
    assert dataset.clip("film-anna-1").views[0].labelled.sum() == 4
    original = dataset_folder / "clips" / "clip_000000" / "truth.npz"
    copied = tmp_path / "out" / "clips" / "gym-clip_000000" / "truth.npz"
    assert copied.read_bytes() == original.read_bytes()
    assert {row.subject_id for rows in sides_of(tmp_path / "out").values() for row in rows} == {
        "anna", "bo", "cy", "gym-ada", "gym-ben", "gym-cleo", "gym-dan",
    }  # fmt: skip
    text = (tmp_path / "out" / "datasheet.md").read_text()
    assert "commercial use: not allowed by CC-BY-NC-4.0" in text
    assert "film-anna-1" not in (tmp_path / "out" / "card.html").read_text()
    assert "19 clips of 7 people" in (tmp_path / "out" / "card.html").read_text()


def test_the_same_spec_gives_the_same_bytes(dataset_folder, spec, tmp_path):
    for name in ("one", "two"):
        spec(sources=GYM, name=name)

    files = [
        {
            p.relative_to(tmp_path / n): p.read_bytes()
            for p in (tmp_path / n).rglob("*.*")
            if p.is_file()
        }
        for n in ("one", "two")
    ]
    assert {p.parts[1:]: b for p, b in files[0].items()} == {
        p.parts[1:]: b for p, b in files[1].items()
    }


def test_validation_can_be_real_only_and_training_half_real(
    dataset_folder, spec, footage, tmp_path
):
    labels = [footage(f"p{i}-1", f"p{i}") for i in range(4)]
    spec(
        labels,
        sources=[*GYM, {"name": "film", "labels": "campaign", "licence": "MIT"}],
        splits={
            "shares": {"train": 0.75, "validation": 0.25},
            "real": {"validation": 1.0, "train": 0.25},
        },
    )
    sides = sides_of(tmp_path / "out")

    assert {row.origin for row in sides["validation"]} == {"real"}
    origins = [row.origin for row in sides["train"]]
    # Counterfactual siblings, two clips each, are left out together: 3 real go with 9 or 8.
    assert (origins.count("real"), origins.count("synthetic")) == (3, 8)


def test_by_exercise_each_side_has_its_own_and_siblings_stay_together(
    dataset_folder, spec, tmp_path
):
    spec(sources=GYM, splits={"by": ["exercise"]})
    sides = sides_of(tmp_path / "out")
    exercises = {side: {row.exercise for row in rows} for side, rows in sides.items()}

    assert exercises["train"] & exercises["validation"] == set()
    assert all(len(names) == 1 for names in exercises.values())
    groups = {side: {row.group_id for row in rows} for side, rows in sides.items()}
    assert groups["train"] & groups["validation"] == set()


def test_by_view_each_side_sees_from_its_own_cameras(dataset_folder, spec, tmp_path):
    spec(sources=GYM, splits={"by": ["view"]})
    sides = sides_of(tmp_path / "out")

    seen = {side: {row.cameras for row in rows} for side, rows in sides.items()}
    assert sorted(seen.values()) in ([{("front",)}, {("side",)}], [{("side",)}, {("front",)}])


def test_a_private_test_set_is_apart_and_another_seed_draws_others(dataset_folder, spec, tmp_path):
    drawn = set()
    for seed in range(6):
        name = f"out{seed}"
        public = spec(sources=GYM, name=name, private_test={"share": 0.25, "seed": seed})
        private = read_dataset(tmp_path / f"{name}-private-test")
        drawn.add(private.rows[0].subject_id)

        assert {r.subject_id for r in private.rows} & {r.subject_id for r in public.rows} == set()
        assert len(private.rows) + len(public.rows) == 16
        assert set(sides_of(tmp_path / name)) == {"train", "validation"}
        assert (
            "seed"
            not in yaml.safe_load((tmp_path / name / "config.yaml").read_text())["private_test"]
        )
    assert len(drawn) > 1


def test_the_balance_says_what_is_missing_and_the_config_that_fills_it(
    dataset_folder, spec, tmp_path
):
    spec(sources=GYM)
    balance = json.loads((tmp_path / "out" / "balance.json").read_text())
    fill = yaml.safe_load((tmp_path / "out" / "fill" / "squat.yaml").read_text())

    there = [c for c in balance["synthetic"] if c["fault_id"] == "squat.rounded_back"]
    # Four people, two repetitions each, from each of two cameras.
    assert [(c["view"], c["n_reps"]) for c in there] == [("front", 8), ("side", 8)]
    other = next(
        f for f in faults_of("squat") if f.name not in ("rounded_back", "incomplete_range")
    )
    missing = [c for c in balance["missing"] if c["fault_id"] == other.id]
    # A quarter of the way to severe is less than mild, so nothing could fill it.
    assert other.severity(other.neutral + 0.25 * (other.severe - other.neutral)) < 0
    assert {c["dose"] for c in missing} == {0.5, 0.75, 1.0}
    assert {c["body_shape"] for c in balance["missing"]} == {"short", "middling", "tall"}
    config = parse_config(fill, "fill")
    assert config.exercises == ["squat"]
    assert other.name in {entry.fault for entry in config.faults}


def test_a_dataset_of_the_filling_config_has_what_was_missing(tmp_path):
    views = ("front", "side")
    missing = [
        Cell("squat", "squat.knees_in", 0.75, v, shape) for v in views for shape in BODY_SHAPES
    ]
    fill = yaml.safe_load(filling_config(missing))
    quick = {"body": "stick", "fps": 10, "reps": 1, "render": False}
    generate(parse_config({**fill, **quick}, "fill"), tmp_path / "filled", 1)
    made = balance_of(seal_dataset(tmp_path / "filled"))
    assert set(missing) <= set(made.synthetic)
    assert not set(missing) & set(made.missing)


def test_commercial_use_is_refused_with_the_reason(dataset_folder, spec, footage, tmp_path):
    sources = [*GYM, {"name": "film", "labels": "campaign", "licence": "CC-BY-NC-4.0"}]
    with pytest.raises(FormbenchError, match=r"film-anna-1: the footage is under CC-BY-NC-4\.0"):
        spec([footage("anna-1", "anna")], sources=sources, licence="commercial")
    assert not (tmp_path / "out").exists()


def test_a_changed_source_is_refused(dataset_folder, spec, tmp_path):
    (dataset_folder / "clips" / "clip_000003" / "truth.npz").write_bytes(b"else")
    with pytest.raises(FormbenchError, match=r"clip_000003/truth.npz is not as it was sealed"):
        spec(sources=GYM)
    assert not (tmp_path / "out").exists()


def test_clips_of_two_schema_versions_are_refused(dataset_folder, spec):
    path = dataset_folder / "clips" / "clip_000003" / "clip.json"
    path.write_text(path.read_text().replace(SCHEMA, "formbench.clip/1"))
    with pytest.raises(FormbenchError, match=f"expected schema {SCHEMA}, got 'formbench.clip/1"):
        seal_dataset(dataset_folder)


def test_two_clips_of_one_id_are_refused(dataset_folder, spec, footage):
    labels = [footage("anna-1", "anna")] * 2
    with pytest.raises(FormbenchError, match="source film: two clips are called 'anna-1'"):
        spec(labels, sources=[{"name": "film", "labels": "c", "licence": "MIT"}])


def test_one_person_alone_and_an_empty_side_are_refused(make_dataset, make_clip, spec):
    make_dataset([make_clip(clip_id="a"), make_clip(clip_id="b")], "dataset")
    with pytest.raises(FormbenchError, match=r"needs two people who share no counter.*got gym-ada"):
        spec(sources=GYM)


def test_an_empty_side_is_refused(dataset_folder, spec):
    with pytest.raises(FormbenchError, match="expected clips in validation, got none"):
        spec(sources=GYM, splits={"real": {"validation": 1.0}})


def test_a_full_disk_leaves_nothing_behind(dataset_folder, spec, tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        spec(sources=GYM)
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == []


def test_a_motion_that_two_people_perform_is_on_one_side(make_dataset, make_clip):
    clips = [
        replace(make_clip(clip_id=f"{who}{i}", subject_id=who, group_id=f"{who}{i}"),
                plan={"recording": f"walk{i}"})
        for who in ("ada", "bob") for i in range(2)
    ]  # fmt: skip
    dataset = read_dataset(make_dataset(clips))
    split = split_dataset(dataset, {"train": 0.5, "validation": 0.5}, 0)
    check_leaks(dataset, split)

    motions = [{row.motion for row in split.rows(dataset, side)} for side in split.sides]
    assert motions in ([{"walk0"}, {"walk1"}], [{"walk1"}, {"walk0"}])
    leaky = replace(split, values={})
    with pytest.raises(FormbenchError, match="are of one motion"):
        check_leaks(dataset, leaky)


@pytest.mark.parametrize("same", [True, False])
def test_the_same_picture_on_two_sides_is_a_leak(same, make_dataset, make_clip):
    clips = []
    for who in ("ada", "bob"):
        clip = make_clip(clip_id=who, subject_id=who, n_cameras=1)
        clips.append(replace(clip, views=(replace(clip.views[0], video="front.mp4"),)))
    folder = make_dataset(clips)
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (480, 640, 3), dtype=np.uint8) // 32 * 32 for _ in range(2)]
    for index, clip in enumerate(clips):
        rgb = np.kron(pictures[0 if same else index][::60, ::80], np.ones((60, 80, 1), np.uint8))
        with VideoWriter(folder / "clips" / clip.clip_id / "front.mp4", 640, 480, 10.0) as writer:
            for _ in range(clip.n_frames):
                writer.write(rgb)
    dataset = seal_dataset(folder)
    split = split_dataset(dataset, {"train": 0.5, "validation": 0.5}, 0)

    if same:
        with pytest.raises(FormbenchError, match="have a picture in common"):
            check_duplicate_frames(dataset, split)
    else:
        check_duplicate_frames(dataset, split)


def test_only_labelled_frames_of_footage_are_exported(footage, spec, tmp_path):
    labels = [footage("anna-1", "anna"), footage("bo-1", "bo")]
    dataset = spec(labels, sources=[{"name": "film", "labels": "campaign", "licence": "MIT"}])
    split = read_split(tmp_path / "out" / "splits.json")
    for name in ("coco", "yolo", "cvat", "labelstudio", "deeplabcut", "parquet", "mmaction"):
        export_dataset(dataset, name, tmp_path / name, split=split)

    images = [
        image for side in split.sides
        for image in json.loads((tmp_path / f"coco/annotations/{side}.json").read_text())["images"]
    ]  # fmt: skip
    assert sorted((i["clip_id"], i["frame_index"]) for i in images) == [
        (clip_id, frame) for clip_id in ("film-anna-1", "film-bo-1") for frame in (0, 5, 10, 15)
    ]
    assert len(list((tmp_path / "yolo" / "labels").rglob("*.txt"))) == 8
    tasks = [json.loads((tmp_path / f"labelstudio/{s}.json").read_text()) for s in split.sides]
    assert sum(map(len, tasks)) == 8


def test_two_datasets_of_the_same_people_keep_each_of_them_on_one_side(
    dataset_folder, spec, tmp_path
):
    shutil.copytree(dataset_folder, tmp_path / "again")
    sources = [*GYM, {"name": "twin", "dataset": "again"}]
    dataset = spec(sources=sources)
    split = read_split(tmp_path / "out" / "splits.json")

    assert len(dataset.rows) == 32
    for name in ("ada", "ben", "cleo", "dan"):
        assert split.subjects[f"gym-{name}"] == split.subjects[f"twin-{name}"]


def test_sides_that_see_from_their_own_cameras_share_no_image_id(dataset_folder, spec, tmp_path):
    dataset = spec(sources=GYM, splits={"by": ["view"]})
    split = read_split(tmp_path / "out" / "splits.json")
    export_dataset(dataset, "coco", tmp_path / "coco", split=split)

    ids, cameras = {}, {}
    for side in split.sides:
        images = json.loads((tmp_path / f"coco/annotations/{side}.json").read_text())["images"]
        ids[side] = {image["id"] for image in images}
        cameras[side] = {image["camera"] for image in images}
    assert cameras["train"] & cameras["validation"] == set()
    assert ids["train"] & ids["validation"] == set()


def test_yolo_knows_the_test_set(dataset_folder, spec, tmp_path):
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25}
    dataset = spec(sources=GYM, splits={"shares": shares})
    split = read_split(tmp_path / "out" / "splits.json")
    export_dataset(dataset, "yolo", tmp_path / "yolo", split=split)
    description = yaml.safe_load((tmp_path / "yolo" / "data.yaml").read_text())

    assert {side: len(rows) for side, rows in sides_of(tmp_path / "out").items()} == {
        "train": 8, "validation": 4, "test": 4,
    }  # fmt: skip
    assert [description[key] for key in ("train", "val", "test")] == [
        "images/train", "images/validation", "images/test",
    ]  # fmt: skip
