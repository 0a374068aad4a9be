"""How fast tasks go into Label Studio and annotations come out, against a real server.

    python benchmarks/label_studio.py [--quick] [--json]

Starts a server of its own with SQLite in a temporary folder.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

# Beside this file lies another scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

from benchmarks.table import Row, arguments, finish
from labeling.client import Client, Project
from labeling.folder import LabelFolder, read_label_folder, write_label_files
from labeling.labels import Labels, Page, RepetitionLabels, Task
from labeling.predictions import Prediction, template, to_results
from labeling.pull import MARGIN, pull
from labeling.push import project_title, push
from labeling.server import read_credentials, start_server, stop_server
from labeling.tasks import local_files_url, opaque_id
from motions.motion import Span

TARGET = ">= 200"
FPS, N_FRAMES, N_REPS = 30.0, 300, 8
CAMPAIGN = "benchmark"
KINDS = ("poses", "repetitions")


def measure(n_tasks: int, folder: Path) -> Iterator[Row]:
    """Push, push again, answer and pull; one row a figure."""
    server = start_server(folder / "server", folder, port=0)
    try:
        with Client(server.url, read_credentials(server.data_dir).token) as client:
            for kind in KINDS:
                made = make_folder(kind, n_tasks, folder / kind, folder)
                yield timed(f"push {kind} with predictions", n_tasks, TARGET,
                            lambda made=made: push(made, client, CAMPAIGN))  # fmt: skip
                yield timed(f"push {kind} again, nothing new", n_tasks, "",
                            lambda made=made: push(made, client, CAMPAIGN))  # fmt: skip
                replace_by_answered(client, made, kind)
                yield timed(f"pull {kind}, all answered", n_tasks, "",
                            lambda made=made: pull(made, client, CAMPAIGN))  # fmt: skip
                change_one_later(client, kind)
                pull(made, client, CAMPAIGN)
                yield timed(f"pull {kind} again, one changed", n_tasks, "",
                            lambda made=made: pull(made, client, CAMPAIGN))  # fmt: skip
    finally:
        stop_server(server.data_dir)


def make_folder(kind: str, n_tasks: int, folder: Path, root: Path) -> LabelFolder:
    """Write a labelling folder of tasks that all show the same picture or video."""
    (folder / "media").mkdir(parents=True)
    for name in ("a.jpg", "a.mp4"):
        (folder / "media" / name).write_bytes(b"not looked at")
    tasks = []
    for i in range(n_tasks):
        about: dict[str, Any] = {"uid": opaque_id(kind, i), "kind": kind, "clip_id": f"clip_{i}"}
        shown: dict[str, Any] = {"video": "a.mp4", "camera": "front"}
        if kind == "poses":
            shown = {"pages": (Page("a.jpg", "front", 0, 640, 480, "even", f"clip_{i}"),)}
        tasks.append(Task(**about, exercise="squat", fps=FPS, n_frames=N_FRAMES, **shown))
    predictions = {t.uid: [Prediction("benchmark", answer(t))] for t in tasks}
    media = (folder / "media").relative_to(root).as_posix()
    write_label_files(folder, tasks, {}, predictions, local_files_url(media))
    return read_label_folder(folder)


def answer(task: Task) -> Labels:
    """Return labels of a usual size."""
    if task.kind == "poses":
        return template(task)
    length_s = N_FRAMES / FPS / N_REPS
    spans = [Span(i * length_s, (i + 1) * length_s) for i in range(N_REPS)]
    return RepetitionLabels(tuple(Span(round(s.start_s * FPS) / FPS, round(s.end_s * FPS) / FPS)
                                  for s in spans))  # fmt: skip


def replace_by_answered(client: Client, folder: LabelFolder, kind: str) -> None:
    """Put the same tasks with an answer each in the place of those without."""
    project = client.find_project(project_title(CAMPAIGN, kind))
    if project is None:
        raise LookupError(kind)
    client._sdk.projects.delete(project.id)
    again: Project = client.create_project(project.title, folder.interface(kind), 1)
    answered = [
        {**as_json, "annotations": [{"result": to_results(task, answer(task))}]}
        for task, as_json in zip(folder.tasks_of(kind), folder.tasks_json(kind), strict=True)
    ]
    for start in range(0, len(answered), 500):
        client.import_tasks(again, answered[start : start + 500])


def change_one_later(client: Client, kind: str) -> None:
    """Change one annotation when the others are old enough not to be looked at again."""
    sleep(MARGIN.total_seconds() + 1)
    project = client.find_project(project_title(CAMPAIGN, kind))
    task = next(iter(client.tasks(project, None)))
    client._sdk.annotations.update(task.annotations[0]["id"], lead_time=1.0)


def timed(what: str, n_tasks: int, target: str, do: Callable[[], object]) -> Row:
    """Do something to a number of tasks and return how many a second."""
    start = monotonic()
    do()
    return Row(f"{what}, tasks a second of {n_tasks}", n_tasks / (monotonic() - start), target)


if __name__ == "__main__":
    wanted = arguments(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measure(200 if wanted.quick else 2000, Path(folder)))
    finish(rows, wanted.json)
