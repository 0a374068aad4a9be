"""Label Studio killed in the middle, and live pull: nothing is lost and nothing doubled."""

import hashlib
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from export.dataset import Dataset
from labeling import client as client_module
from labeling import live
from labeling import push as push_module
from labeling.folder import LabelFolder
from labeling.live import SECRET_HEADER, follow
from labeling.predictions import to_results
from labeling.prepare import Wishes, prepare_labelling
from labeling.pull import Pulled, pull, read_annotations
from labeling.push import project_title, push
from labeling.server import running_server, start_server
from motions.errors import FormbenchError
from simulator.clip import Clip

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]

N_CLIPS = 12
KIND = "repetitions"


@pytest.fixture
def folder(
    label_studio: Any,
    make_clip: Callable[..., Clip],
    filmed_dataset: Callable[..., Dataset],
    request: pytest.FixtureRequest,
) -> LabelFolder:
    clips = [make_clip(clip_id=f"clip_{i:06d}", n_reps=1, n_cameras=1) for i in range(N_CLIPS)]
    return prepare_labelling(
        label_studio.document_root / hashlib.sha256(request.node.name.encode()).hexdigest()[:12],
        dataset=filmed_dataset(*clips),
        wishes=Wishes(kinds=(KIND,)),
        document_root=label_studio.document_root,
    )


class Killer:
    """Kills the server as `kill -9` does, and starts it again where it was."""

    def __init__(self, label_studio: Any) -> None:
        self.server = label_studio.server

    def kill(self) -> None:
        running = running_server(self.server.data_dir)
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)

    def revive(self) -> None:
        give_up = time.monotonic() + 10
        while running_server(self.server.data_dir) and time.monotonic() < give_up:
            time.sleep(0.05)
        port = int(self.server.url.rpartition(":")[2])
        database = os.environ.get("FORMBENCH_LABEL_DATABASE")
        root = self.server.document_root
        start_server(self.server.data_dir, root, port, database_url=database)


@pytest.fixture
def killer(label_studio: Any) -> Iterator[Killer]:
    killer = Killer(label_studio)
    try:
        yield killer
    finally:
        killer.revive()


@pytest.mark.parametrize("delay_s", [0.0, 0.02])
def test_a_server_killed_in_the_middle_of_a_push(
    label_studio: Any,
    folder: LabelFolder,
    killer: Killer,
    monkeypatch: pytest.MonkeyPatch,
    delay_s: float,
) -> None:
    monkeypatch.setattr(push_module, "BATCH", 4)
    campaign = f"killed push {delay_s}"
    timers = []

    def kill_soon(done: int, total: int) -> None:
        if done == 4:
            timers.append(threading.Timer(delay_s, killer.kill))
            timers[-1].start()

    with pytest.raises(FormbenchError, match=r"the connection broke|no Label Studio answers"):
        for _ in range(50):  # until the kill falls into one
            push(folder, label_studio.client, campaign, on_task=kill_soon)
    for timer in timers:
        timer.join()
    killer.revive()
    (report,) = push(folder, label_studio.client, campaign)
    assert report.n_new + report.n_there == N_CLIPS and report.n_there >= 4
    project = label_studio.client.find_project(project_title(campaign, KIND))
    assert project.n_tasks == N_CLIPS
    assert set(label_studio.client.uids(project)) == {task.uid for task in folder.tasks}


def answer(label_studio: Any, folder: LabelFolder, campaign: str, n: int = N_CLIPS) -> None:
    project = label_studio.client.find_project(project_title(campaign, KIND))
    ids = label_studio.client.uids(project)
    for task in folder.tasks[:n]:
        results = to_results(task, folder.answers[task.uid])
        label_studio.sdk.annotations.create(id=ids[task.uid], result=results)


def test_a_server_killed_in_the_middle_of_a_pull(
    label_studio: Any, folder: LabelFolder, killer: Killer, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = "killed pull"
    push(folder, label_studio.client, campaign)
    answer(label_studio, folder, campaign, n=3)
    pull(folder, label_studio.client, campaign)
    before = read_annotations(folder)
    answer(label_studio, folder, campaign)
    monkeypatch.setattr(client_module, "PAGE_SIZE", 4)

    def kill_on_the_second_page(n_read: int) -> None:
        if n_read == 5:
            killer.kill()

    with pytest.raises(FormbenchError, match=r"the connection broke|no Label Studio answers"):
        pull(folder, label_studio.client, campaign, on_task=kill_on_the_second_page)
    assert read_annotations(folder) == before
    killer.revive()
    (report,) = pull(folder, label_studio.client, campaign)
    assert report.n_annotations == N_CLIPS + 3
    after = read_annotations(folder)
    assert len({a.annotation_id for a in after}) == N_CLIPS + 3
    assert {a.uid: a.labels for a in after} == dict(folder.answers)


class Follower:
    """`follow` in a thread of its own."""

    def __init__(self, label_studio: Any, folder: LabelFolder, campaign: str, poll_s: float):
        self.pulls: list[Pulled] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(
            target=follow,
            args=(folder, label_studio.client, campaign),
            kwargs={
                "on_pull": lambda reports: self.pulls.append(reports[0]),
                "stop": self.stop,
                "poll_s": poll_s,
            },
        )

    def __enter__(self) -> "Follower":
        self.thread.start()
        self.wait_for(lambda: len(self.pulls) > 0)
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        self.thread.join(timeout=30)

    def wait_for(self, until: Callable[[], bool]) -> None:
        give_up = time.monotonic() + 30
        while not until():
            assert time.monotonic() < give_up, "nothing was pulled"
            time.sleep(0.05)


def test_an_annotation_is_pulled_as_soon_as_it_is_made(
    label_studio: Any, folder: LabelFolder
) -> None:
    push(folder, label_studio.client, "live")
    with Follower(label_studio, folder, "live", poll_s=3600) as follower:
        webhooks = label_studio.sdk.webhooks.list()
        assert len(webhooks) == 1
        answer(label_studio, folder, "live", n=2)
        follower.wait_for(lambda: follower.pulls[-1].n_annotations == 2)
    assert len(read_annotations(folder)) == 2
    assert label_studio.sdk.webhooks.list() == []  # it tidied up


def test_what_a_webhook_missed_is_found_by_polling(label_studio: Any, folder: LabelFolder) -> None:
    push(folder, label_studio.client, "polled")
    with Follower(label_studio, folder, "polled", poll_s=0.5) as follower:
        for webhook in label_studio.sdk.webhooks.list():
            label_studio.sdk.webhooks.update(webhook.id, is_active=False)
        answer(label_studio, folder, "polled", n=1)
        follower.wait_for(lambda: follower.pulls[-1].n_annotations == 1)


def test_a_caller_without_the_secret_is_turned_away() -> None:
    changed = threading.Event()
    with live._listener(0, "secret", changed) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{listener.server_address[1]}/"
        try:
            for headers in ({}, {SECRET_HEADER: "wrong"}):
                request = urllib.request.Request(url, data=b"{}", headers=headers)
                with pytest.raises(urllib.error.HTTPError, match="403") as refused:
                    urllib.request.urlopen(request)
                refused.value.close()
            assert not changed.is_set()
            right = urllib.request.Request(url, data=b"{}", headers={SECRET_HEADER: "secret"})
            with urllib.request.urlopen(right) as answered:
                assert answered.status == 204
            assert changed.wait(5)
        finally:
            listener.shutdown()
            thread.join()
