"""What was exported comes back, and what others wrote is read or refused in one line."""

import json
import pickle  # noqa: TID251  what must be refused

import numpy as np
import pytest

from export.dataset import read_dataset
from export.formats.table import export_dataset
from export.importing import import_dataset, read_label_map
from export.readers.found import Hints
from export.readers.unpickle import read_pickle
from motions.errors import FormbenchError
from simulator.clip import read_clip

HINTS = Hints(fps=10.0, size_px=(640, 480), exercise="squat")


@pytest.fixture
def dataset(make_dataset, make_clip):
    near = make_clip(clip_id="near", distance_m=1.0, faults={"rounded_back": 40.0}, n_reps=1)
    return read_dataset(make_dataset([near, make_clip(clip_id="far", subject_id="bo", n_reps=1)]))


@pytest.fixture
def back(dataset, tmp_path):
    """A function that exports, imports, and returns the clips that came back by id."""

    def bring(name, inside, hints=HINTS, labels=None, **how):
        export_dataset(dataset, name, tmp_path / name, **how)
        there = import_dataset(
            tmp_path / name / inside, name, tmp_path / "back", licence="MIT",
            hints=hints, labels=labels,
        )  # fmt: skip
        return {clip.clip_id: clip for clip in there.clips()}

    return bring


def seen(view, convention="coco17"):
    there = view.visibility[convention] > 0
    return np.where(there[..., None], view.keypoints_px[convention], np.nan)


def test_coco_keeps_points_visibility_boxes_and_people(back, dataset):
    clips = back("coco", "annotations/all.json", Hints(fps=10.0))

    # Each camera of a clip is a stretch of its own; COCO names the clip once.
    assert set(clips) == {"near-front", "near-side", "far-front", "far-side"}
    near = clips["near-side"]
    view = dataset.clip("near").view("side")
    assert (near.subject_id, near.exercise, near.fps) == ("ada", "squat", 10.0)
    np.testing.assert_allclose(seen(near.views[0]), seen(view), atol=0.0005)
    np.testing.assert_array_equal(near.views[0].visibility["coco17"], view.visibility["coco17"])
    np.testing.assert_allclose(near.views[0].box_px, view.box_px, atol=0.001)
    assert [f.fault_id for f in near.faults if f.present] == ["squat.rounded_back"]
    assert near.licences == {"footage": "MIT"}
    assert near.sources["keypoints"] == "human"


def test_coco_frames_that_were_not_exported_are_not_labelled(back):
    clips = back("coco", "annotations/all.json", Hints(fps=10.0), every=3)

    assert np.flatnonzero(clips["far-front"].views[0].labelled).tolist() == [0, 3, 6, 9]


@pytest.mark.parametrize("name", ["openpose", "openpose-coco18"])
def test_openpose_keeps_points_and_confidence(name, dataset, tmp_path):
    export_dataset(dataset, name, tmp_path / "out")
    there = import_dataset(
        tmp_path / "out" / "all", "openpose", tmp_path / "back", licence="MIT", hints=HINTS
    )
    view = dataset.clip("near").view("side")
    clip = there.clip("near_side")

    np.testing.assert_allclose(seen(clip.views[0]), seen(view), atol=0.0005)
    np.testing.assert_array_equal(clip.views[0].confidence["coco17"], view.visibility["coco17"] / 2)
    assert clip.sources["keypoints"] == "estimator"


def test_mediapipe_keeps_points_and_finds_the_rate(back, dataset):
    clip = back("mediapipe", "all", Hints(size_px=(640, 480)))["far_front"]
    view = dataset.clip("far").view("front")

    assert clip.fps == 10.0
    np.testing.assert_allclose(
        seen(clip.views[0], "mediapipe33"), seen(view, "mediapipe33"), atol=0.001
    )


def test_videopose3d_keeps_the_points_that_both_have(back, dataset):
    clips = back("videopose3d", "data_2d_formbench_gt.npz")
    clip = clips["bo-far-0"]
    points, view = clip.views[0].keypoints_px["coco17"], dataset.clip("far").view("front")

    assert clip.subject_id == "bo"
    np.testing.assert_allclose(points[:, 0], view.keypoints_px["coco17"][:, 0], rtol=1e-6)
    np.testing.assert_allclose(points[:, 15], view.keypoints_px["smpl22"][:, 7], rtol=1e-6)
    assert np.isnan(points[:, 1:5]).all()  # eyes and ears


def test_mmaction_keeps_points_and_labels_go_through_the_map(back, dataset):
    labels = {"squat.rounded_back": "squat.rounded_back", "clean": "clean"}
    clips = back("mmaction", "formbench_2d.pkl", labels=labels)
    view = dataset.clip("near").view("front")
    near, far = clips["near_front_rep000"], clips["far_front_rep000"]

    np.testing.assert_allclose(seen(near.views[0]), seen(view), rtol=1e-6)
    assert [(f.fault_id, f.present) for f in far.faults] == [("squat.rounded_back", False)]
    (fault,) = near.faults
    assert fault.present and fault.source == "human"
    assert fault.severity == pytest.approx(2 / 3)


def test_webdataset_and_our_own_come_back_as_they_were(back, dataset, tmp_path):
    clips = back("webdataset", "")
    there = import_dataset(dataset.folder, "formbench", tmp_path / "own", licence="MIT")

    assert set(clips) == set(there.clip_ids) == {"near", "far"}
    for name in ("truth.npz", "clip.json"):
        for folder in (tmp_path / "back", tmp_path / "own"):
            got = folder / "clips" / "near" / name
            assert got.read_bytes() == (dataset.folder / "clips" / "near" / name).read_bytes()
    assert read_clip(tmp_path / "own" / "clips" / "far").clip_id == "far"


class Evil:
    def __reduce__(self):
        return (print, ("called",))


def test_a_pickle_that_calls_anything_is_refused(tmp_path, capsys):
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps({"annotations": Evil()}))
    with pytest.raises(FormbenchError, match=r"refused: the pickle asks for builtins\.print"):
        read_pickle(tmp_path / "evil.pkl")
    np.savez(tmp_path / "evil.npz", positions_2d=np.array(Evil(), dtype=object))
    with pytest.raises(FormbenchError, match=r"asks for builtins\.print"):
        import_dataset(
            tmp_path / "evil.npz", "videopose3d", tmp_path / "out", licence="MIT", hints=HINTS
        )
    assert capsys.readouterr().out == ""


def coco(tmp_path, **changes):
    person = {"image_id": 1, "keypoints": [1, 1, 2] * 17, "bbox": [0, 0, 2, 2]}
    image = {"id": 1, "file_name": "v/1.jpg", "width": 64, "height": 48}
    stored = {"images": [image], "annotations": [person], "categories": []}
    (tmp_path / "coco.json").write_text(json.dumps(stored | changes))
    return tmp_path / "coco.json"


def test_what_is_not_as_it_should_be_is_refused(tmp_path):
    def bring(path, name="coco", hints=HINTS, labels=None):
        import_dataset(path, name, tmp_path / "out", licence="MIT", hints=hints, labels=labels)

    one = coco(tmp_path)
    with pytest.raises(FormbenchError, match="does not say the frame rate: give --fps"):
        bring(one, hints=Hints())
    with pytest.raises(FormbenchError, match="no such file or folder"):
        bring(tmp_path / "none.json")
    with pytest.raises(FormbenchError, match="format to import: no 'cocoa'"):
        bring(one, "cocoa")
    with pytest.raises(FormbenchError, match="expected OpenPose's files"):
        bring(tmp_path, "openpose")
    with pytest.raises(FormbenchError, match="expected 'annotations', a list"):
        bring(coco(tmp_path, annotations=None))
    two = [{"image_id": 1, "keypoints": [1, 1, 2] * 17, "bbox": [0, 0, 2, 2]}] * 2
    with pytest.raises(FormbenchError, match="image 1: expected one person, got two"):
        bring(coco(tmp_path, annotations=two))
    image = {"id": 1, "file_name": "v/1.jpg", "width": 64, "height": 48, "faults": ["bad"]}
    with pytest.raises(FormbenchError, match="no fault is called 'bad'; give a label map"):
        bring(coco(tmp_path, images=[image]))
    (tmp_path / "coco.json").write_text("{")
    with pytest.raises(FormbenchError, match="damaged JSON"):
        bring(tmp_path / "coco.json")
    assert not (tmp_path / "out").exists()


def test_a_label_map_names_only_faults_that_there_are(tmp_path):
    path = tmp_path / "labels.yaml"
    path.write_text("1: squat.rounded_back\ngood: clean\n")
    assert read_label_map(path) == {"1": "squat.rounded_back", "good": "clean"}
    path.write_text("1: squat.rounded_bock\n")
    with pytest.raises(FormbenchError, match=r"squat\.rounded_back"):
        read_label_map(path)
