"""Formats read back by the readers that their users have, each in a process of its own."""

from dataclasses import replace

import numpy as np
import pytest

from export.dataset import read_dataset, seal_dataset
from export.formats.table import export_dataset
from export.splits import split_by_subject
from motions.conventions import COCO_17
from simulator.rendering.video import VideoWriter

pytestmark = [pytest.mark.readers, pytest.mark.xdist_group("readers")]

NAMES = list(COCO_17.keypoint_names)


@pytest.fixture
def dataset(make_dataset, make_clip):
    """Two people with videos; of one hands, head and feet are outside of the image."""
    near = make_clip(clip_id="near", subject_id="ben", distance_m=1.0)
    clips = []
    for clip in (make_clip(clip_id="far", subject_id="ada"), near):
        views = tuple(replace(view, video=f"{view.camera.name}.mp4") for view in clip.views)
        clips.append(replace(clip, views=views))
    folder = make_dataset(clips)
    for clip in clips:
        for view in clip.views:
            with VideoWriter(folder / "clips" / clip.clip_id / view.video, 640, 480, 10.0) as video:
                for _ in range(clip.n_frames):
                    video.write(np.full((480, 640, 3), 90, dtype=np.uint8))
    seal_dataset(folder)
    return read_dataset(folder)


@pytest.fixture
def exported(dataset, tmp_path):
    """A function that exports with ada and ben on a side each; returns folder and side by clip."""
    split = split_by_subject(dataset, 0.5, 0)
    sides = {row.clip_id: split.subjects[row.subject_id] for row in dataset.rows}

    def export(name, **how):
        export_dataset(dataset, name, tmp_path / name, split=split, **how)
        return tmp_path / name, sides

    return export


def expected(dataset, clip_id, camera, frame):
    """Return points and visibility of one picture."""
    view = dataset.clip(clip_id).view(camera)
    return view.keypoints_px["coco17"][frame], view.visibility["coco17"][frame]


BY_ULTRALYTICS = """
import json, sys
from pathlib import Path
from ultralytics.data.utils import verify_image_label

found = {}
for image in sorted(Path(sys.argv[1]).rglob("images/*/*.jpg")):
    label = str(image).replace("/images/", "/labels/").replace(".jpg", ".txt")
    _, rows, _, _, points, missing, there, empty, corrupt, said = verify_image_label(
        (str(image), label, "", True, 1, 17, 3, False)
    )
    counts = [missing, there, empty, corrupt]
    values = [None if corrupt else array.tolist() for array in (rows, points)]
    found[image.stem] = [*values, counts, said]
print(json.dumps(found))
"""


def test_ultralytics_takes_every_picture_with_its_label(exported, dataset, read_by):
    folder, _ = exported("yolo", every=5, images=True)
    found = read_by(BY_ULTRALYTICS, folder)

    assert len(found) == 2 * 2 * 4
    for name, (rows, points, counts, said) in found.items():
        clip_id, camera, frame = name.split("_")
        placed, seen = expected(dataset, clip_id, camera, int(frame))
        # Neither missing nor corrupt, and nothing to remark.
        assert (counts, said) == ([0, 1, 0, 0], "")
        (row,), (read,) = np.array(rows), np.array(points)
        left, top, right, bottom = dataset.clip(clip_id).view(camera).box_px[int(frame)]
        box = [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]
        np.testing.assert_allclose(row * [1, 640, 480, 640, 480], [0, *box], atol=0.001)
        assert read[:, 2].tolist() == seen.tolist()
        np.testing.assert_allclose(read[seen > 0, :2] * [640, 480], placed[seen > 0], atol=0.001)


def test_ultralytics_drops_a_picture_whose_points_leave_it(exported, read_by):
    # That it can refuse at all: the label check is no formality.
    folder, sides = exported("yolo", every=10, images=True)
    path = folder / "labels" / sides["far"] / "far_front_000000.txt"
    cells = path.read_text().split()
    path.write_text(" ".join([*cells[:5], "1.2", *cells[6:]]) + "\n")
    _, _, counts, said = read_by(BY_ULTRALYTICS, folder)["far_front_000000"]
    assert counts[3] == 1 and "corrupt" in said


BY_DATUMARO = """
import json, sys
from datumaro import AnnotationType, Dataset

dataset = Dataset.import_from(sys.argv[1], "cvat")
labels = [label.name for label in dataset.categories()[AnnotationType.label]]
items = {
    item.id: [
        item.subset,
        [[labels[a.label], *a.points, a.attributes["occluded"]] for a in item.annotations],
    ]
    for item in dataset
}
print(json.dumps([labels, items]))
"""


def test_datumaro_reads_cvat_s_points_with_what_hides_them(exported, dataset, read_by):
    folder, sides = exported("cvat", every=5, images=True)
    labels, items = read_by(BY_DATUMARO, folder)

    assert labels == ["person", *NAMES]
    assert len(items) == 2 * 2 * 4
    for name, (side, points) in items.items():
        clip_id, camera, frame = name.split("_")
        placed, seen = expected(dataset, clip_id, camera, int(frame))
        assert side == sides[clip_id]
        assert [label for label, *_ in points] == NAMES
        assert [occluded for *_, occluded in points] == (seen == 1).tolist()
        read = np.array([[u, v] for _, u, v, _ in points])
        # datumaro rounds to a hundredth of a pixel.
        np.testing.assert_allclose(read[seen > 0], placed[seen > 0], atol=0.0055)


BY_MOVEMENT = """
import json, sys
from movement.io import load_dataset

read = load_dataset(sys.argv[1], source_software=sys.argv[2], fps=float(sys.argv[3]))
print(json.dumps({
    "space": read.space.values.tolist(),
    "joints": read.keypoints.values.tolist(),
    "times_s": read.time.values.tolist(),
    "position": read.position.squeeze("individuals").values.tolist(),
    "confidence": read.confidence.squeeze("individuals").values.tolist(),
}))
"""


def test_movement_reads_deeplabcut_s_tracks(exported, dataset, read_by):
    folder, sides = exported("deeplabcut", every=2)
    path = folder / sides["near"] / "tracks" / "near_side.csv"
    read = read_by(BY_MOVEMENT, path, "DeepLabCut", 5)

    assert (read["space"], read["joints"]) == (["x", "y"], NAMES)
    np.testing.assert_allclose(read["times_s"], np.arange(10) / 5)
    position = np.array(read["position"]).transpose(0, 2, 1)
    confidence = np.array(read["confidence"]).reshape(10, 17)
    for row, frame in enumerate(range(0, 20, 2)):
        placed, seen = expected(dataset, "near", "side", frame)
        np.testing.assert_array_equal(confidence[row], seen / 2)
        assert (np.isnan(position[row]).all(axis=1) == (seen == 0)).all()
        np.testing.assert_allclose(position[row][seen > 0], placed[seen > 0], atol=0.0005)
