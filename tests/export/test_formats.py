"""Laws that every format keeps, and each format read back by somebody else."""

import json
import tarfile

import numpy as np
import pandas
import pytest
import trc as trc_reader
import webdataset
import yaml
from pose_format.utils.openpose import load_openpose_directory
from scipy.spatial.transform import Rotation

from export.dataset import read_dataset
from export.formats import webdataset as shards
from export.formats.openpose import BODY_25_NAMES, COCO_18_NAMES
from export.formats.table import FORMATS, export_dataset
from export.splits import split_by_subject
from motions.conventions import COCO_17, MEDIAPIPE_33
from motions.errors import FormbenchError
from motions.skeleton import SMPL22

every_format = pytest.mark.parametrize("name", FORMATS)


@pytest.fixture
def dataset(make_dataset, make_clip):
    """Two people; one so near that hands, head and feet are outside of the image."""
    return read_dataset(
        make_dataset(
            [
                make_clip(clip_id="far", subject_id="ada", faults={"rounded_back": 40.0}),
                make_clip(clip_id="near", subject_id="ben", distance_m=1.0),
            ]
        )
    )


@pytest.fixture
def exported(dataset, tmp_path):
    """A function that exports with ada and ben on a side each, and returns the folder."""
    split = split_by_subject(dataset, 0.5, 0)
    # Which of two equal people validates is the seed's choice; the tests name the sides by clip.
    sides = {row.clip_id: split.subjects[row.subject_id] for row in dataset.rows}

    def export(name, **how):
        out = tmp_path / name
        export_dataset(dataset, name, out, split=split, **how)
        return out, sides

    return export


def all_bytes(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_formats_are_those_of_their_names():
    assert FORMATS
    assert all(name == format_.name for name, format_ in FORMATS.items())


@every_format
def test_the_same_request_gives_the_same_bytes(name, dataset, tmp_path):
    split = split_by_subject(dataset, 0.5, 0)
    for out in ("one", "two"):
        export_dataset(dataset, name, tmp_path / out, split=split)

    assert all_bytes(tmp_path / "one") == all_bytes(tmp_path / "two")


@every_format
def test_the_export_says_what_it_is_and_what_it_lost(name, exported, dataset):
    out, _ = exported(name)
    about = json.loads((out / "export.json").read_text())

    assert (about["format"], about["dataset_sha256"]) == (name, dataset.content_sha256)
    assert about["lost"] and about["lost"] == list(FORMATS[name].lost)
    assert about["clips"] == {"train": 1, "validation": 1}


@every_format
def test_progress_is_told_from_nothing_to_all(name, dataset, tmp_path):
    told = []
    split = split_by_subject(dataset, 0.5, 0)
    export_dataset(dataset, name, tmp_path / "out", split=split, on_clip=lambda *d: told.append(d))

    assert told == [(0, 2), (1, 2), (2, 2)]


@every_format
def test_without_a_split_all_is_one_side_or_a_split_is_asked_for(name, dataset, tmp_path):
    if FORMATS[name].needs_split:
        with pytest.raises(FormbenchError, match=f"{name} needs train and validation"):
            export_dataset(dataset, name, tmp_path / "out")
    else:
        export_dataset(dataset, name, tmp_path / "out")
        about = json.loads((tmp_path / "out" / "export.json").read_text())
        assert about["clips"] == {"all": 2}


@every_format
def test_a_clip_that_was_changed_after_it_was_sealed_is_refused(name, dataset, tmp_path):
    path = dataset.clip_folder("near") / "clip.json"
    path.write_text(path.read_text() + " ")
    split = split_by_subject(dataset, 0.5, 0)
    with pytest.raises(FormbenchError, match=r"clips/near/clip\.json is not as it was sealed"):
        export_dataset(dataset, name, tmp_path / "out", split=split)
    assert [path.name for path in tmp_path.iterdir()] == [dataset.folder.name]


@pytest.mark.parametrize("name", [n for n, f in FORMATS.items() if not f.has_images])
def test_a_format_without_pictures_says_so(name, dataset, tmp_path):
    with pytest.raises(FormbenchError, match=f"{name} carries no pictures"):
        export_dataset(dataset, name, tmp_path / "out", images=True)


@pytest.mark.parametrize("clip_id", ["far", "near"])
def test_yolo_labels_pass_the_rules_of_ultralytics(clip_id, exported, dataset):
    out, sides = exported("yolo", every=5)
    description = yaml.safe_load((out / "data.yaml").read_text())
    names = [COCO_17.keypoint_names[i] for i in description["flip_idx"]]

    assert description["kpt_shape"] == [17, 3]
    assert names[1:3] == ["right_eye", "left_eye"]
    assert description["names"] == {0: "person"}
    assert (description["train"], description["val"]) == ("images/train", "images/validation")
    for view in dataset.clip(clip_id).views:
        for frame in (0, 5, 10, 15):
            path = out / "labels" / sides[clip_id] / f"{clip_id}_{view.camera.name}_{frame:06d}.txt"
            row = np.array(path.read_text().split(), dtype=float)
            points = row[5:].reshape(17, 3)
            left, top, right, bottom = view.box_px[frame]

            assert len(row) == 5 + 17 * 3
            assert row[0] == 0
            assert (row[1:5] >= 0).all() and (row[1:5] <= 1).all()
            assert (points[:, :2] >= 0).all() and (points[:, :2] < 1).all()
            np.testing.assert_allclose(
                row[1:5] * [640, 480, 640, 480],
                [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top],
                atol=0.001,
            )
            seen = view.visibility["coco17"][frame]
            assert points[:, 2].tolist() == seen.tolist()
            np.testing.assert_allclose(
                points[seen > 0, :2] * [640, 480],
                view.keypoints_px["coco17"][frame][seen > 0],
                atol=0.001,
            )


def test_openpose_files_are_read_by_pose_format(exported, dataset):
    out, sides = exported("openpose")
    view = dataset.clip("near").view("front")
    folder = out / sides["near"] / "near_front"
    pose = load_openpose_directory(str(folder), fps=10.0, width=640, height=480)
    body = pose.body.data[:, 0, :25]
    confidence = pose.body.confidence[:, 0, :25]
    # OpenPose's body points come first; pose-format has its own names for them, in its order.
    names = [point.lower() for point in pose.header.components[0].points]

    assert len(body) == 20
    assert (names[0], names[1], names[8], names[24]) == ("nose", "neck", "midhip", "rheel")
    for k, name in enumerate(BODY_25_NAMES):
        if name in MEDIAPIPE_33.keypoint_names:
            index = MEDIAPIPE_33.keypoint_names.index(name)
            seen = view.visibility["mediapipe33"][:, index]
            np.testing.assert_array_equal(confidence[:, k], seen / 2)
            np.testing.assert_allclose(
                body[seen > 0, k], view.keypoints_px["mediapipe33"][seen > 0, index], atol=0.001
            )
    hips = [MEDIAPIPE_33.keypoint_names.index(f"{side}_hip") for side in ("left", "right")]
    np.testing.assert_allclose(
        body[:, 8], view.keypoints_px["mediapipe33"][:, hips].mean(axis=1), atol=0.001
    )


def test_openpose_coco_18_is_body_25_without_feet_and_hips(exported):
    out, sides = exported("openpose-coco18")
    (first, *_) = sorted((out / sides["far"] / "far_side").iterdir())
    large = json.loads((exported("openpose")[0] / first.relative_to(out)).read_text())
    (person,) = json.loads(first.read_text())["people"]
    all_points = np.reshape(large["people"][0]["pose_keypoints_2d"], (25, 3))

    assert first.name == "far_side_000000000000_keypoints.json"
    assert np.reshape(person["pose_keypoints_2d"], (18, 3)).tolist() == [
        all_points[BODY_25_NAMES.index(name)].tolist() for name in COCO_18_NAMES
    ]


def test_videopose3d_arrays_project_onto_one_another(exported, dataset):
    out, sides = exported("videopose3d", every=2)
    with np.load(out / "data_3d_formbench.npz", allow_pickle=True) as file:
        positions_3d = file["positions_3d"].item()
    with np.load(out / "data_2d_formbench_gt.npz", allow_pickle=True) as file:
        positions_2d, metadata = file["positions_2d"].item(), file["metadata"].item()
    cameras = json.loads((out / "cameras.json").read_text())

    assert {s: list(actions) for s, actions in positions_3d.items()} == {
        "ada": ["far"],
        "ben": ["near"],
    }
    assert metadata["num_joints"] == 17
    assert [len(side) for side in metadata["keypoints_symmetry"]] == [6, 6]
    assert json.loads((out / "subjects.json").read_text())[sides["far"]] == ["ada"]
    joints_m = dataset.clip("far").joints_world_m[::2]
    world = positions_3d["ada"]["far"]
    assert world.shape == (10, 17, 3)
    assert world.dtype == np.float32
    for k, name in ((0, "pelvis"), (1, "right_hip"), (6, "left_ankle"), (13, "left_wrist")):
        np.testing.assert_array_equal(world[:, k], joints_m[:, SMPL22.index(name)].astype("f4"))
    # Their rule: rotate X - t back by the orientation, divide by depth, scale and shift.
    for camera, seen in zip(cameras["ada"]["far"], positions_2d["ada"]["far"], strict=True):
        turn = Rotation.from_quat(camera["orientation"], scalar_first=True).inv()
        local = turn.apply((world - camera["translation"]).reshape(-1, 3)).reshape(world.shape)
        px = local[..., :2] / local[..., 2:] * camera["focal_length"] + camera["center"]
        # The head is the middle of the ears, which projection does not keep exactly.
        np.testing.assert_allclose(px[:, :10], seen[:, :10], atol=0.01)
        np.testing.assert_allclose(px[:, 11:], seen[:, 11:], atol=0.01)


def test_mmaction_samples_are_the_repetitions(exported, dataset):
    out, sides = exported("mmaction")
    flat = np.load(out / "formbench_2d.pkl", allow_pickle=True)
    solid = np.load(out / "formbench_3d.pkl", allow_pickle=True)
    samples = {sample["frame_dir"]: sample for sample in flat["annotations"]}
    clip = dataset.clip("far")
    second = samples["far_side_rep001"]
    seen = clip.view("side").visibility["coco17"][10:]

    assert (out / "classes.txt").read_text().split() == ["clean", "squat.rounded_back"]
    assert set(flat["split"][sides["far"]]) == {
        f"far_{camera}_rep00{rep}" for camera in ("front", "side") for rep in (0, 1)
    }
    assert set(samples) == set(flat["split"]["train"] + flat["split"]["validation"])
    assert (second["label"], samples["near_front_rep000"]["label"]) == (1, 0)
    assert second["faults"] == {"squat.rounded_back": pytest.approx(2 / 3)}
    assert (second["total_frames"], second["img_shape"]) == (10, (480, 640))
    assert second["keypoint"].shape == (1, 10, 17, 2)
    np.testing.assert_array_equal(second["keypoint_score"][0], seen / 2)
    np.testing.assert_allclose(
        second["keypoint"][0], clip.view("side").keypoints_px["coco17"][10:], rtol=1e-6
    )
    np.testing.assert_allclose(
        {s["frame_dir"]: s for s in solid["annotations"]}["far_rep001"]["keypoint"][0],
        clip.keypoints_world_m["coco17"][10:],
        rtol=1e-6,
        atol=1e-7,
    )


def test_mediapipe_landmarks_lead_back_to_the_points(exported, dataset):
    out, sides = exported("mediapipe", every=3)
    clip = dataset.clip("near")
    view = clip.view("side")
    lines = (out / sides["near"] / "near_side.jsonl").read_text().splitlines()
    frames = [json.loads(line) for line in lines]

    assert [frame["frame_index"] for frame in frames] == list(range(0, 20, 3))
    assert frames[1]["timestamp_ms"] == 300
    for frame in frames:
        at = frame["frame_index"]
        image = {k: np.array([p[k] for p in frame["pose_landmarks"]]) for k in "xyz"}
        world = np.array([[p[k] for k in "xyz"] for p in frame["pose_world_landmarks"]])
        presence = [p["presence"] for p in frame["pose_landmarks"]]
        visible = [p["visibility"] for p in frame["pose_world_landmarks"]]
        truth_m = view.camera.to_camera(clip.keypoints_world_m["mediapipe33"][at])
        hips_m = truth_m[23:25].mean(axis=0)

        np.testing.assert_allclose(world, truth_m - hips_m, atol=1e-6)
        np.testing.assert_allclose(
            np.stack([image["x"] * 640, image["y"] * 480], axis=-1),
            view.keypoints_px["mediapipe33"][at],
            atol=0.001,
        )
        # A step of depth is a share of the width, as a step to the side at the hips is.
        np.testing.assert_allclose(
            image["z"] * 640, (truth_m[:, 2] - hips_m[2]) * 500.0 / hips_m[2], atol=0.001
        )
        np.testing.assert_array_equal(presence, view.visibility["mediapipe33"][at] > 0)
        np.testing.assert_array_equal(visible, view.visibility["mediapipe33"][at] == 2)


def test_mediapipe_s_table_holds_what_its_lines_hold(exported):
    out, sides = exported("mediapipe-parquet", every=7)
    lines_out, _ = exported("mediapipe", every=7)
    table = pandas.read_parquet(out / f"{sides['near']}.parquet")
    of_view = table[table["camera"] == "side"]
    lines = (lines_out / sides["near"] / "near_side.jsonl").read_text().splitlines()

    assert len(table) == 2 * 3 * 33 and set(table["clip_id"]) == {"near"}
    for line in map(json.loads, lines):
        rows = of_view[of_view["frame_index"] == line["frame_index"]]
        assert rows["landmark"].tolist() == list(MEDIAPIPE_33.keypoint_names)
        assert set(rows["timestamp_ms"]) == {line["timestamp_ms"]}
        for key in ("x", "y", "z", "visibility", "presence"):
            assert rows[key].tolist() == [point[key] for point in line["pose_landmarks"]]
        for axis in "xyz":
            there = [point[axis] for point in line["pose_world_landmarks"]]
            assert rows[f"world_{axis}"].tolist() == there


def test_parquet_rows_are_the_repetitions(exported, dataset):
    out, sides = exported("parquet", every=2)
    table = pandas.read_parquet(out / f"{sides['near']}.parquet")
    clip = dataset.clip("near")
    view = clip.view("side")
    (row,) = (r for _, r in table.iterrows() if (r["rep"], r["camera"]) == (1, "side"))

    assert len(table) == 4
    assert (row["clip_id"], row["exercise"], row["n_frames"], row["fps"]) == (
        "near",
        "squat",
        5,
        5.0,
    )
    for name, shape, truth in (
        ("keypoints_px", (5, 17, 2), view.keypoints_px["coco17"][10::2]),
        ("visibility", (5, 17), view.visibility["coco17"][10::2]),
        ("joints_world_m", (5, 22, 3), clip.joints_world_m[10::2]),
        ("T_world_cam", (4, 4), view.camera.T_world_cam),
    ):
        np.testing.assert_array_equal(row[name].reshape(shape), truth.astype(np.float32))
    faulty = pandas.read_parquet(out / f"{sides['far']}.parquet").iloc[0]
    assert faulty["faults"].tolist() == ["squat.rounded_back"]
    np.testing.assert_allclose(faulty["severities"], [2 / 3], rtol=1e-6)


@pytest.mark.parametrize("name", ["parquet", "mmaction"])
def test_a_repetition_without_any_frame_is_refused(name, dataset, tmp_path):
    with pytest.raises(FormbenchError, match="repetition 1 has none of every 20 frames"):
        export_dataset(dataset, name, tmp_path / "out", every=20)


def test_trc_markers_are_read_by_trc_data_reader(exported, dataset):
    out, sides = exported("trc", every=2)
    read = trc_reader.TRCData()
    read.load(str(out / sides["far"] / "far.trc"))
    joints_m = dataset.clip("far").joints_world_m[::2]

    assert read["NumFrames"] == 10
    assert read["DataRate"] == 5.0
    assert read["Units"] == "mm"
    assert tuple(read["Markers"]) == SMPL22.joint_names
    for name in ("pelvis", "left_wrist", "right_foot"):
        markers_mm = np.array(read[name])
        forward, up, right = (markers_mm / 1000).T
        np.testing.assert_allclose(
            np.stack([-right, -forward, up], axis=-1), joints_m[:, SMPL22.index(name)], atol=1e-6
        )


# The reader leaves closing its file to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_webdataset_gives_back_the_clips_own_bytes(exported, dataset):
    out, sides = exported("webdataset")
    (shard,) = out.glob(f"{sides['near']}-*.tar")
    (sample,) = webdataset.WebDataset(str(shard), shardshuffle=False)
    folder = dataset.clip_folder("near")

    assert shard.name == f"{sides['near']}-000000.tar"
    assert sample["__key__"] == "near"
    assert sample["json"] == (folder / "clip.json").read_bytes()
    assert sample["npz"] == (folder / "truth.npz").read_bytes()


def test_webdataset_closes_a_shard_when_it_is_full(monkeypatch, dataset_folder, tmp_path):
    dataset = read_dataset(dataset_folder)
    one_clip = sum(p.stat().st_size for p in dataset.clip_folder("clip_000000").iterdir())
    monkeypatch.setattr(shards, "SHARD_BYTES", int(2.5 * one_clip))
    export_dataset(dataset, "webdataset", tmp_path / "out")
    keys = []
    for path in sorted((tmp_path / "out").glob("*.tar")):
        with tarfile.open(path) as tar:
            keys.append(sorted({name.partition(".")[0] for name in tar.getnames()}))

    assert [len(shard) for shard in keys] == [3, 3, 3, 3, 3, 1]
    assert [key for shard in keys for key in shard] == list(dataset.clip_ids)


def test_webdataset_refuses_what_it_cannot_carry(make_dataset, make_clip, tmp_path):
    dataset = read_dataset(make_dataset([make_clip(clip_id="a.b")]))
    with pytest.raises(FormbenchError, match="ends a sample's name at the first dot"):
        export_dataset(dataset, "webdataset", tmp_path / "out")
    with pytest.raises(FormbenchError, match="carries whole clips, not every n-th frame; --lossy"):
        export_dataset(dataset, "webdataset", tmp_path / "out", every=2)
