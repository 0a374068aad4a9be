"""A labelling folder: what Label Studio is given, and, apart from it, what annotators must not see.

    DIR/
        media/                    videos and frames under opaque names: all that annotators see
        poses.xml, poses.json     configuration and tasks of each kind of task
        key.json                  which task is which clip, camera and frame
        answers.json              what a perfect annotator would say, where that is known
        README.txt                how to import it by hand

Label Studio serves files of its document root, so DIR or a folder above it must be that root.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from simulator.faults.library import FAULTS

from export.dataset import Dataset
from export.files import new_folder, read_json, write_json
from labeling import interface as ui
from labeling.annotations import read_results
from labeling.frames import evenly_spaced
from labeling.labels import Labels, Page, Source, Task
from labeling.tasks import (
    TEMPLATE_MODEL,
    TRUTH_MODEL,
    Prediction,
    clip_source,
    local_files_url,
    pose_task,
    task_json,
    template,
    to_results,
    truth,
    video_task,
)
from motions.errors import FormbenchError, unknown_name
from simulator.clip import Clip
from simulator.rendering.images import write_image
from simulator.rendering.video import read_video

KEY_SCHEMA = "formbench.labeling.key/1"
ANSWERS_SCHEMA = "formbench.labeling.answers/1"

_README = """\
A labelling folder of formbench: one Label Studio project for each kind of task.

By hand, on a Label Studio server of your own (version 1.23):

1. Start the server so that it may serve this folder:
     LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true
     LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT=<the folder that holds {media}, absolute>
2. For each kind ({kinds}): create a project and, under Settings,
   Labeling Interface, Code, paste KIND.xml.
3. Settings, Cloud Storage, Add Source Storage, Local files: the absolute path of this folder's
   media folder. Add it, do not synchronise it: that would make a task of every file.
4. Import KIND.json.

Keep key.json and answers.json from annotators: they tell which clip is which, and what is known.
"""


@dataclass(frozen=True)
class LabelFolder:
    """A labelling folder that was read."""

    folder: Path
    tasks: tuple[Task, ...]
    """By kind, then in the order they were made."""
    answers: Mapping[str, Labels]
    """By uid, for the tasks whose truth is known."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of task that there are."""
        there = {task.kind for task in self.tasks}
        return tuple(kind for kind in ui.KINDS if kind in there)

    def interface(self, kind: str) -> str:
        """Return the labelling configuration of one kind."""
        return (self.folder / f"{kind}.xml").read_text(encoding="utf-8")


def write_label_studio_import(
    dataset: Dataset,
    out: Path,
    *,
    kinds: Sequence[str] = ("poses", "repetitions", "faults"),
    cameras: Sequence[str] | None = None,
    frames_per_view: int = 3,
    with_truth: bool = False,
    document_root: Path | None = None,
) -> LabelFolder:
    """Write a labelling folder for the clips of a dataset.

    Args:
        dataset: Clips with videos.
        out: A new or empty folder.
        kinds: Which of `labeling.interface.KINDS` to make. Faults are asked for in clips of
            exercises that have any.
        cameras: The views to show, in this order; all of each clip when not given. Repetitions
            are marked in the first, since they are at the same time in all.
        frames_per_view: How many frames of each view a pose task shows, evenly spaced.
        with_truth: Whether tasks come with the truth to start from. Without it pose tasks start
            from a standing figure, and the others from nothing.
        document_root: The document root of the Label Studio server; `out` when not given.

    Raises:
        FormbenchError: `out` is not empty or not in the document root, a clip has no video or not
            the camera asked for, or no task could be made.
    """
    for kind in kinds:
        if kind not in ui.KINDS:
            raise unknown_name("kind of task", kind, ui.KINDS)
    media_path = _media_path(out, document_root)
    tasks: list[Task] = []
    answers: dict[str, Labels] = {}
    with new_folder(out) as folder:
        (folder / "media").mkdir()
        for row in dataset.rows:
            clip = dataset.clip(row.clip_id)
            source = clip_source(clip, dataset.content_sha256)
            shown = tuple(cameras or source.sizes_px)
            made = [t for kind in kinds for t in _tasks(kind, source, shown, frames_per_view)]
            answers |= {task.uid: truth(task, clip) for task in made}
            _write_media(made, clip, dataset.clip_folder(row.clip_id), folder / "media")
            tasks += made
        predictions = {t.uid: _predictions(t, answers[t.uid], with_truth) for t in tasks}
        write_label_files(folder, tasks, answers, predictions, local_files_url(media_path))
        (folder / "README.txt").write_text(
            _README.format(media=media_path, kinds=", ".join(kinds)), encoding="utf-8"
        )
    return read_label_folder(out)


def write_label_files(
    folder: Path,
    tasks: Sequence[Task],
    answers: Mapping[str, Labels],
    predictions: Mapping[str, Sequence[Prediction]],
    media_url: str,
) -> None:
    """Write everything of a labelling folder but its media."""
    if not tasks:
        raise FormbenchError("labelling: no clip gives a task of the kinds asked for")
    for kind in ui.KINDS:
        of_kind = [task for task in tasks if task.kind == kind]
        if of_kind:
            exercises = {task.exercise for task in of_kind}
            specs = [FAULTS[fault_id] for fault_id in sorted(FAULTS)]
            xml = ui.interface(kind, [spec for spec in specs if spec.exercise in exercises])
            (folder / f"{kind}.xml").write_text(xml, encoding="utf-8")
            as_json = [task_json(task, media_url, predictions[task.uid]) for task in of_kind]
            write_json(as_json, folder / f"{kind}.json")
    write_json({"schema": KEY_SCHEMA, "tasks": list(map(asdict, tasks))}, folder / "key.json")
    by_uid = {task.uid: task for task in tasks}
    known = {uid: to_results(by_uid[uid], labels) for uid, labels in answers.items()}
    write_json({"schema": ANSWERS_SCHEMA, "results": known}, folder / "answers.json")


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


def _media_path(out: Path, document_root: Path | None) -> str:
    root = (document_root or out).resolve()
    media = out.resolve() / "media"
    if not media.is_relative_to(root):
        raise FormbenchError(f"{out}: expected a folder inside the document root {root}")
    return media.relative_to(root).as_posix()


def _tasks(
    kind: str, source: Source, cameras: Sequence[str], frames_per_view: int
) -> Iterator[Task]:
    if kind == "poses":
        for camera in cameras:
            yield pose_task(source, evenly_spaced(source, camera, frames_per_view))
    elif kind == "repetitions":
        yield video_task(kind, source, cameras[0])
    elif any(spec.exercise == source.exercise for spec in FAULTS.values()):
        for camera in cameras:
            yield video_task(kind, source, camera)


def _predictions(task: Task, known: Labels, with_truth: bool) -> list[Prediction]:
    if with_truth:
        return [Prediction(TRUTH_MODEL, known)]
    return [Prediction(TEMPLATE_MODEL, template(task))] if task.kind == "poses" else []


def _write_media(tasks: Iterable[Task], clip: Clip, clip_folder: Path, media: Path) -> None:
    for task in tasks:
        if task.video:
            _link(_video_path(clip, task.camera, clip_folder), media / task.video)
    pages = [page for task in tasks for page in task.pages]
    for camera in dict.fromkeys(page.camera for page in pages):
        wanted = {page.frame_index: page.image for page in pages if page.camera == camera}
        path = _video_path(clip, camera, clip_folder)
        for index, rgb in _frames(path, set(wanted)):
            write_image(media / wanted[index], rgb)


def _frames(path: Path, wanted: set[int]) -> Iterator[tuple[int, np.ndarray]]:
    index = -1
    for index, rgb in enumerate(read_video(path).frames):
        if index in wanted:
            yield index, rgb
        if index == max(wanted):
            return
    raise FormbenchError(f"{path}: expected frame {max(wanted)}, got a video of {index + 1} frames")


def _video_path(clip: Clip, camera: str, clip_folder: Path) -> Path:
    video = clip.view(camera).video
    if video is None:
        raise FormbenchError(
            f"clip {clip.clip_id}: expected a video of camera {camera!r}, got keypoints only; "
            "generate the dataset without --keypoints-only"
        )
    return clip_folder / video


def _link(source: Path, target: Path) -> None:
    """Give a file a second name; a copy where the file system has no links."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
