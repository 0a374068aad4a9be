"""One config gives one dataset, wherever it is made and whatever dies on the way."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ray import cloudpickle
from ray.cluster_utils import Cluster

from export.dataset import seal_dataset, verify_dataset
from motions.errors import FormbenchError
from simulator.config import config_text, parse_config
from simulator.engines.choice import engine_of
from simulator.engines.engine import Unit
from simulator.generate import generate
from simulator.shards import Shard, merge

GIVEN = {
    "seed": 0, "exercises": ["squat"], "subjects": 4, "reps": 1, "fps": 10, "body": "stick",
    "render": False, "faults": [{"fault": "rounded_back", "severity": 1}],
}  # fmt: skip
CONFIG = parse_config(GIVEN, "this test")
N_CLIPS = 8


def sealed(folder: Path) -> str:
    dataset = seal_dataset(folder)
    assert len(dataset.rows) == N_CLIPS
    assert verify_dataset(folder).ok
    return dataset.content_sha256


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The hash of the dataset made in this machine's processes."""
    folder = tmp_path_factory.mktemp("expected") / "data"
    assert generate(CONFIG, folder, 1) == N_CLIPS
    return sealed(folder)


@pytest.fixture
def cluster():
    """A Ray cluster of a head that does no work and three nodes of one core."""
    started = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(3):
        started.add_node(num_cpus=1)
    yield started
    started.shutdown()


def test_a_ray_of_this_machine_gives_the_same_dataset(expected, tmp_path):
    assert generate(CONFIG, tmp_path / "ray", engine=engine_of("ray", workers=2)) == N_CLIPS
    assert sealed(tmp_path / "ray") == expected


def test_a_killed_worker_changes_nothing(expected, tmp_path):
    killed = []

    def kill(done, total):
        if done == 2:
            (worker, *_) = multiprocessing.active_children()
            os.kill(worker.pid, signal.SIGKILL)
            killed.append(worker.pid)

    assert generate(CONFIG, tmp_path / "data", 2, kill) == N_CLIPS
    assert len(killed) == 1
    assert sealed(tmp_path / "data") == expected


def test_a_node_that_is_lost_in_the_middle_changes_nothing(expected, cluster, tmp_path):
    lost = []

    def lose(done, total):
        if done >= 2 and not lost:
            lost.append(cluster.worker_nodes.copy().pop())
            cluster.remove_node(lost[0], allow_graceful=False)

    engine = engine_of("ray", address=cluster.address)
    assert generate(CONFIG, tmp_path / "data", on_clip=lose, engine=engine) == N_CLIPS
    assert len(lost) == 1
    assert sealed(tmp_path / "data") == expected


def test_a_driver_that_is_killed_goes_on_where_it_was(expected, cluster, tmp_path):
    folder, file, script = tmp_path / "data", tmp_path / "config.yaml", tmp_path / "run.py"
    file.write_text(config_text(CONFIG), encoding="utf-8")
    script.write_text(
        "import sys; from pathlib import Path; from simulator.config import read_config\n"
        "from simulator.engines.choice import engine_of; from simulator.generate import generate\n"
        "config, folder, address = sys.argv[1:]\n"
        "engine = engine_of('ray', address=address)\n"
        "generate(read_config(Path(config)), Path(folder), engine=engine)",
        encoding="utf-8",
    )
    run = subprocess.Popen([sys.executable, str(script), str(file), str(folder), cluster.address])
    deadline = time.monotonic() + 120
    while not list(folder.glob("clips/clip_*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    run.kill()
    run.wait()
    there = len(list(folder.glob("clips/clip_*")))

    assert 0 < there < N_CLIPS
    made = generate(CONFIG, folder, engine=engine_of("ray", address=cluster.address))
    assert made <= N_CLIPS - there
    assert sealed(folder) == expected


def test_shards_of_both_engines_merge_to_the_same_dataset(expected, tmp_path):
    generate(CONFIG, tmp_path / "1", 1, shard=Shard(1, 2))
    generate(CONFIG, tmp_path / "2", shard=Shard(2, 2), engine=engine_of("ray", workers=1))
    merge([tmp_path / "2", tmp_path / "1"], tmp_path / "merged")

    assert sealed(tmp_path / "merged") == expected


def test_what_an_engine_cannot_be_is_told(tmp_path):
    with pytest.raises(FormbenchError, match=r"engine: no 'rya'\. Did you mean 'ray'"):
        engine_of("rya")
    with pytest.raises(FormbenchError, match="an address and gpus are Ray's; add --engine ray"):
        engine_of("local", address="auto")
    with pytest.raises(FormbenchError, match="a cluster has as many as it has cores"):
        engine_of("ray", workers=2, address="auto")


@pytest.mark.parametrize("address", ["127.0.0.1:9", "nowhere"])
def test_no_cluster_at_an_address_is_one_line_and_makes_nothing(tmp_path, address):
    with pytest.raises(FormbenchError, match=f"^no Ray at {address}: ") as stop:
        generate(CONFIG, tmp_path / "data", engine=engine_of("ray", address=address))

    assert "\n" not in str(stop.value)
    assert list((tmp_path / "data" / "clips").iterdir()) == []


def test_each_worker_draws_on_the_card_that_ray_gives_it(tmp_path):
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    units = [Unit(str(i), f"unit {i}", None) for i in range(2)]
    outcomes = engine_of("ray", workers=1, gpus=1).run(_device, units, {})

    assert [outcome.result for outcome in outcomes] == ["0", "0"]


def _device(_):
    return os.environ["GLCONTEXT_DEVICE_INDEX"]
