import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from label_studio_sdk.label_interface import LabelInterface

from export.dataset import Dataset, read_dataset
from labeling.folder import LabelFolder, read_label_folder
from labeling.labels import PoseLabels
from labeling.predictions import TEMPLATE_MODEL, TRUTH_MODEL
from labeling.prepare import Wishes, prepare_labelling
from labeling.tasks import truth
from motions.errors import FormbenchError
from simulator.clip import Clip
from simulator.rendering.images import read_image

EVEN = Wishes(mixed_frames=False)


def show_all(dataset: Dataset, out: Path, wishes: Wishes = EVEN, **more: Any) -> LabelFolder:
    """Ask about every view of every clip, in evenly spaced frames."""
    return prepare_labelling(out, dataset=dataset, wishes=wishes, **more)


FilmedDataset = Callable[..., Dataset]


def hashes(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def tasks_json(folder: Path, kind: str) -> list[dict[str, Any]]:
    return json.loads((folder / f"{kind}.json").read_text())


def test_a_folder_holds_every_kind_and_all_its_media(
    filmed_dataset: FilmedDataset, tmp_path: Path
) -> None:
    dataset = filmed_dataset()
    written = show_all(dataset, tmp_path / "out", Wishes(mixed_frames=False, with_truth=True))
    assert written == read_label_folder(tmp_path / "out")
    assert written.kinds == ("poses", "repetitions", "faults")
    # Two clips of two cameras; repetitions are marked in the first camera only.
    assert Counter(task.kind for task in written.tasks) == {
        "poses": 4,
        "repetitions": 2,
        "faults": 4,
    }
    shown = set()
    for kind in written.kinds:
        config = LabelInterface(written.interface(kind))
        config.validate()
        for task in tasks_json(tmp_path / "out", kind):
            urls = task["data"].get("frames") or [task["data"]["video"]]
            shown |= {url.removeprefix("/data/local-files/?d=media/") for url in urls}
            (prediction,) = task["predictions"]
            assert prediction["model_version"] == TRUTH_MODEL
            assert config.validate_prediction(prediction, return_errors=True) == []
    assert shown == {path.name for path in (tmp_path / "out" / "media").iterdir()}


def test_answers_are_the_truth_of_the_dataset(
    filmed_dataset: FilmedDataset, tmp_path: Path
) -> None:
    dataset = filmed_dataset()
    written = show_all(dataset, tmp_path / "out")
    assert len(written.answers) == len(written.tasks)
    for task in written.tasks:
        assert written.answers[task.uid] == truth(task, dataset.clip(task.clip_id))


def test_images_are_the_frames_that_the_key_says(
    filmed_dataset: FilmedDataset, tmp_path: Path
) -> None:
    written = show_all(filmed_dataset(), tmp_path / "out")
    pages = [page for task in written.tasks for page in task.pages]
    assert sorted({page.frame_index for page in pages}) == [3, 10, 16]  # of 20
    for page in pages:
        grey = read_image(tmp_path / "out" / "media" / page.image).mean()
        assert grey == pytest.approx(20 + 10 * page.frame_index, abs=3)


def test_without_truth_nothing_of_the_truth_reaches_label_studio(
    filmed_dataset: FilmedDataset, tmp_path: Path
) -> None:
    written = show_all(filmed_dataset(), tmp_path / "out")
    for kind in written.kinds:
        for task in tasks_json(tmp_path / "out", kind):
            assert set(task["data"]) <= {"uid", "exercise", "frames", "video", "fps", "n_frames"}
            models = [p["model_version"] for p in task["predictions"]]
            assert models == ([TEMPLATE_MODEL] if kind == "poses" else [])
            assert "clip_" not in json.dumps(task)
    names = [path.name for path in (tmp_path / "out" / "media").iterdir()]
    assert all(re.fullmatch(r"[0-9a-f]{16}\.(jpg|mp4)", name) for name in names)


def test_the_same_dataset_gives_the_same_bytes(
    filmed_dataset: FilmedDataset, tmp_path: Path
) -> None:
    dataset = filmed_dataset()
    for name in ("a", "b"):
        show_all(dataset, tmp_path / name)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


def test_addresses_start_at_the_document_root(
    filmed_dataset: FilmedDataset, tmp_path: Path
) -> None:
    out = tmp_path / "served" / "my labels"
    show_all(filmed_dataset(), out, document_root=tmp_path / "served")
    url = tasks_json(out, "repetitions")[0]["data"]["video"]
    assert url.startswith("/data/local-files/?d=my%20labels/media/")
    with pytest.raises(FormbenchError, match="inside the document root"):
        show_all(filmed_dataset(name="again"), tmp_path / "o", document_root=tmp_path / "served")


def test_media_may_be_elsewhere(filmed_dataset: FilmedDataset, tmp_path: Path) -> None:
    for name, url in (("a", "s3://bucket/squats"), ("b", "https://media.example/x/")):
        out = tmp_path / name
        folder = show_all(filmed_dataset(name=f"data_{name}"), out, media_url=url)
        shown = folder.tasks_of("repetitions")[0].video
        address = tasks_json(out, "repetitions")[0]["data"]["video"]
        assert address == f"{url.removesuffix('/')}/{shown}"
        assert url in (out / "README.txt").read_text()


def test_kinds_cameras_and_frames_are_as_asked(
    filmed_dataset: FilmedDataset, tmp_path: Path
) -> None:
    wishes = Wishes(
        kinds=("clip_faults", "poses"), cameras=("side",), frames_per_view=50, mixed_frames=False
    )
    written = prepare_labelling(tmp_path / "out", dataset=filmed_dataset(), wishes=wishes)
    assert written.kinds == ("poses", "clip_faults")
    assert {page.camera for task in written.tasks for page in task.pages} == {"side"}
    poses = [task for task in written.tasks if task.kind == "poses"]
    assert [[page.frame_index for page in task.pages] for task in poses] == [list(range(20))] * 2
    answer = written.answers[poses[0].uid]
    assert isinstance(answer, PoseLabels)
    assert len(answer.poses) == 20


def test_a_folder_in_use_is_left_alone(filmed_dataset: FilmedDataset, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(FormbenchError, match="expected a new or empty folder"):
        show_all(filmed_dataset(), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_failure_leaves_nothing_behind(filmed_dataset: FilmedDataset, tmp_path: Path) -> None:
    dataset = filmed_dataset()
    (dataset.clip_folder("clip_000001") / "side.mp4").write_bytes(b"broken")
    with pytest.raises(FormbenchError, match=r"side\.mp4: not a video that can be read"):
        show_all(dataset, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out*"))


def test_clips_without_videos_are_refused_by_name(
    make_dataset: Callable[..., Path], make_clip: Callable[..., Clip], tmp_path: Path
) -> None:
    dataset = read_dataset(make_dataset([make_clip(clip_id="clip_000003")]))
    with pytest.raises(FormbenchError, match=r"clip clip_000003: .*without --keypoints-only"):
        show_all(dataset, tmp_path / "out")


def test_unknown_kinds_and_foreign_folders_are_refused(
    filmed_dataset: FilmedDataset, tmp_path: Path
) -> None:
    with pytest.raises(FormbenchError, match="Did you mean 'faults'"):
        Wishes(kinds=("fault",))
    with pytest.raises(FormbenchError, match=r"not a labelling folder: it has no key\.json"):
        read_label_folder(tmp_path)
