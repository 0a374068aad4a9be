"""Push and pull against a real Label Studio server."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from export.dataset import Dataset
from labeling.client import Client
from labeling.folder import LabelFolder
from labeling.interface import KINDS
from labeling.predictions import TEMPLATE_MODEL, to_results
from labeling.prepare import Wishes, prepare_labelling
from labeling.pull import Pulled, pull, read_annotations
from labeling.push import project_title, push
from motions.errors import FormbenchError

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]


@pytest.fixture
def campaign(request: pytest.FixtureRequest) -> str:
    return hashlib.sha256(request.node.name.encode()).hexdigest()[:12]


@pytest.fixture
def folder(label_studio: Any, filmed_dataset: Callable[..., Dataset], campaign: str) -> LabelFolder:
    return prepare_labelling(
        label_studio.document_root / campaign,
        dataset=filmed_dataset(),
        wishes=Wishes(kinds=KINDS, cameras=("side",), frames_per_view=2),
        document_root=label_studio.document_root,
    )


def task_ids(label_studio: Any, campaign: str, kind: str) -> dict[str, int]:
    project = label_studio.client.find_project(project_title(campaign, kind))
    return label_studio.client.uids(project)


def answer(label_studio: Any, task_id: int, results: list[dict], **more: Any) -> int:
    """Do what the editor does when an annotator submits."""
    return label_studio.sdk.annotations.create(id=task_id, result=results, **more).id


def answer_all(label_studio: Any, campaign: str, folder: LabelFolder) -> None:
    for kind in folder.kinds:
        ids = task_ids(label_studio, campaign, kind)
        for task in folder.tasks_of(kind):
            results = to_results(task, folder.answers[task.uid])
            answer(label_studio, ids[task.uid], results, lead_time=12.5)


def one(pulled: tuple[Pulled, ...], kind: str) -> Pulled:
    return next(report for report in pulled if report.kind == kind)


def test_what_goes_out_comes_back_equal(
    label_studio: Any, folder: LabelFolder, campaign: str
) -> None:
    pushed = push(folder, label_studio.client, campaign)
    assert [(p.kind, p.n_new, p.n_there) for p in pushed] == [(kind, 2, 0) for kind in KINDS]
    answer_all(label_studio, campaign, folder)
    pulled = pull(folder, label_studio.client, campaign)
    assert [(p.n_annotations, p.n_changed_tasks, p.rejected) for p in pulled] == [(2, 2, ())] * 4
    annotations = read_annotations(folder)
    assert {a.uid: a.labels for a in annotations} == dict(folder.answers)
    for a in annotations:
        assert (a.annotator, a.seconds, a.skipped) == ("admin@formbench.local", 12.5, False)
        assert a.created_at <= a.updated_at
        assert a.link.startswith(label_studio.server.url)


def test_pushing_again_adds_only_what_is_missing(
    label_studio: Any, folder: LabelFolder, campaign: str
) -> None:
    push(folder, label_studio.client, campaign)
    ids = task_ids(label_studio, campaign, "poses")
    gone = min(ids)
    label_studio.sdk.tasks.delete(id=str(ids[gone]))
    seen = []
    again = push(folder, label_studio.client, campaign, on_task=lambda *done: seen.append(done))
    assert [(p.kind, p.n_new, p.n_there) for p in again] == [
        (kind, int(kind == "poses"), 2 - int(kind == "poses")) for kind in KINDS
    ]
    assert seen[-1] == (8, 8)
    after = task_ids(label_studio, campaign, "poses")
    assert set(after) == set(ids)
    assert after[gone] != ids[gone]


def test_poses_start_from_a_prediction_that_the_server_keeps(
    label_studio: Any, folder: LabelFolder, campaign: str
) -> None:
    push(folder, label_studio.client, campaign)
    project = label_studio.client.find_project(project_title(campaign, "poses"))
    for task in label_studio.client.tasks(project, None):
        (prediction,) = task.models
        assert task.models[prediction] == TEMPLATE_MODEL
        answer(label_studio, task.id, [], parent_prediction=prediction)
    pull(folder, label_studio.client, campaign)
    assert {a.started_from for a in read_annotations(folder)} == {TEMPLATE_MODEL}


def test_a_second_pull_reads_only_what_changed(
    label_studio: Any, folder: LabelFolder, campaign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(folder, label_studio.client, campaign)
    answer_all(label_studio, campaign, folder)
    pull(folder, label_studio.client, campaign)
    before = read_annotations(folder)
    assert {p.n_changed_tasks for p in pull(folder, label_studio.client, campaign)} == {0}
    assert read_annotations(folder) == before

    first = next(a for a in before if a.kind == "repetitions")
    label_studio.sdk.annotations.update(first.annotation_id, result=[], lead_time=20.0)
    pulled = pull(folder, label_studio.client, campaign)
    assert [(p.kind, p.n_changed_tasks) for p in pulled if p.n_changed_tasks] == [
        ("repetitions", 1)
    ]
    after = {a.annotation_id: a for a in read_annotations(folder)}[first.annotation_id]
    assert (after.labels.reps, after.seconds) == ((), 20.0)
    assert after.updated_at > first.updated_at


def test_deleted_annotations_and_tasks_are_noticed_and_named(
    label_studio: Any, folder: LabelFolder, campaign: str
) -> None:
    push(folder, label_studio.client, campaign)
    answer_all(label_studio, campaign, folder)
    pull(folder, label_studio.client, campaign)
    annotation = next(a for a in read_annotations(folder) if a.kind == "poses")
    label_studio.sdk.annotations.delete(annotation.annotation_id)
    uid, task_id = min(task_ids(label_studio, campaign, "faults").items())
    label_studio.sdk.tasks.delete(id=str(task_id))
    pulled = pull(folder, label_studio.client, campaign)
    assert (one(pulled, "poses").n_annotations, one(pulled, "poses").gone) == (1, ())
    assert (one(pulled, "faults").n_annotations, one(pulled, "faults").gone) == (1, (uid,))
    assert one(pulled, "repetitions").n_annotations == 2


def test_what_cannot_be_read_is_listed_with_its_link(
    label_studio: Any, folder: LabelFolder, campaign: str
) -> None:
    push(folder, label_studio.client, campaign)
    task_id = min(task_ids(label_studio, campaign, "repetitions").values())
    beyond = {"ranges": [{"start": 15, "end": 21}], "timelinelabels": ["rep"]}
    region = {"id": "x", "from_name": "reps", "to_name": "video", "type": "timelinelabels"}
    answer(label_studio, task_id, [{**region, "value": beyond}])
    answer(label_studio, task_id, [], was_cancelled=True)
    project = label_studio.client.find_project(project_title(campaign, "repetitions"))
    other = {"data": {"video": "x", "fps": 25}}
    label_studio.sdk.projects.import_tasks(project.id, request=[other])
    report = one(pull(folder, label_studio.client, campaign), "repetitions")
    (rejected,) = report.rejected
    assert rejected.problem.startswith("region x: expected frames from 1 to 20")
    assert rejected.link.endswith(f"/projects/{project.id}/data?task={task_id}")
    assert [f.rpartition("=")[0] for f in report.foreign] == [rejected.link.rpartition("=")[0]]
    assert [a.skipped for a in read_annotations(folder)] == [False, True]
    assert pull(folder, label_studio.client, campaign)[1] == report.__class__(
        **{**report.__dict__, "n_changed_tasks": 0}
    )


def test_a_changed_configuration_is_refused_both_ways(
    label_studio: Any, folder: LabelFolder, campaign: str
) -> None:
    push(folder, label_studio.client, campaign)
    project = label_studio.client.find_project(project_title(campaign, "repetitions"))
    label_studio.sdk.projects.update(
        project.id, label_config=project.configuration.replace('hotkey="1"', 'hotkey="2"')
    )
    for use in (push, pull):
        with pytest.raises(FormbenchError, match=r"has another configuration than .*repetitions"):
            use(folder, label_studio.client, campaign)


def test_media_that_moved_are_named_with_their_task(
    label_studio: Any, folder: LabelFolder, campaign: str, tmp_path: Path
) -> None:
    task = folder.tasks_of("faults")[0]
    path = folder.folder / "media" / task.video
    path.rename(tmp_path / "moved.mp4")
    with pytest.raises(FormbenchError, match=rf"media/{task.video} of task .* is gone"):
        push(folder, label_studio.client, campaign)


def test_a_folder_outside_the_servers_reach_is_told(
    label_studio: Any, filmed_dataset: Callable[..., Dataset], campaign: str
) -> None:
    # Its addresses are relative to itself, and the server's document root is the folder above.
    folder = prepare_labelling(
        label_studio.document_root / campaign,
        dataset=filmed_dataset(),
        wishes=Wishes(kinds=("repetitions",)),
    )
    with pytest.raises(FormbenchError, match=r"the server does not show media/.*document root"):
        push(folder, label_studio.client, campaign)


def test_pulling_before_pushing_is_told(
    label_studio: Any, folder: LabelFolder, campaign: str
) -> None:
    with pytest.raises(FormbenchError, match=f"no project '{campaign}: poses'; push the folder"):
        pull(folder, label_studio.client, campaign)


def test_a_refused_token_is_told_and_never_shown(label_studio: Any) -> None:
    secret = "f" * 40
    with pytest.raises(FormbenchError, match="the token is refused") as caught:
        Client(label_studio.server.url, secret)
    assert secret not in str(caught.value)
    with pytest.raises(FormbenchError, match="expected a token, got none"):
        Client(label_studio.server.url, " ")


def test_a_wrong_address_is_told() -> None:
    for url in ("http://127.0.0.1:9", "127.0.0.1:8080", "nonsense"):
        with pytest.raises(FormbenchError, match=f"{url}: no Label Studio answers there"):
            Client(url, "token")


@pytest.mark.filterwarnings("ignore:The `parse_obj` method is deprecated")  # inside the SDK
def test_a_personal_access_token_works_as_well(label_studio: Any) -> None:
    token = label_studio.sdk.tokens.create().token
    with Client(label_studio.server.url, token) as client:
        assert client.annotators() == label_studio.client.annotators()


def test_a_name_that_label_studio_would_not_take_is_told(
    label_studio: Any, folder: LabelFolder
) -> None:
    for name in ("", "x" * 45):
        with pytest.raises(FormbenchError, match=r"expected a name of 1 to \d+ letters"):
            push(folder, label_studio.client, name)
