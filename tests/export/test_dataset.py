import json
import shutil

import numpy as np
import pandas as pd
import pytest

from export.dataset import read_dataset, seal_dataset, verify_dataset
from export.rows import ClipRow, FaultRow
from motions.conventions import COCO_17
from motions.errors import FormbenchError
from motions.skeleton import SMPL22, STANDING_PELVIS_M
from simulator.clip import read_clip, write_clip

SEALED = (
    "manifest.json", "manifest/00000.json", "clips.parquet/00000.parquet",
    "faults.parquet/00000.parquet",
)  # fmt: skip


def test_the_hand_made_clip_is_where_its_formulas_say(make_clip):
    clip = make_clip(faults={"incomplete_range": 0.6})
    pelvis, knee, ankle = (SMPL22.index(n) for n in ("pelvis", "left_knee", "left_ankle"))

    np.testing.assert_allclose(
        clip.joints_world_m[5, pelvis], [0, 0, STANDING_PELVIS_M - 0.8 * (1 - np.cos(0.6))]
    )
    np.testing.assert_allclose(clip.joints_world_m[5, knee, 1], -0.4 * np.sin(0.6))
    np.testing.assert_allclose(clip.joints_world_m[:, ankle], [[0.09, 0, 0.08]] * 20, atol=1e-12)
    assert [f.fault_id for f in clip.faults if f.present] == ["squat.incomplete_range"] * 2


def test_close_cameras_lose_head_hands_and_feet(make_clip):
    (front, side) = make_clip(distance_m=1.0).views
    seen = dict(zip(COCO_17.keypoint_names, front.visibility["coco17"][0].tolist(), strict=True))

    assert [seen[n] for n in ("nose", "left_wrist", "left_ankle", "left_hip")] == [0, 0, 0, 2]
    assert side.visibility["coco17"][0, COCO_17.keypoint_names.index("right_hip")] == 1


def test_a_sealed_dataset_gives_back_its_clips_and_what_they_say(make_dataset, make_clip):
    clip = make_clip(clip_id="b", faults={"rounded_back": 40.0}, licences={"motion": "MIT"})
    dataset = read_dataset(make_dataset([clip, make_clip(clip_id="a", n_reps=1)]))

    assert dataset.clip_ids == ("a", "b")
    assert dataset.licences == ("Apache-2.0", "CC0-1.0", "MIT")
    assert dataset.rows[1] == ClipRow(
        clip_id="b",
        exercise="squat",
        subject_id="ada",
        group_id="ada-squat",
        n_frames=20,
        fps=10.0,
        n_reps=2,
        cameras=("front", "side"),
        faults=("squat.rounded_back",),
        licences=("MIT",),
        origin="synthetic",
        session="ada-squat",
        motion="ada-squat",
        background="unknown",
        body_shape="middling",
        body_id=dataset.rows[0].body_id,
    )
    assert dataset.clip("b").faults == clip.faults
    assert [c.clip_id for c in dataset.clips()] == ["a", "b"]
    assert list(dataset.fault_rows())[2] == FaultRow(
        clip_id="b",
        rep=0,
        fault_id="squat.rounded_back",
        start_s=0.0,
        end_s=1.0,
        side="both",
        unit="deg",
        requested=40.0,
        measured=40.0,
        severity=pytest.approx(2 / 3),
        present=True,
        source="simulator",
        grey=False,
        confidence=1.0,
        requested_side="both",
    )


def test_the_same_files_give_the_same_bytes(dataset_folder, tmp_path):
    before = [(dataset_folder / name).read_bytes() for name in SEALED]
    copy = tmp_path / "elsewhere"
    shutil.copytree(dataset_folder, copy)
    for name in SEALED:
        (copy / name).unlink()
    seal_dataset(copy)

    assert [(copy / name).read_bytes() for name in SEALED] == before
    assert read_dataset(copy).content_sha256 == read_dataset(dataset_folder).content_sha256


def test_verify_names_what_is_missing_changed_and_extra(dataset_folder):
    assert verify_dataset(dataset_folder).ok
    clips = dataset_folder / "clips"
    (clips / "clip_000003" / "truth.npz").unlink()
    text = (clips / "clip_000001" / "clip.json").read_text()
    (clips / "clip_000001" / "clip.json").write_text(text.replace("ada", "ida"))
    (dataset_folder / "notes.txt").write_text("mine")
    found = verify_dataset(dataset_folder)

    assert not found.ok
    assert found.n_files == 16 * 2 + 4
    assert found.missing == ("clips/clip_000003/truth.npz",)
    assert found.changed == ("clips/clip_000001/clip.json",)
    assert found.extra == ("notes.txt",)


def test_progress_is_told_from_nothing_to_all_clips(dataset_folder):
    sealed, verified = [], []
    seal_dataset(dataset_folder, on_clip=lambda *done: sealed.append(done))
    verify_dataset(dataset_folder, on_clip=lambda *done: verified.append(done))

    assert sealed == verified == [(done, 16) for done in range(17)]


@pytest.fixture
def parted(dataset_folder, monkeypatch):
    """The sixteen clips in parts of five."""
    monkeypatch.setattr("export.dataset.CLIPS_A_PART", 5)
    whole = read_dataset(dataset_folder)
    rows, faults = list(whole.rows), list(whole.fault_rows())
    seal_dataset(dataset_folder)
    return dataset_folder, rows, faults


def test_a_dataset_in_parts_reads_as_one_in_one_piece(parted):
    folder, rows, faults = parted
    dataset = read_dataset(folder)

    assert sorted(path.name for path in (folder / "manifest").iterdir()) == [
        f"0000{number}.json" for number in range(4)
    ]
    assert list(dataset.rows) == rows
    assert list(dataset.fault_rows()) == faults
    assert [dataset.rows[i] for i in (0, 4, 5, 15, -1, -16)] == [
        rows[i] for i in (0, 4, 5, 15, 15, 0)
    ]
    assert dataset.rows[3:11:2] == rows[3:11:2]
    assert list(reversed(dataset.rows)) == rows[::-1]
    with pytest.raises(IndexError):
        dataset.rows[16]
    assert pd.read_parquet(folder / "clips.parquet")["clip_id"].tolist() == [
        r.clip_id for r in rows
    ]
    assert verify_dataset(folder).ok


def test_verify_looks_into_every_part(parted):
    folder, _, _ = parted
    (folder / "clips" / "clip_000012" / "truth.npz").write_bytes(b"")
    (folder / "clips" / "clip_000003" / "notes.txt").write_text("mine")
    shutil.copytree(folder / "clips" / "clip_000000", folder / "clips" / "clip_x")
    found = verify_dataset(folder)

    assert found.changed == ("clips/clip_000012/truth.npz",)
    assert found.extra == (
        "clips/clip_000003/notes.txt", "clips/clip_x/clip.json", "clips/clip_x/truth.npz",
    )  # fmt: skip
    assert found.missing == ()


def test_a_part_of_the_manifest_that_was_edited_or_lost_is_found_out(parted):
    folder, _, _ = parted
    part = folder / "manifest" / "00002.json"
    part.write_text(part.read_text().replace("sha256", "sha257", 1))
    assert verify_dataset(folder).changed == ("manifest/00002.json",)
    part.unlink()
    assert verify_dataset(folder).missing == ("manifest/00002.json",)


def test_a_manifest_whose_hashes_were_edited_is_found_out(dataset_folder):
    path = dataset_folder / "manifest.json"
    config = dataset_folder / "config.yaml"
    config.write_text("seed: 1\n")
    manifest = json.loads(path.read_text())
    manifest["files"]["config.yaml"]["sha256"] = "0" * 64
    path.write_text(json.dumps(manifest))

    assert verify_dataset(dataset_folder).changed == ("config.yaml", "manifest.json")


def test_what_is_not_a_finished_dataset_is_refused(dataset_folder, tmp_path):
    with pytest.raises(FormbenchError, match="not a dataset: it has no folder clips"):
        read_dataset(tmp_path)
    manifest = dataset_folder / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace("formbench.dataset/3", "formbench.dataset/9"))
    with pytest.raises(FormbenchError, match=r"expected schema formbench.dataset/3, got 'formb"):
        read_dataset(dataset_folder)
    manifest.write_text(text.replace("config.yaml", "../config.yaml"))
    with pytest.raises(FormbenchError, match="names a file outside the folder"):
        verify_dataset(dataset_folder)
    for damaged, message in (("{", "damaged JSON"), ("[]", "got None"), (
        '{"schema": "formbench.dataset/3"}', "expected the key 'content_sha256', got none"
    )):  # fmt: skip
        manifest.write_text(damaged)
        with pytest.raises(FormbenchError, match=message):
            read_dataset(dataset_folder)
    manifest.unlink()
    with pytest.raises(FormbenchError, match=r"unfinished dataset: it has no manifest.json"):
        read_dataset(dataset_folder)


def test_a_changed_clip_table_is_not_read(dataset_folder):
    (dataset_folder / "clips.parquet" / "00000.parquet").write_bytes(b"PAR1")
    with pytest.raises(FormbenchError, match=r"clips.parquet/00000.parquet is not the file that"):
        list(read_dataset(dataset_folder).rows)


def test_an_unknown_clip_is_met_with_those_there_are(dataset_folder):
    with pytest.raises(FormbenchError, match="it has 16, clip_000000 to clip_000015"):
        read_dataset(dataset_folder).clip("clip_00001")


def test_seal_refuses_what_is_no_whole_clip(make_clip, tmp_path):
    (tmp_path / "clips").mkdir()
    with pytest.raises(FormbenchError, match="expected at least one clip"):
        seal_dataset(tmp_path)
    folder = tmp_path / "clips" / "a"
    folder.write_text("no folder")
    with pytest.raises(FormbenchError, match=r"not a clip: clip.json is missing"):
        seal_dataset(tmp_path)
    folder.unlink()
    folder.mkdir()
    with pytest.raises(FormbenchError, match=r"not a clip: clip.json is missing"):
        seal_dataset(tmp_path)
    write_clip(make_clip(clip_id="b"), folder)
    with pytest.raises(FormbenchError, match="expected the folder's name as clip id, got 'b'"):
        seal_dataset(tmp_path)
    write_clip(make_clip(clip_id="../a"), folder)
    with pytest.raises(FormbenchError, match=r"expected a clip id of letters, .* got '\.\./a'"):
        seal_dataset(tmp_path)
    write_clip(make_clip(clip_id="b"), folder)
    folder.rename(tmp_path / "clips" / "b")
    (tmp_path / "clips" / "b" / "again.npz").symlink_to("truth.npz")
    with pytest.raises(FormbenchError, match=r"got a link: clips/b/again.npz"):
        seal_dataset(tmp_path)
    assert not (tmp_path / "manifest.json").exists()


def test_a_clip_comes_back_equal_in_every_value(make_clip, tmp_path):
    clip = make_clip(masks=True)
    write_clip(clip, tmp_path)
    back = read_clip(tmp_path)

    assert (back.faults, back.reps, back.body, back.plan) == (
        clip.faults, clip.reps, clip.body, clip.plan,
    )  # fmt: skip
    for view, original in zip(back.views, clip.views, strict=True):
        assert view.masks == original.masks
        assert np.array_equal(view.box_px, original.box_px)
        assert all(
            np.array_equal(view.keypoints_px[name], original.keypoints_px[name])
            for name in original.keypoints_px
        )
