"""The page's web server, on this machine alone.

Nothing that a browser sends becomes a path or a command: uploads get names of ours, pictures come
as plain pixels, and files are handed out from a fixed list. A page of another origin, and a name
that was made to point here (DNS rebinding), are turned away by the Host and Origin headers.
"""

import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from motions.conventions import MEDIAPIPE_33
from motions.errors import FormbenchError
from motions.library import EXERCISES
from scoring.page.following import Following
from scoring.page.jobs import Jobs

ADDRESS = "127.0.0.1"
HOSTS = (ADDRESS, "localhost")
MOST_BYTES = 500_000_000
MOST_PIXELS = 1280 * 1280
_SMALL = 10_000
"""What a request without a video or a picture may weigh, in bytes."""
PAGE = Path(__file__).parent
STATIC = {
    "/": "index.html",
    "/page.css": "page.css",
    "/page.js": "page.js",
    "/viewer.js": "viewer.js",
}
_VIDEO_TYPES = ("video/", "image/gif", "application/octet-stream")
_SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; frame-src 'self'; "
        "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class RefusedError(FormbenchError):
    """A request that breaks a limit, with the HTTP status that says which."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Guard:
    """Turns away what does not come from this page, and says to browsers what it may do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if host.rpartition(":")[0] not in HOSTS and host not in HOSTS:
            return await PlainTextResponse("unknown host", 403)(scope, receive, send)
        if origin is not None and origin != f"http://{host}":
            return await PlainTextResponse("from another page", 403)(scope, receive, send)

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_SAFE)
            await send(message)

        return await self._app(scope, receive, safely)


def make_app(jobs: Jobs) -> Starlette:
    """Make the web application that hands its videos to these jobs."""
    following = Following()

    async def about(_: Request) -> Response:
        return JSONResponse(
            {
                "exercises": [{"name": e.name, "title": e.title} for e in EXERCISES.values()],
                "names": MEDIAPIPE_33.keypoint_names,
                "bones": MEDIAPIPE_33.bone_indices,
                "most_bytes": MOST_BYTES,
            }
        )

    async def upload(request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith(_VIDEO_TYPES):
            raise RefusedError(415, "expected a video")
        job_id, path = jobs.new()
        try:
            with path.open("wb") as file:
                async for chunk in _limited(request, MOST_BYTES):
                    file.write(chunk)
        except BaseException:
            jobs.drop(job_id)
            raise
        return JSONResponse({"id": job_id}, 201)

    async def start(request: Request) -> Response:
        asked = await _asked(request)
        jobs.start(request.path_params["id"], asked.get("exercise", ""), asked.get("trainer"))
        return JSONResponse({}, 202)

    async def state(request: Request) -> Response:
        return JSONResponse(jobs.state(request.path_params["id"]))

    async def drop(request: Request) -> Response:
        await run_in_threadpool(jobs.drop, request.path_params["id"])
        return Response(status_code=204)

    async def file(request: Request) -> Response:
        return FileResponse(jobs.file(request.path_params["id"], request.path_params["name"]))

    async def begin(request: Request) -> Response:
        picture = await _pixels(request) if "width" in request.query_params else None
        exercise = request.query_params.get("exercise", "")
        if exercise and exercise not in EXERCISES:
            raise RefusedError(404, "no such exercise")
        return JSONResponse(await run_in_threadpool(following.begin, exercise, picture), 201)

    async def see(request: Request) -> Response:
        rgb = await _pixels(request)
        return JSONResponse(await run_in_threadpool(following.see, request.path_params["id"], rgb))

    async def end(request: Request) -> Response:
        await run_in_threadpool(following.end, request.path_params["id"])
        return Response(status_code=204)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        following.close()
        jobs.close()

    return Starlette(
        routes=[
            *(Route(path, _static(name)) for path, name in STATIC.items()),
            Route("/about", about),
            Route("/videos", upload, methods=["POST"]),
            Route("/videos/{id}", start, methods=["POST"]),
            Route("/videos/{id}", state, methods=["GET"]),
            Route("/videos/{id}", drop, methods=["DELETE"]),
            Route("/videos/{id}/{name}", file),
            Route("/people", begin, methods=["POST"]),
            Route("/people/{id}", see, methods=["POST"]),
            Route("/people/{id}", end, methods=["DELETE"]),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={FormbenchError: _refused},
        lifespan=lifespan,
    )


def serve(port: int, scorer: str, boundaries: Path | None, on_ready: Callable[[str], None]) -> None:
    """Serve until interrupted; then everything that was uploaded is deleted.

    Args:
        port: On this machine; 0 for any that is free. One that is taken ends the program.
        scorer: See `Jobs`.
        boundaries: Likewise.
        on_ready: Is told the address.
    """
    with tempfile.TemporaryDirectory(prefix="formbench-") as folder:
        config = uvicorn.Config(
            make_app(Jobs(Path(folder), scorer, boundaries)),
            host=ADDRESS,
            port=port,
            log_level="warning",
            ws="none",
        )
        with config.bind_socket() as listening:
            on_ready(f"http://{ADDRESS}:{listening.getsockname()[1]}")
            uvicorn.Server(config).run(sockets=[listening])


def _static(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def page(_: Request) -> Response:
        return FileResponse(PAGE / name)

    return page


async def _refused(_: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, RefusedError) else 400
    return JSONResponse({"error": str(error)}, status)


async def _limited(request: Request, most_bytes: int) -> AsyncIterator[bytes]:
    """Yield a request's body while it stays within its limit, whatever length it claims."""
    n_bytes = 0
    async for chunk in request.stream():
        n_bytes += len(chunk)
        if n_bytes > most_bytes:
            raise RefusedError(413, f"expected at most {most_bytes / 1e6:g} MB, got more")
        yield chunk


async def _asked(request: Request) -> dict[str, Any]:
    body = b"".join([chunk async for chunk in _limited(request, _SMALL)])
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise RefusedError(400, "expected JSON") from error
    if not isinstance(asked, dict) or not all(isinstance(v, str | None) for v in asked.values()):
        raise RefusedError(400, "expected a JSON object of texts")
    return asked


async def _pixels(request: Request) -> np.ndarray:
    """Read a picture sent as its RGBA pixels."""
    sizes = [request.query_params.get(name, "") for name in ("width", "height")]
    if not all(size.isascii() and size.isdigit() and len(size) < 6 for size in sizes):
        raise RefusedError(400, "expected width and height in pixels")
    width, height = map(int, sizes)
    if not 0 < width * height <= MOST_PIXELS:
        raise RefusedError(413, f"expected at most {MOST_PIXELS} pixels, got {width} x {height}")
    n_bytes = 4 * width * height
    body = b"".join([chunk async for chunk in _limited(request, n_bytes)])
    if len(body) != n_bytes:
        raise RefusedError(400, f"expected {n_bytes} bytes of RGBA, got {len(body)}")
    return np.frombuffer(body, np.uint8).reshape(height, width, 4)[..., :3]
