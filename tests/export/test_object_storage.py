"""Datasets in object storage: made there, read there, and what happens when it fails.

The storage is moto's server, an S3 of this machine. Before it stands a proxy that fails on demand.
"""

import http.client
import os
import socket
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import workbench
from export.dataset import read_dataset, seal_dataset, verify_dataset
from export.formats.table import export_dataset
from export.loader import PoseWindows, ShardStream
from motions.errors import FormbenchError
from motions.storage import place, write
from simulator.config import config_text, parse_config
from simulator.environments import make_environment
from simulator.generate import ClipsSetAside, generate
from simulator.shards import Shard, merge

pytestmark = [pytest.mark.moto, pytest.mark.xdist_group("moto")]

SECRET = "seekrit-key-of-nobody"
CONFIG = parse_config(
    {
        "seed": 0, "exercises": ["squat"], "subjects": 2, "reps": 1, "fps": 10, "body": "stick",
        "render": False, "faults": [{"fault": "rounded_back", "severity": 1}],
    },
    "this test",
)  # fmt: skip
N_CLIPS = 4


class Proxy(ThreadingHTTPServer):
    """Passes requests on to an S3, but those that `fails` picks, which it answers itself."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = port
        self.fails = lambda method, path: None
        self.seen: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.seen.append(f"{self.command} {self.path}")
        code = self.server.fails(self.command, self.path)
        if code is not None:
            self.close_connection = True
            status, name = code
            text = f"<Error><Code>{name}</Code><Message>injected</Message></Error>".encode()
            self._answer(status, text, {})
            return
        behind = http.client.HTTPConnection("127.0.0.1", self.server.behind)
        behind.request(self.command, self.path, body, dict(self.headers))
        answer = behind.getresponse()
        self._answer(answer.status, answer.read(), dict(answer.getheaders()))
        behind.close()

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        length = headers.get("Content-Length") if self.command == "HEAD" else len(body)
        self.send_header("Content-Length", str(length or 0))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass_on

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory) -> Iterator[Proxy]:
    python = make_environment("moto", lambda line: None) / "bin" / "python"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("moto") / "log").open("w")
    command = [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=log, stderr=log)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    with Proxy(port) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            server.kill()
            server.wait()
            log.close()


@pytest.fixture
def bucket(endpoint, monkeypatch, request) -> str:
    """The URL of a new bucket; the environment has what leads to it."""
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{endpoint.server_port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    endpoint.fails = lambda method, path: None
    endpoint.seen.clear()
    name = f"b{zlib.crc32(request.node.name.encode())}"
    asked = http.client.HTTPConnection("127.0.0.1", endpoint.behind)
    asked.request("PUT", f"/{name}")
    assert asked.getresponse().read() is not None
    asked.close()
    return f"s3://{name}/data"


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> Path:
    """The dataset, made in a folder."""
    folder = tmp_path_factory.mktemp("expected") / "data"
    generate(CONFIG, folder, 1)
    seal_dataset(folder)
    return folder


def test_a_dataset_is_made_and_read_by_its_url_as_in_a_folder(bucket, expected, tmp_path):
    url, here = place(bucket), read_dataset(expected)
    assert generate(CONFIG, url, 1) == N_CLIPS
    there = seal_dataset(url)

    assert there.content_sha256 == here.content_sha256
    assert list(there.rows) == list(here.rows)
    assert list(there.fault_rows()) == list(here.fault_rows())
    assert verify_dataset(url).ok
    assert generate(CONFIG, url, 1) == 0
    for dataset, name in ((there, "there"), (here, "here")):
        export_dataset(dataset, "coco", tmp_path / name)
    coco = [(tmp_path / n / "annotations" / "all.json").read_bytes() for n in ("there", "here")]
    assert coco[0] == coco[1]
    windows = [PoseWindows(folder) for folder in (url, expected)]
    assert [len(one) for one in windows] == [N_CLIPS * 2] * 2
    for there_one, here_one in zip(*windows, strict=True):
        assert np.array_equal(there_one["keypoints"], here_one["keypoints"], equal_nan=True)


def test_training_streams_webdataset_shards_from_storage(bucket, endpoint, expected, tmp_path):
    export_dataset(read_dataset(expected), "webdataset", tmp_path / "shards")
    (shard,) = (tmp_path / "shards").glob("*.tar")
    write(place(f"{bucket}/all-000000.tar"), shard.read_bytes())
    here, there = list(ShardStream([shard])), list(ShardStream([f"{bucket}/all-000000.tar"]))

    assert len(there) == N_CLIPS * 2
    for one, other in zip(here, there, strict=True):
        assert one.keys() == other.keys()
        for key, value in one.items():
            np.testing.assert_array_equal(value, other[key])


def test_shards_in_storage_merge_into_storage(bucket, expected):
    for number in (1, 2):
        generate(CONFIG, place(f"{bucket}-{number}"), 1, shard=Shard(number, 2))
    merge([place(f"{bucket}-{number}") for number in (1, 2)], place(bucket))

    assert seal_dataset(place(bucket)).content_sha256 == read_dataset(expected).content_sha256


def test_puts_that_fail_or_are_slow_are_tried_again(bucket, endpoint, expected):
    puts = []

    def sometimes(method, path):
        if method == "PUT" and "clips" in path:
            puts.append(path)
            if len(puts) % 3 == 1:
                return 500, "InternalError"
            if len(puts) % 3 == 2:
                time.sleep(0.5)
        return None

    endpoint.fails = sometimes
    assert generate(CONFIG, place(bucket), 2) == N_CLIPS
    assert len(puts) > N_CLIPS * 2
    assert seal_dataset(place(bucket)).content_sha256 == read_dataset(expected).content_sha256


def test_a_clip_whose_last_file_cannot_be_put_is_not_there(bucket, endpoint, expected):
    def never(method, path):
        broken = method == "PUT" and path.endswith("clip_000002/clip.json")
        return (400, "InternalError") if broken else None

    endpoint.fails = never
    with pytest.raises(ClipsSetAside, match=r"1 clips were set aside; s3://.*/failed says why"):
        generate(CONFIG, place(bucket), 2)
    half = place(bucket) / "clips" / "clip_000002"
    assert [path.name for path in half.iterdir()] == ["truth.npz"]
    (log,) = (place(bucket) / "failed").iterdir()
    assert "InternalError" in log.read_text()
    assert len(seal_dataset(place(bucket)).rows) == N_CLIPS - 1

    endpoint.fails = lambda method, path: None
    assert generate(CONFIG, place(bucket), 2) == 1
    assert seal_dataset(place(bucket)).content_sha256 == read_dataset(expected).content_sha256


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ((403, "AccessDenied"), "the credentials in the environment do not allow it"),
        ((403, "QuotaExceeded"), "the storage is full; make room and run the same command"),
        ((403, "RequestTimeTooSkewed"), "this machine's clock is off; set it"),
    ],
)
def test_storage_that_refuses_clips_stops_the_run(bucket, endpoint, answer, line):
    endpoint.fails = lambda method, path: answer if method == "PUT" and "clip_" in path else None
    with pytest.raises(FormbenchError, match=f"^object storage: {line}"):
        generate(CONFIG, place(bucket), 1)

    assert sum(request.startswith("PUT") and "clip_" in request for request in endpoint.seen) == 1


def test_a_bucket_that_is_not_there_is_one_line(bucket, tmp_path, capsys):
    (tmp_path / "c.yaml").write_text(config_text(CONFIG), encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        workbench.main(["generate", str(tmp_path / "c.yaml"), "-o", "s3://no-such-bucket/data"])

    assert stop.value.code == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "workbench: object storage: there is no such bucket; make it, or name another"
    )


def test_another_config_does_not_get_into_the_same_place(bucket):
    generate(CONFIG, place(bucket), 1)
    with pytest.raises(FormbenchError, match="holds another dataset"):
        generate(CONFIG.model_copy(update={"seed": 1}), place(bucket), 1)


def test_credentials_are_in_nothing_that_is_written_or_said(bucket, endpoint, capfd, tmp_path):
    (tmp_path / "c.yaml").write_text(config_text(CONFIG), encoding="utf-8")
    endpoint.fails = lambda method, path: (
        (400, "InternalError") if method == "PUT" and "clip_000001/clip.json" in path else None
    )
    with pytest.raises(SystemExit) as stop:
        workbench.main(["generate", str(tmp_path / "c.yaml"), "-o", bucket, "--workers", "1"])
    assert stop.value.code == 2
    fs = place(bucket).fs
    written = {name: fs.cat_file(name) for name in fs.find(place(bucket).path)}

    assert any("/failed/" in name for name in written)
    assert [name for name, data in written.items() if SECRET.encode() in data] == []
    assert SECRET not in "".join(capfd.readouterr())
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == SECRET


def test_credentials_in_a_url_are_refused_without_saying_them():
    with pytest.raises(FormbenchError, match="credentials belong in the environment") as stop:
        place(f"s3://nobody:{SECRET}@bucket/data")

    assert SECRET not in str(stop.value)
