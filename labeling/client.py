"""The one file that speaks to Label Studio: the few calls we need of label-studio-sdk.

Only bulk imports, and never the SDK's own retries: a repeated import would double tasks. Whatever
goes wrong is told in one line that never holds the token. A call that was cut off may have been
carried out; the callers look first, so that doing it again is harmless.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError

from motions.errors import FormbenchError

TIMEOUT_S = 600.0
PAGE_SIZE = 100
VERSIONS = ((1, 23), (2, 0))
"""The first release that was tested, and the first that will not be used untested."""
EDITION = "Community"


_INCLUDED = (
    "id", "data", "updated_at", "annotations", "predictions", "result", "completed_by",
    "created_at", "lead_time", "was_cancelled", "ground_truth", "parent_prediction",
    "model_version",
)  # fmt: skip
"""Fields of tasks and of what hangs on them: what is not asked for, the server need not gather."""


@dataclass(frozen=True)
class Project:
    """A project on the server."""

    id: int
    title: str
    configuration: str
    """Its labelling configuration, XML."""
    n_tasks: int
    n_annotations: int
    """Submitted and skipped ones."""


@dataclass(frozen=True)
class RemoteTask:
    """A task on the server with what was answered."""

    id: int
    uid: str
    """Ours; empty for a task that we did not make."""
    updated_at: datetime
    annotations: tuple[Mapping[str, Any], ...]
    """As the server gives them, sorted by id."""
    models: Mapping[int, str]
    """The model of each prediction, by the prediction's id."""


class Client:
    """A connection to one server, checked when it is made; a context manager that closes it.

    Args:
        url: Where the server is, `http://127.0.0.1:8080`.
        token: A legacy token or a personal access token; kept here only.

    Raises:
        FormbenchError: Nothing answers, the token is refused, or it is no Label Studio that this
            was tested with.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        if not token.strip():
            raise FormbenchError(
                f"{self.url}: expected a token, got none; set LABEL_STUDIO_API_KEY to the one "
                "under Account & Settings"
            )
        self._http = httpx.Client(timeout=TIMEOUT_S, follow_redirects=True)
        try:
            with self._telling("signing in"):
                self._sdk = LabelStudio(
                    base_url=self.url, api_key=token.strip(), max_retries=0, httpx_client=self._http
                )
                about = self._sdk.versions.get()
                self._check_version(str(about.release), str(about.edition))
                self._sdk.users.whoami()
        except BaseException:
            self._http.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def find_project(self, title: str) -> Project | None:
        """Return the project of exactly this title; raise where there are several."""
        with self._telling(f"looking for project {title!r}"):
            found = [p.id for p in self._sdk.projects.list(title=title) if p.title == title]
        if len(found) > 1:
            raise FormbenchError(
                f"{self.url}: {len(found)} projects are called {title!r}; rename all but one"
            )
        return self.read_project(found[0]) if found else None

    def read_project(self, project_id: int) -> Project:
        """Read a project."""
        with self._telling(f"reading project {project_id}"):
            about = self._sdk.projects.get(id=project_id)
        return Project(
            id=project_id,
            title=about.title or "",
            configuration=about.label_config or "",
            n_tasks=about.task_number or 0,
            n_annotations=(about.total_annotations_number or 0)
            + (about.skipped_annotations_number or 0),
        )

    def create_project(self, title: str, configuration: str, annotators_per_task: int) -> Project:
        """Make a project."""
        with self._telling(f"making project {title!r}"):
            made = self._sdk.projects.create(
                title=title, label_config=configuration, maximum_annotations=annotators_per_task
            )
        return self.read_project(made.id)

    def serve_folder(self, project: Project, folder: str) -> None:
        """Let a project show the files of a folder of the server's machine, unless it may."""
        with self._telling(f"connecting {folder}"):
            connected = self._sdk.import_storage.local.list(project=project.id)
            if folder not in [storage.path for storage in connected]:
                self._sdk.import_storage.local.create(
                    project=project.id, path=folder, title="formbench", use_blob_urls=True
                )

    def can_show(self, address: str) -> bool:
        """Whether the server serves a medium under the address that a task gives."""
        with self._telling("asking for a medium"):
            answer = self._sdk._client_wrapper.httpx_client.request(
                address, method="GET", headers={"Range": "bytes=0-0"}
            )
        return bool(answer.is_success)

    def uids(self, project: Project) -> dict[str, int]:
        """Return our uids of all tasks of a project, with Label Studio's ids."""
        with self._telling(f"listing the tasks of {project.title!r}"):
            listed = self._sdk.tasks.list(
                project=project.id, page_size=PAGE_SIZE, fields="task_only", include="id,data"
            )
            return {str(task.data["uid"]): task.id for task in listed if "uid" in task.data}

    def import_tasks(self, project: Project, tasks: Sequence[Mapping[str, Any]]) -> None:
        """Import tasks with their predictions in one call: all of them or none."""
        with self._telling(f"importing {len(tasks)} tasks into {project.title!r}"):
            self._sdk.projects.import_tasks(project.id, request=list(tasks))

    def tasks(self, project: Project, changed_after: datetime | None) -> Iterator[RemoteTask]:
        """Read tasks with their annotations, all of them or those that changed lately."""
        about: dict[str, Any] = {
            "project": project.id,
            "page_size": PAGE_SIZE,
            "fields": "all",
            "include": ",".join(_INCLUDED),
        }
        if changed_after:
            about["query"] = json.dumps({"filters": _changed_after(changed_after)})
        with self._telling(f"reading the annotations of {project.title!r}"):
            for model in self._sdk.tasks.list(**about):
                # As plain data: which of the SDK's models a task becomes depends on its values.
                task = model.model_dump(mode="json")
                yield RemoteTask(
                    id=task["id"],
                    uid=str(task["data"].get("uid", "")),
                    updated_at=datetime.fromisoformat(task["updated_at"]),
                    annotations=tuple(sorted(task["annotations"], key=lambda a: int(a["id"]))),
                    models={p["id"]: p["model_version"] or "" for p in task["predictions"]},
                )

    def annotators(self) -> dict[int, str]:
        """Return the e-mail address of everyone on the server, by id."""
        with self._telling("listing the users"):
            return {user.id: user.email for user in self._sdk.users.list()}

    def add_annotator(self, email: str) -> int:
        """Give someone an account, and return its id; the password is theirs to set."""
        with self._telling(f"adding {email}"):
            return int(self._sdk.users.create(username=email, email=email).id)

    def answer(
        self, task_id: int, results: Sequence[Mapping[str, Any]], annotator: int, seconds: float
    ) -> None:
        """Submit an annotation for someone, as the editor would; one by one, so for few only."""
        with self._telling(f"answering task {task_id}"):
            self._sdk.annotations.create(
                id=task_id,
                result=[dict(result) for result in results],
                completed_by=annotator,
                lead_time=seconds,
            )

    def add_webhook(self, project: Project, url: str, headers: Mapping[str, str]) -> int:
        """Ask to be told of annotations; returns the webhook's id."""
        with self._telling(f"adding a webhook to {project.title!r}"):
            made = self._sdk.webhooks.create(
                project=project.id,
                url=url,
                headers=dict(headers),
                send_payload=False,
                send_for_all_actions=False,
                actions=["ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED"],
                is_active=True,
            )
        return int(made.id)

    def remove_webhook(self, webhook_id: int) -> None:
        """Ask no longer to be told."""
        with self._telling(f"removing webhook {webhook_id}"):
            self._sdk.webhooks.delete(id=webhook_id)

    def _check_version(self, release: str, edition: str) -> None:
        numbers = tuple(int(n) for n in release.split(".")[:2] if n.isdigit())
        first, beyond = VERSIONS
        if edition != EDITION or not first <= numbers < beyond:
            raise FormbenchError(
                f"{self.url}: expected Label Studio {EDITION} from {_dotted(first)} to before "
                f"{_dotted(beyond)}, got {edition} {release}; `workbench label up` starts one"
            )

    @contextmanager
    def _telling(self, action: str) -> Iterator[None]:
        """Turn what the SDK raises while doing something into one line."""
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise FormbenchError(
                f"{self.url}: no Label Studio answers there; start one with `workbench label up` "
                "or correct the address"
            ) from error
        except httpx.HTTPError as error:
            raise FormbenchError(
                f"{self.url}: the connection broke while {action}; run the same command again, "
                "it goes on where it stopped"
            ) from error
        except ApiError as error:
            if error.status_code in (401, 403):
                raise FormbenchError(
                    f"{self.url}: the token is refused while {action}; take the one under "
                    "Account & Settings there, and set LABEL_STUDIO_API_KEY to it"
                ) from None
            raise FormbenchError(
                f"{self.url}: error {error.status_code} while {action}: {_short(error.body)}"
            ) from None


def _changed_after(moment: datetime) -> dict[str, Any]:
    item = {
        "filter": "filter:tasks:updated_at",
        "operator": "greater",
        "type": "Datetime",
        "value": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    return {"conjunction": "and", "items": [item]}


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


def _short(body: Any) -> str:
    if not isinstance(body, dict):
        return "it does not answer as Label Studio does"
    told = body.get("validation_errors") or body.get("detail") or body
    return " ".join(str(told).split())[:200]
