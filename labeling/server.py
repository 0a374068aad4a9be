"""A Label Studio server of one's own: started and stopped on this machine, in its own environment.

    DATA_DIR/
        server.json          process id, address and document root while it runs
        credentials.json     who may sign in, and the token; readable by its owner only
        server.log           what Label Studio says
        label_studio.sqlite3, media/, .env    Label Studio's own

It listens on 127.0.0.1 only. Secrets are drawn once for a data folder and reach the server through
its environment, never through a command line. Processes are told apart by /proc, so Linux it is.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import platformdirs

from export.files import write_json
from motions.errors import FormbenchError
from simulator.environments import environment_python

HOST = "127.0.0.1"
DEFAULT_PORT = 8080
START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 10.0
USERNAME = "admin@formbench.local"
CREDENTIALS = "credentials.json"


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    pid: int
    started_at: int
    """When the process was started, which tells it from a later one of the same number."""
    url: str
    data_dir: Path
    document_root: Path
    """The folder whose files it may serve."""


@dataclass(frozen=True)
class Credentials:
    """What the owner of a data folder signs in with; printed by nothing."""

    username: str
    password: str
    token: str

    def __repr__(self) -> str:
        return f"Credentials(username={self.username!r}, ...)"


def default_data_dir() -> Path:
    """Return where a user's server keeps its data when nobody says."""
    return Path(platformdirs.user_data_dir("formbench")) / "label-studio"


def start_server(
    data_dir: Path,
    document_root: Path,
    port: int = DEFAULT_PORT,
    *,
    database_url: str | None = None,
    on_line: Callable[[str], None] = lambda line: None,
) -> Server:
    """Start Label Studio and wait until it answers; a server that runs already is returned.

    Args:
        data_dir: Where its database and uploads are, made when it is not there.
        document_root: The folder whose files it may serve: labelling folders go inside.
        port: The port on 127.0.0.1; 0 for any that is free.
        database_url: `postgresql://user:password@host:port/name`; SQLite in `data_dir` when None.
        on_line: Is told what is waited for.

    Raises:
        FormbenchError: Label Studio is not set up, the port is taken, another document root is
            served already, or the server ends or does not answer in time.
    """
    data_dir, document_root = data_dir.resolve(), document_root.resolve()
    running = running_server(data_dir)
    if running:
        if running.document_root != document_root:
            raise FormbenchError(
                f"{data_dir}: its server serves {running.document_root}, not {document_root}; "
                "stop it first with `workbench label down`"
            )
        return running
    program = environment_python("label-studio").with_name("label-studio")
    data_dir.mkdir(parents=True, exist_ok=True)
    port = _free_port(port)
    environment = _environment(read_credentials(data_dir), document_root, database_url)
    url = f"http://{HOST}:{port}"
    command = [str(program), "start", "--no-browser", "--data-dir", str(data_dir)]
    command += ["--internal-host", HOST, "--port", str(port)]
    log = data_dir / "server.log"
    pid = os.posix_spawn(
        program,
        command,
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    server = Server(pid, _started_at(pid) or 0, url, data_dir, document_root)
    folders = {"data_dir": str(data_dir), "document_root": str(document_root)}
    write_json({**asdict(server), **folders}, data_dir / "server.json")
    _wait_until_up(server, log, on_line)
    return server


def running_server(data_dir: Path) -> Server | None:
    """Return the server of a data folder if it runs."""
    path = data_dir.resolve() / "server.json"
    if not path.is_file():
        return None
    about = json.loads(path.read_text(encoding="utf-8"))
    folders = {name: Path(about[name]) for name in ("data_dir", "document_root")}
    server = Server(**{**about, **folders})
    return server if _runs(server) else None


def stop_server(data_dir: Path) -> bool:
    """Stop the server of a data folder, by its process id; False when none runs."""
    server = running_server(data_dir)
    if server is None:
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.kill(server.pid, number)
        give_up = time.monotonic() + STOP_TIMEOUT_S
        while _runs(server) and time.monotonic() < give_up:
            time.sleep(0.05)
        if not _runs(server):
            break
    (server.data_dir / "server.json").unlink()
    return True


def read_credentials(data_dir: Path) -> Credentials:
    """Return what the owner of a data folder signs in with, drawn when there is nothing yet."""
    path = data_dir / CREDENTIALS
    if not path.is_file():
        drawn = Credentials(USERNAME, secrets.token_urlsafe(12), secrets.token_hex(20))
        with open(path, "w", encoding="utf-8", opener=_owner_only) as file:
            json.dump(asdict(drawn), file, indent=1)
    return Credentials(**json.loads(path.read_text(encoding="utf-8")))


def postgres_environment(database_url: str) -> dict[str, str]:
    """Return the settings by which Label Studio finds a PostgreSQL database.

    >>> postgres_environment("postgresql://ann:se%20cret@db:5433/labels")["POSTGRE_PASSWORD"]
    'se cret'
    """
    parts = urlsplit(database_url)
    name = parts.path.removeprefix("/")
    if parts.scheme not in ("postgresql", "postgres") or not parts.hostname or not name:
        # The address is not repeated: it may hold a password.
        raise FormbenchError("database: expected postgresql://user:password@host:port/name")
    return {
        "DJANGO_DB": "default",
        "POSTGRE_HOST": parts.hostname,
        "POSTGRE_PORT": str(parts.port or 5432),
        "POSTGRE_NAME": unquote(name),
        "POSTGRE_USER": unquote(parts.username or ""),
        "POSTGRE_PASSWORD": unquote(parts.password or ""),
    }


def _environment(
    credentials: Credentials, document_root: Path, database_url: str | None
) -> dict[str, str]:
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("LABEL_STUDIO", "PYTHON"))
    }
    return {
        **inherited,
        "LABEL_STUDIO_USERNAME": credentials.username,
        "LABEL_STUDIO_PASSWORD": credentials.password,
        "LABEL_STUDIO_USER_TOKEN": credentials.token,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
        "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(document_root),
        # Nothing is sent home.
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "SENTRY_RATE": "0",
        # The webhook receiver listens on 127.0.0.1, which is refused otherwise.
        "SSRF_PROTECTION_ENABLED": "false",
        # Despite its name: SQLite writes ahead, which makes single writes twice as fast.
        "AZURE_MOUNT_FIX": "1",
        **(postgres_environment(database_url) if database_url else {"DJANGO_DB": "sqlite"}),
    }


def _free_port(port: int) -> int:
    # Label Studio would silently take the next one.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise FormbenchError(
                f"port {port} on {HOST} is taken; choose another with --port"
            ) from error
        return int(probe.getsockname()[1])


def _wait_until_up(server: Server, log: Path, on_line: Callable[[str], None]) -> None:
    give_up = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up:
        if not _runs(server):
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            last = lines[-1] if lines else "it said nothing"
            raise FormbenchError(f"Label Studio ended at once: {last}; all of it is in {log}")
        if is_up(server.url):
            return
        on_line(f"waiting for {server.url}/health; the first start takes about 35 s")
        time.sleep(0.25)
    stop_server(server.data_dir)
    raise FormbenchError(
        f"Label Studio did not answer within {START_TIMEOUT_S:g} s; what it said is in {log}"
    )


def is_up(url: str) -> bool:
    """Whether a Label Studio answers at an address."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return json.loads(answer.read()).get("status") == "UP"
    except (urllib.error.URLError, ValueError, OSError):
        return False


def _runs(server: Server) -> bool:
    """Whether the process is there and is ours, not another that was given its number."""
    return _started_at(server.pid) == server.started_at


def _started_at(pid: int) -> int | None:
    """Return when a process was started, in the kernel's ticks; None for one that has ended."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child that has ended would linger otherwise
    try:
        about = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    # The second field is the name in brackets, which may hold spaces: count from behind it.
    fields = about.rpartition(")")[2].split()
    # The first thread may be gone while others still hold the port.
    has_ended = fields[0] == "Z" and int(fields[17]) <= 1
    return None if has_ended else int(fields[19])


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
