"""The labelstudio export, taken in by a real Label Studio and given back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from export.dataset import read_dataset
from export.formats.table import export_dataset
from simulator.clip import Clip

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]


def test_a_server_takes_every_task_and_keeps_every_point(
    label_studio: Any,
    make_dataset: Callable[..., Path],
    make_clip: Callable[..., Clip],
    tmp_path: Path,
) -> None:
    dataset = read_dataset(make_dataset([make_clip(n_reps=1)]))
    export_dataset(dataset, "labelstudio", tmp_path / "out", every=5)
    tasks = json.loads((tmp_path / "out" / "all.json").read_text())
    config = (tmp_path / "out" / "config.xml").read_text()
    project = label_studio.client.create_project("exported", config, annotators_per_task=1)
    # Our client tells tasks by their uid.
    told = [{**t, "data": {**t["data"], "uid": str(i)}} for i, t in enumerate(tasks)]
    label_studio.client.import_tasks(project, told)

    back = {task.uid: task for task in label_studio.client.tasks(project, None)}
    assert len(back) == len(tasks) == 2 * 2
    for index, task in enumerate(tasks):
        (kept,) = back[str(index)].annotations
        sent = task["annotations"][0]["result"]
        assert [r["value"] for r in kept["result"]] == [r["value"] for r in sent]
        assert [r["from_name"] for r in kept["result"]] == [r["from_name"] for r in sent]
