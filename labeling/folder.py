"""A labelling folder: what Label Studio is given, and, apart from it, what annotators must not see.

    DIR/
        media/                    videos and frames under opaque names: all that annotators see
        poses.xml, poses.json     configuration and tasks of each kind of task
        key.json                  which task is which clip, camera and frame
        answers.json              what a perfect annotator would say, where that is known
        footage.json              who is in the real footage, and its frames in the source
        annotations/poses.json    what `pull` brought back, one file a kind
        README.txt                how to import it by hand

Label Studio serves files of its document root, so DIR or a folder above it must be that root.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from export.files import read_json, write_json
from labeling import interface as ui
from labeling.annotations import read_results
from labeling.labels import Labels, Page, Task
from labeling.predictions import Prediction, to_results
from labeling.tasks import LOCAL_FILES, task_json
from motions.errors import FormbenchError
from simulator.faults.library import FAULTS

KEY_SCHEMA = "formbench.labeling.key/2"
ANSWERS_SCHEMA = "formbench.labeling.answers/1"

_README = """\
A labelling folder of formbench: one Label Studio project for each kind of task.

`workbench label push` does all of this. By hand, on a Label Studio server of version 1.23:

1. For each kind ({kinds}): create a project and, under Settings,
   Labeling Interface, Code, paste KIND.xml.
2. {media}
   Add the storage, do not synchronise it: that would make a task of every file.
3. Import KIND.json.

Keep key.json, answers.json and footage.json from annotators: they tell which clip is which, and
what is known about it.
"""

_LOCAL_MEDIA = """\
Start the server with LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and
   LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT=<the folder that holds {path}, absolute>.
   Under Settings, Cloud Storage, Add Source Storage, Local files, name the absolute path of this
   folder's media folder."""
_OTHER_MEDIA = """\
Copy this folder's media folder to {url}
   and under Settings, Cloud Storage, Add Source Storage, name that place."""


@dataclass(frozen=True)
class LabelFolder:
    """A labelling folder that was read."""

    folder: Path
    tasks: tuple[Task, ...]
    """By kind, then by uid, which is as good as shuffled."""
    answers: Mapping[str, Labels]
    """By uid, for the tasks whose truth is known."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of task that there are."""
        there = {task.kind for task in self.tasks}
        return tuple(kind for kind in ui.KINDS if kind in there)

    def tasks_of(self, kind: str) -> tuple[Task, ...]:
        """Return the tasks of one kind."""
        return tuple(task for task in self.tasks if task.kind == kind)

    def interface(self, kind: str) -> str:
        """Return the labelling configuration of one kind."""
        return (self.folder / f"{kind}.xml").read_text(encoding="utf-8")

    def tasks_json(self, kind: str) -> list[dict[str, Any]]:
        """Return the tasks of one kind as Label Studio imports them."""
        tasks: list[dict[str, Any]] = json.loads(
            (self.folder / f"{kind}.json").read_text(encoding="utf-8")
        )
        return tasks


def write_label_files(
    folder: Path,
    tasks: Sequence[Task],
    answers: Mapping[str, Labels],
    predictions: Mapping[str, Sequence[Prediction]],
    media_url: str,
) -> None:
    """Write everything of a labelling folder but its media and footage.json.

    Args:
        folder: Where to.
        tasks: All tasks.
        answers: By uid, what is known.
        predictions: By uid, what each task starts from.
        media_url: What comes before the names of media in the addresses of tasks.
    """
    if not tasks:
        raise FormbenchError("labelling: nothing given makes a task of the kinds asked for")
    by_uid = {task.uid: task for task in tasks}
    ordered = sorted(by_uid.values(), key=lambda task: (ui.KINDS.index(task.kind), task.uid))
    kinds = list(dict.fromkeys(task.kind for task in ordered))
    for kind in kinds:
        of_kind = [task for task in ordered if task.kind == kind]
        exercises = {task.exercise for task in of_kind}
        specs = [FAULTS[name] for name in sorted(FAULTS) if FAULTS[name].exercise in exercises]
        (folder / f"{kind}.xml").write_text(ui.interface(kind, specs), encoding="utf-8")
        as_json = [task_json(task, media_url, predictions[task.uid]) for task in of_kind]
        write_json(as_json, folder / f"{kind}.json")
    write_json({"schema": KEY_SCHEMA, "tasks": list(map(asdict, ordered))}, folder / "key.json")
    known = {uid: to_results(by_uid[uid], labels) for uid, labels in answers.items()}
    write_json({"schema": ANSWERS_SCHEMA, "results": known}, folder / "answers.json")
    if media_url.startswith(LOCAL_FILES):
        media = _LOCAL_MEDIA.format(path=unquote(media_url.removeprefix(LOCAL_FILES)))
    else:
        media = _OTHER_MEDIA.format(url=media_url)
    text = _README.format(media=media, kinds=", ".join(kinds))
    (folder / "README.txt").write_text(text, encoding="utf-8")


def read_label_folder(folder: Path) -> LabelFolder:
    """Read which tasks a labelling folder holds, and what is known about them."""
    for name in ("key.json", "answers.json"):
        if not (folder / name).is_file():
            raise FormbenchError(f"{folder}: not a labelling folder: it has no {name}")
    stored = read_json(folder / "key.json", KEY_SCHEMA)["tasks"]
    tasks = [Task(**{**task, "pages": tuple(Page(**p) for p in task["pages"])}) for task in stored]
    known = read_json(folder / "answers.json", ANSWERS_SCHEMA)["results"]
    answers = {t.uid: read_results(t, known[t.uid])[0] for t in tasks if t.uid in known}
    return LabelFolder(folder, tuple(tasks), answers)
