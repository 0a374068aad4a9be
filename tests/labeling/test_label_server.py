"""Starting and stopping a server; a small stand-in for Label Studio, and the real one."""

import os
import signal
import socket
import stat
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from labeling import server as server_module
from labeling.client import Client
from labeling.server import (
    postgres_environment,
    read_credentials,
    running_server,
    start_server,
    stop_server,
)
from motions.errors import FormbenchError
from simulator.environments import ENVIRONMENTS, STAMP, environment_folder

ANSWERS = """
import http.server, json, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        told = {"status": "UP", "release": "RELEASE", "edition": "EDITION"}
        self.wfile.write(json.dumps(told).encode())
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that puts a Python program where Label Studio would be installed."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))

    def put(program: str) -> None:
        folder = environment_folder("label-studio")
        (folder / "bin").mkdir(parents=True)
        path = folder / "bin" / "label-studio"
        path.write_text(f"#!{sys.executable}\n{program}", encoding="utf-8")
        path.chmod(0o755)
        (folder / "bin" / "python").symlink_to(sys.executable)
        stamp = "\n".join(ENVIRONMENTS["label-studio"].requirements) + "\n"
        (folder / STAMP).write_text(stamp, encoding="utf-8")

    return put


def test_a_server_is_started_once_found_again_and_stopped(stand_in: Any, tmp_path: Path) -> None:
    stand_in(ANSWERS)
    data_dir = tmp_path / "data"
    server = start_server(data_dir, tmp_path, port=0)
    try:
        assert running_server(data_dir) == server == start_server(data_dir, tmp_path, port=0)
        with pytest.raises(FormbenchError, match=r"serves .*, not .*; stop it first"):
            start_server(data_dir, tmp_path / "data", port=0)
    finally:
        assert stop_server(data_dir) is True
    assert running_server(data_dir) is None
    assert stop_server(data_dir) is False
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


def test_a_process_of_the_same_number_is_not_ours(stand_in: Any, tmp_path: Path) -> None:
    stand_in(ANSWERS)
    server = start_server(tmp_path / "data", tmp_path, port=0)
    path = tmp_path / "data" / "server.json"
    ours = path.read_text()
    try:
        # As if the number had gone to a process that was started later: this very one, say.
        path.write_text(ours.replace(f'"pid": {server.pid}', f'"pid": {os.getpid()}'))
        assert running_server(tmp_path / "data") is None
        assert stop_server(tmp_path / "data") is False
    finally:
        path.write_text(ours)
        stop_server(tmp_path / "data")


def test_a_killed_server_counts_as_stopped(stand_in: Any, tmp_path: Path) -> None:
    stand_in(ANSWERS)
    server = start_server(tmp_path / "data", tmp_path, port=0)
    os.kill(server.pid, signal.SIGKILL)
    give_up = time.monotonic() + 10
    while running_server(tmp_path / "data") and time.monotonic() < give_up:
        time.sleep(0.01)
    assert running_server(tmp_path / "data") is None
    again = start_server(tmp_path / "data", tmp_path, port=int(server.url.rpartition(":")[2]))
    assert again.pid != server.pid
    stop_server(tmp_path / "data")


def test_a_program_that_ends_is_told_with_its_last_words(stand_in: Any, tmp_path: Path) -> None:
    stand_in("print('first'); raise SystemExit('no space for the database')")
    with pytest.raises(FormbenchError, match="ended at once: no space for the database; all of it"):
        start_server(tmp_path / "data", tmp_path, port=0)


def test_a_program_that_never_answers_is_stopped_and_told(
    stand_in: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "START_TIMEOUT_S", 0.6)
    stand_in("import time; time.sleep(60)")
    with pytest.raises(FormbenchError, match=r"did not answer within 0\.6 s"):
        start_server(tmp_path / "data", tmp_path, port=0)
    assert running_server(tmp_path / "data") is None


def test_a_port_that_is_taken_is_told(stand_in: Any, tmp_path: Path) -> None:
    stand_in(ANSWERS)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(FormbenchError, match=f"port {port} on 127.0.0.1 is taken"):
            start_server(tmp_path / "data", tmp_path, port=port)


def test_label_studio_that_is_not_set_up_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    with pytest.raises(FormbenchError, match="run `workbench setup label-studio`"):
        start_server(tmp_path / "data", tmp_path, port=0)


@pytest.mark.parametrize(
    ("release", "edition"), [("1.20.0", "Community"), ("2.0.0", "Community"), ("2.1", "Enterprise")]
)
def test_another_release_or_edition_of_label_studio_is_refused(
    stand_in: Any, tmp_path: Path, release: str, edition: str
) -> None:
    stand_in(ANSWERS.replace("RELEASE", release).replace("EDITION", edition))
    server = start_server(tmp_path / "data", tmp_path, port=0)
    wanted = r"expected Label Studio Community from 1\.23 to before 2\.0"
    try:
        with pytest.raises(FormbenchError, match=rf"{wanted}, got {edition} {release};"):
            Client(server.url, "token")
    finally:
        stop_server(tmp_path / "data")


def test_credentials_are_drawn_once_and_are_for_their_owner_only(tmp_path: Path) -> None:
    first = read_credentials(tmp_path)
    assert read_credentials(tmp_path) == first
    (tmp_path / "other").mkdir()
    other = read_credentials(tmp_path / "other")
    assert (other.password, other.token) != (first.password, first.token)
    assert stat.S_IMODE((tmp_path / "credentials.json").stat().st_mode) == 0o600
    assert first.password not in repr(first) and first.token not in repr(first)


def test_a_postgres_address_becomes_label_studios_settings() -> None:
    settings = postgres_environment("postgresql://ann:p%40ss@db.example/labels")
    assert settings == {
        "DJANGO_DB": "default",
        "POSTGRE_HOST": "db.example",
        "POSTGRE_PORT": "5432",
        "POSTGRE_NAME": "labels",
        "POSTGRE_USER": "ann",
        "POSTGRE_PASSWORD": "p@ss",
    }
    for wrong in ("mysql://a:secret@b/c", "postgresql://a:secret@b", "secret"):
        with pytest.raises(FormbenchError, match="expected postgresql://") as told:
            postgres_environment(wrong)
        assert "secret" not in str(told.value)


@pytest.mark.labelstudio
@pytest.mark.xdist_group("labelstudio")
def test_no_secret_reaches_a_command_line_a_log_or_a_file_that_others_read(
    label_studio: Any,
) -> None:
    data_dir = label_studio.server.data_dir
    credentials = read_credentials(data_dir)
    pid = running_server(data_dir).pid
    shown = [Path(f"/proc/{pid}/cmdline"), data_dir / "server.log", data_dir / "server.json"]
    for path in shown:
        text = path.read_bytes().decode("utf-8", errors="replace")
        assert credentials.token not in text and credentials.password not in text, path
