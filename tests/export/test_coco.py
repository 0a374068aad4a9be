import contextlib
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from export.dataset import read_dataset, seal_dataset
from export.formats.table import export_dataset
from export.splits import split_by_subject
from motions.conventions import COCO_17
from motions.errors import FormbenchError
from simulator.rendering.images import read_image
from simulator.rendering.video import VideoWriter


def quietly(call, *args):
    with contextlib.redirect_stdout(io.StringIO()):
        return call(*args)


def average_precision(truth: COCO, results: list[dict], kind: str) -> float:
    evaluation = COCOeval(truth, quietly(truth.loadRes, results), kind)
    for step in (evaluation.evaluate, evaluation.accumulate, evaluation.summarize):
        quietly(step)
    return evaluation.stats[0]


@pytest.mark.parametrize("distance_m", [3.0, 1.0])
def test_the_truth_scored_against_itself_is_perfect(make_dataset, make_clip, tmp_path, distance_m):
    clip = make_clip(masks=True, distance_m=distance_m, n_cameras=3)
    # One camera looks away: images without any person.
    away = replace(
        clip.views[2].camera,
        T_world_cam=clip.views[2].camera.T_world_cam @ np.diag([-1.0, 1, -1, 1]),
    )
    nobody = replace(
        clip.views[2],
        camera=away,
        keypoints_px={n: np.full_like(p, np.nan) for n, p in clip.views[2].keypoints_px.items()},
        visibility={n: np.zeros_like(v) for n, v in clip.views[2].visibility.items()},
        box_px=np.zeros_like(clip.views[2].box_px),
    )
    folder = make_dataset([replace(clip, views=(*clip.views[:2], nobody))])
    export_dataset(read_dataset(folder), "coco", tmp_path / "coco")
    truth = quietly(COCO, tmp_path / "coco" / "annotations" / "all.json")
    results = [annotation | {"score": 1.0} for annotation in truth.anns.values()]

    assert (len(truth.imgs), len(truth.anns)) == (60, 40)
    assert average_precision(truth, results, "keypoints") == 1.0
    assert average_precision(truth, results, "bbox") == 1.0
    assert average_precision(truth, results, "segm") == 1.0
    # And it can fail: points 100 px off are other points.
    moved = [
        {**r, "keypoints": (np.array(r["keypoints"]) + [100, 0, 0] * 17).tolist()} for r in results
    ]
    assert average_precision(truth, moved, "keypoints") < 0.5


# pycocotools' own decoder meets numpy 2 with an old protocol.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_each_value_is_the_clips_own(make_dataset, make_clip, tmp_path):
    clip = make_clip(faults={"rounded_back": 40.0}, distance_m=1.0, masks=True)
    export_dataset(read_dataset(make_dataset([clip])), "coco", tmp_path / "coco", every=5)
    truth = quietly(COCO, tmp_path / "coco" / "annotations" / "all.json")
    (side,) = [i for i in truth.imgs.values() if (i["camera"], i["frame_index"]) == ("side", 15)]
    (annotation,) = truth.loadAnns(truth.getAnnIds(side["id"]))
    view = clip.view("side")
    points = np.array(annotation["keypoints"]).reshape(17, 3)
    left, top, right, bottom = view.box_px[15]

    assert side == {
        "id": 1 + 20 + 15,
        "file_name": "clip_000000/side/000015.jpg",
        "width": 640,
        "height": 480,
        "clip_id": "clip_000000",
        "camera": "side",
        "frame_index": 15,
        "subject_id": "ada",
        "exercise": "squat",
        "faults": ["squat.rounded_back"],
    }
    assert points[:, 2].tolist() == view.visibility["coco17"][15].tolist()
    assert set(points[:, 2]) == {0, 1, 2}
    np.testing.assert_allclose(
        points[points[:, 2] > 0, :2],
        view.keypoints_px["coco17"][15][points[:, 2] > 0],
        atol=0.0005,
    )
    assert not points[points[:, 2] == 0].any()
    assert annotation["num_keypoints"] == (points[:, 2] > 0).sum()
    np.testing.assert_allclose(
        annotation["bbox"], [left, top, right - left, bottom - top], atol=0.0005
    )
    # The mask is the box rounded outwards.
    width, height = np.ceil(right) - np.floor(left), np.ceil(bottom) - np.floor(top)
    assert annotation["area"] == truth.annToMask(annotation).sum() == width * height
    assert annotation["iscrowd"] == 0
    assert sorted(i["frame_index"] for i in truth.imgs.values()) == [0, 0, 5, 5, 10, 10, 15, 15]


def test_the_category_is_cocos_person(dataset_folder, tmp_path):
    export_dataset(read_dataset(dataset_folder), "coco", tmp_path / "coco", every=20)
    truth = quietly(COCO, tmp_path / "coco" / "annotations" / "all.json")
    (person,) = truth.loadCats(truth.getCatIds(["person"]))

    assert tuple(person["keypoints"]) == COCO_17.keypoint_names
    assert len(person["skeleton"]) == 19
    bones = {
        tuple(sorted(COCO_17.keypoint_names[i - 1] for i in bone)) for bone in person["skeleton"]
    }
    assert ("left_ankle", "left_knee") in bones
    assert ("right_elbow", "right_shoulder") in bones


def test_a_split_gives_one_file_a_side_and_ids_stay(dataset_folder, tmp_path):
    dataset = read_dataset(dataset_folder)
    split = split_by_subject(dataset, 0.25, 0)
    seen = []
    export_dataset(dataset, "coco", tmp_path / "whole", every=10)
    export_dataset(
        dataset,
        "coco",
        tmp_path / "split",
        every=10,
        split=split,
        on_clip=lambda *done: seen.append(done),
    )

    def images(path):
        return {i["id"]: i for i in json.loads(path.read_text())["images"]}

    whole = images(tmp_path / "whole" / "annotations" / "all.json")
    train = images(tmp_path / "split" / "annotations" / "train.json")
    validation = images(tmp_path / "split" / "annotations" / "validation.json")
    assert (len(train), len(validation)) == (12 * 2 * 2, 4 * 2 * 2)
    assert train | validation == whole
    assert {split.subjects[i["subject_id"]] for i in validation.values()} == {"validation"}
    assert seen == [(done, 16) for done in range(17)]
    about = json.loads((tmp_path / "split" / "export.json").read_text())
    assert about["dataset_sha256"] == dataset.content_sha256
    assert about["clips"] == {"train": 12, "validation": 4}
    assert "3D" in about["lost"][0]


def test_the_same_request_gives_the_same_bytes(dataset_folder, tmp_path):
    for name in ("one", "two"):
        export_dataset(read_dataset(dataset_folder), "coco", tmp_path / name, every=7)
    one, two = (
        {p.name: p.read_bytes() for p in (tmp_path / name).rglob("*.json")}
        for name in ("one", "two")
    )

    assert one == two
    assert len(one) == 2


def test_pictures_are_the_frames_of_the_video(make_dataset, make_clip, tmp_path):
    clip = make_clip(n_cameras=1, n_reps=1)
    clip = replace(clip, views=(replace(clip.views[0], video="front.mp4"),))
    folder = make_dataset([clip])
    with VideoWriter(folder / "clips" / clip.clip_id / "front.mp4", 640, 480, 10.0) as video:
        for frame in range(10):
            video.write(np.full((480, 640, 3), 20 * frame, dtype=np.uint8))
    export_dataset(seal_dataset(folder), "coco", tmp_path / "coco", every=4, images=True)
    truth = json.loads((tmp_path / "coco" / "annotations" / "all.json").read_text())
    pictures = tmp_path / "coco" / "images"

    assert [i["file_name"] for i in truth["images"]] == sorted(
        p.relative_to(pictures).as_posix() for p in pictures.rglob("*.jpg")
    )
    for image in truth["images"]:
        grey = read_image(pictures / image["file_name"])
        assert abs(grey.mean() - 20 * image["frame_index"]) < 3
        assert image["video"] == "clips/clip_000000/front.mp4"


def test_what_cannot_be_exported_is_refused_and_leaves_nothing(dataset_folder, tmp_path):
    dataset = read_dataset(dataset_folder)
    out = tmp_path / "out"
    for how, message in (
        ({"format_name": "cocoo"}, "format: no 'cocoo'. Did you mean 'coco'"),
        ({"every": 0}, "expected every 1st, 2nd, ... frame, got every 0"),
        ({"images": True}, "clip clip_000000: no pictures: camera front has no video"),
    ):
        with pytest.raises(FormbenchError, match=message):
            export_dataset(dataset, **({"format_name": "coco", "out": out} | how))
        assert [path.name for path in tmp_path.iterdir()] == ["dataset"]
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(FormbenchError, match="expected a new or empty folder"):
        export_dataset(dataset, "coco", out)
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_a_video_with_too_few_frames_is_refused(make_dataset, make_clip, tmp_path):
    clip = make_clip(n_cameras=1, n_reps=1)
    folder = make_dataset([replace(clip, views=(replace(clip.views[0], video="front.mp4"),))])
    with VideoWriter(folder / "clips" / clip.clip_id / "front.mp4", 640, 480, 10.0) as video:
        video.write(np.zeros((480, 640, 3), dtype=np.uint8))
    with pytest.raises(FormbenchError, match=r"expected 10 frames in front.mp4, got 1"):
        export_dataset(seal_dataset(folder), "coco", tmp_path / "coco", images=True)
