"""Media in a bucket, as a team keeps them: a real Label Studio shows what lies in an S3.

The S3 is moto's server on this machine, which asks for no signature. The labelling server signs an
address for each medium, from which the annotator's browser fetches it.
"""

import http.client
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from export.dataset import Dataset
from labeling.predictions import to_results
from labeling.prepare import Wishes, prepare_labelling
from labeling.pull import pull, read_annotations
from labeling.push import project_title, push
from simulator.environments import make_environment

pytestmark = [
    pytest.mark.labelstudio,
    pytest.mark.moto,
    pytest.mark.xdist_group("labelstudio"),
]
BUCKET, CAMPAIGN = "gym", "in a bucket"


@pytest.fixture
def put(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """A function that puts bytes under a name into an S3, and returns the S3's address."""
    python = make_environment("moto", lambda line: None) / "bin" / "python"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "moto.log").open("w") as log:
        command = [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)

        def put_there(name: str, data: bytes = b"") -> str:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("PUT", f"/{BUCKET}/{name}", data)
            assert connection.getresponse().status == 200
            connection.close()
            return f"http://127.0.0.1:{port}"

        yield put_there
    finally:
        server.kill()
        server.wait()


def test_tasks_with_media_in_a_bucket_are_shown_answered_and_pulled(
    label_studio: Any,
    filmed_dataset: Callable[..., Dataset],
    put: Callable[..., str],
    tmp_path: Path,
) -> None:
    folder = prepare_labelling(
        tmp_path / "tasks",
        dataset=filmed_dataset(),
        wishes=Wishes(kinds=("poses", "repetitions"), cameras=("side",), frames_per_view=1),
        media_url=f"s3://{BUCKET}/autumn/",
    )
    address = put("")
    for path in (folder.folder / "media").iterdir():
        put(f"autumn/{path.name}", path.read_bytes())
    push(folder, label_studio.client, CAMPAIGN)

    sdk = label_studio.sdk
    for kind in folder.kinds:
        project = label_studio.client.find_project(project_title(CAMPAIGN, kind))
        # What the docs tell to do by hand: connect the bucket, and do not synchronise it.
        sdk.import_storage.s3.create(
            project=project.id, bucket=BUCKET, prefix="autumn", use_blob_urls=True, presign=True,
            s3endpoint=address, aws_access_key_id="nobody", aws_secret_access_key="nothing",
            region_name="us-east-1",
        )  # fmt: skip
        ids = label_studio.client.uids(project)
        for task in folder.tasks_of(kind):
            shown = sdk.tasks.get(id=str(ids[task.uid])).data
            (url,) = shown["frames"] if kind == "poses" else [shown["video"]]
            answer = sdk._client_wrapper.httpx_client.request(url, method="GET")
            name = task.pages[0].image if kind == "poses" else task.video
            assert answer.content == (folder.folder / "media" / name).read_bytes()
            results = to_results(task, folder.answers[task.uid])
            sdk.annotations.create(id=ids[task.uid], result=results)
    pull(folder, label_studio.client, CAMPAIGN)
    assert {a.uid: a.labels for a in read_annotations(folder)} == dict(folder.answers)
