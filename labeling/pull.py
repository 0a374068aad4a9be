"""Annotations out of Label Studio: what changed since the last time, kept in the labelling folder.

The server's answers are stored as they came, in `annotations/<kind>.json`, and become our types
when they are read. Pulling again after a broken connection, or twice, gives the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from export.files import read_json, write_json
from labeling.annotations import read_results
from labeling.client import Client, Project, RemoteTask
from labeling.folder import LabelFolder
from labeling.labels import Annotation
from labeling.push import find_project, project_title
from motions.errors import FormbenchError

SCHEMA = "formbench.labeling.annotations/1"
MARGIN = timedelta(seconds=10)
"""How far before the last change seen the next pull looks: a slow one may become visible late."""
_KEPT = (
    "id", "completed_by", "created_at", "updated_at", "lead_time", "was_cancelled", "ground_truth",
    "parent_prediction", "result",
)  # fmt: skip


@dataclass(frozen=True)
class Rejected:
    """Something an annotator answered that could not become a label."""

    link: str
    """To the task in Label Studio."""
    annotator: str
    problem: str


@dataclass(frozen=True)
class Pulled:
    """What a pull brought for one kind of task."""

    kind: str
    n_annotations: int
    """All that are now in the folder."""
    n_changed_tasks: int
    """How many tasks had changed."""
    gone: tuple[str, ...]
    """Uids of tasks that were pushed and are no longer on the server, sorted."""
    foreign: tuple[str, ...]
    """Links to tasks that are not of this folder."""
    rejected: tuple[Rejected, ...]


def pull(
    folder: LabelFolder,
    client: Client,
    name: str,
    on_task: Callable[[int], None] = lambda done: None,
) -> tuple[Pulled, ...]:
    """Bring what annotators answered into a labelling folder.

    Args:
        folder: The folder that was pushed.
        client: The server.
        name: What the campaign is called.
        on_task: Is told how many tasks were read.

    Raises:
        FormbenchError: A project is not there or has another configuration, or the folder holds
            annotations of another project.
    """
    annotators = {str(k): v for k, v in client.annotators().items()}
    report = []
    for kind in folder.kinds:
        project = find_project(client, name, kind, folder)
        if project is None:
            raise FormbenchError(
                f"{client.url}: no project {project_title(name, kind)!r}; push the folder first"
            )
        store = _read_store(folder, kind, client.url, project)
        after = store["changed_after"]
        margin = datetime.fromisoformat(after) - MARGIN if after else None
        changed = _take(store, client, project, margin, on_task)
        if not _is_complete(store, client.read_project(project.id)):
            # Tasks or annotations were deleted, which no list of changes shows.
            store["tasks"] = {}
            changed = _take(store, client, project, None, on_task)
        store["annotators"] = annotators
        path = _store_path(folder, kind)
        path.parent.mkdir(exist_ok=True)
        write_json(store, path)
        report.append(_report(folder, kind, store, changed))
    return tuple(report)


def read_annotations(folder: LabelFolder) -> tuple[Annotation, ...]:
    """Read all that was pulled into a folder, by kind, then in the order of Label Studio's ids."""
    return tuple(
        annotation
        for kind in folder.kinds
        if _store_path(folder, kind).is_file()
        for annotation in _annotations(folder, kind, read_json(_store_path(folder, kind), SCHEMA))
    )


def _read_store(folder: LabelFolder, kind: str, url: str, project: Project) -> dict[str, Any]:
    path = _store_path(folder, kind)
    about = {"schema": SCHEMA, "url": url, "project": project.id}
    if not path.is_file():
        return {**about, "changed_after": None, "annotators": {}, "tasks": {}}
    store = read_json(path, SCHEMA)
    if (store["url"], store["project"]) != (url, project.id):
        raise FormbenchError(
            f"{path}: holds annotations of project {store['project']} at {store['url']}, not of "
            f"{project.id} at {url}; move it away to pull from there"
        )
    return store


def _take(
    store: dict[str, Any],
    client: Client,
    project: Project,
    changed_after: datetime | None,
    on_task: Callable[[int], None],
) -> int:
    """Take tasks that changed into the store, and return how many really had."""
    n_changed = 0
    for n_read, task in enumerate(client.tasks(project, changed_after), start=1):
        kept = _kept(task)
        n_changed += store["tasks"].get(str(task.id)) != kept
        store["tasks"][str(task.id)] = kept
        store["changed_after"] = max(store["changed_after"] or "", task.updated_at.isoformat())
        on_task(n_read)
    return n_changed


def _kept(task: RemoteTask) -> dict[str, Any]:
    return {
        "uid": task.uid,
        "models": {str(k): v for k, v in task.models.items()},
        "annotations": [{key: a.get(key) for key in _KEPT} for a in task.annotations],
    }


def _is_complete(store: Mapping[str, Any], project: Project) -> bool:
    n_annotations = sum(len(task["annotations"]) for task in store["tasks"].values())
    return (len(store["tasks"]), n_annotations) == (project.n_tasks, project.n_annotations)


def _report(folder: LabelFolder, kind: str, store: Mapping[str, Any], n_changed: int) -> Pulled:
    ours = {task.uid for task in folder.tasks_of(kind)}
    there = {task["uid"] for task in store["tasks"].values()}
    foreign = [_link(store, id) for id, task in store["tasks"].items() if task["uid"] not in ours]
    annotations = _annotations(folder, kind, store)
    return Pulled(
        kind=kind,
        n_annotations=len(annotations),
        n_changed_tasks=n_changed,
        gone=tuple(sorted(ours - there)),
        foreign=tuple(foreign),
        rejected=tuple(
            Rejected(a.link, a.annotator, problem) for a in annotations for problem in a.problems
        ),
    )


def _annotations(folder: LabelFolder, kind: str, store: Mapping[str, Any]) -> list[Annotation]:
    by_uid = {task.uid: task for task in folder.tasks_of(kind)}
    found = []
    for task_id, stored in store["tasks"].items():
        if stored["uid"] not in by_uid:
            continue  # a task of someone else's; the report names it
        task = by_uid[stored["uid"]]
        for raw in stored["annotations"]:
            labels, problems = read_results(task, raw["result"] or [])
            found.append(
                Annotation(
                    uid=task.uid,
                    kind=kind,
                    annotation_id=raw["id"],
                    link=_link(store, task_id),
                    annotator=store["annotators"].get(str(raw["completed_by"]), "unknown"),
                    created_at=raw["created_at"],
                    updated_at=raw["updated_at"],
                    seconds=raw["lead_time"],
                    skipped=bool(raw["was_cancelled"]),
                    ground_truth=bool(raw["ground_truth"]),
                    started_from=stored["models"].get(str(raw["parent_prediction"]), ""),
                    labels=labels,
                    problems=() if raw["was_cancelled"] else problems,
                )
            )
    return sorted(found, key=lambda annotation: annotation.annotation_id)


def _link(store: Mapping[str, Any], task_id: str) -> str:
    return f"{store['url']}/projects/{store['project']}/data?task={task_id}"


def _store_path(folder: LabelFolder, kind: str) -> Path:
    return folder.folder / "annotations" / f"{kind}.json"
