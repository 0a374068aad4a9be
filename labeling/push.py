"""Tasks into Label Studio: one project a kind, each task once, however often it is pushed.

What is there already is found by uid, so a push that was cut off goes on where it stopped. Whole
batches are imported, each of which the server takes or refuses as one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from labeling.client import Client, Project
from labeling.folder import LabelFolder
from labeling.interface import fingerprint
from labeling.tasks import LOCAL_FILES
from motions.errors import FormbenchError

BATCH = 500
"""Tasks in one import: larger is faster, but what is cut off is done again."""
LONGEST_TITLE = 50
"""What Label Studio allows."""


@dataclass(frozen=True)
class Pushed:
    """What a push did for one kind of task."""

    kind: str
    link: str
    n_new: int
    n_there: int
    """How many tasks were there before."""


def project_title(name: str, kind: str) -> str:
    """Return the title of the project that holds one kind of task of a campaign.

    >>> project_title("autumn", "poses")
    'autumn: poses'
    """
    title = f"{name}: {kind}"
    if not name.strip() or len(title) > LONGEST_TITLE:
        longest = LONGEST_TITLE - len(title) + len(name)
        raise FormbenchError(f"campaign: expected a name of 1 to {longest} letters, got {name!r}")
    return title


def push(
    folder: LabelFolder,
    client: Client,
    name: str,
    *,
    annotators_per_task: int = 1,
    on_task: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Pushed, ...]:
    """Bring the tasks of a labelling folder to a server.

    Args:
        folder: What to push.
        client: The server.
        name: What the campaign is called; a project of this name and each kind is made or extended.
        annotators_per_task: How many people are to answer each task, for new projects.
        on_task: Is told how many tasks of how many are there.

    Raises:
        FormbenchError: Media are missing, a project has another configuration, the server cannot
            show the media, or the connection breaks; then pushing again goes on.
    """
    _check_media(folder)
    total = len(folder.tasks)
    done = 0
    report = []
    for kind in folder.kinds:
        project = find_project(client, name, kind, folder)
        if project is None:
            project = client.create_project(
                project_title(name, kind), folder.interface(kind), annotators_per_task
            )
        tasks = folder.tasks_json(kind)
        _serve(client, project, folder.folder / "media", _addresses(tasks[0])[0])
        there = client.uids(project)
        missing = [task for task in tasks if task["data"]["uid"] not in there]
        done += len(tasks) - len(missing)
        on_task(done, total)
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            client.import_tasks(project, batch)
            done += len(batch)
            on_task(done, total)
        link = f"{client.url}/projects/{project.id}/data"
        report.append(Pushed(kind, link, len(missing), len(tasks) - len(missing)))
    return tuple(report)


def find_project(client: Client, name: str, kind: str, folder: LabelFolder) -> Project | None:
    """Return the project of one kind; raise if its configuration is not the folder's."""
    project = client.find_project(project_title(name, kind))
    if project and fingerprint(project.configuration) != fingerprint(folder.interface(kind)):
        raise FormbenchError(
            f"{client.url}: project {project.title!r} has another configuration than "
            f"{folder.folder / kind}.xml; paste that under Settings, Labeling Interface, or choose "
            "another name"
        )
    return project


def _check_media(folder: LabelFolder) -> None:
    for task in folder.tasks:
        for name in [task.video] if task.video else [page.image for page in task.pages]:
            if not (folder.folder / "media" / name).is_file():
                raise FormbenchError(
                    f"{folder.folder}: media/{name} of task {task.uid} ({task.clip_id}) is gone; "
                    "prepare the folder again"
                )


def _serve(client: Client, project: Project, media: Path, address: str) -> None:
    """Let the server show the media, and see that it does."""
    if not address.startswith(LOCAL_FILES):
        return
    client.serve_folder(project, str(media.resolve()))
    if not client.can_show(address):
        raise FormbenchError(
            f"{client.url}: the server does not show {unquote(address.removeprefix(LOCAL_FILES))}; "
            "start it with LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and the document root "
            "that the folder was prepared for"
        )


def _addresses(task: dict[str, Any]) -> list[str]:
    data = task["data"]
    return list(data["frames"]) if "frames" in data else [data["video"]]
