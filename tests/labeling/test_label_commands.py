"""`workbench label` as a user types it: mistakes without a server, and the whole loop with one."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import workbench
from export.dataset import Dataset
from labeling.folder import read_label_folder
from labeling.predictions import to_results
from labeling.server import start_server


@pytest.fixture
def run(capfd: Any) -> Callable[..., tuple[int, str, str]]:
    """Run a command line in this process; returns exit code, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            workbench.main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def tasks(run: Any, filmed_dataset: Callable[..., Dataset], tmp_path: Path) -> Path:
    """What `label tasks` writes of a dataset of two clips."""
    folder = tmp_path / "tasks"
    assert run("label", "tasks", filmed_dataset().folder, "-o", folder, "--kind", "faults")[0] == 0
    return folder


def test_without_a_server_the_way_to_one_is_told(run: Any, tasks: Path, tmp_path: Path) -> None:
    for command in ("push", "pull"):
        code, _, err = run("label", command, tasks, "--data-dir", tmp_path / "none")
        assert code == 1
        assert "start one with `workbench label up`" in err


def test_another_server_wants_a_token(
    run: Any, tasks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LABEL_STUDIO_API_KEY", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, _, err = run("label", "push", tasks, "--url", "http://127.0.0.1:9")
    assert code == 1
    assert "set LABEL_STUDIO_API_KEY" in err


def test_agreement_needs_answers(run: Any, tasks: Path, tmp_path: Path) -> None:
    code, _, err = run("label", "agree", tasks, "-o", tmp_path / "trust")
    assert code == 1
    assert "holds no annotations; pull some first" in err
    assert not (tmp_path / "trust").exists()


def test_neither_dataset_nor_footage_makes_no_task(run: Any, tmp_path: Path) -> None:
    code, _, err = run("label", "tasks", "-o", tmp_path / "tasks")
    assert code == 1
    assert "nothing given makes a task" in err
    assert not (tmp_path / "tasks").exists()


def test_down_where_nothing_runs_says_so(run: Any, tmp_path: Path) -> None:
    assert run("label", "down", "--data-dir", tmp_path) == (0, f"{tmp_path}: no server runs\n", "")


@pytest.mark.labelstudio
@pytest.mark.xdist_group("labelstudio")
def test_the_whole_loop_by_command(
    run: Any, label_studio: Any, filmed_dataset: Callable[..., Dataset], tmp_path: Path
) -> None:
    folder = label_studio.document_root / "by command"
    own = ("--data-dir", label_studio.server.data_dir)
    up = run("label", "up", "--media-root", label_studio.document_root, *own, "--json")
    assert up[0] == 0
    assert json.loads(up[1])[0]["address"] == label_studio.server.url

    about = ("-o", folder, "--media-root", label_studio.document_root, "--kind", "faults")
    assert run("label", "tasks", filmed_dataset().folder, *about)[0] == 0
    for n_new in (4, 0):
        code, out, _ = run("label", "push", folder, "--name", "commands", *own, "--json")
        assert code == 0
        (pushed,) = json.loads(out)
        assert (pushed["new"], pushed["there"]) == (n_new, 4 - n_new)

    project = label_studio.client.find_project("commands: faults")
    ids = label_studio.client.uids(project)
    written = read_label_folder(folder)
    for task in written.tasks:
        results = to_results(task, written.answers[task.uid])
        label_studio.sdk.annotations.create(id=ids[task.uid], result=results, lead_time=3.0)
    code, out, _ = run("label", "pull", folder, "--name", "commands", *own)
    assert code == 0
    assert out.splitlines()[1].split() == ["faults", "4", "4", "0", "0"]

    code, out, _ = run("label", "agree", folder, "-o", tmp_path / "trust", "--json")
    assert code == 0
    (person,) = json.loads(out)
    assert (person["annotator"], person["answered"]) == ("admin@formbench.local", 4)
    assert "admin@formbench.local" in (tmp_path / "trust" / "trust.html").read_text()


@pytest.mark.labelstudio
@pytest.mark.xdist_group("labelstudio")
def test_down_stops_what_up_started(run: Any, label_studio: Any, tmp_path: Path) -> None:
    start_server(tmp_path / "data", tmp_path, port=0)
    assert run("label", "down", "--data-dir", tmp_path / "data")[1] == "stopped\n"
    assert run("label", "down", "--data-dir", tmp_path / "data")[1].endswith("no server runs\n")
