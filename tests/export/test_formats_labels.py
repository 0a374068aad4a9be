"""Formats of labelling tools, each read back by somebody else."""

import json
from xml.etree import ElementTree

import datasets
import numpy as np
import pandas
import pytest
import sleap_io
from label_studio_sdk.label_interface import LabelInterface

from export.dataset import read_dataset
from export.formats.table import export_dataset
from motions.conventions import COCO_17
from simulator.rendering.images import write_image


@pytest.fixture
def dataset(make_dataset, make_clip):
    """One person from near, whose hands, head and feet are outside of the image, and from far."""
    near = make_clip(clip_id="near", distance_m=1.0)
    return read_dataset(make_dataset([near, make_clip(clip_id="far", subject_id="bo")]))


@pytest.fixture
def exported(dataset, tmp_path):
    def export(name, **how):
        export_dataset(dataset, name, tmp_path / name, **how)
        return tmp_path / name

    return export


def points_of(view, frame):
    """The points as tools that know only missing ones have them."""
    seen = view.visibility["coco17"][frame] > 0
    return np.where(seen[:, None], view.keypoints_px["coco17"][frame], np.nan)


def test_sleap_io_reads_the_points_and_the_skeleton(exported, dataset):
    path = exported("sleap", every=5) / "all-000000.slp"
    labels = sleap_io.load_slp(str(path), open_videos=False)
    skeleton = labels.skeletons[0]

    assert skeleton.node_names == list(COCO_17.keypoint_names)
    assert [(a.name, b.name) for a, b in skeleton.edges] == list(COCO_17.bones)
    assert {frozenset(n.name for n in s.nodes) for s in skeleton.symmetries} == {
        frozenset((a, COCO_17.keypoint_names[m]))
        for a, m in zip(COCO_17.keypoint_names, COCO_17.mirror, strict=True)
        if COCO_17.keypoint_names[m] != a
    }
    assert len(labels) == 2 * 2 * 4
    for frame in labels:
        _, clip_id, video = frame.video.filename.split("/")
        view = dataset.clip(clip_id).view(video.removesuffix(".mp4"))
        np.testing.assert_array_equal(frame.instances[0].numpy(), points_of(view, frame.frame_idx))


def test_deeplabcut_s_table_is_read_by_pandas_and_sleap_io(exported, dataset):
    folder = exported("deeplabcut") / "all" / "labeled-data" / "near_front"
    path = folder / "CollectedData_formbench.csv"
    table = pandas.read_csv(path, header=[0, 1, 2], index_col=[0, 1, 2])
    view = dataset.clip("near").view("front")

    assert table.columns.get_level_values(0).unique().tolist() == ["formbench"]
    assert table.columns.get_level_values(1)[::2].tolist() == list(COCO_17.keypoint_names)
    assert table.index[3] == ("labeled-data", "near_front", "img000003.png")
    expected = np.stack([points_of(view, i) for i in range(view.box_px.shape[0])])
    np.testing.assert_allclose(table.to_numpy().reshape(-1, 17, 2), expected, atol=0.0005)
    for frame in range(len(expected)):  # it reads the rows whose pictures are there
        write_image(folder / f"img{frame:06d}.png", np.zeros((8, 8, 3), dtype=np.uint8))
    labels = sleap_io.load_dlc(str(path))
    names = [node.name for node in labels.skeletons[0].nodes]
    order = [names.index(name) for name in COCO_17.keypoint_names]
    read = {f.frame_idx: f.instances[0].numpy()[order] for f in labels if f.instances}
    np.testing.assert_allclose(read[3], expected[3], atol=0.0005)


def test_cvat_s_xml_has_its_documented_form(exported, dataset):
    root = ElementTree.parse(exported("cvat", every=10) / "all.xml").getroot()
    labels = root.findall("meta/task/labels/label")
    image = root.find("image[@name='near_side_000010.jpg']")
    skeleton = image.find("skeleton")
    view = dataset.clip("near").view("side")

    assert root.tag == "annotations" and root.findtext("version") == "1.1"
    assert root.findtext("meta/task/name") == "all"
    assert [label.findtext("type") for label in labels] == ["skeleton"] + ["points"] * 17
    assert {label.findtext("parent") for label in labels[1:]} == {"person"}
    drawn = ElementTree.fromstring(f"<svg>{labels[0].findtext('svg')}</svg>")
    circles = drawn.findall("circle")
    assert [c.get("data-label-name") for c in circles] == list(COCO_17.keypoint_names)
    lines = drawn.findall("line")
    ends = ([int(e.get(f"data-node-{end}")) - 1 for e in lines] for end in ("from", "to"))
    assert list(zip(*ends, strict=True)) == list(COCO_17.bone_indices)
    assert len({i.get("id") for i in root.findall("image")}) == 2 * 2 * 2
    points = skeleton.findall("points")
    assert [p.get("label") for p in points] == list(COCO_17.keypoint_names)
    seen = view.visibility["coco17"][10]
    assert [p.get("outside") == "1" for p in points] == (seen == 0).tolist()
    assert [p.get("occluded") == "1" for p in points] == (seen == 1).tolist()
    assert {0, 1} <= set(seen.tolist())
    for point, at, visible in zip(points, view.keypoints_px["coco17"][10], seen, strict=True):
        if visible:
            read = [float(x) for x in point.get("points").split(",")]
            np.testing.assert_allclose(read, at, atol=0.0005)


def test_label_studio_s_own_check_takes_every_task(exported, dataset):
    folder = exported("labelstudio", every=10)
    tasks = json.loads((folder / "all.json").read_text())
    interface = LabelInterface((folder / "config.xml").read_text())

    assert len(tasks) == 2 * 2 * 2
    interface.validate()
    for task in tasks:
        for region in task["annotations"][0]["result"]:
            assert interface.validate_region(region)
        view = dataset.clip(task["data"]["clip_id"]).view(task["data"]["camera"])
        frame = task["data"]["frame_index"]
        result = task["annotations"][0]["result"]
        points = {
            r["value"]["keypointlabels"][0]: (6.4 * r["value"]["x"], 4.8 * r["value"]["y"])
            for r in result if r["type"] == "keypointlabels"
        }  # fmt: skip
        expected = dict(zip(COCO_17.keypoint_names, points_of(view, frame), strict=True))
        there = {name: at for name, at in expected.items() if not np.isnan(at[0])}
        assert points.keys() == there.keys()
        for name, at in there.items():
            np.testing.assert_allclose(points[name], at)
        hidden = {r["id"] for r in result if r["value"].get("choices") == ["hidden"]}
        wanted = view.visibility["coco17"][frame]
        assert hidden == {
            f"kp_{n}" for n, v in zip(COCO_17.keypoint_names, wanted, strict=True) if v == 1
        }
        assert result[-1]["type"] == "rectanglelabels"
        box = result[-1]["value"]
        left_top = [6.4 * box["x"], 4.8 * box["y"]]
        np.testing.assert_allclose(left_top, view.box_px[frame][:2])


def test_hugging_face_datasets_loads_the_parquet_folder(exported, dataset, tmp_path):
    loaded = datasets.load_dataset(
        str(exported("parquet")), split="whole", cache_dir=str(tmp_path / "cache")
    )
    row = next(r for r in loaded if (r["clip_id"], r["rep"], r["camera"]) == ("far", 1, "side"))
    view = dataset.clip("far").view("side")

    assert len(loaded) == 2 * 2 * 2
    points = np.array(row["keypoints_px"]).reshape(row["n_frames"], 17, 2)
    np.testing.assert_allclose(points, view.keypoints_px["coco17"][10:20], rtol=1e-6)
