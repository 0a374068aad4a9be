"""Live pull: Label Studio tells us of annotations as they come, and polling finds what it forgot.

A webhook is only a hint that something changed; what changed is read by `pull`, so that a hint that
was lost, doubled or late does no harm.
"""

import contextlib
import hmac
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from labeling.client import Client
from labeling.folder import LabelFolder
from labeling.pull import Pulled, pull
from labeling.push import find_project
from motions.errors import FormbenchError

HOST = "127.0.0.1"
SECRET_HEADER = "X-Formbench-Secret"


def follow(
    folder: LabelFolder,
    client: Client,
    name: str,
    *,
    on_pull: Callable[[tuple[Pulled, ...]], None],
    stop: threading.Event,
    poll_s: float = 60.0,
    port: int = 0,
    address: str | None = None,
) -> None:
    """Pull whenever an annotation is made, changed or deleted, until `stop` is set.

    Args:
        folder: The folder that was pushed.
        client: The server.
        name: What the campaign is called.
        on_pull: Is given what each pull brought.
        stop: Ends it, after the pull that is going on.
        poll_s: How often to look although nothing was told.
        port: Where to listen on 127.0.0.1; 0 for any free port.
        address: Where the Label Studio server reaches us; that port when None.
    """
    changed = threading.Event()
    changed.set()
    secret = secrets.token_hex(16)
    webhooks: list[int] = []
    with _listener(port, secret, changed) as listener:
        told_at = address or f"http://{HOST}:{listener.server_address[1]}/"
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        try:
            for kind in folder.kinds:
                project = find_project(client, name, kind, folder)
                if project:
                    headers = {SECRET_HEADER: secret}
                    webhooks.append(client.add_webhook(project, told_at, headers))
            while not stop.is_set():
                changed.clear()
                on_pull(pull(folder, client, name))
                _wait(changed, stop, poll_s)
        finally:
            # A server that is gone keeps them, and then tells nobody.
            with contextlib.suppress(FormbenchError):
                for webhook in webhooks:
                    client.remove_webhook(webhook)
            listener.shutdown()
            thread.join()


def _wait(changed: threading.Event, stop: threading.Event, poll_s: float) -> None:
    """Wait for a hint, for the next poll or for the end, whichever comes first."""
    step_s = 0.1
    waited_s = 0.0
    while waited_s < poll_s and not changed.is_set() and not stop.is_set():
        changed.wait(step_s)
        waited_s += step_s


def _listener(port: int, secret: str, changed: threading.Event) -> ThreadingHTTPServer:
    class Hints(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server asks for
            told = self.headers.get(SECRET_HEADER, "")
            is_ours = hmac.compare_digest(told.encode(), secret.encode())
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            # Answer at once: Label Studio waits a second, and never tells twice.
            self.send_response(204 if is_ours else 403)
            self.end_headers()
            if is_ours:
                changed.set()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the address of whoever calls is nobody's business."""

    return ThreadingHTTPServer((HOST, port), Hints)
