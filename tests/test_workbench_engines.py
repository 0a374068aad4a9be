"""Commands on engines: the same bytes from this process, from two processes and from Ray."""

import json
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster
from typer.testing import CliRunner

import workbench
from export import audit, parting
from export.dataset import seal_dataset
from simulator.config import parse_config
from simulator.generate import generate

CONFIG = parse_config(
    {
        "seed": 0, "exercises": ["squat"], "subjects": 4, "reps": 1, "fps": 10, "body": "stick",
        "render": False, "faults": [{"fault": "rounded_back", "severity": 1}],
    },
    "this test",
)  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Eight clips of four people."""
    folder = tmp_path_factory.mktemp("data") / "data"
    generate(CONFIG, folder, 1)
    seal_dataset(folder)
    return folder


@pytest.fixture(scope="module")
def engines():
    """What is added to a command, by the name of the engine; Ray has three nodes."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(3):
        cluster.add_node(num_cpus=1)
    yield {
        "here": [],
        "processes": ["--workers", "2"],
        "ray": ["--engine", "ray", "--address", cluster.address],
    }
    cluster.shutdown()


@pytest.fixture
def run():
    """Runs a command and returns what it prints as JSON."""

    def ran(*arguments):
        done = CliRunner().invoke(workbench.app, [*map(str, arguments), "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return ran


def all_bytes(folder):
    return {
        p.relative_to(folder): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.name != "cost.json"  # time and memory
    }


@pytest.mark.parametrize(
    "command",
    [
        ("export", "--format", "coco"),
        ("export", "--format", "bvh"),
        ("poses", "--by", "truth"),
        ("evaluate", "--scorer", "dtw", "--alone", "--suite"),
    ],
    ids=lambda command: " ".join(command[:3]),
)
def test_files_are_the_same_from_every_engine(command, data, engines, run, tmp_path, monkeypatch):
    monkeypatch.setattr(parting, "LOT", 2)
    for name, options in engines.items():
        if command[0] == "evaluate" and name == "processes":
            options = ["--engine", "local", *options]  # there, --workers alone is for its suites
        run(*command, data, "-o", tmp_path / name, *options)
    found = {name: all_bytes(tmp_path / name) for name in engines}

    assert found["here"]
    assert found["processes"] == found["here"]
    assert found["ray"] == found["here"]


def test_an_audit_says_the_same_from_every_engine(data, engines, run, monkeypatch):
    monkeypatch.setattr(audit, "LOT", 2)
    found = {name: run("audit", data, *options) for name, options in engines.items()}

    assert found["here"]["clips"] == 8
    assert found["processes"] == found["here"]
    assert found["ray"] == found["here"]
