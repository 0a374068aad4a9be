"""A dataset with videos whose grey level is the frame's number, tasks, and a real Label Studio.

The server is started once a session, on a free port of 127.0.0.1, and stopped by its process id.
Its environment is made when it is not there, which takes a minute or two. Tests that use it are
marked

    pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]

so that `make test-quick` leaves them out, and `--dist loadgroup` gives them one server. With
FORMBENCH_LABEL_DATABASE set to the address of an empty PostgreSQL database, that is used in place
of SQLite.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from export.dataset import Dataset, read_dataset, seal_dataset
from labeling.client import Client
from labeling.labels import Page, Task
from labeling.server import Server, read_credentials, start_server, stop_server
from simulator.clip import Clip
from simulator.environments import make_environment
from simulator.rendering.video import VideoWriter

GREY_PER_FRAME = 10
WIDTH_PX, HEIGHT_PX = 640, 480


@pytest.fixture
def filmed_dataset(
    make_dataset: Callable[..., Path], make_clip: Callable[..., Clip]
) -> Callable[..., Dataset]:
    """A function that makes a sealed dataset of clips with videos."""

    def make(*clips: Clip, name: str = "dataset") -> Dataset:
        clips = clips or (
            make_clip(clip_id="clip_000000", faults={"rounded_back": 35.0}),
            make_clip(clip_id="clip_000001", subject_id="ben"),
        )
        filmed = [
            replace(
                clip,
                views=tuple(replace(v, video=f"{v.camera.name}.mp4") for v in clip.views),
            )
            for clip in clips
        ]
        folder = make_dataset(filmed, name)
        for clip in filmed:
            for view in clip.views:
                film(folder / "clips" / clip.clip_id / str(view.video), clip.n_frames, clip.fps)
        seal_dataset(folder)
        return read_dataset(folder)

    return make


def film(path: Path, n_frames: int, fps: float) -> None:
    with VideoWriter(path, WIDTH_PX, HEIGHT_PX, fps) as video:
        for index in range(n_frames):
            level = 20 + GREY_PER_FRAME * index % 220
            video.write(np.full((HEIGHT_PX, WIDTH_PX, 3), level, dtype=np.uint8))


@pytest.fixture
def pose_task() -> Task:
    size = (WIDTH_PX, HEIGHT_PX)
    pages = tuple(Page(f"{i}.jpg", "front", i, *size, "even", "clip_a") for i in range(2))
    return Task("uid-poses", "poses", "clip_a", "squat", 10.0, 100, pages=pages)


@pytest.fixture
def video_task() -> Callable[[str], Task]:
    def make(kind: str) -> Task:
        return Task(f"uid-{kind}", kind, "clip_a", "squat", 10.0, 100, video="v.mp4", camera="side")

    return make


@dataclass(frozen=True)
class LabelStudio:
    """The session's server."""

    server: Server
    client: Client

    @property
    def sdk(self):
        """The SDK itself, to do what annotators do."""
        return self.client._sdk

    @property
    def document_root(self) -> Path:
        return self.server.document_root


@pytest.fixture(scope="session")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudio]:
    make_environment("label-studio", lambda line: None)
    data_dir = tmp_path_factory.mktemp("label-studio")
    database = os.environ.get("FORMBENCH_LABEL_DATABASE")
    served = tmp_path_factory.mktemp("served")
    server = start_server(data_dir, served, port=0, database_url=database)
    try:
        with Client(server.url, read_credentials(data_dir).token) as client:
            yield LabelStudio(server, client)
    finally:
        stop_server(data_dir)
